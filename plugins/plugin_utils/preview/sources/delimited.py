# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects from a CSV file with a header.

Columns: `dn` (or `distinguishedName`), `anchor` (or `objectGUID`), `objectClass` (or `object_type`); every other column is an attribute of
the agent. Several values of an attribute are parted by the separator `;`; binary values are Base64, references distinguished names.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...configuration.model import ManagementAgent, Syntax
from ...engine.rules import Names
from ...errors import InputError
from ..findings import Findings
from .typed import Raw, decoded, guid_text, is_guid, shortened

GUID = "objectguid"
KEYS = {"dn": ("dn", "distinguishedname"), "anchor": ("anchor", GUID), "type": ("objectclass", "object_type")}


@dataclass(frozen=True)
class Layout:
    """Where the columns stand: those that tell objects apart, and the attributes. `guids`: anchors are GUIDs, by their column's name."""

    keys: Mapping[str, int]
    columns: Mapping[int, str]
    names: Names
    separator: str
    guids: bool = False


FIELD_LIMIT = 64 * 1024 * 1024


def read_csv(content: bytes, name: str, agent: ManagementAgent, findings: Findings, *, delimiter: str = ",", separator: str = ";") -> Iterator[Raw]:
    """Raises InputError for a file without the columns that tell objects apart."""
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.reader(io.StringIO(decoded(content), newline=""), delimiter=delimiter)
    header = next(reader, [])
    keys = _keys(header, name)
    names = Names(agent.schema, agent.included_attributes)
    layout = Layout(keys, _columns(header, keys, names, f"{name}:1", findings), names, separator, header[keys["anchor"]].strip().casefold() == GUID)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as problem:
            findings.error("parse-error", f"{name}:{reader.line_num}", f"the line cannot be read: {problem}")
            continue
        if row is None:
            return
        place = f"{name}:{reader.line_num}"
        if len(row) != len(header):
            if row:
                findings.error("parse-error", place, f"{len(row)} fields, the header has {len(header)}; the line is left out")
            continue
        raw = _object(row, place, layout)
        if layout.guids and raw.anchor and not is_guid(raw.anchor):
            message = f"{shortened(raw.anchor)} is no GUID, neither as text nor as Base64; the object is left out"
            findings.error("missing-anchor-component", place, message, subject=raw.dn)
            continue
        yield raw


def _keys(header: list[str], name: str) -> Mapping[str, int]:
    lowered = [column.strip().casefold() for column in header]
    found = {key: next((lowered.index(option) for option in options if option in lowered), -1) for key, options in KEYS.items()}
    missing = [KEYS[key][0] for key, index in found.items() if index < 0]
    if missing:
        raise InputError(f"{name} has no column {' and no column '.join(missing)}; it has {', '.join(header) or 'none'}", path="objects")
    return found


def _columns(header: list[str], keys: Mapping[str, int], names: Names, place: str, findings: Findings) -> dict[int, str]:
    columns: dict[int, str] = {}
    for index, column in enumerate(header):
        spelled = names.spelling.get(column.strip()) or names.spelling.get(column.strip().lower())
        if spelled is not None:
            columns[index] = spelled
        elif index not in keys.values():
            findings.error("unknown-column", place, f"the agent has no attribute {column!r}, or has not selected it; the column is left out")
    return columns


def _object(row: list[str], place: str, layout: Layout) -> Raw:
    attributes: dict[str, list[str | bytes]] = {}
    for index, column in layout.columns.items():
        text = row[index]
        if text:
            single = column in layout.names.single or layout.names.syntax_of(column) is Syntax.BINARY
            attributes[column] = [text] if single else _parts(text, layout.separator)
    anchor = row[layout.keys["anchor"]].strip()
    kinds = tuple(str(part) for part in _parts(row[layout.keys["type"]], layout.separator))
    return Raw(place, row[layout.keys["dn"]].strip(), guid_text(anchor) if anchor else "", kinds, attributes)


def _parts(text: str, separator: str) -> list[str | bytes]:
    return [part.strip() for part in text.split(separator) if part.strip()]
