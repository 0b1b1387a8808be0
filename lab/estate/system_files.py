# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Agents for delimited, fixed-width and LDIF files: files in the agent's folder below MaData on the server's own volume.

The run step names the file that is read or written. The engine's adapters want files of this machine, so each step gets copies in a
folder of its own, and what an export wrote goes back.
"""

from __future__ import annotations

import ntpath
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...plugins.plugin_utils.configuration.model import ManagementAgent, RunStep, StepKind, Syntax
from ...plugins.plugin_utils.desired.words import FILES
from ...plugins.plugin_utils.engine.systems.base import (
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
from ...plugins.plugin_utils.engine.systems.delimited import DelimitedSystem, FileForm
from ...plugins.plugin_utils.engine.systems.ldif import LdifSystem

if TYPE_CHECKING:
    from .synchronization import SynchronizationService

CATEGORIES = frozenset({"delimited", "fixed", "ldif"})
# Windows code pages -> Python's names; UTF-8 with or without a byte order mark.
_ENCODINGS = {"65001": "utf-8-sig", "1200": "utf-16", "1252": "cp1252", "1250": "cp1250", "20127": "ascii", "850": "cp850", "437": "cp437", "28591": "latin-1"}
_INPUT, _OUTPUT = FILES["input_file"], FILES["output_file"]
_IMPORTED, _EXPORTED = "input", "output"


def connect_files(service: SynchronizationService, agent: ManagementAgent, step: RunStep) -> HostFiles:
    """Opens the files of a step; raises SystemConnectionError for one that does not name its file."""
    named = dict(step.data)
    name = named.get(_OUTPUT if step.kind is StepKind.EXPORT else _INPUT, "")
    if not name:
        raise SystemConnectionError("no-start-file-open", "failed-connection", literal="the run step names no file")
    return HostFiles(service, agent, working_file(service, agent.name, name), delta=step.type == "delta-import")


def working_file(service: SynchronizationService, agent: str, name: str) -> str:
    """Full path of a file of an agent: below its folder, unless it is named in full."""
    return name if ntpath.isabs(name) else ntpath.join(service.path(f"MaData\\{agent}"), name)


@dataclass(frozen=True)
class DropFileOnHost:
    """Implements the engine's `DropFile`."""

    service: SynchronizationService
    path: str

    def read(self) -> bytes:
        node = self.service.host.files.get(self.path)
        if node is None or node.content is None:
            raise SystemConnectionError("no-start-file-not-found", "failed-connection", literal=self.path)
        return node.content

    def write(self, content: bytes) -> None:
        write_working_file(self.service, self.path, content)


def write_working_file(service: SynchronizationService, path: str, content: bytes) -> None:
    if not service.host.files.is_folder(ntpath.dirname(path)):
        raise SystemConnectionError("no-start-ma-working-directory", "failed-connection", literal=ntpath.dirname(path))
    service.host.files.write(path, content, now=service.now())


@dataclass
class HostFiles:
    """Implements the engine's `ConnectedSystem` for one step."""

    service: SynchronizationService
    agent: ManagementAgent
    path: str
    delta: bool = False

    @property
    def server(self) -> str:
        return ntpath.basename(self.path)

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        node = self.service.host.files.get(self.path)
        if node is None or node.content is None:
            raise SystemConnectionError("no-start-file-not-found", "failed-connection", server=self.server, literal=self.path)
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / _IMPORTED
            copy.write_bytes(node.content)
            system = self._system(copy, delta=copy if self.delta else None)
            for page in system.import_pages(request):
                yield self._typed(page)

    def export(self, changes: Sequence[ExportedChange]) -> Sequence[ExportResult]:
        """The file is written anew by each export and holds what changed, as the service writes it."""
        with tempfile.TemporaryDirectory() as folder:
            known, written = Path(folder) / _IMPORTED, Path(folder) / _EXPORTED
            if self.agent.category.casefold() != "ldif":
                # What is changed or deleted is there: the service knows it from its connector space.
                there = [replace(change, change=ChangeType.ADD, attributes={}) for change in changes if change.change is not ChangeType.ADD]
                self._system(known).export(there)
            results = self._system(known, export=written).export(changes)
            write_working_file(self.service, self.path, written.read_bytes() if written.exists() else b"")
        return results

    def _system(self, path: Path, *, delta: Path | None = None, export: Path | None = None) -> ConnectedSystem:
        anchors = self.agent.dn_attributes.get("", ())
        if self.agent.category.casefold() == "ldif":
            binary = frozenset(one.name for one in self.agent.schema.attributes.values() if one.syntax is Syntax.BINARY)
            return LdifSystem(path, delta=delta, export=export, anchor=anchors[0] if anchors else "", binary=binary)
        return DelimitedSystem(path, self._form(anchors), delta=delta, export=export)

    def _form(self, anchors: tuple[str, ...]) -> FileForm:
        settings = self.agent.settings
        page = settings.get("code_page", "65001")
        if page not in _ENCODINGS:
            raise SystemConnectionError("no-start-file-code-page", "failed-connection", server=self.server, literal=f"The lab does not know code page {page}.")
        widths = tuple(column.width for column in self.agent.columns) if self.agent.category.casefold() == "fixed" else ()
        types = [one.name for one in self.agent.schema.classes.values()]
        return FileForm(
            anchors=anchors,
            columns=tuple(column.name for column in self.agent.columns),
            header=settings.get("first_row_is_header", "0") == "1",
            separator=_character(settings.get("delimiter", ""), ","),
            quote=_character(settings.get("text_qualifier", ""), '"'),
            widths=widths,
            object_type=types[0] if types else "",
            type_column=settings.get("object_type_attribute", ""),
            change_column=self._change_column(),
            encoding=_ENCODINGS[page],
        )

    def _change_column(self) -> str:
        """The column that says what a row of a delta file means; only the document names it."""
        from .synchronization_import import agent_data, find_agent

        _unused, document = find_agent(self.service.state, self.agent.name)
        return agent_data(document).find_text("private-configuration/MAConfig/change_type_attribute")

    def _typed(self, page: ImportPage) -> ImportPage:
        """Numbers and truths as such where the schema says so; a text that is none is a discovery error of its object."""
        kinds = {name: one.syntax for name, one in self.agent.schema.attributes.items() if one.syntax in (Syntax.INTEGER, Syntax.BOOLEAN)}
        if not kinds:
            return page
        made = [_converted(item, kinds) for item in page.objects]
        objects = tuple(one for one in made if isinstance(one, ImportedObject))
        problems = tuple(one for one in made if isinstance(one, ImportProblem))
        return ImportPage(objects, page.watermark, page.filtered, (*page.problems, *problems))


def _character(code: str, default: str) -> str:
    return chr(int(code)) if code.isdigit() and int(code) else default


def _converted(item: ImportedObject, kinds: Mapping[str, Syntax]) -> ImportedObject | ImportProblem:
    attributes: dict[str, Values] = {}
    for name, values in item.attributes.items():
        kind = kinds.get(name.casefold())
        made = tuple(_value(value, kind) for value in values)
        if any(value is None for value in made):
            return ImportProblem("invalid-attribute-value", item.dn, item.anchor, name)
        attributes[name] = tuple(value for value in made if value is not None)
    return ImportedObject(item.change, item.anchor, item.dn, item.object_type, attributes)


def _value(value: Value, kind: Syntax | None) -> Value | None:
    if kind is None or not isinstance(value, str):
        return value
    if kind is Syntax.BOOLEAN:
        return {"true": True, "1": True, "false": False, "0": False}.get(value.strip().casefold())
    try:
        return int(value)
    except ValueError:
        return None
