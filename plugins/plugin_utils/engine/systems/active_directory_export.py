# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Changes of an export, written to a directory over LDAP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...ldap import names
from ...ldap.problems import ALREADY_EXISTS, INSUFFICIENT_RIGHTS, NO_SUCH_OBJECT, Refused
from ...ldap.records import Bytes, Edit, Record
from ...ldap.values import AttributeType, read_types
from .active_directory_objects import anchor_of
from .base import ChangeType, ExportedChange, ExportResult, Values

if TYPE_CHECKING:
    from ...ldap.connection import Connection

# LDAP's codes (RFC 4511, appendix A) and Windows' errors that MIM has a name of its own for.
_BY_RESULT = {
    17: "schema-violation",
    19: "constraint-violation",
    20: "cd-existing-attribute-or-value",
    21: "syntax-violation",
    NO_SUCH_OBJECT: "cd-missing-object",
    34: "invalid-dn",
    INSUFFICIENT_RIGHTS: "permission-issue",
    64: "invalid-dn",
    65: "schema-violation",
    67: "modify-naming-attribute",
    ALREADY_EXISTS: "cd-existing-object",
}
_WEAK_PASSWORD = 1325
_BY_WIN32 = {_WEAK_PASSWORD: "password-policy-violation", 1316: "cd-existing-object", 8305: "cd-existing-object", 8333: "cd-missing-object"}
_PASSWORD = "unicodepwd"


class _MissingObject(Exception):
    """The object is not in the directory any more."""


class DirectoryWriter:
    """Applies one change at a time."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._types: dict[str, AttributeType] = {}
        self._asked: set[str] = set()

    def apply(self, change: ExportedChange) -> ExportResult:
        """What came of it; raises Dropped."""
        renaming = False
        try:
            if change.change is ChangeType.ADD:
                return self._add(change)
            present = self._present(change)
            if change.change is ChangeType.DELETE:
                self.connection.delete(present.dn)
                return ExportResult(change.object_id, anchor=anchor_of(present), dn=present.dn)
            renaming = names.key(change.dn) != names.key(present.dn)
            if renaming:
                self._rename(present.dn, change.dn)
                renaming = False
            self._modify(change, present)
            return ExportResult(change.object_id, anchor=anchor_of(present), dn=change.dn)
        except _MissingObject:
            return ExportResult(change.object_id, "cd-missing-object", f"There is no object {change.dn}.")
        except Refused as problem:
            return ExportResult(change.object_id, _error(problem, renaming=renaming), problem.diagnostic or problem.message)

    def _add(self, change: ExportedChange) -> ExportResult:
        types = self._known(change.attributes)
        given = {name: _written(types.get(name.lower()), name, values) for name, values in change.attributes.items() if values}
        self.connection.add(change.dn, {"objectClass": (change.object_type.encode(),), **given})
        found = next(self.connection.search(change.dn, "(objectClass=*)", ("objectGUID",), scope="base"), Record(change.dn, {}))
        return ExportResult(change.object_id, anchor=anchor_of(found), dn=found.dn)

    def _present(self, change: ExportedChange) -> Record:
        """The object as it is, by its anchor; with the values of attributes that are changed value by value."""
        types = self._known(change.attributes)
        listed = [name for name in change.attributes if (kind := types.get(name.lower())) is not None and not kind.single]
        base = f"<GUID={change.anchor}>" if change.anchor else change.dn
        try:
            found = next(self.connection.search(base, "(objectClass=*)", ("objectGUID", *listed), scope="base"), None)
        except Refused as problem:
            if problem.result != NO_SUCH_OBJECT:
                raise
            found = None
        if found is None:
            raise _MissingObject
        return self.connection.complete(found)

    def _rename(self, dn: str, wanted: str) -> None:
        rdn, parent = names.split(wanted)
        moved = names.key(parent) != names.key(names.split(dn)[1])
        self.connection.rename(dn, rdn, parent if moved else "")

    def _modify(self, change: ExportedChange, present: Record) -> None:
        types = self._known(change.attributes)
        edits: list[Edit] = []
        for name, values in change.attributes.items():
            kind = types.get(name.lower())
            wanted = _written(kind, name, values)
            if kind is None or kind.single:
                edits.append(Edit("replace", name, wanted))
            else:
                edits += _value_edits(kind, name, present.values(name), wanted)
        if edits:
            self.connection.modify(change.dn, edits)

    def _known(self, attributes: Mapping[str, Values]) -> Mapping[str, AttributeType]:
        missing = {name.lower() for name in attributes} - self._asked
        if missing:
            self._types |= read_types(self.connection, missing)
            self._asked |= missing
        return self._types


def _written(kind: AttributeType | None, name: str, values: Values) -> Bytes:
    if name.lower() == _PASSWORD:
        # In quotation marks and UTF-16 ([MS-ADTS] 3.1.1.3.1.5.1).
        return tuple(f'"{value}"'.encode("utf-16-le") if isinstance(value, str) else bytes(value) for value in values if isinstance(value, (str, bytes)))
    return (kind or AttributeType(name, "", single=False)).write(values)


def _value_edits(kind: AttributeType, name: str, present: Bytes, wanted: Bytes) -> list[Edit]:
    """Values to take away and values to put in: a group of thousands is not written anew for one member."""
    old, new = ({_comparable(kind, value): value for value in values} for values in (present, wanted))
    gone = tuple(value for key, value in old.items() if key not in new)
    added = tuple(value for key, value in new.items() if key not in old)
    edits = [Edit("delete", name, gone)] if gone else []
    return [*edits, Edit("add", name, added)] if added else edits


def _comparable(kind: AttributeType, value: bytes) -> object:
    return names.key(value.decode("utf-8", errors="replace")) if kind.is_reference else value


def _error(problem: Refused, *, renaming: bool) -> str:
    """MIM's name for what the directory refused."""
    if renaming and problem.result == ALREADY_EXISTS:
        return "rename-to-existing-dn"
    return _BY_WIN32.get(problem.win32) or _BY_RESULT.get(problem.result, "cd-error")
