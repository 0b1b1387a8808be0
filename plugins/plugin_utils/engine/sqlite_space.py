# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connector spaces in the file store.

Objects in use live in memory once each; what was saved goes to the file in batches. References and removals go at once,
so that they can be asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .objects import OBSOLETE, CsObject
from .sqlite_rows import name_key, pack_cs
from .store_base import (
    DELTA_LISTS,
    ESCROWED,
    NO_TARGETS,
    PENDING_DELETION,
    PENDING_EXPORT,
    PENDING_IMPORT,
    PLACEHOLDER,
    BaseSpace,
    Tower,
    lists_of,
    targets_of,
    tower_of,
)
from .values import depth, parent_of

if TYPE_CHECKING:
    from .sqlite_store import SqliteStore

SETTLED, UNSETTLED = b"\x01", b"\x00"
PAGE = 250
# Names whose numbers are remembered.
KNOWN_NAMES = 20_000
NOTHING_HELD: Tower = (None, None, None, None, None)
WHOLE = (
    "INSERT INTO cs (part, anchor, dn, parent, lists, absent, depth, mv, mark, body, id, agent) VALUES (?,?,?,?,?,?,?,?,?,?,?,?) "
    "ON CONFLICT (id) DO UPDATE SET part=excluded.part, anchor=excluded.anchor, dn=excluded.dn, parent=excluded.parent, lists=excluded.lists, "
    "absent=excluded.absent, depth=excluded.depth, mv=excluded.mv, mark=excluded.mark, body=excluded.body"
)
BODY_ONLY = "UPDATE cs SET mv=?, mark=?, body=? WHERE id=?"


class SqliteSpace(BaseSpace):
    """Implements `store.ConnectorSpace`. `indexed` of an object: its columns in the file (None for none), and the tower that its references are noted of."""

    def __init__(self, store: SqliteStore, agent_id: str, number: int) -> None:
        super().__init__(store, agent_id)
        self.store = store
        self.number = number
        # What is saved and not written, by anchor and by name.
        self.anchors: dict[str, CsObject] = {}
        self.names: dict[bytes, CsObject] = {}
        # Numbers by name as the file has them, of objects that are not waiting to be written.
        self._known: dict[bytes, int] = {}
        # What `marks` answered last: number -> anchor.
        self._marked: dict[int, str] = {}
        self._marks: dict[str, tuple[int, bytes]] = {}

    def __len__(self) -> int:
        return sum(1 for _unused in self._numbers(""))

    def _enter(self, item: CsObject) -> None:
        self.store.live.put(item)
        self.store.note_agent(item.id, self.number)
        self.save(item)

    # Looking up

    def by_anchor(self, anchor: str) -> CsObject | None:
        found = self.anchors.get(anchor)
        if found is not None and found.anchor == anchor and found.indexed is not None:
            return found
        return self._first("anchor", anchor_key(anchor), lambda item: item.anchor == anchor) if anchor else None

    def by_dn(self, dn: str) -> CsObject | None:
        key = name_key(dn)
        found = self.names.get(key)
        if found is not None and found.indexed is not None and name_key(found.dn) == key:
            return found
        return self._first("dn", key, lambda item: name_key(item.dn) == key)

    def _first(self, column: str, key: bytes, fits: Any) -> CsObject | None:
        """The object of that key; what was saved since may have changed it, then the file is brought up to date first."""
        query = f"SELECT id FROM cs WHERE agent=? AND {column}=? LIMIT 1"  # noqa: S608 - the column is one of two words of ours
        for _unused in range(2):
            row = self.store.connection.execute(query, (self.number, key)).fetchone()
            if row is None:
                return None
            item = self.store.cs_object(row[0])
            if item is not None and fits(item):
                return item
            self.store.flush()
        return None

    def number_of(self, dn: str) -> int:
        key = name_key(dn)
        found = self.names.get(key)
        if found is not None and found.indexed is not None and name_key(found.dn) == key:
            return found.id
        known = self._known.get(key)
        if known is not None:
            return known
        row = self.store.connection.execute("SELECT id FROM cs WHERE agent=? AND dn=? LIMIT 1", (self.number, key)).fetchone()
        if row is None:
            return 0
        if self.store.waits(self, row[0]):
            # Saved and not written: it may have another name by now.
            item = self.by_dn(dn)
            return item.id if item is not None else 0
        if len(self._known) >= KNOWN_NAMES:
            self._known.clear()
        self._known[key] = row[0]
        return int(row[0])

    def marks(self, anchors: Iterable[str]) -> Mapping[str, tuple[int, bytes]]:
        self._marked.clear()
        self._marks = {}
        for number, anchor, mark in self.store.select("SELECT id, anchor, mark FROM cs WHERE agent=? AND anchor IN", map(anchor_key, anchors), self.number):
            if mark is not None and mark[:1] == SETTLED and not self.store.waits(self, number):
                text = anchor.decode("utf-8", "surrogatepass")
                self._marks[text], self._marked[number] = (number, mark[1:]), text
        return self._marks

    # Changing

    def save(self, item: CsObject) -> None:
        columns, noted = item.indexed or (None, NOTHING_HELD)
        tower = tower_of(item)
        if any(now is not before for now, before in zip(tower, noted, strict=True)):
            names = self.references_of(item)
            self._move_targets(item.id, targets_of(noted, names), targets_of(tower, names))
        item.indexed = (columns, tower)
        if item.anchor:
            self.anchors[item.anchor] = item
        self.names[name_key(item.dn)] = item
        if columns is not None:
            self._known.pop(columns[2], None)
        if item.id in self._marked:
            self._marks.pop(self._marked.pop(item.id), None)
        self.store.dirty_cs(self, item)

    def _move_targets(self, number: int, old: frozenset[int], new: frozenset[int]) -> None:
        execute = self.store.connection.executemany
        if old - new:
            execute("DELETE FROM cs_refs WHERE target=? AND source=?", [(target, number) for target in old - new])
        if new - old:
            execute("INSERT OR IGNORE INTO cs_refs VALUES (?,?)", [(target, number) for target in new - old])

    @staticmethod
    def _columns(item: CsObject) -> tuple[Any, ...]:
        return (
            item.partition_id,
            anchor_key(item.anchor),
            name_key(item.dn),
            name_key(parent_of(item.dn)),
            lists_of(item),
            item.import_op == OBSOLETE,
            depth(item.dn),
        )

    def write(self, items: Iterable[CsObject]) -> None:
        """Writes saved objects to the file; keys that did not change are left alone."""
        whole, bodies = [], []
        shapes = self.store.shapes
        for item in items:
            columns = self._columns(item)
            rest = (item.mv_id, mark_of(item), pack_cs(item, shapes), item.id)
            if item.indexed[0] == columns:
                bodies.append(rest)
            else:
                whole.append((*columns, *rest, self.number))
                item.indexed = (columns, item.indexed[1])
        self.store.connection.executemany(WHOLE, whole)
        self.store.connection.executemany(BODY_ONLY, bodies)
        self.anchors.clear()
        self.names.clear()

    def _drop(self, item: CsObject) -> None:
        columns, noted = item.indexed
        self._move_targets(item.id, targets_of(noted, self.references_of(item)), NO_TARGETS)
        if columns is not None:
            self._known.pop(columns[2], None)
        if item.id in self._marked:
            self._marks.pop(self._marked.pop(item.id), None)
        item.indexed = None
        self.store.forget_cs(item.id)

    # Listing

    def _numbers(self, condition: str, *values: object) -> list[int]:
        self.store.flush()
        query = f"SELECT id FROM cs WHERE agent=? {condition}"  # noqa: S608 - conditions are ours, values are bound
        return [row[0] for row in self.store.connection.execute(query, (self.number, *values))]

    def _objects(self, numbers: Sequence[int]) -> Iterator[CsObject]:
        """Page by page; one that went meanwhile is left out."""
        for start in range(0, len(numbers), PAGE):
            page = {item.id: item for item in self.store.fetch(numbers[start : start + PAGE])}
            for number in numbers[start : start + PAGE]:
                if number in page and page[number].indexed is not None:
                    yield page[number]

    def _listed(self, bit: int) -> Iterator[CsObject]:
        return self._objects(self._numbers("AND lists <> 0 AND lists & ? ORDER BY id", bit))

    def all(self) -> Iterable[CsObject]:
        return self._objects(self._numbers("ORDER BY id"))

    def pending_imports(self) -> Iterable[CsObject]:
        return self._listed(PENDING_IMPORT)

    def pending_exports(self) -> Iterable[CsObject]:
        return self._listed(PENDING_EXPORT)

    def escrowed(self) -> Iterable[CsObject]:
        return self._listed(ESCROWED)

    def placeholders(self) -> Iterable[CsObject]:
        return self._listed(PLACEHOLDER)

    def exports_due(self, partition_id: str) -> Sequence[int]:
        order = f"ORDER BY lists & {PENDING_DELETION}, id"
        return self._numbers(f"AND part=? AND lists <> 0 AND lists & ? {order}", partition_id, PENDING_EXPORT)

    def due(self, partition_id: str, *, full: bool, parents_first: bool, also: Collection[int] = ()) -> Sequence[int]:
        order = "ORDER BY absent, depth, id" if parents_first else "ORDER BY absent, id"
        if full:
            return self._numbers(f"AND part=? AND lists & ? = 0 {order}", partition_id, PLACEHOLDER)
        if not also:
            return self._numbers(f"AND part=? AND lists <> 0 AND lists & ? {order}", partition_id, DELTA_LISTS)
        chosen = {*also, *self._numbers("AND part=? AND lists <> 0 AND lists & ?", partition_id, DELTA_LISTS)}
        return [number for number in self._numbers(f"AND part=? AND lists & ? = 0 {order}", partition_id, PLACEHOLDER) if number in chosen]

    def unseen(self, partition_id: str, met: Collection[int]) -> Iterable[CsObject]:
        there = self._numbers("AND part=? AND lists & ? = 0 ORDER BY id", partition_id, PLACEHOLDER)
        return self._objects([number for number in there if number not in met])

    def has_children(self, item: CsObject) -> bool:
        self.store.flush()
        query = "SELECT 1 FROM cs WHERE agent=? AND parent=? AND parent <> x'' LIMIT 1"
        return self.store.connection.execute(query, (self.number, name_key(item.dn))).fetchone() is not None

    def referrers(self, item: CsObject) -> Iterable[CsObject]:
        rows = self.store.connection.execute("SELECT source FROM cs_refs WHERE target=? ORDER BY source", (item.id,)).fetchall()
        return [found for found in self._objects([row[0] for row in rows]) if found.agent_id == self.agent_id]


def mark_of(item: CsObject) -> bytes | None:
    """The column: the fingerprint behind a byte that tells whether an import may rely on it now."""
    mark = item.fingerprint()
    return None if mark is None else (SETTLED if item.settled else UNSETTLED) + mark


def anchor_key(anchor: str) -> bytes:
    return anchor.encode("utf-8", "surrogatepass")
