# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules of a rules file, as plain data.

Everything is text here, as in the file: attribute values reach a rule as text (Base64 for binary, true and false for
boolean) and leave it in the syntax of their target. Names of attributes keep their case and are compared without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Union

FORMAT_VERSION = "1"
# Characters of one value that a rule takes, and steps that one search with a pattern may take.
TEXT_LENGTH = 1_048_576
PATTERN_STEPS = 2_000_000


class Side(str, Enum):
    """Where an operand comes from: connector space, metaverse, a named value of the file, or what belongs to the object itself."""

    CS = "cs"
    MV = "mv"
    VALUE = "value"
    PSEUDO = "pseudo"


PSEUDO = ("dn", "rdn", "object_type", "object_id", "agent")


class Empty(str, Enum):
    """What a flow does when its outcome is empty."""

    NONE = "none"
    DECLINE = "decline"
    DELETE = "delete"
    DEFAULT = "default"


class Mode(str, Enum):
    """How many members of a group of conditions have to hold."""

    NONE = "none"
    ALL = "all"
    ANY = "any"
    ONE = "one"


@dataclass(frozen=True)
class Operand:
    side: Side
    name: str


@dataclass(frozen=True)
class Step:
    """One function of a pipeline, with its arguments as text."""

    function: str
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Placeholder:
    """An operand inside of a template. Without a value it makes the whole template empty, unless it is optional."""

    operand: Operand
    optional: bool = False
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Template:
    """Texts and placeholders, put together to one value; literal texts are `str`."""

    parts: tuple[Union[str, Placeholder], ...]


@dataclass(frozen=True)
class Attributes:
    """All values of the operands, one after the other."""

    operands: tuple[Operand, ...]


@dataclass(frozen=True)
class Value:
    """Where texts come from, and the functions they go through."""

    source: Union[Template, Attributes]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Test:
    """One condition. `other` is what it compares with; `absent` is the answer when `value` is empty; `every`: all values have to pass."""

    kind: str
    value: Value
    other: Value | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    ignore_case: bool = False
    absent: bool = False
    every: bool = False


@dataclass(frozen=True)
class Group:
    mode: Mode
    members: tuple[Condition, ...]


Condition = Union[Group, Test]
ALWAYS = Group(Mode.ALL, ())


@dataclass(frozen=True)
class Selector:
    """Which objects a rule is for. Empty: any; all without regard to case."""

    agent: str = ""
    object_type: str = ""
    mv_type: str = ""
    when: Condition = ALWAYS


@dataclass(frozen=True)
class FlowRule:
    """`direction`: import, export or join. `name` is the script context; several rules may share one, the first that fits counts."""

    name: str
    direction: str
    target: str
    value: Value
    select: Selector = Selector()
    empty: Empty = Empty.NONE
    default: str = ""


@dataclass(frozen=True)
class FilterRule:
    """Objects for which the conditions hold stay apart."""

    name: str
    select: Selector


@dataclass(frozen=True)
class ProjectionRule:
    """`mv_type` empty: no projection."""

    name: str
    select: Selector
    mv_type: str


@dataclass(frozen=True)
class ResolutionRule:
    """`context` is the join criterion's script context. The candidate for which the conditions hold, when it is the only one, is joined."""

    name: str
    context: str
    select: Selector


@dataclass(frozen=True)
class Assignment:
    target: str
    value: Value


@dataclass(frozen=True)
class Leave:
    """What happens to connectors when a provisioning rule's conditions hold no more. `deprovision`: nothing (empty), connector, agent or all."""

    assignments: tuple[Assignment, ...] = ()
    move: Value | None = None
    deprovision: str = ""


@dataclass(frozen=True)
class ProvisioningRule:
    """A connector for each metaverse object of a type. `name_value` gives the distinguished name, or the anchor if `anchor` names its attribute.

    `changed` is what is done when it comes out otherwise: keep, rename or reprovision. `conflict`: fail or ignore.
    """

    name: str
    select: Selector
    object_type: str
    name_value: Value
    anchor: str = ""
    initial: tuple[Assignment, ...] = ()
    changed: str = "keep"
    exact: bool = False
    conflict: str = "fail"
    leave: Leave | None = None


@dataclass(frozen=True)
class CleanupRule:
    """`action`: disconnect, explicit_disconnect or delete."""

    name: str
    select: Selector
    action: str


@dataclass(frozen=True)
class DeletionRule:
    """Whether the metaverse object goes when a connector was disconnected."""

    name: str
    select: Selector
    delete: bool


@dataclass(frozen=True)
class Lookup:
    entries: tuple[tuple[str, str], ...]
    ignore_case: bool = False


@dataclass(frozen=True)
class RulesFile:
    """`lookups` and `values` by name; rules in the order in which they are tried."""

    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)
    flows: tuple[FlowRule, ...] = ()
    filters: tuple[FilterRule, ...] = ()
    projections: tuple[ProjectionRule, ...] = ()
    resolutions: tuple[ResolutionRule, ...] = ()
    provisioning: tuple[ProvisioningRule, ...] = ()
    cleanups: tuple[CleanupRule, ...] = ()
    deletions: tuple[DeletionRule, ...] = ()
    text_length: int = TEXT_LENGTH
    pattern_steps: int = PATTERN_STEPS
