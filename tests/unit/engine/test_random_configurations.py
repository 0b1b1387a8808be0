# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must hold for any configuration and any history: two sources, one target, rules drawn at random.

`python tests/benchmarks/invariants.py` runs the same with many more examples.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.sqlite_store import SqliteStore
from engine_support import APP, World
from hypothesis import given
from hypothesis import strategies as st
from random_settings import CHANGES, HISTORIES, SETTINGS, SOME, Setting, apply, cycle, made_of, profiles, settled

pytestmark = pytest.mark.usefixtures("every_store")


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


ORDERS = st.lists(st.permutations(["HR", "OTHER"]), min_size=3, max_size=3)


@SOME
@given(SETTINGS, HISTORIES, ORDERS, st.sampled_from("FD"))
def test_the_order_of_imports_does_not_matter_where_precedence_is_ranked(chosen: Setting, history: list[list[Any]], orders: list[list[str]], kind: str) -> None:
    """Each source is imported and synchronized in another order in each round; the rounds end with a cycle that settles what waits."""
    one, other = made_of(chosen), made_of(chosen)
    for made in (one, other):
        settled(made, "F")
    for changes, order in zip(history, orders, strict=False):
        for made, sources in ((one, ["HR", "OTHER"]), (other, order)):
            for change in changes:
                apply(made, change)
            for source in sources:
                made.run(f"{source} {kind}I", f"{source} {kind}S")
            settled(made, kind)
    assert profiles(one) == profiles(other)
    assert one.digest() == other.digest()


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
