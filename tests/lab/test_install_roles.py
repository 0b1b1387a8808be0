# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The installing roles on the lab: looked at first, checked, applied, read back, applied again, drifted, mended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate import media
from ansible_collections.mimsync.sharepoint.lab.estate.estate import EstateOptions
from ansible_collections.mimsync.sharepoint.lab.estate.services import stop_service
from ansible_collections.mimsync.sharepoint.lab.estate.synchronization import CONNECTOR_FILE, service_of
from ansible_collections.mimsync.sharepoint.lab.harness import Lab

from .install_support import SERVICE, picture, prepared_lab, write_playbook
from .site_run import PLAYBOOKS, Outcome, play

pytestmark = pytest.mark.xdist_group("install")

ROLES = ("sql_native_client", "sync_service", "sync_hotfix", "sharepoint_connector")
# Remote executions of a second run over all roles, preflight not counted.
FRUGAL = 7


@dataclass(frozen=True)
class Installed:
    lab: Lab
    playbook: Path
    standby: Path
    before: dict[str, Any]
    checked: Outcome
    after_check: dict[str, Any]
    first: Outcome
    second: Outcome
    executions: int


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """Checked, applied with the most talkative output, applied again; then the standby."""
    folder = tmp_path_factory.mktemp("install")
    with prepared_lab(folder / "state") as lab:
        host = lab.estate.hosts["MIM1"]
        playbook = write_playbook(folder, *ROLES, variables={"sync_service_key_set_copy": folder / "keys"})
        (folder / "standby").mkdir()
        standby = write_playbook(folder / "standby", *ROLES, hosts="standby_sync_servers", variables={"sync_service_standby": "true"})
        before = picture(host)
        checked = play(playbook, lab.inventory, "--check", "--diff")
        after_check = picture(host)
        first = play(playbook, lab.inventory, "-vvv", "--diff")
        lab.reset_executions()
        second = play(playbook, lab.inventory)
        executions = lab.executions()
        play(standby, lab.inventory).succeeded()
        yield Installed(lab, playbook, standby, before, checked, after_check, first, second, executions)


def host_of(installed: Installed, name: str = "MIM1"):
    return installed.lab.estate.hosts[name]


def test_a_check_predicts_and_changes_nothing(installed):
    assert installed.checked.succeeded().counts["changed"] >= 2
    assert installed.after_check == installed.before


def test_the_first_run_installs_all(installed):
    installed.first.succeeded()
    host = host_of(installed)
    service = service_of(host)
    assert service.build == media.HOTFIX_SP2.version
    assert host.files.get(service.path(f"Extensions\\{CONNECTOR_FILE}")).version == media.CONNECTOR.version
    assert (host.service(SERVICE).state, host.service(SERVICE).start_mode) == ("running", "auto")
    assert host.files.exists(r"C:\MIMKeySet\keyset.bin")


def test_the_service_account_holds_its_rights(installed):
    host = host_of(installed)
    sid = installed.lab.estate.directory.resolve("svc-mimsync").sid
    held = {name for name, holders in host.user_rights.items() if sid in holders}
    assert held == {
        "SeServiceLogonRight",
        "SeDenyBatchLogonRight",
        "SeDenyInteractiveLogonRight",
        "SeDenyNetworkLogonRight",
        "SeDenyRemoteInteractiveLogonRight",
    }


def test_the_key_set_is_copied_to_the_controller(installed):
    (copy,) = (installed.playbook.parent / "keys").iterdir()
    assert copy.read_bytes() == host_of(installed).files.read(r"C:\MIMKeySet\keyset.bin")
    assert copy.stat().st_mode & 0o077 == 0


def test_the_second_run_changes_nothing_and_is_frugal(installed):
    assert installed.second.succeeded().counts["changed"] == 0
    assert installed.executions <= FRUGAL


def test_no_secret_is_in_the_most_talkative_output(installed):
    shown = [name for name, secret in installed.lab.secrets.items() if secret in installed.first.output + installed.checked.output]
    assert shown == []


def test_no_secret_stays_on_the_host(installed):
    host = host_of(installed)
    secret = installed.lab.secrets["vault_svc_mimsync_password"]
    texts = [node.content.decode("utf-8", "replace") + node.content.decode("utf-16", "replace") for node in host.files.nodes.values() if node.content]
    assert not [text for text in texts if secret in text]
    assert secret not in json.dumps(host.events, default=str)


def test_the_standby_is_alike_and_stopped(installed):
    host = host_of(installed, "MIM2")
    assert service_of(host).build == service_of(host_of(installed)).build
    assert (host.service(SERVICE).state, host.service(SERVICE).start_mode) == ("stopped", "manual")
    assert play(installed.standby, installed.lab.inventory).succeeded().counts["changed"] == 0


def test_drift_by_hand_is_mended_without_media(installed):
    host = host_of(installed)
    sid = installed.lab.estate.directory.resolve("svc-mimsync").sid
    stop_service(host, host.service(SERVICE))
    host.service(SERVICE).start_mode = "manual"
    host.user_rights["SeDenyNetworkLogonRight"].discard(sid)
    host.files.remove(r"C:\MIMKeySet\keyset.bin")
    host.files.remove(media.FOLDER)
    assert play(installed.playbook, installed.lab.inventory).succeeded().counts["changed"] == 3
    assert (host.service(SERVICE).state, host.service(SERVICE).start_mode) == ("running", "auto")
    assert sid in host.user_rights["SeDenyNetworkLogonRight"]
    media.lay_out_media(host)


def test_preflight_is_content_with_the_installed_estate(installed, tmp_path):
    outcome = play(PLAYBOOKS / "preflight.yml", installed.lab.inventory, "-e", f"mimsync_report_folder={tmp_path}")
    assert outcome.succeeded().counts["changed"] == 0
    assert json.loads((tmp_path / "preflight.json").read_text())["ready"] is True
    assert "Ready: nothing stands in the way." in (tmp_path / "preflight.md").read_text()


def test_media_from_a_url_and_the_old_line_for_sharepoint_2016(tmp_path):
    """RTM media need .NET 3.5 and the hotfix KB3092179; SQL Server on the host itself needs no client."""
    options = EstateOptions(people=3, sharepoint_version="2016", farm_build="16.0.4498.1002", sql_remote=False, first_address="127.20.1.10")
    with prepared_lab(tmp_path / "state", options) as lab:
        host = lab.estate.hosts["MIM1"]
        host.files.make_folder(r"C:\Media\sxs")
        variables = {
            "sync_service_features": "[NET-Framework-Core]",
            "sync_service_feature_source": r"C:\Media\sxs",
            "sync_hotfix_media": f"{{path: '{media.HOTFIX_RTM.url}', checksum: {media.HOTFIX_RTM.sha256}, version: {media.HOTFIX_RTM.version}}}",
        }
        playbook = write_playbook(tmp_path, *ROLES, variables=variables)
        play(playbook, lab.inventory).succeeded()
        assert service_of(host).build == "4.3.2064.0"
        assert not host.files.exists(r"C:\Windows\System32\sqlncli11.dll")
        assert play(playbook, lab.inventory).succeeded().counts["changed"] == 0


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"mimsync_media": "{sync_service: {path: 'C:\\\\Media\\\\gone.msi'}, sql_native_client: {path: 'C:\\\\Media\\\\sqlncli.msi'}}"}, "cannot be reached"),
        ({"sync_service_firewall": "perhaps"}, "sync_service_firewall"),
        ({"sync_service_denied_logons": "[disk]"}, "disk"),
    ],
)
def test_bad_input_is_named(tmp_path, variables, words):
    with prepared_lab(tmp_path / "state") as lab:
        playbook = write_playbook(tmp_path, "sql_native_client", "sync_service", variables=variables)
        outcome = play(playbook, lab.inventory)
        assert outcome.code != 0
        assert words in outcome.output
        assert "Traceback" not in outcome.output
        assert service_of(lab.estate.hosts["MIM1"]) is None
