# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Staging: what becomes of one delivered object in the connector space.

Source: reference page `sync-engine` sections 1 and 2 (matching by anchor and then by DN, transient objects, delete-add).
"""

from __future__ import annotations

from ..configuration.model import Partition
from .confirmation import Confirmation
from .objects import (
    ADD,
    DELETE,
    DELETE_ADD,
    DELETIONS,
    NONE,
    UPDATE,
    Attributes,
    CsObject,
    same_attributes,
)
from .placeholders import absorb
from .rules import AgentRules, TypeRules
from .store import ConnectorSpace, Store
from .systems.base import ChangeType, ImportedObject, Values
from .values import below, parent_of


class Matching:
    """Finds the object that is delivered, and clears its name of others."""

    def __init__(self, store: Store, space: ConnectorSpace, rules: AgentRules) -> None:
        self.store = store
        self.space = space
        self.rules = rules
        # Numbers of objects whose name another one took (transient objects).
        self.transients: set[int] = set()

    def match(self, item: ImportedObject) -> CsObject | None:
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
            absorb(self.space, other, found, self.rules.names.references)
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

    def _forget(self, item: CsObject) -> None:
        mv = self.store.metaverse.get(item.mv_id) if item.mv_id else None
        if mv is not None:
            self.store.metaverse.link(mv, tuple(link for link in mv.links if link != item.id))
            self.store.provisioning_retries.add(mv.id)
        self.space.remove(item)


class Staging:
    """Stages the objects of one import step; `met`: numbers of those that this full import delivered."""

    def __init__(self, store: Store, rules: AgentRules, partition: Partition, now: float, *, full: bool) -> None:
        self.store = store
        self.space = store.space(rules.id)
        self.rules = rules
        self.partition = partition
        self.full = full
        self.matching = Matching(store, self.space, rules)
        self.confirmation = Confirmation(store, rules.names.references, now)
        self.met: set[int] = set()
        # Names of containers that are known to be there.
        self.parents: set[str] = set()

    def is_duplicate(self, item: ImportedObject) -> bool:
        """Another object of this very import has the name."""
        if not self.full:
            return False
        other = self.space.by_dn(item.dn)
        return other is not None and other.id in self.met and other.anchor not in ("", item.anchor) and not other.placeholder

    def is_met(self, found: CsObject | None) -> bool:
        return found is not None and self.full and found.id in self.met

    def meet(self, number: int) -> None:
        if self.full:
            self.met.add(number)

    def stage_absence(self, found: CsObject, operation: str) -> None:
        """A deletion, or an object that a full import did not meet."""
        self.matching.transients.discard(found.id)
        self.space.touch(found)
        found.system_dn = found.unconfirmed_dn = ""
        if found.hologram is None and not found.connector and found.unconfirmed_op != DELETE:
            self.space.remove(found)
            return
        found.import_op, found.staged = operation, found.staged if found.staged is not None else found.hologram
        self.space.save(found)

    def stage(self, found: CsObject | None, item: ImportedObject) -> tuple[CsObject, str]:
        """The object, and the name of its counter."""
        found = found or self.space.new(self.partition.id, item.object_type, item.dn, item.anchor)
        self.meet(found.id)
        type_rules = self.rules.of(item.object_type or found.type)
        if self._is_settled(found, item) and self._shows(found, self._image(found, item, type_rules)):
            return found, "stage-no-change"
        self.space.touch(found)
        change = self._operation(found, item)
        renamed = self._rename(found, item)
        self._ensure_parent(item.dn)
        image = self._image(found, item, type_rules)
        if found.unconfirmed_op or found.unconfirmed:
            self.confirmation.confirm(found, image, type_rules)
        unchanged = change == NONE and not renamed and self._shows(found, image)
        kind = "stage-no-change" if unchanged else f"stage-{change or ('rename' if renamed else 'update')}"
        if not unchanged or found.import_op in DELETIONS:
            self._set_pending(found, image, change)
        found.type, found.anchor, found.partition_id = item.object_type or found.type, item.anchor, self.partition.id
        found.placeholder = False
        self.space.save(found)
        return found, kind

    def _is_settled(self, found: CsObject, item: ImportedObject) -> bool:
        """Nothing but values can have changed: most objects of a full import, so they take a short way."""
        known = (found.dn, found.anchor, found.type, found.partition_id)
        return known == (item.dn, item.anchor, item.object_type, self.partition.id) and found.settled

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
            self.confirmation.rename_again(found, item.dn)
            return False
        self.matching.transients.discard(found.id)
        renamed = (found.transient_dn or found.dn) != item.dn
        if renamed and found.hologram is not None:
            found.former_dn = "" if found.former_dn == item.dn else found.former_dn or found.transient_dn or found.dn
        found.dn, found.transient_dn = item.dn, ""
        # References to the new name are read next.
        self.space.save(found)
        return renamed and (found.hologram is not None or found.staged is not None) and not found.placeholder

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
