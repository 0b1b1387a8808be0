# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What all changes of a group have in common. A detector speaks only when every row of the group fits it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from ..engine.values import split_dn
from .rows import Row

# Old and new texts of one row.
Pair = tuple[str, str]
Detector = Callable[[Sequence[Pair]], str]
MANY_DOMAINS = 3


def pattern_of(rows: Sequence[Row]) -> str:
    """One sentence about all rows, or nothing."""
    if not rows:
        return ""
    if all(row.old and not row.new for row in rows):
        return "emptied"
    if all(row.new and not row.old for row in rows):
        return "filled for the first time"
    if not all(len(row.old) == len(row.new) == 1 for row in rows):
        return _of_many(rows)
    pairs = [(row.old[0], row.new[0]) for row in rows]
    return next((said for said in (detector(pairs) for detector in DETECTORS) if said), "")


def _of_many(rows: Sequence[Row]) -> str:
    """Several values each: only more, or only fewer."""
    if all(set(row.old) < set(row.new) for row in rows):
        return "values added, none taken away"
    if all(set(row.new) < set(row.old) for row in rows):
        return "values taken away, none added"
    if all(_folded(row.old) == _folded(row.new) for row in rows):
        return "letter case only"
    return ""


def _folded(values: Sequence[str]) -> list[str]:
    return sorted(value.casefold() for value in values)


def letter_case(pairs: Sequence[Pair]) -> str:
    return "letter case only" if all(old != new and old.casefold() == new.casefold() for old, new in pairs) else ""


def white_space(pairs: Sequence[Pair]) -> str:
    return "white space only" if all(old != new and "".join(old.split()) == "".join(new.split()) for old, new in pairs) else ""


def domain(pairs: Sequence[Pair]) -> str:
    """The part behind the @ of an e-mail address or a user principal name; few domains only."""
    swaps: Counter[Pair] = Counter()
    for old, new in pairs:
        left, at, before = old.rpartition("@")
        right, _unused, after = new.rpartition("@")
        if not at or not left or left.casefold() != right.casefold() or before.casefold() == after.casefold():
            return ""
        swaps[before.casefold(), after.casefold()] += 1
    if len(swaps) > MANY_DOMAINS:
        return ""
    return "domain swapped: " + ", ".join(f"{old} -> {new}" for (old, new), _unused in swaps.most_common())


def moved(pairs: Sequence[Pair]) -> str:
    """Distinguished names whose first part stays and whose container changes."""
    containers: Counter[Pair] = Counter()
    for old, new in pairs:
        if "=" not in old or "=" not in new:
            return ""
        was, now = split_dn(old), split_dn(new)
        if len(was) < 2 or was[0].casefold() != now[0].casefold() or _folded([",".join(was[1:])]) == _folded([",".join(now[1:])]):
            return ""
        containers[",".join(was[1:]), ",".join(now[1:])] += 1
    if len(containers) > MANY_DOMAINS:
        return f"moved between containers ({len(containers)} pairs)"
    return "moved: " + ", ".join(f"{old} -> {new}" for (old, new), _unused in containers.most_common())


def prefix(pairs: Sequence[Pair]) -> str:
    return _affix(pairs, at_end=False)


def suffix(pairs: Sequence[Pair]) -> str:
    return _affix(pairs, at_end=True)


def _affix(pairs: Sequence[Pair], *, at_end: bool) -> str:
    """The same text more, or less, at one end of every value."""
    place = "suffix" if at_end else "prefix"
    for word, sides in (("added", pairs), ("taken away", [(new, old) for old, new in pairs])):
        extra = {_rest(short, long, at_end=at_end) for short, long in sides}
        if len(extra) == 1 and (text := extra.pop()):
            return f"{place} {text!r} {word}"
    return ""


def _rest(short: str, long: str, *, at_end: bool) -> str:
    fits = long.startswith(short) if at_end else long.endswith(short)
    if not fits or len(long) <= len(short):
        return ""
    return long[len(short) :] if at_end else long[: len(long) - len(short)]


def replaced(pairs: Sequence[Pair]) -> str:
    """The same part replaced by the same other part in every value, with something of each value left on both sides or one."""
    swaps = {_middle(old, new) for old, new in pairs}
    if len(swaps) != 1 or len(pairs) < 2:
        return ""
    old, new = swaps.pop()
    return f"{old!r} replaced by {new!r}" if old and new else ""


def _middle(old: str, new: str) -> Pair:
    start = _shared(old, new)
    end = _shared(old[start:][::-1], new[start:][::-1])
    if not start and not end:
        return "", ""
    return old[start : len(old) - end], new[start : len(new) - end]


def _shared(left: str, right: str) -> int:
    """How many characters both begin with."""
    return next((index for index, (one, other) in enumerate(zip(left, right, strict=False)) if one != other), min(len(left), len(right)))


DETECTORS: tuple[Detector, ...] = (letter_case, white_space, domain, moved, prefix, suffix, replaced)
