# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must hold for any configuration and any history: two sources, one target, rules drawn at random.

`python tests/benchmarks/invariants.py` runs the same with many more examples.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import DeletionRule, ExportFlowSet
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.sqlite_store import SqliteStore
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.switches import Switches
from engine_support import APP, HR, OTHER, ROOT, World, agent, app, as_values, export, filter_on, flows, hr, join_on, metaverse, new_store, world
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.usefixtures("every_store")
EXAMPLES = int(os.environ.get("INVARIANT_EXAMPLES", "6"))
SOME = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEXTS = ("name", "mail", "title", "phone")
AGENTS = {"HR": HR, "OTHER": OTHER}
SOURCES = st.sampled_from([("HR",), ("OTHER",), ("HR", "OTHER"), ("OTHER", "HR")])


@dataclass(frozen=True)
class Setting:
    """A configuration in a few words: the sources of each attribute by rank, and the rules around them."""

    sources: tuple[tuple[str, ...], ...]
    nulls: tuple[bool, ...]
    filtered: bool
    deletion: str
    recall: bool
    parents_first: bool
    projects: bool


SETTINGS = st.builds(
    Setting,
    st.tuples(*[SOURCES] * len(TEXTS)),
    st.tuples(*[st.booleans()] * len(TEXTS)),
    st.booleans(),
    st.sampled_from(["declared-any", "declared-last", "none"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
NUMBERS = st.integers(0, 3)
DETAIL = st.fixed_dictionaries({}, optional={**dict.fromkeys(TEXTS, st.sampled_from("ab")), "flags": st.integers(0, 3), "manager": NUMBERS})
CHANGES = st.tuples(st.sampled_from(["put", "put", "put", "delete", "move"]), st.sampled_from(["HR", "OTHER"]), NUMBERS, DETAIL)
HISTORIES = st.lists(st.lists(CHANGES, max_size=4), min_size=1, max_size=3)


def made_of(chosen: Setting, store: Any = None, *, keep_nulls: bool = True) -> World:
    ranks = (flows(name, *((AGENTS[source], name) for source in sources)) for name, sources in zip(TEXTS, chosen.sources, strict=True))
    account = flows("account", (HR, "account"), (OTHER, "account"))
    rules = {"none": ()}.get(chosen.deletion, (DeletionRule("{D}", "person", chosen.deletion, (HR,) if chosen.deletion == "declared-any" else (APP,)),))
    mv = metaverse(account, *ranks, flows("manager", (HR, "manager")), deletion_rules=rules, recall={HR: chosen.recall, OTHER: True})
    joined = {"joins": join_on("account", "account")}
    first = hr(**joined, filters=(filter_on("flags", "bit-on", "2"),) if chosen.filtered else ())
    second = agent(OTHER, "OTHER", **joined, projections=hr().projections if chosen.projects else ())
    out = tuple(export(name, nulls=allowed or not keep_nulls) for name, allowed in zip(TEXTS, chosen.nulls, strict=True))
    target = app(export_flows=(ExportFlowSet("user", "person", (*out, export("manager"))),))
    made = world(first, target, mv, agents=(second,), switches=Switches(parents_first=chosen.parents_first), store=store or new_store())
    # An object that is always there: an empty source does not wipe a connector space.
    for system in (made.hr, made.other):
        system.put("keeper", f"CN=keeper,{ROOT}", "user", {"account": ("keeper",)})
    return made


def apply(made: World, change: tuple[str, str, int, dict[str, Any]]) -> None:
    kind, source, number, detail = change
    system = {"HR": made.hr, "OTHER": made.other}[source]
    key, dn = f"{source}-{number}", f"CN=Person {number},OU=Staff,{ROOT}"
    if kind == "put":
        values = dict(detail)
        boss = system.entries.get(f"{source}-{values.pop('manager')}") if "manager" in values else None
        held = {"account": (f"u{number}",), **as_values(values), **({"manager": (boss.dn,)} if boss else {})}
        system.put(key, system.entries[key].dn if key in system.entries else dn, "user", held)
    elif kind == "delete" and key in system.entries:
        system.delete(key)
    elif kind == "move" and key in system.entries:
        system.move(key, f"CN=Person {number},OU=Moved {len(detail)},{ROOT}")


def cycle(made: World, kind: str) -> None:
    made.run(f"HR {kind}I", f"HR {kind}S", f"OTHER {kind}I", f"OTHER {kind}S", f"HR {kind}S", f"APP {kind}I", f"APP {kind}S", "APP EX", "APP DI", "APP DS")


def settled(made: World, kind: str) -> None:
    cycle(made, kind)
    cycle(made, kind)


def profiles(made: World) -> dict[str, dict[str, set[Any]]]:
    return {anchor: {name: set(values) for name, values in entry.attributes.items()} for anchor, entry in made.app.entries.items()}


@SOME
@given(SETTINGS, HISTORIES)
def test_a_further_full_cycle_changes_and_exports_nothing(chosen: Setting, history: list[list[Any]]) -> None:
    made = made_of(chosen)
    for changes in history:
        for change in changes:
            apply(made, change)
        cycle(made, "D" if made.store.watermarks else "F")
    settled(made, "F")
    before, sent = made.digest(), made.app.change
    cycle(made, "F")
    assert (made.digest(), made.app.change) == (before, sent)
    assert made.counters(made.run("APP EX")) == {}


@SOME
@given(SETTINGS, HISTORIES)
def test_delta_cycles_end_where_full_cycles_end(chosen: Setting, history: list[list[Any]]) -> None:
    full, delta = made_of(chosen), made_of(chosen)
    for made in (full, delta):
        settled(made, "F")
    for changes in history:
        for made, kind in ((full, "F"), (delta, "D")):
            for change in changes:
                apply(made, change)
            settled(made, kind)
    assert profiles(delta) == profiles(full)
    assert delta.digest() == full.digest()


@SOME
@given(SETTINGS, st.lists(CHANGES, max_size=5))
def test_undoing_changes_undoes_their_effect(chosen: Setting, changes: list[Any]) -> None:
    # What stays by a rule (no deletion, no recall, no nulls) stays when the change is undone, too.
    made = made_of(replace(chosen, deletion="declared-last", recall=True), keep_nulls=False)
    people = [("put", source, number, {"name": "a", "manager": 0}) for source in ("HR", "OTHER") for number in range(3)]
    for change in people:
        apply(made, change)
    settled(made, "F")
    before = profiles(made)
    for change in changes:
        apply(made, change)
    settled(made, "D")
    for system in (made.hr, made.other):
        system.entries = {key: entry for key, entry in system.entries.items() if key == "keeper"}
    for change in people:
        apply(made, change)
    settled(made, "F")
    assert profiles(made) == before


@SOME
@given(SETTINGS, HISTORIES)
def test_every_export_has_a_cause_and_numbers_add_up(chosen: Setting, history: list[list[Any]]) -> None:
    made = made_of(chosen)
    for changes in history:
        for change in changes:
            apply(made, change)
        for name in ("HR", "OTHER"):
            staged = made.run(f"{name} FI").details.steps[0].counters.staging
            system = {"HR": made.hr, "OTHER": made.other}[name]
            assert sum(staged.values()) - staged["stage-delete"] == len(system.entries)
            made.run(f"{name} FS")
        before = profiles(made)
        numbers = made.engine.counts("APP")
        pending = {item.dn: dict(item.export) for item in made.store.space(APP).pending_exports() if item.export_op == "update"}
        for dn, values in pending.items():
            visible = {name: set(held) for name, held in values.items() if name != "manager"}
            assert any(before[dn].get(name, set()) != held for name, held in visible.items()) or "manager" in values
        sent = made.run("APP EX").details.steps[0].counters.export
        assert [sent[f"export-{kind}"] for kind in ("add", "update", "delete")] == [numbers[f"NumExport{kind}"] for kind in ("Add", "Update", "Delete")]
        made.run("APP DI" if made.store.watermarks.get((APP, "{APP-P}")) else "APP FI", "APP DS")


RUNS = ("HR FI", "HR FS", "OTHER FI", "OTHER FS", "HR FS", "APP FI", "APP FS", "APP EX", "APP DI", "APP DS")


@contextmanager
def in_a_file(chosen: Setting) -> Iterator[World]:
    with tempfile.TemporaryDirectory() as folder:
        made = made_of(chosen, SqliteStore(Path(folder) / "state.db"))
        yield made
        assert isinstance(made.store, SqliteStore)
        made.store.connection.close()


@SOME
@given(SETTINGS, HISTORIES, st.lists(st.sampled_from(["", "", "dies in it", "dies after it"]), min_size=20, max_size=20))
def test_a_process_that_dies_anywhere_and_goes_on_ends_in_the_same_state(chosen: Setting, history: list[list[Any]], fates: list[str]) -> None:
    whole = made_of(chosen)
    with in_a_file(chosen) as broken:
        falls = iter(fates)
        for changes in history:
            for made in (whole, broken):
                for change in changes:
                    apply(made, change)
            settled(whole, "F")
            for text in RUNS:
                fate = next(falls, "")
                running = broken.engine.run_steps(*text.split(" "))
                next(running, None) if fate == "dies in it" else list(running)
                if fate:
                    _die(broken)
            settled(broken, "F")
        assert profiles(broken) == profiles(whole)
        assert broken.digest() == whole.digest()


def _die(made: World) -> None:
    """The process is gone: what the file holds is all that is left."""
    assert isinstance(made.store, SqliteStore)
    path = made.store.path
    made.store.connection.close()
    made.store = SqliteStore(path)
    made.configure(made.configuration)
