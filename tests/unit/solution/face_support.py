# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls an action as Ansible does, with the lab's host at the other end of `_execute_module`."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from unittest.mock import MagicMock

from ansible_collections.mimsync.sharepoint.lab.estate.host import Host
from ansible_collections.mimsync.sharepoint.lab.estate.session import Session
from ansible_collections.mimsync.sharepoint.tests.conformance.module_sender import send

ACTIONS = "ansible_collections.mimsync.sharepoint.plugins.action"


@dataclass
class Caller:
    """`executions` are the remote executions so far, by module."""

    host: Host
    session: Session
    executions: list[str] = field(default_factory=list)

    def call(self, noun: str, *, check: bool = False, diff: bool = False, **arguments: Any) -> dict[str, Any]:
        """The action's result."""
        task = MagicMock(args=arguments, check_mode=check, diff=diff, async_val=0, action=f"mimsync.sharepoint.{noun}")
        action = import_module(f"{ACTIONS}.{noun}").ActionModule(task, MagicMock(), MagicMock(), MagicMock(), MagicMock(), MagicMock())

        def execute(module_name: str, module_args: dict[str, Any], **_rest: Any) -> dict[str, Any]:
            self.executions.append(module_name)
            return send(self.host, module_name, module_args, check_mode=check, diff=diff, session=self.session)

        action._execute_module = execute
        result: dict[str, Any] = action.run(task_vars={"inventory_hostname": self.host.name})
        return result
