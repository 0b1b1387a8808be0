# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""win_scheduled_task and win_scheduled_task_stat."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.principals import resolve
from ansible_collections.mimsync.sharepoint.lab.modules.registry import ModuleFailure
from ansible_collections.mimsync.sharepoint.lab.modules.scheduled_task_options import seconds
from host_support import PASSWORD, Caller
from hypothesis import given
from hypothesis import strategies as st

TASK, STAT = "community.windows.win_scheduled_task", "community.windows.win_scheduled_task_stat"
DELTA: dict[str, Any] = {
    "name": "Delta",
    "path": "\\Own",
    "actions": [{"path": "powershell.exe", "arguments": "-File x.ps1", "working_directory": "C:\\Own"}],
    "triggers": [
        {"type": "daily", "start_boundary": "2026-01-04T00:10:00", "days_interval": 1, "repetition": {"interval": "PT30M", "duration": "P1D"}},
        {"type": "weekly", "start_boundary": "2026-01-04T00:10:00", "days_of_week": "sunday, monday"},
    ],
    "username": "EXAMPLE\\svc-mimsync",
    "password": PASSWORD,
    "update_password": False,
    "logon_type": "s4u",
    "run_level": "highest",
    "execution_time_limit": "P1D",
    "compatibility": 4,
    "start_when_available": False,
}


def test_check_apply_again_absent(member: Caller) -> None:
    assert member.checking()(TASK, **DELTA)["changed"]
    assert not member(STAT, name="Delta", path="\\Own")["folder_exists"]
    assert member(TASK, **DELTA)["changed"]
    assert not member(TASK, **DELTA)["changed"]
    assert not member.checking()(TASK, **DELTA)["changed"]
    assert member.checking()(TASK, name="Delta", path="Own", state="absent")["changed"]
    assert member(TASK, name="Delta", path="Own", state="absent")["changed"]
    assert not member(TASK, name="Delta", path="Own", state="absent")["changed"]


def test_stat_shows_what_was_registered(member: Caller) -> None:
    member(TASK, **DELTA)
    found = member(STAT, name="delta", path="\\Own")
    assert (found["task_exists"], found["folder_task_names"]) == (True, ["Delta"])
    assert found["principal"]["user_id"] == "EXAMPLE\\svc-mimsync"
    assert (found["principal"]["logon_type"], found["principal"]["run_level"]) == ("TASK_LOGON_S4U", "TASK_RUNLEVEL_HIGHEST")
    assert (found["settings"]["execution_time_limit"], found["settings"]["compatibility"], found["settings"]["multiple_instances"]) == ("P1D", 4, 2)
    daily, weekly = found["triggers"]
    assert daily["repetition"] == {"duration": "P1D", "interval": "PT30M", "stop_at_duration_end": False}
    assert (weekly["type"], weekly["days_of_week"], weekly["weeks_interval"]) == ("TASK_TRIGGER_WEEKLY", "sunday,monday", 1)
    assert found["actions"][0]["working_directory"] == "C:\\Own"
    assert found["state"]["status"] == "TASK_STATE_READY"
    assert found["state"]["next_run_time"] == "2026-01-05T08:10:00"


def test_every_difference_is_found_and_shown(member: Caller) -> None:
    member(TASK, **DELTA)
    changed = {
        **DELTA,
        "priority": 4,
        "run_level": "limited",
        "actions": [{"path": "powershell.exe", "arguments": "-File y.ps1"}],
        "triggers": DELTA["triggers"][:1],
    }
    text = member.diffing()(TASK, **changed)["diff"]["prepared"]
    for line in (
        "-Arguments=-File x.ps1",
        "+Arguments=-File y.ps1",
        "-RunLevel=TASK_RUNLEVEL_HIGHEST\n+RunLevel=TASK_RUNLEVEL_LUA",
        "-Priority=7\n+Priority=4",
        "-trigger[1] = {",
    ):
        assert line in text
    assert PASSWORD not in text
    assert not member(TASK, **changed)["changed"]


def test_password_counts_as_a_change_unless_told_otherwise(member: Caller) -> None:
    stored = {**DELTA, "logon_type": "password", "update_password": True}
    member(TASK, **stored)
    assert member(TASK, **stored)["changed"]
    assert not member(TASK, **{**stored, "update_password": False})["changed"]


@pytest.mark.parametrize("logon", ["s4u", "password"])
def test_wrong_password_is_refused_and_leaves_a_bare_task(member: Caller, logon: str) -> None:
    with pytest.raises(ModuleFailure, match=r"failed to modify scheduled task: .*The user name or password is incorrect\."):
        member(TASK, **{**DELTA, "logon_type": logon, "password": "wrong"})
    assert member(STAT, name="Delta", path="\\Own")["principal"]["logon_type"] == "TASK_LOGON_INTERACTIVE_TOKEN"
    assert member(TASK, **DELTA)["changed"]


def test_batch_right_comes_with_the_task_once(member: Caller) -> None:
    sid = resolve(member.host, "EXAMPLE\\svc-mimsync")
    assert sid not in member.host.user_rights["SeBatchLogonRight"]
    member(TASK, **DELTA)
    assert sid in member.host.user_rights["SeBatchLogonRight"]


def test_administrators_have_the_batch_right_already(member: Caller) -> None:
    before = set(member.host.user_rights["SeBatchLogonRight"])
    member(TASK, **{**DELTA, "username": "EXAMPLE\\mimsetup"})
    assert member.host.user_rights["SeBatchLogonRight"] == before


def test_built_in_account_needs_no_password(member: Caller) -> None:
    member(TASK, name="Own", actions=[{"path": "cmd.exe"}], username="SYSTEM")
    found = member(STAT, name="Own")["principal"]
    assert (found["user_id"], found["logon_type"]) == ("NT AUTHORITY\\SYSTEM", "TASK_LOGON_SERVICE_ACCOUNT")


def test_others_than_administrators_may_not(member: Caller) -> None:
    with pytest.raises(ModuleFailure, match="Access is denied"):
        member.as_user("plain")(TASK, **DELTA)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"username": "EXAMPLE\\nobody"}, "account_name EXAMPLE\\\\nobody is not a valid account, cannot get SID"),
        ({"password": None}, "password must be set when logon_type=s4u"),
        ({"group": "Users"}, "username and group can not be set at the same time"),
        ({"logon_type": "service_account"}, "username must be SYSTEM, LOCAL SERVICE or NETWORK SERVICE when logon_type=service_account"),
        ({"name": "a/b"}, "Invalid task name 'a/b'"),
        ({"actions": [{"pth": "x"}]}, "action entry must contain the key 'path'"),
        ({"actions": None}, "cannot create a task with no actions"),
        ({"triggers": [{"start_boundary": "2026-01-01T00:00:00"}]}, "a trigger entry must contain a key 'type'"),
        ({"triggers": [{"type": "hourly"}]}, "the specified trigger type 'hourly' is not valid"),
        ({"triggers": [{"type": "daily"}]}, "mandatory key 'start_boundary' for trigger is not set"),
        ({"triggers": [{"type": "daily", "start_boundary": "tomorrow"}]}, "trigger option 'start_boundary' must be in the format"),
        ({"triggers": [{"type": "weekly", "start_boundary": "2026-01-01T00:00:00", "days_of_week": "sun"}]}, "invalid day of week 'sun'"),
        ({"triggers": [{"type": "boot", "delay": "1 minute"}]}, "trigger option 'delay' must be in the XML duration format but was '1 minute'"),
        ({"triggers": [{"type": "boot", "repetition": {"interval": "PT2H", "duration": "PT1H"}}]}, "must be less than or equal to 'duration' value 'PT1H'"),
        ({"execution_time_limit": "3 days"}, "incorrectly formatted or out of range"),
    ],
)
def test_refusals(member: Caller, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ModuleFailure, match=message):
        member(TASK, **{**DELTA, **options})


def test_unknown_keys_of_a_trigger_are_warned_about(member: Caller) -> None:
    answer = member(TASK, **{**DELTA, "triggers": [{"type": "boot", "weeks_interval": 2}]})
    assert answer["warnings"] == [
        "key 'weeks_interval' for trigger entry is not valid and will be ignored, valid keys are "
        "'delay', 'enabled', 'end_boundary', 'execution_time_limit', 'start_boundary', 'repetition'"
    ]


@given(st.integers(0, 400), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_durations(days: int, hours: int, minutes: int, rest: int) -> None:
    assert seconds(f"P{days}DT{hours}H{minutes}M{rest}S") == ((days * 24 + hours) * 60 + minutes) * 60 + rest


@pytest.mark.parametrize("text", ["", "P", "PT", "1D", "P1H", "P1DT", "p1d"])
def test_no_durations(text: str) -> None:
    assert seconds(text) is None
