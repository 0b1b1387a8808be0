# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A real Active Directory as a connected system, over LDAP.

Imports ask the directory's own change tracking (the DirSync control), as the Active Directory agent does: that needs the right
Replicating Directory Changes on the head of each partition. Facts: reference page `sync-engine` (6, Active Directory);
[MS-ADTS] 3.1.1.3.4.1.3 (DirSync), 3.1.1.5.5 (tombstones).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ...ldap.connect import PLAIN_PORT, TLS_PORT, Directory, connect
from ...ldap.problems import NO_SUCH_OBJECT, LdapError, LibraryMissing, Refused
from .active_directory_export import DirectoryWriter
from .active_directory_objects import Selection, anchor_of, connection_failure, in_words_of_mim, kind_of, select
from .base import ChangeType, ExportedChange, ExportResult, ImportedObject, ImportPage, ImportRequest, SystemConnectionError

if TYPE_CHECKING:
    from ...ldap.connection import Connection
    from ...ldap.records import ChangedRecords, Record

# Asked for besides the selected attributes; a changed `name` is a rename or a move.
_ALWAYS = ("objectClass", "objectGUID", "isDeleted", "name")
# Objects that one search looks up by their identity.
_AT_ONCE = 100


class ActiveDirectorySystem:
    """An open connection for one run step. `close` it at the end."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._writer = DirectoryWriter(connection)

    @property
    def server(self) -> str:
        return self.connection.server

    def close(self) -> None:
        self.connection.close()

    # --- import

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        """Everything, or what changed since the watermark; raises SystemConnectionError (failed-search without the right).

        A page is what the directory gives at once, whatever the page size asked for.
        """
        cookie = _cookie(request.watermark, self.server)
        delta, more = bool(cookie), True
        with in_words_of_mim(self.server):
            selection = select(self.connection, request)
        while more:
            with in_words_of_mim(self.server):
                part = self._part(selection, cookie)
                cookie, more = part.cookie, part.more
                objects, filtered = self._changed(part.records, selection) if delta else _everything(part.records, selection)
            yield ImportPage(tuple(objects), "" if more else base64.b64encode(cookie).decode(), filtered)

    def naming_contexts(self) -> tuple[str, ...]:
        """What the controller holds: its own domain, the forest's configuration and schema, zones of DNS."""
        with in_words_of_mim(self.server):
            return self.connection.root.texts("namingContexts")

    def _part(self, selection: Selection, cookie: bytes) -> ChangedRecords:
        asked = tuple(dict.fromkeys((*_ALWAYS, *selection.names)))
        return self.connection.changes(selection.request.partition_dn, cookie, asked)

    def _changed(self, records: Sequence[Record], selection: Selection) -> tuple[list[ImportedObject], int]:
        """What the changes mean for the connector space, and how many of them mean nothing."""
        kinds = self._kinds(record for record in records if not _is_deleted(record) and not _is_new(record) and not _is_renamed(record))
        found: list[ImportedObject] = []
        filtered = 0
        for record in records:
            objects = list(self._objects(record, selection, kinds))
            found += objects
            filtered += not objects
        return found, filtered

    def _objects(self, record: Record, selection: Selection, kinds: Mapping[str, Record]) -> Iterator[ImportedObject]:
        if _is_deleted(record):
            # Of what type a tombstone was is not told to readers; the connector space knows whether it holds the object.
            yield ImportedObject(ChangeType.DELETE, anchor_of(record), record.dn, kind_of(record))
        elif _is_new(record):
            if selection.holds(record):
                yield selection.whole(record)
        elif _is_renamed(record):
            yield from self._moved(record, selection)
        else:
            known = kinds.get(anchor_of(record))
            values = selection.changed(record)
            if known is not None and values and selection.holds(known):
                yield ImportedObject(ChangeType.UPDATE, anchor_of(record), record.dn, kind_of(known), values)

    def _moved(self, record: Record, selection: Selection) -> Iterator[ImportedObject]:
        """The object and all below it as they are now: change tracking names the moved one alone, and not what it held before."""
        asked = tuple(dict.fromkeys((*_ALWAYS, *selection.names)))
        try:
            for page in self.connection.search_pages(f"<GUID={anchor_of(record)}>", "(objectClass=*)", asked):
                for found in page:
                    if selection.holds(found):
                        yield selection.whole(found)
                    elif kind_of(found) in selection.request.object_types:
                        yield ImportedObject(ChangeType.DELETE, anchor_of(found), found.dn, kind_of(found))
        except Refused as problem:
            # Deleted meanwhile: the next delta import brings the tombstone.
            if problem.result != NO_SUCH_OBJECT:
                raise

    def _kinds(self, records: Iterator[Record]) -> dict[str, Record]:
        """Type and DN by anchor: change tracking carries an object's class only when the object is new."""
        guids = [record.values("objectGUID")[0] for record in records]
        found: dict[str, Record] = {}
        for start in range(0, len(guids), _AT_ONCE):
            query = "(|" + "".join(f"(objectGUID={_escaped(guid)})" for guid in guids[start : start + _AT_ONCE]) + ")"
            for base in self.connection.root.texts("namingContexts"):
                if len(found) >= min(start + _AT_ONCE, len(guids)):
                    break
                for page in self.connection.search_pages(base, query, ("objectClass", "objectGUID")):
                    found |= {anchor_of(record): record for record in page}
        return found

    # --- export

    def export(self, changes: Sequence[ExportedChange]) -> Sequence[ExportResult]:
        """Value by value for attributes of many values; what the directory refuses is told object by object."""
        with in_words_of_mim(self.server):
            return [self._writer.apply(change) for change in changes]


class ActiveDirectoryConnector:
    """Opens the directory that belongs to an agent, by the agent's name."""

    def __init__(self, directories: Mapping[str, Directory]) -> None:
        self.directories = directories

    def connect(self, agent_name: str) -> ActiveDirectorySystem:
        """Raises SystemConnectionError; LibraryMissing where the controller lacks the packages."""
        directory = self.directories.get(agent_name)
        if directory is None:
            raise SystemConnectionError("no-start-credentials", "failed-authentication")
        return ActiveDirectorySystem(open_directory(directory))


def open_directory(directory: Directory) -> Connection:
    """A connection, or SystemConnectionError in MIM's words."""
    try:
        return connect(directory)
    except LibraryMissing:
        raise
    except LdapError as problem:
        port = directory.port or (TLS_PORT if directory.tls else PLAIN_PORT)
        raise connection_failure(problem, f"{directory.host}:{port}") from problem


def _everything(records: Sequence[Record], selection: Selection) -> tuple[list[ImportedObject], int]:
    present = [record for record in records if not _is_deleted(record)]
    objects = [selection.whole(record) for record in present if selection.holds(record)]
    return objects, len(present) - len(objects)


def _is_deleted(record: Record) -> bool:
    return record.text("isDeleted").upper() == "TRUE"


def _is_new(record: Record) -> bool:
    return "objectclass" in record.attributes


def _is_renamed(record: Record) -> bool:
    return "name" in record.attributes


def _escaped(data: bytes) -> str:
    return "".join(f"\\{byte:02x}" for byte in data)


def _cookie(watermark: str, server: str) -> bytes:
    try:
        return base64.b64decode(watermark, validate=True)
    except binascii.Error:
        literal = "The watermark is not one of this agent; run a full import."
        raise SystemConnectionError("no-start-full-import-required", "warning-no-watermark", server=server, literal=literal) from None
