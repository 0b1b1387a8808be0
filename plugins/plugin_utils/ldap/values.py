# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values by the directory's own schema: bytes to what they mean and back.

Syntaxes: [MS-ADTS] 3.1.1.2.2.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

from .records import Bytes

if TYPE_CHECKING:
    from .connection import Connection

Value = Union[str, int, bool, bytes]
_BOOLEAN = "2.5.5.8"
_INTEGERS = frozenset({"2.5.5.9", "2.5.5.16"})
# Octets, security descriptors, SIDs.
_BINARY = frozenset({"2.5.5.10", "2.5.5.15", "2.5.5.17"})
_REFERENCE = "2.5.5.1"
# Samba's change tracking puts the target's identity before a DN that is no link: <GUID=...>;<SID=...>;CN=...
_EXTENDED = re.compile(r"(?:<[^<>]*>;)+")
# Names a filter asks for at once.
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class AttributeType:
    """`name` in the schema's own spelling; `syntax` an OID; `single` holds one value at most."""

    name: str
    syntax: str
    single: bool

    @property
    def is_reference(self) -> bool:
        return self.syntax == _REFERENCE

    def read(self, values: Bytes) -> tuple[Value, ...]:
        """What the bytes mean: text (a reference is a DN), integer, truth, bytes."""
        if self.syntax in _BINARY:
            return values
        if self.syntax == _BOOLEAN:
            return tuple(value.upper() == b"TRUE" for value in values)
        if self.syntax in _INTEGERS:
            return tuple(int(value) for value in values)
        texts = tuple(value.decode("utf-8", errors="replace") for value in values)
        return tuple(_EXTENDED.sub("", text, count=1) if text.startswith("<") else text for text in texts) if self.is_reference else texts

    def write(self, values: Iterable[Value]) -> Bytes:
        return tuple(_bytes(value) for value in values)


def _bytes(value: Value) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return b"TRUE" if value else b"FALSE"
    return str(value).encode()


def read_types(connection: Connection, names: Iterable[str]) -> Mapping[str, AttributeType]:
    """The attributes of these names that the forest has, by name in lower case."""
    base = connection.root.text("schemaNamingContext")
    wanted = sorted({name.lower() for name in names})
    found: dict[str, AttributeType] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        query = "(|" + "".join(f"(lDAPDisplayName={name})" for name in wanted[start : start + _AT_ONCE]) + ")"
        for record in connection.search(base, query, ("lDAPDisplayName", "attributeSyntax", "isSingleValued"), scope="one_level"):
            if syntax := record.text("attributeSyntax"):
                name = record.text("lDAPDisplayName")
                found[name.lower()] = AttributeType(name, syntax, record.text("isSingleValued") == "TRUE")
    return found
