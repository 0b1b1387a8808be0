# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Paths on another host: `\\\\server\\share\\folder\\file`.

A share is reached with the caller's own credentials; a network logon without delegation has none to hand on
(the "second hop"), so everything on another host is refused to it.
"""

from __future__ import annotations

import ntpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .access_list import FILE_RIGHTS
from .files import FileProblem, FileSystem
from .principals import ADMINISTRATORS, EVERYONE, token

if TYPE_CHECKING:
    from .host import Host
    from .session import Session


_READ_DATA = FILE_RIGHTS["ReadData"]


def is_share_path(path: str) -> bool:
    return path.replace("/", "\\").startswith("\\\\")


@dataclass(frozen=True)
class Place:
    """Where a path leads to: a host and a local path on it."""

    host: Host
    path: str


def locate(host: Host, session: Session, path: str) -> tuple[FileSystem, str]:
    """The volume and the local path behind a path as the session sees it; FileProblem with Windows' message if it is not reached."""
    place = find_place(host, session, path)
    return place.host.files, place.path


def find_place(host: Host, session: Session, path: str) -> Place:
    """Like locate, with the host that the path lies on."""
    if not is_share_path(path):
        return Place(host, path)
    share, rest = ntpath.splitdrive(path.replace("/", "\\"))
    server, _unused, name = share[2:].partition("\\")
    target = _server(host, server)
    if target is None or not target.reachable:
        raise FileProblem("The network path was not found.")
    folder = _folder(target, name)
    if folder is None:
        raise FileProblem("The network name cannot be found.")
    is_hidden_from = name.endswith("$") and ADMINISTRATORS not in token(target, session.sid)
    if (target is not host and not session.delegates) or is_hidden_from:
        raise FileProblem(f"Access to the path '{path}' is denied.")
    return Place(target, ntpath.join(folder, rest.lstrip("\\")) if rest.strip("\\") else folder)


def read_file(host: Host, session: Session, path: str) -> bytes:
    """A file's content by local path or share; FileProblem if it is not there or the session may not read it."""
    place = find_place(host, session, path)
    content = place.host.files.read(place.path)
    # Another host makes a token of its own for the same account.
    sids = token(place.host, session.sid) if place.host is not host else session.groups | {session.sid, EVERYONE}
    if not place.host.files.allows(place.path, sids, _READ_DATA):
        raise FileProblem(f"Access to the path '{path}' is denied.")
    return content


def _server(host: Host, name: str) -> Host | None:
    if name.casefold() in ("localhost", ".", host.name.casefold()) or host.estate is None:
        return host
    try:
        return host.estate.host(name)
    except KeyError:
        return None


def _folder(target: Host, share: str) -> str | None:
    if len(share) == 2 and share.endswith("$"):
        root = share[0].upper() + ":\\"
        return root if target.files.is_folder(root) else None
    return target.shares.get(share.casefold())
