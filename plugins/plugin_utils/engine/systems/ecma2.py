# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A generic ECMA 2 agent: whatever offers four calls is a connected system.

The calls are those of the extensible connectivity interface (open, import, export, close) with its capabilities and with
the special results of an export entry; source: reference page `sync-engine` section 2 (FIMDEV hh859562).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from .base import ChangeType, ExportedChange, ExportResult, ImportedObject, ImportPage, ImportRequest, SystemConnectionError, Values

# Results of an export entry that are no errors: what the engine has to do about them.
CONVERT_TO_ADD, CONVERT_TO_UPDATE, NEXT_PASS = "convert-update-to-add", "convert-add-to-update", "next-pass-retry"


@dataclass(frozen=True)
class Capabilities:
    """What the extension can do. `object_replace`: an update sends the whole object; `delete_add_as_replace` is not offered."""

    delta_import: bool = True
    object_replace: bool = False
    no_references_in_first_pass: bool = False


class Extension(Protocol):
    """The four calls. `read` yields objects and sets `watermark`; `write` answers an error name or a special result for each change."""

    capabilities: Capabilities
    watermark: str

    def open(self, parameters: Mapping[str, str]) -> None:
        """Raises SystemConnectionError."""

    def read(self, request: ImportRequest) -> Iterator[ImportedObject]: ...

    def write(self, change: ExportedChange) -> ExportResult: ...

    def close(self) -> None: ...


class Ecma2System:
    """Implements `base.ConnectedSystem` on an extension."""

    def __init__(self, name: str, extension: Extension, parameters: Mapping[str, str]) -> None:
        self.server = name
        self.extension = extension
        self.parameters = parameters

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        if request.watermark and not self.extension.capabilities.delta_import:
            raise SystemConnectionError("no-start-delta-step-type-not-configured", "failed-connection", server=self.server)
        self.extension.open(self.parameters)
        try:
            objects: list[ImportedObject] = []
            for item in self.extension.read(request):
                objects.append(item)
                if len(objects) >= max(1, request.page_size):
                    yield ImportPage(tuple(objects))
                    objects = []
            yield ImportPage(tuple(objects), self.extension.watermark)
        finally:
            self.extension.close()

    def export(self, changes: Sequence[ExportedChange]) -> Sequence[ExportResult]:
        self.extension.open(self.parameters)
        try:
            return [self._write(change) for change in changes]
        finally:
            self.extension.close()

    def _write(self, change: ExportedChange) -> ExportResult:
        """A change that the extension wants converted is sent once more in the other form."""
        result = self.extension.write(change)
        if result.error == CONVERT_TO_ADD and change.change is ChangeType.UPDATE:
            return self.extension.write(replace(change, change=ChangeType.ADD))
        if result.error == CONVERT_TO_UPDATE and change.change is ChangeType.ADD:
            return self.extension.write(replace(change, change=ChangeType.UPDATE))
        return result


@dataclass
class TableExtension:
    """An extension on rows in memory: anchor -> object type and values, each row with the number of its last change."""

    anchor: str
    rows: dict[str, tuple[str, dict[str, Values]]] = field(default_factory=dict)
    capabilities: Capabilities = field(default_factory=Capabilities)
    watermark: str = ""
    required: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.change = len(self.rows)
        self.changed = {anchor: number for number, anchor in enumerate(self.rows, 1)}
        self.gone: dict[str, tuple[int, str]] = {}

    def open(self, parameters: Mapping[str, str]) -> None:
        missing = sorted(name for name in self.required if not parameters.get(name))
        if missing:
            raise SystemConnectionError("stopped-extensible-extension-error", "failed-connection", literal=f"the parameters {', '.join(missing)} have no value")

    def close(self) -> None:
        """Nothing is held open."""

    def put(self, anchor: str, object_type: str, values: Mapping[str, Values]) -> None:
        """Adds a row or replaces it."""
        self.change += 1
        self.rows[anchor] = (object_type, {name: held for name, held in {self.anchor: (anchor,), **values}.items() if held})
        self.changed[anchor] = self.change
        self.gone.pop(anchor, None)

    def drop(self, anchor: str) -> None:
        object_type, _unused = self.rows.pop(anchor)
        self.change += 1
        self.gone[anchor] = (self.change, object_type)

    def read(self, request: ImportRequest) -> Iterator[ImportedObject]:
        since = int(request.watermark or -1)
        self.watermark = str(self.change)
        for anchor, (object_type, values) in list(self.rows.items()):
            if self.changed[anchor] > since and object_type in request.object_types:
                yield ImportedObject(ChangeType.REPLACE, anchor, anchor, object_type, dict(values))
        for anchor, (number, object_type) in self.gone.items():
            if request.watermark and number > since:
                yield ImportedObject(ChangeType.DELETE, anchor, anchor, object_type)

    def write(self, change: ExportedChange) -> ExportResult:
        anchor = change.anchor or str(change.attributes.get(self.anchor, (change.dn,))[0])
        there = anchor in self.rows
        if change.change is ChangeType.ADD:
            if there:
                return ExportResult(change.object_id, CONVERT_TO_UPDATE)
            self.put(anchor, change.object_type, change.attributes)
        elif change.change is ChangeType.DELETE:
            if not there:
                return ExportResult(change.object_id, "cd-missing-object", anchor)
            self.drop(anchor)
        else:
            if not there:
                return ExportResult(change.object_id, CONVERT_TO_ADD)
            self.put(anchor, change.object_type, {**self.rows[anchor][1], **change.attributes})
        return ExportResult(change.object_id, anchor=anchor, dn=anchor)
