# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The metaverse in the file store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from .memory import NO_NAMES
from .objects import MV_STATE, Attributes, Lineage, MvObject, mv_state
from .sqlite_rows import unpack_mv, value_key
from .systems.base import Value, Values

if TYPE_CHECKING:
    from .sqlite_store import SqliteStore


class SqliteMetaverse:
    """Implements `store.MetaverseSpace`. An attribute is indexed when it is searched for the first time."""

    def __init__(self, store: SqliteStore, indexed: Iterable[str]) -> None:
        self.store = store
        self.reference_names: Mapping[str, frozenset[str]] = {}
        self.indexed = set(indexed)

    def __len__(self) -> int:
        self.store.flush()
        return int(self.store.connection.execute("SELECT count(*) FROM mv").fetchone()[0])

    def new(self, object_type: str) -> MvObject:
        item = MvObject(self.store.next_object(), object_type)
        if self.store.journal.active:
            self.store.journal.keep(self, item, None)
        self._enter(item)
        return item

    def _enter(self, item: MvObject) -> None:
        item.indexed = True
        self.store.live_mv[item.id] = item
        self.store.dirty_mv(item)

    def get(self, object_id: int) -> MvObject | None:
        found = self.store.live_mv.get(object_id)
        if found is not None:
            return found
        row = self.store.connection.execute("SELECT body FROM mv WHERE id=?", (object_id,)).fetchone()
        if row is None:
            return None
        item = unpack_mv(object_id, row[0])
        item.indexed = True
        self.store.live_mv[object_id] = item
        self.store.hold(item)
        return item

    def write(self, item: MvObject, values: Mapping[str, Values], lineage: Mapping[str, Lineage], dates: Mapping[str, float] | None = None) -> None:
        self._touch(item)
        self._reindex(item, item.values, values)
        item.values, item.lineage = values, lineage
        if dates is not None:
            item.dates = dates
        self.store.dirty_mv(item)

    def link(self, item: MvObject, links: tuple[int, ...]) -> None:
        self._touch(item)
        item.links = links
        self.store.dirty_mv(item)

    def remove(self, item: MvObject) -> None:
        self._touch(item)
        self._drop(item)

    def _drop(self, item: MvObject) -> None:
        self._reindex(item, item.values, {})
        item.indexed = None
        self.store.forget_mv(item.id)

    def _touch(self, item: MvObject) -> None:
        if self.store.journal.active:
            self.store.journal.keep(self, item, mv_state(item))

    def _reindex(self, item: MvObject, old: Attributes, new: Attributes) -> None:
        for name in self.indexed:
            before, after = old.get(name, ()), new.get(name, ())
            if before != after:
                self._unlist(item.id, name, before)
                self._list(item.id, name, after)
        names = self.reference_names.get(item.type.lower(), NO_NAMES)
        if any(old.get(name) != new.get(name) for name in names):
            self._move_references(item.id, _targets(old, names), _targets(new, names))

    def _list(self, number: int, name: str, values: Values) -> None:
        self.store.connection.executemany("INSERT OR IGNORE INTO mv_find VALUES (?,?,?)", [(name, value_key(value), number) for value in values])

    def _unlist(self, number: int, name: str, values: Values) -> None:
        rows = [(name, value_key(value), number) for value in values]
        self.store.connection.executemany("DELETE FROM mv_find WHERE attribute=? AND key=? AND id=?", rows)

    def _move_references(self, number: int, before: set[int], after: set[int]) -> None:
        execute = self.store.connection.executemany
        execute("DELETE FROM mv_refs WHERE target=? AND source=?", [(target, number) for target in before - after])
        execute("INSERT OR IGNORE INTO mv_refs VALUES (?,?)", [(target, number) for target in after - before])

    def find(self, attribute: str, value: Value) -> Iterable[MvObject]:
        if attribute not in self.indexed:
            self.indexed.add(attribute)
            for item in self.all():
                self._list(item.id, attribute, item.values.get(attribute, ()))
        query = "SELECT id FROM mv_find WHERE attribute=? AND key=? ORDER BY id"
        return self._objects([row[0] for row in self.store.connection.execute(query, (attribute, value_key(value)))])

    def referrers(self, item: MvObject) -> Iterable[MvObject]:
        rows = self.store.connection.execute("SELECT source FROM mv_refs WHERE target=? ORDER BY source", (item.id,))
        return self._objects([row[0] for row in rows])

    def _objects(self, numbers: Iterable[int]) -> list[MvObject]:
        return [item for item in map(self.get, numbers) if item is not None]

    def all(self) -> Iterator[MvObject]:
        self.store.flush()
        numbers = [row[0] for row in self.store.connection.execute("SELECT id FROM mv ORDER BY id")]
        return (item for item in map(self.get, numbers) if item is not None)

    def restore(self, item: MvObject, state: tuple[Any, ...] | None) -> None:
        """Puts an object back as it was; None: it was not there."""
        if item.indexed is not None:
            self._drop(item)
        if state is None:
            return
        for name, value in zip(MV_STATE, state, strict=True):
            setattr(item, name, value)
        self._enter(item)
        self._reindex(item, {}, item.values)


def _targets(values: Attributes, names: frozenset[str]) -> set[int]:
    return {cast("int", target) for name in names for target in values.get(name, ())}
