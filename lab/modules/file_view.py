# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files as a session sees them: local and on shares, with the rights that it holds."""

from __future__ import annotations

import hashlib
import ntpath
from collections.abc import Iterator
from dataclasses import dataclass

from ..estate.files import FileProblem, FileSystem, Node, normalize
from ..estate.host import Host
from ..estate.principals import EVERYONE
from ..estate.session import Session
from ..estate.shares import is_share_path, locate
from .registry import ModuleCall

# File access rights: read data, write data or add file, delete (winnt.h).
READ, WRITE, DELETE = 0x1, 0x2, 0x10000


@dataclass(frozen=True)
class FileView:
    """Paths may be shares; a share that cannot be reached looks as if nothing were there."""

    host: Host
    session: Session

    @classmethod
    def of(cls, call: ModuleCall) -> FileView:
        return cls(call.host, call.session)

    def get(self, path: str) -> Node | None:
        """Test-Path and Get-Item: nothing for what is not there or cannot be reached."""
        try:
            files, local = locate(self.host, self.session, path)
        except FileProblem:
            return None
        return files.get(local) if local.strip() else None

    def exists(self, path: str) -> bool:
        return self.get(path) is not None

    def is_file(self, path: str) -> bool:
        node = self.get(path)
        return node is not None and not node.is_folder

    def is_folder(self, path: str) -> bool:
        node = self.get(path)
        return node is not None and node.is_folder

    def read(self, path: str) -> bytes:
        """Raises FileProblem with Windows' message."""
        files, local = locate(self.host, self.session, path)
        content = files.read(local)
        self._demand(files, local, path, READ)
        return content

    def write(self, path: str, content: bytes, *, version: str = "") -> None:
        """Raises FileProblem."""
        files, local = locate(self.host, self.session, path)
        folder = ntpath.dirname(normalize(local))
        if not files.is_folder(folder):
            raise FileProblem(f"Could not find a part of the path '{path}'.")
        self._demand(files, local if files.exists(local) else folder, path, WRITE)
        files.write(local, content, now=self.host.now(), version=version)

    def make_folder(self, path: str) -> bool:
        """With all above it; raises FileProblem."""
        files, local = locate(self.host, self.session, path)
        above = ntpath.dirname(normalize(local))
        while not files.exists(above) and ntpath.dirname(above) != above:
            above = ntpath.dirname(above)
        if files.is_folder(above):
            self._demand(files, above, path, WRITE)
        return files.make_folder(local, now=self.host.now())

    def remove(self, path: str) -> bool:
        """With all below it; raises FileProblem."""
        files, local = locate(self.host, self.session, path)
        if files.exists(local):
            self._demand(files, local, path, DELETE)
        return files.remove(local)

    def copy(self, source: str, target: str) -> None:
        """A file with its version; raises FileProblem."""
        node = self.get(source)
        self.write(target, self.read(source), version=node.version if node is not None else "")

    def children(self, path: str) -> Iterator[Node]:
        files, local = locate(self.host, self.session, path)
        return files.children(local)

    def digest(self, path: str, algorithm: str = "sha1") -> str:
        return hashlib.new(algorithm, self.read(path)).hexdigest()

    def size(self, path: str) -> int:
        """Bytes of a file, or of all files below a folder."""
        node = self.get(path)
        if node is None:
            return 0
        if node.content is not None:
            return len(node.content)
        return sum(self.size(f"{path.rstrip(chr(92))}\\{child.name}") for child in self.children(path))

    def full_name(self, path: str) -> str:
        """The path as Windows shows it: with the names' own capitals."""
        if is_share_path(path):
            return path.replace("/", "\\").rstrip("\\")
        full = normalize(path)
        parts: list[str] = []
        while ntpath.dirname(full) != full:
            node = self.host.files.get(full)
            parts.append(node.name if node is not None else ntpath.basename(full))
            full = ntpath.dirname(full)
        return full + "\\".join(reversed(parts))

    def _demand(self, files: FileSystem, local: str, shown: str, rights: int) -> None:
        if not files.allows(local, self.session.groups | {self.session.sid, EVERYONE}, rights):
            raise FileProblem(f"Access to the path '{shown}' is denied.")
