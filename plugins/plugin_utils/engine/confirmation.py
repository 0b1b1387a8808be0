# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Confirmation of exports: what the system accepted is compared with what an import brings.

Source: reference page `sync-engine` section 2 ("Confirming import").
"""

from __future__ import annotations

from typing import cast

from .extension import text_of
from .objects import DELETE, NO_ATTRIBUTES, NONE, NOTHING, UPDATE, CsObject, ObjectError, same_values
from .rules import TypeRules
from .store import Store
from .systems.base import Values

NOT_REIMPORTED = "exported-change-not-reimported"
# Attribute, values that were exported, values that the import brought; all as text.
Lost = tuple[str, tuple[str, ...], tuple[str, ...]]


class Confirmation:
    """Confirms the exports of one import step; `failed`: objects that do not show what was exported."""

    def __init__(self, store: Store, references: frozenset[str], now: float) -> None:
        self.store = store
        self.references = references
        self.now = now
        self.failed: list[CsObject] = []

    def confirm(self, found: CsObject, image: dict[str, Values], type_rules: TypeRules) -> None:
        """Each unconfirmed value: equal, dropped; different, an error, and it is exported again unless the source has a newer one."""
        if found.unconfirmed_op == DELETE:
            found.export_op, found.export = DELETE, NO_ATTRIBUTES
            self.note(found, ())
            found.unconfirmed_op, found.unconfirmed = NONE, NO_ATTRIBUTES
            return
        lost, again = self._compare(found, image, type_rules)
        found.unconfirmed_op, found.unconfirmed = NONE, NO_ATTRIBUTES
        if lost:
            self.note(found, tuple(lost))
        if found.import_error is not None and found.import_error.error_type == NOT_REIMPORTED and found not in self.failed[-1:]:
            found.import_error = None
        if again:
            found.export = {**again, **found.export}
            found.export_op = found.export_op or UPDATE

    def _compare(self, found: CsObject, image: dict[str, Values], type_rules: TypeRules) -> tuple[list[Lost], dict[str, Values]]:
        """What the import does not show, and what of it is to be sent again."""
        known = found.hologram or NO_ATTRIBUTES
        again: dict[str, Values] = {}
        lost: list[Lost] = []
        for name, wanted in found.unconfirmed.items():
            if name in type_rules.export_only:
                put(image, name, wanted)
                continue
            have = image.get(name, NOTHING)
            if not same_values(have, wanted):
                lost.append((name, self._texts(name, wanted), self._texts(name, have)))
                if same_values(have, known.get(name, NOTHING)):
                    again[name] = wanted
        return lost, again

    def rename_again(self, found: CsObject, dn: str) -> None:
        """A rename that the system accepted and does not show (`dn` is what it shows) is exported again."""
        found.system_dn, found.export_op = dn, found.export_op or UPDATE
        self.note(found, (("dn", (found.dn,), (dn,)),))

    def _texts(self, name: str, values: Values) -> tuple[str, ...]:
        if name in self.references:
            targets = (self.store.cs_object(cast("int", value)) for value in values)
            return tuple(target.dn for target in targets if target is not None)
        return tuple(text_of(value) for value in values)

    def note(self, found: CsObject, changes: tuple[Lost, ...]) -> None:
        """The error of an object, once in a step."""
        if found in self.failed[-1:]:
            return
        known = found.import_error if found.import_error and found.import_error.error_type == NOT_REIMPORTED else None
        first, retries = (known.first, known.retries + 1) if known else (self.now, 0)
        found.import_error = ObjectError(NOT_REIMPORTED, first, self.now, retries, "staging", changes=changes)
        self.failed.append(found)


def put(image: dict[str, Values], name: str, values: Values) -> None:
    if values:
        image[name] = values
    else:
        image.pop(name, None)
