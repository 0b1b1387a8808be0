# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An agent with another name and the same id is renamed, never removed and added: that would delete its connector space."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.gathering import gather
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.change import Plan, Risk
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.changes import changes_between
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import plan_on_files
from server_support import files_of

KINDS = {"ADMA": "active_directory", "SPMA": "sharepoint_profile_store"}


def declared(name: str, former: str, **more: Any) -> dict[str, Any]:
    return {"agents": [{"name": name, "type": KINDS[former], "renamed_from": former, **more}]}


def plan(config: dict[str, Any], files: dict[str, bytes] | None = None, state: str = "merged") -> Plan:
    return plan_on_files(read_folder(files or files_of("built-in")), read_wish(config), state)[0]


@pytest.mark.parametrize("former", KINDS)
def test_a_rename_is_one_change_without_risk_and_touches_the_name_alone(former: str) -> None:
    before = files_of("built-in")
    made = plan(declared("Fresh", former))
    assert [(change.sentence, change.risk) for change in made.changes] == [(f"{former}: management agent renamed to Fresh", Risk.NONE)]
    assert "connector space and all rules stay" in made.changes[0].reason
    after = made.planned.write()
    assert {name: content.replace(b"<name>Fresh</name>", f"<name>{former}</name>".encode()) for name, content in after.items()} == before
    assert plan(declared("Fresh", former), after).changes == []


def test_what_else_is_declared_of_it_is_planned_on_the_agent_that_was_renamed() -> None:
    made = plan(declared("Fresh", "ADMA", description="people", flows=[{"from": "Fresh/user/company", "through": "person/company"}]))
    told = [change.sentence for change in made.changes]
    assert told[0] == "ADMA: management agent renamed to Fresh"
    assert "Fresh: description none -> people" in told
    assert not any("management agent added" in sentence or "removed" in sentence for sentence in told)


def test_the_same_id_in_two_exports_is_a_rename_that_can_be_taken_back() -> None:
    files = files_of("built-in")
    other = {name: content.replace(b"<name>SPMA</name>", b"<name>Profiles</name>") for name, content in files.items()}
    folder = read_folder(files)
    changes = changes_between(folder.model(), read_folder(other).model())
    assert [change.sentence for change in changes] == ["SPMA: management agent renamed to Profiles"]
    changes[0].apply(folder)
    assert folder.write() == other
    changes[0].take_back(folder)
    assert folder.write() == files


def test_overridden_names_the_new_name_only() -> None:
    declaration = gather(read_folder(files_of("built-in")).model())
    text = {"agents": [{**agent, **({"name": "Fresh", "renamed_from": "SPMA"} if agent["name"] == "SPMA" else {})} for agent in declaration["agents"]]}
    config = {**declaration, "agents": [{key: value for key, value in agent.items() if key not in ("flows", "parameters")} for agent in text["agents"]]}
    config.pop("flows", None)
    assert plan(config).changes[0].sentence == "SPMA: management agent renamed to Fresh"


@pytest.mark.parametrize(
    ("config", "part"),
    [
        ({"agents": [{"name": "F", "type": "active_directory", "renamed_from": "ADNA"}]}, "'ADNA', which is not there (did you mean 'ADMA'?)"),
        (declared("SPMA", "ADMA"), "there is an agent 'SPMA' already, beside 'ADMA'"),
        ({"agents": [*declared("Fresh", "SPMA")["agents"], {"name": "SPMA", "type": "sharepoint_profile_store"}]}, "which is declared as an agent of its own"),
    ],
)
def test_what_cannot_be_renamed_is_told(config: dict[str, Any], part: str) -> None:
    with pytest.raises(InputError) as caught:
        plan(config)
    assert part in str(caught.value) and "renamed_from" in str(caught.value)
