# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rights and settings of the agents that are missing: a cycle stops with what the connected system said."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab
from ansible_collections.mimsync.sharepoint.tests.lab.site_run import play
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import PASSWORD, MimEstate, built_in_files, configure, make_mim_estate

Mistake = Callable[[MimEstate], None]


@pytest.fixture
def mim() -> MimEstate:
    made = make_mim_estate(people=6)
    configure(made, built_in_files(made))
    return made


@pytest.fixture
def lab(mim: MimEstate, tmp_path: Path) -> Iterator[Lab]:
    with running_lab(tmp_path / "lab", estate=mim.estate) as running:
        yield running


def replication_right_missing(mim: MimEstate) -> None:
    directory = mim.estate.directory
    head, account = directory.get(directory.domain_dn), directory.resolve("svc-adma")
    assert account is not None
    directory.set_security_descriptor(head, re.sub(rf"\([^)]*{account.sid}\)", "", directory.security_descriptor(head)))


def password_not_set(mim: MimEstate) -> None:
    mim.service.state.secrets.clear()


def password_changed(mim: MimEstate) -> None:
    account = mim.estate.directory.resolve("svc-adma")
    assert account is not None
    mim.estate.directory.set_password(account, "Another-Password.1")


def wrong_url(mim: MimEstate) -> None:
    mim.service.set_ecma2(mim.admin, "SPMA", "connectivity", {"HostName": "sp9.corp.example.com"})


def no_rights_in_sharepoint(mim: MimEstate) -> None:
    mim.farm.service_application.administrators.clear()


def assembly_missing(mim: MimEstate) -> None:
    mim.service.host.files.remove(mim.service.path("Extensions\\SharePointSynchronization.dll"))


@pytest.mark.parametrize(
    ("mistake", "messages"),
    [
        (replication_right_missing, ["ADMA FullImport ended with stopped-connectivity", "8453", "Replication access was denied."]),
        (password_not_set, ["ADMA FullImport ended with no-start-credentials"]),
        (password_changed, ["ADMA FullImport ended with stopped-connectivity", "failed-authentication"]),
        (wrong_url, ["SPMA FullImport ended with stopped-connectivity", "failed-connection", "sp9.corp.example.com"]),
        (no_rights_in_sharepoint, ["SPMA FullImport ended with stopped-connectivity", "HTTP status 401"]),
        (assembly_missing, ["ADMA FullSync ended with stopped-extension-dll-file-not-found"]),
    ],
)
def test_the_cycle_stops_with_the_servers_words(mim: MimEstate, lab: Lab, tmp_path: Path, mistake: Mistake, messages: list[str]) -> None:
    mistake(mim)
    playbook = tmp_path / "run.yml"
    playbook.write_text(yaml.safe_dump([{"hosts": "sync_servers", "gather_facts": False, "roles": ["mimsync.sharepoint.sync_run"]}]), encoding="utf-8")
    outcome = play(playbook, lab.inventory, "-e", json.dumps({"mimsync_report_folder": str(tmp_path)}))
    assert outcome.code != 0 and "Traceback" not in outcome.output and PASSWORD not in outcome.output
    text = " ".join(outcome.output.split())
    assert [message for message in messages if message not in text] == []
    assert next(mim.farm.service_application.store.live("user"), None) is None
