# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Import steps: what a source delivers is staged in the connector space, page by page.

Source: reference page `sync-engine` section 2 (full and delta imports, obsoletion, thresholds).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..configuration.model import Partition, RunStep
from .counters import Counters
from .failures import StepStopped
from .fingerprints import Fingerprints
from .objects import ADD, DELETE, DELETIONS, NO_ATTRIBUTES, NONE, OBSOLETE, CsObject
from .refusals import DiscoveryError, Refusals
from .rules import AgentRules
from .staging import Staging
from .store import Store
from .systems.base import ChangeType, ConnectedSystem, ImportedObject, ImportPage, ImportRequest
from .values import depth

# Only these results say that the source was read to its end (reference 2, "Full import").
OBSOLETING = frozenset({"success", "completed-sync-errors", "completed-warnings", "completed-transient-objects"})
PROGRESS_EVERY = 500
NO_MARKS: Mapping[str, tuple[int, bytes]] = {}


@dataclass
class ImportStep:
    """One import step of one partition. `track`: remember what was delivered, for the synchronization of a combined step."""

    store: Store
    rules: AgentRules
    partition: Partition
    step: RunStep
    full: bool
    counters: Counters
    now: float
    track: bool = False
    errors: list[DiscoveryError] = field(default_factory=list)
    delivered: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.space = self.store.space(self.rules.id)
        self.staging = Staging(self.store, self.rules, self.partition, self.now, full=self.full)
        self.refusals = Refusals(self.rules.names.references, self.rules.names.single)
        self.fingerprints = Fingerprints(self.rules, self.partition.id, self.space.number_of)
        self.staged = 0

    @property
    def not_confirmed(self) -> list[CsObject]:
        """Objects that do not show what was exported to them."""
        return self.staging.confirmation.failed

    def read_only(self, system: ConnectedSystem) -> Iterator[int]:
        """Reads all that the system delivers and stages nothing; yields how many objects there were so far."""
        key = (self.rules.id, self.partition.id)
        read = 0
        for page in system.import_pages(self._request("" if self.full else self.store.watermarks.get(key, ""))):
            read += len(page.objects) + len(page.problems)
            yield read

    def run(self, system: ConnectedSystem) -> Iterator[int]:
        """Stages page by page and yields how many objects were staged; raises StepStopped, SystemConnectionError."""
        key = (self.rules.id, self.partition.id)
        watermark = "" if self.full else self.store.watermarks.get(key, "")
        if not self.full and not watermark:
            raise StepStopped("no-start-full-import-required")
        for held in self.space.escrowed():
            self.space.touch(held)
            held.settle_escrow(before_import=True)
            self.space.save(held)
        following = ""
        for page in system.import_pages(self._request(watermark)):
            self._stage_page(page)
            following = page.watermark or following
            self.store.checkpoint()
            yield self.staged
        if following:
            self.store.watermarks[key] = following

    def _request(self, watermark: str) -> ImportRequest:
        agent = self.rules.agent
        return ImportRequest(
            partition_dn=self.partition.dn or self.partition.name,
            object_types=self.partition.object_types,
            attributes=agent.included_attributes,
            inclusions=self.partition.inclusions,
            exclusions=self.partition.exclusions,
            watermark=watermark,
            page_size=self.step.page_size or self.step.batch_size or 500,
        )

    def result(self) -> str:
        """The step's result so far; obsoletion is decided on it."""
        if self.errors:
            return "completed-discovery-errors"
        if self.full and not self.staged:
            return "completed-no-objects"
        if self.staging.matching.transients:
            return "completed-transient-objects"
        return "completed-warnings" if self.not_confirmed else "success"

    # One object

    def _stage_page(self, page: ImportPage) -> None:
        marks = self.space.marks([item.anchor for item in page.objects])
        for item in page.objects:
            if self.step.object_limit and self.staged >= self.step.object_limit:
                raise StepStopped("stopped-object-limit")
            if not self._is_unchanged(item, NO_MARKS if marks is None else marks):
                self._stage(item, marked=marks is not None)
        for problem in page.problems:
            self._note(DiscoveryError(problem.error_type, problem.dn, problem.anchor, problem.attribute, problem.line))
        self.counters.discovery["filtered-objects"] += page.filtered

    def _is_unchanged(self, item: ImportedObject, marks: Mapping[str, tuple[int, bytes]]) -> bool:
        """The short way: most objects of a full import are as they were, and their fingerprint says so."""
        number, mark = marks.get(item.anchor, (0, b""))
        if not number or number in self.staging.met or self.fingerprints.of_delivered(item) != mark:
            return False
        self.staged += 1
        self.staging.meet(number)
        self._count(number, "stage-no-change")
        return True

    def _stage(self, item: ImportedObject, *, marked: bool) -> None:
        problem, attribute = self.refusals.of(item)
        if problem:
            self._refuse(problem, item, attribute)
            return
        if self.staging.is_duplicate(item):
            self._refuse("duplicate-object", item)
            return
        found = self.staging.matching.match(item)
        if self.staging.is_met(found):
            self._refuse("duplicate-object", item)
            return
        self.staged += 1
        if item.change is ChangeType.DELETE:
            self._stage_delete(found)
        elif found is None and item.change is ChangeType.UPDATE:
            self._refuse("need-full-object", item)
        else:
            found, kind = self.staging.stage(found, item)
            if marked and found.fingerprint() is None:
                self.fingerprints.mark(found)
                if kind == "stage-no-change":
                    self.space.save(found)
            self._count(found.id, kind)

    def _refuse(self, kind: str, item: ImportedObject, attribute: str = "") -> None:
        self._note(DiscoveryError(kind, item.dn, item.anchor, attribute))

    def _note(self, error: DiscoveryError) -> None:
        self.errors.append(error)
        self.counters.staging["stage-failure"] += 1

    def _count(self, number: int, kind: str, dn: str = "") -> None:
        self.counters.count(self.counters.staging, kind, number, dn)
        if self.track:
            self.delivered.append(number)

    def _stage_delete(self, found: CsObject | None) -> None:
        if found is None or found.placeholder:
            self.counters.discovery["filtered-deletions"] += 1
            return
        self._absent(found, DELETE)

    def _absent(self, found: CsObject, operation: str) -> None:
        if self.step.delete_limit and self.counters.staging["stage-delete"] >= self.step.delete_limit:
            raise StepStopped("stopped-deletion-limit")
        self._count(found.id, "stage-delete", found.dn)
        self.staging.stage_absence(found, operation)

    # The end of an import

    def obsolete(self) -> Iterator[int]:
        """Objects of the partition that the full import did not meet become pending deletions."""
        done = 0
        for found in self.space.unseen(self.partition.id, self.staging.met):
            if found.import_op in DELETIONS or not (found.in_system or found.unconfirmed_op == DELETE):
                continue
            self._obsolete(found)
            done += 1
            if done % PROGRESS_EVERY == 0:
                yield done

    def _obsolete(self, found: CsObject) -> None:
        if found.hologram is None and found.staged is None and found.unconfirmed_op != DELETE:
            # An accepted add that the import does not show: sent again, with an error.
            self.space.touch(found)
            found.export = {**found.unconfirmed, **found.export}
            found.export_op, found.unconfirmed_op, found.unconfirmed = ADD, NONE, NO_ATTRIBUTES
            self.staging.confirmation.note(found, ())
            self.space.save(found)
            return
        self._absent(found, OBSOLETE)

    def clean_up(self) -> Iterator[int]:
        """Placeholders that nobody refers to any more go."""
        for done, item in enumerate(sorted(self.space.placeholders(), key=lambda item: -depth(item.dn)), 1):
            if not self.space.has_children(item) and not any(True for _unused in self.space.referrers(item)):
                self.space.remove(item)
            if done % PROGRESS_EVERY == 0:
                yield done
