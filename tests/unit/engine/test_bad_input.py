# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects that are wrong in themselves: each has a named error, the others go on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import AttributeType, Syntax
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.history import run_history
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.switches import Switches
from engine_support import HR, ROOT, RunResult, World, app, flows, hr, metaverse, world

pytestmark = pytest.mark.usefixtures("every_store")


def discovery(result: RunResult) -> list[tuple[str, str]]:
    return [(item.error_type, item.attribute) for step in result.details.steps for item in step.discovery_errors]


def with_good_people() -> World:
    made = world()
    made.person(1)
    made.person(2, manager=World.dn(1))
    return made


@pytest.mark.parametrize(
    ("anchor", "dn", "kind", "attributes", "error"),
    [
        ("", f"CN=x,{ROOT}", "user", {}, ("missing-anchor-component", "")),
        ("x", "", "user", {}, ("missing-dn", "")),
        ("x", f"CN=x,{ROOT}", "", {}, ("missing-object-type", "")),
        ("x", f"CN=\ud800,{ROOT}", "user", {}, ("invalid-dn", "")),
        ("x", f"CN=x,{ROOT}", "user", {"mail": ("a\udc00b",)}, ("invalid-attribute-value", "mail")),
        ("x", f"CN=x,{ROOT}", "user", {"manager": ("",)}, ("invalid-reference-value", "manager")),
        ("x", World.dn(1).upper(), "user", {}, ("duplicate-object", "")),
        ("x", f"CN=x,{ROOT}", "user", {"title": ("a", "b")}, ("multi-single-mismatch", "title")),
        ("x" * 399, f"CN=x,{ROOT}", "user", {}, ("anchor-too-long", "")),
    ],
)
def test_one_bad_object_is_told_and_the_others_arrive(anchor: str, dn: str, kind: str, attributes: dict[str, Any], error: tuple[str, str]) -> None:
    made = with_good_people()
    entry = made.hr.put(anchor or "?", dn, kind, attributes)
    entry.anchor = anchor
    made.hr.entries = dict(sorted(made.hr.entries.items()))
    partitions = made.configuration.agents[0].partitions
    agent = replace(made.configuration.agents[0], partitions=(replace(partitions[0], name="", dn="", inclusions=(), object_types=()),))
    made.configure(replace(made.configuration, agents=(agent, made.configuration.agents[1])))
    result = made.run("HR FI")
    assert (result.status, discovery(result)) == ("completed-discovery-errors", [error])
    assert made.counters(result)["stage-add"] == 2
    assert error[0] in run_history([result.details])
    made.run("HR FS", "APP EX")
    assert sorted(made.app.entries) == ["u1", "u2"] and made.profile(2)["manager"] == ("u1",)


def test_a_group_of_20000_is_carried_through() -> None:
    made = world()
    members = tuple(f"CN=m{number},{ROOT}" for number in range(20_000))
    made.person(1, tags=tuple(f"t{number}" for number in range(20_000)), title="x" * 5_000_000)
    made.hr.set("hr-1", {"manager": members[:1]})
    assert made.run("HR FI", "HR FS", "APP EX").status == "success"
    assert len(made.profile(1)["tags"]) == 20_000 and len(str(made.profile(1)["title"][0])) == 5_000_000
    made.person(1, tags=tuple(f"t{number}" for number in range(1, 20_001)), title="x" * 4_999_999)
    made.cycle("D")
    assert "t0" not in made.profile(1)["tags"] and len(str(made.profile(1)["title"][0])) == 4_999_999


def test_a_member_list_of_20000_references_is_staged_and_compared() -> None:
    many = AttributeType("manager", Syntax.REFERENCE, single_value=False)

    def plural(schema: Any) -> Any:
        return replace(schema, attributes={**schema.attributes, "manager": many})

    mv = metaverse(*(flows(name, (HR, name)) for name in ("account", "name", "manager")))
    made = world(
        hr_agent=replace(hr(), schema=plural(hr().schema)), app_agent=replace(app(), schema=plural(app().schema)), mv=replace(mv, schema=plural(mv.schema))
    )
    for number in range(1, 41):
        made.person(number)
    members = tuple(World.dn(number) for number in range(1, 41)) + tuple(f"CN=m{number},{ROOT}" for number in range(19_960))
    made.person(0, manager=members)
    made.run("HR FI")
    assert made.engine.counts("HR")["NumPlaceholders"] == 19_960 + 2
    assert made.run("HR FS").status == "success"
    assert made.counters(made.run("HR FI")) == {"stage-no-change": 41}
    made.run("APP EX")
    assert len(made.profile(0)["manager"]) == 40


@pytest.mark.parametrize(("limits", "errors"), [(True, ["mv-constraint-violation"]), (False, [])])
def test_a_value_that_the_database_cannot_index_fails_at_its_flow(limits: bool, errors: list[str]) -> None:
    plain = metaverse()
    indexed = replace(plain.schema, attributes={**plain.schema.attributes, "mail": AttributeType("mail", indexed=True)})
    made = world(mv=replace(plain, schema=indexed), switches=Switches(indexed_limits=limits))
    made.person(1, mail="x" * 448)
    made.person(2, mail="x" * 449, title="x" * 449)
    made.run("HR FI")
    assert made.errors(made.run("HR FS")) == errors
    assert "mail" in made.mv(1).values
    assert made.store.space(HR).by_dn(World.dn(2)) is not None
