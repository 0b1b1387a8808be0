# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backups: folders with an export and a manifest that says of what and when, so that a damaged one is known as such."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..configuration.folder import agent_names, fingerprint, read_folder
from ..desired.problems import suggestion
from ..errors import DocumentError, InputError, PlanError
from ..plan.server import Server

MANIFEST_FILE = "manifest.json"
LATEST = "latest"
# Why a backup was made: before a change that somebody declared, before a restoration, or of what a run that broke off had left.
CHANGE, RESTORATION, BROKEN_OFF = "change", "restoration", "broken off"
# A name is a folder's own, never a way to another place.
_NAME = re.compile(r"[^\\/:*?\"<>|]+")


@dataclass(frozen=True)
class Backup:
    """`created` is UTC. `digests` maps file names to fingerprints. `problem`: why it cannot be used."""

    name: str
    created: str = ""
    build: str = ""
    purpose: str = CHANGE
    agents: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str = ""
    followed_by: tuple[str, ...] = ()
    problem: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For the module's answer."""
        shown = {"name": self.name, "created": self.created, "build": self.build, "purpose": self.purpose}
        return {**shown, "agents": list(self.agents), "followed_by": list(self.followed_by), "problem": self.problem}

    def __str__(self) -> str:
        if self.problem:
            return f"{self.name}: {self.problem}"
        more = f" and {len(self.followed_by) - 1} more" if len(self.followed_by) > 1 else ""
        before = f", before: {self.followed_by[0]}{more}" if self.followed_by else ""
        return f"{self.name}: made {self.created} UTC, build {self.build or 'unknown'}, agents {', '.join(self.agents) or 'none'}{before}"


def manifest(files: Mapping[str, bytes], build: str, purpose: str, sentences: Sequence[str], now: datetime.datetime) -> str:
    """What a backup is of and why it was made, as JSON."""
    content = {
        "created": now.strftime("%Y-%m-%d %H:%M:%S"),
        "build": build,
        "purpose": purpose,
        "agents": sorted(agent_names(read_folder(files).agents.values()), key=str.casefold),
        "files": sorted(files),
        "digests": digests(files),
        "fingerprint": fingerprint(files),
        "followed_by": list(sentences),
    }
    return json.dumps(content, indent=2) + "\n"


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """The fingerprint of each file, which leaves out the outermost start tag: there each export writes its own date."""
    return {name: fingerprint({name: content}) for name, content in sorted(files.items())}


def read_manifest(name: str, text: str | None) -> Backup:
    """The backup that a manifest speaks of; one without a manifest, or with a damaged one, has a problem."""
    if text is None:
        return Backup(name, problem=f"it is not complete: it has no {MANIFEST_FILE}, which is written last")
    try:
        found: Any = json.loads(text)
        return Backup(
            name,
            str(found["created"]),
            str(found.get("build") or ""),
            str(found.get("purpose") or CHANGE),
            tuple(str(agent) for agent in found.get("agents") or ()),
            {str(file): str(digest) for file, digest in (found.get("digests") or {}).items()},
            str(found["fingerprint"]),
            tuple(str(sentence) for sentence in found.get("followed_by") or ()),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return Backup(name, problem=f"its {MANIFEST_FILE} is damaged")


def choose(wanted: str, backups: Sequence[Backup]) -> Backup:
    """The backup of that name; `latest` is the newest one that was made before a declared change. Raises InputError."""
    if wanted == LATEST:
        usable = [backup for backup in backups if backup.purpose == CHANGE and not backup.problem]
        if not usable:
            raise InputError("there is no backup that was made before a change", path="backup")
        return max(usable, key=lambda backup: (backup.created, backup.name))
    found = next((backup for backup in backups if backup.name.casefold() == wanted.casefold()), None)
    if found is None:
        hint = suggestion(wanted, [backup.name for backup in backups])
        raise InputError(f"there is no backup {wanted!r}{hint}", path="backup", details=listing(backups))
    return found


def check_name(wanted: str) -> None:
    """Raises InputError for what is no name of a folder."""
    if not _NAME.fullmatch(wanted) or set(wanted) <= {"."}:
        raise InputError(f"{wanted!r} is not the name of a backup; it is a folder in backup_folder, or 'latest'", path="backup")


def listing(backups: Sequence[Backup]) -> list[str]:
    """One line a backup, the newest first."""
    return [str(backup) for backup in sorted(backups, key=lambda backup: backup.name, reverse=True)]


def check_files(backup: Backup, files: Mapping[str, bytes]) -> None:
    """Raises DocumentError naming every file that is not what the manifest says."""
    if backup.problem:
        raise DocumentError(f"The backup {backup.name} cannot be brought back: {backup.problem}.")
    found = digests(files)
    faults = [f"{name} is missing" for name in backup.digests if name not in found]
    faults += [f"{name} does not belong to it" for name in found if backup.digests and name not in backup.digests]
    faults += [f"{name} is damaged: its content is not that of the backup" for name, digest in backup.digests.items() if found.get(name, digest) != digest]
    if not faults and fingerprint(files) != backup.fingerprint:
        faults = ["its files are not those that were saved"]
    if faults:
        raise DocumentError(f"The backup {backup.name} is damaged: {'; '.join(faults)}. Nothing was changed.")


def check_build(backup: Backup, server: Server) -> None:
    """Raises PlanError for a backup of a later build than the server's: what that one wrote an earlier one may not read."""
    made, present = Server(True, "", backup.build).version(), server.version()
    if made and present and made > present:
        raise PlanError(f"The backup {backup.name} was made by build {backup.build}, but the server is of build {server.build}. Install that build first.")
