# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Patterns: a part of regular expressions that means the same in Python and in .NET and cannot run away.

There are no look-arounds and no references back, so a pattern is a finite automaton that reads each character once
(Thompson 1968, with groups after Pike): a search takes at most (length of the text) x (size of the pattern) steps, and the
rules file limits the steps. `rules_extension/Patterns.cs` is the same in C#.

    characters   themselves; . any but a line feed; \\d \\D \\w \\W \\s \\S for ASCII; \\t \\n \\r \\uXXXX; a backslash before punctuation
    [a-z_] [^x]  one character of a set, or not of it
    ( ) (?: )    a group, numbered or not; a|b either
    * + ? {n} {n,} {n,m}, with ? behind for as few as possible; n and m at most 100
    ^ $ \\b      start and end of the whole text, edge of a word
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Union

MOST_REPEATS = 100
MOST_INSTRUCTIONS = 5000
MOST_GROUPS = 20
Ranges = tuple[tuple[int, int], ...]
Fold = Callable[[str], str]

DIGITS: Ranges = ((48, 57),)
WORDS: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
SPACES: Ranges = ((9, 13), (32, 32))
_CLASSES = {"d": DIGITS, "w": WORDS, "s": SPACES}
_CONTROLS = {"t": 9, "n": 10, "r": 13}
_LAST = 0x10FFFF


class PatternError(ValueError):
    """The pattern is none, or is one that has been left out on purpose."""


@dataclass(frozen=True)
class Set:
    ranges: Ranges
    negated: bool = False


@dataclass(frozen=True)
class Assertion:
    """`start`, `end` or `edge`."""

    kind: str


@dataclass(frozen=True)
class Series:
    members: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    members: tuple[Node, ...]


@dataclass(frozen=True)
class Repeat:
    """`most` None: without end."""

    member: Node
    least: int
    most: int | None
    lazy: bool


@dataclass(frozen=True)
class GroupNode:
    number: int
    member: Node


Node = Union[Set, Assertion, Series, Choice, Repeat, GroupNode]
# (operation, first operand, second operand): set, split, jump, save, assert, match.
Instruction = tuple[str, object, object]


@dataclass(frozen=True)
class Pattern:
    """A parsed pattern; `groups` without the whole match."""

    text: str
    node: Node
    groups: int
    program: tuple[Instruction, ...] = field(default=(), compare=False)


def parse_pattern(text: str, fold: Fold | None = None) -> Pattern:
    """Raises PatternError. `fold`: the letters' case is ignored; texts have to be folded by it before they are searched."""
    parser = _Parser(text, fold)
    node = parser.choice()
    if parser.at < len(text):
        raise PatternError(f"a closing bracket too many at character {parser.at + 1} of the pattern {text!r}")
    program: list[Instruction] = [("save", 0, None)]
    _emit(node, program)
    program += [("save", 1, None), ("match", None, None)]
    if len(program) > MOST_INSTRUCTIONS:
        raise PatternError(f"the pattern {text!r} is too large: {len(program)} steps of {MOST_INSTRUCTIONS}; lower its repetitions")
    return Pattern(text, node, parser.groups, tuple(program))


class _Parser:
    def __init__(self, text: str, fold: Fold | None) -> None:
        self.text = text
        self.fold = fold
        self.at = 0
        self.groups = 0
        self.depth = 0

    def fail(self, what: str) -> PatternError:
        return PatternError(f"{what} at character {self.at + 1} of the pattern {self.text!r}")

    def peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def take(self, expected: str) -> bool:
        if self.text.startswith(expected, self.at):
            self.at += len(expected)
            return True
        return False

    def choice(self) -> Node:
        members = [self.sequence()]
        while self.take("|"):
            members.append(self.sequence())
        return members[0] if len(members) == 1 else Choice(tuple(members))

    def sequence(self) -> Node:
        members: list[Node] = []
        while self.peek() not in ("", "|", ")"):
            members.append(self.repeated())
        return Series(tuple(members))

    def repeated(self) -> Node:
        node = self.single()
        bounds = self.bounds()
        if bounds is None:
            return node
        if isinstance(node, Assertion):
            raise self.fail("an edge cannot be repeated")
        lazy = self.take("?")
        if self.peek() in ("*", "+", "?") or (self.peek() == "{" and self.text[self.at + 1 : self.at + 2].isdigit()):
            raise self.fail("two repetitions behind each other")
        return Repeat(node, *bounds, lazy)

    def bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(sign):
                return bounds
        if self.peek() != "{":
            return None
        found = re.compile(r"\{([0-9]{1,5})(,([0-9]{1,5})?)?\}").match(self.text, self.at)
        if found is None:
            raise self.fail("a brace that is no repetition; write \\{ for the character")
        least = int(found[1])
        most = least if found[2] is None else None if found[3] is None else int(found[3])
        if max(least, most or 0) > MOST_REPEATS or (most is not None and most < least):
            raise self.fail(f"a repetition out of order or above {MOST_REPEATS}")
        self.at = found.end()
        return least, most

    def single(self) -> Node:
        char = self.peek()
        if char in ("*", "+", "?", "{", "}", "]"):
            raise self.fail(f"'{char}' has nothing to stand for; write \\{char} for the character")
        self.at += 1
        if char == "(":
            return self.group()
        if char == "[":
            return self.set()
        if char == "\\":
            return self.escaped()
        if char in ("^", "$"):
            return Assertion("start" if char == "^" else "end")
        return Set(((10, 10),), negated=True) if char == "." else self.literal(char)

    def literal(self, char: str) -> Set:
        code = ord(self.fold(char)) if self.fold else ord(char)
        return Set(((code, code),))

    def group(self) -> Node:
        number = 0
        if not self.take("?:"):
            if self.peek() == "?":
                raise self.fail("a group of a kind that rules do not know; there are ( ) and (?: )")
            self.groups += 1
            number = self.groups
            if number > MOST_GROUPS:
                raise self.fail(f"more than {MOST_GROUPS} groups")
        self.depth += 1
        if self.depth > MOST_REPEATS:
            raise self.fail("groups nested too deep")
        node = self.choice()
        self.depth -= 1
        if not self.take(")"):
            raise self.fail("a group that is not closed")
        return GroupNode(number, node) if number else Series((node,))

    def escaped(self) -> Node:
        char = self.peek()
        if char == "b":
            self.at += 1
            return Assertion("edge")
        if char.lower() in _CLASSES and char:
            self.at += 1
            return Set(self._folded(_CLASSES[char.lower()]), negated=char.isupper())
        return self.literal(chr(self.escaped_code()))

    def escaped_code(self) -> int:
        """The character that an escape stands for, inside and outside of sets."""
        char = self.peek()
        if char in _CONTROLS:
            self.at += 1
            return _CONTROLS[char]
        if char == "u":
            digits = self.text[self.at + 1 : self.at + 5]
            if not re.fullmatch("[0-9A-Fa-f]{4}", digits) or 0xD800 <= int(digits, 16) <= 0xDFFF:
                raise self.fail("\\u wants four hexadecimal digits of a character")
            self.at += 5
            return int(digits, 16)
        if not char or char.isalnum() or ord(char) > 127:
            raise self.fail("a backslash before something that rules do not know, as references back are")
        self.at += 1
        return ord(char)

    def set(self) -> Node:
        negated = self.take("^")
        ranges: list[tuple[int, int]] = []
        while self.peek() not in ("]", ""):
            ranges += self.member()
        if not self.take("]") or not ranges:
            raise self.fail("a set that is empty or is not closed")
        return Set(self._folded(tuple(ranges)), negated)

    def member(self) -> Ranges:
        char = self.peek()
        if char == "[":
            raise self.fail("'[' inside of a set; write \\[ for the character")
        self.at += 1
        low = ord(char)
        if char == "\\":
            name = self.peek()
            if name in _CLASSES:
                self.at += 1
                return _CLASSES[name]
            low = self.escaped_code()
        if self.peek() != "-" or self.text[self.at + 1 : self.at + 2] in ("]", ""):
            return ((low, low),)
        self.at += 1
        high = self.peek()
        self.at += 1
        high_code = self.escaped_code() if high == "\\" else ord(high)
        if high_code < low or high == "[":
            raise self.fail("a range that runs backwards")
        return ((low, high_code),)

    def _folded(self, ranges: Ranges) -> Ranges:
        """Single characters and the letters a to z get their capitals' codes beside; other ranges stay."""
        if self.fold is None:
            return ranges
        more = []
        for low, high in ranges:
            if low == high:
                code = ord(self.fold(chr(low)))
                more.append((code, code))
            elif max(low, 97) <= min(high, 122):
                more.append((max(low, 97) - 32, min(high, 122) - 32))
        return (*ranges, *more)


def _emit(node: Node, program: list[Instruction]) -> None:
    if len(program) > MOST_INSTRUCTIONS:
        return
    if isinstance(node, Set):
        program.append(("set", node.ranges, node.negated))
    elif isinstance(node, Assertion):
        program.append(("assert", node.kind, None))
    elif isinstance(node, Series):
        for member in node.members:
            _emit(member, program)
    elif isinstance(node, GroupNode):
        program.append(("save", 2 * node.number, None))
        _emit(node.member, program)
        program.append(("save", 2 * node.number + 1, None))
    elif isinstance(node, Choice):
        _emit_choice(node, program)
    else:
        _emit_repeat(node, program)


def _emit_choice(node: Choice, program: list[Instruction]) -> None:
    ends = []
    for member in node.members[:-1]:
        split = len(program)
        program.append(("split", 0, 0))
        _emit(member, program)
        ends.append(len(program))
        program.append(("jump", 0, None))
        program[split] = ("split", split + 1, len(program))
    _emit(node.members[-1], program)
    for end in ends:
        program[end] = ("jump", len(program), None)


def _emit_repeat(node: Repeat, program: list[Instruction]) -> None:
    for _count in range(node.least):
        _emit(node.member, program)
    if node.most is None:
        split = len(program)
        program.append(("split", 0, 0))
        _emit(node.member, program)
        program.append(("jump", split, None))
        program[split] = _split(split + 1, len(program), node.lazy)
        return
    splits = []
    for _count in range(node.most - node.least):
        splits.append(len(program))
        program.append(("split", 0, 0))
        _emit(node.member, program)
    for split in splits:
        program[split] = _split(split + 1, len(program), node.lazy)


def _split(inside: int, outside: int, lazy: bool) -> Instruction:
    return ("split", outside, inside) if lazy else ("split", inside, outside)


def parse_replacement(text: str, groups: int) -> tuple[Union[str, int], ...]:
    """Literal texts and numbers of groups. Raises PatternError for a group that the pattern does not have."""
    parts: list[Union[str, int]] = []
    at = 0
    while at < len(text):
        sign = text.find("$", at)
        if sign < 0:
            parts.append(text[at:])
            break
        if sign > at:
            parts.append(text[at:sign])
        following = text[sign + 1 : sign + 2]
        if following == "$":
            parts.append("$")
        elif following and following in "0123456789" and int(following) <= groups:
            parts.append(int(following))
        else:
            raise PatternError(f"'${following}' in the replacement {text!r} is no group of the pattern; write $$ for the character")
        at = sign + 2
    return tuple(parts)


def nodes(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    if isinstance(node, (Series, Choice)):
        for member in node.members:
            yield from nodes(member)
    elif isinstance(node, (Repeat, GroupNode)):
        yield from nodes(node.member)
