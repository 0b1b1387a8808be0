# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The collection as a user gets it: built, installed by ansible-galaxy, its playbook run by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.estate import EstateOptions
from ansible_collections.mimsync.sharepoint.lab.harness import running_lab

from .site_run import REPOSITORY, play

GALAXY = Path(sys.executable).with_name("ansible-galaxy")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds `ansible_collections`."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([GALAXY, "collection", "build", "--output-path", folder], cwd=REPOSITORY, check=True, capture_output=True)
    (archive,) = folder.glob("mimsync-sharepoint-0.1.0.tar.gz")
    subprocess.run([GALAXY, "collection", "install", "--force", "--no-deps", "-p", folder, archive], check=True, capture_output=True)
    return folder


def test_the_archive_holds_what_a_user_needs_and_nothing_of_ours(installed: Path) -> None:
    names = {path.name for path in (installed / "ansible_collections" / "mimsync" / "sharepoint").iterdir()}
    assert {"README.md", "LICENSE", "plugins", "roles", "playbooks", "docs", "lab", "meta"} <= names
    assert not {".venv", ".lab", ".ci", ".git", "build"} & names


def test_a_playbook_runs_by_name_from_the_installed_copy(installed: Path, tmp_path: Path) -> None:
    with running_lab(tmp_path / "lab", EstateOptions(people=10), fresh=True) as lab:
        outcome = play("mimsync.sharepoint.preflight", lab.inventory, "-v", environment={"ANSIBLE_COLLECTIONS_PATH": str(installed)})
    assert outcome.succeeded().counts["changed"] == 0


def test_the_installed_copy_is_the_one_that_runs(installed: Path) -> None:
    command = [str(Path(sys.executable).with_name("ansible-doc")), "-t", "module", "mimsync.sharepoint.server_info"]
    shown = subprocess.run(
        command, env={"ANSIBLE_COLLECTIONS_PATH": str(installed), "PATH": "/usr/bin:/bin", "HOME": str(installed)}, capture_output=True, text=True, check=True
    )
    assert str(installed) in shown.stdout
