# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the engine needs of a connected system: pages of objects in, changes out.

One adapter a kind of system (Active Directory, SharePoint profile store, file). The lab's directory and profile store,
a real directory over LDAP and a generated one stand behind the same two protocols.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, Union

# A value as it crosses the border: text, integer, boolean, bytes; a reference is the target's DN (text).
Value = Union[str, int, bool, bytes]
Values = tuple[Value, ...]


class ChangeType(str, Enum):
    ADD = "add"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"


@dataclass(frozen=True)
class ImportedObject:
    """An object as a source delivers it.

    `attributes` holds every selected attribute that is present (REPLACE, ADD) or only those that changed (UPDATE; an
    empty tuple means: cleared). `anchor` identifies it for ever, `dn` until it is renamed.
    """

    change: ChangeType
    anchor: str
    dn: str
    object_type: str
    attributes: Mapping[str, Values] = field(default_factory=dict)


@dataclass(frozen=True)
class ImportRequest:
    """What a step asks for. `watermark` is empty for a full import; `page_size` in objects."""

    partition_dn: str
    object_types: tuple[str, ...]
    attributes: tuple[str, ...]
    inclusions: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    watermark: str = ""
    page_size: int = 500


@dataclass(frozen=True)
class ImportProblem:
    """An object that the source cannot deliver: a discovery error in MIM's words. `line` counts from 1; 0 for no file."""

    error_type: str
    dn: str = ""
    anchor: str = ""
    attribute: str = ""
    line: int = 0


@dataclass(frozen=True)
class ImportPage:
    """One page; `watermark` is what the next delta import starts from, set on the last page.

    `filtered` counts objects that were delivered but lie out of the type or container scope.
    """

    objects: tuple[ImportedObject, ...]
    watermark: str = ""
    filtered: int = 0
    problems: tuple[ImportProblem, ...] = ()


@dataclass(frozen=True)
class ExportedChange:
    """A pending export. For UPDATE an empty tuple clears the attribute."""

    change: ChangeType
    object_id: str
    anchor: str
    dn: str
    object_type: str
    attributes: Mapping[str, Values] = field(default_factory=dict)


@dataclass(frozen=True)
class ExportResult:
    """`error` is empty for success, else one of MIM's export error types; `anchor` and `dn` as the system knows it now."""

    object_id: str
    error: str = ""
    detail: str = ""
    anchor: str = ""
    dn: str = ""


class SystemConnectionError(Exception):
    """The system cannot be used: `connection_result` and `step_result` in MIM's words, with the server's own error."""

    def __init__(self, step_result: str, connection_result: str, *, server: str = "", code: str = "", literal: str = "") -> None:
        super().__init__(f"{step_result} ({connection_result}) {literal}".strip())
        self.step_result = step_result
        self.connection_result = connection_result
        self.server = server
        self.code = code
        self.literal = literal


class ConnectedSystem(Protocol):
    """An open connection to a system, for one run step."""

    @property
    def server(self) -> str:
        """`host:port` as it appears in the run history."""

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        """Yields pages; raises SystemConnectionError."""

    def export(self, changes: Sequence[ExportedChange]) -> Sequence[ExportResult]:
        """Applies the changes one by one and says what came of each, in their order."""


class SystemConnector(Protocol):
    """Opens a connection for an agent; raises SystemConnectionError (no-start-credentials, ...)."""

    def connect(self, agent_name: str) -> ConnectedSystem: ...
