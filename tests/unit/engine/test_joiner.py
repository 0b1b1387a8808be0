# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Joining and disconnecting by hand."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import DeletionRule
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.joiner import Joiner
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.objects import BY_JOINER
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from engine_support import APP, HR, OTHER, ROOT, World, agent, filter_on, flows, metaverse, world

pytestmark = pytest.mark.usefixtures("every_store")
STRANGER = f"CN=Somebody,{ROOT}"


def with_a_stranger(deletion: str = "declared-last") -> World:
    """HR has projected u1; OTHER knows somebody whom no rule joins, with a telephone number."""
    values = [flows(name, (HR, name)) for name in ("account", "name", "title")]
    rules = (DeletionRule("{D}", "person", deletion, (OTHER,) if deletion == "declared-any" else (APP,)),)
    second = agent(OTHER, "OTHER", filters=(filter_on("title", "equality", "held back"),))
    made = world(mv=metaverse(*values, flows("phone", (OTHER, "phone")), deletion_rules=rules), agents=(second,))
    made.person(1)
    made.other.put("s", STRANGER, "user", {"phone": ("4711",)})
    made.run("HR FI", "HR FS", "OTHER FI", "OTHER FS", "APP EX", "APP FI", "APP DS")
    return made


def test_a_joined_object_is_an_explicit_connector_and_flows_at_the_next_synchronization() -> None:
    made = with_a_stranger()
    joiner = Joiner(made.engine, "OTHER")
    assert [item.dn for item in joiner.disconnectors()] == [STRANGER]
    joiner.join(STRANGER, joiner.candidates("ACCOUNT", "U1")[0].id)
    numbers = made.engine.counts("OTHER")
    assert (numbers["NumExplicitConnectors"], numbers["NumDisconnectors"]) == (1, 0)
    assert made.cs(OTHER, STRANGER).link_rule == BY_JOINER
    made.run("OTHER DS")
    assert made.mv(1).values["phone"] == ("4711",)


def test_a_filter_does_not_disconnect_what_was_joined_by_hand() -> None:
    made = with_a_stranger()
    joiner = Joiner(made.engine, "OTHER")
    joiner.join(STRANGER, made.mv(1).id)
    made.other.set("s", {"title": ("held back",)})
    made.run("OTHER FI", "OTHER FS")
    assert made.engine.counts("OTHER")["NumExplicitConnectors"] == 1
    joiner.release(STRANGER)
    made.run("OTHER DS")
    assert made.engine.counts("OTHER")["NumFilteredDisconnectors"] == 1


@pytest.mark.parametrize("explicit", [True, False])
def test_what_is_disconnected_by_hand_is_recalled_and_an_explicit_disconnector_stays_one(explicit: bool) -> None:
    made = with_a_stranger()
    joiner = Joiner(made.engine, "OTHER")
    joiner.join(STRANGER, made.mv(1).id)
    made.run("OTHER DS")
    assert joiner.disconnect(STRANGER, explicit=explicit) is False
    assert "phone" not in made.mv(1).values
    made.run("OTHER FS")
    numbers = made.engine.counts("OTHER")
    assert (numbers["NumExplicitDisconnectors"], numbers["NumDisconnectors"]) == ((1, 0) if explicit else (0, 1))


def test_the_deletion_rule_is_asked_for_what_is_disconnected_by_hand() -> None:
    made = with_a_stranger("declared-any")
    joiner = Joiner(made.engine, "OTHER")
    joiner.join(STRANGER, made.mv(1).id)
    assert joiner.disconnect(STRANGER) is True
    assert [item.export_op for item in made.store.space(APP).pending_exports()] == ["delete"]


def test_a_disconnector_can_be_projected_by_hand() -> None:
    made = with_a_stranger()
    Joiner(made.engine, "OTHER").project(STRANGER, "Person")
    made.run("OTHER DS")
    assert [mv.values for mv in made.store.metaverse.find("phone", "4711")] == [{"phone": ("4711",)}]


def test_what_cannot_be_is_refused_and_changes_nothing() -> None:
    made = with_a_stranger()
    joiner, one = Joiner(made.engine, "OTHER"), made.mv(1).id
    made.other.put("f", f"CN=Filtered,{ROOT}", "user", {"title": ("held back",)})
    made.run("OTHER FI", "OTHER FS")
    before = made.digest()
    for wrong in (
        lambda: Joiner(made.engine, "NOBODY"),
        lambda: joiner.join(STRANGER, 10_000),
        lambda: joiner.join(f"CN=Nobody,{ROOT}", one),
        lambda: joiner.join(f"CN=Filtered,{ROOT}", one),
        lambda: Joiner(made.engine, "HR").join(World.dn(1), one),
        lambda: joiner.project(STRANGER, "robot"),
        lambda: joiner.disconnect(STRANGER),
        lambda: joiner.release(STRANGER),
        lambda: joiner.candidates("shoe", "42"),
    ):
        with pytest.raises(InputError, match=r"\w"):
            wrong()
    running = iter(made.engine.run_steps("HR", "FI"))
    next(running)
    with pytest.raises(InputError, match="HR' is running"):
        joiner.join(STRANGER, one)
    list(running)
    assert made.digest() == before
