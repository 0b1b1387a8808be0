# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A schema of which only what is asked for is read: a directory has thousands of attributes, rules name some twenty.

It reads the bytes of the file, so that edits made meanwhile do not show in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

from .collector import paused
from .document import parse_stretch
from .element import Element
from .model import AttributeType, ObjectClass, Schema
from .schema_entries import Classes, attribute_type, read_all
from .schema_index import SchemaIndex, index_of
from .unread import Stretch, Unread

Value = TypeVar("Value")
# Entries that are read one by one before the rest is read at once.
_MANY = 64


class Lazily(Mapping[str, Value]):
    """Values that are read when they are asked for. `origin`: a kind and a stretch; where two have the same, they are equal without reading any."""

    def __init__(self, names: Callable[[], Mapping[str, object]], read: Callable[[str], Value], origin: tuple[str, Stretch] | None = None) -> None:
        self._names = names
        self._read = read
        self._origin = origin
        self._done: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        if name not in self._done:
            if name not in self._names():
                raise KeyError(name)
            self._done[name] = self._read(name)
        return self._done[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def __contains__(self, name: object) -> bool:
        return name in self._names()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Lazily) and self._origin and other._origin:
            (kind, stretch), (others_kind, others_stretch) = self._origin, other._origin
            if kind == others_kind and stretch.says_what(others_stretch):
                return True
        return super().__eq__(other)

    def __hash__(self) -> int:
        raise TypeError("a mapping has no hash")

    def __reduce__(self) -> tuple[type[dict[str, Value]], tuple[dict[str, Value]]]:
        """Saved as what it says, without the file."""
        return dict, (dict(self.items()),)


class LazySchema:
    """`schema` looks like any other. `index` is None where entries are not written as servers do: it is read as a whole then."""

    def __init__(self, stretch: Stretch) -> None:
        self._stretch = stretch
        self._asked = 0
        self.schema = Schema(
            Lazily(self._class_names, self._class, ("classes", stretch)),
            Lazily(self._type_names, self._type, ("attributes", stretch)),
        )

    @cached_property
    def index(self) -> SchemaIndex | None:
        return index_of(self._stretch)

    @cached_property
    def whole(self) -> Schema:
        with paused():
            return read_all(parse_stretch(self._stretch.source, self._stretch.tag, self._stretch.closing))

    def _type_names(self) -> Mapping[str, object]:
        return self.whole.attributes if self.index is None else self.index.types

    def _class_names(self) -> Mapping[str, object]:
        return self.whole.classes if self.index is None else self.index.class_ids

    def _type(self, name: str) -> AttributeType:
        index = self._index_for_one()
        return self.whole.attributes[name] if index is None else attribute_type(index.element(index.types[name]))

    def _class(self, name: str) -> ObjectClass:
        index = self._index_for_one()
        return self.whole.classes[name] if index is None else self._classes.resolve(index.class_ids[name])

    def _index_for_one(self) -> SchemaIndex | None:
        """None when the whole is to be read: it was already, or will be cheaper than many entries by themselves."""
        self._asked += 1
        return None if self._asked > _MANY or "whole" in self.__dict__ else self.index

    @cached_property
    def _classes(self) -> Classes:
        index = self.index
        if index is None:
            raise AssertionError("asked for with an index only")
        classes = Lazily(lambda: index.classes, lambda key: index.element(index.classes[key]))
        return Classes(classes, Lazily(lambda: index.rules, lambda key: index.element(index.rules[key])), index.names)


def lazy_schema(directory: Element) -> LazySchema | None:
    """None for a schema that somebody may have changed, or that was small or odd enough to be read at once."""
    if not isinstance(directory, Unread) or not directory.untouched or directory.dirty:
        return None
    memos, place = directory.stretch.source.memos, directory.stretch.start
    if place not in memos:
        memos[place] = LazySchema(directory.stretch)
    found: LazySchema = memos[place]
    return found
