# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An element whose children are made when somebody asks for them: a directory's schema has ten thousand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .element import Element, Source
from .flat import without_margins


@dataclass(frozen=True)
class Stretch:
    """Where an element stands in the file: offsets of its start tag, of its content's begin and end, and behind its end tag."""

    source: Source
    tag: int
    start: int
    end: int
    closing: int

    def content(self) -> bytes:
        return self.source.data[self.start : self.end]

    def says_what(self, other: Stretch) -> bool:
        """True if both hold the same, whatever white space stands between their tags."""
        mine, its = self.content(), other.content()
        return mine == its or without_margins(mine) == without_margins(its)


class Unread(Element):
    """Expat has accepted its content; that it is a plain list is known (see `flat`)."""

    __slots__ = ("untouched",)

    def __init__(self, *facts: Any) -> None:
        super().__init__(*facts)
        # False once somebody has asked for the elements, who may have changed them.
        self.untouched = True
        del self._children

    def __getattr__(self, name: str) -> list[Element]:
        """Called for what is not there: the children, the first time."""
        if name != "_children":
            raise AttributeError(name)
        self.untouched = False
        self._children = self._parsed()
        return self._children

    @property
    def stretch(self) -> Stretch:
        return Stretch(self._source, self._start, self._open_end, self._close, self._end)

    def _parsed(self) -> list[Element]:
        from .document import parse_stretch

        children = list(parse_stretch(self._source, self._start, self._end)._children)
        for child in children:
            child.parent = self
        return children

    @property
    def _end(self) -> int:
        """There is an end tag: a stretch is never empty."""
        return self._source.data.index(b">", self._close) + 1
