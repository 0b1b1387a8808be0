# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kinds of values that the language is defined with. One definition serves the checker and the JSON schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Union


@dataclass(frozen=True)
class Text:
    """Text, or one of `choices`. `numbers` takes a number as the text of it."""

    about: str = ""
    choices: tuple[str, ...] = ()
    pattern: str = ""
    numbers: bool = False
    empty: bool = False
    secret: bool = False


@dataclass(frozen=True)
class Number:
    """A whole number, at least `least`."""

    about: str = ""
    least: int = 0


@dataclass(frozen=True)
class Flag:
    about: str = ""


@dataclass(frozen=True)
class ListOf:
    item: Kind
    about: str = ""


@dataclass(frozen=True)
class MapOf:
    """Any keys, all values of one kind. `key` says what the keys are."""

    value: Kind
    key: str = "name"
    about: str = ""


@dataclass(frozen=True)
class Record:
    """Named keys. Of each group in `one_of` at least one must be given; `apart` names keys that exclude each other."""

    keys: Mapping[str, Kind]
    required: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, ...], ...] = ()
    about: str = ""


@dataclass(frozen=True)
class Choice:
    """One of several kinds that differ in the YAML type of the value (text, number, flag, list, dictionary)."""

    kinds: tuple[Kind, ...]
    about: str = ""


@dataclass(frozen=True)
class Variants:
    """A dictionary whose key `by` says which record it is."""

    by: str
    records: Mapping[str, Record] = field(default_factory=dict)
    about: str = ""


@dataclass(frozen=True)
class Anything:
    """What another reader checks: the parts of rules."""

    about: str = ""


Kind = Union[Text, Number, Flag, ListOf, MapOf, Record, Choice, Variants, Anything]
