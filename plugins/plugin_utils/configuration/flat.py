# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Schemas as stretches of a file: most of a document, of which a run looks at little.

Only a stretch that is proved to be a plain list of entries is taken so, each entry with at most one level of elements
below it and no comment, CDATA or instruction anywhere. Everything else is read element by element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# The inside of a tag up to its end, which may also stand inside of a quoted value. Possessive: time is linear.
_INSIDE = rb"[^<>\"'/]*+(?:(?:\"[^\"<]*+\"|'[^'<]*+'|/++(?!>))[^<>\"'/]*+)*+"
_OPENING = rb"<[^/!?<>]" + _INSIDE
LEAF = _OPENING + rb"(?:/>|>[^<]*+</[^<>]*+>)[^<]*+"
ENTRY = _OPENING + rb"(?:/>|>[^<]*+(?:" + LEAF + rb")*+</[^<>]*+>)"
_ENTRIES = re.compile(rb"[^<]*+(?:" + ENTRY + rb"[^<]*+)*+")
_WORD = b"directory-schema"
_DIRECTORY = re.compile(rb"<((?:[^\s<>/:\"'=!?]+:)?" + _WORD + rb")(?=[\s>])" + _INSIDE + rb">")
# A document has one schema; looking on in one that is made of the word would take time.
_LOOKS = 8
_LONGEST_PREFIX = 100
_MARGIN = re.compile(rb">\s+<")
# How many levels an entry adds.
DEPTH = 2
# Bytes: below, elements cost as little; above, all stretches of a file together are no server's any more.
_WORTH_IT, _TOO_MUCH = 2048, 16 * 1024 * 1024


@dataclass(frozen=True)
class Flat:
    """Offsets of the element's start tag, of its content and of its end tag; `elements` counts those in the content."""

    tag: int
    start: int
    end: int
    elements: int


def flat_stretches(data: bytes, most: int) -> Iterator[Flat]:
    """The schemas of a file that have at most that many elements, in order. Whether the file is well-formed is for the parser to say."""
    position, left = 0, _TOO_MUCH
    for _unused in range(_LOOKS):
        word = data.find(_WORD, position)
        if word < 0:
            return
        opening = _DIRECTORY.match(data, max(data.rfind(b"<", max(0, word - _LONGEST_PREFIX), word), 0))
        end = -1 if opening is None else data.find(b"</" + opening.group(1), opening.end())
        if opening is None or end < 0:
            position = word + len(_WORD)
            continue
        start, position = opening.end(), end + len(_WORD)
        left -= end - start
        if left < 0:
            return
        elements = data.count(b"<", start, end) - data.count(b"</", start, end)
        if end - start > _WORTH_IT and elements <= most and _ENTRIES.fullmatch(data, start, end):
            yield Flat(opening.start(), start, end, elements)


def without_margins(stretch: bytes) -> bytes:
    """A stretch without the white space between its tags: the same for two that differ in their line ends or indentation alone."""
    return _MARGIN.sub(b"><", stretch.strip())
