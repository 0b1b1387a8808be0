# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a server configuration says, as plain data.

The documents (MV.XML, MA-*.XML) stay the truth; these values are read out of them (see `reader`) for the plan,
the engine and the reports. GUIDs are upper-case in braces. Names keep the case of the document and are compared
without regard to it. Source of the vocabulary: reference page `server-configuration`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Union


class Syntax(str, Enum):
    """Kind of an attribute's values, from the DSML syntax OID."""

    STRING = "string"
    BINARY = "binary"
    BOOLEAN = "boolean"
    REFERENCE = "reference"
    INTEGER = "integer"


class StepKind(str, Enum):
    """A run step by what the designer calls it; `step-type/@type` and its subtypes decide."""

    FULL_IMPORT = "full-import"
    DELTA_IMPORT = "delta-import"
    FULL_IMPORT_DELTA_SYNC = "full-import-delta-sync"
    FULL_IMPORT_FULL_SYNC = "full-import-full-sync"
    DELTA_IMPORT_DELTA_SYNC = "delta-import-delta-sync"
    FULL_SYNC = "full-sync"
    DELTA_SYNC = "delta-sync"
    EXPORT = "export"
    OTHER = "other"


@dataclass(frozen=True)
class AttributeType:
    name: str
    syntax: Syntax = Syntax.STRING
    single_value: bool = True
    indexable: bool = False
    indexed: bool = False
    import_only: bool = False
    export_only: bool = False
    encrypted: bool = False
    # The syntax as the document writes it: agents know more kinds than the five (1.2.840.113556.1.4.905, ...).
    syntax_oid: str = ""


@dataclass(frozen=True)
class ObjectClass:
    """`attributes` in document order; `anchors` and per-class `ExportOnly`/`ImportOnly` come from ECMA 2 schemas."""

    name: str
    attributes: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()
    anchors: tuple[str, ...] = ()
    export_only: frozenset[str] = frozenset()
    import_only: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Schema:
    """Keys of both mappings are lower-case names."""

    classes: Mapping[str, ObjectClass] = field(default_factory=dict)
    attributes: Mapping[str, AttributeType] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """A source attribute; `intrinsic` for `dn` (import) and `object-id` (export)."""

    name: str
    intrinsic: bool = False


@dataclass(frozen=True)
class DirectMapping:
    source: Source


@dataclass(frozen=True)
class ConstantMapping:
    value: str


@dataclass(frozen=True)
class ScriptedMapping:
    sources: tuple[Source, ...]
    context: str


@dataclass(frozen=True)
class DnPartMapping:
    """`part` counts from 1, as the document does."""

    part: int


@dataclass(frozen=True)
class SyncRuleMapping:
    """A flow that came from the portal, or of a kind that is not `known`; planned as it is.

    `kind` is direct, constant or expression; `value` the text of a constant. What the document says of the flow beside its sources is for
    the engine, and no difference between two configurations.
    """

    sources: tuple[Source, ...] = ()
    known: bool = field(default=True, compare=False)
    kind: str = field(default="", compare=False)
    value: str = field(default="", compare=False, repr=False)
    existence_test: bool = field(default=False, compare=False)


Mapping_ = Union[DirectMapping, ConstantMapping, ScriptedMapping, DnPartMapping, SyncRuleMapping]


@dataclass(frozen=True)
class ImportFlow:
    id: str
    agent_id: str
    object_type: str
    mapping: Mapping_


@dataclass(frozen=True)
class ImportFlows:
    """All sources of one metaverse attribute; `precedence` is ranked (order = rank), equal or manual."""

    mv_object_type: str
    mv_attribute: str
    precedence: str
    flows: tuple[ImportFlow, ...]


@dataclass(frozen=True)
class ExportFlow:
    """`allow_nulls` is the opposite of the document's `suppress-deletions`."""

    id: str
    attribute: str
    allow_nulls: bool
    mapping: Mapping_


@dataclass(frozen=True)
class ExportFlowSet:
    object_type: str
    mv_object_type: str
    flows: tuple[ExportFlow, ...]


@dataclass(frozen=True)
class Condition:
    attribute: str
    operator: str
    value: str = ""
    intrinsic: bool = False


@dataclass(frozen=True)
class FilterSet:
    """Alternatives are ORed, the conditions in one are ANDed. `type` is declared or scripted.

    `alternative_ids` stand beside `alternatives`, in their order.
    """

    object_type: str
    type: str
    alternatives: tuple[tuple[Condition, ...], ...] = ()
    import_filter: bool = False
    id: str = ""
    alternative_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class JoinMapping:
    """`intrinsic` for the metaverse's own `object-id`, by which the portal's agent joins."""

    mv_attribute: str
    mapping: Mapping_
    intrinsic: bool = False


@dataclass(frozen=True)
class JoinCriterion:
    """One search and its resolution. `mv_object_type` empty: any type. `sync_rule`: made in the portal, carried only."""

    id: str
    mv_object_type: str
    mappings: tuple[JoinMapping, ...]
    resolution: str = "none"
    resolution_context: str = ""
    sync_rule: bool = False


@dataclass(frozen=True)
class JoinProfile:
    object_type: str
    criteria: tuple[JoinCriterion, ...]


@dataclass(frozen=True)
class Projection:
    """`type` declared (with `mv_object_type`), scripted, or sync-rule: made in the portal, carried only."""

    id: str
    object_type: str
    type: str
    mv_object_type: str = ""


@dataclass(frozen=True)
class Partition:
    id: str
    name: str
    selected: bool
    object_types: tuple[str, ...] = ()
    inclusions: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    dn: str = ""
    guid: str = ""
    is_domain: bool = False
    # Domain controllers that are asked first, in order.
    preferred_controllers: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunStep:
    """Thresholds are counts of objects, 0 for none; `timeout` is in seconds.

    `type` and `subtypes` are the document's own words (empty: those that `kind` stands for). `data` holds the further
    texts of `custom-data`, by path below it (`run-config/input-file`); `drop_file` is the name of a drop file.
    """

    kind: StepKind
    partition_id: str
    object_limit: int = 0
    delete_limit: int = 0
    batch_size: int = 0
    page_size: int = 0
    timeout: int = 0
    type: str = ""
    subtypes: tuple[str, ...] = ()
    data: tuple[tuple[str, str], ...] = ()
    drop_file: str = ""


@dataclass(frozen=True)
class RunProfile:
    id: str
    name: str
    steps: tuple[RunStep, ...]


@dataclass(frozen=True)
class DeletionRule:
    """`type`: declared-last, declared-any or scripted; `agent_ids` are its `src-ma`."""

    id: str
    mv_object_type: str
    type: str
    agent_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """An ECMA 2 parameter value. Encrypted values are empty in an export."""

    name: str
    value: str
    type: str = "string"
    use: str = "connectivity"
    encrypted: bool = False


@dataclass(frozen=True)
class ParameterDefinition:
    """What a connector says of a parameter: `type` is string, encrypted-string, checkbox, drop-down, file ...; `validation` a regular expression."""

    name: str
    type: str = "string"
    use: str = "connectivity"
    validation: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ForestSettings:
    """`private-configuration/adma-configuration`."""

    forest: str = ""
    domain: str = ""
    user: str = ""
    sign_and_seal: bool = True
    ssl: bool = False
    simple_bind: bool = False


@dataclass(frozen=True)
class Column:
    """A column of a text file, in the file's order; `width` in characters, 0 where a separator parts them."""

    name: str
    width: int = 0


@dataclass(frozen=True)
class ManagementAgent:
    id: str
    name: str
    category: str
    subtype: str = ""
    list_name: str = ""
    schema: Schema = field(default_factory=Schema)
    included_attributes: tuple[str, ...] = ()
    filters: tuple[FilterSet, ...] = ()
    joins: tuple[JoinProfile, ...] = ()
    projections: tuple[Projection, ...] = ()
    export_flows: tuple[ExportFlowSet, ...] = ()
    deprovisioning: str = "make-normal-disconnector"
    deprovisioning_type: str = "declared"
    extension: str = ""
    partitions: tuple[Partition, ...] = ()
    run_profiles: tuple[RunProfile, ...] = ()
    forest: ForestSettings | None = None
    parameters: tuple[Parameter, ...] = ()
    connector_file: str = ""
    dn_attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    export_type: int = 1
    definitions: tuple[ParameterDefinition, ...] = ()
    description: str = ""
    company: str = ""
    password_sync_allowed: bool = False
    # high: the extension runs in a process of its own.
    extension_protection: str = ""
    controller_protection: str = ""
    controller_architecture: str = ""
    # Private settings by the names of `settings.setting_paths`.
    settings: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    # What an ECMA 2 connector says it can do, 0 for other agents; see `plan.new_agents.capabilities`.
    capability_bits: int = 0


@dataclass(frozen=True)
class Metaverse:
    schema: Schema = field(default_factory=Schema)
    import_flows: tuple[ImportFlows, ...] = ()
    recall: Mapping[str, bool] = field(default_factory=dict)
    provisioning: str = "none"
    deletion_rules: tuple[DeletionRule, ...] = ()
    extension: str = ""
    extension_protection: str = ""
    password_sync: bool = False
    password_history: int = 0


@dataclass(frozen=True)
class ServerConfiguration:
    metaverse: Metaverse = field(default_factory=Metaverse)
    agents: tuple[ManagementAgent, ...] = ()

    @cached_property
    def _by_name(self) -> dict[str, ManagementAgent]:
        """The first agent of each name, in lower case."""
        return {agent.name.casefold(): agent for agent in reversed(self.agents)}

    @cached_property
    def _by_id(self) -> dict[str, ManagementAgent]:
        return {agent.id: agent for agent in reversed(self.agents)}

    def agent(self, name: str) -> ManagementAgent | None:
        """The agent of that name, without regard to case."""
        return self._by_name.get(name.casefold())

    def agent_by_id(self, agent_id: str) -> ManagementAgent | None:
        return self._by_id.get(agent_id.upper())
