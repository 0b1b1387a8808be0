# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which attributes objects have, and where their values came from, once each: rows name the combination by its number.

Most objects of an estate share a few combinations, so rows stay short and maps of lineage are shared by all objects that have the same.
"""

from __future__ import annotations

import marshal
import sqlite3
import sys
from collections.abc import Mapping
from typing import Any, Union

from .objects import NO_ATTRIBUTES, Attributes, Lineage

# Beyond that many combinations rows hold the names themselves.
MOST = 5000
NAMES, LINEAGE = 0, 1
# A map in a row: nothing, number and values, or the map itself.
Packed = Union[None, tuple[()], tuple[int, tuple[Any, ...]], dict[str, Any]]


class Shapes:
    """The combinations of one file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.names: dict[int, tuple[str, ...]] = {}
        self.numbers: dict[tuple[str, ...], int] = {}
        self.lineages: dict[int, Mapping[str, Lineage]] = {}
        self.lineage_numbers: dict[tuple[Any, ...], int] = {}
        for number, kind, body in connection.execute("SELECT number, kind, body FROM shapes"):
            self._enter(number, kind, marshal.loads(body))  # noqa: S302 - the file is the engine's own, made by the same Python

    def _enter(self, number: int, kind: int, content: tuple[Any, ...]) -> None:
        if kind == NAMES:
            names = tuple(map(sys.intern, content))
            self.names[number], self.numbers[names] = names, number
        else:
            pairs = tuple((sys.intern(name), origin) for name, origin in content)
            self.lineages[number], self.lineage_numbers[pairs] = dict(pairs), number

    def _add(self, kind: int, content: tuple[Any, ...]) -> int:
        number = len(self.names) + len(self.lineages) + 1
        self.connection.execute("INSERT INTO shapes VALUES (?,?,?)", (number, kind, marshal.dumps(content, 2)))
        self._enter(number, kind, content)
        return number

    def pack(self, values: Attributes | None) -> Packed:
        if values is None:
            return None
        if not values:
            return ()
        names = tuple(sorted(values))
        number = self.numbers.get(names)
        if number is None:
            if len(self.names) >= MOST:
                return dict(values)
            number = self._add(NAMES, names)
        return number, tuple([values[name] for name in names])

    def unpack(self, packed: Packed) -> Attributes | None:
        if packed is None or isinstance(packed, dict):
            return packed
        return dict(zip(self.names[packed[0]], packed[1], strict=True)) if packed else NO_ATTRIBUTES

    def pack_lineage(self, lineage: Mapping[str, Lineage]) -> int | dict[str, Lineage]:
        pairs = tuple(sorted(lineage.items()))
        number = self.lineage_numbers.get(pairs)
        if number is None:
            if len(self.lineages) >= MOST:
                return dict(lineage)
            number = self._add(LINEAGE, pairs)
        return number

    def unpack_lineage(self, packed: int | dict[str, Lineage]) -> Mapping[str, Lineage]:
        return self.lineages[packed] if isinstance(packed, int) else packed
