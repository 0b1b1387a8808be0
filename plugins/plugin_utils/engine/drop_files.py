# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Drop files: a step writes what it reads or sends to a file, or an import reads that file in place of the source.

Subtypes of the step: reference page `sync-engine` section 2 (LC, DB 2.2.6.2.9 and .13). `to-file` without `resume-from-file` writes and
stops, `resume-from-file` alone reads, both write and carry on; an import without `to-cs` synchronizes what it staged, as one without
a drop file does. Those that write and stop or read leave the watermark of delta imports as it is, and the number of the export's batch.
Form of the file: the MMSML that Microsoft documents for connector-space exports, one `delta` an object, and one `discovery-error` for
what could not be read. Passwords are not written.
"""

from __future__ import annotations

import base64
import binascii
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from ..configuration.document import parse
from ..configuration.element import Element
from ..configuration.model import RunStep, StepKind
from ..errors import DocumentError
from .systems.base import (
    ChangeType,
    ConnectedSystem,
    ExportedChange,
    ExportResult,
    ImportedObject,
    ImportPage,
    ImportProblem,
    ImportRequest,
    SystemConnectionError,
    Value,
    Values,
)

_KINDS = {
    "full-import": StepKind.FULL_IMPORT_DELTA_SYNC,
    "delta-import": StepKind.DELTA_IMPORT_DELTA_SYNC,
    "full-import-reevaluate-rules": StepKind.FULL_IMPORT_FULL_SYNC,
    "export": StepKind.EXPORT,
}
_STAGED = {"full-import": StepKind.FULL_IMPORT, "delta-import": StepKind.DELTA_IMPORT}
_PASSWORDS = frozenset({"export_password", "unicodepwd", "userpassword"})
_SUBTYPES = frozenset({"to-cs", "to-file", "resume-from-file"})
_NAMESPACE = "http://www.microsoft.com/mms/mmsml/v2"


class DropFile(Protocol):
    """A drop file of an agent, by its name."""

    def read(self) -> bytes:
        """Raises SystemConnectionError when there is none."""

    def write(self, content: bytes) -> None: ...


@runtime_checkable
class KeepsDropFiles(Protocol):
    """A connector that has a place for drop files."""

    def drop_file(self, agent_name: str, file_name: str) -> DropFile: ...


@dataclass(frozen=True)
class Use:
    """What a step of this kind does with its drop file: reads it, writes it, carries on to stage or send."""

    kind: StepKind
    reads: bool
    writes: bool
    goes_on: bool


def use_of_drop_file(step: RunStep) -> Use | None:
    """None for a step that has none, and for an export from one: nobody says what becomes of the pending exports then."""
    said = frozenset(step.subtypes)
    kind = (_STAGED if "to-cs" in said else _KINDS).get(step.type)
    if kind is None or not step.drop_file or not said & {"to-file", "resume-from-file"} or not said <= _SUBTYPES:
        return None
    writes, resumes = "to-file" in said, "resume-from-file" in said
    if kind is StepKind.EXPORT and not writes:
        return None
    # Both ways of a full import with full synchronization are one: it has no further box in the client.
    return Use(kind, reads=resumes and not writes, writes=writes, goes_on=resumes or kind is StepKind.FULL_IMPORT_FULL_SYNC)


@dataclass
class Recording:
    """A system whose imports, or the exports to it, are written to a file; pages are written at the end, exports with each batch."""

    system: ConnectedSystem
    file: DropFile
    step_type: str
    sent: list[ExportedChange] = field(default_factory=list)

    @property
    def server(self) -> str:
        return self.system.server

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        root, entries = _begun(self.step_type)
        for page in self.system.import_pages(request):
            for item in page.objects:
                _write_object(entries, item)
            for problem in page.problems:
                traits = {"dn": problem.dn, "error-type": problem.error_type, "attribute": problem.attribute, "line": str(problem.line)}
                ET.SubElement(entries, "discovery-error", traits)
            yield page
        self.file.write(ET.tostring(root, encoding="utf-8"))

    def export(self, changes: Sequence[ExportedChange]) -> Sequence[ExportResult]:
        self.sent.extend(changes)
        write_exports(self.file, self.sent)
        return self.system.export(changes)


def write_exports(file: DropFile, changes: Iterable[ExportedChange]) -> None:
    root, entries = _begun("export")
    for one in changes:
        attributes = {name: values for name, values in one.attributes.items() if name.casefold() not in _PASSWORDS}
        _write_object(entries, ImportedObject(one.change, one.anchor, one.dn, one.object_type, attributes))
    file.write(ET.tostring(root, encoding="utf-8"))


@dataclass
class Replay:
    """A file in place of a system; it says nothing of where the next delta begins."""

    file: DropFile
    server: str = ""

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        try:
            root = parse(self.file.read(), "drop file").root
        except DocumentError as problem:
            raise SystemConnectionError("stopped-parsing-errors", "failed-connection", literal=problem.message) from None
        entries = root.find("directory-entries")
        objects, problems = [], []
        for item in entries.children if entries is not None else ():
            if item.local == "delta":
                objects.append(_read_object(item))
            elif item.local == "discovery-error":
                problems.append(ImportProblem(item.get("error-type"), item.get("dn"), "", item.get("attribute"), int(item.get("line") or 0)))
            if len(objects) >= max(1, request.page_size):
                yield ImportPage(tuple(objects))
                objects = []
        yield ImportPage(tuple(objects), problems=tuple(problems))

    def export(self, changes: Sequence[ExportedChange]) -> Sequence[ExportResult]:
        return [ExportResult(change.object_id, "unexpected-error") for change in changes]


def _begun(step_type: str) -> tuple[ET.Element, ET.Element]:
    root = ET.Element("mmsml", {"xmlns": _NAMESPACE, "step-type": step_type})
    return root, ET.SubElement(root, "directory-entries")


def _write_object(parent: ET.Element, item: ImportedObject) -> None:
    delta = ET.SubElement(parent, "delta", {"operation": item.change.value, "dn": item.dn})
    anchor = ET.SubElement(delta, "anchor", {"encoding": "base64"})
    anchor.text = base64.b64encode(item.anchor.encode()).decode("ascii")
    ET.SubElement(delta, "primary-objectclass").text = item.object_type
    for name, values in item.attributes.items():
        attribute = ET.SubElement(delta, "attr", {"name": name, "multivalued": "true" if len(values) > 1 else "false"})
        for value in values:
            traits, text = _written(value)
            ET.SubElement(attribute, "value", traits).text = text


def _written(value: Value) -> tuple[dict[str, str], str]:
    """Text that XML cannot hold as it is travels as Base64, like bytes."""
    if isinstance(value, bool):
        return {"type": "boolean"}, "true" if value else "false"
    if isinstance(value, int):
        return {"type": "integer"}, str(value)
    if isinstance(value, bytes):
        return {"type": "binary", "encoding": "base64"}, base64.b64encode(value).decode("ascii")
    if value.isprintable() and value == value.strip() and not any(0xD800 <= ord(char) < 0xE000 for char in value):
        return {}, value
    return {"encoding": "base64"}, base64.b64encode(value.encode("utf-8", "surrogatepass")).decode("ascii")


def _read_object(item: Element) -> ImportedObject:
    try:
        anchor = base64.b64decode(item.find_text("anchor"), validate=True).decode()
        attributes: dict[str, Values] = {one.get("name"): tuple(_read(value) for value in one.find_all("value")) for one in item.find_all("attr")}
        return ImportedObject(ChangeType(item.get("operation")), anchor, item.get("dn"), item.find_text("primary-objectclass"), attributes)
    except (ValueError, binascii.Error) as problem:
        raise SystemConnectionError("stopped-parsing-errors", "failed-connection", literal=f"{item.get('dn')}: {problem}") from None


def _read(value: Element) -> Value:
    kind, text = value.get("type"), value.text
    if value.get("encoding") == "base64":
        content = base64.b64decode(text, validate=True)
        return content if kind == "binary" else content.decode("utf-8", "surrogatepass")
    if kind == "boolean":
        return text == "true"
    return int(text) if kind == "integer" else text
