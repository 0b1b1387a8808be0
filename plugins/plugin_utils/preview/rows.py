# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One row for each thing that happens to an object or to one of its attributes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ..engine.systems.base import Value

METAVERSE = "metaverse"
TEXT_LIMIT = 2000

DELETED = "deleted"
REPLACED = "deleted and added anew"
LEFT = "left scope"
FILTERED = "filtered"
DISCONNECTED = "disconnected"
JOINED_OTHERWISE = "joined otherwise"
FAILED = "error"
NOT_ADDED = "not added any more"
ADDED = "added"
CHANGED = "value changed"
RENAMED = "renamed"
CONNECTED = "connected"
READ_NEW = "read for the first time"
READ = "read anew"

# What cannot be taken back comes first. The sentences are about one object.
TRANSITIONS = {
    DELETED: "would be deleted",
    REPLACED: "would be deleted and added anew",
    LEFT: "falls out of scope, or its source delivers it no more",
    FILTERED: "is kept apart by a connector filter",
    DISCONNECTED: "loses its metaverse object",
    JOINED_OTHERWISE: "is joined to another metaverse object",
    FAILED: "is left with an error",
    NOT_ADDED: "waited for its export and is added no more",
    ADDED: "would be added",
    CHANGED: "has a value that would be written",
    RENAMED: "has another distinguished name",
    CONNECTED: "is connected to a metaverse object",
    READ_NEW: "is delivered for the first time",
    READ: "has a value that its source changed",
}


@dataclass(frozen=True)
class Row:
    """`agent`: where it happens, or `metaverse`. `old` and `new` are the texts of all values; both empty for an object as a whole.

    `pending`: the export was waiting already before anything was previewed. `values`: what an object would be added with.
    """

    transition: str
    agent: str
    object_type: str
    name: str
    dn: str
    attribute: str = ""
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    detail: str = ""
    pending: bool = False
    values: tuple[tuple[str, str], ...] = ()


def text_of(value: Value) -> str:
    """A value as it is shown: binary by size and digest, long text shortened with its length."""
    if isinstance(value, bytes):
        return f"binary, {len(value):,} bytes, sha256 {hashlib.sha256(value).hexdigest()[:12]}"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if len(text) <= TEXT_LIMIT:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{text[:200]}... ({len(text):,} characters, sha256 {digest})"
