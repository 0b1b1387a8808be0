# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects that an import cannot stage: discovery errors in MIM's words (reference page `sync-engine` section 4)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain

from .systems.base import ChangeType, ImportedObject, Value

# Characters (maerrorcodes.md, anchor-too-long).
LONGEST_ANCHOR = 398


@dataclass(frozen=True)
class DiscoveryError:
    """An object that could not be staged."""

    error_type: str
    dn: str = ""
    anchor: str = ""
    attribute: str = ""
    line: int = 0


class Refusals:
    """What one agent refuses; `references` and `single`: attributes that refer to objects, and that hold one value at most."""

    def __init__(self, references: Collection[str], single: Collection[str]) -> None:
        self.references = references
        self.single = single

    def of(self, item: ImportedObject) -> tuple[str, str]:
        """The error and the attribute that is wrong, both empty for an object that can be staged."""
        kind = self._identity(item)
        if kind or item.change is ChangeType.DELETE:
            return kind, ""
        well_formed = all(map(_is_well_formed, chain.from_iterable(item.attributes.values())))
        if well_formed and not self._empty_references(item) and not self._several(item):
            return "", ""
        return self._wrong_attribute(item)

    @staticmethod
    def _identity(item: ImportedObject) -> str:
        if not item.anchor:
            return "missing-anchor-component"
        if len(item.anchor) > LONGEST_ANCHOR:
            return "anchor-too-long"
        if not is_text(item.anchor) or not is_text(item.dn):
            return "invalid-dn"
        if item.change is ChangeType.DELETE:
            return ""
        if not item.dn:
            return "missing-dn"
        return "missing-object-type" if not item.object_type and item.change is not ChangeType.UPDATE else ""

    def _wrong_attribute(self, item: ImportedObject) -> tuple[str, str]:
        several = self._several(item)
        for name, values in item.attributes.items():
            if not all(map(_is_well_formed, values)):
                return "invalid-attribute-value", name
            if name in self.references and "" in values:
                return "invalid-reference-value", name
            if name in several:
                return "multi-single-mismatch", name
        return "", ""

    def _empty_references(self, item: ImportedObject) -> bool:
        return any("" in item.attributes.get(name, ()) for name in self.references)

    def _several(self, item: ImportedObject) -> list[str]:
        """Single-valued attributes that are delivered with more values than one."""
        return [name for name, values in item.attributes.items() if len(values) > 1 and name in self.single]


def _is_well_formed(value: Value) -> bool:
    return not isinstance(value, str) or is_text(value)


def is_text(text: str) -> bool:
    """Not so with halves of surrogate pairs: invalid UTF-16 in the source."""
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
