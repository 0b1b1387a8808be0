# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""LDIF files as connected systems (RFC 2849): content for full imports, change records for delta imports and exports."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .base import ChangeType, ExportedChange, ExportResult, ImportedObject, ImportPage, ImportProblem, ImportRequest, SystemConnectionError, Value, Values

CHANGE_TYPES = {"add": ChangeType.ADD, "modify": ChangeType.UPDATE, "delete": ChangeType.DELETE, "modrdn": ChangeType.UPDATE, "moddn": ChangeType.UPDATE}
WIDTH = 76
SAFE_START = frozenset(map(chr, range(1, 128))) - frozenset("\0\n\r :<")
SAFE = frozenset(map(chr, range(1, 128))) - frozenset("\0\n\r")


@dataclass
class LdifRecord:
    """One record: `lines` are name and value; `problem` an error name if it cannot be read. `line` is its first line, from 1."""

    line: int
    lines: list[tuple[str, Value]] = field(default_factory=list)
    problem: str = ""
    attribute: str = ""

    def first(self, name: str) -> str:
        return next((str(value) for held, value in self.lines if held.casefold() == name), "")


def records(text: Iterator[str]) -> Iterator[LdifRecord]:
    """The records of a file, one by one; comments and the version line are left out."""
    start = 1
    held: list[str] = []
    for number, raw in enumerate(text, 1):
        line = raw.rstrip("\r\n")
        if not line:
            if held:
                yield _record(start, held)
            held = []
        elif line.startswith(" ") and held:
            held[-1] += line[1:]
        else:
            if not held:
                start = number
            held.append(line)
    if held:
        yield _record(start, held)


def _record(start: int, lines: list[str]) -> LdifRecord:
    record = LdifRecord(start)
    for line in lines:
        if line.startswith("#") or (line.startswith("version:") and not record.lines):
            continue
        if line == "-":
            record.lines.append(("-", ""))
            continue
        name, colon, rest = line.partition(":")
        if not colon or not name:
            record.problem = record.problem or "parse-error"
            continue
        record.lines.append((name, _value(record, name, rest)))
    return record


def _value(record: LdifRecord, name: str, rest: str) -> Value:
    if rest.startswith("<"):
        # An address of a file elsewhere: it is not followed.
        record.problem, record.attribute = "read-error", name
        return ""
    if not rest.startswith(":"):
        text = rest.lstrip(" ")
        if not text.isprintable() and any(0xD800 <= ord(char) < 0xE000 for char in text):
            record.problem, record.attribute = "invalid-attribute-value", name
        return text
    try:
        content = base64.b64decode(rest[1:].strip(), validate=True)
    except binascii.Error:
        record.problem, record.attribute = "invalid-base64-value", name
        return ""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content


class LdifSystem:
    """`anchor` names the attribute that identifies an object; without one its name does.

    `types` are object types by the structural class, the last `objectClass` of a record; a class that is not there is
    its own type. `binary` attributes are bytes even when they look like text, `references` hold names.
    """

    def __init__(self, path: Path, *, delta: Path | None = None, export: Path | None = None, anchor: str = "", binary: frozenset[str] = frozenset()) -> None:
        self.path = path
        self.delta_path = delta
        self.export_path = export
        self.anchor = anchor
        self.binary = frozenset(name.casefold() for name in binary)

    @property
    def server(self) -> str:
        return self.path.name

    # Import

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        if request.watermark and self.delta_path is None:
            raise SystemConnectionError("no-start-delta-step-type-not-configured", "failed-connection", server=self.server)
        path = self.delta_path if request.watermark and self.delta_path is not None else self.path
        types = {name.casefold() for name in request.object_types}
        objects: list[ImportedObject] = []
        problems: list[ImportProblem] = []
        filtered = 0
        for record in records(self._lines(path)):
            if not record.lines and not record.problem:
                continue
            made = self._object(record, {name.casefold() for name in request.attributes}, delta=bool(request.watermark))
            if isinstance(made, ImportProblem):
                problems.append(made)
            elif types and made.object_type and made.object_type.casefold() not in types:
                filtered += 1
            else:
                objects.append(made)
            if len(objects) + len(problems) >= max(1, request.page_size):
                yield ImportPage(tuple(objects), filtered=filtered, problems=tuple(problems))
                objects, problems, filtered = [], [], 0
        yield ImportPage(tuple(objects), "read", filtered, tuple(problems))

    def _lines(self, path: Path) -> Iterator[str]:
        try:
            with path.open("r", encoding="utf-8-sig", errors="surrogateescape", newline="\n") as stream:
                yield from stream
        except FileNotFoundError:
            raise SystemConnectionError("no-start-file-not-found", "failed-connection", server=self.server, literal=str(path)) from None
        except PermissionError:
            raise SystemConnectionError("no-start-file-access-denied", "failed-connection", server=self.server, literal=str(path)) from None

    def _object(self, record: LdifRecord, wanted: set[str], *, delta: bool) -> ImportedObject | ImportProblem:
        dn = record.first("dn")
        if record.problem or not dn:
            return ImportProblem(record.problem or "missing-dn", dn, "", record.attribute, record.line)
        word = record.first("changetype").casefold() or ("" if delta else "add")
        if word not in CHANGE_TYPES:
            return ImportProblem("invalid-change-type" if word else "missing-change-type", dn, "", "changetype", record.line)
        if word in ("modify", "modrdn", "moddn"):
            return self._modified(record, dn, word)
        values = self._values(record)
        kind = str(values.get("objectClass", ("",))[-1])
        if not kind and CHANGE_TYPES[word] is not ChangeType.DELETE:
            return ImportProblem("missing-object-class", dn, "", "objectClass", record.line)
        anchor = self._anchor(values, dn)
        shown = {name: held for name, held in values.items() if not wanted or name.casefold() in wanted}
        return ImportedObject(CHANGE_TYPES[word], anchor, dn, kind, shown)

    def _values(self, record: LdifRecord) -> dict[str, Values]:
        """Values by attribute, in the spelling that comes first; options of attribute names (`;binary`) are dropped."""
        spelling: dict[str, str] = {}
        values: dict[str, list[Value]] = {}
        for name, value in record.lines:
            plain = name.partition(";")[0]
            key = plain.casefold()
            if key in ("dn", "changetype", "control"):
                continue
            known = spelling.setdefault(key, "objectClass" if key == "objectclass" else plain)
            values.setdefault(known, []).append(value.encode() if key in self.binary and isinstance(value, str) else value)
        return {name: tuple(held) for name, held in values.items()}

    def _anchor(self, values: Mapping[str, Values], dn: str) -> str:
        if not self.anchor:
            return dn.casefold()
        held = next((found for name, found in values.items() if name.casefold() == self.anchor.casefold()), ())
        value = held[0] if held else ""
        return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else str(value)

    def _modified(self, record: LdifRecord, dn: str, word: str) -> ImportedObject | ImportProblem:
        """Only whole attributes can be told: what a file adds or deletes value by value needs the whole object."""
        if word != "modify" or self.anchor:
            return ImportProblem("need-full-object", dn, "", "", record.line)
        changed: dict[str, Values] = {}
        target = ""
        for name, value in record.lines:
            if name == "-":
                target = ""
            elif not target and name.casefold() in ("replace", "delete", "add"):
                target = str(value)
                if name.casefold() != "replace":
                    return ImportProblem("need-full-object", dn, "", target, record.line)
                changed[target] = ()
            elif target and name.partition(";")[0].casefold() == target.casefold():
                changed[target] = (*changed[target], value)
        return ImportedObject(ChangeType.UPDATE, self._anchor({}, dn), dn, "", changed)

    # Export

    def export(self, changes: Sequence[ExportedChange]) -> Sequence[ExportResult]:
        """Appends change records to the export file."""
        if self.export_path is None:
            return [ExportResult(change.object_id, "no-export-to-this-object-type", "the agent has no file for exports") for change in changes]
        with self.export_path.open("a", encoding="ascii", newline="\n") as stream:
            for change in changes:
                stream.writelines(f"{line}\n" for line in change_record(change))
        return [ExportResult(change.object_id, anchor=change.anchor or change.dn.casefold(), dn=change.dn) for change in changes]


def change_record(change: ExportedChange) -> Iterator[str]:
    """A change record's lines, an empty one last."""
    yield from _line("dn", change.dn)
    if change.change is ChangeType.DELETE:
        yield "changetype: delete"
    elif change.change is ChangeType.UPDATE:
        yield "changetype: modify"
        for name, values in change.attributes.items():
            yield from _line("replace", name)
            for value in values:
                yield from _line(name, value)
            yield "-"
    else:
        yield "changetype: add"
        yield from _line("objectClass", change.object_type)
        for name, values in change.attributes.items():
            for value in values:
                yield from _line(name, value)
    yield ""


def _line(name: str, value: Value) -> Iterator[str]:
    """A line, folded; Base64 for what is no safe text."""
    if isinstance(value, bool):
        value = "TRUE" if value else "FALSE"
    content = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
    text = "" if isinstance(value, bytes) else str(value)
    if text and text[0] in SAFE_START and not text.endswith(" ") and all(char in SAFE for char in text):
        line = f"{name}: {text}"
    else:
        line = f"{name}:: {base64.b64encode(content).decode('ascii')}" if content else f"{name}:"
    yield line[:WIDTH]
    for start in range(WIDTH, len(line), WIDTH - 1):
        yield " " + line[start : start + WIDTH - 1]
