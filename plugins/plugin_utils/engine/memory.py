# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The store that keeps everything in memory. It can be pickled between runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from .objects import CS_STATE, DELETE, FILTERED, MV_STATE, NORMAL, OBSOLETE, Attributes, CsObject, Lineage, MvObject, cs_state, mv_state
from .systems.base import Value, Values
from .values import depth, parent_of

if TYPE_CHECKING:
    from .history import RunDetails

NO_NAMES: frozenset[str] = frozenset()
NO_TARGETS: frozenset[int] = frozenset()
PENDING_IMPORT, PENDING_EXPORT, DISCONNECTOR, PLACEHOLDER, FILTERED_OUT, ESCROWED, EVALUATE = 1, 2, 4, 8, 16, 32, 64
LISTS = (PENDING_IMPORT, PENDING_EXPORT, DISCONNECTOR, PLACEHOLDER, FILTERED_OUT, ESCROWED, EVALUATE)
DELTA_LISTS = PENDING_IMPORT | DISCONNECTOR | FILTERED_OUT | EVALUATE


class Journal:
    """What has to be put back when a transaction fails: objects with their state before, None for new ones."""

    __slots__ = ("active", "before")

    def __init__(self) -> None:
        self.active = False
        self.before: dict[int, tuple[Any, tuple[Any, ...] | None]] = {}

    def keep(self, owner: Any, item: Any, state: tuple[Any, ...] | None) -> None:
        self.before.setdefault(id(item), ((owner, item), state))


def key_of(value: Value) -> Value:
    """Text compares without regard to case, as the database's collation does."""
    return value.casefold() if isinstance(value, str) else value


def lists_of(item: CsObject) -> int:
    """The lists that an object stands on, as bits."""
    if item.placeholder:
        return PLACEHOLDER
    lists = PENDING_IMPORT if item.import_op else 0
    if item.export_op:
        lists |= PENDING_EXPORT
    if not item.mv_id and item.state == NORMAL and not lists:
        lists |= DISCONNECTOR
    if item.state == FILTERED and not item.import_op:
        lists |= FILTERED_OUT
    if item.escrowed_op:
        lists |= ESCROWED
    if item.evaluate:
        lists |= EVALUATE
    return lists


def targets_of(item: CsObject, names: frozenset[str]) -> frozenset[int]:
    """The objects that this one refers to in any part of its tower."""
    if not names:
        return NO_TARGETS
    found: set[int] = set()
    for part in (item.hologram, item.staged, item.export, item.escrowed, item.unconfirmed):
        if part:
            for name in names:
                values = part.get(name)
                if values:
                    found.update(cast("tuple[int, ...]", values))
    return frozenset(found) if found else NO_TARGETS


class MemorySpace:
    """One agent's connector space with its indexes."""

    def __init__(self, store: MemoryStore, agent_id: str) -> None:
        self.store = store
        self.agent_id = agent_id
        self.objects: dict[int, CsObject] = {}
        self.anchors: dict[str, CsObject] = {}
        self.names: dict[str, CsObject] = {}
        self.lists: dict[int, dict[int, CsObject]] = {bit: {} for bit in LISTS}
        self.incoming: dict[int, set[int]] = {}
        # Numbers of the objects directly below a name.
        self.contents: dict[str, set[int]] = {}
        self.reference_names: Mapping[str, frozenset[str]] = {}

    def __len__(self) -> int:
        return len(self.objects)

    def new(self, partition_id: str, object_type: str, dn: str, anchor: str = "") -> CsObject:
        item = CsObject(self.store.next_object(), self.agent_id, partition_id, object_type, dn, anchor=anchor)
        if self.store.journal.active:
            self.store.journal.keep(self, item, None)
        self.insert(item)
        return item

    def insert(self, item: CsObject) -> None:
        self.objects[item.id] = item
        self.store.objects[item.id] = item
        self.save(item)

    def by_anchor(self, anchor: str) -> CsObject | None:
        return self.anchors.get(anchor)

    def by_dn(self, dn: str) -> CsObject | None:
        return self.names.get(dn.casefold())

    def touch(self, item: CsObject) -> None:
        if self.store.journal.active:
            self.store.journal.keep(self, item, cs_state(item))

    def save(self, item: CsObject) -> None:
        dn_key = item.dn.casefold()
        lists = lists_of(item)
        targets = targets_of(item, self.reference_names.get(item.type.lower(), NO_NAMES))
        old = item.indexed
        if old is None:
            old = (None, None, 0, NO_TARGETS)
        if old[0] != item.anchor:
            self._replace(self.anchors, old[0], item.anchor, item)
        if old[1] != dn_key:
            self._replace(self.names, old[1], dn_key, item)
            self._move_below(item.id, old[1] or "", dn_key)
        if old[2] != lists:
            self._move_lists(item, lists)
        if old[3] != targets:
            self._move_targets(item.id, old[3], targets)
        item.indexed = (item.anchor, dn_key, lists, targets)

    def remove(self, item: CsObject) -> None:
        self.touch(item)
        self._drop(item)

    def _drop(self, item: CsObject) -> None:
        anchor, dn_key, _unused, targets = item.indexed
        self._replace(self.anchors, anchor, None, item)
        self._replace(self.names, dn_key, None, item)
        self._move_below(item.id, dn_key, "")
        self._move_lists(item, 0)
        self._move_targets(item.id, targets, NO_TARGETS)
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

    def _move_targets(self, item_id: int, old: frozenset[int], new: frozenset[int]) -> None:
        for target in old - new:
            members = self.incoming.get(target)
            if members is not None:
                members.discard(item_id)
                if not members:
                    del self.incoming[target]
        for target in new - old:
            self.incoming.setdefault(target, set()).add(item_id)

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

    def met(self, item: CsObject, batch: int) -> None:
        item.seen = batch

    def unseen(self, partition_id: str, batch: int) -> Iterable[CsObject]:
        return [item for item in self.objects.values() if item.seen != batch and item.partition_id == partition_id and not item.placeholder]

    def exports_due(self, partition_id: str) -> Sequence[int]:
        found = [item for item in self.lists[PENDING_EXPORT].values() if item.partition_id == partition_id]
        return [item.id for item in sorted(found, key=lambda item: (item.export_op == DELETE, item.id))]

    def escrowed(self) -> Iterable[CsObject]:
        return list(self.lists[ESCROWED].values())

    def placeholders(self) -> Iterable[CsObject]:
        return list(self.lists[PLACEHOLDER].values())

    def referrers(self, item: CsObject) -> Iterable[CsObject]:
        return [self.objects[number] for number in sorted(self.incoming.get(item.id, ()))]

    def restore(self, item: CsObject, state: tuple[Any, ...] | None) -> None:
        """Puts an object back as it was; None: it was not there."""
        if state is None:
            if item.indexed is not None:
                self._drop(item)
            return
        for name, value in zip(CS_STATE, state, strict=True):
            setattr(item, name, value)
        self.insert(item)


class MemoryMetaverse:
    """The metaverse. An index of an attribute is made when it is searched for the first time."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.objects: dict[int, MvObject] = {}
        self.indexes: dict[str, dict[Value, dict[int, MvObject]]] = {}
        self.incoming: dict[int, set[int]] = {}
        self.reference_names: Mapping[str, frozenset[str]] = {}

    def __len__(self) -> int:
        return len(self.objects)

    def new(self, object_type: str) -> MvObject:
        item = MvObject(self.store.next_object(), object_type)
        if self.store.journal.active:
            self.store.journal.keep(self, item, None)
        self.objects[item.id] = item
        return item

    def get(self, object_id: int) -> MvObject | None:
        return self.objects.get(object_id)

    def write(self, item: MvObject, values: Mapping[str, Values], lineage: Mapping[str, Lineage], dates: Mapping[str, float] | None = None) -> None:
        self._touch(item)
        self._reindex(item, item.values, values)
        item.values, item.lineage = values, lineage
        if dates is not None:
            item.dates = dates

    def link(self, item: MvObject, links: tuple[int, ...]) -> None:
        self._touch(item)
        item.links = links

    def remove(self, item: MvObject) -> None:
        self._touch(item)
        self._drop(item)

    def _drop(self, item: MvObject) -> None:
        self._reindex(item, item.values, {})
        self.objects.pop(item.id, None)

    def _touch(self, item: MvObject) -> None:
        if self.store.journal.active:
            self.store.journal.keep(self, item, mv_state(item))

    def _reindex(self, item: MvObject, old: Attributes, new: Attributes) -> None:
        for name, index in self.indexes.items():
            before, after = old.get(name, ()), new.get(name, ())
            if before != after:
                self._unlist(index, item, before)
                for value in after:
                    index[key_of(value)][item.id] = item
        names = self.reference_names.get(item.type.lower(), NO_NAMES)
        if any(old.get(name) != new.get(name) for name in names):
            self._move_references(item.id, self._targets(old, names), self._targets(new, names))

    @staticmethod
    def _targets(values: Attributes, names: frozenset[str]) -> set[int]:
        return {cast("int", target) for name in names for target in values.get(name, ())}

    @staticmethod
    def _unlist(index: dict[Value, dict[int, MvObject]], item: MvObject, values: Values) -> None:
        for value in values:
            members = index.get(key_of(value))
            if members is not None:
                members.pop(item.id, None)
                if not members:
                    del index[key_of(value)]

    def _move_references(self, item_id: int, before: set[int], after: set[int]) -> None:
        for target in before - after:
            members = self.incoming.get(target)
            if members is not None:
                members.discard(item_id)
                if not members:
                    del self.incoming[target]
        for target in after - before:
            self.incoming.setdefault(target, set()).add(item_id)

    def find(self, attribute: str, value: Value) -> Iterable[MvObject]:
        index = self.indexes.get(attribute)
        if index is None:
            index = defaultdict(dict)
            for item in self.objects.values():
                for held in item.values.get(attribute, ()):
                    index[key_of(held)][item.id] = item
            self.indexes[attribute] = index
        members = index.get(key_of(value))
        return [members[number] for number in sorted(members)] if members else []

    def referrers(self, item: MvObject) -> Iterable[MvObject]:
        return [self.objects[number] for number in sorted(self.incoming.get(item.id, ())) if number in self.objects]

    def all(self) -> Iterable[MvObject]:
        return list(self.objects.values())

    def restore(self, item: MvObject, state: tuple[Any, ...] | None) -> None:
        if state is None:
            if item.id in self.objects:
                self._drop(item)
            return
        if item.id in self.objects:
            self._drop(item)
        for name, value in zip(MV_STATE, state, strict=True):
            setattr(item, name, value)
        self.objects[item.id] = item
        self._reindex(item, {}, item.values)


class MemoryStore:
    """Implements `store.Store`."""

    def __init__(self) -> None:
        self.objects: dict[int, CsObject] = {}
        self.spaces: dict[str, MemorySpace] = {}
        self.numbers: dict[str, int] = {}
        self.watermarks: dict[tuple[str, str], str] = {}
        self.runs: list[RunDetails] = []
        self.provisioning_retries: set[int] = set()
        self.inbound_retries: dict[int, None] = {}
        self.outbound_retries: dict[int, None] = {}
        self.journal = Journal()
        self._metaverse = MemoryMetaverse(self)
        self._references: Mapping[str, Mapping[str, frozenset[str]]] = {}
        self._last_object = 0

    @property
    def metaverse(self) -> MemoryMetaverse:
        return self._metaverse

    def space(self, agent_id: str) -> MemorySpace:
        space = self.spaces.get(agent_id)
        if space is None:
            space = self.spaces[agent_id] = MemorySpace(self, agent_id)
            space.reference_names = self._references.get(agent_id, {})
        return space

    def cs_object(self, object_id: int) -> CsObject | None:
        return self.objects.get(object_id)

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

    def begin(self) -> None:
        self.journal.active = True
        self.journal.before.clear()

    def commit(self) -> None:
        self.journal.active = False
        self.journal.before.clear()

    def rollback(self) -> None:
        self.journal.active = False
        for (owner, item), state in reversed(list(self.journal.before.values())):
            owner.restore(item, state)
        self.journal.before.clear()

    def checkpoint(self, *, whole: bool = False) -> None:
        """Nothing: this store does not outlive the process."""

    def agents(self) -> Iterator[str]:
        return iter(self.spaces)
