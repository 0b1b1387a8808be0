# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documents on their way to a host and back: base64 of gzip."""

from __future__ import annotations

import base64
import binascii
import gzip
import zlib

from ..errors import DocumentError

# Bytes; an exported configuration of a large server has some megabytes.
LIMIT = 100 * 1024 * 1024


def pack(content: bytes) -> str:
    """The same content gives the same text on every run."""
    return base64.b64encode(gzip.compress(content, mtime=0)).decode("ascii")


def unpack(text: str, *, name: str = "a document", limit: int = LIMIT) -> bytes:
    """Raises DocumentError naming the document if it is damaged or larger than `limit` bytes."""
    try:
        stream = zlib.decompressobj(wbits=31)
        content = stream.decompress(base64.b64decode(text, validate=True), limit + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise DocumentError(f"{name} arrived damaged: it is not base64 of gzip.") from None
    if len(content) > limit:
        raise DocumentError(f"{name} is larger than {limit // 1024 // 1024} MB.")
    if not stream.eof:
        raise DocumentError(f"{name} arrived damaged: it ends too early.")
    return content
