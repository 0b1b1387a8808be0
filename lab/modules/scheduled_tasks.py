# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of community.windows.win_scheduled_task (3.1.0).

As the real one it registers a bare task first and configures it in a second step, so that a refused account leaves
the bare task behind.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..estate.directory_sids import nt_hash
from ..estate.host import Host
from ..estate.principals import right_refusal, stored_credential_refusal
from ..estate.scheduled_task import Action, Principal, ScheduledTask
from .failures import legacy_name, legacy_sid, method_failed
from .registry import ModuleCall, ModuleFailure, twin
from .scheduled_task_changes import Comparison, compare_actions, compare_triggers, compare_values, pascal
from .scheduled_task_options import BUILTIN_ACCOUNTS, LOGON_TYPES, RUN_LEVELS, actions_of, check_logon, check_name, enum_name, seconds, triggers_of

_SETTINGS = (
    "allow_demand_start", "allow_hard_terminate", "compatibility", "delete_expired_task_after", "disallow_start_if_on_batteries",
    "execution_time_limit", "enabled", "hidden", "multiple_instances", "priority", "restart_count", "restart_interval",
    "run_only_if_idle", "run_only_if_network_available", "start_when_available", "stop_if_going_on_batteries", "wake_to_run",
)  # fmt: skip
_REGISTRATION = ("author", "date", "description", "source", "version")
_PRINCIPAL = ("display_name", "group", "logon_type", "run_level", "username", "password", "update_password")
_DURATIONS = ("DeleteExpiredTaskAfter", "ExecutionTimeLimit", "RestartInterval")

_WRONG_PASSWORD = "The user name or password is incorrect. (Exception from HRESULT: 0x8007052E)"
_NO_ACCESS = "Access is denied. (Exception from HRESULT: 0x80070005 (E_ACCESSDENIED))"
_BAD_VALUE = "The task XML contains a value which is incorrectly formatted or out of range. (Exception from HRESULT: 0x80041318)"


@dataclass(frozen=True)
class Wanted:
    """The converted options; SIDs and lists are None where nothing was given."""

    options: Mapping[str, Any]
    folder: str
    user_sid: str | None
    group_sid: str | None
    actions: list[dict[str, Any]] | None
    triggers: list[dict[str, Any]] | None

    @property
    def name(self) -> str:
        return str(self.options["name"])

    @property
    def path(self) -> str:
        return f"{self.folder.rstrip(chr(92))}\\{self.name}"


@twin(
    "community.windows.win_scheduled_task",
    implements=frozenset({"name", "path", "state", "actions", "triggers", *_SETTINGS, *_REGISTRATION, *_PRINCIPAL}),
)
def win_scheduled_task(call: ModuleCall) -> dict[str, Any]:
    wanted = _wanted(call)
    key = wanted.path.casefold()
    task = call.host.scheduled_tasks.get(key)
    if wanted.options["state"] == "absent":
        return _absent(call, wanted, task)
    result: dict[str, Any] = {"changed": False}
    if call.diff:
        result["diff"] = {}
    if task is None:
        _create(call, wanted, result)
        task = call.host.scheduled_tasks.get(key)
    if task is not None:
        _configure(call, wanted, task, result)
    return result


def _wanted(call: ModuleCall) -> Wanted:
    options = call.arguments
    check_name(str(options["name"]))
    user_sid = legacy_sid(call.host, options["username"]) if options.get("username") else None
    group_sid = legacy_sid(call.host, options["group"]) if options.get("group") else None
    check_logon(options, user_sid)
    actions, triggers = actions_of(options), triggers_of(options, call.host.now())
    path = str(options.get("path") or "\\")
    folder = "\\" + path.strip("\\")
    return Wanted(options, folder, user_sid, group_sid, actions, triggers)


def _absent(call: ModuleCall, wanted: Wanted, task: ScheduledTask | None) -> dict[str, Any]:
    if task is None:
        return {"changed": False, **({"diff": {}} if call.diff else {})}
    if not call.session.administrator:
        text = method_failed("DeleteTask", 2, _NO_ACCESS)
        raise ModuleFailure(f"failed to delete task '{wanted.name}' at path '{wanted.folder}': {text}")
    if not call.check_mode:
        del call.host.scheduled_tasks[wanted.path.casefold()]
    return {"changed": True, **({"diff": {"prepared": f"-[Task]\n-{wanted.path}\n"}} if call.diff else {})}


def _create(call: ModuleCall, wanted: Wanted, result: dict[str, Any]) -> None:
    """Registers a task that does nothing but its actions, for the caller, as an interactive one."""
    if not wanted.actions:
        raise ModuleFailure("cannot create a task with no actions, set at least one action with a path to an executable")
    if not call.session.administrator:
        raise ModuleFailure(f"failed to register new task definition: {method_failed('RegisterTaskDefinition', 6, _NO_ACCESS)}")
    if not call.check_mode:
        actions = [Action(each["path"], each.get("arguments"), each.get("working_directory")) for each in wanted.actions]
        task = ScheduledTask(wanted.name, wanted.folder, actions, principal=Principal(call.session.sid), registered=call.host.now())
        call.host.scheduled_tasks[wanted.path.casefold()] = task
    result["changed"] = True
    if call.diff:
        result["diff"]["prepared"] = _creation_diff(wanted)


def _creation_diff(wanted: Wanted) -> str:
    lines = [f"+[Task]\n+{wanted.path}\n\n[Actions]\n"]
    for action in wanted.actions or ():
        lines.append(f"+action[0] = {{\n  +Type={enum_name('ACTION', 0)},\n  +Path={action['path']}\n")
        lines.extend(f"  +{pascal(name)}={action[name]}\n" for name in ("arguments", "working_directory") if action.get(name) is not None)
        lines.append("+}\n")
    return "".join(lines)


def _configure(call: ModuleCall, wanted: Wanted, task: ScheduledTask, result: dict[str, Any]) -> None:
    changed = copy.deepcopy(task)
    sections, warnings = _compare(call.host, wanted, changed)
    password = wanted.options.get("password")
    stores = password is not None and (wanted.options["update_password"] or bool(sections))
    if warnings:
        result["warnings"] = warnings
    if not sections and not stores:
        return
    _register(call, changed, str(password) if stores else None)
    result["changed"] = True
    if call.diff:
        text = "\n".join(line for title, lines in sections for line in (title, *lines, "\n"))
        before = result["diff"].get("prepared")
        result["diff"]["prepared"] = (f"{before}\n{text}" if before is not None else text).strip()


def _compare(host: Host, wanted: Wanted, task: ScheduledTask) -> tuple[list[tuple[str, list[str]]], list[str]]:
    """Changes the copy to what is wanted; gives the sections of the diff and the warnings."""
    options = wanted.options
    actions, triggers = Comparison(), Comparison()
    if wanted.actions is not None:
        task.actions = compare_actions(task.actions, wanted.actions, actions)
    principal = _compare_principal(host, wanted, task.principal)
    registration = compare_values(task.registration, {pascal(name): options.get(name) for name in _REGISTRATION})
    settings = compare_values(task.settings, {pascal(name): options.get(name) for name in _SETTINGS})
    if wanted.triggers is not None:
        task.triggers = compare_triggers(task.triggers, wanted.triggers, triggers)
    sections = [
        ("[Actions]", actions.changes),
        ("[Principal]", principal),
        ("[Registration Info]", registration),
        ("[Settings]", settings),
        ("[Triggers]", triggers.changes),
    ]
    return [section for section in sections if section[1]], actions.warnings + triggers.warnings


def _compare_principal(host: Host, wanted: Wanted, principal: Principal) -> list[str]:
    options = wanted.options
    values: dict[str, Any] = {"DisplayName": principal.display_name, "LogonType": principal.logon_type, "RunLevel": principal.run_level}
    given = {
        "DisplayName": options.get("display_name"),
        "LogonType": LOGON_TYPES.get(str(options.get("logon_type"))),
        "RunLevel": RUN_LEVELS.get(str(options.get("run_level"))),
    }
    changes = compare_values(values, given, {"LogonType": "LOGON", "RunLevel": "RUNLEVEL"})
    principal.display_name, principal.logon_type, principal.run_level = values["DisplayName"], values["LogonType"], values["RunLevel"]
    if wanted.user_sid is not None and wanted.user_sid != principal.user_sid:
        changes.append(_who(host, principal) + f"+UserId={legacy_name(host, wanted.user_sid)}")
        principal.user_sid, principal.group_sid = wanted.user_sid, ""
    if wanted.group_sid is not None and wanted.group_sid != principal.group_sid:
        changes.append(_who(host, principal) + f"+GroupId={legacy_name(host, wanted.group_sid)}")
        principal.user_sid, principal.group_sid = "", wanted.group_sid
    return changes


def _who(host: Host, principal: Principal) -> str:
    """The line of the diff for whoever ran the task until now."""
    if principal.group_sid:
        return f"-GroupId={legacy_name(host, principal.group_sid)}\n"
    return f"-UserId={legacy_name(host, principal.user_sid)}\n" if principal.user_sid else ""


def _register(call: ModuleCall, task: ScheduledTask, password: str | None) -> None:
    """What the Task Scheduler checks when a definition is registered, also when it only validates."""
    problem = "" if call.session.administrator else _NO_ACCESS
    if any(seconds(str(task.settings[name])) is None for name in _DURATIONS if task.settings.get(name)):
        problem = problem or _BAD_VALUE
    principal = task.principal
    if principal.user_sid in BUILTIN_ACCOUNTS:
        principal.logon_type = LOGON_TYPES["service_account"]
    needs_password = principal.logon_type in (LOGON_TYPES["password"], LOGON_TYPES["s4u"])
    password_hash = nt_hash(password).hex() if password is not None else ""
    if (
        (needs_password or password is not None)
        and principal.user_sid not in BUILTIN_ACCOUNTS
        and stored_credential_refusal(call.host, principal.user_sid, password_hash)
    ):
        problem = problem or _WRONG_PASSWORD
    if problem:
        raise ModuleFailure(f"failed to modify scheduled task: {method_failed('RegisterTaskDefinition', 6, problem)}")
    if call.check_mode:
        return
    if needs_password:
        _grant_batch_right(call.host, principal.user_sid)
    # Only "Password" keeps it; S4U proves who the account is and forgets.
    task.password_hash = password_hash if principal.logon_type == LOGON_TYPES["password"] else ""
    call.host.scheduled_tasks[task.path.casefold()] = task


def _grant_batch_right(host: Host, sid: str) -> None:
    """Scheduling a task for an account gives it "Log on as a batch job" (Microsoft: page on that security setting)."""
    if right_refusal(host, sid, "Batch"):
        host.user_rights.setdefault("SeBatchLogonRight", set()).add(sid)
