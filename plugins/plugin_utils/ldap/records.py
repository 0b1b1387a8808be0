# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects as they come over LDAP: attribute names without regard to case, values as bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Bytes = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """`attributes` by name in lower case, without the options behind a semicolon; `partial` ones hold only their first values.

    `partial`: name -> where the next part begins (range retrieval, [MS-ADTS] 3.1.1.3.1.3.3).
    """

    dn: str
    attributes: Mapping[str, Bytes]
    partial: Mapping[str, int] = field(default_factory=dict)

    def values(self, name: str) -> Bytes:
        return self.attributes.get(name.lower(), ())

    def text(self, name: str) -> str:
        """The first value; empty if there is none."""
        values = self.values(name)
        return values[0].decode("utf-8", errors="replace") if values else ""

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(value.decode("utf-8", errors="replace") for value in self.values(name))


@dataclass(frozen=True, slots=True)
class ChangedRecords:
    """One answer to a DirSync search; `more` says that the next one follows with this cookie."""

    records: tuple[Record, ...]
    cookie: bytes
    more: bool


@dataclass(frozen=True, slots=True)
class Edit:
    """One part of a modification: add, delete (all values if none is named) or replace."""

    operation: str
    attribute: str
    values: Bytes = ()


def record_of(dn: str, found: Mapping[str, Bytes]) -> Record:
    """From the attributes as they were named in the answer, `member;range=0-1499` among them."""
    attributes: dict[str, Bytes] = {}
    partial: dict[str, int] = {}
    for label, values in found.items():
        name, *options = label.lower().split(";")
        last = next((option.rpartition("-")[2] for option in options if option.startswith("range=")), "*")
        if last != "*":
            partial[name] = int(last) + 1
        # AD sends an empty `member` beside `member;range=0-1499`.
        attributes[name] = attributes.get(name, ()) + values
    return Record(dn, attributes, partial)
