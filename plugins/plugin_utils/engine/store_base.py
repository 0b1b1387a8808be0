# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the stores have in common: transactions, numbers, and when which index of an object has to follow.

A store adds where objects lie and how its indexes are kept.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from .objects import CS_STATE, DELETE, FILTERED, MV_STATE, NORMAL, Attributes, CsObject, Lineage, MvObject, cs_state, mv_state
from .systems.base import Value, Values

if TYPE_CHECKING:
    from .history import RunDetails

NO_NAMES: frozenset[str] = frozenset()
NO_TARGETS: frozenset[int] = frozenset()
PENDING_IMPORT, PENDING_EXPORT, DISCONNECTOR, PLACEHOLDER, FILTERED_OUT, ESCROWED, EVALUATE, PENDING_DELETION = 1, 2, 4, 8, 16, 32, 64, 128
LISTS = (PENDING_IMPORT, PENDING_EXPORT, DISCONNECTOR, PLACEHOLDER, FILTERED_OUT, ESCROWED, EVALUATE)
DELTA_LISTS = PENDING_IMPORT | DISCONNECTOR | FILTERED_OUT | EVALUATE


class Journal:
    """What has to be put back when a transaction fails: objects with their state before, None for new ones."""

    __slots__ = ("active", "before")

    def __init__(self) -> None:
        self.active = False
        self.before: dict[int, tuple[Any, tuple[Any, ...] | None]] = {}

    def keep(self, owner: Any, item: Any, state_of: Callable[[Any], tuple[Any, ...]] | None) -> None:
        """Notes the state of an object once in a transaction; `state_of` None: it is new."""
        if self.active and id(item) not in self.before:
            self.before[id(item)] = ((owner, item), None if state_of is None else state_of(item))


def key_of(value: Value) -> Value:
    """Text compares without regard to case, as the database's collation does."""
    return value.casefold() if isinstance(value, str) else value


def lists_of(item: CsObject) -> int:
    """The lists that an object stands on, as bits."""
    if item.placeholder:
        return PLACEHOLDER
    lists = PENDING_IMPORT if item.import_op else 0
    if item.export_op:
        lists |= PENDING_EXPORT | PENDING_DELETION if item.export_op == DELETE else PENDING_EXPORT
    if not item.mv_id and item.state == NORMAL and not lists:
        lists |= DISCONNECTOR
    if item.state == FILTERED and not item.import_op:
        lists |= FILTERED_OUT
    if item.escrowed_op:
        lists |= ESCROWED
    if item.evaluate:
        lists |= EVALUATE
    return lists


Tower = tuple["Attributes | None", ...]


def tower_of(item: CsObject) -> Tower:
    return (item.hologram, item.staged, item.export, item.escrowed, item.unconfirmed)


def targets_of(tower: Tower, names: frozenset[str]) -> frozenset[int]:
    """The objects that one refers to in any part of its tower."""
    if not names:
        return NO_TARGETS
    found: set[int] = set()
    for part in tower:
        if part:
            for name in names:
                values = part.get(name)
                if values:
                    found.update(cast("tuple[int, ...]", values))
    return frozenset(found) if found else NO_TARGETS


def mv_targets(values: Attributes, names: frozenset[str]) -> set[int]:
    return {cast("int", target) for name in names for target in values.get(name, ())}


class BaseSpace(ABC):
    """One agent's connector space: the life of its objects."""

    def __init__(self, store: BaseStore[Any], agent_id: str) -> None:
        self.base = store
        self.agent_id = agent_id
        self.reference_names: Mapping[str, frozenset[str]] = {}

    def new(self, partition_id: str, object_type: str, dn: str, anchor: str = "") -> CsObject:
        item = CsObject(self.base.next_object(), self.agent_id, partition_id, object_type, dn, anchor=anchor)
        self.base.journal.keep(self, item, None)
        self._enter(item)
        return item

    def touch(self, item: CsObject) -> None:
        self.base.journal.keep(self, item, cs_state)

    def remove(self, item: CsObject) -> None:
        self.touch(item)
        self._drop(item)

    def restore(self, item: CsObject, state: tuple[Any, ...] | None) -> None:
        """Puts an object back as it was; None: it was not there."""
        if state is None:
            if item.indexed is not None:
                self._drop(item)
            return
        for name, value in zip(CS_STATE, state, strict=True):
            setattr(item, name, value)
        self._enter(item)

    def references_of(self, item: CsObject) -> frozenset[str]:
        return self.reference_names.get(item.type.lower(), NO_NAMES)

    @abstractmethod
    def save(self, item: CsObject) -> None:
        """Brings the indexes up to date with the object."""

    @abstractmethod
    def _enter(self, item: CsObject) -> None:
        """An object is there (again): it is saved, too."""

    @abstractmethod
    def _drop(self, item: CsObject) -> None:
        """An object and its entries in indexes go."""


class BaseMetaverse(ABC):
    """The metaverse: the life of its objects, and which searches and references a change of values touches."""

    def __init__(self, store: BaseStore[Any]) -> None:
        self.base = store
        self.reference_names: Mapping[str, frozenset[str]] = {}

    def new(self, object_type: str) -> MvObject:
        item = MvObject(self.base.next_object(), object_type)
        self.base.journal.keep(self, item, None)
        self._enter(item)
        return item

    def write(self, item: MvObject, values: Mapping[str, Values], lineage: Mapping[str, Lineage], dates: Mapping[str, float] | None = None) -> None:
        self.base.journal.keep(self, item, mv_state)
        self._reindex(item, item.values, values)
        item.values, item.lineage = values, lineage
        if dates is not None:
            item.dates = dates
        self._changed(item)

    def link(self, item: MvObject, links: tuple[int, ...]) -> None:
        self.base.journal.keep(self, item, mv_state)
        item.links = links
        self._changed(item)

    def remove(self, item: MvObject) -> None:
        self.base.journal.keep(self, item, mv_state)
        self._drop(item)

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
        self._changed(item)

    def _drop(self, item: MvObject) -> None:
        self._reindex(item, item.values, {})
        item.indexed = None
        self._forget(item)

    def _enter(self, item: MvObject) -> None:
        item.indexed = True
        self._keep(item)

    def _reindex(self, item: MvObject, old: Attributes, new: Attributes) -> None:
        for name in self._searched():
            before, after = old.get(name, ()), new.get(name, ())
            if before != after:
                self._unlist(item, name, before)
                self._list(item, name, after)
        names = self.reference_names.get(item.type.lower(), NO_NAMES)
        if any(old.get(name) != new.get(name) for name in names):
            before_targets, after_targets = mv_targets(old, names), mv_targets(new, names)
            self._move_references(item.id, before_targets - after_targets, after_targets - before_targets)

    @abstractmethod
    def _keep(self, item: MvObject) -> None:
        """An object is there (again)."""

    @abstractmethod
    def _changed(self, item: MvObject) -> None:
        """An object has other slots."""

    @abstractmethod
    def _forget(self, item: MvObject) -> None:
        """An object goes; its indexes have been told."""

    @abstractmethod
    def _searched(self) -> list[str]:
        """Attributes that have an index: those that were searched before."""

    @abstractmethod
    def _list(self, item: MvObject, name: str, values: Values) -> None: ...

    @abstractmethod
    def _unlist(self, item: MvObject, name: str, values: Values) -> None: ...

    @abstractmethod
    def _move_references(self, number: int, gone: set[int], come: set[int]) -> None: ...


SpaceT = TypeVar("SpaceT", bound=BaseSpace)


class BaseStore(ABC, Generic[SpaceT]):
    """Transactions, numbers, and the lists that outlive a step."""

    def __init__(self) -> None:
        self.spaces: dict[str, SpaceT] = {}
        self.numbers: dict[str, int] = {}
        self.watermarks: dict[tuple[str, str], str] = {}
        self.runs: list[RunDetails] = []
        self.provisioning_retries: set[int] = set()
        self.inbound_retries: dict[int, None] = {}
        self.outbound_retries: dict[int, None] = {}
        self.journal = Journal()
        self._references: Mapping[str, Mapping[str, frozenset[str]]] = {}
        self._mv_references: Mapping[str, frozenset[str]] = {}
        self._last_object = 0

    @abstractmethod
    def _new_space(self, agent_id: str) -> SpaceT: ...

    def space(self, agent_id: str) -> SpaceT:
        found = self.spaces.get(agent_id)
        if found is None:
            found = self.spaces[agent_id] = self._new_space(agent_id)
            found.reference_names = self._references.get(agent_id, {})
        return found

    def agents(self) -> Iterator[str]:
        return iter(self.spaces)

    def next_object(self) -> int:
        self._last_object += 1
        return self._last_object

    def next_number(self, purpose: str) -> int:
        self.numbers[purpose] = self.numbers.get(purpose, 0) + 1
        return self.numbers[purpose]

    def prepare(self, references: Mapping[str, Mapping[str, frozenset[str]]], mv_references: Mapping[str, frozenset[str]]) -> None:
        self._references, self._mv_references = references, mv_references
        for agent_id, space in self.spaces.items():
            space.reference_names = references.get(agent_id, {})

    def reference_attributes(self, agent_id: str, object_type: str) -> frozenset[str]:
        known = self._references.get(agent_id, {}) if agent_id else self._mv_references
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
