# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rows summed up, so that a person can judge thousands of them: counts, then groups with what their rows have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .patterns import pattern_of
from .rows import METAVERSE, TRANSITIONS, Row
from .sandbox import AnyStore

FEW = 10
Kind = tuple[str, str, str]


@dataclass(frozen=True)
class Count:
    """How many objects of a type, of how many that were there before, `percent` of them (100 where none were)."""

    transition: str
    agent: str
    object_type: str
    objects: int
    of: int

    @property
    def percent(self) -> float:
        return 100.0 * self.objects / self.of if self.of else 100.0


@dataclass(frozen=True)
class Group:
    """`pairs`: old -> new with their numbers while they are few, else empty. `pattern` is true of every row; empty for none."""

    transition: str
    agent: str
    object_type: str
    attribute: str
    rows: int
    pattern: str = ""
    pairs: tuple[tuple[str, str, int], ...] = ()


def counts_of(rows: Iterable[Row], before: AnyStore, agents: Mapping[str, str]) -> list[Count]:
    """Exact numbers of objects, in the order of `TRANSITIONS`."""
    found: dict[Kind, set[str]] = {}
    for row in rows:
        found.setdefault((row.transition, row.agent, row.object_type), set()).add(row.dn + "\n" + row.name)
    there = population(before, agents)
    order = list(TRANSITIONS)
    keys = sorted(found, key=lambda key: (key[1] == METAVERSE, order.index(key[0]), key[1:]))
    return [Count(*key, len(found[key]), there.get(key[1:], 0)) for key in keys]


def population(store: AnyStore, agents: Mapping[str, str]) -> Counter[tuple[str, str]]:
    """How many objects of each type each agent's system holds, and the metaverse."""
    numbers: Counter[tuple[str, str]] = Counter()
    for agent_id, space in store.spaces.items():
        numbers.update((agents.get(agent_id, agent_id), item.type) for item in space.all() if item.in_system and not item.placeholder)
    numbers.update((METAVERSE, item.type) for item in store.metaverse.all())
    return numbers


def groups_of(rows: Iterable[Row]) -> list[Group]:
    """By transition, agent, object type and attribute; the irreversible first, then the large ones."""
    found: dict[tuple[str, str, str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.transition, row.agent, row.object_type, row.attribute), []).append(row)
    order = list(TRANSITIONS)
    keys = sorted(found, key=lambda key: (key[1] == METAVERSE, order.index(key[0]), -len(found[key]), key))
    return [Group(*key, len(found[key]), *_common(key[3], found[key])) for key in keys]


def _common(attribute: str, rows: Sequence[Row]) -> tuple[str, tuple[tuple[str, str, int], ...]]:
    if not attribute:
        details = Counter(row.detail for row in rows if row.detail)
        return "", tuple((text, "", count) for text, count in details.most_common()) if len(details) <= FEW else ()
    pairs = Counter((" | ".join(row.old), " | ".join(row.new)) for row in rows)
    few = tuple((old, new, count) for (old, new), count in pairs.most_common()) if len(pairs) <= FEW else ()
    return pattern_of(rows), few
