# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The metaverse in the file store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .objects import MvObject
from .sqlite_rows import unpack_mv, value_key
from .store_base import BaseMetaverse
from .systems.base import Value, Values

if TYPE_CHECKING:
    from .sqlite_store import SqliteStore


class SqliteMetaverse(BaseMetaverse):
    """Implements `store.MetaverseSpace`. An attribute is indexed when it is searched for the first time."""

    def __init__(self, store: SqliteStore, indexed: Iterable[str]) -> None:
        super().__init__(store)
        self.store = store
        self.indexed = set(indexed)

    def __len__(self) -> int:
        self.store.flush()
        return int(self.store.connection.execute("SELECT count(*) FROM mv").fetchone()[0])

    def get(self, object_id: int) -> MvObject | None:
        found = self.store.live_mv.get(object_id)
        if found is not None:
            return found
        row = self.store.connection.execute("SELECT body FROM mv WHERE id=?", (object_id,)).fetchone()
        if row is None:
            return None
        item = self.read(object_id, row[0])
        self.store.hold(item)
        return item

    def read(self, object_id: int, body: bytes) -> MvObject:
        """An object out of the file."""
        item = unpack_mv(object_id, body, self.store.shapes)
        item.indexed = True
        self.store.live_mv.put(item)
        return item

    def _keep(self, item: MvObject) -> None:
        self.store.live_mv.put(item)
        self.store.dirty_mv(item)

    def _changed(self, item: MvObject) -> None:
        self.store.dirty_mv(item)

    def _forget(self, item: MvObject) -> None:
        self.store.forget_mv(item.id)

    def _searched(self) -> list[str]:
        return list(self.indexed)

    def _list(self, item: MvObject, name: str, values: Values) -> None:
        self.store.connection.executemany("INSERT OR IGNORE INTO mv_find VALUES (?,?,?)", [(name, value_key(value), item.id) for value in values])

    def _unlist(self, item: MvObject, name: str, values: Values) -> None:
        rows = [(name, value_key(value), item.id) for value in values]
        self.store.connection.executemany("DELETE FROM mv_find WHERE attribute=? AND key=? AND id=?", rows)

    def _move_references(self, number: int, gone: set[int], come: set[int]) -> None:
        execute = self.store.connection.executemany
        execute("DELETE FROM mv_refs WHERE target=? AND source=?", [(target, number) for target in gone])
        execute("INSERT OR IGNORE INTO mv_refs VALUES (?,?)", [(target, number) for target in come])

    def find(self, attribute: str, value: Value) -> Iterable[MvObject]:
        if attribute not in self.indexed:
            self.indexed.add(attribute)
            for item in self.all():
                self._list(item, attribute, item.values.get(attribute, ()))
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
