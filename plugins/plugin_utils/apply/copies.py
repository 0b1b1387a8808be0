# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Copies of backups on the controller, and where a backup is looked for: there or on the host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .backup import LATEST, MANIFEST_FILE, Backup, check_name, choose, read_manifest

Found = tuple[list[Backup], dict[str, bytes]]


@dataclass(frozen=True)
class Copies:
    """`folder` holds one folder for each host; empty for no copies."""

    folder: str
    host: str

    def keep(self, name: str, files: Mapping[str, bytes]) -> str:
        """Writes a backup's files; where they are, empty without copies. Raises InputError."""
        if not self.folder:
            return ""
        place = self._place() / name
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            for file, content in files.items():
                (place / file).write_bytes(content)
        except OSError as error:
            raise InputError(f"the backup cannot be written to {place}: {error.strerror}", path="backup_copy") from None
        return str(place)

    def all(self, name: str = "") -> Found:
        """All copies of this host's backups, and the files of the named one; raises InputError."""
        place = self._place()
        folders = sorted(folder for folder in place.iterdir() if folder.is_dir()) if place.is_dir() else []
        chosen = place / name
        return [read_manifest(folder.name, _manifest(folder)) for folder in folders], _files(chosen) if name and chosen.is_dir() else {}

    def _place(self) -> Path:
        if not self.folder:
            raise InputError("is needed to find copies of backups on the controller; or give the path of one as backup", path="backup_copy")
        return Path(self.folder).expanduser() / self.host


def copy_at(place: str) -> tuple[Backup, dict[str, bytes]]:
    """A copy by its path; raises InputError."""
    folder = Path(place).expanduser()
    if not folder.is_dir():
        raise InputError(f"the folder {folder} does not exist on the controller", path="backup")
    return read_manifest(folder.name, _manifest(folder)), _files(folder)


def chosen(wanted: str, look: Callable[[str], Found]) -> tuple[Backup, dict[str, bytes]]:
    """The backup of that name, or the latest, and its files; `look` is asked once for a name and twice for the latest. Raises InputError."""
    check_name(wanted)
    backups, files = look("" if wanted == LATEST else wanted)
    backup = choose(wanted, backups)
    return backup, files if backup.name == wanted else look(backup.name)[1]


def _manifest(folder: Path) -> str | None:
    path = folder / MANIFEST_FILE
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None


def _files(folder: Path) -> dict[str, bytes]:
    return {item.name: item.read_bytes() for item in sorted(folder.iterdir()) if item.suffix.lower() == ".xml"}
