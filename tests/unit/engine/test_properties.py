# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must hold for any history of changes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.counters import INBOUND
from engine_support import APP, HR, OTHER, ROOT, World, agent, app, filter_on, flows, hr, join_on, metaverse, world
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.usefixtures("every_store")

NUMBERS = st.integers(0, 4)
CHANGES = st.one_of(
    st.tuples(st.just("put"), NUMBERS, st.fixed_dictionaries({}, optional={
        "mail": st.sampled_from(["a@x", "b@x"]), "title": st.sampled_from(["Chief", "Boss"]), "flags": st.integers(0, 3),
        "manager": NUMBERS, "tags": st.lists(st.sampled_from("abc"), min_size=1, unique=True),
    })),
    st.tuples(st.just("delete"), NUMBERS, st.none()),
    st.tuples(st.just("move"), NUMBERS, st.integers(0, 2)),
    st.tuples(st.just("target"), NUMBERS, st.sampled_from(["a@x", "c@x"])),
)  # fmt: skip
HISTORIES = st.lists(st.lists(CHANGES, max_size=4), min_size=1, max_size=4)
QUICK = settings(max_examples=60, deadline=None)


def fresh() -> World:
    mail = flows("mail", (HR, "mail"))
    others = tuple(flows(name, (HR, name)) for name in ("account", "name", "title", "manager", "tags"))
    return world(hr_agent=hr(filters=(filter_on("flags", "bit-on", "2"),)), mv=metaverse(mail, *others))


def apply(made: World, change: tuple[str, int, Any]) -> None:
    kind, number, detail = change
    key = f"hr-{number}"
    if kind == "put":
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in detail.items()}
        if "manager" in values:
            # A directory refuses a reference to nobody.
            boss = made.hr.entries.get(f"hr-{values.pop('manager')}")
            values |= {"manager": boss.dn} if boss else {}
        if key not in made.hr.entries:
            made.person(number, **values)
        else:
            made.hr.put(
                key, made.hr.entries[key].dn, "user", {"account": (f"u{number}",), **{name: v if isinstance(v, tuple) else (v,) for name, v in values.items()}}
            )
    elif kind == "delete" and key in made.hr.entries:
        made.hr.delete(key)
    elif kind == "move" and key in made.hr.entries:
        made.hr.move(key, f"CN=Person {number},OU=Moved {detail},{ROOT}")
    elif kind == "target" and f"u{number}" in made.app.entries:
        made.app.set(f"u{number}", {"mail": (detail,)})


def profiles(made: World) -> dict[str, dict[str, Any]]:
    return {anchor: {name: set(values) for name, values in entry.attributes.items()} for anchor, entry in made.app.entries.items()}


def expected(made: World) -> dict[str, dict[str, Any]]:
    """What APP must hold, straight from HR's people, without the engine."""
    people = {entry.dn: entry for entry in made.hr.entries.values() if not any(int(flag) & 2 for flag in entry.attributes.get("flags", ()))}
    wanted: dict[str, dict[str, Any]] = {}
    for entry in people.values():
        values: dict[str, Any] = {name: set(entry.attributes[name]) for name in ("name", "mail", "title", "tags") if name in entry.attributes}
        boss = people.get(str(entry.attributes.get("manager", ("",))[0]))
        if boss is not None:
            values["manager"] = set(boss.attributes["account"])
        account = str(entry.attributes["account"][0])
        wanted[account] = {"Id": {account}, **values}
    return wanted


def settle(made: World, kind: str) -> None:
    made.cycle(kind)
    made.cycle(kind)


@QUICK
@given(HISTORIES)
def test_full_cycles_end_in_what_the_people_say(history: list[list[Any]]) -> None:
    made = fresh()
    made.person(9)
    for changes in history:
        for change in changes:
            apply(made, change)
        settle(made, "F")
    assert profiles(made) == expected(made)


@QUICK
@given(HISTORIES)
def test_delta_cycles_end_where_full_cycles_end(history: list[list[Any]]) -> None:
    full, delta = fresh(), fresh()
    for made in (full, delta):
        made.person(9)
        settle(made, "F")
    for changes in history:
        for change in changes:
            apply(full, change)
            apply(delta, change)
        settle(full, "F")
        settle(delta, "D")
    assert profiles(delta) == profiles(full) == expected(full)
    assert delta.digest() == full.digest()


@QUICK
@given(HISTORIES)
def test_a_second_full_cycle_changes_nothing(history: list[list[Any]]) -> None:
    made = fresh()
    made.person(9)
    for changes in history:
        for change in changes:
            apply(made, change)
        made.cycle("D" if made.store.watermarks else "F")
    settle(made, "F")
    before, changed = made.digest(), made.app.change
    made.cycle("F")
    assert (made.digest(), made.app.change) == (before, changed)
    quiet = {"stage-no-change", "connector-no-flow", "disconnector-filtered", "disconnector-remains"}
    assert all(made.counters(made.run(text)).keys() <= quiet for text in ("HR FI", "HR FS", "APP FI", "APP FS", "APP EX"))


@QUICK
@given(HISTORIES)
def test_the_counters_add_up(history: list[list[Any]]) -> None:
    made = fresh()
    for changes in history:
        for change in changes:
            apply(made, change)
        imported = made.run("HR FI").details.steps[0].counters.staging
        objects = made.engine.counts("HR")
        assert sum(imported.values()) - imported["stage-delete"] == len(made.hr.entries)
        synced = made.run("HR FS").details.steps[0].counters.inbound
        filtered_and_gone = objects["NumCSObjects"] - objects["NumPlaceholders"] - sum(synced[name] for name in INBOUND)
        assert 0 <= filtered_and_gone <= imported["stage-delete"]
        made.run("APP EX")
        assert made.engine.counts("APP")["NumExportAdd"] == 0


@QUICK
@given(st.lists(CHANGES, max_size=6))
def test_undoing_the_changes_undoes_their_effect(changes: list[Any]) -> None:
    made = fresh()
    for number in range(5):
        made.person(number, mail="a@x")
    settle(made, "F")
    before = profiles(made)
    for change in changes:
        apply(made, change)
    made.cycle("D")
    made.hr.entries = {}
    for number in range(5):
        made.person(number, mail="a@x")
    settle(made, "F")
    assert profiles(made) == before


@QUICK
@given(HISTORIES, st.lists(st.booleans(), min_size=30, max_size=30))
def test_a_crash_between_any_two_steps_loses_nothing(history: list[list[Any]], crashes: list[bool]) -> None:
    whole, broken = fresh(), fresh()
    whole.person(9)
    broken.person(9)
    falls = iter(crashes)
    for changes in history:
        for change in changes:
            apply(whole, change)
            apply(broken, change)
        settle(whole, "F")
        for text in ("HR FI", "HR FS", "APP FI", "APP FS", "APP EX", "APP DI", "APP DS"):
            running = broken.engine.run_steps(*text.split(" "))
            if next(falls, False):
                next(running, None)
                running.close()  # type: ignore[attr-defined]  # the service dies
                broken.configure(broken.configuration)
            else:
                list(running)
        settle(broken, "F")
    assert profiles(broken) == profiles(whole)
    assert broken.digest() == whole.digest()


SOURCES = ("HR", "OTHER", "APP")
VALUES = st.dictionaries(st.sampled_from(("mail", "title", "phone")), st.sampled_from(("a", "b")), max_size=3)
STATES = st.fixed_dictionaries(dict.fromkeys(SOURCES, VALUES))


def ranked() -> World:
    """Three agents that know the same person and differ in rank for each attribute."""
    agents = {"HR": HR, "OTHER": OTHER, "APP": APP}
    orders = {"mail": ("HR", "OTHER", "APP"), "title": ("OTHER", "APP", "HR"), "phone": ("APP", "HR", "OTHER")}
    made = tuple(flows(name, *((agents[source], name) for source in order)) for name, order in orders.items())
    account = flows("account", (HR, "account"), (OTHER, "account"), (APP, "account"))
    joined = {"joins": join_on("account", "account"), "projections": hr().projections}
    target = app(**joined, export_flows=())
    return world(hr(**joined), target, metaverse(account, *made, provisioning="none"), agents=(agent(OTHER, "OTHER", **joined),))


def feed(made: World, state: dict[str, dict[str, str]]) -> None:
    systems = {"HR": made.hr, "OTHER": made.other, "APP": made.app}
    for source, values in state.items():
        dn = "u1" if source == "APP" else f"CN=u1,{ROOT}"
        key = {"Id": ("u1",)} if source == "APP" else {}
        systems[source].put("u1", dn, "user", {"account": ("u1",), **key, **{name: (value,) for name, value in values.items()}})


@QUICK
@given(st.lists(STATES, min_size=1, max_size=3), st.lists(st.permutations(SOURCES), min_size=3, max_size=3), st.booleans())
def test_the_order_of_imports_does_not_matter_where_precedence_is_ranked(states: list[Any], orders: list[Any], delta: bool) -> None:
    one, other = ranked(), ranked()
    for state, order in zip(states, orders, strict=False):
        for made, sequence in ((one, SOURCES), (other, order)):
            feed(made, state)
            for source in sequence:
                made.run(f"{source} FI", f"{source} {'DS' if delta else 'FS'}")
        wanted = {}
        for name, sequence in (("mail", SOURCES), ("title", ("OTHER", "APP", "HR")), ("phone", ("APP", "HR", "OTHER"))):
            value = next((state[source][name] for source in sequence if name in state[source]), None)
            wanted |= {name: (value,)} if value else {}
        for made in (one, other):
            assert {name: values for name, values in made.mv(1).values.items() if name != "account"} == wanted
