# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the scenario built, asked over WinRM as anybody would ask a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import testinfra

SERVICE = "FIMSynchronizationService"
INVENTORY = Path(__file__).resolve().parents[3] / ".lab-molecule" / "inventory"


def ask(name: str, module: str, arguments: str) -> dict[str, Any]:
    host = testinfra.get_host(f"ansible://{name}?ansible_inventory={INVENTORY}")
    answer: dict[str, Any] = host.ansible(module, arguments, check=False)
    assert not answer.get("failed"), answer
    return answer


@pytest.mark.parametrize(("name", "state"), [("MIM1", "started"), ("MIM2", "stopped")])
def test_one_synchronization_service_runs_and_the_other_stands_by(name: str, state: str) -> None:
    (service,) = ask(name, "ansible.windows.win_service_info", f"name={SERVICE}")["services"]
    assert service["state"] == state


def test_the_configuration_was_backed_up_before_it_was_changed() -> None:
    assert ask("MIM1", "ansible.windows.win_stat", r"path=C:\SharePointSync\Backup")["stat"]["isdir"]


def test_both_tasks_are_scheduled() -> None:
    answer = ask("MIM1", "community.windows.win_scheduled_task_stat", r'path=\\ name="SharePoint Sync - Delta"')
    assert answer["task_exists"]


def test_people_are_exported_to_sharepoint_and_confirmed_by_an_import() -> None:
    agents = {agent["name"]: agent for agent in ask("MIM1", "mimsync.sharepoint.server_info", "")["agents"]}
    assert agents["SPMA"]["last_run"]["status"] == "success"
    assert int(agents["SPMA"]["counters"]["NumTotalConnectors"]) > 0
    assert int(agents["SPMA"]["counters"]["NumExportAdd"]) == 0
