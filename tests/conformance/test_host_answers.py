# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The twins of host modules answer with the values that the installed modules' own documentation promises, and no others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "lab"))
from host_support import Caller, documentation, session_of, small_forest

# Of every module (Ansible's common return values).
COMMON = {"changed", "failed", "diff", "warnings", "msg"}
# Returned by the installed module although its documentation does not list them.
UNDOCUMENTED = {"ansible.windows.win_feature": {"success"}}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("ansible.windows.win_service", {"name": "Spooler", "state": "stopped"}),
    ("ansible.windows.win_service_info", {"name": "Spooler"}),
    ("ansible.windows.win_regedit", {"path": "HKLM:\\SOFTWARE\\Own", "name": "v", "data": "1"}),
    ("ansible.windows.win_reg_stat", {"path": "HKLM:\\SYSTEM\\CurrentControlSet\\Services\\Spooler", "name": "Start"}),
    ("ansible.windows.win_reg_stat", {"path": "HKLM:\\SYSTEM\\CurrentControlSet\\Services\\Spooler"}),
    ("ansible.windows.win_user_right", {"name": "SeServiceLogonRight", "users": ["plain"], "action": "add"}),
    ("ansible.windows.win_group", {"name": "Own"}),
    ("ansible.windows.win_group_membership", {"name": "Users", "members": ["plain"]}),
    ("ansible.windows.win_group_membership", {"name": "Users", "members": ["plain"], "state": "pure"}),
    ("ansible.windows.win_acl", {"path": "C:\\Windows", "user": "plain", "rights": "Read", "type": "allow"}),
    ("ansible.windows.win_wait_for", {"port": 5985}),
    ("ansible.windows.win_feature", {"name": ["RSAT"]}),
    ("ansible.windows.win_eventlog", {"name": "Own", "sources": ["OwnSource"]}),
    ("community.windows.win_eventlog_entry", {"log": "Application", "source": "Application", "event_id": 1, "message": "x"}),
    ("community.windows.win_scheduled_task", {"name": "Own", "actions": [{"path": "cmd.exe"}], "username": "SYSTEM"}),
    ("community.windows.win_scheduled_task_stat", {"name": "Own"}),
]


@pytest.fixture(scope="module")
def host() -> Caller:
    """One host for all calls; the scheduled task that is looked at is there already."""
    made = small_forest().hosts["MIM1"]
    caller = Caller(made, session_of(made, "mimsetup"))
    caller("community.windows.win_scheduled_task", name="Own", actions=[{"path": "cmd.exe"}], username="SYSTEM")
    return caller


def documented(module: str) -> dict[str, Any]:
    return yaml.safe_load(documentation(module).get("RETURN", "{}")) or {}


@pytest.mark.parametrize(("module", "arguments"), CALLS)
def test_answer_holds_documented_values_only(host: Caller, module: str, arguments: dict[str, Any]) -> None:
    answer = host(module, **arguments)
    known = documented(module)
    assert set(answer) <= set(known) | COMMON | UNDOCUMENTED.get(module, set())
    promised = {name for name, text in known.items() if str(text.get("returned", "")).strip() == "always"}
    assert promised <= set(answer) | {"failed"}


def test_service_information_holds_every_documented_field(host: Caller) -> None:
    fields = documented("ansible.windows.win_service_info")["services"]["contains"]
    # Two names are not those that the module's source returns.
    spelt = {"win32_exitcode": "win32_exit_code", "failure_action_on_non_crash_failure": "failure_actions_on_non_crash_failure"}
    assert set(host("ansible.windows.win_service_info", name="WinRM")["services"][0]) == {spelt.get(name, name) for name in fields}


@pytest.mark.parametrize("part", ["principal", "registration_info", "settings", "state"])
def test_scheduled_task_shows_every_documented_field(host: Caller, part: str) -> None:
    answer = host("community.windows.win_scheduled_task_stat", name="Own")[part]
    # Two names are misspelt in the documentation.
    spelt = {"mulitple_instances": "multiple_instances", "run_only_id_idle": "run_only_if_idle"}
    fields = documented("community.windows.win_scheduled_task_stat")[part]["contains"]
    assert set(answer) == {spelt.get(name, name) for name in fields}
