# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the engine keeps of an object: connector space and metaverse.

Attribute maps are never changed in place: whoever changes an object puts a new map in its slot. So a copy of the slots
is a copy of the object, which makes a transaction cheap, and values are shared between the parts of the tower.
References are numbers: of the target's connector-space object there, of its metaverse object here.
Source of the parts: reference page `sync-engine` section 1 (MS-UPSDBDAP 2.2.5.1 and 2.2.5.7 to 2.2.5.10).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Union, cast

from .systems.base import Values

Attributes = Mapping[str, Values]
NOTHING: Values = ()
NO_ATTRIBUTES: Attributes = {}

# Pending import and export operations; empty means none.
NONE, ADD, UPDATE, DELETE, DELETE_ADD, OBSOLETE = "", "add", "update", "delete", "delete-add", "obsolete"
DELETIONS = frozenset({DELETE, OBSOLETE})

# `connector-state`
NORMAL, EXPLICIT, FILTERED = 0, 1, 2
STATE_NAMES = ("normal", "explicit", "stay")

# How a connector came to its metaverse object (MS-UPSDBDAP 2.2.2.9).
BY_PROJECTION, BY_JOIN, BY_PROVISIONING, BY_JOINER = 2, 3, 4, 9

# Fingerprint of what an import delivered, and what it was made of: view, DN, object type, anchor, partition.
Mark = tuple[bytes, Attributes, str, str, str, str]

# Which flow of which agent and object type supplied a value.
Origin = tuple[str, str, str]
# One origin for all values, or (equal precedence) one for each, in the values' order.
Lineage = Union[Origin, tuple[Origin, ...]]


@dataclass(frozen=True)
class ObjectError:
    """An import or export error as the run history tells it. Dates are seconds since 1970, UTC."""

    error_type: str
    first: float
    last: float
    retries: int = 0
    step: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)
    # `change-not-reimported`: attribute, values that were exported, values that the import brought; all as text.
    changes: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = ()


class CsObject:
    """A connector-space object with its tower.

    hologram      what was imported and synchronized; None for never
    staged        the whole latest view of the source while `import_op` is set (the pending-import hologram)
    export        changes that are computed and not sent (unapplied); an empty tuple clears
    escrowed      changes under way; unconfirmed: accepted by the system and not seen by an import yet
    anchor        empty until the system has told it: a provisioned object that no import or export confirmed
    former_dn     DN at the last synchronization while a rename is pending
    transient_dn  the DN that another object took over; empty for objects that are not transient
    system_dn     the name that the system knows while a rename of ours is pending or under way
    unconfirmed_dn  the name that the system accepted and no import has shown yet
    evaluate      all rules are due at the next synchronization of any kind (`need-full-sync`): the last one failed
    mark          the import's fingerprint of the object with the parts that it was made of; None if there is none
    """

    __slots__ = (
        "__weakref__",
        "agent_id",
        "anchor",
        "dn",
        "escrowed",
        "escrowed_op",
        "evaluate",
        "export",
        "export_error",
        "export_op",
        "former_dn",
        "hologram",
        "id",
        "import_error",
        "import_op",
        "indexed",
        "link_date",
        "link_rule",
        "mark",
        "mv_id",
        "partition_id",
        "placeholder",
        "staged",
        "state",
        "system_dn",
        "transient_dn",
        "type",
        "unconfirmed",
        "unconfirmed_dn",
        "unconfirmed_op",
    )

    def __init__(self, object_id: int, agent_id: str, partition_id: str, object_type: str, dn: str, *, anchor: str = "") -> None:
        self.id = object_id
        self.agent_id = agent_id
        self.partition_id = partition_id
        self.type = object_type
        self.dn = dn
        # What the store's indexes hold of this object; belongs to the store.
        self.indexed: Any = None
        self.empty()
        self.anchor = anchor

    def empty(self) -> None:
        """Forgets all but identity and place: what is left of an object that others refer to."""
        self.anchor = ""
        self.hologram: Attributes | None = None
        self.staged: Attributes | None = None
        self.import_op = NONE
        self.former_dn = ""
        self.transient_dn = ""
        self.system_dn = ""
        self.unconfirmed_dn = ""
        self.evaluate = False
        self.mark: Mark | None = None
        self.export_op = NONE
        self.export: Attributes = NO_ATTRIBUTES
        self.escrowed_op = NONE
        self.escrowed: Attributes = NO_ATTRIBUTES
        self.unconfirmed_op = NONE
        self.unconfirmed: Attributes = NO_ATTRIBUTES
        self.mv_id = 0
        self.link_rule = 0
        self.link_date = 0.0
        self.state = NORMAL
        self.placeholder = False
        self.import_error: ObjectError | None = None
        self.export_error: ObjectError | None = None

    @property
    def connector(self) -> bool:
        return self.mv_id != 0

    @property
    def in_system(self) -> bool:
        """The connected system holds it as far as we know: imported, or an add was accepted."""
        return self.hologram is not None or self.staged is not None or self.unconfirmed_op in (ADD, DELETE_ADD)

    @property
    def known_dn(self) -> str:
        """The name by which the system knows the object now."""
        return self.system_dn or self.dn

    def settle_escrow(self, *, before_import: bool) -> None:
        """An export whose outcome nobody noted. An add may have arrived, which the next import tells; what else was under way is pending again."""
        operation, values = self.escrowed_op, self.escrowed
        self.escrowed_op, self.escrowed = NONE, NO_ATTRIBUTES
        if operation == ADD and before_import:
            self.unconfirmed_op, self.unconfirmed = ADD, {**self.unconfirmed, **values}
            return
        self.export_op = self.export_op or operation
        self.export = {**values, **self.export} if operation != DELETE else NO_ATTRIBUTES

    def fingerprint(self) -> bytes | None:
        """The mark's fingerprint, if the object is as it was when it was made."""
        mark = self.mark
        if mark is None or self.view() is not mark[1] or (self.dn, self.type, self.anchor, self.partition_id) != mark[2:]:
            return None
        return mark[0]

    @property
    def settled(self) -> bool:
        """Nothing but values can have changed when an import delivers it under the same name."""
        return (
            self.hologram is not None
            and self.import_op not in DELETIONS
            and not (self.placeholder or self.unconfirmed_op or self.unconfirmed or self.system_dn or self.unconfirmed_dn)
        )

    def set_fingerprint(self, mark: bytes | None) -> None:
        """The fingerprint of the object as it is now."""
        view = self.hologram if not self.import_op else self.view()
        self.mark = None if mark is None or view is None else (mark, view, self.dn, self.type, self.anchor, self.partition_id)

    def view(self) -> Attributes:
        """The latest view of the source: pending import if there is one, else what was synchronized."""
        if self.import_op and self.staged is not None:
            return self.staged
        return self.hologram if self.hologram is not None else NO_ATTRIBUTES


class MvObject:
    """A metaverse object. `links` are the ids of its connectors; `dates` say when a value was supplied, in seconds since 1970."""

    __slots__ = ("__weakref__", "dates", "id", "indexed", "lineage", "links", "type", "values")

    def __init__(self, object_id: int, object_type: str) -> None:
        self.id = object_id
        self.type = object_type
        self.values: Attributes = NO_ATTRIBUTES
        self.lineage: Mapping[str, Lineage] = {}
        self.links: tuple[int, ...] = ()
        self.dates: Mapping[str, float] = {}
        self.indexed: Any = None

    def date_of(self, attribute: str) -> float:
        """When the attribute's value was supplied; the date under the empty name stands for all that have none of their own."""
        return self.dates.get(attribute, self.dates.get("", 0.0))


_BESIDE = ("indexed", "__weakref__")
CS_STATE = tuple(name for name in CsObject.__slots__ if name not in _BESIDE)
MV_STATE = tuple(name for name in MvObject.__slots__ if name not in _BESIDE)
cs_state = attrgetter(*CS_STATE)
mv_state = attrgetter(*MV_STATE)


def guid(kind: str, number: int) -> str:
    """A stable GUID for an object number, upper-case in braces. `kind`: cs or mv."""
    lead = "C0000000" if kind == "cs" else "A0000000"
    return f"{{{lead}-0000-4000-8000-{number:012X}}}"


def origins(lineage: Lineage) -> tuple[Origin, ...]:
    return cast("tuple[Origin, ...]", lineage if lineage and isinstance(lineage[0], tuple) else (lineage,))


def same_values(left: Values, right: Values) -> bool:
    """Values of an attribute are a set: their order says nothing."""
    return left == right or (len(left) > 1 and len(left) == len(right) and set(left) == set(right))


def same_attributes(left: Attributes, right: Attributes) -> bool:
    if left == right:
        return True
    return left.keys() == right.keys() and all(same_values(values, right[name]) for name, values in left.items())


def redirected(values: Attributes, references: frozenset[str], old: int, new: int) -> Attributes:
    """The values with references to one object turned to another."""
    changed = {name: tuple(new if target == old else target for target in values[name]) for name in references & values.keys() if old in values[name]}
    return {**values, **changed} if changed else values
