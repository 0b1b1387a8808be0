# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects from LDIF (RFC 2849, content records), as `ldifde` and `ldapsearch` write it.

The anchor is `objectGUID` (or `entryUUID`, or what is asked for), the object type the last of the `objectClass` values that the agent has.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence

from ..findings import Findings
from .typed import Raw, decoded, guid_text

ANCHORS = ("objectguid", "entryuuid")
# What is shown of a line that is none.
LONGEST_NAME = 40
Line = tuple[int, str]


def read_ldif(content: bytes, name: str, findings: Findings, anchors: Sequence[str] = ANCHORS) -> Iterator[Raw]:
    """The objects of a file; records that cannot be read become findings."""
    for record in _records(decoded(content)):
        place = f"{name}:{record[0][0]}"
        if len(record) == 1 and record[0][1].casefold().startswith("version:"):
            continue
        lines = record[1:] if record[0][1].casefold().startswith("version:") else record
        raw = _object(lines, place, findings, anchors)
        if raw is not None:
            yield raw


def _records(text: str) -> Iterator[list[Line]]:
    """Lines of a record with their numbers, folded ones joined, comments left out."""
    record: list[Line] = []
    comment = False
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if line.startswith(" "):
            if record and not comment:
                record[-1] = (record[-1][0], record[-1][1] + line[1:])
        elif not line.strip("\r"):
            if record:
                yield record
            record, comment = [], False
        else:
            comment = line.startswith("#")
            if not comment:
                record.append((number, line.rstrip("\r")))
    if record:
        yield record


def _object(lines: Sequence[Line], place: str, findings: Findings, anchors: Sequence[str]) -> Raw | None:
    attributes: dict[str, list[str | bytes]] = {}
    spelling: dict[str, str] = {}
    dn = ""
    for number, line in lines:
        name, value, fault = _value(line)
        if fault:
            findings.error("parse-error", f"{place.rpartition(':')[0]}:{number}", fault, subject=dn, attribute=name)
            continue
        if name.casefold() == "dn" and not dn:
            dn = value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")
        elif name.casefold() == "changetype":
            findings.error("invalid-change-type", place, "this is a change record; the preview reads content records", subject=dn)
            return None
        else:
            key = spelling.setdefault(name.casefold(), name)
            attributes.setdefault(key, []).append(value)
    return _raw(dn, attributes, spelling, place, anchors)


def _raw(dn: str, attributes: dict[str, list[str | bytes]], spelling: dict[str, str], place: str, anchors: Sequence[str]) -> Raw:
    types = attributes.get(spelling.get("objectclass", ""), [])
    found = next((attributes[spelling[anchor]][0] for anchor in map(str.casefold, anchors) if anchor in spelling), "")
    kinds = tuple(value if isinstance(value, str) else value.decode("utf-8", "replace") for value in types)
    return Raw(place, dn, guid_text(found) if found else "", kinds, attributes)


def _value(line: str) -> tuple[str, str | bytes, str]:
    """Name, value and fault of a line."""
    name, colon, rest = line.partition(":")
    base_name = name.partition(";")[0].strip()
    if not colon or not base_name:
        return base_name[:LONGEST_NAME], "", "the line is no 'attribute: value'"
    if rest.startswith("<"):
        return base_name, "", "values that stand in other files are not read"
    if not rest.startswith(":"):
        return base_name, rest.lstrip(" "), ""
    try:
        return base_name, base64.b64decode(rest[1:].strip(), validate=True), ""
    except (binascii.Error, ValueError):
        return base_name, "", "the value is not Base64"
