# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The letters of XML: escaping, unescaping, the parts of a start tag, and how a file writes them.

All functions work on the bytes of a file that expat has accepted, so they need not check well-formedness again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import DocumentError

# A start tag up to its closing '>', which may also stand inside of a quoted value.
_START_TAG = re.compile(rb"<[^\"'>]*(?:\"[^\"]*\"[^\"'>]*|'[^']*'[^\"'>]*)*>")
_ATTRIBUTE = re.compile(rb"(\s+)([^\s=/>]+)(\s*=\s*)(\"[^\"]*\"|'[^']*')")
_NON_TEXT = re.compile(rb"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_REFERENCE = re.compile(r"&(#x[0-9a-fA-F]+|#[0-9]+|amp|lt|gt|quot|apos);")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
# Characters that no XML 1.0 document can hold (https://www.w3.org/TR/xml/#charsets).
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Style:
    """How a file is written: line ends, one step of indentation, and the form of an element without content."""

    newline: bytes = b"\n"
    indent: bytes = b"  "
    empty_tag: bytes = b" />"

    @property
    def multi_line(self) -> bool:
        return bool(self.newline)


@dataclass(frozen=True)
class Fragment:
    """An element that is to be written: either `text` or `children`."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    children: Sequence[Fragment] = ()


def detect_style(data: bytes) -> Style:
    """The style that most of the file follows; a file in one line has neither line ends nor indentation."""
    first_break = data.find(b"\n")
    if first_break < 0:
        return Style(b"", b"", _empty_tag(data))
    newline = b"\r\n" if data[first_break - 1 : first_break] == b"\r" else b"\n"
    indented = re.search(rb"\n([ \t]+)<[^/!?]", data)
    return Style(newline, indented.group(1) if indented else b"", _empty_tag(data))


def _empty_tag(data: bytes) -> bytes:
    spaced = data.count(b" />")
    tight = data.count(b"/>") - spaced
    if spaced == tight == 0:
        return b"></" if b"></" in data else b" />"
    return b"/>" if tight > spaced else b" />"


def start_tag_end(data: bytes, start: int) -> int:
    """Offset behind the start tag that begins at `start`."""
    match = _START_TAG.match(data, start)
    if match is None:
        raise DocumentError(f"There is no element at byte {start}.")
    return match.end()


def attribute_parts(tag: bytes) -> Iterator[tuple[bytes, str, bytes, bytes]]:
    """White space, name, equals sign and quoted raw value of each attribute of a start tag."""
    for match in _ATTRIBUTE.finditer(tag):
        yield match.group(1), match.group(2).decode(), match.group(3), match.group(4)


def decode_text(raw: bytes) -> str:
    """The characters that a run of content stands for; comments and processing instructions stand for none."""
    if b"<" not in raw and b"&" not in raw and b"\r" not in raw:
        return raw.decode()
    if b"<" in raw:
        pieces, position = [], 0
        for match in _NON_TEXT.finditer(raw):
            pieces.append(_unescape(raw[position : match.start()]))
            if match.group(1) is not None:
                pieces.append(_plain(match.group(1)))
            position = match.end()
        pieces.append(_unescape(raw[position:]))
        return "".join(pieces)
    return _unescape(raw)


def _plain(raw: bytes) -> str:
    text = raw.decode()
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _unescape(raw: bytes) -> str:
    text = _plain(raw)
    return _REFERENCE.sub(lambda match: _character(match.group(1)), text) if "&" in text else text


def _character(reference: str) -> str:
    if reference.startswith("#x"):
        return chr(int(reference[2:], 16))
    if reference.startswith("#"):
        return chr(int(reference[1:]))
    return _NAMED[reference]


def check_characters(text: str) -> None:
    """Raises DocumentError for a character that XML cannot hold."""
    match = _FORBIDDEN.search(text)
    if match is not None:
        raise DocumentError(f"The character U+{ord(match.group()):04X} cannot be written in a configuration document.")


def encode_text(text: str, style: Style) -> bytes:
    """Content that reads back as `text`; a line break takes the file's own form."""
    check_characters(text)
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;").encode()
    return escaped.replace(b"\n", style.newline) if style.newline == b"\r\n" else escaped


def encode_value(value: str, quote: bytes = b'"') -> bytes:
    """A quoted attribute value that reads back as `value`."""
    check_characters(value)
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    escaped = escaped.replace("\t", "&#9;").replace("\n", "&#10;").replace("\r", "&#13;")
    escaped = escaped.replace('"', "&quot;") if quote == b'"' else escaped.replace("'", "&apos;")
    return quote + escaped.encode() + quote


def edited_tag(body: bytes, tag: str, changed: Mapping[str, str | None]) -> bytes:
    """A start tag without its end, with attributes changed (in place), removed (None) or added (behind the others)."""
    pieces = [b"<" + tag.encode()]
    left = dict(changed)
    for space, name, equals, value in attribute_parts(body):
        if name not in left:
            pieces.append(space + name.encode() + equals + value)
            continue
        new = left.pop(name)
        if new is not None:
            pieces.append(space + name.encode() + equals + encode_value(new, value[:1]))
    pieces += [b" " + name.encode() + b"=" + encode_value(new) for name, new in left.items() if new is not None]
    # White space in front of the tag's end is the file's own.
    return b"".join((*pieces, body[len(body.rstrip()) :]))


def write_fragment(fragment: Fragment, style: Style, margin: bytes) -> bytes:
    """The element in the file's style; `margin` is the line break and indentation in front of its end tag."""
    opening = b"<" + fragment.tag.encode()
    for name, value in fragment.attributes.items():
        opening += b" " + name.encode() + b"=" + encode_value(value)
    closing = b"</" + fragment.tag.encode() + b">"
    if fragment.children:
        deeper = margin + style.indent if margin else b""
        inner = b"".join(deeper + write_fragment(child, style, deeper) for child in fragment.children)
        return opening + b">" + inner + margin + closing
    if fragment.text:
        return opening + b">" + encode_text(fragment.text, style) + closing
    return empty_element(opening, closing, style)


def empty_element(opening: bytes, closing: bytes, style: Style) -> bytes:
    """An element without content; `opening` lacks its `>`."""
    if style.empty_tag == b"></":
        return opening + b">" + closing
    return opening + style.empty_tag
