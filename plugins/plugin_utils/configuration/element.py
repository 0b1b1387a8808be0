# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One element of a configuration document: looked up by local name, written back from its own bytes.

An element remembers where it stands in the file. What was never touched is written as that slice of the file; of a
touched element only the parts that changed are written anew. Undoing an edit (the old value set again, the removed
child inserted at its place) gives the first bytes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Union

from ..errors import DocumentError
from . import markup
from .chunk import Chunk, last_line, split_gap
from .markup import Fragment, Style


class Source:
    """The bytes that elements point into, and the style for what is written beside them: by default the one they are in.

    `memos` holds what was found out about the bytes: of a stretch by its offset, of the whole by who found it out.
    """

    __slots__ = ("__weakref__", "_style", "data", "memos")

    def __init__(self, data: bytes, style: Style | None = None) -> None:
        self.data = data
        self.memos: dict[object, Any] = {}
        self._style = style

    @property
    def style(self) -> Style:
        """Found when something is to be written: most documents are only read."""
        if self._style is None:
            self._style = markup.detect_style(self.data)
        return self._style


Item = Union[Chunk, "Element"]


@dataclass
class Edit:
    """What was changed on an element. `attributes` maps a name to its new value, None for removed.

    `text` hides `items`. Children inserted into a new text turn it into a chunk; `below` keeps what it hid, so that
    taking both back ends where they began.
    """

    attributes: dict[str, str | None] = field(default_factory=dict)
    text: str | None = None
    items: list[Item] | None = None
    below: tuple[Chunk, list[Item] | None, Any] | None = None
    closing: Chunk | None = None


class Element:
    """`tag` is the name as written (`dsml:class`), `local` the name without prefix."""

    __slots__ = ("_attributes", "_children", "_close", "_edit", "_former", "_source", "_start", "dirty", "local", "parent", "tag")

    def __init__(  # noqa: PLR0917  (positional: called once for each element of a file)
        self, source: Source, tag: str, local: str, attributes: list[str], parent: Element | None, start: int
    ) -> None:
        self._source = source
        self.tag = tag
        self.local = local
        self._attributes = attributes
        self.parent = parent
        self._start = start
        self._close = start
        self._children: list[Element] | tuple[()] = ()
        self._edit: Edit | None = None
        # Where a removed child stood: the item before it, the white space and the end it had to itself.
        self._former: tuple[Item | None, Chunk | None, Chunk | None] | None = None
        self.dirty = False

    def __repr__(self) -> str:
        return f"<Element {self.tag} at byte {self._start}>"

    @property
    def is_added(self) -> bool:
        """Whether it was put in since the file was read."""
        return self.parent is not None and self._source is not self.parent._source

    # -- looking up ------------------------------------------------------------------------------------------------

    @property
    def children(self) -> Sequence[Element]:
        """The child elements in document order."""
        if self._edit is not None and self._edit.items is not None:
            return [item for item in self._edit.items if isinstance(item, Element)]
        return self._children

    def find_all(self, path: str) -> list[Element]:
        """All elements that a path of local names leads to, as in `filter/containers`, in document order."""
        found: Sequence[Element] = [self]
        for name in path.split("/"):
            found = [child for element in found for child in element.children if child.local == name]
        return list(found)

    def find(self, path: str) -> Element | None:
        """The first element that a path of local names leads to."""
        element: Element | None = self
        for name in path.split("/"):
            if element is None:
                return None
            element = next((child for child in element.children if child.local == name), None)
        if element is None and "/" in path:
            return next(iter(self.find_all(path)), None)
        return element

    def require(self, path: str) -> Element:
        """As `find`; raises DocumentError when there is no such element."""
        found = self.find(path)
        if found is None:
            raise DocumentError(f"The element <{self.tag}> has no <{path}>; the file is not what its name promises.")
        return found

    def find_text(self, path: str, default: str = "") -> str:
        """Text of the first element at `path`, without white space around it."""
        found = self.find(path)
        return default if found is None else found.text.strip()

    def walk(self) -> Iterator[Element]:
        """This element and all below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def get(self, name: str, default: str = "") -> str:
        """Value of the attribute with that name, else of the first one with that local name."""
        pairs = self._attributes
        if self._edit is not None and self._edit.attributes:
            pairs = [text for pair in self.attributes.items() for text in pair]
        for index in range(0, len(pairs), 2):
            if pairs[index] == name:
                return pairs[index + 1]
        suffix = ":" + name
        for index in range(0, len(pairs), 2):
            if pairs[index].endswith(suffix):
                return pairs[index + 1]
        return default

    @property
    def attributes(self) -> dict[str, str]:
        """Names as written and values, in the order of the file; added ones last."""
        pairs = self._attributes
        values = {pairs[index]: pairs[index + 1] for index in range(0, len(pairs), 2)}
        if self._edit is None:
            return values
        for name, value in self._edit.attributes.items():
            if value is None:
                values.pop(name, None)
            else:
                values[name] = value
        return values

    @property
    def text(self) -> str:
        """The characters directly in this element, comments left out, CDATA and references resolved."""
        if self._edit is not None and self._edit.text is not None:
            return self._edit.text
        items: list[Item] = []
        if self._edit is not None and self._edit.items is not None and not self._emptied(self._edit):
            items = self._edit.items
        elif self._children:
            items = [] if self._edit is not None and self._edit.items is not None else self._split()
        else:
            return markup.decode_text(self._source.data[self._open_end : self._close])
        return "".join(markup.decode_text(item.data) for item in items if isinstance(item, Chunk))

    # -- changing --------------------------------------------------------------------------------------------------

    def set_attribute(self, name: str, value: str | None) -> None:
        """Sets, adds or (None) removes an attribute, by its name as written."""
        if value is not None:
            markup.check_characters(value)
        edit = self._touch()
        pairs = self._attributes
        written = next((pairs[index + 1] for index in range(0, len(pairs), 2) if pairs[index] == name), None)
        if value == written:
            edit.attributes.pop(name, None)
        else:
            edit.attributes[name] = value

    def set_text(self, text: str) -> None:
        """Replaces the content; an element that has child elements has no text of its own (DocumentError)."""
        if self.children:
            raise DocumentError(f"<{self.tag}> holds elements; its text cannot be set.")
        markup.check_characters(text)
        edit = self._touch()
        if edit.below is not None and edit.items == [edit.below[0]]:
            _unused, edit.items, edit.below = edit.below
        edit.text = None
        if text != self.text:
            edit.text = text

    def set_value(self, text: str) -> None:
        """As `set_text` where white space around the text means nothing: what the file has is kept or comes back if it says the same."""
        if self.text.strip() == text:
            return
        if self._edit is not None and self._edit.text is not None:
            self._edit.text = None
        if self.text.strip() != text:
            self.set_text(text)

    def append(self, new: Fragment | Element) -> Element:
        return self.insert(len(self.children), new)

    def insert(self, index: int, new: Fragment | Element) -> Element:
        """Puts a new or removed element in front of the child with that index; gives back the element as it stands now."""
        items = self._items()
        if isinstance(new, Element) and new._former is not None and self._put_back(items, index, new):
            return new
        children = [item for item in items if isinstance(item, Element)]
        place = items.index(children[index]) if index < len(children) else len(items)
        if place and _is_blank(items[place - 1]):
            place -= 1
        lead = self._lead_for(items, children, index)
        element = _detached(new, self._source, lead) if isinstance(new, Fragment) else new
        items[place:place] = [Chunk(lead), element]
        if len(items) == 2:
            items.append(closing := Chunk(b"" if self._is_dense() else self._margin()))
            self._touch().closing = closing
        element.parent = self
        return element

    def remove(self, child: Element) -> Element:
        """Takes a child out, with the white space in front of it, and gives it back."""
        items = self._items()
        place = items.index(child)
        before = items[place - 1] if place else None
        lead = before if isinstance(before, Chunk) and before.blank else None
        first = place - 1 if lead is not None else place
        previous = items[first - 1] if first else None
        del items[first : place + 1]
        closing = self._touch().closing
        if closing is not None and items == [closing]:
            items.clear()
            child._former = (previous, lead, closing)
        else:
            child._former = (previous, lead, None)
        child.parent = None
        return child

    def replace(self, child: Element, new: Fragment | Element) -> Element:
        """Puts a new or removed element in the place of a child, which is detached."""
        items = self._items()
        place = items.index(child)
        element = (
            _detached(new, self._source, self._lead_for(items, list(self.children), list(self.children).index(child))) if isinstance(new, Fragment) else new
        )
        items[place] = element
        element.parent, child.parent = self, None
        element._former = child._former = None
        return element

    def copy(self) -> Element:
        """A detached copy that can be inserted elsewhere."""
        from .document import parse_fragment

        return parse_fragment(self.write(), self._source.style)

    def sibling_tag(self, local: str) -> str:
        """`local` with the prefix that this element's own name has."""
        return self.tag[: -len(self.local)] + local

    # -- writing ---------------------------------------------------------------------------------------------------

    def write(self) -> bytes:
        """The element as bytes, without what stands in front of it or behind it."""
        pieces: list[bytes] = []
        self._write_into(pieces)
        return b"".join(pieces)

    def _write_into(self, pieces: list[bytes]) -> None:
        data = self._source.data
        if not self.dirty:
            pieces.append(data[self._start : self._end])
            return
        opening, empty = self._opening()
        content = self._content()
        if content is None:
            pieces.append(markup.empty_element(opening, self._closing(), self._source.style))
        elif not content and empty:
            pieces.append(opening + data[self._open_end - len(self._self_close()) : self._open_end])
        else:
            pieces.extend((opening, b">", *content, self._closing()))

    def _content(self) -> list[bytes] | None:
        """Pieces between the tags; None when the last child was taken out and the element is to be written as empty."""
        edit, data = self._edit, self._source.data
        if edit is not None and edit.text is not None:
            return [markup.encode_text(edit.text, self._source.style)] if edit.text else None
        if edit is not None and edit.items is not None:
            if self._emptied(edit):
                return None if self._children else self._as_read()
            return [item.data if isinstance(item, Chunk) else item.write() for item in edit.items]
        if not self._children:
            return self._as_read()
        pieces, position = [], self._open_end
        for child in self._children:
            pieces.append(data[position : child._start])
            child._write_into(pieces)
            position = child._end
        return [*pieces, data[position : self._close]]

    @staticmethod
    def _emptied(edit: Edit) -> bool:
        """The children are gone and nothing but their white space is left: the element is written as it was, or empty."""
        return edit.below is None and all(isinstance(item, Chunk) and item.blank for item in edit.items or ())

    def _as_read(self) -> list[bytes]:
        content = self._source.data[self._open_end : self._close]
        return [content] if content else []

    def _opening(self) -> tuple[bytes, bool]:
        """The start tag without its end (`>` or ` />`), and whether the file wrote the element as an empty one."""
        raw = self._source.data[self._start : self._open_end]
        end = self._self_close()
        body = raw[: len(raw) - (len(end) or 1)]
        changed = self._edit.attributes if self._edit else {}
        if changed:
            body = markup.edited_tag(body, self.tag, changed)
        return body, bool(end)

    def _self_close(self) -> bytes:
        """White space and `/>` at the end of the start tag, empty when there is an end tag."""
        raw = self._source.data[self._start : self._open_end]
        return raw[len(raw[:-2].rstrip()) :] if raw.endswith(b"/>") else b""

    def _closing(self) -> bytes:
        return b"</" + self.tag.encode() + b">" if self._self_close() else self._source.data[self._close : self._end]

    # -- the inside of the file ------------------------------------------------------------------------------------

    @property
    def _open_end(self) -> int:
        return markup.start_tag_end(self._source.data, self._start)

    @property
    def _end(self) -> int:
        data = self._source.data
        if not self._children and data.startswith(b"/>", (end := self._open_end) - 2):
            return end
        return data.index(b">", self._close) + 1

    def _touch(self) -> Edit:
        element: Element | None = self
        while element is not None:
            element.dirty = True
            element = element.parent
        if self._edit is None:
            self._edit = Edit()
        return self._edit

    def _items(self) -> list[Item]:
        edit = self._touch()
        if edit.text is not None:
            chunk = Chunk(markup.encode_text(edit.text, self._source.style))
            edit.below = (chunk, edit.items, edit.below)
            edit.items, edit.text = [chunk], None
        if edit.items is None:
            edit.items = self._split()
        return edit.items

    def _split(self) -> list[Item]:
        """Children and what stands between them; white space in front of a child is a chunk of its own."""
        items: list[Item] = []
        position = self._open_end
        for child in self._children:
            items.extend(split_gap(self._source.data[position : child._start]))
            items.append(child)
            position = child._end
        items.extend(split_gap(self._source.data[position : self._close]))
        return items

    def _put_back(self, items: list[Item], index: int, child: Element) -> bool:
        """Inserts a removed child exactly where it was, if that is the place with this index."""
        before, lead, closing = child._former or (None, None, None)
        place = 0
        if before is not None:
            place = next((position for position, item in enumerate(items) if item is before), -1) + 1
            if not place:
                return False
        if sum(isinstance(item, Element) for item in items[:place]) != index:
            return False
        items[place:place] = [child] if lead is None else [lead, child]
        if closing is not None and closing not in items:
            items.append(closing)
            self._touch().closing = closing
        child.parent, child._former = self, None
        return True

    def _lead_for(self, items: list[Item], children: list[Element], index: int) -> bytes:
        """White space in front of a child that is inserted there: as in front of its neighbour."""
        if children:
            neighbour = items.index(children[index - 1 if index else 0])
            before = items[neighbour - 1] if neighbour else None
            blank = before.data if isinstance(before, Chunk) and before.blank else b""
            return last_line(blank)
        margin = b"" if self._is_dense() else self._margin()
        return margin + self._source.style.indent if margin else b""

    def _is_dense(self) -> bool:
        """Whether the file wrote children of this element without any white space around them."""
        children = list(self._children)
        return bool(children) and children[0]._start == self._open_end and children[-1]._end == self._close

    def _margin(self) -> bytes:
        """Line break and indentation of the line that this element begins; empty in a file of one line."""
        style = self._source.style
        if not style.newline:
            return b""
        if self.parent is not None and self.parent._edit is not None and self.parent._edit.items is not None:
            items = self.parent._edit.items
            place = items.index(self)
            before = items[place - 1] if place else None
            return last_line(before.data) if isinstance(before, Chunk) and before.blank else b""
        data = self._source.data
        line = data[data.rfind(b"\n", 0, self._start) + 1 : self._start]
        return style.newline + (line if not line.strip() else line[: len(line) - len(line.lstrip())])


def _is_blank(item: Item) -> bool:
    return isinstance(item, Chunk) and item.blank


def _detached(fragment: Fragment, source: Source, lead: bytes) -> Element:
    from .document import parse_fragment

    return parse_fragment(markup.write_fragment(fragment, source.style, last_line(lead)), source.style)
