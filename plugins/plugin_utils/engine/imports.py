# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Import steps: what a source delivers is staged in the connector space.

Source: reference page `sync-engine` sections 1 and 2 (matching by anchor and then by DN, obsoletion, confirmation).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from ..configuration.model import Partition, RunStep
from .counters import Counters
from .extension import text_of
from .failures import StepStopped
from .objects import (
    ADD,
    DELETE,
    DELETE_ADD,
    DELETIONS,
    NO_ATTRIBUTES,
    NONE,
    NOTHING,
    OBSOLETE,
    UPDATE,
    Attributes,
    CsObject,
    ObjectError,
    redirected,
    same_attributes,
    same_values,
)
from .refusals import refusal
from .rules import AgentRules, TypeRules
from .store import Store
from .systems.base import ChangeType, ConnectedSystem, ImportedObject, ImportRequest, Values
from .values import below, depth, parent_of

NOT_REIMPORTED = "exported-change-not-reimported"
# Only these results say that the source was read to its end (reference 2, "Full import").
OBSOLETING = frozenset({"success", "completed-sync-errors", "completed-warnings", "completed-transient-objects"})


@dataclass(frozen=True)
class DiscoveryError:
    """An object that could not be staged."""

    error_type: str
    dn: str = ""
    anchor: str = ""
    attribute: str = ""
    line: int = 0


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
    not_confirmed: list[CsObject] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.space = self.store.space(self.rules.id)
        self.batch = self.store.next_number("full-import") if self.full else 0
        self.transients: set[int] = set()
        # Names of containers that are known to be there.
        self.parents: set[str] = set()
        self.staged = 0

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
            for item in page.objects:
                self._stage(item)
            for problem in page.problems:
                self.errors.append(DiscoveryError(problem.error_type, problem.dn, problem.anchor, problem.attribute, problem.line))
                self.counters.staging["stage-failure"] += 1
            self.counters.discovery["filtered-objects"] += page.filtered
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
        if self.transients:
            return "completed-transient-objects"
        return "completed-warnings" if self.not_confirmed else "success"

    # One object

    def _stage(self, item: ImportedObject) -> None:
        if self.step.object_limit and self.staged >= self.step.object_limit:
            raise StepStopped("stopped-object-limit")
        problem, attribute = refusal(item, self.rules.names.references)
        if problem:
            self._discovery_error(problem, item, attribute)
            return
        if self._is_taken(item):
            self._discovery_error("duplicate-object", item)
            return
        found = self._match(item)
        if found is not None and self.full and found.seen == self.batch:
            self._discovery_error("duplicate-object", item)
            return
        self.staged += 1
        if item.change is ChangeType.DELETE:
            self._stage_delete(found)
        elif found is None and item.change is ChangeType.UPDATE:
            self._discovery_error("need-full-object", item)
        else:
            self._stage_object(found, item)

    def _is_taken(self, item: ImportedObject) -> bool:
        """Another object of this very import has the name."""
        if not self.full:
            return False
        other = self.space.by_dn(item.dn)
        return other is not None and other.seen == self.batch and other.anchor not in ("", item.anchor) and not other.placeholder

    def _discovery_error(self, kind: str, item: ImportedObject, attribute: str = "") -> None:
        self.errors.append(DiscoveryError(kind, item.dn, item.anchor, attribute))
        self.counters.staging["stage-failure"] += 1

    def _match(self, item: ImportedObject) -> CsObject | None:
        """Anchor first, then DN."""
        found = self.space.by_anchor(item.anchor)
        if item.change is ChangeType.DELETE:
            return found
        other = self.space.by_dn(item.dn)
        if other is None or other is found:
            return found
        if found is None and self._takes_over(other):
            return other
        if other.placeholder and found is not None:
            self._absorb(other, found)
        else:
            self._make_way(other)
        return found

    @staticmethod
    def _takes_over(other: CsObject) -> bool:
        """A placeholder becomes the object; an exported add that is not confirmed is met again by its DN."""
        return other.placeholder or (not other.anchor and other.export_op not in (ADD, DELETE_ADD))

    def _make_way(self, other: CsObject) -> None:
        """The DN belongs to another object now."""
        if not other.anchor:
            # Provisioned and never exported: it goes, and the metaverse object is provisioned anew (ARCH).
            self._forget(other)
            return
        self.space.touch(other)
        if other.system_dn:
            # Only our own rename, not sent yet, stands in the way.
            other.dn, other.system_dn = other.system_dn, ""
            other.export_op = NONE if other.export_op == UPDATE and not other.export else other.export_op
            self.space.save(other)
            return
        other.transient_dn, other.dn = other.dn, f"transient-{other.id}"
        self.transients.add(other.id)
        self.space.save(other)

    def _absorb(self, placeholder: CsObject, found: CsObject) -> None:
        """References to a name came before the object that takes the name: they mean that object."""
        for referrer in self.space.referrers(placeholder):
            self.space.touch(referrer)
            for part in ("hologram", "staged", "export", "unconfirmed"):
                values = getattr(referrer, part)
                if values:
                    setattr(referrer, part, redirected(values, self.rules.names.references, placeholder.id, found.id))
            self.space.save(referrer)
        self.space.remove(placeholder)

    def _forget(self, item: CsObject) -> None:
        mv = self.store.metaverse.get(item.mv_id) if item.mv_id else None
        if mv is not None:
            self.store.metaverse.link(mv, tuple(link for link in mv.links if link != item.id))
            self.store.provisioning_retries.add(mv.id)
        self.space.remove(item)

    def _stage_delete(self, found: CsObject | None) -> None:
        if found is None or found.placeholder:
            self.counters.discovery["filtered-deletions"] += 1
            return
        self._count_delete()
        self.transients.discard(found.id)
        self.stage_absence(found, DELETE)

    def _count_delete(self) -> None:
        if self.step.delete_limit and self.counters.staging["stage-delete"] >= self.step.delete_limit:
            raise StepStopped("stopped-deletion-limit")
        self.counters.staging["stage-delete"] += 1

    def stage_absence(self, found: CsObject, operation: str) -> None:
        if self.track:
            self.delivered.append(found.id)
        found.system_dn = found.unconfirmed_dn = ""
        if found.hologram is None and not found.connector and found.unconfirmed_op != DELETE:
            self.space.remove(found)
            return
        self.space.touch(found)
        found.import_op, found.staged = operation, found.staged if found.staged is not None else found.hologram
        self.space.save(found)

    def _stage_object(self, found: CsObject | None, item: ImportedObject) -> None:
        found = found or self.space.new(self.partition.id, item.object_type, item.dn, item.anchor)
        type_rules = self.rules.of(item.object_type or found.type)
        if self._is_settled(found, item) and self._shows(found, self._image(found, item, type_rules)):
            self.space.met(found, self.batch or found.seen)
            self._staged(found, "stage-no-change")
            return
        self.space.touch(found)
        change = self._operation(found, item)
        renamed = self._rename(found, item)
        self._ensure_parent(item.dn)
        image = self._image(found, item, type_rules)
        if found.unconfirmed_op or found.unconfirmed:
            self._confirm(found, image, type_rules)
        unchanged = change == NONE and not renamed and self._shows(found, image)
        kind = "stage-no-change" if unchanged else f"stage-{change or ('rename' if renamed else 'update')}"
        if not unchanged or found.import_op in DELETIONS:
            self._set_pending(found, image, change)
        found.type, found.anchor, found.partition_id = item.object_type or found.type, item.anchor, self.partition.id
        found.placeholder, found.seen = False, self.batch or found.seen
        self.space.save(found)
        self._staged(found, kind)

    def _staged(self, found: CsObject, kind: str) -> None:
        self.counters.staging[kind] += 1
        if self.track:
            self.delivered.append(found.id)

    def _is_settled(self, found: CsObject, item: ImportedObject) -> bool:
        """Nothing but values can have changed: most objects of a full import, so they take a short way."""
        return (
            found.dn == item.dn
            and found.anchor == item.anchor
            and found.type == item.object_type
            and found.hologram is not None
            and found.import_op not in DELETIONS
            and found.partition_id == self.partition.id
            and not (found.placeholder or found.unconfirmed_op or found.unconfirmed or found.system_dn or found.unconfirmed_dn)
        )

    def _ensure_parent(self, dn: str) -> None:
        """Placeholders stand in for the containers that are not imported, up to the partition's own name."""
        parent = parent_of(dn)
        if not parent or self.rules.dn_from_anchor or parent in self.parents:
            return
        self.parents.add(parent)
        if below(parent, self.partition.dn):
            self._target(parent)
            self._ensure_parent(parent)

    @staticmethod
    def _operation(found: CsObject, item: ImportedObject) -> str:
        """The counter's kind: add for what was not there before, delete-add for another object type."""
        if found.hologram is None and found.staged is None:
            return ADD
        return DELETE_ADD if item.object_type and found.type.lower() != item.object_type.lower() else NONE

    @staticmethod
    def _set_pending(found: CsObject, image: Attributes, change: str) -> None:
        """A view that is what was synchronized leaves nothing pending: a change or deletion before it is void."""
        if DELETE_ADD in (change, found.import_op):
            found.import_op, found.staged = DELETE_ADD, image
        elif found.hologram is None:
            found.import_op, found.staged = ADD, image
        elif not found.former_dn and same_attributes(image, found.hologram):
            found.import_op, found.staged = NONE, None
        else:
            found.import_op, found.staged = UPDATE, image

    @staticmethod
    def _shows(found: CsObject, image: Attributes) -> bool:
        current = found.staged if found.import_op and found.staged is not None else found.hologram
        return current is not None and same_attributes(current, image)

    def _rename(self, found: CsObject, item: ImportedObject) -> bool:
        found.unconfirmed_dn, expected = "", found.unconfirmed_dn
        if found.system_dn and found.system_dn != item.dn and not found.escrowed_op:
            # Somebody else gave it a new name before ours was sent: the name of the source counts.
            found.system_dn = ""
        if item.dn in (found.dn, found.system_dn):
            return False
        if expected and expected == found.dn:
            return self._rename_again(found, item)
        self.transients.discard(found.id)
        renamed = (found.transient_dn or found.dn) != item.dn
        if renamed and found.hologram is not None:
            found.former_dn = "" if found.former_dn == item.dn else found.former_dn or found.transient_dn or found.dn
        found.dn, found.transient_dn = item.dn, ""
        # References to the new name are read next.
        self.space.save(found)
        return renamed and (found.hologram is not None or found.staged is not None) and not found.placeholder

    def _rename_again(self, found: CsObject, item: ImportedObject) -> bool:
        """A rename that the system accepted and does not show is exported again."""
        found.system_dn, found.export_op = item.dn, found.export_op or UPDATE
        self._not_reimported(found, (("dn", (found.dn,), (item.dn,)),))
        return False

    # Values

    def _image(self, found: CsObject, item: ImportedObject, type_rules: TypeRules) -> dict[str, Values]:
        """The whole latest view: what was delivered over what is known, with the export-only values that no import shows."""
        known = found.view()
        kept = known if item.change is ChangeType.UPDATE else type_rules.export_only
        image = {name: known[name] for name in kept if name in known}
        spelling, references = self.rules.names.spelling, self.rules.names.references
        for name, values in item.attributes.items():
            spelled = spelling.get(name) or spelling.get(name.lower())
            if spelled is None or spelled in type_rules.export_only:
                continue
            if not values:
                image.pop(spelled, None)
            elif spelled in references:
                image[spelled] = tuple(self._target(str(value)) for value in values)
            else:
                image[spelled] = values
        return image

    def _target(self, dn: str) -> int:
        """The object with that DN; a placeholder stands in for one that is not there."""
        found = self.space.by_dn(dn)
        if found is None:
            found = self.space.new(self.partition.id, "", dn)
            found.placeholder = True
            self.space.save(found)
        return found.id

    # Confirmation of exports

    def _confirm(self, found: CsObject, image: dict[str, Values], type_rules: TypeRules) -> None:
        """Each unconfirmed value: equal, dropped; different, an error, and it is exported again unless the source has a newer one."""
        if found.unconfirmed_op == DELETE:
            found.export_op, found.export = DELETE, NO_ATTRIBUTES
            self._not_reimported(found, ())
            found.unconfirmed_op, found.unconfirmed = NONE, NO_ATTRIBUTES
            return
        known = found.hologram or NO_ATTRIBUTES
        again: dict[str, Values] = {}
        lost: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = []
        for name, wanted in found.unconfirmed.items():
            if name in type_rules.export_only:
                _put(image, name, wanted)
                continue
            have = image.get(name, NOTHING)
            if not same_values(have, wanted):
                lost.append((name, self._texts(name, wanted), self._texts(name, have)))
                if same_values(have, known.get(name, NOTHING)):
                    again[name] = wanted
        found.unconfirmed_op, found.unconfirmed = NONE, NO_ATTRIBUTES
        if lost:
            self._not_reimported(found, tuple(lost))
        if found.import_error is not None and found.import_error.error_type == NOT_REIMPORTED and found not in self.not_confirmed[-1:]:
            found.import_error = None
        if again:
            found.export = {**again, **found.export}
            found.export_op = found.export_op or UPDATE

    def _texts(self, name: str, values: Values) -> tuple[str, ...]:
        if name in self.rules.names.references:
            targets = (self.store.cs_object(cast("int", value)) for value in values)
            return tuple(target.dn for target in targets if target is not None)
        return tuple(text_of(value) for value in values)

    def _not_reimported(self, found: CsObject, changes: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]) -> None:
        if found in self.not_confirmed[-1:]:
            return
        known = found.import_error if found.import_error and found.import_error.error_type == NOT_REIMPORTED else None
        first, retries = (known.first, known.retries + 1) if known else (self.now, 0)
        found.import_error = ObjectError(NOT_REIMPORTED, first, self.now, retries, "staging", changes=changes)
        self.not_confirmed.append(found)

    # The end of an import

    def obsolete(self) -> Iterator[int]:
        """Objects of the partition that the full import did not meet become pending deletions."""
        done = 0
        for found in self.space.unseen(self.partition.id, self.batch):
            if found.import_op in DELETIONS or not (found.in_system or found.unconfirmed_op == DELETE):
                continue
            self._obsolete(found)
            done += 1
            if done % 500 == 0:
                yield done

    def clean_up(self) -> None:
        """Placeholders that nobody refers to any more go."""
        for item in sorted(self.space.placeholders(), key=lambda item: -depth(item.dn)):
            if not self.space.has_children(item) and not any(True for _unused in self.space.referrers(item)):
                self.space.remove(item)

    def _obsolete(self, found: CsObject) -> None:
        if found.hologram is None and found.staged is None and found.unconfirmed_op != DELETE:
            # An accepted add that the import does not show: sent again, with an error.
            self.space.touch(found)
            found.export = {**found.unconfirmed, **found.export}
            found.export_op, found.unconfirmed_op, found.unconfirmed = ADD, NONE, NO_ATTRIBUTES
            self._not_reimported(found, ())
            self.space.save(found)
            return
        self._count_delete()
        self.transients.discard(found.id)
        self.stage_absence(found, OBSOLETE)


def _put(image: dict[str, Values], name: str, values: Values) -> None:
    if values:
        image[name] = values
    else:
        image.pop(name, None)
