# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Holds parsed YAML against a definition and collects all that does not fit."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .definitions import Anything, Choice, Flag, Kind, ListOf, MapOf, Number, Record, Text, Variants
from .problems import Problems, kind_of, suggestion


def check(value: Any, kind: Kind, path: str, problems: Problems) -> None:
    """Adds what is wrong to `problems`, each with its path."""
    _CHECKS[type(kind)](value, kind, path, problems)


def _text(value: Any, kind: Text, path: str, problems: Problems) -> None:
    if kind.numbers and isinstance(value, int) and not isinstance(value, bool):
        return
    if not isinstance(value, str):
        problems.add(path, f"must be text, not {kind_of(value)}")
    elif not value.strip() and not kind.empty:
        problems.add(path, "is empty")
    elif kind.choices and value not in kind.choices:
        problems.add(path, f"is {value!r}, but must be one of {', '.join(kind.choices)}{suggestion(value, kind.choices)}")
    elif kind.pattern and not re.fullmatch(kind.pattern, value):
        problems.add(path, f"is {'not' if kind.secret else repr(value) + ', but must be'} of the form: {kind.about or kind.pattern}")


def _number(value: Any, kind: Number, path: str, problems: Problems) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        problems.add(path, f"must be a whole number, not {kind_of(value)}")
    elif value < kind.least:
        problems.add(path, f"is {value}, but must be at least {kind.least}")


def _flag(value: Any, _kind: Flag, path: str, problems: Problems) -> None:
    if not isinstance(value, bool):
        problems.add(path, f"must be true or false, not {kind_of(value)}")


def _list(value: Any, kind: ListOf, path: str, problems: Problems) -> None:
    if not isinstance(value, (list, tuple)):
        problems.add(path, f"must be a list, not {kind_of(value)}")
        return
    for index, item in enumerate(value):
        check(item, kind.item, f"{path}[{index}]", problems)


def _map(value: Any, kind: MapOf, path: str, problems: Problems) -> None:
    if not isinstance(value, dict):
        problems.add(path, f"must be a dictionary by {kind.key}, not {kind_of(value)}")
        return
    for key, item in value.items():
        if not isinstance(key, str) or not key.strip():
            problems.add(at(path, str(key)), f"has {kind_of(key)} for a {kind.key}; quote it")
        else:
            check(item, kind.value, at(path, key), problems)


def _record(value: Any, kind: Record, path: str, problems: Problems) -> None:
    if not isinstance(value, dict):
        problems.add(path, f"must be a dictionary, not {kind_of(value)}")
        return
    given = {key: item for key, item in value.items() if item is not None}
    for key, item in given.items():
        if key in kind.keys:
            check(item, kind.keys[key], at(path, str(key)), problems)
        else:
            hint = suggestion(str(key), kind.keys) or f"; known here: {', '.join(sorted(kind.keys))}"
            problems.add(at(path, str(key)), f"is not a key of the configuration{hint}")
    for key in kind.required:
        if key not in given:
            problems.add(at(path, key), "is missing")
    for group in kind.one_of:
        if not any(key in given for key in group):
            problems.add(path, f"needs {' or '.join(group)}")
    for group in kind.apart:
        both = [key for key in group if key in given]
        if len(both) > 1:
            problems.add(at(path, both[1]), f"does not go together with {both[0]}")


def _choice(value: Any, kind: Choice, path: str, problems: Problems) -> None:
    fitting = next((one for one in kind.kinds if _fits(value, one)), None)
    if fitting is None:
        problems.add(path, f"must be {' or '.join(dict.fromkeys(_WORDS[type(one)] for one in kind.kinds))}, not {kind_of(value)}")
    else:
        check(value, fitting, path, problems)


def _variants(value: Any, kind: Variants, path: str, problems: Problems) -> None:
    if not isinstance(value, dict):
        problems.add(path, f"must be a dictionary, not {kind_of(value)}")
        return
    word = value.get(kind.by)
    if word is None:
        problems.add(at(path, kind.by), f"is missing; it is one of {', '.join(kind.records)}")
    elif not isinstance(word, str) or word not in kind.records:
        problems.add(at(path, kind.by), f"is {word!r}, but must be one of {', '.join(kind.records)}{suggestion(str(word), kind.records)}")
    else:
        _record(value, kind.records[word], path, problems)


def _anything(_value: Any, _kind: Anything, _path: str, _problems: Problems) -> None:
    """The reader of rules checks it."""


def at(path: str, key: str) -> str:
    """The path of a key. Names with dots or brackets are quoted."""
    name = key if re.fullmatch(r"[\w -]+", key) else f"[{key!r}]"
    return f"{path}{name}" if name.startswith("[") or not path else f"{path}.{name}"


def _fits(value: Any, kind: Kind) -> bool:
    if isinstance(kind, Anything):
        return True
    if isinstance(value, bool):
        return isinstance(kind, Flag)
    if isinstance(value, int):
        return isinstance(kind, Number) or (isinstance(kind, Text) and kind.numbers)
    return any(isinstance(value, yaml_type) and isinstance(kind, kinds) for yaml_type, kinds in _YAML_TYPES.items())


_YAML_TYPES: dict[type, tuple[type, ...]] = {str: (Text,), list: (ListOf,), tuple: (ListOf,), dict: (MapOf, Record, Variants)}
_WORDS: dict[type, str] = {
    Text: "text",
    Number: "a number",
    Flag: "true or false",
    ListOf: "a list",
    MapOf: "a dictionary",
    Record: "a dictionary",
    Variants: "a dictionary",
    Anything: "anything",
}
_CHECKS: dict[type, Callable[[Any, Any, str, Problems], None]] = {
    Text: _text,
    Number: _number,
    Flag: _flag,
    ListOf: _list,
    MapOf: _map,
    Record: _record,
    Choice: _choice,
    Variants: _variants,
    Anything: _anything,
}
