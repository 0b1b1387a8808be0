# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files in UTF-16, as Windows tools save them: read in UTF-8 and written back as they were."""

from __future__ import annotations

import codecs

from ..errors import DocumentError

_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# A file without a mark shows its kind by its first character (https://www.w3.org/TR/xml/#sec-guessing).
_FIRST = {b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}


def utf16_of(data: bytes) -> str:
    """The codec of a file in UTF-16, empty for any other."""
    # The mark of UTF-32 begins with that of UTF-16.
    if data.startswith(codecs.BOM_UTF32_LE):
        return ""
    return _MARKS.get(data[:2]) or _FIRST.get(data[:2], "")


def to_utf8(data: bytes, codec: str, name: str) -> bytes:
    """Raises DocumentError, naming the byte, for what is not valid in that codec."""
    try:
        return data.decode(codec).encode()
    except UnicodeError as error:
        place = getattr(error, "start", 0)
        raise DocumentError(f"{name} is not UTF-16, as its first bytes say: byte {place:,} does not fit; save it as UTF-8.") from None


def text_of(data: bytes) -> str:
    """A file's characters, without its mark, to be shown; bytes that fit no encoding stand as a replacement."""
    return data.decode(utf16_of(data) or "utf-8", errors="replace").removeprefix("\ufeff")


def from_utf8(data: bytes, codec: str) -> bytes:
    return data.decode().encode(codec)
