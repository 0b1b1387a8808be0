# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fingerprints: how a full import knows, without reading an object, that nothing of it has changed.

A fingerprint is made of what an import of the object delivers: DN, type, partition and all values that imports show, references
as the numbers of their targets. What a system never shows (export-only attributes) is no part of it. Two different objects
with one fingerprint of 128 bits are not to be expected.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable, Mapping

from .objects import CsObject
from .rules import AgentRules
from .systems.base import ChangeType, ImportedObject, Values

SIZE = 16


class Fingerprints:
    """Makes the fingerprints of one agent's partition. `number_of`: the object of a name, 0 if there is none."""

    def __init__(self, rules: AgentRules, partition_id: str, number_of: Callable[[str], int]) -> None:
        self.rules = rules
        self.partition_id = partition_id
        self.number_of = number_of
        # Attribute as delivered -> attribute as known, by object type as delivered; what is not known or never shown is left out.
        self.shown: dict[str, dict[str, str]] = {}

    def of_delivered(self, item: ImportedObject) -> bytes:
        """Empty for what cannot be taken as unchanged: partial objects, and references to what is not there."""
        if item.change is ChangeType.UPDATE or item.change is ChangeType.DELETE:
            return b""
        shown = self.shown.get(item.object_type)
        if shown is None:
            shown = self.shown[item.object_type] = {}
        references = self.rules.names.references
        values: dict[str, Values] = {}
        for name, held in item.attributes.items():
            spelled = shown.get(name)
            if spelled is None:
                spelled = shown[name] = self._spelled(item.object_type, name)
            if not held or not spelled:
                continue
            if spelled in references:
                targets = tuple(self.number_of(str(value)) for value in held)
                if 0 in targets:
                    return b""
                values[spelled] = targets
            else:
                values[spelled] = held
        return self._digest(item.dn, item.object_type, values)

    def _spelled(self, object_type: str, name: str) -> str:
        spelling = self.rules.names.spelling
        spelled = spelling.get(name) or spelling.get(name.lower())
        return "" if spelled is None or spelled in self.rules.of(object_type).export_only else spelled

    def mark(self, found: CsObject) -> None:
        """Notes the fingerprint of an object that was staged."""
        view = found.view()
        hidden = self.rules.of(found.type).export_only
        values = view if hidden.isdisjoint(view) else {name: held for name, held in view.items() if name not in hidden}
        found.set_fingerprint(self._digest(found.dn, found.type, values))

    def _digest(self, dn: str, object_type: str, values: Mapping[str, Values]) -> bytes:
        hidden = sorted(self.rules.of(object_type).export_only)
        # Version 2 writes equal values as equal bytes, the later ones do not.
        parts = (dn, object_type, self.partition_id, hidden, sorted(values.items()))
        return hashlib.blake2b(marshal.dumps(parts, 2), digest_size=SIZE).digest()
