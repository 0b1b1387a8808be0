# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Preflight on the lab: everything wrong is one list, nothing is changed, and a run after mending goes through."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.lab.estate import media
from ansible_collections.mimsync.sharepoint.lab.estate.host import OperatingSystem
from ansible_collections.mimsync.sharepoint.lab.estate.standard_host import RELEASES, add_service
from ansible_collections.mimsync.sharepoint.lab.harness import Lab

from .install_support import picture
from .site_run import PLAYBOOKS, Outcome, play

pytestmark = pytest.mark.xdist_group("preflight")

NOT_LISTENING = "127.20.255.254"


def look(lab: Lab, *options: str) -> Outcome:
    return play(PLAYBOOKS / "preflight.yml", lab.inventory, *options)


def variables(lab: Lab, **changes) -> tuple[str, str]:
    """Inventory variables of the lab with changes, as an option of the command line."""
    found = yaml.safe_load((lab.inventory / "group_vars" / "all" / "estate.yml").read_text())
    return "-e", json.dumps({name: {**found[name], **value} if isinstance(value, dict) else value for name, value in changes.items()})


def details(outcome: Outcome) -> str:
    """What the report lists; one run fails with one list."""
    assert outcome.code != 0, outcome.output
    assert "Traceback" not in outcome.output
    return outcome.output.replace("\\\\", "\\")


@pytest.fixture
def host_variables(small_lab: Lab):
    """Writes variables of single hosts and takes them away again."""
    folder = small_lab.inventory / "host_vars"
    folder.mkdir(exist_ok=True)
    written: list[Path] = []

    def write(host: str, **values: str) -> None:
        path = folder / f"{host}.yml"
        path.write_text(yaml.safe_dump(values))
        written.append(path)

    yield write
    for path in written:
        path.unlink()


def test_a_good_estate_passes_with_one_execution_a_host(small_lab, tmp_path):
    small_lab.reset_executions()
    outcome = look(small_lab, "-e", f"mimsync_report_folder={tmp_path}")
    assert outcome.succeeded().counts["changed"] == 0
    assert small_lab.executions_by_host() == dict.fromkeys(small_lab.estate.hosts, 1)
    assert json.loads((tmp_path / "preflight.json").read_text())["ready"] is True


def test_everything_wrong_is_one_list_and_nothing_changes(small_lab, host_variables, tmp_path):
    hosts = small_lab.estate.hosts
    before = {name: picture(host) for name, host in hosts.items()}
    host_variables("MIM2", ansible_host=NOT_LISTENING)
    host_variables("SP1", ansible_password="wrong")
    changes = variables(
        small_lab,
        mimsync_netbios="CORP",
        mimsync_sql_server="SQL9",
        mimsync_sharepoint_url="https://nowhere.corp.example.com",
        mimsync_scope={"include": ["OU=Nobody,DC=corp,DC=example,DC=com"]},
        mimsync_service_account={"name": "a-name-of-twenty-one-x", "password": ""},
        mimsync_groups_ou="MIM Groups",
        mimsync_media={
            "sync_service": {"path": r"C:\Media\gone.msi"},
            "sharepoint_connector": {"path": media.DAMAGED, "checksum": media.CONNECTOR.sha256},
        },
    )
    said = details(look(small_lab, *changes, "-e", "mimsync_sql_srever=x", "-e", f"mimsync_report_folder={tmp_path}"))
    for words in (
        "things are missing or wrong; nothing has been changed on any host",
        "mimsync_service_account.name: 'a-name-of-twenty-one-x' has 22 characters",
        "mimsync_service_account.password is empty",
        "mimsync_groups_ou: 'MIM Groups' is not a distinguished name",
        "DC1: The domain's NetBIOS name is EXAMPLE, not CORP.",
        "DC1: mimsync_scope.include[0]: 'OU=Nobody,DC=corp,DC=example,DC=com' does not exist",
        "MIM1: SQL Server SQL9 cannot be used:",
        r"MIM1: mimsync_media.sync_service.path: 'C:\Media\gone.msi' is not there.",
        f"MIM1: mimsync_media.sharepoint_connector.checksum: '{media.DAMAGED}' has the SHA-256",
        "MIM1: mimsync_sharepoint_url: https://nowhere.corp.example.com does not answer:",
        "MIM2: The host cannot be reached: check ansible_host, ansible_port, and that WinRM listens there. ([Errno 111] Connection refused)",
        "SP1: The logon was refused: check ansible_user and ansible_password.",
        "No role knows the variable mimsync_sql_srever. Did you mean mimsync_sql_server?",
    ):
        assert words in said
    assert {name: picture(host) for name, host in hosts.items()} == before
    assert json.loads((tmp_path / "preflight.json").read_text())["ready"] is False
    assert "| error | MIM2 |" in (tmp_path / "preflight.md").read_text()


def test_hosts_that_do_not_fit(small_lab):
    host = small_lab.estate.hosts["MIM1"]
    kept, old = host.os, RELEASES["2012R2"]
    host.os = OperatingSystem(old.caption, old.version)
    add_service(host, "ADSync", "Microsoft Azure AD Sync")
    small_lab.estate.hosts["SQL1"].components["sql"].sysadmins, sysadmins = set(), small_lab.estate.hosts["SQL1"].components["sql"].sysadmins
    try:
        said = details(look(small_lab))
    finally:
        host.os = kept
        del host.services["adsync"]
        small_lab.estate.hosts["SQL1"].components["sql"].sysadmins = sysadmins
    assert "MIM1: Microsoft Windows Server 2012 R2 Standard does not fit SharePoint 2019, which pairs with Windows Server 2016." in said
    assert "MIM1: Entra (Azure AD) Connect runs on this host" in said
    assert r"Login failed for user 'EXAMPLE\mimsetup'" in said
    assert look(small_lab).code == 0


def test_a_domain_that_does_not_resolve(small_lab):
    said = details(look(small_lab, "-e", "mimsync_domain=other.example.com"))
    assert "DC1: The name other.example.com does not resolve:" in said
    assert "DC1: The host is a member of corp.example.com, not of other.example.com." in said


def test_a_missing_secret_is_named(small_lab):
    path = small_lab.folder.secrets
    kept = path.read_text()
    path.write_text(yaml.safe_dump({name: value for name, value in yaml.safe_load(kept).items() if name != "vault_svc_adma_password"}))
    try:
        said = details(look(small_lab))
    finally:
        path.write_text(kept)
    assert "mimsync_ad_agent_account.password is empty (account svc-adma)." in said


def test_a_wrong_type_is_named_with_its_variable(small_lab):
    said = details(look(small_lab, "-e", '{"mimsync_groups": "MIMSyncAdmins"}'))
    assert "preflight_groups" in said


def test_media_without_a_path_or_with_a_wrong_version_are_named_once(small_lab):
    said = details(look(small_lab, *variables(small_lab, mimsync_media={"sync_hotfix": {"version": "4.6.641.0"}})))
    assert "1 thing is missing or wrong" in said
    assert "mimsync_media.sync_hotfix.path: the installer's path is missing." in said
    said = details(look(small_lab, *variables(small_lab, mimsync_media={"sync_service": {"path": "x", "version": "sp2"}})))
    assert "mimsync_media.sync_service.version: 'sp2' is not a version number. Write it like 4.6.34.0." in said


def test_media_on_a_share_are_seen_with_the_accounts_own_logon(small_lab):
    client = {"sql_native_client": {"path": r"\\MIM1\media\sqlncli.msi", "checksum": media.SQL_NATIVE_CLIENT.sha256}}
    look(small_lab, *variables(small_lab, mimsync_media=client)).succeeded()
    said = details(look(small_lab, *variables(small_lab, mimsync_media=client), "-e", '{"preflight_become": false}'))
    assert r"MIM2: mimsync_media.sql_native_client.path: '\MIM1\media\sqlncli.msi' is not there." in said
