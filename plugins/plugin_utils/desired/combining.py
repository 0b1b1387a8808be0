# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How declared items meet those that are there, by the states of Ansible's network resource modules."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeVar

MERGED, REPLACED, OVERRIDDEN, DELETED = "merged", "replaced", "overridden", "deleted"

Item = TypeVar("Item")
# Names the GUIDs that a declaration makes up, so that reading it twice gives the same ones.
_NAMESPACE = uuid.UUID("c7a5d0de-7b43-5c53-9d2e-0a61f4f1b6d8")


def combine(present: Sequence[Item], declared: Mapping[str, Item] | None, key: Callable[[Item], str], state: str) -> tuple[Item, ...]:
    """The items that shall be there; those that stay keep their place, new ones follow in the order of their keys.

    merged adds and changes, replaced and overridden leave what is declared alone, deleted takes it away. None: not
    declared, which means none for overridden and no change for the others.
    """
    if declared is None:
        return () if state == OVERRIDDEN else tuple(present)
    if state == DELETED:
        return tuple(item for item in present if key(item) not in declared)
    kept = [declared.get(key(item), item) for item in present if key(item) in declared or state == MERGED]
    there = {key(item) for item in present}
    return (*kept, *(declared[name] for name in sorted(declared) if name not in there))


def combine_groups(present: Sequence[Item], declared: Mapping[str, Sequence[Item]] | None, key: Callable[[Item], str], state: str) -> tuple[Item, ...]:
    """As `combine`, where each key has several items that stand together."""
    groups: dict[str, list[Item]] = {}
    for item in present:
        groups.setdefault(key(item), []).append(item)
    named = None if declared is None else {name: (name, list(items)) for name, items in declared.items()}
    result = combine(tuple(groups.items()), named, lambda pair: pair[0], state)
    return tuple(item for _unused, items in result for item in items)


def claim(declared: Sequence[Item], present: Sequence[Item], same: Sequence[Callable[[Item], Hashable]]) -> list[int | None]:
    """For each declared item the index of the present one that it stands for.

    Each function of `same` in turn makes the value by which they are matched; one that is ambiguous for a later function is left out.
    """
    found: list[int | None] = [None] * len(declared)
    free = dict.fromkeys(range(len(present)))
    for number, value_of in enumerate(same):
        places: dict[Hashable, list[int]] = {}
        for index in free:
            places.setdefault(value_of(present[index]), []).append(index)
        waiting = [index for index, place in enumerate(found) if place is None]
        asked: dict[Hashable, list[int]] = {}
        for index in waiting:
            asked.setdefault(value_of(declared[index]), []).append(index)
        for value, wanting in asked.items():
            there = places.get(value, [])
            if number and (len(there) != 1 or len(wanting) != 1):
                continue
            for index, place in zip(wanting, there, strict=False):
                found[index] = place
                free.pop(place)
    return found


def make_guid(*names: object) -> str:
    """The same GUID for the same names, in capitals and braces."""
    return "{" + str(uuid.uuid5(_NAMESPACE, "/".join(str(name).casefold() for name in names))).upper() + "}"
