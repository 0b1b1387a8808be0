# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A scheduled task as the Task Scheduler keeps it, under the names of its COM objects' properties.

Defaults are those of a definition that `ITaskService.NewTask` gives out (Microsoft: Task Scheduler reference).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


def default_settings() -> dict[str, Any]:
    """ITaskSettings. Compatibility 2 is schema version 1.2, 4 is 1.4; MultipleInstances 2 is IgnoreNew."""
    return {
        "AllowDemandStart": True,
        "AllowHardTerminate": True,
        "Compatibility": 2,
        "DeleteExpiredTaskAfter": None,
        "DisallowStartIfOnBatteries": True,
        "DisallowStartOnRemoteAppSession": False,
        "Enabled": True,
        "ExecutionTimeLimit": "PT72H",
        "Hidden": False,
        "IdleSettings": {"IdleDuration": "PT10M", "RestartOnIdle": False, "StopOnIdleEnd": True, "WaitTimeout": "PT1H"},
        "MaintenanceSettings": None,
        "MultipleInstances": 2,
        "NetworkSettings": {"Id": None, "Name": None},
        "Priority": 7,
        "RestartCount": 0,
        "RestartInterval": None,
        "RunOnlyIfIdle": False,
        "RunOnlyIfNetworkAvailable": False,
        "StartWhenAvailable": False,
        "StopIfGoingOnBatteries": True,
        "UseUnifiedSchedulingEngine": False,
        "Volatile": False,
        "WakeToRun": False,
    }


@dataclass
class Principal:
    """Who runs the task: SIDs, empty for none. `logon_type` and `run_level` are TASK_LOGON_TYPE and TASK_RUN_LEVEL."""

    user_sid: str = ""
    group_sid: str = ""
    logon_type: int = 3
    run_level: int = 0
    display_name: str | None = None


@dataclass
class Trigger:
    """`type` is TASK_TRIGGER_TYPE2; `values` the trigger's further properties by their COM names."""

    type: int
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Action:
    """A program to start; the only kind of action that Ansible's module makes."""

    path: str
    arguments: str | None = None
    working_directory: str | None = None


@dataclass
class ScheduledTask:
    """`folder` begins with a backslash (`\\` is the root). `password_hash`: NT hash of a stored password, empty for none."""

    name: str
    folder: str
    actions: list[Action] = field(default_factory=list)
    triggers: list[Trigger] = field(default_factory=list)
    principal: Principal = field(default_factory=Principal)
    registration: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=default_settings)
    password_hash: str = ""
    registered: float = 0.0

    @property
    def path(self) -> str:
        return f"{self.folder.rstrip(chr(92))}\\{self.name}"
