# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs a playbook as a user does and keeps what it printed."""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.mimsync.sharepoint.lab.estate.estate import Estate
from ansible_collections.mimsync.sharepoint.lab.playbook_run import recap_of

REPOSITORY = Path(__file__).resolve().parents[2]
PLAYBOOKS = REPOSITORY / "playbooks"


@dataclass(frozen=True)
class Outcome:
    code: int
    output: str

    @property
    def counts(self) -> Mapping[str, int]:
        return recap_of(self.output.splitlines())

    def succeeded(self) -> Outcome:
        assert self.code == 0, self.output[-6000:]
        return self


def play(playbook: Path | str, inventory: Path, *options: str, environment: Mapping[str, str] | None = None) -> Outcome:
    """Stock ansible-playbook, no configuration of ours."""
    done = subprocess.run(
        command(playbook, inventory, *options), env=settings(environment), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    return Outcome(done.returncode, done.stdout + done.stderr)


def start(playbook: Path | str, inventory: Path, *options: str) -> subprocess.Popen[str]:
    """The same, to be read line by line while it runs."""
    return subprocess.Popen(
        command(playbook, inventory, *options), env=settings(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL
    )


def command(playbook: Path | str, inventory: Path, *options: str) -> list[str]:
    return [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(inventory), str(playbook), *options]


def settings(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    # A copy of the collection that some tool installed for the user must not stand before the repository.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ours = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_COLLECTIONS_PATH": sysconfig.get_path("purelib"), "PATH": path}
    return {**os.environ, **ours, **(environment or {})}


def fingerprint(estate: Estate) -> dict[str, str]:
    """A digest of each part of an estate that a playbook could change; temporary files, which modules bring and take away, are left out."""
    parts: dict[str, object] = {"directory": estate.directory.usn, "sql": [host.components.get("sql") for host in estate.hosts.values()]}
    for host in estate.hosts.values():
        kept = {path: (node.content, node.access) for path, node in host.files.nodes.items() if "\\temp" not in path}
        state = (
            kept,
            host.registry,
            host.services,
            host.programs,
            host.features,
            host.local_groups,
            host.user_rights,
            host.scheduled_tasks,
            host.restart_reasons,
        )
        parts[host.name] = state
    return {name: hashlib.sha256(pickle.dumps(part)).hexdigest() for name, part in parts.items()}
