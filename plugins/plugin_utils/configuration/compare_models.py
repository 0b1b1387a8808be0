# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where two configurations differ as values: what they mean, whatever way it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

# Lists of names that stand for themselves in this order; other lists of names are sets.
_ORDERED_NAMES = frozenset({"anchors", "dn_attributes", "preferred_controllers", "sources", "subtypes"})
# Lists whose order means something: precedence, order of evaluation, order of execution.
_ORDERED_VALUES = frozenset({"flows", "criteria", "steps", "mappings", "sources"})
# What tells one value of a list from the others, by the value's own fields.
_KEYS = ("name", "mv_object_type", "mv_attribute", "object_type", "attribute", "type")


@dataclass(frozen=True)
class ModelDifference:
    """`before` or `after` is None where there is nothing on that side."""

    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.path} added"
        return f"{self.path} removed" if self.after is None else f"{self.path} changed from {self.before!r} to {self.after!r}"


def compare_models(before: Any, after: Any, path: str = "") -> list[ModelDifference]:
    """Differences of two values of `model`, in their order."""
    return list(_compare(before, after, path, ""))


def _compare(before: Any, after: Any, path: str, name: str) -> Iterator[ModelDifference]:
    if before == after:
        return
    if is_dataclass(before) and type(before) is type(after):
        for item in fields(before):
            yield from _compare(getattr(before, item.name), getattr(after, item.name), f"{path}/{item.name}" if path else item.name, item.name)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _compare_keyed(dict(before), dict(after), path, name)
    elif isinstance(before, tuple) and isinstance(after, tuple):
        yield from _compare_lists(before, after, path, name)
    elif not (isinstance(before, str) and isinstance(after, str) and _same_text(before, after)):
        yield ModelDifference(path, before, after)


def _same_text(before: str, after: str) -> bool:
    """GUIDs in another letter case are the same."""
    return before.startswith("{") and before.upper() == after.upper()


def _compare_lists(before: tuple[Any, ...], after: tuple[Any, ...], path: str, name: str) -> Iterator[ModelDifference]:
    if not any(is_dataclass(item) or isinstance(item, tuple) for item in (*before, *after)):
        if name in _ORDERED_NAMES or sorted(map(str, before)) != sorted(map(str, after)):
            yield ModelDifference(path, before, after)
        return
    old, new = _keyed(before, name), _keyed(after, name)
    yield from _compare_keyed(old, new, path, name)


def _compare_keyed(old: Mapping[str, Any], new: Mapping[str, Any], path: str, name: str) -> Iterator[ModelDifference]:
    for key in dict.fromkeys((*old, *new)):
        place = f"{path}[{key}]"
        if key not in new:
            yield ModelDifference(place, old[key], None)
        elif key not in old:
            yield ModelDifference(place, None, new[key])
        else:
            yield from _compare(old[key], new[key], place, name)


def _keyed(items: tuple[Any, ...], name: str) -> dict[str, Any]:
    """Each item under a key: its place where order counts, else what names it."""
    found: dict[str, Any] = {}
    for index, item in enumerate(items):
        key = str(index) if name in _ORDERED_VALUES else _key(item)
        while key in found:
            key += "'"
        found[key] = item
    return found


def _key(item: Any) -> str:
    if not is_dataclass(item):
        return str(item)
    parts = [str(getattr(item, field)) for field in _KEYS if getattr(item, field, "")]
    return " ".join(parts) or str(item)
