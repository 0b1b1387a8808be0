# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Role sync_schedule on the lab: check, apply, again, drift, mend, remove."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.scheduled_task import ScheduledTask
from ansible_collections.mimsync.sharepoint.lab.harness import Lab

from .site_run import Outcome, play

pytestmark = pytest.mark.xdist_group("sync_schedule")

PLAYBOOK = """
- name: Schedule synchronization
  hosts: sync_servers
  gather_facts: false
  roles:
    - role: mimsync.sharepoint.sync_schedule

- name: Schedule photos
  hosts: sharepoint_servers
  gather_facts: false
  tasks:
    - name: Schedule the photo task
      ansible.builtin.include_role:
        name: mimsync.sharepoint.sync_schedule
        tasks_from: photos
"""
# Scenario 2's settings, by the names of the Task Scheduler.
SETTINGS = {
    "MultipleInstances": 2, "DisallowStartIfOnBatteries": True, "StopIfGoingOnBatteries": True, "StartWhenAvailable": False,
    "RunOnlyIfNetworkAvailable": False, "AllowHardTerminate": True, "AllowDemandStart": True, "Enabled": True, "Hidden": False,
    "WakeToRun": False, "Priority": 7, "Compatibility": 4,
}  # fmt: skip
FULL, DELTA, PHOTOS = "\\sharepoint sync - full", "\\sharepoint sync - delta", "\\sharepoint sync - photos"
S4U, STORED_PASSWORD = 2, 1


@pytest.fixture(scope="module")
def playbook(tmp_path_factory: pytest.TempPathFactory, small_lab: Lab) -> Path:
    """The photo account exists; role `directory` makes it otherwise."""
    directory = small_lab.estate.directory
    attributes = {"sAMAccountName": "svc-spphoto", "userAccountControl": 0x200}
    directory.create(f"CN=svc-spphoto,CN=Users,{directory.domain_dn}", "user", attributes, password=small_lab.secrets["vault_svc_spphoto_password"])
    path = tmp_path_factory.mktemp("play") / "schedule.yml"
    path.write_text(PLAYBOOK)
    return path


@pytest.fixture(autouse=True)
def no_tasks(small_lab: Lab) -> None:
    for host in small_lab.estate.hosts.values():
        host.scheduled_tasks.clear()


def run(lab: Lab, playbook: Path, *options: str) -> Outcome:
    return play(playbook, lab.inventory, *options)


def changed(outcome: Outcome) -> int:
    return outcome.succeeded().counts["changed"]


def task(lab: Lab, host: str, path: str) -> ScheduledTask:
    return lab.estate.hosts[host].scheduled_tasks[path]


def facts(found: ScheduledTask) -> tuple[Any, ...]:
    return (found.principal.logon_type, found.principal.run_level, found.settings["ExecutionTimeLimit"])


def test_check_changes_nothing_and_apply_does_what_the_table_says(small_lab: Lab, playbook: Path) -> None:
    assert changed(run(small_lab, playbook, "--check", "--diff")) == 3
    assert not small_lab.estate.hosts["MIM1"].scheduled_tasks
    outcome = run(small_lab, playbook, "-vvv")
    assert changed(outcome) == 3
    assert not [name for name, secret in small_lab.secrets.items() if secret in outcome.output]
    full, delta, photos = task(small_lab, "MIM1", FULL), task(small_lab, "MIM1", DELTA), task(small_lab, "SP1", PHOTOS)
    assert facts(full) == (S4U, 1, "P3D")
    assert facts(delta) == (S4U, 1, "P1D")
    assert facts(photos) == (STORED_PASSWORD, 1, "PT12H")
    for found in (full, delta, photos):
        assert {name: found.settings[name] for name in SETTINGS} == SETTINGS
        assert found.settings["IdleSettings"]["StopOnIdleEnd"] is True
    assert (full.triggers[0].type, full.triggers[0].values["DaysOfWeek"]) == (3, 1)
    assert (delta.triggers[0].values["Repetition"]["Interval"], delta.triggers[0].values["Repetition"]["Duration"]) == ("PT30M", "P1D")
    assert photos.triggers[0].values["StartBoundary"].endswith("T23:00:00")
    assert full.actions[0].path == "powershell.exe"
    assert full.actions[0].working_directory == "C:\\SharePointSync"
    assert '"C:\\SharePointSync\\MIMSharePointSyncTask.ps1"' in str(full.actions[0].arguments)
    assert '"C:\\SharePointSync\\MIMSharePointSyncDelta.ps1"' in str(delta.actions[0].arguments)
    command = str(photos.actions[0].arguments)
    assert "Add-PSSnapin Microsoft.SharePoint.PowerShell; Update-SPProfilePhotoStore -MySiteHostLocation 'https://my.corp.example.com'" in command


def test_again_changes_nothing_and_drift_is_mended(small_lab: Lab, playbook: Path) -> None:
    run(small_lab, playbook).succeeded()
    small_lab.reset_executions()
    assert changed(run(small_lab, playbook)) == 0
    assert small_lab.executions() == 3
    task(small_lab, "MIM1", DELTA).settings["Enabled"] = False
    del small_lab.estate.hosts["SP1"].scheduled_tasks[PHOTOS]
    assert changed(run(small_lab, playbook)) == 2
    assert task(small_lab, "MIM1", DELTA).settings["Enabled"] is True
    assert changed(run(small_lab, playbook, "--check")) == 0


@pytest.mark.parametrize(
    ("host", "variables", "message"),
    [
        ("SP1", '{"mimsync_mysite_url": "my host"}', "now 'my host'"),
        ("MIM1", '{"sync_schedule_account": {"name": "x$", "password": "y", "group_managed": true}}', "an account that is not group-managed"),
        ("MIM1", '{"sync_schedule_state": "gone"}', "value of sync_schedule_state must be one of: present, absent, got: gone"),
    ],
)
def test_bad_input_is_named_before_anything_changes(small_lab: Lab, playbook: Path, host: str, variables: str, message: str) -> None:
    outcome = run(small_lab, playbook, "--limit", host, "-e", variables)
    assert outcome.code != 0
    assert message in outcome.output
    assert not small_lab.estate.hosts[host].scheduled_tasks


def test_own_account_gets_the_batch_logon_first(small_lab: Lab, playbook: Path) -> None:
    """Any account will do here; the photo task's is one that is no administrator."""
    account = '{"mimsync_schedule_account": {"name": "svc-spphoto", "password": "{{ vault_svc_spphoto_password }}"}}'
    options = ("--limit", "MIM1", "-e", account)
    assert changed(run(small_lab, playbook, *options, "--check")) == 3
    assert changed(run(small_lab, playbook, *options)) == 3
    assert changed(run(small_lab, playbook, *options)) == 0
    entry = small_lab.estate.directory.resolve("svc-spphoto")
    assert entry is not None
    assert entry.sid in small_lab.estate.hosts["MIM1"].user_rights["SeBatchLogonRight"]


def test_wrong_password_is_refused_and_a_rerun_succeeds(small_lab: Lab, playbook: Path) -> None:
    wrong = '{"mimsync_schedule_account": {"name": "svc-spphoto", "password": "Not-It.1"}}'
    outcome = run(small_lab, playbook, "--limit", "MIM1", "-e", wrong)
    assert outcome.code != 0
    assert "Schedule the full synchronization: failed to modify scheduled task" in outcome.output
    assert "The user name or password is incorrect" in outcome.output
    assert "Not-It.1" not in outcome.output.replace(wrong, "")
    run(small_lab, playbook, "--limit", "MIM1").succeeded()
    assert task(small_lab, "MIM1", FULL).principal.logon_type == S4U


def test_absent_removes_the_tasks(small_lab: Lab, playbook: Path) -> None:
    run(small_lab, playbook).succeeded()
    gone = ("-e", "sync_schedule_state=absent")
    assert changed(run(small_lab, playbook, *gone)) == 2
    assert changed(run(small_lab, playbook, *gone)) == 0
    assert not small_lab.estate.hosts["SP1"].scheduled_tasks
