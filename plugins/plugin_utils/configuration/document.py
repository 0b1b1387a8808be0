# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A configuration document: bytes in, a tree of elements, the same bytes out.

The tree is built by expat with byte offsets, so that comments, white space, quotes, prefixes, byte order mark and line
ends survive. Documents come from servers and from users' folders, so they are not trusted: a document type
declaration, and with it every entity, is refused; so are deep nesting, huge tags and huge files.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from weakref import WeakValueDictionary
from xml.parsers import expat

from ..errors import DocumentError
from .collector import paused
from .element import Element, Source
from .encoding import from_utf8, to_utf8, utf16_of
from .flat import DEPTH, Flat, flat_stretches
from .markup import Style
from .unread import Unread

_BOM = codecs.BOM_UTF8
_FOREIGN_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
}
_DECLARED = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"']*)[\"']")
_PIECE = 256 * 1024
# Codes of expat that mean: the file ends too early (xml.parsers.expat.errors).
_CUT_OFF = {3, 5, 6, 20}


@dataclass(frozen=True)
class Limits:
    """`size` and `tag` (one tag, comment or instruction) in bytes, `depth` and `elements` as counts."""

    size: int = 64 * 1024 * 1024
    elements: int = 400_000
    depth: int = 100
    tag: int = 1024 * 1024


DEFAULT_LIMITS = Limits()
Value = TypeVar("Value")


class Document:
    """One file. `name` appears in messages; `root` is its outermost element."""

    def __init__(self, name: str, text: _Text, root: Element, codec: str = "") -> None:
        self.name = name
        self.root = root
        # Kept as a whole: the same bytes need not be checked again as long as the document lives.
        self._text = text
        self._start, self._end = root._start, root._end
        self._codec = codec

    def write(self) -> bytes:
        """The file: byte by byte the one that was read, but for what was changed."""
        data = self._text.source.data
        if self.root.dirty:
            data = data[: self._start] + self.root.write() + data[self._end :]
        return from_utf8(data, self._codec) if self._codec else data

    def as_value(self, read: Callable[[Document], Value]) -> Value:
        """What `read` makes of the document; made once of the same bytes, as long as nothing was changed. The value must be immutable."""
        if self.root.dirty:
            return read(self)
        memos = self._text.source.memos
        if read not in memos:
            memos[read] = read(self)
        found: Value = memos[read]
        return found


@dataclass(frozen=True)
class _Text:
    """Bytes that were accepted under `limits`: where the XML in them begins and ends, and what of it may stay unread."""

    source: Source
    span: tuple[int, int]
    limits: Limits
    unread: tuple[Flat, ...]


# What the documents are made of that still live: a run reads a server's files several times over, to plan, to change them, to compare.
_KNOWN: WeakValueDictionary[bytes, _Text] = WeakValueDictionary()


def parse(data: bytes, name: str = "document", limits: Limits = DEFAULT_LIMITS) -> Document:
    """Reads a document.

    Raises DocumentError with name, line and column for anything that is not well-formed UTF-8 or UTF-16 XML within the limits.
    """
    codec = utf16_of(data)
    # Two bytes a character: what is read is held to the limit as UTF-8 would be.
    _check_size(data, name, limits.size // 2 if codec else limits.size)
    if codec:
        data = to_utf8(data, codec, name)
    _check_start(data, name, codec)
    known = _KNOWN.get(data)
    if known is not None and known.limits == limits:
        return Document(name, known, _Builder(known.source, name, limits, known.span, known.unread, checked=True).run(), codec)
    text = _Text(Source(data), (len(_BOM) if data.startswith(_BOM) else 0, len(data)), limits, tuple(flat_stretches(data, limits.elements)))
    try:
        root = _Builder(text.source, name, limits, text.span, text.unread).run()
    except _NotAsExpectedError:
        text = replace(text, unread=())
        root = _Builder(text.source, name, limits, text.span).run()
    _KNOWN[data] = text
    return Document(name, text, root, codec)


def parse_fragment(data: bytes, style: Style) -> Element:
    """One element out of bytes that this package wrote itself."""
    return _Builder(Source(data, style), "fragment", DEFAULT_LIMITS, (0, len(data))).run()


def parse_stretch(source: Source, start: int, end: int) -> Element:
    """The element that stands there in a file that was parsed before."""
    return _Builder(source, "stretch", DEFAULT_LIMITS, (start, end)).run()


def _check_size(data: bytes, name: str, limit: int) -> None:
    if len(data) > limit:
        raise DocumentError(f"{name} has {len(data):,} bytes, more than the limit of {limit:,}; a server's configuration file has a few megabytes.")
    if not data.strip():
        raise DocumentError(f"{name} is empty.")


def _check_start(data: bytes, name: str, codec: str) -> None:
    for mark, encoding in _FOREIGN_MARKS.items():
        if data.startswith(mark):
            raise DocumentError(f"{name} is {encoding}, not UTF-8; save it as UTF-8 (line 1, column 1).")
    declared = _DECLARED.match(data, len(_BOM) if data.startswith(_BOM) else 0)
    if declared and declared.group(1).lower() not in (b"utf-8", b"us-ascii", *((b"utf-16",) if codec else ())):
        raise DocumentError(f"{name} declares the encoding {declared.group(1).decode('ascii', 'replace')!r}, not UTF-8 (line 1).")


class _NotAsExpectedError(Exception):
    """A stretch that was to stay unread is not what it looked like: the file is to be parsed whole."""


class _Builder:
    """The handlers of one parse. `span` says where in the source the text begins and ends, `unread` what stays a stretch of it.

    With `checked` expat has accepted these very bytes before and need not see the stretches again.
    """

    def __init__(self, source: Source, name: str, limits: Limits, span: tuple[int, int], unread: Sequence[Flat] = (), *, checked: bool = False) -> None:
        self.source = source
        self.name = name
        self.limits = limits
        self.checked = checked
        # What must be added to the parser's offset to get the one in the file.
        self.offset, self.size = span
        self.unread = {stretch.tag: stretch for stretch in unread}
        self.passing: Flat | None = None
        self.parser = expat.ParserCreate("utf-8")
        self.parser.ordered_attributes = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.root: Element | None = None
        self.open: list[Element] = []
        self.count = 0
        self.locals: dict[str, str] = {}

    def run(self) -> Element:
        try:
            with paused():
                self.feed()
        except expat.ExpatError as error:
            raise self.explain(error) from None
        finally:
            self.parser.StartElementHandler = self.parser.EndElementHandler = self.parser.StartDoctypeDeclHandler = None
        if self.root is None:
            raise DocumentError(f"{self.name} holds no element.")
        return self.root

    def feed(self) -> None:
        position = self.offset
        for flat in self.unread.values():
            self.feed_piece_by_piece(position, flat.start)
            if self.checked and self.passing is flat:
                self.offset += flat.end - flat.start
            else:
                self.feed_piece_by_piece(flat.start, flat.end)
            position = flat.end
            if self.passing is flat:
                self.parser.StartElementHandler, self.parser.EndElementHandler = self.started_inside, self.end_of_stretch
        self.feed_piece_by_piece(position, self.size)
        self.parser.Parse(b"", True)

    def feed_piece_by_piece(self, begin: int, end: int) -> None:
        view = memoryview(self.source.data)
        for position in range(begin, end, _PIECE):
            piece = view[position : min(position + _PIECE, end)]
            self.parser.Parse(piece, False)
            pending = position + len(piece) - self.offset - self.parser.CurrentByteIndex
            if pending > self.limits.tag + _PIECE:
                raise DocumentError(f"{self.name} holds a tag or comment of more than {self.limits.tag:,} bytes ({self.where()}).")

    def start(self, tag: str, attributes: list[str]) -> None:
        opened = self.open
        parent = opened[-1] if opened else None
        local = self.locals.get(tag)
        if local is None:
            local = self.locals[tag] = sys.intern(tag.rpartition(":")[2])
        position = self.parser.CurrentByteIndex + self.offset
        kind = Unread if position in self.unread and self.passes(self.unread[position]) else Element
        element = kind(self.source, tag, local, attributes, parent, position)
        if parent is None:
            self.root = element
        elif isinstance(parent._children, list):
            parent._children.append(element)
        else:
            parent._children = [element]
        opened.append(element)
        self.count += 1
        if len(opened) > self.limits.depth:
            raise DocumentError(f"{self.name} nests elements more than {self.limits.depth} deep ({self.where()}).")
        if self.count > self.limits.elements:
            raise DocumentError(f"{self.name} holds more than {self.limits.elements:,} elements ({self.where()}).")

    def end(self, _tag: str) -> None:
        self.open.pop()._close = self.parser.CurrentByteIndex + self.offset

    def passes(self, stretch: Flat) -> bool:
        """Lets expat run through a stretch without making elements; False where a limit lies inside of it."""
        if len(self.open) + 1 + DEPTH > self.limits.depth or self.count + 1 + stretch.elements > self.limits.elements:
            return False
        self.count += stretch.elements
        self.passing = stretch
        self.parser.StartElementHandler = self.parser.EndElementHandler = None
        return True

    def started_inside(self, _tag: str, _attributes: list[str]) -> None:
        raise _NotAsExpectedError

    def end_of_stretch(self, tag: str) -> None:
        """The first thing behind a stretch is the end of its element, or it was none."""
        if self.passing is None or self.passing.end != self.parser.CurrentByteIndex + self.offset:
            raise _NotAsExpectedError
        self.passing = None
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.start, self.end
        self.end(tag)

    def doctype(self, name: str, *_rest: object) -> None:
        raise DocumentError(f"{self.name} holds a document type declaration ({name}, {self.where()}); it and its entities are refused, no server writes one.")

    def where(self) -> str:
        return f"line {self.parser.CurrentLineNumber}, column {self.parser.CurrentColumnNumber + 1}"

    def explain(self, error: expat.ExpatError) -> DocumentError:
        place = f"line {error.lineno}, column {error.offset + 1}"
        if error.code in _CUT_OFF:
            inside = f" inside of <{self.open[-1].tag}>" if self.open else ""
            return DocumentError(f"{self.name} is cut off: it ends{inside} ({place}).")
        data = self.source.data
        bad = _bad_utf8(data)
        if bad is not None:
            line = data.count(b"\n", 0, bad) + 1
            column = bad - (data.rfind(b"\n", 0, bad) + 1) + 1
            return DocumentError(f"{self.name} is not UTF-8: byte 0x{data[bad]:02X} at line {line}, column {column}.")
        return DocumentError(f"{self.name} is not well-formed XML: {expat.ErrorString(error.code)} ({place}).")


def _bad_utf8(data: bytes) -> int | None:
    """Offset of the first byte that is not UTF-8; read in pieces, so that a huge file costs no second copy."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for position in range(0, len(data), _PIECE):
        piece = data[position : position + _PIECE]
        waiting = len(decoder.getstate()[0])
        try:
            decoder.decode(piece, position + _PIECE >= len(data))
        except UnicodeDecodeError as error:
            return position - waiting + error.start
    return None
