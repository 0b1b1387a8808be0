# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The store that keeps everything in memory. It can be pickled between runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from .objects import DELETE, OBSOLETE, CsObject, MvObject
from .store_base import (
    DISCONNECTOR,
    ESCROWED,
    EVALUATE,
    FILTERED_OUT,
    LISTS,
    NO_TARGETS,
    PENDING_EXPORT,
    PENDING_IMPORT,
    PLACEHOLDER,
    BaseMetaverse,
    BaseSpace,
    BaseStore,
    key_of,
    lists_of,
    targets_of,
    tower_of,
)
from .systems.base import Value, Values
from .values import depth, parent_of


class MemorySpace(BaseSpace):
    """Implements `store.ConnectorSpace`. `indexed` of an object: its anchor, name, lists and targets in the indexes."""

    def __init__(self, store: MemoryStore, agent_id: str) -> None:
        super().__init__(store, agent_id)
        self.store = store
        self.objects: dict[int, CsObject] = {}
        self.anchors: dict[str, CsObject] = {}
        self.names: dict[str, CsObject] = {}
        self.lists: dict[int, dict[int, CsObject]] = {bit: {} for bit in LISTS}
        self.incoming: dict[int, set[int]] = {}
        # Numbers of the objects directly below a name.
        self.contents: dict[str, set[int]] = {}

    def __len__(self) -> int:
        return len(self.objects)

    def _enter(self, item: CsObject) -> None:
        self.objects[item.id] = item
        self.store.objects[item.id] = item
        self.save(item)

    def by_anchor(self, anchor: str) -> CsObject | None:
        return self.anchors.get(anchor)

    def by_dn(self, dn: str) -> CsObject | None:
        return self.names.get(dn.casefold())

    def number_of(self, dn: str) -> int:
        found = self.names.get(dn.casefold())
        return found.id if found is not None else 0

    def marks(self, anchors: Iterable[str]) -> None:
        """None: objects are at hand, comparing them is as cheap as comparing fingerprints."""

    def save(self, item: CsObject) -> None:
        dn_key = item.dn.casefold()
        lists = lists_of(item)
        targets = targets_of(tower_of(item), self.references_of(item))
        old = item.indexed or (None, None, 0, NO_TARGETS)
        if old[0] != item.anchor:
            self._replace(self.anchors, old[0], item.anchor, item)
        if old[1] != dn_key:
            self._replace(self.names, old[1], dn_key, item)
            self._move_below(item.id, old[1] or "", dn_key)
        if old[2] != lists:
            self._move_lists(item, lists)
        if old[3] != targets:
            move(self.incoming, item.id, old[3] - targets, targets - old[3])
        item.indexed = (item.anchor, dn_key, lists, targets)

    def _drop(self, item: CsObject) -> None:
        anchor, dn_key, _unused, targets = item.indexed
        self._replace(self.anchors, anchor, None, item)
        self._replace(self.names, dn_key, None, item)
        self._move_below(item.id, dn_key, "")
        self._move_lists(item, 0)
        move(self.incoming, item.id, targets, NO_TARGETS)
        item.indexed = None
        self.objects.pop(item.id, None)
        self.store.objects.pop(item.id, None)

    @staticmethod
    def _replace(index: dict[str, CsObject], old: str | None, new: str | None, item: CsObject) -> None:
        if old and index.get(old) is item:
            del index[old]
        if new:
            index[new] = item

    def _move_below(self, number: int, old: str, new: str) -> None:
        before, after = parent_of(old), parent_of(new)
        if before == after:
            return
        members = self.contents.get(before)
        if members is not None:
            members.discard(number)
            if not members:
                del self.contents[before]
        if after:
            self.contents.setdefault(after, set()).add(number)

    def has_children(self, item: CsObject) -> bool:
        return item.dn.casefold() in self.contents

    def _move_lists(self, item: CsObject, lists: int) -> None:
        for bit, members in self.lists.items():
            if lists & bit:
                members[item.id] = item
            else:
                members.pop(item.id, None)

    def all(self) -> Iterable[CsObject]:
        return list(self.objects.values())

    def pending_imports(self) -> Iterable[CsObject]:
        return list(self.lists[PENDING_IMPORT].values())

    def pending_exports(self) -> Iterable[CsObject]:
        return list(self.lists[PENDING_EXPORT].values())

    def due(self, partition_id: str, *, full: bool, parents_first: bool, also: Collection[int] = ()) -> Sequence[int]:
        found: dict[int, CsObject] = {}
        if full:
            found = self.objects
        else:
            for bit in (PENDING_IMPORT, DISCONNECTOR, FILTERED_OUT, EVALUATE):
                found.update(self.lists[bit])
            found.update((number, self.objects[number]) for number in also if number in self.objects)
        keys = [
            (item.import_op == OBSOLETE, depth(item.dn) if parents_first else 0, item.id)
            for item in found.values()
            if not item.placeholder and item.partition_id == partition_id
        ]
        return [key[2] for key in sorted(keys)]

    def unseen(self, partition_id: str, met: Collection[int]) -> Iterable[CsObject]:
        return [item for item in self.objects.values() if item.id not in met and item.partition_id == partition_id and not item.placeholder]

    def exports_due(self, partition_id: str) -> Sequence[int]:
        found = [item for item in self.lists[PENDING_EXPORT].values() if item.partition_id == partition_id]
        return [item.id for item in sorted(found, key=lambda item: (item.export_op == DELETE, item.id))]

    def escrowed(self) -> Iterable[CsObject]:
        return list(self.lists[ESCROWED].values())

    def placeholders(self) -> Iterable[CsObject]:
        return list(self.lists[PLACEHOLDER].values())

    def referrers(self, item: CsObject) -> Iterable[CsObject]:
        return [self.objects[number] for number in sorted(self.incoming.get(item.id, ()))]


class MemoryMetaverse(BaseMetaverse):
    """Implements `store.MetaverseSpace`. An index of an attribute is made when it is searched for the first time."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.objects: dict[int, MvObject] = {}
        self.indexes: dict[str, dict[Value, dict[int, MvObject]]] = {}
        self.incoming: dict[int, set[int]] = {}

    def __len__(self) -> int:
        return len(self.objects)

    def get(self, object_id: int) -> MvObject | None:
        return self.objects.get(object_id)

    def _keep(self, item: MvObject) -> None:
        self.objects[item.id] = item

    def _changed(self, item: MvObject) -> None:
        """The object is the store's own."""

    def _forget(self, item: MvObject) -> None:
        self.objects.pop(item.id, None)

    def _searched(self) -> list[str]:
        return list(self.indexes)

    def _list(self, item: MvObject, name: str, values: Values) -> None:
        for value in values:
            self.indexes[name][key_of(value)][item.id] = item

    def _unlist(self, item: MvObject, name: str, values: Values) -> None:
        index = self.indexes[name]
        for value in values:
            members = index.get(key_of(value))
            if members is not None:
                members.pop(item.id, None)
                if not members:
                    del index[key_of(value)]

    def _move_references(self, number: int, gone: set[int], come: set[int]) -> None:
        move(self.incoming, number, gone, come)

    def find(self, attribute: str, value: Value) -> Iterable[MvObject]:
        if attribute not in self.indexes:
            self.indexes[attribute] = defaultdict(dict)
            for item in self.objects.values():
                self._list(item, attribute, item.values.get(attribute, ()))
        members = self.indexes[attribute].get(key_of(value))
        return [members[number] for number in sorted(members)] if members else []

    def referrers(self, item: MvObject) -> Iterable[MvObject]:
        return [self.objects[number] for number in sorted(self.incoming.get(item.id, ())) if number in self.objects]

    def all(self) -> Iterable[MvObject]:
        return list(self.objects.values())


class MemoryStore(BaseStore[MemorySpace]):
    """Implements `store.Store`."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[int, CsObject] = {}
        self._metaverse = MemoryMetaverse(self)

    @property
    def metaverse(self) -> MemoryMetaverse:
        return self._metaverse

    def _new_space(self, agent_id: str) -> MemorySpace:
        return MemorySpace(self, agent_id)

    def prepare(self, references: Mapping[str, Mapping[str, frozenset[str]]], mv_references: Mapping[str, frozenset[str]]) -> None:
        super().prepare(references, mv_references)
        self._metaverse.reference_names = mv_references

    def cs_object(self, object_id: int) -> CsObject | None:
        return self.objects.get(object_id)

    def agent_of(self, object_id: int) -> str:
        found = self.objects.get(object_id)
        return found.agent_id if found is not None else ""

    def prefetch(self, numbers: Sequence[int], agents: Collection[str] = ()) -> None:
        """Nothing: all is at hand."""

    def checkpoint(self, *, whole: bool = False) -> None:
        """Nothing: this store does not outlive the process."""


def move(incoming: dict[int, set[int]], number: int, gone: Collection[int], come: Collection[int]) -> None:
    """An object does not refer to some any more, and to others from now on."""
    for target in gone:
        members = incoming.get(target)
        if members is not None:
            members.discard(number)
            if not members:
                del incoming[target]
    for target in come:
        incoming.setdefault(target, set()).add(number)
