# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The whole declaration as values. None: not declared. Values of the model have no ids here; `path` leads into the user's data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Union

from ..configuration.model import AttributeType, DeletionRule, FilterSet, JoinCriterion, Mapping_, Projection, RunStep
from .creating import CreationWish


@dataclass(frozen=True)
class ImportWish:
    """A flow into the metaverse. `agent` is a name, or the id of an agent that is not there (as adopted)."""

    agent: str
    object_type: str
    mapping: Mapping_
    mv_object_type: str
    mv_attribute: str
    precedence: Union[int, str, None] = None
    path: str = ""


@dataclass(frozen=True)
class ExportWish:
    """A flow out of the metaverse; `allow_nulls` None: as it is, for a new one not."""

    agent: str
    object_type: str
    attribute: str
    mapping: Mapping_
    mv_object_type: str
    allow_nulls: bool | None = None
    path: str = ""


@dataclass(frozen=True)
class PartitionWish:
    """`domain` is a DNS name; `name` the partition's own."""

    domain: str = ""
    name: str = ""
    selected: bool | None = None
    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    object_types: tuple[str, ...] | None = None
    preferred_controllers: tuple[str, ...] | None = None
    path: str = ""


@dataclass(frozen=True)
class StepWish:
    """`partition` None: each selected one; empty: none. The step's own partition id is empty."""

    step: RunStep
    partition: str | None = None
    path: str = ""


@dataclass(frozen=True)
class ProfileWish:
    name: str
    steps: tuple[StepWish, ...]
    path: str = ""


# None: not declared; an empty tuple with `standard`: the standard profiles.
@dataclass(frozen=True)
class ProfilesWish:
    profiles: tuple[ProfileWish, ...] = ()
    standard: bool = False
    path: str = ""


@dataclass(frozen=True)
class ParameterWish:
    """`use` empty: whichever the connector defines."""

    name: str
    value: str = field(repr=False)
    use: str = ""
    path: str = ""


@dataclass(frozen=True)
class AccountWish:
    """An agent's account as it was written, and taken apart; the password is None where none was given."""

    written: str
    written_domain: str
    domain: str
    user: str
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class AgentWish:
    """`confirm` repeats the name of an agent that is to be deleted."""

    name: str
    kind: str
    path: str = ""
    absent: bool = False
    confirm: str = ""
    description: str | None = None
    account: AccountWish | None = None
    attributes: tuple[str, ...] | None = None
    schema_refresh: Mapping[str, tuple[AttributeType, ...]] = field(default_factory=dict)
    partitions: tuple[PartitionWish, ...] | None = None
    filters: Mapping[str, FilterSet] | None = None
    joins: Mapping[str, tuple[JoinCriterion, ...]] | None = None
    projections: Mapping[str, tuple[Projection, ...]] | None = None
    flows_named: bool = False
    deprovisioning: str | None = None
    run_profiles: ProfilesWish | None = None
    rules_extension: str | None = None
    recall: bool | None = None
    forest: str | None = None
    sign_and_seal: bool | None = None
    tls: bool | None = None
    simple_bind: bool | None = None
    disabled_users: bool | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[ParameterWish, ...] = ()
    pictures: str | None = None
    renamed_from: str = ""
    creation: CreationWish = field(default_factory=CreationWish)


@dataclass(frozen=True)
class ClassWish:
    attributes: tuple[str, ...]
    required: frozenset[str] | None = None


@dataclass(frozen=True)
class MetaverseWish:
    """Agents of deletion rules are names here."""

    attributes: Mapping[str, AttributeType] | None = None
    object_types: Mapping[str, ClassWish] | None = None
    deletion_rules: Mapping[str, tuple[DeletionRule, ...]] | None = None
    # Object type in lower case -> agents whose flows come first
    precedence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rules_extension: str | None = None
    password_sync: bool | None = None
    password_history: int | None = None


@dataclass(frozen=True)
class ServerWish:
    agents: tuple[AgentWish, ...] = ()
    imports: tuple[ImportWish, ...] = ()
    exports: tuple[ExportWish, ...] = ()
    flows_named: bool = False
    metaverse: MetaverseWish = field(default_factory=MetaverseWish)
    provisioning: str | None = None
    run_profiles: ProfilesWish | None = None
