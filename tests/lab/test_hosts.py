# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stock modules for hosts through stock Ansible: check changes nothing, apply, the second run changes nothing, refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.directory_sids import nt_hash
from ansible_collections.mimsync.sharepoint.lab.estate.host import Host, Service
from ansible_collections.mimsync.sharepoint.lab.harness import Lab

from .site_run import Outcome, play

pytestmark = pytest.mark.xdist_group("hosts")

# (tasks that change something once, how many of them do)
PLAYBOOK = """
- name: Change a host in many ways
  hosts: sync_servers
  gather_facts: false
  tasks:
    - name: Set a registry value
      ansible.windows.win_regedit: {path: 'HKLM:\\SOFTWARE\\Own', name: one, data: 5, type: dword}
    - name: Make a local group
      ansible.windows.win_group: {name: Own, description: Of a test}
    - name: Fill a local group
      ansible.windows.win_group_membership: {name: Backup Operators, members: ['EXAMPLE\\mimsetup']}
    - name: Grant a right
      ansible.windows.win_user_right: {name: SeDenyBatchLogonRight, users: ['EXAMPLE\\svc-spfarm'], action: add}
    - name: Configure and stop a service
      ansible.windows.win_service: {name: Spooler, state: stopped, start_mode: disabled}
    - name: Install a package
      ansible.windows.win_package:
        path: "{{ mimsync_media.sql_native_client.path }}"
        arguments: [IACCEPTSQLNCLILICENSETERMS=YES]
        checksum: "{{ mimsync_media.sql_native_client.checksum }}"
        checksum_algorithm: sha256
        log_path: C:\\Windows\\Temp\\sqlncli.log
    - name: Add a feature
      ansible.windows.win_feature: {name: [RSAT-AD-PowerShell]}
    - name: Schedule a task
      community.windows.win_scheduled_task:
        name: Own
        actions: [{path: cmd.exe, arguments: /c hostname}]
        triggers: [{type: daily, start_boundary: '2026-01-01T23:00:00'}]
        username: SYSTEM
        run_level: highest
    - name: Make an event log
      ansible.windows.win_eventlog: {name: Own, sources: [OwnSource]}
"""
# These modules do not support check mode, or say "changed" every time.
ALWAYS = """
- name: Use what is there
  hosts: sync_servers
  gather_facts: false
  tasks:
    - name: Grant access
      ansible.windows.win_acl: {path: 'C:\\Windows\\Temp', user: 'EXAMPLE\\mimsetup', rights: Modify, type: allow}
    - name: Write an event
      community.windows.win_eventlog_entry: {log: Application, source: Application, event_id: 7, message: From a test, entry_type: Warning}
    - name: Wait for a port
      ansible.windows.win_wait_for: {port: 5985}
    - name: Read a registry value
      ansible.windows.win_reg_stat: {path: 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\WinRM', name: Start}
      register: start
    - name: Read a service
      ansible.windows.win_service_info: {name: WinRM}
      register: service
    - name: Read a scheduled task
      community.windows.win_scheduled_task_stat: {name: Nope}
      register: task
    - name: Compare
      ansible.builtin.assert:
        that:
          - start.value == 2
          - service.services[0].start_mode == 'auto'
          - not task.task_exists
    - name: Restart the host
      ansible.windows.win_reboot:
"""


@pytest.fixture
def host(small_lab: Lab) -> Host:
    return small_lab.estate.hosts["MIM1"]


def run(lab: Lab, folder: Path, text: str, *options: str) -> Outcome:
    path = folder / "hosts.yml"
    path.write_text(text)
    return play(path, lab.inventory, *options)


def task_of(module: str, options: str) -> str:
    return f"- hosts: sync_servers\n  gather_facts: false\n  tasks:\n    - name: Do it\n      {module}: {options}\n"


def test_check_apply_again(small_lab: Lab, host: Host, tmp_path: Path) -> None:
    total = PLAYBOOK.count("- name:") - 1
    assert run(small_lab, tmp_path, PLAYBOOK, "--check", "--diff").succeeded().counts["changed"] == total
    assert "Own" not in host.local_groups
    assert host.services["spooler"].state == "running"
    assert run(small_lab, tmp_path, PLAYBOOK).succeeded().counts["changed"] == total
    assert run(small_lab, tmp_path, PLAYBOOK, "--diff").succeeded().counts["changed"] == 0
    assert (host.services["spooler"].state, host.services["spooler"].start_mode) == ("stopped", "disabled")
    assert b"IACCEPT" in host.files.read("C:\\Windows\\Temp\\sqlncli.log").replace(b"\0", b"")


def test_events_access_and_restart(small_lab: Lab, host: Host, tmp_path: Path) -> None:
    host.restart_reasons.append("a file is in use")
    before = host.booted
    run(small_lab, tmp_path, ALWAYS).succeeded()
    assert any(event["message"] == "From a test" for event in host.events)
    assert host.booted > before
    assert host.restart_reasons == []


@pytest.mark.parametrize(
    ("module", "options", "message"),
    [
        ("ansible.windows.win_service", "{name: Nope, state: started}", "Service 'Nope' is not installed"),
        ("ansible.windows.win_service", "{name: Spooler, startmode: auto}", "Unsupported parameters for (ansible.windows.win_service) module: startmode"),
        ("ansible.windows.win_user_right", "{name: SeNope, users: [Users], action: add}", "the specified right SeNope is not a valid right"),
        ("ansible.windows.win_group_membership", "{name: Users, members: ['EXAMPLE\\nobody']}", "is not a valid account, cannot get SID"),
        ("ansible.windows.win_acl", "{path: 'C:\\Nope', user: Users, rights: Read, type: allow}", "file or directory does not exist on the host"),
        ("ansible.windows.win_package", "{path: 'C:\\nope.msi'}", "cannot be reached"),
        ("ansible.windows.win_regedit", "{path: 'HKLM:\\SOFTWARE\\X', hive: 'C:\\x.dat'}", "the option hive is not simulated"),
        ("ansible.windows.win_wait_for", "{port: 1433, timeout: 1}", "timeout while waiting for 127.0.0.1:1433 to start listening"),
    ],
)
def test_refusals_in_windows_words(small_lab: Lab, tmp_path: Path, module: str, options: str, message: str) -> None:
    outcome = run(small_lab, tmp_path, task_of(module, options))
    assert outcome.code != 0
    assert message in outcome.output


def add_service(host: Host, account: str, password: str = "") -> None:
    """A stopped service of a domain account that holds no right of its own."""
    made = Service("Own", "Own service", "C:\\own.exe", account=f"EXAMPLE\\{account}")
    made.password_hash = nt_hash(password).hex() if password else ""
    host.services["own"] = made


def rights_and_start(*tasks: str) -> str:
    start = "    - name: Start the service\n      ansible.windows.win_service: {name: Own, state: started}\n"
    return "- hosts: sync_servers\n  gather_facts: false\n  tasks:\n" + "".join(f"    - name: Before\n      {task}\n" for task in tasks) + start


def test_right_not_granted(small_lab: Lab, host: Host, tmp_path: Path) -> None:
    """A service of an account that may not log on as a service does not start until the right is there."""
    add_service(host, "mimsetup", small_lab.secrets["vault_mimsetup_password"])
    refused = run(small_lab, tmp_path, rights_and_start())
    assert refused.code != 0
    assert "cannot be started due to the following error: Cannot start service Own on computer '.'." in refused.output
    assert any("has not been granted the requested logon type" in event["message"] for event in host.events)
    grant = "ansible.windows.win_user_right: {name: SeServiceLogonRight, users: ['EXAMPLE\\mimsetup'], action: add}"
    run(small_lab, tmp_path, rights_and_start(grant)).succeeded()


def test_group_membership_of_a_computer_used_before_its_restart(small_lab: Lab, host: Host, tmp_path: Path) -> None:
    """The group may fetch a group-managed account's password; a new member can do so from its next start on."""
    directory = small_lab.estate.directory
    group = directory.create(f"CN=gmsa hosts,CN=Users,{directory.domain_dn}", "group", {"sAMAccountName": "gmsa hosts", "groupType": -2147483646})
    values = {"sAMAccountName": "gmsa$", "msDS-ManagedPasswordInterval": 30, "msDS-GroupMSAMembership": [group.dn]}
    account = directory.create(f"CN=gmsa,CN=Managed Service Accounts,{directory.domain_dn}", "msDS-GroupManagedServiceAccount", values)
    computer = directory.resolve("EXAMPLE\\MIM1$")
    assert computer is not None
    directory.set(group, {"member": [computer.dn]})
    host.user_rights["SeServiceLogonRight"].add(account.sid)
    add_service(host, "gmsa$")
    assert run(small_lab, tmp_path, rights_and_start()).code != 0
    run(small_lab, tmp_path, rights_and_start("ansible.windows.win_reboot:")).succeeded()
    assert host.services["own"].state == "running"
