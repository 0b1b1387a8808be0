# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What stands between elements: white space, comments, text."""

from __future__ import annotations


class Chunk:
    """What stands between elements, as written. Known by identity, so that a removed child finds its place again."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    @property
    def blank(self) -> bool:
        return not self.data.strip()


def split_gap(gap: bytes) -> list[Chunk]:
    """A gap as chunks; white space in front of the next element is one of its own."""
    if not gap:
        return []
    head = gap.rstrip(b" \t\r\n")
    pieces = [head, gap[len(head) :]] if head else [gap]
    return [Chunk(piece) for piece in pieces if piece]


def last_line(blank: bytes) -> bytes:
    """From the last line break on, so that an empty line is not repeated."""
    place = blank.rfind(b"\n")
    if place < 0:
        return blank
    return blank[place - 1 :] if place and blank[place - 1 : place] == b"\r" else blank[place:]
