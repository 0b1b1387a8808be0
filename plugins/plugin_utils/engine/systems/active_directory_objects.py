# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a directory's records to objects of an import: selected attributes, object types, containers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...ldap import names
from ...ldap.problems import INSUFFICIENT_RIGHTS, INVALID_CREDENTIALS, Dropped, LdapError, Refused, Unreachable
from ...ldap.values import AttributeType, read_types
from .base import ChangeType, ImportedObject, ImportRequest, SystemConnectionError, Values
from .memory import in_containers

if TYPE_CHECKING:
    from ...ldap.connection import Connection
    from ...ldap.records import Record

REPLICATION_DENIED = 8453
_DENIED_WORDS = "Replication access was denied."
_NO_CONTROLLER = "The specified domain either does not exist or could not be contacted."
# What follows from the DN: change tracking does not carry the attributes that name an object.
_NAMING = frozenset({"distinguishedname", "name", "cn", "ou", "dc"})


@dataclass(frozen=True)
class Selection:
    """What an import wants of a directory. `types`: the agent's spelling of an attribute -> what the forest knows of it."""

    request: ImportRequest
    types: Mapping[str, AttributeType]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.types)

    def holds(self, record: Record) -> bool:
        """Whether the object is of a selected type and lies in a selected container."""
        return kind_of(record) in self.request.object_types and in_containers(record.dn, self.request)

    def whole(self, record: Record) -> ImportedObject:
        """All selected attributes that have a value; the record must hold them all."""
        found = {name: self._values(record, name) for name in self.types}
        return ImportedObject(ChangeType.REPLACE, anchor_of(record), record.dn, kind_of(record), {name: values for name, values in found.items() if values})

    def changed(self, record: Record) -> Mapping[str, Values]:
        """Only what the record says; an empty tuple means: cleared."""
        return {name: kind.read(record.values(name)) for name, kind in self.types.items() if name.lower() in record.attributes and name.lower() not in _NAMING}

    def _values(self, record: Record, name: str) -> Values:
        lower = name.lower()
        if lower not in _NAMING:
            return self.types[name].read(record.values(name))
        if lower == "distinguishedname":
            return (record.dn,)
        attribute, value = names.name_of(record.dn)
        return (value,) if lower in ("name", attribute.lower()) else ()


def select(connection: Connection, request: ImportRequest) -> Selection:
    """Attributes that this forest does not have are left out."""
    known = read_types(connection, request.attributes)
    return Selection(request, {name: known[name.lower()] for name in request.attributes if name.lower() in known})


def anchor_of(record: Record) -> str:
    """objectGUID as text."""
    values = record.values("objectGUID")
    return str(uuid.UUID(bytes_le=values[0])) if values else ""


def kind_of(record: Record) -> str:
    """The class itself: the last of objectClass; empty if the record does not say."""
    return next(reversed(record.texts("objectClass")), "")


@contextmanager
def in_words_of_mim(server: str) -> Iterator[None]:
    """Raises SystemConnectionError for what a directory or the way to it refuses (reference `sync-engine`, 4 and 6)."""
    try:
        yield
    except Refused as problem:
        raise _search_failure(problem, server) from problem
    except Dropped as problem:
        raise SystemConnectionError("stopped-connectivity", "dropped-connection", server=server, literal=problem.message) from problem


def _search_failure(problem: Refused, server: str) -> SystemConnectionError:
    denied = problem.win32 == REPLICATION_DENIED or problem.result == INSUFFICIENT_RIGHTS
    code = REPLICATION_DENIED if denied else problem.win32 or problem.result
    literal = _DENIED_WORDS if denied else problem.diagnostic or problem.message
    return SystemConnectionError("stopped-connectivity", "failed-search", server=server, code=str(code), literal=literal)


def connection_failure(problem: LdapError, server: str) -> SystemConnectionError:
    """What a run says when the connection could not be opened."""
    if isinstance(problem, Unreachable):
        return SystemConnectionError("no-start-no-domain-controller", "failed-connection", literal=_NO_CONTROLLER)
    if isinstance(problem, Refused) and problem.result == INVALID_CREDENTIALS:
        return SystemConnectionError("stopped-connectivity", "failed-authentication", server=server, code="49", literal="Invalid Credentials")
    if isinstance(problem, Refused):
        code = str(problem.win32 or problem.result)
        return SystemConnectionError("stopped-connectivity", "failed-authentication", server=server, code=code, literal=problem.diagnostic)
    return SystemConnectionError("stopped-connectivity", "failed-connection", server=server, literal=problem.message)
