# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Collects what is wrong with a declaration, so that the user sees all of it at once."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ..errors import InputError

# Said of what the portal makes.
READ_ONLY = "comes from a synchronization rule, which is made and changed in the portal; take it out"
_KINDS = {dict: "a dictionary", list: "a list", str: "text", int: "a number", bool: "true or false", type(None): "nothing", float: "a number"}


def kind_of(value: Any) -> str:
    """What a value is, in the words of someone who writes YAML."""
    for kind in (bool, str, dict, list, int, float):
        if isinstance(value, kind):
            return _KINDS[kind]
    return _KINDS.get(type(value), type(value).__name__)


def suggestion(word: str, choices: Iterable[str]) -> str:
    """` (did you mean ...?)`, or nothing when no choice is near."""
    by_fold = {choice.casefold(): choice for choice in choices}
    near = difflib.get_close_matches(str(word).casefold(), by_fold, n=1, cutoff=0.6)
    return f" (did you mean {by_fold[near[0]]!r}?)" if near else ""


class Problems:
    """`add` collects, `stop` raises InputError if anything was collected."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def add(self, path: str, message: str) -> None:
        self.found.append((path, message))

    def stop(self) -> None:
        if not self.found:
            return
        if len(self.found) == 1:
            path, message = self.found[0]
            raise InputError(message, path=path)
        details = [f"{path}: {message}" if path else message for path, message in self.found]
        raise InputError(f"{len(self.found)} values of the configuration are wrong.", path=self.found[0][0], details=details)


class Node:
    """A dictionary of the user's data, with its place; every reader reports and gives None for what is wrong."""

    def __init__(self, value: Any, path: str, problems: Problems) -> None:
        self.path = path
        self.problems = problems
        self.value: Mapping[str, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            problems.add(path, f"must be a dictionary, not {kind_of(value)}")

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def given(self, key: str) -> bool:
        return self.value.get(key) is not None

    def only(self, allowed: Collection[str]) -> None:
        """Reports every key that is not allowed."""
        for key in self.value:
            if key not in allowed:
                hint = suggestion(str(key), allowed) or f"; known here: {', '.join(sorted(allowed))}"
                self.problems.add(self.at(str(key)), f"is not a key of the configuration{hint}")

    def text(self, key: str, *, required: bool = False) -> str | None:
        value = self.value.get(key)
        if value is None:
            if required:
                self.problems.add(self.at(key), "is missing")
            return None
        if not isinstance(value, str):
            self.problems.add(self.at(key), f"must be text, not {kind_of(value)}")
            return None
        if not value.strip():
            self.problems.add(self.at(key), "is empty")
            return None
        return value.strip()

    def choice(self, key: str, choices: Sequence[str]) -> str | None:
        value = self.text(key)
        if value is None or value in choices:
            return value
        self.problems.add(self.at(key), f"is {value!r}, but must be one of {', '.join(choices)}{suggestion(value, choices)}")
        return None

    def items(self, key: str) -> list[tuple[str, Any]] | None:
        """Place and value of each item of a list; None when the key is not given or no list."""
        value = self.value.get(key)
        if value is None:
            return None
        if not isinstance(value, (list, tuple)):
            self.problems.add(self.at(key), f"must be a list, not {kind_of(value)}")
            return None
        return [(f"{self.at(key)}[{index}]", item) for index, item in enumerate(value)]

    def texts(self, key: str) -> list[tuple[str, str]] | None:
        """As `items`, of texts; what is no text is reported and left out."""
        found = self.items(key)
        if found is None:
            return None
        for path, item in found:
            if not isinstance(item, str) or not item.strip():
                self.problems.add(path, f"must be text, not {kind_of(item)}" if not isinstance(item, str) else "is empty")
        return [(path, item.strip()) for path, item in found if isinstance(item, str) and item.strip()]

    def node(self, key: str) -> Node | None:
        return Node(self.value[key], self.at(key), self.problems) if self.given(key) else None
