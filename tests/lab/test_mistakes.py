# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Mistakes made on purpose: each fails in the lab with the words that a real server would give."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate import media
from ansible_collections.mimsync.sharepoint.lab.estate.restart import restart_host
from ansible_collections.mimsync.sharepoint.lab.estate.services import restart_service, stop_service
from ansible_collections.mimsync.sharepoint.lab.estate.synchronization import CONNECTOR_FILE, service_of
from ansible_collections.mimsync.sharepoint.lab.harness import Lab
from ansible_collections.mimsync.sharepoint.lab.wsman.logon import HostLogon

from .install_support import GLOBAL_SECURITY_GROUP, SERVICE, prepared_lab, write_playbook
from .site_run import play

pytestmark = pytest.mark.xdist_group("mistakes")


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with prepared_lab(tmp_path / "state") as made:
        yield made


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab whose MIM1 has the synchronization service."""
    folder = tmp_path_factory.mktemp("served")
    with prepared_lab(folder / "state") as made:
        play(write_playbook(folder, "sql_native_client", "sync_service"), made.inventory).succeeded()
        yield made


def fails(lab: Lab, playbook: Path, *options: str) -> str:
    """The output of a run that fails, as one line without doubled backslashes."""
    outcome = play(playbook, lab.inventory, *options)
    assert outcome.code != 0, outcome.output
    assert "Traceback" not in outcome.output
    assert not [name for name, secret in lab.secrets.items() if secret in outcome.output]
    return " ".join(outcome.output.replace("\\\\", "\\").split())


def test_the_sql_client_left_out(lab, tmp_path):
    output = fails(lab, write_playbook(tmp_path, "sync_service"))
    assert "exit code 1603" in output
    assert "The setup is having trouble contacting SQL server 'SQL1'." in output


def test_the_setup_account_is_not_sysadmin(lab, tmp_path):
    lab.estate.hosts["SQL1"].components["sql"].sysadmins.clear()
    output = fails(lab, write_playbook(tmp_path, "sql_native_client", "sync_service"))
    assert "Error 25009." in output
    assert r"Login failed for user 'EXAMPLE\mimsetup'" in output


def test_setup_over_a_network_logon(lab, tmp_path):
    """Without become the logon cannot go on to SQL Server on another host."""
    tasks = f"""
    - mimsync.sharepoint.setup_package:
        path: '{media.SQL_NATIVE_CLIENT.path}'
        properties: {{IACCEPTSQLNCLILICENSETERMS: 'YES'}}
    - mimsync.sharepoint.setup_package:
        path: '{media.SYNC_SERVICE_SP2.path}'
        properties: {{ACCEPT_EULA: '1', STORESERVER: SQL1, SERVICEACCOUNT: svc-mimsync, SERVICEDOMAIN: EXAMPLE}}
        secret_properties: {{SERVICEPASSWORD: '{{{{ vault_svc_mimsync_password }}}}'}}
"""
    output = fails(lab, write_playbook(tmp_path, tasks=tasks))
    assert r"Login failed for user 'NT AUTHORITY\ANONYMOUS LOGON'" in output


def test_the_service_accounts_password_is_wrong(lab, tmp_path):
    directory = lab.estate.directory
    directory.set_password(directory.resolve("svc-mimsync"), "Another-1-password")
    output = fails(lab, write_playbook(tmp_path, "sql_native_client", "sync_service"))
    assert r"The service account 'EXAMPLE\svc-mimsync' cannot be logged on. The user name or password is incorrect." in output


def test_a_group_is_missing(lab, tmp_path):
    lab.estate.directory.delete(lab.estate.directory.resolve("MIMSyncBrowse"))
    output = fails(lab, write_playbook(tmp_path, "sql_native_client", "sync_service"))
    assert r"The security group 'EXAMPLE\MIMSyncBrowse' (GROUPBROWSE) cannot be found." in output


def test_the_hotfix_before_the_service(lab, tmp_path):
    output = fails(lab, write_playbook(tmp_path, "sync_hotfix"))
    assert "The specified patch does not apply to any installed MSI packages." in output


def test_the_hotfix_of_another_line(served, tmp_path):
    variables = {"sync_hotfix_media": f"{{path: '{media.HOTFIX_RTM.path}'}}", "sync_hotfix_version": "4.7.1.0"}
    assert "The hotfix 4.7.1.0 does not fit the installed build 4.6.34.0." in fails(served, write_playbook(tmp_path, "sync_hotfix", variables=variables))
    assert service_of(served.estate.hosts["MIM1"]).build == "4.6.34.0"


def test_the_connector_before_the_service(lab, tmp_path):
    output = fails(lab, write_playbook(tmp_path, "sharepoint_connector"))
    assert "exit code 1603" in output
    assert "must be installed before this connector" in output


def test_the_right_to_log_on_as_a_service_is_not_granted(served, tmp_path):
    host = served.estate.hosts["MIM1"]
    sid = served.estate.directory.resolve("svc-mimsync").sid
    stop_service(host, host.service(SERVICE))
    host.user_rights["SeServiceLogonRight"].discard(sid)
    tasks = f"""
    - ansible.windows.win_service:
        name: {SERVICE}
        state: started
"""
    output = fails(served, write_playbook(tmp_path, tasks=tasks))
    assert f"Cannot start service {SERVICE}" in output
    assert any(event["event_id"] == 7038 and "has not been granted the requested logon type" in event["message"] for event in host.events)
    play(write_playbook(tmp_path, "sync_service"), served.inventory).succeeded()
    assert host.service(SERVICE).state == "running"


def test_another_service_account_than_the_installed_one(served, tmp_path):
    output = fails(served, write_playbook(tmp_path, "sync_service"), "-e", '{"sync_service_account": {"name": "svc-other", "password": "x"}}')
    assert r"The service runs as EXAMPLE\svc-mimsync, not as EXAMPLE\svc-other." in output


def test_a_wrong_option_name_in_a_third_party_modules_task(served, tmp_path):
    tasks = f"""
    - ansible.windows.win_service:
        name: {SERVICE}
        stat: started
"""
    output = fails(served, write_playbook(tmp_path, tasks=tasks))
    assert "Unsupported parameters for (ansible.windows.win_service) module: stat. Supported parameters include: " in output


def test_a_hosts_membership_used_before_its_restart(lab, tmp_path):
    """The right to fetch a managed account's password comes with a group; a computer's token is made when it starts."""
    directory = lab.estate.directory
    base = directory.domain_dn
    host = lab.estate.hosts["MIM1"]
    members = {"member": directory.resolve("MIM1$").dn}
    group = directory.create(f"CN=MIM Hosts,CN=Users,{base}", "group", {"sAMAccountName": "MIM Hosts", "groupType": GLOBAL_SECURITY_GROUP, **members})
    account = {"sAMAccountName": "svc-gmsa$", "userAccountControl": 0x1000, "msDS-ManagedPasswordInterval": 30, "msDS-GroupMSAMembership": group.dn}
    directory.create(f"CN=svc-gmsa,CN=Managed Service Accounts,{base}", "msDS-GroupManagedServiceAccount", account)
    variables = {"mimsync_service_account": "{name: 'svc-gmsa$', group_managed: true}", "sync_service_reboot_for_managed_account": "false"}
    playbook = write_playbook(tmp_path, "sql_native_client", "sync_service", variables=variables)
    assert "This computer may not retrieve the managed password." in fails(lab, playbook)
    booted = host.booted
    play(playbook, lab.inventory, "-e", "sync_service_reboot_for_managed_account=true").succeeded()
    assert host.booted > booted
    assert (host.service(SERVICE).state, host.service(SERVICE).account) == ("running", "EXAMPLE\\svc-gmsa$")
    sid = directory.resolve("svc-gmsa$").sid
    assert sid not in host.user_rights.get("SeDenyNetworkLogonRight", set())


def test_an_administrators_membership_used_before_a_new_logon(served):
    """What a logon may do is settled when it begins: an account that joins the admins group needs another one."""
    directory = served.estate.directory
    host = served.estate.hosts["MIM1"]
    service = service_of(host)
    admins, setup = directory.resolve("MIMSyncAdmins"), directory.resolve("mimsetup")
    directory.set(admins, {"member": None})
    logon = HostLogon(served.estate, host)
    early = logon.open_session("EXAMPLE", "mimsetup")
    directory.set(admins, {"member": setup.dn})
    assert service.roles(early) == frozenset()
    assert "admins" in service.roles(logon.open_session("EXAMPLE", "mimsetup"))


def test_a_damaged_medium_and_a_wrong_hash(lab, tmp_path):
    wrong = {"sql_native_client_media": f"{{path: '{media.SQL_NATIVE_CLIENT.path}', checksum: '{'f' * 64}'}}"}
    output = fails(lab, write_playbook(tmp_path, "sql_native_client", variables=wrong))
    assert f"did not match '{'f' * 64}'" in output
    damaged = {"sql_native_client_media": f"{{path: '{media.DAMAGED}'}}"}
    assert "could not be opened" in fails(lab, write_playbook(tmp_path, "sql_native_client", variables=damaged))
    assert not lab.estate.hosts["MIM1"].files.exists(r"C:\Windows\System32\sqlncli11.dll")


def test_media_that_are_not_named(lab, tmp_path):
    output = fails(lab, write_playbook(tmp_path, "sql_native_client", variables={"mimsync_media": "{}"}))
    assert "the package's path is empty; name the installer in the inventory (mimsync_media)." in output


def test_a_connector_installed_by_hand_without_a_restart_is_unknown(served, tmp_path):
    """The service knows the connectors that were there when it started; the role restarts it."""
    host = served.estate.hosts["MIM1"]
    tasks = f"""
    - mimsync.sharepoint.setup_package:
        path: '{media.CONNECTOR.path}'
"""
    play(write_playbook(tmp_path, tasks=tasks), served.inventory).succeeded()
    service = service_of(host)
    assert CONNECTOR_FILE.casefold() not in service.extensions_at_start
    restart_service(host, host.service(SERVICE))
    assert CONNECTOR_FILE.casefold() in service.extensions_at_start


def test_the_hotfix_while_the_service_runs_wants_a_restart(served, tmp_path):
    """The role stops the service first; a task that does not is told to restart the host."""
    host = served.estate.hosts["MIM1"]
    tasks = f"""
    - mimsync.sharepoint.setup_package:
        path: '{media.HOTFIX_SP2.path}'
      register: hotfix
    - ansible.builtin.assert:
        that: not hotfix.reboot_required
        fail_msg: the host wants a restart
"""
    assert "the host wants a restart" in fails(served, write_playbook(tmp_path, tasks=tasks))
    assert service_of(host).build == "4.6.34.0"
    restart_host(host)
    assert service_of(host).build == media.HOTFIX_SP2.version
