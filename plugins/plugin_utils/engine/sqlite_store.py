# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The store that keeps everything in a file: for large estates, and for going on after the process died.

What the file holds after a crash is the state at the last checkpoint: the end of a run step, a page of an import, a batch
of an export, every so many objects of a synchronization; never a part of an object's transaction.
"""

from __future__ import annotations

import marshal
import sqlite3
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from ..errors import InputError
from .objects import CsObject, MvObject
from .sqlite_live import Live
from .sqlite_metaverse import SqliteMetaverse
from .sqlite_rows import SCHEMA, pack_mv, pack_run, plain, unpack_cs, unpack_run
from .sqlite_shapes import Shapes
from .sqlite_space import SqliteSpace
from .store_base import BaseStore, tower_of

FORM = "mimsync engine state 2"
# Objects that wait to be written; transactions between two checkpoints; objects kept at hand in each of two generations.
BATCH, CHECKPOINT_EVERY, AT_HAND = 1000, 1000, 3000
# Numbers of objects that there is room for beyond the last one known.
ROOM = 10_000
# Parameters of one query that asks for many rows.
CHUNK = 250
PAGES_IN_MEMORY = -64000  # kibibytes, as SQLite wants them told from pages
LOAD = "SELECT id, agent, mv, mark, part, anchor, dn, parent, lists, absent, depth, body FROM cs WHERE id"
LOST = "stopped-server"


class SqliteStore(BaseStore[SqliteSpace]):
    """Implements `store.Store`. `path` is made if it is not there; one process at a time."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        self._open()
        self.shapes = Shapes(self.connection)
        self.live: Live[CsObject] = Live()
        self.live_mv: Live[MvObject] = Live()
        self._waiting: dict[SqliteSpace, dict[int, CsObject]] = {}
        self._waiting_mv: dict[int, MvObject] = {}
        self._count = self._since = 0
        self._young: list[object] = []
        self._old: list[object] = []
        # The number of the agent that each object belongs to, 0 for none; and what was prefetched last.
        self._agents = array("H")
        self._page: list[object] = []
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
        self.numbers = dict(meta.get("numbers", ()))
        self.watermarks = {(agent, part): text for agent, part, text in meta.get("watermarks", ())}
        self.provisioning_retries = set(meta.get("provisioning", ()))
        self.inbound_retries = dict.fromkeys(meta.get("inbound", ()))
        self.outbound_retries = dict.fromkeys(meta.get("outbound", ()))
        self._last_object = int(meta.get("last", [0])[0])
        self.by_number: dict[int, SqliteSpace] = {}
        self._agent_ids: dict[int, str] = {}
        for number, agent_id in self.connection.execute("SELECT number, id FROM agents").fetchall():
            self.spaces[agent_id] = self._add_space(agent_id, number)
        for number, agent in self.connection.execute("SELECT id, agent FROM cs"):
            self.note_agent(number, agent)
        self._metaverse = SqliteMetaverse(self, meta.get("indexed", ()))
        self.runs = [unpack_run(body) for (body,) in self.connection.execute("SELECT body FROM runs ORDER BY number")]
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

    def _new_space(self, agent_id: str) -> SqliteSpace:
        number = len(self.spaces) + 1
        self.connection.execute("INSERT INTO agents VALUES (?,?)", (number, agent_id))
        return self._add_space(agent_id, number)

    def _add_space(self, agent_id: str, number: int) -> SqliteSpace:
        self._agent_ids[number] = agent_id
        space = self.by_number[number] = SqliteSpace(self, agent_id, number)
        return space

    def prepare(self, references: Mapping[str, Mapping[str, frozenset[str]]], mv_references: Mapping[str, frozenset[str]]) -> None:
        super().prepare(references, mv_references)
        self._metaverse.reference_names = mv_references

    # Reading

    def cs_object(self, object_id: int) -> CsObject | None:
        found = self.live.get(object_id)
        if found is not None:
            return found
        row = self.connection.execute(f"{LOAD}=?", (object_id,)).fetchone()
        if row is None:
            return None
        item = self._loaded(row)
        self.hold(item)
        return item

    def _loaded(self, row: tuple[Any, ...]) -> CsObject:
        item = unpack_cs(row[0], row[11], self.shapes)
        item.agent_id, item.mv_id, item.partition_id = self._agent_ids[row[1]], row[2], row[4]
        if row[3] is not None:
            item.set_fingerprint(row[3][1:])
        item.indexed = (row[4:11], tower_of(item))
        self.live.put(item)
        return item

    def agent_of(self, object_id: int) -> str:
        number = self._agents[object_id] if object_id < len(self._agents) else 0
        return self._agent_ids[number] if number else ""

    def note_agent(self, object_id: int, number: int) -> None:
        """An object belongs to the agent of that number; 0: it is gone."""
        short = object_id + 1 - len(self._agents)
        if short > 0:
            self._agents.frombytes(bytes(self._agents.itemsize * (short + ROOM)))
        self._agents[object_id] = number

    def prefetch(self, numbers: Sequence[int], agents: Collection[str] = ()) -> None:
        items = self.fetch(numbers)
        entries = self._fetch_mv({item.mv_id for item in items if item.mv_id})
        wanted = {number for number, agent_id in self._agent_ids.items() if agent_id in agents}
        known = self._agents
        self._page = [*items, *entries, *self.fetch([link for entry in entries for link in entry.links if known[link] in wanted])]

    def fetch(self, numbers: Iterable[int]) -> list[CsObject]:
        found = [(number, self.live.get(number)) for number in numbers]
        read = [self._loaded(row) for row in self.select(f"{LOAD} IN", [number for number, item in found if item is None])]
        return [*(item for _unused, item in found if item is not None), *read]

    def _fetch_mv(self, numbers: Iterable[int]) -> list[MvObject]:
        found = [(number, self.live_mv.get(number)) for number in numbers]
        rows = self.select("SELECT id, body FROM mv WHERE id IN", [number for number, item in found if item is None])
        return [*(item for _unused, item in found if item is not None), *(self._metaverse.read(*row) for row in rows)]

    def select(self, query: str, values: Iterable[Any], *first: Any) -> Iterator[tuple[Any, ...]]:
        """The rows of a query that ends in IN, chunk by chunk; `first` are parameters before the values."""
        left = iter(values)
        marks = f"{query} ({','.join('?' * CHUNK)})"
        while chunk := list(islice(left, CHUNK)):
            chunk += [None] * (CHUNK - len(chunk))
            yield from self.connection.execute(marks, (*first, *chunk)).fetchall()

    def hold(self, item: object) -> None:
        """Keeps an object at hand for a while."""
        self._young.append(item)
        if len(self._young) > AT_HAND:
            self._old, self._young = self._young, []

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

    def waits(self, space: SqliteSpace, number: int) -> bool:
        """Whether an object was saved and is not written."""
        waiting = self._waiting.get(space)
        return waiting is not None and number in waiting

    def forget_cs(self, number: int) -> None:
        for waiting in self._waiting.values():
            waiting.pop(number, None)
        self.live.pop(number)
        self.note_agent(number, 0)
        self.connection.execute("DELETE FROM cs WHERE id=?", (number,))

    def forget_mv(self, number: int) -> None:
        self._waiting_mv.pop(number, None)
        self.live_mv.pop(number)
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
            rows = [(number, pack_mv(item, self.shapes)) for number, item in self._waiting_mv.items()]
            self.connection.executemany("INSERT INTO mv (id, body) VALUES (?,?) ON CONFLICT (id) DO UPDATE SET body=excluded.body", rows)
            for entry in self._waiting_mv.values():
                self.hold(entry)
            self._waiting_mv.clear()
        self._count = 0

    # Transactions

    def commit(self) -> None:
        super().commit()
        self._since += 1
        if self._since >= CHECKPOINT_EVERY:
            self._keep()
        elif self._count > BATCH:
            self.flush()

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

    def copy_to(self, path: Path) -> SqliteStore:
        """Another store in a new file, with the same objects under the same numbers. What was done here until now is kept first."""
        self.checkpoint(whole=True)
        self.connection.execute("COMMIT")
        target = sqlite3.connect(path)
        try:
            self.connection.backup(target)
        finally:
            target.close()
            self.connection.execute("BEGIN IMMEDIATE")
        return SqliteStore(path)

    def close(self) -> None:
        """Keeps everything and closes the file."""
        self.checkpoint(whole=True)
        self.connection.execute("COMMIT")
        self.connection.close()
