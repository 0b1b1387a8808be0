# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of community.windows.win_scheduled_task_stat (3.1.0)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..estate.host import Host
from ..estate.principals import account_name
from ..estate.scheduled_task import Action, ScheduledTask, Trigger
from ..estate.scheduled_task_times import next_run
from .registry import ModuleCall, twin
from .scheduled_task_options import day_numbers, enum_name, flag_names, week_numbers

# What the Task Scheduler shows for a task that never ran and for one that will not run.
_NEVER_RAN = "1999-11-30T00:00:00"
_NEVER_RUNS = "1899-12-30T00:00:00"
_HAS_NOT_RUN = 0x41303
_REGISTRATION = ("Author", "Date", "Description", "Documentation", "SecurityDescriptor", "Source", "Version")


@twin("community.windows.win_scheduled_task_stat", implements=frozenset({"name", "path"}))
def win_scheduled_task_stat(call: ModuleCall) -> dict[str, Any]:
    folder, name = "\\" + str(call.arguments["path"]).strip("\\"), call.arguments.get("name")
    tasks = [task for task in call.host.scheduled_tasks.values() if task.folder.casefold() == folder.casefold()]
    result: dict[str, Any] = {"changed": False, "folder_exists": bool(tasks) or folder == "\\"}
    if result["folder_exists"]:
        names = sorted(task.name for task in tasks)
        result |= {"folder_task_names": names, "folder_task_count": len(names)}
    if name is None:
        return result
    found = next((task for task in tasks if task.name.casefold() == name.casefold()), None)
    result["task_exists"] = found is not None
    return {**result, **(_describe(call.host, found) if found is not None else {})}


def snake(name: str) -> str:
    """`StopIfGoingOnBatteries` -> `stop_if_going_on_batteries`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _describe(host: Host, task: ScheduledTask) -> dict[str, Any]:
    registration = {**dict.fromkeys(_REGISTRATION), **task.registration, "URI": task.path}
    return {
        "state": _state(host, task),
        "principal": _principal(host, task),
        "registration_info": {"uri" if key == "URI" else snake(key): value for key, value in registration.items()},
        "settings": _snake_keys(task.settings),
        "actions": [_action(action) for action in task.actions],
        "triggers": [_trigger(trigger) for trigger in task.triggers],
    }


def _state(host: Host, task: ScheduledTask) -> dict[str, Any]:
    following = next_run(task, host.now())
    return {
        "last_run_time": _NEVER_RAN,
        "last_task_result": _HAS_NOT_RUN,
        "next_run_time": following.isoformat() if following else _NEVER_RUNS,
        "number_of_missed_runs": 0,
        "status": "TASK_STATE_READY" if task.settings.get("Enabled", True) else "TASK_STATE_DISABLED",
    }


def _principal(host: Host, task: ScheduledTask) -> dict[str, Any]:
    principal = task.principal
    return {
        "display_name": principal.display_name,
        "group_id": account_name(host, principal.group_sid) if principal.group_sid else None,
        "id": "Author",
        "logon_type": enum_name("LOGON", principal.logon_type),
        "run_level": enum_name("RUNLEVEL", principal.run_level),
        "user_id": account_name(host, principal.user_sid) if principal.user_sid else None,
    }


def _action(action: Action) -> dict[str, Any]:
    return {"arguments": action.arguments, "id": None, "path": action.path, "type": enum_name("ACTION", 0), "working_directory": action.working_directory}


def _trigger(trigger: Trigger) -> dict[str, Any]:
    shown = {"Type": enum_name("TRIGGER", trigger.type), **trigger.values}
    for name, text in _FLAGS.items():
        if name in shown:
            shown[name] = text(int(shown[name] or 0))
    return _snake_keys(shown)


def _days(number: int) -> str:
    return flag_names("days", number)


def _months(number: int) -> str:
    return flag_names("months", number)


_FLAGS = {"DaysOfWeek": _days, "DaysOfMonth": day_numbers, "WeeksOfMonth": week_numbers, "MonthsOfYear": _months}


def _snake_keys(values: Mapping[str, Any]) -> dict[str, Any]:
    return {snake(key): _snake_keys(value) if isinstance(value, Mapping) else value for key, value in values.items()}
