# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The store in a file: what is kept, what a crash leaves, files that are none."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.history import run_history
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.sqlite_store import SqliteStore
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from engine_support import APP, World, world


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
