# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Changes since a cookie, as the DirSync control gives them ([MS-ADTS] 3.1.1.3.4.1.3).

The first answer holds everything; later ones the changed attributes alone, tombstones of what was deleted, and for a
move or rename the object itself, not those below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import directory_errors as words
from .directory_entry import Entry, Values
from .directory_errors import AccessDenied, DirectoryError
from .directory_security import GET_CHANGES, has_access

if TYPE_CHECKING:
    from .directory import Directory, Token

# Delivered with every object.
_ALWAYS = ("objectGUID", "instanceType")


@dataclass(frozen=True)
class DirectoryChange:
    """`attributes`: all of them when `created`, else the changed ones; an empty tuple means cleared.

    `dn` is the present one, below CN=Deleted Objects for a tombstone; `renamed`: name or place changed.
    """

    guid: str
    dn: str
    object_classes: tuple[str, ...]
    created: bool
    deleted: bool
    renamed: bool
    attributes: Mapping[str, Values] = field(default_factory=dict)


@dataclass(frozen=True)
class ChangePage:
    """`cookie` is set on the last page: where the next call goes on."""

    changes: tuple[DirectoryChange, ...]
    cookie: str = ""


def changes_since(directory: Directory, cookie: str, nc: str, *, token: Token | None, attributes: Iterable[str] | None, page_size: int) -> Iterator[ChangePage]:
    """See Directory.changes_since; checks at once, delivers page by page."""
    head = directory.find(nc)
    if head is None or head.parent is not None:
        raise DirectoryError(words.UNWILLING[0], words.UNWILLING[1], detail=f"{nc} is not the head of a naming context")
    directory.require_here(head)
    if not has_access(directory, token, head, "CR", GET_CHANGES):
        raise AccessDenied(*words.REPLICATION_DENIED, detail=nc)
    wanted = None if attributes is None else {name.casefold() for name in attributes}
    return _pages(directory, head, _position(directory, cookie), wanted, page_size)


def _position(directory: Directory, cookie: str) -> int:
    """The change number in a cookie; one of another directory counts as none, which means everything again."""
    owner, _unused, number = cookie.rpartition(":")
    return int(number) if owner == directory.invocation_id and number.isdigit() else 0


def _pages(directory: Directory, head: Entry, since: int, wanted: set[str] | None, page_size: int) -> Iterator[ChangePage]:
    end = directory.usn
    # The tree's order puts parents before children.
    found = [entry for entry in directory.subtree(head) if entry.usn_changed > since and not (since == 0 and entry.deleted)]
    for start in range(0, len(found), page_size):
        yield ChangePage(tuple(_change(directory, entry, since, wanted) for entry in found[start : start + page_size]))
    yield ChangePage((), f"{directory.invocation_id}:{end}")


def _change(directory: Directory, entry: Entry, since: int, wanted: set[str] | None) -> DirectoryChange:
    versions = entry.versions or {}
    created = entry.usn_created > since
    names = _replicated(directory, entry) if created else [name for name, usn in versions.items() if usn > since]
    chosen = [name for name in names if wanted is None or name.casefold() in wanted]
    values = {name: _values(directory, entry, name) for name in (*_ALWAYS, *chosen)}
    return DirectoryChange(
        guid=entry.guid,
        dn=entry.dn,
        object_classes=entry.classes,
        created=created,
        deleted=entry.deleted,
        renamed=not created and versions.get("name", 0) > since,
        attributes=values,
    )


def _replicated(directory: Directory, entry: Entry) -> list[str]:
    known = directory.schema.attributes
    names = [*entry.attributes, *(name for name, targets in (entry.links or {}).items() if targets)]
    fixed = ["objectClass", "name", "whenCreated", "nTSecurityDescriptor", *(["objectSid"] if entry.sid else [])]
    return [*fixed, *(name for name in names if known[name].replicated)]


def _values(directory: Directory, entry: Entry, name: str) -> Values:
    if name == "nTSecurityDescriptor":
        return (directory.security_descriptor(entry),)
    return entry.values(name)
