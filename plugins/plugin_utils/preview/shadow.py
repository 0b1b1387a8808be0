# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connected systems for a preview: what a source holds, and over it what was exported to it in the preview.

A base is anything that can be read (a file's objects, the connector space's own view, a live system); it is never written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

from ..engine.objects import CsObject
from ..engine.rules import AgentRules
from ..engine.systems.base import ChangeType, ConnectedSystem, ExportedChange, ExportResult, ImportedObject, ImportPage, ImportRequest, Values
from ..engine.systems.memory import in_containers
from .sandbox import AnyStore

MARK = "|preview "
RECORDED = "recorded"


class Base(Protocol):
    """The readable half of a connected system."""

    @property
    def server(self) -> str: ...

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]: ...


@dataclass
class Recorded:
    """Objects that were read once: a full import delivers those in scope, a delta import nothing, for nothing has changed since."""

    objects: Sequence[ImportedObject]
    server: str = "recorded objects"
    in_tree: bool = True

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        if request.watermark:
            yield ImportPage((), RECORDED)
            return
        types = {name.lower() for name in request.object_types}
        wanted = {name.lower() for name in request.attributes}
        found: list[ImportedObject] = []
        filtered = 0
        for item in self.objects:
            if (types and item.object_type.lower() not in types) or (self.in_tree and not in_containers(item.dn, request)):
                filtered += 1
            else:
                found.append(selected(item, wanted))
        size = max(1, request.page_size)
        for start in range(0, max(1, len(found)), size):
            last = start + size >= len(found)
            yield ImportPage(tuple(found[start : start + size]), RECORDED if last else "", filtered if last else 0)


def selected(item: ImportedObject, wanted: set[str]) -> ImportedObject:
    """With the wanted attributes (lower case) only; an empty set means all."""
    if not wanted or all(name.lower() in wanted for name in item.attributes):
        return item
    shown = {name: values for name, values in item.attributes.items() if name.lower() in wanted}
    return ImportedObject(item.change, item.anchor, item.dn, item.object_type, shown)


@dataclass
class Overlaid:
    """An object that the preview exported to; `attributes` are all of a new one, the changed ones of another."""

    number: int
    change: ChangeType
    dn: str
    object_type: str
    attributes: dict[str, Values] = field(default_factory=dict)


@dataclass
class ExportLog:
    """What was exported, by object number: what each attribute held before it was written first, the objects added and deleted."""

    held: dict[int, dict[str, Values]] = field(default_factory=dict)
    added: set[int] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)

    def note(self, change: ExportedChange, item: CsObject | None) -> None:
        number = int(change.object_id)
        if change.change is ChangeType.DELETE:
            self.deleted.add(number)
        elif change.change is ChangeType.ADD:
            self.added.add(number)
        before = {**(item.hologram or {}), **item.unconfirmed} if item is not None else {}
        written = self.held.setdefault(number, {})
        for name in change.attributes:
            written.setdefault(name, before.get(name, ()))


class ShadowSystem:
    """Implements `ConnectedSystem`; takes every export and shows it to the next import, as the system is expected to."""

    def __init__(self, base: Base, rules: AgentRules, store: AnyStore) -> None:
        self.base = base
        self.rules = rules
        self.store = store
        self.overlay: dict[str, Overlaid] = {}
        self.number = 0
        self.log = ExportLog()

    @property
    def server(self) -> str:
        return self.base.server

    # Import

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        watermark, _unused, since = request.watermark.partition(MARK)
        own = int(since) if since else 0
        met: set[str] = set()
        last, filtered = watermark, 0
        asked = ImportRequest(
            request.partition_dn, request.object_types, request.attributes, request.inclusions, request.exclusions, watermark, request.page_size
        )
        for page in self.base.import_pages(asked):
            last, filtered = page.watermark or last, filtered + page.filtered
            met.update(item.anchor for item in page.objects)
            objects = tuple(item for item in map(self._overlaid, page.objects) if item is not None)
            if objects:
                yield ImportPage(objects)
        rest = tuple(self._unmet(request, own, met))
        yield ImportPage(rest, f"{last}{MARK}{self.number}", filtered)

    def _overlaid(self, item: ImportedObject) -> ImportedObject | None:
        over = self.overlay.get(item.anchor)
        if over is None or item.change is ChangeType.DELETE:
            return item
        if over.change is ChangeType.DELETE:
            return None
        merged = {**item.attributes, **over.attributes}
        kept = merged if item.change is ChangeType.UPDATE else {name: values for name, values in merged.items() if values}
        return ImportedObject(item.change, item.anchor, over.dn, item.object_type, kept)

    def _unmet(self, request: ImportRequest, since: int, met: set[str]) -> Iterator[ImportedObject]:
        """What the base did not deliver: in a full import new objects, in a delta import all that was exported since."""
        full = not request.watermark
        types = {name.lower() for name in request.object_types}
        for anchor, over in self.overlay.items():
            if anchor in met and over.change is not ChangeType.DELETE:
                continue
            if types and over.object_type.lower() not in types:
                continue
            if full and over.change is not ChangeType.ADD:
                continue
            if not full and over.number <= since:
                continue
            if not self.rules.dn_from_anchor and not in_containers(over.dn, request):
                continue
            yield ImportedObject(over.change, anchor, over.dn, over.object_type, over.attributes)

    # Export

    def export(self, changes: Sequence[ExportedChange]) -> Sequence[ExportResult]:
        return [self._take(change) for change in changes]

    def _take(self, change: ExportedChange) -> ExportResult:
        self.log.note(change, self.store.cs_object(int(change.object_id)))
        self.number += 1
        anchor = change.anchor or self._new_anchor(change)
        over = self.overlay.get(anchor)
        if change.change is ChangeType.DELETE:
            self._forget(change)
            self.overlay[anchor] = Overlaid(self.number, ChangeType.DELETE, change.dn, change.object_type)
        elif change.change in (ChangeType.ADD, ChangeType.REPLACE):
            held = {name: values for name, values in change.attributes.items() if values}
            self.overlay[anchor] = Overlaid(self.number, ChangeType.ADD, change.dn, change.object_type, held)
        elif over is None or over.change is ChangeType.DELETE:
            self.overlay[anchor] = Overlaid(self.number, ChangeType.UPDATE, change.dn, change.object_type, dict(change.attributes))
        else:
            over.attributes = {**over.attributes, **change.attributes}
            over.number, over.dn = self.number, change.dn
        return ExportResult(change.object_id, anchor=anchor, dn=change.dn)

    def _new_anchor(self, change: ExportedChange) -> str:
        names = self.rules.of(change.object_type).anchors
        found = next((str(change.attributes[name][0]) for name in names if change.attributes.get(name)), "")
        return found or change.dn

    def _forget(self, change: ExportedChange) -> None:
        """A system keeps no reference to what is deleted."""
        item = self.store.cs_object(int(change.object_id))
        if item is None:
            return
        for referrer in self.store.space(item.agent_id).referrers(item):
            held = referrer.hologram or {}
            for name in self.rules.names.references & held.keys():
                if item.id in held[name] and referrer.anchor:
                    self._set(referrer.anchor, referrer.dn, referrer.type, {name: self._texts(held[name], item.id)})

    def _set(self, anchor: str, dn: str, object_type: str, attributes: Mapping[str, Values]) -> None:
        over = self.overlay.get(anchor)
        if over is None:
            over = self.overlay[anchor] = Overlaid(self.number, ChangeType.UPDATE, dn, object_type)
        if over.change is not ChangeType.DELETE:
            over.attributes.update(attributes)
            over.number = self.number

    def _texts(self, values: Iterable[object], without: int) -> Values:
        targets = (self.store.cs_object(cast("int", value)) for value in values if value != without)
        return tuple(target.dn for target in targets if target is not None)


class ShadowConnector:
    """Opens shadows by agent name."""

    def __init__(self, systems: Mapping[str, ShadowSystem]) -> None:
        self.systems = dict(systems)

    def connect(self, agent_name: str) -> ConnectedSystem:
        return self.systems[agent_name]
