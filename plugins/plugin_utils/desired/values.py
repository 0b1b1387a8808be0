# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The declared configuration as values. `path` leads to the place in the user's data, for messages of the plan.

None means: not declared, the server keeps what it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Union


class Pictures(str, Enum):
    """Which way pictures flow."""

    TO_SHAREPOINT = "to_sharepoint"
    FROM_SHAREPOINT = "from_sharepoint"


@dataclass(frozen=True)
class Credentials:
    """`domain` is a NetBIOS or DNS name. The password is never shown."""

    domain: str
    user: str
    password: str = field(repr=False)

    @property
    def account(self) -> str:
        return f"{self.domain}\\{self.user}"


@dataclass(frozen=True)
class FilterCondition:
    """`operator` as the documents write it (see `operators`); `value` is text, or a number for operators on bits and sizes."""

    attribute: str
    operator: str
    value: str | int
    path: str = field(default="", compare=False)


@dataclass(frozen=True)
class Filter:
    """Conditions that must all hold; an object type's filters are alternatives."""

    conditions: tuple[FilterCondition, ...]


@dataclass(frozen=True)
class PartitionScope:
    """A domain and what of it is read. Containers are distinguished names."""

    domain: str
    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    object_types: tuple[str, ...] | None = None
    path: str = ""


@dataclass(frozen=True)
class ActiveDirectoryAgent:
    """`filters` by object type replace that type's filters; `disabled_users`: True to filter disabled accounts out."""

    name: str
    forest: str | None = None
    credentials: Credentials | None = None
    partitions: tuple[PartitionScope, ...] = ()
    filters: Mapping[str, tuple[Filter, ...]] = field(default_factory=dict)
    disabled_users: bool | None = None
    path: str = ""


@dataclass(frozen=True)
class ProfileStoreAgent:
    """`protocol` HTTP or HTTPS; `port` as text, as the connector keeps it."""

    name: str
    protocol: str | None = None
    host: str | None = None
    port: str | None = None
    pictures: Pictures | None = None
    credentials: Credentials | None = None
    path: str = ""


Agent = Union[ActiveDirectoryAgent, ProfileStoreAgent]


@dataclass(frozen=True)
class Declaration:
    """`provisioning`: none, scripted, sync-rule or both."""

    agents: tuple[Agent, ...] = ()
    provisioning: str | None = None
