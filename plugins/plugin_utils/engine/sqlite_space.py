# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connector spaces in the file store.

Objects in use live in memory once each; what was saved goes to the file in batches. References and removals go at once,
so that they can be asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .memory import DELTA_LISTS, ESCROWED, NO_NAMES, NO_TARGETS, PENDING_EXPORT, PENDING_IMPORT, PLACEHOLDER, lists_of, targets_of
from .objects import CS_STATE, DELETE, OBSOLETE, CsObject, cs_state
from .sqlite_rows import name_key, pack_cs
from .values import depth, parent_of

if TYPE_CHECKING:
    from .sqlite_store import SqliteStore

PAGE = 500
WHOLE = (
    "INSERT INTO cs (part, anchor, dn, parent, lists, absent, depth, seen, mv, body, id, agent) VALUES (?,?,?,?,?,?,?,?,?,?,?,?) "
    "ON CONFLICT (id) DO UPDATE SET "
    "part=excluded.part, anchor=excluded.anchor, dn=excluded.dn, parent=excluded.parent, lists=excluded.lists, absent=excluded.absent, depth=excluded.depth, "
    "seen=excluded.seen, mv=excluded.mv, body=excluded.body"
)
BODY_ONLY = "UPDATE cs SET seen=?, mv=?, body=? WHERE id=?"


class SqliteSpace:
    """One agent's connector space. Implements `store.ConnectorSpace`."""

    def __init__(self, store: SqliteStore, agent_id: str, number: int) -> None:
        self.store = store
        self.agent_id = agent_id
        self.number = number
        self.reference_names: Mapping[str, frozenset[str]] = {}
        # What is saved and not written, by anchor and by name.
        self.anchors: dict[str, CsObject] = {}
        self.names: dict[bytes, CsObject] = {}

    def __len__(self) -> int:
        return sum(1 for _unused in self._numbers(""))

    def new(self, partition_id: str, object_type: str, dn: str, anchor: str = "") -> CsObject:
        item = CsObject(self.store.next_object(), self.agent_id, partition_id, object_type, dn, anchor=anchor)
        if self.store.journal.active:
            self.store.journal.keep(self, item, None)
        self.store.live[item.id] = item
        self.save(item)
        return item

    # Looking up

    def by_anchor(self, anchor: str) -> CsObject | None:
        found = self.anchors.get(anchor)
        if found is not None and found.anchor == anchor and found.indexed is not None:
            return found
        key = anchor.encode("utf-8", "surrogatepass")
        return self._first("anchor", key, lambda item: item.anchor == anchor) if anchor else None

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

    # Changing

    def touch(self, item: CsObject) -> None:
        if self.store.journal.active:
            self.store.journal.keep(self, item, cs_state(item))

    def save(self, item: CsObject) -> None:
        targets = targets_of(item, self.reference_names.get(item.type.lower(), NO_NAMES))
        before = item.indexed
        if before is None:
            item.indexed = before = (None, NO_TARGETS)
        if before[1] != targets:
            self._move_targets(item.id, before[1], targets)
            item.indexed = (before[0], targets)
        if item.anchor:
            self.anchors[item.anchor] = item
        self.names[name_key(item.dn)] = item
        self.store.dirty_cs(self, item)

    def _move_targets(self, number: int, old: frozenset[int], new: frozenset[int]) -> None:
        execute = self.store.connection.executemany
        if old - new:
            execute("DELETE FROM cs_refs WHERE target=? AND source=?", [(target, number) for target in old - new])
        if new - old:
            execute("INSERT OR IGNORE INTO cs_refs VALUES (?,?)", [(target, number) for target in new - old])

    def loaded(self, item: CsObject, columns: tuple[Any, ...]) -> None:
        """An object that was read from the file: what the file holds of it is noted."""
        item.indexed = (columns, targets_of(item, self.reference_names.get(item.type.lower(), NO_NAMES)))

    @staticmethod
    def _columns(item: CsObject) -> tuple[Any, ...]:
        return (
            item.partition_id,
            item.anchor.encode("utf-8", "surrogatepass"),
            name_key(item.dn),
            name_key(parent_of(item.dn)),
            lists_of(item),
            item.import_op == OBSOLETE,
            depth(item.dn),
        )

    def write(self, items: Iterable[CsObject]) -> None:
        """Writes saved objects to the file; keys that did not change are left alone."""
        whole, bodies = [], []
        for item in items:
            columns = self._columns(item)
            rest = (item.seen, item.mv_id, pack_cs(item), item.id)
            if item.indexed[0] == columns:
                bodies.append(rest)
            else:
                whole.append((*columns, *rest, self.number))
                item.indexed = (columns, item.indexed[1])
        self.store.connection.executemany(WHOLE, whole)
        self.store.connection.executemany(BODY_ONLY, bodies)
        self.anchors.clear()
        self.names.clear()

    def met(self, item: CsObject, batch: int) -> None:
        item.seen = batch
        self.store.note_seen(item.id, batch)

    def remove(self, item: CsObject) -> None:
        self.touch(item)
        self._drop(item)

    def _drop(self, item: CsObject) -> None:
        self._move_targets(item.id, item.indexed[1], NO_TARGETS)
        item.indexed = None
        self.store.forget_cs(item.id)

    def restore(self, item: CsObject, state: tuple[Any, ...] | None) -> None:
        """Puts an object back as it was; None: it was not there."""
        if state is None:
            if item.indexed is not None:
                self._drop(item)
            return
        for name, value in zip(CS_STATE, state, strict=True):
            setattr(item, name, value)
        self.store.live[item.id] = item
        self.save(item)

    # Listing

    def _numbers(self, condition: str, *values: object) -> list[int]:
        self.store.flush()
        query = f"SELECT id FROM cs WHERE agent=? {condition}"  # noqa: S608 - conditions are ours, values are bound
        return [row[0] for row in self.store.connection.execute(query, (self.number, *values))]

    def _objects(self, numbers: Iterable[int]) -> Iterator[CsObject]:
        for number in numbers:
            item = self.store.cs_object(number)
            if item is not None:
                yield item

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
        numbers = self._numbers("AND part=? AND lists <> 0 AND lists & ? ORDER BY id", partition_id, PENDING_EXPORT)
        deletions = {item.id for item in self._objects(numbers) if item.export_op == DELETE}
        return [number for number in numbers if number not in deletions] + [number for number in numbers if number in deletions]

    def due(self, partition_id: str, *, full: bool, parents_first: bool, also: Collection[int] = ()) -> Sequence[int]:
        order = "ORDER BY absent, depth, id" if parents_first else "ORDER BY absent, id"
        if full:
            return self._numbers(f"AND part=? AND lists & ? = 0 {order}", partition_id, PLACEHOLDER)
        if not also:
            return self._numbers(f"AND part=? AND lists <> 0 AND lists & ? {order}", partition_id, DELTA_LISTS)
        chosen = {*also, *self._numbers("AND part=? AND lists <> 0 AND lists & ?", partition_id, DELTA_LISTS)}
        return [number for number in self._numbers(f"AND part=? AND lists & ? = 0 {order}", partition_id, PLACEHOLDER) if number in chosen]

    def unseen(self, partition_id: str, batch: int) -> Iterable[CsObject]:
        return self._objects(self._numbers("AND part=? AND seen <> ? AND lists & ? = 0 ORDER BY id", partition_id, batch, PLACEHOLDER))

    def has_children(self, item: CsObject) -> bool:
        self.store.flush()
        query = "SELECT 1 FROM cs WHERE agent=? AND parent=? AND parent <> x'' LIMIT 1"
        return self.store.connection.execute(query, (self.number, name_key(item.dn))).fetchone() is not None

    def referrers(self, item: CsObject) -> Iterable[CsObject]:
        rows = self.store.connection.execute("SELECT source FROM cs_refs WHERE target=? ORDER BY source", (item.id,)).fetchall()
        return [found for found in self._objects(row[0] for row in rows) if found.agent_id == self.agent_id]
