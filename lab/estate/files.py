# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A Windows volume: paths without regard to case, folders that must exist, access lists."""

from __future__ import annotations

import hashlib
import ntpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from .access_list import CONTAINER_INHERIT, FULL_CONTROL, INHERIT_ONLY, OBJECT_INHERIT, SYNCHRONIZE, AccessRule, granted, inherited
from .principals import ADMINISTRATORS, CREATOR_OWNER, LOCAL_SYSTEM, USERS


class FileProblem(Exception):
    """A path that does not exist, is of the wrong kind or is in use; the message is Windows' own."""


@dataclass
class Node:
    """A file (`content` set) or a folder (`content` None). Times are seconds since 1970, UTC."""

    name: str
    content: bytes | None = None
    created: float = 0.0
    modified: float = 0.0
    attributes: set[str] = field(default_factory=set)
    owner: str = "BUILTIN\\Administrators"
    # Explicit access rules only; inherited ones are found by FileSystem.access_levels.
    access: list[AccessRule] = field(default_factory=list)
    # File version of an executable, as `(Get-Item).VersionInfo.FileVersion` gives it.
    version: str = ""

    @property
    def is_folder(self) -> bool:
        return self.content is None


def normalize(path: str) -> str:
    """An absolute path in one form: backslashes, no trailing one, drive letter in capitals."""
    text = ntpath.normpath(path.replace("/", "\\"))
    drive, rest = ntpath.splitdrive(text)
    return drive.upper() + (rest.rstrip("\\") if rest != "\\" else rest)


def volume_rules() -> list[AccessRule]:
    """The access rules of a freshly formatted volume's root (Windows Server 2016's defaults)."""
    both = CONTAINER_INHERIT | OBJECT_INHERIT
    return [
        AccessRule(LOCAL_SYSTEM, FULL_CONTROL, inheritance=both),
        AccessRule(ADMINISTRATORS, FULL_CONTROL, inheritance=both),
        AccessRule(USERS, 0x200A9 | SYNCHRONIZE, inheritance=both),
        AccessRule(USERS, 0x4 | SYNCHRONIZE, inheritance=CONTAINER_INHERIT),
        AccessRule(CREATOR_OWNER, FULL_CONTROL, inheritance=both, propagation=INHERIT_ONLY),
    ]


def system_volume() -> dict[str, Node]:
    return {"c:\\": Node("C:\\", access=volume_rules())}


@dataclass
class FileSystem:
    """All volumes of a host; keys are normalized paths in lower case. Volume C: is there from the start."""

    nodes: dict[str, Node] = field(default_factory=system_volume)
    # Drives (`C:`) that take no further byte.
    full: frozenset[str] = frozenset()

    def mount(self, drive: str) -> None:
        """Adds an empty volume (`D:`)."""
        root = drive.rstrip("\\").upper() + "\\"
        self.nodes.setdefault(root.casefold(), Node(root, access=volume_rules()))

    def get(self, path: str) -> Node | None:
        return self.nodes.get(normalize(path).casefold())

    def exists(self, path: str) -> bool:
        return self.get(path) is not None

    def is_folder(self, path: str) -> bool:
        node = self.get(path)
        return node is not None and node.is_folder

    def read(self, path: str) -> bytes:
        node = self.get(path)
        if node is None:
            raise FileProblem(f"Could not find file '{path}'.")
        if node.content is None:
            raise FileProblem(f"Access to the path '{path}' is denied.")
        return node.content

    def write(self, path: str, content: bytes, *, now: float = 0.0, version: str = "") -> Node:
        """Creates or replaces a file; its folder must exist."""
        full = normalize(path)
        parent = ntpath.dirname(full)
        if not self.is_folder(parent):
            raise FileProblem(f"Could not find a part of the path '{path}'.")
        node = self.get(full)
        if node is not None and node.is_folder:
            raise FileProblem(f"Access to the path '{path}' is denied.")
        if content and ntpath.splitdrive(full)[0] in self.full:
            raise FileProblem("There is not enough space on the disk.")
        if node is None:
            node = Node(ntpath.basename(full), created=now)
            self.nodes[full.casefold()] = node
            self._entry_added(parent, now)
        node.content, node.modified, node.version = content, now, version
        return node

    def make_folder(self, path: str, *, now: float = 0.0) -> bool:
        """Creates a folder and its parents; True if something was created."""
        full = normalize(path)
        node = self.get(full)
        if node is not None:
            if not node.is_folder:
                raise FileProblem(f"Cannot create '{path}' because a file or directory with the same name already exists.")
            return False
        volume = ntpath.splitdrive(full)[0] + "\\"
        if full == volume or not self.is_folder(volume):
            raise FileProblem(f"Could not find a part of the path '{path}'.")
        self.make_folder(ntpath.dirname(full), now=now)
        self.nodes[full.casefold()] = Node(ntpath.basename(full) or full, created=now, modified=now)
        self._entry_added(ntpath.dirname(full), now)
        return True

    def _entry_added(self, folder: str, now: float) -> None:
        """A folder's time of change is that of its list of entries (NTFS)."""
        node = self.get(folder)
        if node is not None:
            node.modified = max(node.modified, now)

    def remove(self, path: str) -> bool:
        """Removes a file or a folder with all in it; False if there was none."""
        full = normalize(path).casefold()
        if full not in self.nodes:
            return False
        for key in [key for key in self.nodes if key == full or key.startswith(full + "\\")]:
            del self.nodes[key]
        return True

    def children(self, path: str) -> Iterator[Node]:
        """The nodes directly in a folder, by name."""
        lead = normalize(path).casefold().rstrip("\\") + "\\"
        found = [(key, node) for key, node in self.nodes.items() if key.startswith(lead) and "\\" not in key[len(lead) :] and key != lead]
        return iter([pair[1] for pair in sorted(found, key=lambda pair: pair[0])])

    def digest(self, path: str, algorithm: str = "sha1") -> str:
        return hashlib.new(algorithm, self.read(path)).hexdigest()

    def access_levels(self, path: str) -> list[list[AccessRule]]:
        """The rules that apply to a path: its own first, then those it inherits, nearest ancestor first."""
        full = normalize(path)
        node = self.get(full)
        if node is None:
            raise FileProblem(f"Could not find a part of the path '{path}'.")
        levels = [[rule for rule in node.access if not rule.propagation & INHERIT_ONLY]]
        distance, parent = 1, ntpath.dirname(full)
        while parent != full:
            above = self.get(parent)
            levels.append(inherited(above.access if above else [], folder=node.is_folder, distance=distance))
            full, parent, distance = parent, ntpath.dirname(parent), distance + 1
        return levels

    def allows(self, path: str, sids: frozenset[str], rights: int) -> bool:
        """True if a token with these SIDs holds all these rights (access_list.FILE_RIGHTS) on a file or folder."""
        return granted(self.access_levels(path), sids, rights)
