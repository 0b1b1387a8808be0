# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Export steps: pending exports are sent and wait for their confirmation.

Source: reference page `sync-engine` sections 1 (life of an export) and 2 (passes for references, results, retry).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import cast

from .counters import Counters
from .failures import StepStopped
from .objects import ADD, DELETE, DELETE_ADD, NO_ATTRIBUTES, NONE, UPDATE, Attributes, CsObject, ObjectError
from .rules import AgentRules
from .store import Store
from .switches import EXPORT_PASSES
from .systems.base import ChangeType, ConnectedSystem, ExportedChange, ExportResult, Values

CHANGES = {ADD: ChangeType.ADD, UPDATE: ChangeType.UPDATE, DELETE: ChangeType.DELETE, DELETE_ADD: ChangeType.REPLACE}
NEXT_PASS = "next-pass-retry"
BATCH = 100


@dataclass
class ExportStep:
    """One export step of one partition; `limits` are the step's thresholds, 0 for none."""

    store: Store
    rules: AgentRules
    partition_id: str
    object_limit: int
    delete_limit: int
    counters: Counters
    now: float
    batch_size: int = BATCH
    error_limit: int = 0
    limit_reached: bool = False
    failed: list[CsObject] = field(default_factory=list)
    sent: int = 0
    # Successful changes of this run (`sequence number`).
    sequence: int = 0
    deletes: int = 0

    def __post_init__(self) -> None:
        self.space = self.store.space(self.rules.id)
        self.references = self.rules.names.references
        # Reference values held back for a later pass, by object id.
        self.later: dict[int, dict[str, Values]] = {}

    def run(self, system: ConnectedSystem) -> Iterator[tuple[int, int]]:
        """Sends all, batch by batch; yields (done, total)."""
        for held in self.space.escrowed():
            self.space.touch(held)
            held.settle_escrow(before_import=False)
            self.space.save(held)
        pending = self.space.exports_due(self.partition_id)
        for start in range(0, len(pending), self.batch_size):
            items = (self.store.cs_object(number) for number in pending[start : start + self.batch_size])
            self._send(system, [item for item in items if item is not None])
            yield min(start + self.batch_size, len(pending)), len(pending)
        for _unused in range(EXPORT_PASSES):
            if not self.later:
                return
            self._reference_pass(system)

    def unsent(self) -> Iterator[ExportedChange]:
        """What is due, as it would be sent; nothing is sent, and nothing changes."""
        for number in self.space.exports_due(self.partition_id):
            item = self.store.cs_object(number)
            if item is not None and item.export_op:
                yield self._change(item, item.export_op, self._split(item)[0])

    def result(self) -> str:
        return "completed-export-errors" if self.failed else "success"

    def _send(self, system: ConnectedSystem, items: list[CsObject]) -> None:
        """Sends a batch, or the part of it that the thresholds allow; raises StepStopped for the rest."""
        stop = ""
        allowed: list[CsObject] = []
        for item in items:
            stop = self._limit(item)
            if stop:
                break
            allowed.append(item)
        changes = [self._escrow(item) for item in allowed]
        # From here on nobody knows whether the system took them, until it answers.
        self.store.checkpoint()
        results = self._results(system, changes)
        for item in allowed:
            self._settle(item, results.get(str(item.id), ExportResult(str(item.id), "unexpected-error")))
        self.store.checkpoint()
        if self.limit_reached:
            raise StepStopped("stopped-error-limit")
        if stop:
            raise StepStopped(stop)

    def _results(self, system: ConnectedSystem, changes: list[ExportedChange]) -> dict[str, ExportResult]:
        """What came of each object. A delete-add is sent as what it is: first the deletion, then the new object."""
        first = [replace(change, change=ChangeType.DELETE, attributes={}) if change.change is ChangeType.REPLACE else change for change in changes]
        results = {result.object_id: result for result in system.export(first)}
        again = [
            replace(change, change=ChangeType.ADD, anchor="")
            for change in changes
            if change.change is ChangeType.REPLACE and self._is_gone(results.get(change.object_id))
        ]
        if again:
            results |= {result.object_id: result for result in system.export(again)}
        return results

    @staticmethod
    def _is_gone(result: ExportResult | None) -> bool:
        return result is not None and result.error in ("", "cd-missing-object")

    def _limit(self, item: CsObject) -> str:
        """Counts the object against the thresholds; the step result of the one that it would pass."""
        if self.object_limit and self.sent >= self.object_limit:
            return "stopped-object-limit"
        if item.export_op in (DELETE, DELETE_ADD):
            if self.delete_limit and self.deletes >= self.delete_limit:
                return "stopped-deletion-limit"
            self.deletes += 1
        self.sent += 1
        return ""

    def _escrow(self, item: CsObject) -> ExportedChange:
        """Takes the pending export under way; references to objects that the system does not hold yet wait."""
        self.space.touch(item)
        now, later = self._split(item)
        if later:
            self.later[item.id] = later
        item.escrowed_op, item.escrowed = item.export_op, item.export
        item.export_op, item.export = NONE, NO_ATTRIBUTES
        self.space.save(item)
        return self._change(item, item.escrowed_op, now)

    def _split(self, item: CsObject) -> tuple[dict[str, Values], dict[str, Values]]:
        now: dict[str, Values] = {}
        later: dict[str, Values] = {}
        for name, values in item.export.items():
            there = tuple(value for value in values if self._in_system(cast("int", value))) if name in self.references else values
            if len(there) == len(values):
                now[name] = values
            else:
                later[name] = values
        return now, later

    def _in_system(self, object_id: int) -> bool:
        target = self.store.cs_object(object_id)
        return target is None or target.in_system

    def _change(self, item: CsObject, operation: str, values: Attributes) -> ExportedChange:
        attributes = {name: self._texts(held) if name in self.references else held for name, held in values.items()}
        return ExportedChange(CHANGES[operation], str(item.id), item.anchor, item.dn, item.type, attributes)

    def _texts(self, values: Values) -> Values:
        targets = (self.store.cs_object(cast("int", value)) for value in values)
        return tuple(target.known_dn for target in targets if target is not None)

    def _settle(self, item: CsObject, result: ExportResult) -> None:
        self.space.touch(item)
        operation, values = item.escrowed_op, item.escrowed
        item.escrowed_op, item.escrowed = NONE, NO_ATTRIBUTES
        if result.error:
            item.export_op, item.export = operation, values
            self.later.pop(item.id, None)
            self._note_error(item, result)
        else:
            self._accept(item, operation, values, result)
            renamed = operation == UPDATE and bool(item.unconfirmed_dn)
            self.counters.count(self.counters.export, "export-rename" if renamed else f"export-{operation}", item.id, item.dn if operation == DELETE else "")
        self.space.save(item)

    def _accept(self, item: CsObject, operation: str, values: Attributes, result: ExportResult) -> None:
        item.export_error = None
        item.anchor = result.anchor or ("" if operation == DELETE_ADD else item.anchor)
        item.unconfirmed_dn, item.system_dn = item.dn if item.system_dn else "", ""
        item.dn = result.dn or item.dn
        self.sequence += 1
        if operation == DELETE:
            item.unconfirmed_op, item.unconfirmed = DELETE, NO_ATTRIBUTES
            return
        waiting = self.later.get(item.id, {})
        accepted = {name: held for name, held in values.items() if name not in waiting}
        item.unconfirmed = {**item.unconfirmed, **accepted}
        # An update of an object whose add is not confirmed leaves the add unconfirmed.
        item.unconfirmed_op = item.unconfirmed_op or operation
        if waiting:
            item.export_op, item.export = UPDATE, dict(waiting)

    def _note_error(self, item: CsObject, result: ExportResult) -> None:
        first = item.export_error.first if item.export_error else self.now
        retries = item.export_error.retries + 1 if item.export_error else 0
        item.export_error = ObjectError(result.error, first, self.now, retries, "", {"error-literal": result.detail})
        self.failed.append(item)
        if self.error_limit and len(self.failed) >= self.error_limit:
            self.limit_reached = True
        self.counters.count(self.counters.export, "export-failure", item.id)

    # References to objects that this run added

    def _reference_pass(self, system: ConnectedSystem) -> None:
        """Sends what waited and has its target now; what still has none stays pending for the next export."""
        waiting, self.later = self.later, {}
        items = []
        for object_id, values in waiting.items():
            item = self.store.cs_object(object_id)
            if item is None or item.export_op != UPDATE:
                continue
            if all(self._in_system(cast("int", value)) for held in values.values() for value in held):
                items.append((item, values))
            else:
                self.later[object_id] = values
        for start in range(0, len(items), self.batch_size):
            self._send_references(system, items[start : start + self.batch_size])
        if not items:
            self.later.clear()

    def _send_references(self, system: ConnectedSystem, items: list[tuple[CsObject, dict[str, Values]]]) -> None:
        results = {result.object_id: result for result in system.export([self._change(item, UPDATE, values) for item, values in items])}
        for item, values in items:
            result = results.get(str(item.id), ExportResult(str(item.id), "unexpected-error"))
            self.space.touch(item)
            if result.error == NEXT_PASS:
                self.later[item.id] = values
            elif result.error:
                self._note_error(item, result)
            else:
                item.export = {name: held for name, held in item.export.items() if name not in values}
                item.export_op = UPDATE if item.export else NONE
                item.unconfirmed = {**item.unconfirmed, **values}
                item.unconfirmed_op = item.unconfirmed_op or UPDATE
            self.space.save(item)
