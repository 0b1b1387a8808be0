# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""playbooks/adopt.yml: files without any server, and a server of the lab; what was adopted changes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab
from ansible_collections.mimsync.sharepoint.tests.lab.site_run import play
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import built_in_files, configure, make_mim_estate

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLES = REPOSITORY / "tests" / "data" / "agents"
ADOPT = REPOSITORY / "playbooks" / "adopt.yml"


def run_local(playbook: Path, *options: str) -> str:
    command = [str(Path(sys.executable).with_name("ansible-playbook")), str(playbook), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "ANSIBLE_NOCOLOR": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_folder_becomes_variables_without_a_server(tmp_path: Path) -> None:
    options = ("-e", json.dumps({"adopt_from": str(SAMPLES), "adopt_to": str(tmp_path / "vars")}))
    rehearsed = run_local(ADOPT, *options, "--check", "--diff")
    assert "changed=1" in rehearsed
    assert "mimsync_agent_lds" in rehearsed
    assert not (tmp_path / "vars").exists()
    assert "changed=1" in run_local(ADOPT, *options)
    assert len(list((tmp_path / "vars").iterdir())) == 12
    assert "changed=0" in run_local(ADOPT, *options)


def test_rendered_and_parsed_say_the_same(tmp_path: Path) -> None:
    run_local(ADOPT, "-e", json.dumps({"adopt_from": str(SAMPLES), "adopt_to": str(tmp_path / "vars")}))
    secrets = {f"vault_{name}_password": "Canary-1" for name in ("badges", "gal", "home_folders", "hr_sql", "lds", "mailboxes", "mim_service")}
    module = "mimsync.sharepoint.server_configuration"
    tasks = [
        {module: {"state": "rendered", "folder": str(SAMPLES), "config": "{{ sync_configuration_declaration }}", "dest": str(tmp_path / "xml")}},
        {module: {"state": "parsed", "folder": str(tmp_path / "xml"), "dest": str(tmp_path / "again")}},
    ]
    files = [str(path) for path in sorted((tmp_path / "vars").iterdir())]
    playbook = tmp_path / "render.yml"
    playbook.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "vars": secrets, "vars_files": files, "tasks": tasks}]), encoding="utf-8")
    output = run_local(playbook, "-vvv")
    assert "Canary-1" not in output
    assert {path.name: path.read_bytes() for path in (tmp_path / "xml").iterdir()} == {path.name: path.read_bytes() for path in SAMPLES.iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()} == {path.name: path.read_bytes() for path in (tmp_path / "vars").iterdir()}


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    mim = make_mim_estate(people=5)
    configure(mim, built_in_files(mim))
    with running_lab(tmp_path / "lab", estate=mim.estate) as running:
        yield running


def test_a_server_is_adopted_by_one_execution(lab: Lab, tmp_path: Path) -> None:
    lab.reset_executions()
    options = ("-e", json.dumps({"adopt_to": str(tmp_path / "vars")}), "--limit", "MIM1")
    play(ADOPT, lab.inventory, *options).succeeded()
    assert lab.executions() == 1
    assert {"agent_adma.yml", "agent_spma.yml", "sync_configuration.yml"} == {path.name for path in (tmp_path / "vars").iterdir()}


def test_a_line_is_planned_made_and_made_once(lab: Lab, tmp_path: Path) -> None:
    """One flow in the whole language: foretold by check mode, imported, verified, and nothing left to do."""
    config = {"flows": [{"from": "ADMA/user/title", "through": "person/division"}]}
    task = {"mimsync.sharepoint.server_configuration": {"config": config}}
    playbook = tmp_path / "flow.yml"
    playbook.write_text(yaml.safe_dump([{"hosts": "sync_servers", "gather_facts": False, "tasks": [task]}]), encoding="utf-8")
    foretold = play(playbook, lab.inventory, "--check", "--diff").succeeded()
    assert "import flow user/title -> person/division" in foretold.output
    assert "changed=1" in play(playbook, lab.inventory).succeeded().output
    assert "changed=0" in play(playbook, lab.inventory).succeeded().output
