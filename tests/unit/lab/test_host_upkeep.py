# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""win_wait_for, win_feature, win_eventlog, win_eventlog_entry and what a restart does."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.restart import restart_host
from ansible_collections.mimsync.sharepoint.lab.modules.protocol import ScriptRun
from ansible_collections.mimsync.sharepoint.lab.modules.registry import ModuleFailure
from ansible_collections.mimsync.sharepoint.lab.modules.scripts import run
from host_support import Caller, session_of

WAIT, FEATURE, LOG, ENTRY = (
    "ansible.windows.win_wait_for",
    "ansible.windows.win_feature",
    "ansible.windows.win_eventlog",
    "community.windows.win_eventlog_entry",
)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": "C:\\nope"}, "timeout while waiting for file C:\\\\nope to be present"),
        ({"path": "C:\\Windows", "state": "absent"}, "timeout while waiting for file C:\\\\Windows to be absent"),
        ({"port": 1433}, "timeout while waiting for 127.0.0.1:1433 to start listening"),
        ({"port": 5985, "state": "stopped"}, "timeout while waiting for 127.0.0.1:5985 to stop listening"),
        ({"port": 1, "path": "C:\\x"}, "port and path parameter can not both be passed"),
    ],
)
def test_waiting_in_vain_ends_at_once_with_the_timeout_message(member: Caller, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ModuleFailure, match=message):
        member(WAIT, **options)


def test_waiting_for_what_is_there(member: Caller) -> None:
    member.host.files.write("C:\\Windows\\Temp\\a.log", "all done".encode("utf-16"))
    for options in ({"path": "C:\\Windows\\Temp\\a.log", "regex": "DONE"}, {"port": 5985}, {"host": "FILES1", "port": 445}, {"port": 9, "state": "stopped"}):
        assert member(WAIT, **options)["wait_attempts"] == 1


def test_feature_comes_with_its_parents_and_goes(member: Caller) -> None:
    wanted = {"name": "RSAT-AD-PowerShell", "state": "present"}
    assert member.checking()(FEATURE, **wanted)["changed"]
    answer = member(FEATURE, **wanted)
    assert (answer["changed"], answer["exitcode"], len(answer["feature_result"])) == (True, "Success", 3)
    again = member(FEATURE, **wanted)
    assert (again["changed"], again["exitcode"], again["feature_result"]) == (False, "NoChangeNeeded", [])
    assert member(FEATURE, name="RSAT-AD-PowerShell", state="absent")["changed"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "No-Such"}, "ArgumentNotValid: The role, role service, or feature name is not valid: 'No-Such'"),
        ({"name": "NET-Framework-Core"}, "The source files could not be found.*0x800f081f"),
        ({"name": "NET-Framework-Core", "source": "D:\\sxs"}, "Failed to find source path D:\\\\sxs for feature install"),
    ],
)
def test_refused_features(member: Caller, options: dict[str, str], message: str) -> None:
    with pytest.raises(ModuleFailure, match=message):
        member(FEATURE, **options)


def test_log_with_its_source_is_made_written_cleared_and_removed(member: Caller) -> None:
    assert member.checking()(LOG, name="Own", sources=["OwnSource"]) == {"changed": True, "sources_changed": [], "name": "Own", "exists": False}
    made = member(LOG, name="Own", sources=["OwnSource"], maximum_size="1MB")
    assert (made["changed"], made["sources"], made["maximum_size_kb"]) == (True, ["Own", "OwnSource"], 1024)
    assert not member(LOG, name="Own", sources=["OwnSource"], maximum_size="1MB")["changed"]
    entry = {"log": "Own", "source": "OwnSource", "event_id": 7, "message": "text", "entry_type": "Warning"}
    assert member(ENTRY, **entry) == {"changed": True, "msg": "Entry added to log Own from source OwnSource"}
    assert member.host.events[-1]["entry_type"] == "Warning"
    assert member(LOG, name="Own", state="clear")["changed"]
    assert not member(LOG, name="Own", state="clear")["changed"]
    assert member(LOG, name="Own", state="absent")["changed"]
    assert not member(LOG, name="Own", state="absent")["changed"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"log": "Nope"}, "Log Nope does not exist and cannot be written to"),
        ({"source": "Nope"}, "Source Nope does not exist"),
        ({"source": "User32"}, "Source User32 does not belong to log Application and cannot be written to"),
        ({"event_id": 65536}, "Event ID must be between 0 and 65535"),
    ],
)
def test_refused_entries(member: Caller, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ModuleFailure, match=message):
        member(ENTRY, **{"log": "Application", "source": "Application", "event_id": 1, "message": "x", **options})


def test_new_log_needs_a_source(member: Caller) -> None:
    with pytest.raises(ModuleFailure, match="You must specify one or more sources when creating a log for the first time"):
        member(LOG, name="Own")


def test_restart_clears_the_pending_one_and_starts_automatic_services(member: Caller) -> None:
    host = member.host
    host.restart_reasons.append("files in use")
    host.services["spooler"].state = "stopped"
    host.services["wuauserv"].state = "running"
    before = host.booted
    restart_host(host)
    assert host.restart_reasons == []
    assert host.booted > before
    assert (host.services["spooler"].state, host.services["wuauserv"].state) == ("running", "stopped")


def test_computers_groups_count_from_the_restart_on(member: Caller) -> None:
    directory, host = member.directory, member.host
    restart_host(host)
    group = directory.create(f"CN=hosts,CN=Users,{directory.domain_dn}", "group", {"sAMAccountName": "hosts", "groupType": -2147483646})
    computer = directory.resolve("EXAMPLE\\MIM1$")
    assert computer is not None
    directory.set(group, {"member": [computer.dn]})
    assert group.sid not in host.boot_groups
    restart_host(host)
    assert group.sid in host.boot_groups


def ask(member: Caller, script: str, *, account: str = "mimsetup") -> str:
    """A command as the reboot plugin sends it: a PowerShell inside of the shell's PowerShell."""
    tail = "; If (-not $?) { If (Get-Variable LASTEXITCODE -ErrorAction SilentlyContinue) { exit $LASTEXITCODE } Else { exit 1 } }"
    code = base64.b64encode((script + tail).encode("utf-16-le")).decode()
    line = f"PowerShell -NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand {code}"
    return run(ScriptRun(line), member.host, session_of(member.host, account)).stdout.decode().strip()


BOOT_TIME = "(Get-CimInstance -ClassName Win32_OperatingSystem -Property LastBootUpTime).LastBootUpTime.ToFileTime()"
SHUTDOWN = "$stderr = . { C:\\Windows\\System32\\shutdown.exe /r /t 2 /c 'Reboot initiated by Ansible' | Set-Variable stdout } 2>&1"


def test_reboot_plugins_commands(member: Caller) -> None:
    before = ask(member, BOOT_TIME)
    assert json.loads(ask(member, SHUTDOWN)) == {"stdout": "", "stderr": "", "rc": 0}
    assert int(ask(member, BOOT_TIME)) > int(before)
    key = "HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon\\AutoLogonChecked"
    assert "success-0a" in ask(member, f"Get-Item -LiteralPath '{key}' -ErrorAction Stop; 'success-0a'")


def test_reboot_needs_an_administrator(member: Caller) -> None:
    before = member.host.booted
    assert json.loads(ask(member, SHUTDOWN, account="plain"))["rc"] == 5
    assert member.host.booted == before


def test_other_commands_are_refused(member: Caller) -> None:
    assert "this script is not simulated: Get-Date" in ask(member, "Get-Date")
