# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The store in a file: what is kept, what a crash leaves, files that are none."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from unittest.mock import patch

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine import sqlite_live, sqlite_shapes, sqlite_store
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.history import run_history
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.sqlite_store import SqliteStore
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from engine_support import APP, HR, World, world


def in_file(path: Path, people: int = 3) -> World:
    made = world(store=SqliteStore(path))
    for number in range(people):
        made.person(number, mail=f"{number}@x", photo=b"jpeg", **({"manager": World.dn(0)} if number else {}))
    return made


def reopened(made: World) -> None:
    assert isinstance(made.store, SqliteStore)
    path = made.store.path
    made.store.connection.close()
    made.store = SqliteStore(path)
    made.configure(made.configuration)


def test_the_state_is_taken_up_where_it_was_left(tmp_path: Path) -> None:
    made = in_file(tmp_path / "state.db")
    made.run("HR FI", "HR FS")
    digest, history = made.digest(), run_history(made.store.runs)
    reopened(made)
    assert made.digest() == digest and run_history(made.store.runs) == history
    assert made.run("APP EX").status == "success"
    assert made.run("APP FI", "APP DS").details.number == 3
    reopened(made)
    assert made.cs(APP, "u1").hologram is not None
    assert made.store.watermarks


def test_both_stores_end_in_the_same_state(tmp_path: Path) -> None:
    made, other = in_file(tmp_path / "state.db"), world()
    other.hr.entries = made.hr.entries
    for each in (made, other):
        each.cycle("F")
    assert made.digest() == other.digest()


def test_a_process_that_dies_in_a_step_leaves_what_was_checked_and_the_step_as_stopped(tmp_path: Path) -> None:
    made = in_file(tmp_path / "state.db", 600)
    made.run("HR FI")
    before = made.digest()
    running = made.engine.run_steps("HR", "FS")
    next(running)
    reopened(made)
    with pytest.raises(sqlite3.ProgrammingError):
        running.close()  # type: ignore[attr-defined]
    assert made.store.runs[-1].status == "stopped-server"
    assert made.digest() == before
    made.cycle("F")
    assert len(made.app.entries) == 600


def test_an_export_under_way_when_the_process_died_is_found_out_by_the_next_import(tmp_path: Path) -> None:
    made = in_file(tmp_path / "state.db", 2)
    made.run("HR FI", "HR FS")
    export, calls = made.app.export, []

    def die(changes: object) -> object:
        calls.append(export(changes))  # type: ignore[arg-type]
        raise KeyboardInterrupt

    made.app.export = die  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        made.run("APP EX")
    made.app.export = export  # type: ignore[method-assign]
    reopened(made)
    assert made.cs(APP, "u1").escrowed_op == "add"
    made.run("APP FI", "APP FS")
    assert made.engine.counts("APP")["NumExportAdd"] == 0
    made.cycle("F")
    assert made.engine.counts("APP")["NumExportUpdate"] == 0 and len(made.app.entries) == 2


def test_a_file_that_is_none_of_ours_is_refused(tmp_path: Path) -> None:
    text, other = tmp_path / "notes.db", tmp_path / "other.db"
    text.write_text("these are notes " * 100, encoding="ascii")
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE meta (name TEXT, value TEXT)")
    connection.close()
    for path, words in ((text, "cannot be used"), (other, "holds no state")):
        with pytest.raises(InputError, match=words):
            SqliteStore(path)


def test_a_file_in_use_is_refused(tmp_path: Path) -> None:
    held = SqliteStore(tmp_path / "state.db")
    with pytest.raises(InputError, match="locked"):
        SqliteStore(tmp_path / "state.db")
    held.close()
    SqliteStore(tmp_path / "state.db").close()


def test_more_combinations_of_attributes_than_are_numbered_are_kept_as_well(tmp_path: Path) -> None:
    with patch.object(sqlite_shapes, "MOST", 2):
        made = in_file(tmp_path / "state.db", 0)
        for number in range(1, 6):
            made.person(number, **dict.fromkeys(("mail", "title", "phone", "tags")[: number - 1], "x"))
        made.cycle()
        before = made.digest()
    reopened(made)
    assert made.digest() == before
    assert made.mv(3).values["title"] == ("x",) and made.mv(3).lineage["title"][0] == HR


def test_an_object_is_the_same_for_all_who_hold_it_however_many_pass_by(tmp_path: Path) -> None:
    with patch.object(sqlite_live, "FIRST_SWEEP", 4), patch.object(sqlite_store, "AT_HAND", 2):
        made = in_file(tmp_path / "state.db", 0)
        for number in range(1, 40):
            made.person(number)
        made.run("HR FI", "HR FS")
        held = made.cs(HR, made.dn(1))
        assert isinstance(made.store, SqliteStore)
        made.store.flush()
        assert len({item.id for item in made.store.space(HR).all()}) > 39
        assert made.cs(HR, made.dn(1)) is held and made.store.cs_object(held.id) is held
        made.store.prefetch([item.id for item in made.store.space(HR).all()], {APP})
        assert made.cs(HR, made.dn(1)) is held
        assert len(made.store.live.held) < 200


def test_a_fingerprint_counts_until_its_object_is_saved(tmp_path: Path) -> None:
    made = in_file(tmp_path / "state.db", 0)
    made.person(1)
    made.person(2)
    made.cycle()
    space, anchors = made.store.space(HR), ["hr-1", "hr-2", "nobody"]
    marks = space.marks(anchors)
    assert marks is not None and set(marks) == {"hr-1", "hr-2"}
    item = made.cs(HR, made.dn(1))
    space.save(item)
    assert set(marks) == {"hr-2"} and set(space.marks(anchors) or ()) == {"hr-2"}
    made.store.checkpoint()
    assert set(space.marks(anchors) or ()) == {"hr-1", "hr-2"}
    # Not as it was delivered any more, or on its way.
    item.hologram = {**(item.hologram or {}), "title": ("changed",)}
    made.cs(HR, made.dn(2)).unconfirmed_op = "update"
    for other in (item, made.cs(HR, made.dn(2))):
        space.save(other)
    made.store.checkpoint()
    assert not space.marks(anchors)


def test_who_an_object_belongs_to_is_known_without_it(tmp_path: Path) -> None:
    made = in_file(tmp_path / "state.db")
    made.person(1)
    made.cycle()
    numbers = {agent: next(iter(made.store.space(agent).all())).id for agent in (HR, APP)}
    reopened(made)
    assert {agent: made.store.agent_of(number) for agent, number in numbers.items()} == {HR: HR, APP: APP}
    assert made.store.agent_of(10_000) == ""
