# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""playbooks/restore.yml: backups listed, rehearsed, brought back and brought back once; a run whose connection breaks is gone on with."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab
from ansible_collections.mimsync.sharepoint.tests.lab.site_run import PLAYBOOKS, Outcome, command, play, settings
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import PASSWORD, MimEstate, built_in_files, configure, make_mim_estate

RESTORE = PLAYBOOKS / "restore.yml"
BACKUPS = r"C:\SharePointSync\Backup"
FLOW = {"flows": [{"from": "ADMA/user/title", "through": "person/division"}]}


@pytest.fixture(scope="module")
def mim() -> MimEstate:
    made = make_mim_estate(people=5)
    configure(made, built_in_files(made))
    return made


@pytest.fixture(scope="module")
def lab(mim: MimEstate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab"), estate=mim.estate) as running:
        yield running


def restore(lab: Lab, *options: str, **variables: Any) -> Outcome:
    account = {"mimsync_netbios": "EXAMPLE"} | {
        f"mimsync_{which}_agent_account": {"name": name, "password": PASSWORD} for which, name in (("ad", "svc-adma"), ("sharepoint", "svc-spma"))
    }
    outcome = play(RESTORE, lab.inventory, "-e", json.dumps({**account, **variables}), *options)
    assert PASSWORD not in outcome.output
    return outcome


def change(folder: Path, lab: Lab, config: Any, *options: str) -> Outcome:
    return play(playbook(folder, config), lab.inventory, *options)


def playbook(folder: Path, config: Any) -> Path:
    path = folder / "change.yml"
    task = {"mimsync.sharepoint.server_configuration": {"config": config, "backup_folder": BACKUPS}}
    path.write_text(yaml.safe_dump([{"hosts": "sync_servers", "gather_facts": False, "tasks": [task]}]), encoding="utf-8")
    return path


def holds(mim: MimEstate) -> dict[str, bytes]:
    return {name: content.split(b">", 1)[1] for name, content in mim.service.export_files(mim.admin).items()}


def test_from_the_list_to_the_first_bytes(lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    assert "There is no backup." in restore(lab).succeeded().output
    before = holds(mim)
    change(tmp_path, lab, FLOW).succeeded()
    changed = holds(mim)
    listed = restore(lab).succeeded()
    assert "build 4.6.34.0, agents ADMA, SPMA, before: ADMA: import flow user/title -> person/division added" in listed.output
    rehearsed = restore(lab, "--check", "--diff", restore_backup="latest").succeeded()
    assert rehearsed.counts["changed"] == 1
    assert "ADMA: import flow user/title -> person/division removed" in rehearsed.output
    assert "-metaverse: saved-mv-configuration/mv-data/import-attribute-flow" in rehearsed.output
    assert holds(mim) == changed
    restore(lab, restore_backup="latest").succeeded()
    assert holds(mim) == before
    lab.reset_executions()
    assert restore(lab, restore_backup="latest").succeeded().counts["changed"] == 0
    assert lab.executions() == 3, "the manifests, the backup's files, the configuration"


def test_connection_that_breaks_is_gone_on_with(lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    config = {"flows": [{"from": "ADMA/user/title", "through": "person/businessCategory"}]}
    lab.call("interrupt_change", step="imported", how="host lost")
    broken = change(tmp_path, lab, config)
    assert broken.code != 0
    assert "The connection was lost while the configuration was changed" in broken.output
    assert "The configuration from before goes to C:" in broken.output
    lab.call("mend_host")
    result = change(tmp_path, lab, config, "-vv").succeeded()
    assert "broke off after the step 'imported'" in result.output
    assert mim.service.host.files.get(f"{BACKUPS}\\change.journal") is None
    assert change(tmp_path, lab, config).succeeded().counts["changed"] == 0


@contextmanager
def at_work(folder: Path, lab: Lab, config: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A controller in the middle of a change, which waits behind the first import."""
    lab.call("interrupt_change", step="imported", how="pause")
    first = subprocess.Popen(command(playbook(folder, config), lab.inventory), env=settings(), stdout=subprocess.DEVNULL)
    patience = threading.Event()
    while not lab.call("change_reached"):
        assert first.poll() is None
        patience.wait(0.02)
    yield first
    lab.call("mend_host")
    first.wait(60)


def test_second_controller_is_refused_and_told_who_is_at_work(lab: Lab, tmp_path: Path) -> None:
    with at_work(tmp_path, lab, {"flows": [{"from": "ADMA/user/title", "through": "person/carLicense"}]}) as first:
        refused = change(tmp_path, lab, FLOW)
        assert refused.code != 0
        assert "The configuration of MIM1 is being changed by" in refused.output
        assert f"on {socket.gethostname()} since" in refused.output
        lab.call("mend_host")
        assert first.wait(60) == 0


def test_controller_that_is_killed_is_gone_on_with(lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    """The script on the host goes on to its end; nobody was left to say that all is well."""
    config = {"flows": [{"from": "ADMA/user/title", "through": "person/roomNumber"}]}
    with at_work(tmp_path, lab, config) as first:
        # Ansible's worker has a session of its own; the journal names it.
        worker = json.loads(mim.service.host.files.read(f"{BACKUPS}\\change.journal").splitlines()[0])["process"].rpartition("/")[2]
        for process in (first.pid, int(worker)):
            os.kill(process, signal.SIGKILL)
    result = change(tmp_path, lab, config, "-vv").succeeded()
    assert "broke off after the step 'exported'" in result.output
    assert "The server holds all that was planned." in result.output
    assert result.counts["changed"] == 0
    assert mim.service.host.files.get(f"{BACKUPS}\\change.journal") is None
