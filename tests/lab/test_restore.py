# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""playbooks/restore.yml: backups listed, rehearsed, brought back and brought back once; a run whose connection breaks is gone on with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab
from ansible_collections.mimsync.sharepoint.tests.lab.site_run import PLAYBOOKS, Outcome, play
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
    playbook = folder / "change.yml"
    task = {"mimsync.sharepoint.server_configuration": {"config": config, "backup_folder": BACKUPS}}
    playbook.write_text(yaml.safe_dump([{"hosts": "sync_servers", "gather_facts": False, "tasks": [task]}]), encoding="utf-8")
    return play(playbook, lab.inventory, *options)


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
