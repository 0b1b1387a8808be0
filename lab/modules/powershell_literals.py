# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads literal values out of PowerShell source: hashtables, arrays, strings, numbers. Runs nothing.

What is no literal (script blocks, calls, unknown variables) becomes an `Opaque`.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_SPACE = re.compile(r"(?:[ \t]|`\r?\n|<#.*?#>)+", re.DOTALL)
_BLANK = re.compile(r"(?:\s|;|#[^\n]*|<#.*?#>)+", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_WORD = re.compile(r"[A-Za-z_][\w-]*")
_VARIABLE = re.compile(r"\$(?:\{([^}]+)\}|(?:global:|script:|env:)?(\w+))", re.IGNORECASE)
_CLOSING = {"(": ")", "{": "}", "[": "]"}


class LiteralProblem(Exception):
    """The text is not the value that was expected; the message says where."""


@dataclass(frozen=True)
class Opaque:
    """Source that is no literal."""

    source: str


@dataclass(frozen=True)
class Delegate:
    """`[Func[[Object], [UInt32]]] { ... }`: a conversion to the named type."""

    type_name: str


class _NoLiteralError(Exception):
    """A sum of things that are no literals."""


def _sum(left: Any, right: Any) -> Any:
    """PowerShell's `+` on lists, hashtables and texts."""
    if isinstance(left, list):
        return [*left, *right] if isinstance(right, list) else [*left, right]
    if isinstance(left, dict) and isinstance(right, dict):
        return {**left, **right}
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    raise _NoLiteralError


Lookup = Callable[[str], Any]


class Reader:
    """Reads from `position` on. `lookup` gives the values of variables; it raises KeyError for unknown ones."""

    def __init__(self, text: str, position: int = 0, lookup: Lookup | None = None) -> None:
        self._text, self.position = text, position
        self._lookup = lookup

    def value(self) -> Any:
        """One expression: items with commas between them make a list."""
        self._skip(_SPACE)
        if self._take(","):
            # The unary comma makes a list of one.
            return [self._after_blank(self._item)]
        items = [self._item()]
        while self._comma():
            items.append(self._after_blank(self._item))
        return items if len(items) > 1 else items[0]

    def _comma(self) -> bool:
        self._skip(_SPACE)
        return self._take(",")

    def _after_blank(self, read: Callable[[], Any]) -> Any:
        self._skip(_BLANK)
        return read()

    def _item(self) -> Any:
        start = self.position
        with contextlib.suppress(_NoLiteralError):
            value = self._sum_of_operands()
            if self._ends_here():
                return value
        self.position = start
        return self._opaque()

    def _sum_of_operands(self) -> Any:
        value = self._operand()
        while self._take("+"):
            self._skip(_SPACE)
            value = _sum(value, self._operand())
        return value

    def _operand(self) -> Any:
        """A value, or the keys of a hashtable (`$table.Keys`)."""
        value = self._primary()
        if isinstance(value, dict) and self._text[self.position : self.position + 5].casefold() == ".keys":
            self.position += 5
            value = list(value)
        self._skip(_SPACE)
        return value

    def _primary(self) -> Any:
        rest = self._text[self.position : self.position + 2]
        if rest == "@{":
            return self._hashtable()
        if rest == "@(":
            self.position += 2
            return self._array()
        if rest[:1] in ("'", '"'):
            return self._string(rest[0])
        if rest[:1] == "[":
            return self._cast()
        if rest[:1] == "$":
            return self._variable()
        if rest[:1] == "{":
            return self._block()
        number = _NUMBER.match(self._text, self.position)
        if number:
            self.position = number.end()
            return float(number.group()) if "." in number.group() else int(number.group())
        return self._opaque()

    def _ends_here(self) -> bool:
        rest = self._text[self.position : self.position + 1]
        return rest in ("", "\n", "\r", ";", ",", "}", ")", "#")

    def _hashtable(self) -> dict[str, Any]:
        self.position += 2
        found: dict[str, Any] = {}
        while True:
            self._skip(_BLANK)
            if self._take("}"):
                return found
            key = self._key()
            self._skip(_SPACE)
            if not self._take("="):
                raise LiteralProblem(f"a hashtable's key {key!r} has no value")
            found[key] = self._after_blank(self.value)

    def _key(self) -> str:
        if self._text[self.position : self.position + 1] in ("'", '"'):
            return str(self._string(self._text[self.position]))
        word = _WORD.match(self._text, self.position) or _NUMBER.match(self._text, self.position)
        if not word:
            raise LiteralProblem(f"no key of a hashtable at {self._text[self.position : self.position + 20]!r}")
        self.position = word.end()
        return word.group()

    def _array(self) -> list[Any]:
        """`@( ... )`: what its statements give, lists unrolled."""
        found: list[Any] = []
        while True:
            self._skip(_BLANK)
            if self._take(")"):
                return found
            if self.position >= len(self._text):
                raise LiteralProblem("an array has no end")
            start = self.position
            value = self.value()
            if self.position == start:
                raise LiteralProblem(f"no value at {self._text[start : start + 20]!r}")
            found.extend(value if isinstance(value, list) else [value])

    def _string(self, quote: str) -> Any:
        start = self.position
        self.position += 1
        parts: list[str] = []
        while self.position < len(self._text):
            char = self._text[self.position]
            if char == quote:
                if self._text[self.position + 1 : self.position + 2] != quote:
                    self.position += 1
                    return "".join(parts)
                self.position += 1
            elif quote == '"' and char == "`":
                self.position += 1
                following = self._text[self.position : self.position + 1]
                char = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}.get(following, following)
            elif quote == '"' and char == "$":
                self.position = start
                return self._opaque()
            parts.append(char)
            self.position += 1
        raise LiteralProblem("a string has no end")

    def _cast(self) -> Any:
        name = self._balanced()
        self._skip(_SPACE)
        if self._ends_here() or self._text[self.position] in ":.":
            return self._opaque()
        function = re.match(r"\[Func\[\[Object\],\s*\[(\w+)\]\]\]$", name, re.IGNORECASE)
        value = self._primary()
        return Delegate(function.group(1)) if function else value

    def _variable(self) -> Any:
        found = _VARIABLE.match(self._text, self.position)
        if not found:
            return self._opaque()
        self.position = found.end()
        name = (found.group(1) or found.group(2)).casefold()
        if name in ("true", "false"):
            return name == "true"
        if name == "null":
            return None
        try:
            return self._lookup(name) if self._lookup else Opaque(found.group())
        except KeyError:
            return Opaque(found.group())

    def _block(self) -> Opaque:
        return Opaque(self._balanced())

    def _opaque(self) -> Opaque:
        """Everything up to the end of the statement, brackets balanced."""
        start = self.position
        while not self._ends_here():
            char = self._text[self.position]
            if char in _CLOSING:
                self._balanced()
            elif char in ("'", '"'):
                self._skip_string(char)
            else:
                self.position += 1
        return Opaque(self._text[start : self.position].strip())

    def _balanced(self) -> str:
        """A bracketed part as text; strings and comments in it may hold brackets."""
        start = self.position
        expected = [_CLOSING[self._text[self.position]]]
        self.position += 1
        while expected:
            if self.position >= len(self._text):
                raise LiteralProblem("a bracket has no end")
            char = self._text[self.position]
            if char in ("'", '"'):
                self._skip_string(char)
                continue
            if char == "#":
                self._skip(_BLANK)
                continue
            if char in _CLOSING:
                expected.append(_CLOSING[char])
            elif char == expected[-1]:
                expected.pop()
            self.position += 2 if char == "`" else 1
        return self._text[start : self.position]

    def _skip_string(self, quote: str) -> None:
        self.position += 1
        while self.position < len(self._text) and self._text[self.position] != quote:
            self.position += 2 if quote == '"' and self._text[self.position] == "`" else 1
        self.position += 1

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self.position)
        if found:
            self.position = found.end()

    def _take(self, char: str) -> bool:
        if self._text[self.position : self.position + 1] != char:
            return False
        self.position += 1
        return True


class Script:
    """A script's top-level assignments, read on demand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._reading: set[str] = set()

    def assigned(self, name: str) -> Any:
        """The value that a variable is assigned first; raises KeyError if it is never assigned."""
        found = re.search(rf"^[ \t]*\${re.escape(name)}[ \t]*=[ \t]*", self.text, re.MULTILINE | re.IGNORECASE)
        if not found or name.casefold() in self._reading:
            raise KeyError(name)
        self._reading.add(name.casefold())
        try:
            return Reader(self.text, found.end(), self.assigned).value()
        finally:
            self._reading.discard(name.casefold())

    def returned(self, function: str) -> Any:
        """The hashtable that a function consists of; raises KeyError if there is no such function."""
        found = re.search(rf"^Function {re.escape(function)}\b", self.text, re.MULTILINE | re.IGNORECASE)
        if not found:
            raise KeyError(function)
        # Help texts show hashtables too; blanks in their place keep all positions.
        bare = re.sub(r"<#.*?#>", lambda part: " " * len(part.group()), self.text, flags=re.DOTALL)
        start = re.compile(r"^[ \t]*@\{", re.MULTILINE).search(bare, found.end())
        if not start:
            raise KeyError(function)
        return Reader(self.text, start.end() - 2, self.assigned).value()
