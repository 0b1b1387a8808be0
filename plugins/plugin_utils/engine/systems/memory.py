# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connected systems that live in memory: for tests, benchmarks and previews of made-up data.

One class stands for both kinds: with `anchor_attribute` the anchor and the DN are that attribute's value (the SharePoint
profile store), without it the anchor is given and the DN says where the object lies (a directory).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..values import below
from .base import ChangeType, ConnectedSystem, ExportedChange, ExportResult, ImportedObject, ImportPage, ImportRequest, SystemConnectionError, Values


@dataclass
class Entry:
    """An object of the system. `stamps`: change number of each attribute, and of `dn`."""

    anchor: str
    dn: str
    object_type: str
    attributes: dict[str, Values]
    created: int
    stamps: dict[str, int] = field(default_factory=dict)


@dataclass
class MemorySystem:
    """`hidden` attributes can be written and are not shown to an import (export-only ones)."""

    name: str = "memory:389"
    anchor_attribute: str = ""
    hidden: frozenset[str] = frozenset()
    entries: dict[str, Entry] = field(default_factory=dict)
    deleted: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    change: int = 0
    # Anchors whose export fails, with the error to give; changes the system takes and forgets.
    refuses: dict[str, str] = field(default_factory=dict)
    forgets: frozenset[str] = frozenset()
    # Raised at the next connection.
    broken: SystemConnectionError | None = None

    @property
    def server(self) -> str:
        return self.name

    # What happens in the system itself

    def put(self, anchor: str, dn: str, object_type: str, attributes: Mapping[str, Values]) -> Entry:
        """Adds an object, or replaces all of its attributes."""
        entry = self.entries.get(anchor)
        self.change += 1
        if entry is None:
            entry = self.entries[anchor] = Entry(anchor, dn, object_type, {}, self.change)
            self.deleted.pop(anchor, None)
        self.set(anchor, {**{name: () for name in entry.attributes if name not in attributes}, **attributes})
        if entry.dn != dn:
            self.move(anchor, dn)
        return entry

    def set(self, anchor: str, attributes: Mapping[str, Values]) -> None:
        """Changes attributes; an empty tuple removes one."""
        entry = self.entries[anchor]
        self.change += 1
        for name, values in attributes.items():
            if values == entry.attributes.get(name, ()):
                continue
            if values:
                entry.attributes[name] = values
            else:
                entry.attributes.pop(name, None)
            entry.stamps[name] = self.change

    def move(self, anchor: str, dn: str) -> None:
        """Renames or moves an object; references to it follow, as a directory's linked attributes do."""
        entry = self.entries[anchor]
        self.change += 1
        old, entry.dn, entry.stamps["dn"] = entry.dn, dn, self.change
        for other in self.entries.values():
            for name, values in other.attributes.items():
                if old in values:
                    other.attributes[name] = tuple(dn if value == old else value for value in values)

    def delete(self, anchor: str) -> None:
        entry = self.entries.pop(anchor)
        self.change += 1
        self.deleted[anchor] = (self.change, entry.dn, entry.object_type)
        for other in self.entries.values():
            for name, values in list(other.attributes.items()):
                if entry.dn in values:
                    self.set(other.anchor, {name: tuple(value for value in values if value != entry.dn)})

    def by_dn(self, dn: str) -> Entry | None:
        return next((entry for entry in self.entries.values() if entry.dn.casefold() == dn.casefold()), None)

    # ConnectedSystem

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        since = int(request.watermark) if request.watermark else -1
        objects: list[ImportedObject] = []
        filtered = 0
        for entry in list(self.entries.values()):
            last = max(entry.created, *entry.stamps.values()) if entry.stamps else entry.created
            if last <= since:
                continue
            if not self._in_scope(entry, request):
                filtered += 1
                if since >= 0 and entry.stamps.get("dn", 0) > since:
                    objects.append(ImportedObject(ChangeType.DELETE, entry.anchor, entry.dn, entry.object_type))
                continue
            objects.append(self._delivered(entry, request, since))
        if since >= 0:
            objects += [ImportedObject(ChangeType.DELETE, anchor, dn, kind) for anchor, (number, dn, kind) in self.deleted.items() if number > since]
        size = max(1, request.page_size)
        for start in range(0, max(1, len(objects)), size):
            last_page = start + size >= len(objects)
            yield ImportPage(tuple(objects[start : start + size]), str(self.change) if last_page else "", filtered if last_page else 0)

    def _in_scope(self, entry: Entry, request: ImportRequest) -> bool:
        if request.object_types and entry.object_type.lower() not in {name.lower() for name in request.object_types}:
            return False
        return self.anchor_attribute != "" or in_containers(entry.dn, request)

    def _delivered(self, entry: Entry, request: ImportRequest, since: int) -> ImportedObject:
        wanted = {name.lower() for name in request.attributes}
        shown = {name: values for name, values in entry.attributes.items() if name not in self.hidden and (not wanted or name.lower() in wanted)}
        whole = since < 0 or entry.created > since or entry.stamps.get("dn", 0) > since
        if whole:
            kind = ChangeType.REPLACE if entry.created <= since else ChangeType.ADD
            return ImportedObject(kind, entry.anchor, entry.dn, entry.object_type, shown)
        names = {name for name, number in entry.stamps.items() if number > since and name not in self.hidden and (not wanted or name.lower() in wanted)}
        return ImportedObject(ChangeType.UPDATE, entry.anchor, entry.dn, entry.object_type, {name: shown.get(name, ()) for name in sorted(names)})

    def export(self, changes: Sequence[ExportedChange]) -> Sequence[ExportResult]:
        return [self._apply(change) for change in changes]

    def _apply(self, change: ExportedChange) -> ExportResult:
        anchor = change.anchor or self._new_anchor(change)
        if anchor in self.refuses:
            return ExportResult(change.object_id, self.refuses[anchor], "refused")
        if change.change in (ChangeType.ADD, ChangeType.REPLACE):
            if anchor in self.entries and change.change is ChangeType.ADD:
                return ExportResult(change.object_id, "cd-existing-object", anchor)
            if anchor not in self.forgets:
                self.put(anchor, change.dn, change.object_type, {name: values for name, values in change.attributes.items() if values})
            return ExportResult(change.object_id, anchor=anchor, dn=change.dn)
        if anchor not in self.entries:
            return ExportResult(change.object_id, "cd-missing-object", anchor)
        if anchor not in self.forgets:
            if change.change is ChangeType.DELETE:
                self.delete(anchor)
            else:
                if self.entries[anchor].dn != change.dn and not self.anchor_attribute:
                    if self.by_dn(change.dn) not in (None, self.entries[anchor]):
                        return ExportResult(change.object_id, "rename-to-existing-dn", change.dn)
                    self.move(anchor, change.dn)
                self.set(anchor, change.attributes)
        return ExportResult(change.object_id, anchor=anchor, dn=change.dn)

    def _new_anchor(self, change: ExportedChange) -> str:
        values = change.attributes.get(self.anchor_attribute, ()) if self.anchor_attribute else ()
        return str(values[0]) if values else change.dn


def in_containers(dn: str, request: ImportRequest) -> bool:
    """Whether an object lies in the scope: at or below an inclusion and no nearer exclusion, or above an inclusion.

    The containers above an included one are part of the hierarchy and are read too (the domain's own object with them).
    """
    if request.partition_dn and not below(dn, request.partition_dn):
        return False
    included = [len(item) for item in request.inclusions if item and below(dn, item)]
    if not any(request.inclusions):
        included = [0]
    excluded = [len(item) for item in request.exclusions if item and below(dn, item)]
    if included and max(included) > max(excluded, default=-1):
        return True
    return any(below(item, dn) for item in request.inclusions if item)


@dataclass
class MemoryConnector:
    """Systems by agent name."""

    systems: dict[str, MemorySystem]

    def connect(self, agent_name: str) -> ConnectedSystem:
        system = self.systems[agent_name]
        if system.broken is not None:
            raise system.broken
        return system
