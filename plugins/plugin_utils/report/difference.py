# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two reports laid upon each other.

Rows are matched by what they are about. Where several rows are about the same thing (the alternatives of a filter, the
criteria of a join), those that say the same go together first, then those with the same id, then by their order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from .sections import Change, Column, Part, Row, Section

Pair = tuple[Row | None, Row | None]


def compare_parts(before: Part | None, after: Part | None) -> Part:
    """One part with every row marked. One of the two may be missing."""
    if before is None or after is None:
        part, change = (after, Change.ADDED) if before is None else (before, Change.REMOVED)
        if part is None:
            raise AssertionError("part is there by construction")
        sections = tuple(replace(section, rows=tuple(replace(row, change=change) for row in section.rows)) for section in part.sections)
        return replace(part, sections=sections, change=change)
    old = {section.title.casefold(): section for section in before.sections}
    new = {section.title.casefold(): section for section in after.sections}
    merged = (compare_sections(old.get(title), new.get(title)) for title in _in_order(list(old), list(new)))
    return replace(after, sections=tuple(merged))


def _in_order(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """The new order, with what is gone behind its former neighbour."""
    found = list(new)
    for index, title in enumerate(old):
        if title not in found:
            found.insert(found.index(old[index - 1]) + 1 if index else 0, title)
    return found


def compare_sections(before: Section | None, after: Section | None) -> Section:
    # A side without the metaverse's document has no flows, and no columns for them.
    section = next((side for side in (after, before) if side is not None and side.columns), after or before)
    if section is None:
        raise AssertionError("section is there by construction")
    pairs = _matched(before.rows if before else (), after.rows if after else (), section.columns)
    moved = _moved(pairs)
    return replace(section, rows=tuple(_marked(old, new, section.columns, moved) for old, new in pairs))


def _marked(old: Row | None, new: Row | None, columns: Sequence[Column], moved: set[int]) -> Row:
    if new is None:
        if old is None:
            raise AssertionError("old is there by construction")
        return replace(old, change=Change.SAME if old.fixed else Change.REMOVED)
    if old is None:
        return replace(new, change=Change.SAME if new.fixed else Change.ADDED)
    if new.fixed:
        return new
    if _reading(old, columns) != _reading(new, columns):
        return replace(new, change=Change.MODIFIED, before=old.cells)
    return replace(new, change=Change.MOVED, before=old.cells) if id(new) in moved else new


def _reading(row: Row, columns: Sequence[Column]) -> tuple[str, ...]:
    return tuple(column.reading(cell) for column, cell in zip(columns, row.cells, strict=True) if column.compared)


def _matched(before: Sequence[Row], after: Sequence[Row], columns: Sequence[Column]) -> list[Pair]:
    """Pairs in the order of `after`; what is gone stands behind its former neighbour."""
    partners: dict[int, Row] = {}
    new_by_key = _by_key(after)
    for key, old_rows in _by_key(before).items():
        partners |= _partners(old_rows, new_by_key.get(key, []), columns)
    kept = {id(old) for old in partners.values()}
    pairs: list[Pair] = [(partners.get(id(row)), row) for row in after]
    return pairs if len(kept) == len(before) else _with_removed(before, kept, pairs)


def _with_removed(before: Sequence[Row], kept: set[int], pairs: list[Pair]) -> list[Pair]:
    gone_behind: dict[int, list[Row]] = {}
    neighbour = 0
    for row in before:
        if id(row) in kept:
            neighbour = id(row)
        else:
            gone_behind.setdefault(neighbour, []).append(row)
    found: list[Pair] = [(row, None) for row in gone_behind.get(0, ())]
    for old, new in pairs:
        found.append((old, new))
        found += [(row, None) for row in gone_behind.get(id(old), ())] if old is not None else []
    return found


def _by_key(rows: Iterable[Row]) -> dict[tuple[str, ...], list[Row]]:
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(part.casefold() for part in row.key), []).append(row)
    return found


def _partners(old: list[Row], new: list[Row], columns: Sequence[Column]) -> dict[int, Row]:
    """The old row of each new one (by identity of the new one)."""
    if len(old) == len(new) == 1:
        return {id(new[0]): old[0]}
    found: dict[int, Row] = {}
    signs: tuple[Callable[[Row], object], ...] = (lambda row: _reading(row, columns), lambda row: row.identifier.upper() or id(row), lambda row: "")
    for sign in signs:
        waiting: dict[object, list[Row]] = {}
        taken = {id(row) for row in found.values()}
        for row in old:
            if id(row) not in taken:
                waiting.setdefault(sign(row), []).append(row)
        for row in new:
            if id(row) not in found and (rows := waiting.get(sign(row))):
                found[id(row)] = rows.pop(0)
    return found


def _moved(pairs: Sequence[Pair]) -> set[int]:
    """Identities of new rows that passed others of their group: as few as explain the new order."""
    groups: dict[str, list[tuple[Row, Row]]] = {}
    for old, new in pairs:
        if old is not None and new is not None and new.group and new.group.casefold() == old.group.casefold():
            groups.setdefault(new.group, []).append((old, new))
    return {row for members in groups.values() if len(members) > 1 and _ordered(members) for row in _out_of_order(members)}


def _ordered(pairs: Sequence[tuple[Row, Row]]) -> bool:
    """Whether each row has a place to itself: not where a file that people have edited holds two lists of one name."""
    return all(len({pair[side].place for pair in pairs}) == len(pairs) for side in (0, 1))


def _out_of_order(pairs: Sequence[tuple[Row, Row]]) -> set[int]:
    kept = _longest_rising([old.place for old, _unused in pairs])
    return {id(new) for index, (_unused, new) in enumerate(pairs) if index not in kept}


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """Indices of a longest rising subsequence."""
    tails: list[int] = []
    ends: list[int] = []
    previous: dict[int, int] = {}
    for index, number in enumerate(numbers):
        length = bisect_left(tails, number)
        if length:
            previous[index] = ends[length - 1]
        tails[length : length + 1] = [number]
        ends[length : length + 1] = [index]
    kept: set[int] = set()
    at: int | None = ends[-1] if ends else None
    while at is not None:
        kept.add(at)
        at = previous.get(at)
    return kept
