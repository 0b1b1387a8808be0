# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The short ways end where the long ones end: fingerprints of imports, comparisons in place of flows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import AttributeType
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.imports import ImportStep
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.shortcuts import ExportShortcut, orphans
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.sqlite_store import SqliteStore
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.synchronization import SyncStep
from engine_support import APP, HR, World, app, export, fixed, flows, hr, metaverse, world
from hypothesis import given
from random_settings import HISTORIES, SETTINGS, SOME, Setting, apply, cycle, made_of, profiles

pytestmark = pytest.mark.usefixtures("every_store")


@contextmanager
def the_long_way() -> Iterator[None]:
    """Every object is read, every flow is evaluated."""

    def all_groups(step: SyncStep, key: Any, item: Any, mv: Any, view: Any) -> Any:
        return [*step.rules.imports[key].groups, *orphans(mv.lineage, item.agent_id, step.rules.all_groups.get(key[2], {}))]

    with (
        patch.object(SyncStep, "_all_groups", all_groups),
        patch.object(ExportShortcut, "due", lambda shortcut, mv, item: shortcut.flows),
        patch.object(ImportStep, "_is_unchanged", lambda step, item, marks: False),
    ):
        yield


def told(made: World) -> list[Any]:
    """What the runs say of themselves."""
    return [
        (run.agent_name, run.profile, run.status, step.counters.staging, step.counters.inbound, step.counters.outbound, step.counters.export)
        for run in made.store.runs
        for step in run.steps
    ]


@SOME
@given(SETTINGS, HISTORIES)
def test_short_and_long_ways_end_in_the_same_state_with_the_same_numbers(chosen: Setting, history: list[list[Any]]) -> None:
    short, long = made_of(chosen), made_of(chosen)
    for changes in history:
        for change in changes:
            apply(short, change)
            apply(long, change)
        cycle(short, "F")
        with the_long_way():
            cycle(long, "F")
    assert short.digest() == long.digest()
    assert profiles(short) == profiles(long)
    assert told(short) == told(long)


def person_of(**more: Any) -> World:
    made = world(**more)
    made.person(1, title="clerk", tags=("a", "b"), manager=World.dn(2))
    made.person(2)
    made.cycle()
    made.cycle()
    return made


def test_an_unchanged_object_is_not_read_and_a_changed_one_is() -> None:
    made = person_of()
    with patch.object(ImportStep, "_stage", autospec=True, side_effect=ImportStep._stage) as staged:
        made.run("HR FI")
        assert staged.call_count == (0 if isinstance(made.store, SqliteStore) else 2)
        made.person(1, title="chief", tags=("a", "b"), manager=World.dn(2))
        assert made.counters(made.run("HR FI")) == {"stage-update": 1, "stage-no-change": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"title": "chief"},
        {"title": "clerk", "tags": ("b",)},
        {"title": "clerk", "tags": ("a", "b"), "manager": World.dn(1)},
        {"title": "clerk", "tags": ("a", "b"), "manager": "CN=Stranger,DC=hr,DC=example,DC=com"},
        {"title": "clerk", "tags": ("a", "b"), "flags": 1},
    ],
)
def test_every_kind_of_change_is_met(change: dict[str, Any]) -> None:
    made = person_of()
    made.person(1, **change)
    assert made.counters(made.run("HR FI"))["stage-update"] == 1


def test_a_reference_is_met_when_its_name_means_another_object() -> None:
    """The text of the reference is as it was; the object of that name was renamed and another one has it now."""
    made = person_of()
    made.hr.entries["hr-2"].dn = World.dn(7)
    made.hr.put("hr-9", World.dn(2), "user", {"account": ("u9",)})
    made.hr.entries = dict(sorted(made.hr.entries.items(), reverse=True))
    made.run("HR FI", "HR FS", "APP EX")
    assert made.profile(1)["manager"] == ("u9",)


def test_a_value_that_was_changed_in_the_target_is_set_right() -> None:
    made = person_of()
    made.app.set("u1", {"title": ("wrong",)})
    made.cycle()
    assert made.profile(1)["title"] == ("clerk",)


def test_a_changed_rule_reaches_objects_that_did_not_change() -> None:
    made = person_of()
    first, second = made.configuration.agents
    other = app(export_flows=(type(second.export_flows[0])("user", "person", (export("title", "name"), export("mail", mapping=fixed("none@example.com")))),))
    made.configure(type(made.configuration)(made.configuration.metaverse, (first, other)))
    made.cycle()
    assert (made.profile(1)["title"], made.profile(1)["mail"]) == (("Person 1",), ("none@example.com",))


def test_an_attribute_that_becomes_single_valued_fails_though_nothing_differs() -> None:
    made = person_of(mv=metaverse(flows("account", (HR, "account")), flows("tags", (HR, "tags"))))
    schema = made.configuration.metaverse.schema
    single = type(schema)(schema.classes, {**schema.attributes, "tags": AttributeType("tags")})
    made.configure(type(made.configuration)(metaverse(flows("account", (HR, "account")), flows("tags", (HR, "tags")), schema=single), (hr(), app())))
    result = made.run("HR FS")
    assert made.errors(result) == ["flow-multi-values-to-single-value"]


def test_an_export_that_waits_is_compared_whole() -> None:
    made = person_of()
    made.person(1, title="chief", tags=("a", "b"), manager=World.dn(2))
    made.run("HR FI", "HR FS")
    made.person(1, title="clerk", tags=("a", "b"), manager=World.dn(2))
    made.run("HR FI", "HR FS")
    assert not list(made.store.space(APP).pending_exports())
