# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Searches texts for patterns, in time that grows with the text only. Twin of rules_extension/Patterns.cs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ...rules.pattern import Assertion, Choice, GroupNode, Pattern, Ranges, Repeat, Series, Set, nodes, parse_pattern, parse_replacement
from ..text import upper_invariant

# Texts up to this length are left to Python's own machine when the pattern cannot run away there: it is faster and finds the same.
SHORT = 256
# Starts and ends of the groups, the whole match first; -1 for a group that took no part.
Spans = tuple[int, ...]


class PatternLimitError(ValueError):
    """The search took more steps than the rules file allows."""


@dataclass(frozen=True)
class Machine:
    """A pattern ready for searching."""

    pattern: Pattern
    ignore_case: bool
    quick: re.Pattern[str] | None


@lru_cache(maxsize=512)
def machine(text: str, ignore_case: bool) -> Machine:
    """Raises PatternError."""
    pattern = parse_pattern(text, upper_invariant if ignore_case else None)
    return Machine(pattern, ignore_case, re.compile(_expression(pattern.node), re.ASCII) if _is_tame(pattern) else None)


@lru_cache(maxsize=512)
def replacement(text: str, groups: int) -> tuple[str | int, ...]:
    return parse_replacement(text, groups)


def matches(wanted: Machine, text: str, limit: int) -> Iterator[Spans]:
    """All matches from left to right that do not overlap. Raises PatternLimitError."""
    searched = upper_invariant(text) if wanted.ignore_case else text
    budget = [limit]
    at = 0
    while at <= len(searched):
        found = _search(wanted, searched, at, budget)
        if found is None:
            return
        yield found
        at = found[1] if found[1] > found[0] else found[1] + 1


def first(wanted: Machine, text: str, limit: int) -> Spans | None:
    return next(matches(wanted, text, limit), None)


def replace(wanted: Machine, parts: tuple[str | int, ...], text: str, limit: int) -> str:
    out: list[str] = []
    at = 0
    for spans in matches(wanted, text, limit):
        out.append(text[at : spans[0]])
        for part in parts:
            out.append(part if isinstance(part, str) else group(text, spans, part))
        at = spans[1]
    return "".join([*out, text[at:]])


def group(text: str, spans: Spans, number: int) -> str:
    start, end = spans[2 * number : 2 * number + 2]
    return text[start:end] if start >= 0 and end >= 0 else ""


def _search(wanted: Machine, text: str, start: int, budget: list[int]) -> Spans | None:
    if wanted.quick is not None and len(text) <= SHORT:
        found = wanted.quick.search(text, start)
        if found is None:
            return None
        return tuple(place for number in range(wanted.pattern.groups + 1) for place in found.span(number))
    return _Search(wanted.pattern, text, budget).run(start)


class _Search:
    """One search: all ways through the pattern at once, the preferred one first."""

    def __init__(self, pattern: Pattern, text: str, budget: list[int]) -> None:
        self.program = pattern.program
        self.text = text
        self.budget = budget
        self.nothing: Spans = (-1,) * (2 * pattern.groups + 2)

    def run(self, start: int) -> Spans | None:
        threads: list[tuple[int, Spans]] = []
        seen: set[int] = set()
        matched: Spans | None = None
        for at in range(start, len(self.text) + 1):
            if matched is None:
                self.add(threads, seen, 0, self.nothing, at)
            elif not threads:
                break
            code = ord(self.text[at]) if at < len(self.text) else -1
            following: list[tuple[int, Spans]] = []
            seen = set()
            for place, spans in threads:
                operation, ranges, negated = self.program[place]
                if operation == "match":
                    matched = spans
                    break
                if code >= 0 and any(low <= code <= high for low, high in ranges) != negated:  # type: ignore[attr-defined]  # a set's operands
                    self.add(following, seen, place + 1, spans, at + 1)
            threads = following
        return matched

    def add(self, threads: list[tuple[int, Spans]], seen: set[int], place: int, spans: Spans, at: int) -> None:
        """Follows what takes no character. Each instruction is entered once a character, so the first way there wins."""
        waiting = [(place, spans)]
        while waiting:
            here, held = waiting.pop()
            if here in seen:
                continue
            seen.add(here)
            self.budget[0] -= 1
            if self.budget[0] < 0:
                raise PatternLimitError("the search for the pattern takes too long")
            operation, one, other = self.program[here]
            if operation == "jump":
                waiting.append((int(str(one)), held))
            elif operation == "split":
                waiting += [(int(str(other)), held), (int(str(one)), held)]
            elif operation == "save":
                slot = int(str(one))
                waiting.append((here + 1, (*held[:slot], at, *held[slot + 1 :])))
            elif operation == "assert":
                if self.holds(str(one), at):
                    waiting.append((here + 1, held))
            else:
                threads.append((here, held))

    def holds(self, kind: str, at: int) -> bool:
        if kind == "start":
            return at == 0
        if kind == "end":
            return at == len(self.text)
        before = at > 0 and _is_word(self.text[at - 1])
        behind = at < len(self.text) and _is_word(self.text[at])
        return before != behind


def _is_word(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "_")


def _is_tame(pattern: Pattern) -> bool:
    """No repetition of what repeats or chooses, at most two repetitions, no alternatives or edges that machines order otherwise."""
    repeats = [node for node in nodes(pattern.node) if isinstance(node, Repeat)]
    if len(repeats) > 2 or len(pattern.program) > 1000:
        return False
    return not any(isinstance(inner, (Repeat, Choice, GroupNode)) for repeat in repeats for inner in nodes(repeat.member))


def _expression(node: object) -> str:
    """The pattern in Python's words; every set is spelled out."""
    if isinstance(node, Set):
        return _set_expression(node.ranges, node.negated)
    if isinstance(node, Assertion):
        return {"start": r"\A", "end": r"\Z", "edge": r"\b"}[node.kind]
    if isinstance(node, Series):
        return "(?:" + "".join(map(_expression, node.members)) + ")"
    if isinstance(node, Choice):
        return "(?:" + "|".join(map(_expression, node.members)) + ")"
    if isinstance(node, GroupNode):
        return "(" + _expression(node.member) + ")"
    if not isinstance(node, Repeat):
        raise TypeError(f"{node!r} is no part of a pattern")
    most = "" if node.most is None else str(node.most)
    return f"(?:{_expression(node.member)}){{{node.least},{most}}}{'?' if node.lazy else ''}"


def _set_expression(ranges: Ranges, negated: bool) -> str:
    return f"[{'^' if negated else ''}{''.join(f'{chr(92)}U{low:08x}-{chr(92)}U{high:08x}' for low, high in ranges)}]"
