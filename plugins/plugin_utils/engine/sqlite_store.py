# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The store that keeps everything in a file: for large estates, and for going on after the process died.

What the file holds after a crash is the state at the last checkpoint: the end of a run step, a page of an import, a batch
of an export, every so many objects of a synchronization; never a part of an object's transaction.
"""

from __future__ import annotations

import marshal
import sqlite3
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .memory import NO_NAMES, Journal
from .objects import CsObject, MvObject
from .sqlite_metaverse import SqliteMetaverse
from .sqlite_rows import SCHEMA, pack_mv, pack_run, plain, unpack_cs, unpack_run
from .sqlite_space import SqliteSpace

if TYPE_CHECKING:
    from .history import RunDetails

FORM = "mimsync engine state 1"
# Objects that wait to be written; transactions between two checkpoints; objects kept at hand in each of two generations.
BATCH, CHECKPOINT_EVERY, AT_HAND = 1000, 1000, 1500
PAGES_IN_MEMORY = -32000  # kibibytes, as SQLite wants them told from pages
LOAD = "SELECT agent, part, anchor, dn, parent, lists, absent, depth, seen, mv, body FROM cs WHERE id=?"
LOST = "stopped-server"


class SqliteStore:
    """Implements `store.Store`. `path` is made if it is not there; one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        self._open()
        self.live: weakref.WeakValueDictionary[int, CsObject] = weakref.WeakValueDictionary()
        self.live_mv: weakref.WeakValueDictionary[int, MvObject] = weakref.WeakValueDictionary()
        self.journal = Journal()
        self._waiting: dict[SqliteSpace, dict[int, CsObject]] = {}
        self._waiting_mv: dict[int, MvObject] = {}
        self._seen: dict[int, int] = {}
        self._count = self._since = 0
        self._young: list[object] = []
        self._old: list[object] = []
        self._read()

    def _open(self) -> None:
        """Raises InputError for a file that is none of ours, or one that is in use."""
        try:
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "locking_mode=EXCLUSIVE", f"cache_size={PAGES_IN_MEMORY}"):
                self.connection.execute(f"PRAGMA {pragma}")
            self.connection.execute("BEGIN IMMEDIATE")
            tables = self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if not tables:
                for statement in SCHEMA.split(";\n"):
                    self.connection.execute(statement)
                self.connection.execute("INSERT INTO meta VALUES ('form', ?)", (FORM,))
            form = self.connection.execute("SELECT value FROM meta WHERE name='form'").fetchone()
        except sqlite3.Error as problem:
            self.connection.close()
            raise InputError(f"{self.path} cannot be used as the engine's state: {problem}.") from problem
        if form is None or form[0] != FORM:
            self.connection.close()
            raise InputError(f"{self.path} holds no state of this engine (its form is '{form[0] if form else 'unknown'}', wanted is '{FORM}').")

    def _read(self) -> None:
        meta = {name: plain(body) for name, body in self.connection.execute("SELECT name, value FROM meta WHERE name <> 'form'")}
        self._written: dict[str, bytes] = {}
        self.numbers: dict[str, int] = dict(meta.get("numbers", ()))
        self.watermarks: dict[tuple[str, str], str] = {(agent, part): text for agent, part, text in meta.get("watermarks", ())}
        self.provisioning_retries: set[int] = set(meta.get("provisioning", ()))
        self.inbound_retries: dict[int, None] = dict.fromkeys(meta.get("inbound", ()))
        self.outbound_retries: dict[int, None] = dict.fromkeys(meta.get("outbound", ()))
        self._last_object = int(meta.get("last", [0])[0])
        self.spaces: dict[str, SqliteSpace] = {}
        self.by_number: dict[int, SqliteSpace] = {}
        self._references: Mapping[str, Mapping[str, frozenset[str]]] = {}
        for number, agent_id in self.connection.execute("SELECT number, id FROM agents").fetchall():
            self._add_space(agent_id, number)
        self._metaverse = SqliteMetaverse(self, meta.get("indexed", ()))
        self.runs: list[RunDetails] = [unpack_run(body) for (body,) in self.connection.execute("SELECT body FROM runs ORDER BY number")]
        self._finished = sum(1 for run in self.runs if run.status != "in-progress")
        for run in self.runs:
            if run.status == "in-progress":
                run.status, run.end = LOST, run.start
                for step in run.steps:
                    step.result, step.end = (LOST, step.start) if step.result == "in-progress" else (step.result, step.end)

    # Parts

    @property
    def metaverse(self) -> SqliteMetaverse:
        return self._metaverse

    def space(self, agent_id: str) -> SqliteSpace:
        found = self.spaces.get(agent_id)
        if found is None:
            number = len(self.spaces) + 1
            self.connection.execute("INSERT INTO agents VALUES (?,?)", (number, agent_id))
            found = self._add_space(agent_id, number)
        return found

    def _add_space(self, agent_id: str, number: int) -> SqliteSpace:
        space = self.spaces[agent_id] = self.by_number[number] = SqliteSpace(self, agent_id, number)
        space.reference_names = self._references.get(agent_id, {})
        return space

    def agents(self) -> Iterator[str]:
        return iter(self.spaces)

    def cs_object(self, object_id: int) -> CsObject | None:
        found = self.live.get(object_id)
        if found is not None:
            return found
        row = self.connection.execute(LOAD, (object_id,)).fetchone()
        if row is None:
            return None
        item = unpack_cs(object_id, row[-1])
        item.partition_id, item.seen, item.mv_id = row[1], self._seen.get(object_id, row[-3]), row[-2]
        space = self.by_number[row[0]]
        item.agent_id = space.agent_id
        space.loaded(item, row[1:-3])
        self.live[object_id] = item
        self.hold(item)
        return item

    def hold(self, item: object) -> None:
        """Keeps an object at hand for a while."""
        self._young.append(item)
        if len(self._young) > AT_HAND:
            self._old, self._young = self._young, []

    def next_object(self) -> int:
        self._last_object += 1
        return self._last_object

    def next_number(self, purpose: str) -> int:
        self.numbers[purpose] = self.numbers.get(purpose, 0) + 1
        return self.numbers[purpose]

    def prepare(self, references: Mapping[str, Mapping[str, frozenset[str]]], mv_references: Mapping[str, frozenset[str]]) -> None:
        self._references = references
        self._metaverse.reference_names = mv_references
        for agent_id, space in self.spaces.items():
            space.reference_names = references.get(agent_id, {})

    def reference_attributes(self, agent_id: str, object_type: str) -> frozenset[str]:
        known = self._references.get(agent_id, {}) if agent_id else self._metaverse.reference_names
        return known.get(object_type.lower(), NO_NAMES)

    # What waits to be written

    def dirty_cs(self, space: SqliteSpace, item: CsObject) -> None:
        waiting = self._waiting.setdefault(space, {})
        if item.id not in waiting:
            waiting[item.id] = item
            self._count += 1

    def dirty_mv(self, item: MvObject) -> None:
        if item.id not in self._waiting_mv:
            self._waiting_mv[item.id] = item
            self._count += 1

    def note_seen(self, number: int, batch: int) -> None:
        self._seen[number] = batch

    def forget_cs(self, number: int) -> None:
        for waiting in self._waiting.values():
            waiting.pop(number, None)
        self.live.pop(number, None)
        self.connection.execute("DELETE FROM cs WHERE id=?", (number,))

    def forget_mv(self, number: int) -> None:
        self._waiting_mv.pop(number, None)
        self.live_mv.pop(number, None)
        self.connection.execute("DELETE FROM mv WHERE id=?", (number,))

    def flush(self) -> None:
        """Writes what was saved; it lasts from the next checkpoint on."""
        for space, waiting in self._waiting.items():
            if waiting:
                space.write(waiting.values())
                for item in waiting.values():
                    self.hold(item)
                waiting.clear()
        if self._waiting_mv:
            rows = [(number, pack_mv(item)) for number, item in self._waiting_mv.items()]
            self.connection.executemany("INSERT INTO mv (id, body) VALUES (?,?) ON CONFLICT (id) DO UPDATE SET body=excluded.body", rows)
            for entry in self._waiting_mv.values():
                self.hold(entry)
            self._waiting_mv.clear()
        if self._seen:
            self.connection.executemany("UPDATE cs SET seen=? WHERE id=?", [(batch, number) for number, batch in self._seen.items()])
            self._seen.clear()
        self._count = 0

    # Transactions

    def begin(self) -> None:
        self.journal.active = True
        self.journal.before.clear()

    def commit(self) -> None:
        self.journal.active = False
        self.journal.before.clear()
        self._since += 1
        if self._since >= CHECKPOINT_EVERY:
            self._keep()
        elif self._count > BATCH:
            self.flush()

    def rollback(self) -> None:
        self.journal.active = False
        for (owner, item), state in reversed(list(self.journal.before.values())):
            owner.restore(item, state)
        self.journal.before.clear()

    def checkpoint(self, *, whole: bool = False) -> None:
        """What was done until here outlives the process; with `whole` the history of the present runs, too."""
        if whole:
            self._write_runs()
        if not self.journal.active:
            self._keep()

    def _keep(self) -> None:
        self._since = 0
        self.flush()
        self._write_meta()
        self.connection.execute("COMMIT")
        self.connection.execute("BEGIN IMMEDIATE")

    def _write_meta(self) -> None:
        values: dict[str, list[Any]] = {
            "numbers": list(self.numbers.items()),
            "watermarks": [(agent, part, text) for (agent, part), text in self.watermarks.items()],
            "provisioning": sorted(self.provisioning_retries),
            "inbound": list(self.inbound_retries),
            "outbound": list(self.outbound_retries),
            "last": [self._last_object],
            "indexed": sorted(self._metaverse.indexed),
        }
        for name, value in values.items():
            body = marshal.dumps(value, 2)
            if self._written.get(name) != body:
                self.connection.execute("INSERT INTO meta VALUES (?,?) ON CONFLICT (name) DO UPDATE SET value=excluded.value", (name, body))
                self._written[name] = body

    def _write_runs(self) -> None:
        """The runs that were not finished when they were written last; all again when runs were cleared."""
        held = self.connection.execute("SELECT count(*) FROM runs").fetchone()[0]
        if held > len(self.runs):
            self.connection.execute("DELETE FROM runs")
            self._finished = 0
        rows = [(number, pack_run(run)) for number, run in enumerate(self.runs) if number >= self._finished]
        self.connection.executemany("INSERT OR REPLACE INTO runs VALUES (?,?)", rows)
        while self._finished < len(self.runs) and self.runs[self._finished].status != "in-progress":
            self._finished += 1

    def close(self) -> None:
        """Keeps everything and closes the file."""
        self.checkpoint(whole=True)
        self.connection.execute("COMMIT")
        self.connection.close()
