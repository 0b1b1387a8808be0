# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects that an import cannot stage: discovery errors in MIM's words (reference page `sync-engine` section 4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain

from .systems.base import ChangeType, ImportedObject, Value


def refusal(item: ImportedObject, references: Collection[str]) -> tuple[str, str]:
    """The error and the attribute that is wrong, both empty for an object that can be staged."""
    if not item.anchor:
        return "missing-anchor-component", ""
    if not is_text(item.anchor) or not is_text(item.dn):
        return "invalid-dn", ""
    if item.change is ChangeType.DELETE:
        return "", ""
    if not item.dn:
        return "missing-dn", ""
    if not item.object_type and item.change is not ChangeType.UPDATE:
        return "missing-object-type", ""
    if all(map(_is_well_formed, chain.from_iterable(item.attributes.values()))) and not _empty_references(item, references):
        return "", ""
    return _wrong_attribute(item, references)


def _wrong_attribute(item: ImportedObject, references: Collection[str]) -> tuple[str, str]:
    for name, values in item.attributes.items():
        if not all(map(_is_well_formed, values)):
            return "invalid-attribute-value", name
        if name in references and "" in values:
            return "invalid-reference-value", name
    return "", ""


def _empty_references(item: ImportedObject, references: Iterable[str]) -> bool:
    return any("" in item.attributes.get(name, ()) for name in references)


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
