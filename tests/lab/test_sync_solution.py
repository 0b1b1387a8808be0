# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The role sync_solution on a host where MIM is installed: rehearsed, applied, unchanged, drifted and mended, and in the way of a mistake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab
from ansible_collections.mimsync.sharepoint.tests.lab.site_run import Outcome, play
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import MimEstate, make_mim_estate

ASSEMBLY = r"Extensions\SharePointSynchronization.dll"
PLAYBOOK = """
- name: Solution on the MIM host
  hosts: sync_servers
  gather_facts: false
  roles:
    - role: mimsync.sharepoint.sync_solution
"""


@pytest.fixture
def mim() -> MimEstate:
    made = make_mim_estate(people=5)
    made.service.host.files.remove(made.service.path(ASSEMBLY))
    return made


@pytest.fixture
def lab(mim: MimEstate, tmp_path: Path) -> Iterator[Lab]:
    with running_lab(tmp_path / "lab", estate=mim.estate) as running:
        yield running


@pytest.fixture
def playbook(tmp_path: Path) -> Path:
    path = tmp_path / "solution.yml"
    path.write_text(PLAYBOOK, encoding="utf-8")
    return path


def apply(playbook: Path, lab: Lab, *options: str) -> Outcome:
    return play(playbook, lab.inventory, *options)


def test_from_rehearsal_to_mended_drift(playbook: Path, lab: Lab, mim: MimEstate) -> None:
    files = mim.service.host.files
    assert apply(playbook, lab, "--check", "--diff").succeeded().counts["changed"] == 2
    assert not files.exists(r"C:\SharePointSync")
    assert apply(playbook, lab).succeeded().counts["changed"] == 2
    assert files.exists(mim.service.path(ASSEMBLY))
    lab.reset_executions()
    assert apply(playbook, lab).succeeded().counts["changed"] == 0
    assert lab.executions() <= 2
    files.write(r"C:\SharePointSync\SharePointSync.psm1", b"edited by hand")
    assert apply(playbook, lab).succeeded().counts["changed"] == 1


def test_source_that_does_not_compile_is_told_with_its_line(playbook: Path, lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution import build_files

    folder = tmp_path / "own"
    folder.mkdir()
    for name, content in build_files().items():
        (folder / name).write_bytes(content)
    (folder / "SynchronizationRulesExtensions.cs").write_text("public class Broken\n{\n", encoding="utf-8")
    outcome = apply(playbook, lab, "-e", f"sync_solution_folder_source={folder}")
    assert outcome.code != 0
    assert "does not compile" in outcome.output
    assert not mim.service.host.files.exists(mim.service.path(ASSEMBLY))
    (folder / "SynchronizationRulesExtensions.cs").unlink()
    assert "the built-in one is used" in apply(playbook, lab, "-e", f"sync_solution_folder_source={folder}").succeeded().output


def test_an_unknown_source_is_refused_before_anything_is_asked(playbook: Path, lab: Lab) -> None:
    lab.reset_executions()
    outcome = apply(playbook, lab, "-e", "sync_solution_source=somewhere")
    assert outcome.code != 0
    assert "somewhere" in outcome.output
    assert lab.executions() == 0
