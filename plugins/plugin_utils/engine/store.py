# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where connector spaces, metaverse and run history are kept.

The engine reads objects, changes their slots between `touch` and `save`, and wraps the work on one object in a
transaction. `memory.MemoryStore` keeps all in Python objects, `sqlite_store.SqliteStore` in a file; what they have in
common is in `store_base`. A store over another one may answer `marks` with None and `prefetch` with nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from .objects import CsObject, Lineage, MvObject
from .systems.base import Value, Values

if TYPE_CHECKING:
    from .history import RunDetails


class ConnectorSpace(Protocol):
    """The objects of one agent. Distinguished names are compared without regard to case."""

    def new(self, partition_id: str, object_type: str, dn: str, anchor: str = "") -> CsObject: ...

    def by_anchor(self, anchor: str) -> CsObject | None: ...

    def by_dn(self, dn: str) -> CsObject | None: ...

    def number_of(self, dn: str) -> int:
        """The number of the object of that name; 0 if there is none."""

    def marks(self, anchors: Iterable[str]) -> Mapping[str, tuple[int, bytes]] | None:
        """Number and fingerprint (`CsObject.mark`) of those objects that an import may take as unchanged when it makes the same
        fingerprint of what is delivered: imported and synchronized or staged, nothing of them unconfirmed, renamed or deleted.
        Valid until the object is saved. None: this store keeps no fingerprints.
        """

    def touch(self, item: CsObject) -> None:
        """To be called before an object's slots change, so that the transaction can be undone."""

    def save(self, item: CsObject) -> None:
        """To be called after an object's slots changed."""

    def remove(self, item: CsObject) -> None: ...

    def all(self) -> Iterable[CsObject]: ...

    def pending_imports(self) -> Iterable[CsObject]: ...

    def pending_exports(self) -> Iterable[CsObject]: ...

    def due(self, partition_id: str, *, full: bool, parents_first: bool, also: Collection[int] = ()) -> Sequence[int]:
        """Numbers of the partition's objects that a synchronization takes, in its order: absent ones last, parents before
        children, then by age. All (`full`), or those with a pending import, the normal and the filtered disconnectors,
        and the ones in `also`. Placeholders are none of them.
        """

    def unseen(self, partition_id: str, met: Collection[int]) -> Iterable[CsObject]:
        """Objects of the partition that are not among those a full import met (by number); placeholders are none."""

    def exports_due(self, partition_id: str) -> Sequence[int]:
        """Numbers of the partition's objects with a pending export, by age; deletions come last."""

    def escrowed(self) -> Iterable[CsObject]:
        """Objects whose export was under way when the process died."""

    def placeholders(self) -> Iterable[CsObject]: ...

    def has_children(self, item: CsObject) -> bool:
        """Whether objects lie directly below this one."""

    def referrers(self, item: CsObject) -> Iterable[CsObject]:
        """Objects that refer to this one in any part of their tower."""

    def __len__(self) -> int: ...


class MetaverseSpace(Protocol):
    def new(self, object_type: str) -> MvObject: ...

    def get(self, object_id: int) -> MvObject | None: ...

    def write(self, item: MvObject, values: Mapping[str, Values], lineage: Mapping[str, Lineage], dates: Mapping[str, float] | None = None) -> None:
        """Replaces an object's values; without `dates` those stay."""

    def link(self, item: MvObject, links: tuple[int, ...]) -> None: ...

    def remove(self, item: MvObject) -> None: ...

    def find(self, attribute: str, value: Value) -> Iterable[MvObject]:
        """Objects that hold the value, text without regard to case, oldest first."""

    def referrers(self, item: MvObject) -> Iterable[MvObject]: ...

    def all(self) -> Iterable[MvObject]: ...

    def __len__(self) -> int: ...


class Store(Protocol):
    """`watermarks` are kept by agent and partition id; `runs` oldest first.

    What is to be looked at again at the end of a synchronization: `provisioning_retries`, metaverse objects to be
    provisioned; `inbound_retries`, connectors, and `outbound_retries`, metaverse objects, whose references are to flow
    (values of the two say nothing, their order does).
    """

    watermarks: dict[tuple[str, str], str]
    runs: list[RunDetails]
    provisioning_retries: set[int]
    inbound_retries: dict[int, None]
    outbound_retries: dict[int, None]

    @property
    def metaverse(self) -> MetaverseSpace: ...

    def space(self, agent_id: str) -> ConnectorSpace: ...

    def cs_object(self, object_id: int) -> CsObject | None: ...

    def agent_of(self, object_id: int) -> str:
        """The agent of a connector-space object, without the object; empty if there is none."""

    def prefetch(self, numbers: Sequence[int], agents: Collection[str] = ()) -> None:
        """These connector-space objects are wanted next, with their metaverse objects and those objects' connectors in some agents."""

    def next_number(self, purpose: str) -> int:
        """1, 2, 3, ... for each purpose (runs of an agent, exports of a partition)."""

    def prepare(self, references: Mapping[str, Mapping[str, frozenset[str]]], mv_references: Mapping[str, frozenset[str]]) -> None:
        """Says which attributes are references: by agent and object type (lower case), by metaverse type (lower case)."""

    def reference_attributes(self, agent_id: str, object_type: str) -> frozenset[str]:
        """The reference attributes of an agent's object type; of a metaverse type for an empty agent id."""

    def begin(self) -> None: ...

    def commit(self) -> None: ...

    def rollback(self) -> None:
        """Undoes all changes since `begin`."""

    def checkpoint(self, *, whole: bool = False) -> None:
        """What was done until here outlives the process, if the store does at all; with `whole` the present runs' history, too."""
