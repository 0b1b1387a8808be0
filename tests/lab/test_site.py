# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The whole estate by site.yml: built, unchanged by a second run, mended by enforce.yml, without a secret in any output."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.estate import EstateOptions
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab

from .site_run import PLAYBOOKS, Outcome, fingerprint, play

# Of issue "the main job runs": what the second run of site.yml may cost over the five hosts.
REMOTE_EXECUTIONS = 60


@dataclass(frozen=True)
class Built:
    lab: Lab
    rehearsal: Outcome
    touched: list[str]
    first: Outcome
    second: Outcome
    executions: int


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("site")
    with running_lab(folder, EstateOptions(people=60), fresh=True) as lab:
        before = fingerprint(lab.estate)
        rehearsal = play(PLAYBOOKS / "site.yml", lab.inventory, "--check", "--diff")
        touched = [name for name, digest in fingerprint(lab.estate).items() if digest != before[name]]
        first = play(PLAYBOOKS / "site.yml", lab.inventory, "-vvv", "--diff")
        lab.reset_executions()
        second = play(PLAYBOOKS / "site.yml", lab.inventory)
        yield Built(lab, rehearsal, touched, first, second, lab.executions())


def test_a_rehearsal_in_check_mode_on_an_empty_estate_ends_well(built: Built) -> None:
    built.rehearsal.succeeded()


def test_a_rehearsal_changes_nothing(built: Built) -> None:
    assert not built.touched


def test_the_first_run_builds_everything(built: Built) -> None:
    assert built.first.succeeded().counts["changed"] > 20


def test_the_second_run_changes_nothing(built: Built) -> None:
    assert built.second.succeeded().counts["changed"] == 0


def test_the_second_run_is_frugal(built: Built) -> None:
    assert built.executions <= REMOTE_EXECUTIONS


def test_no_secret_is_in_the_most_talkative_output(built: Built) -> None:
    found = [name for name, secret in built.lab.secrets.items() if secret in built.first.output + built.rehearsal.output]
    assert built.lab.secrets
    assert not found


def test_no_secret_is_left_on_a_host_or_in_the_labs_own_files(built: Built) -> None:
    secrets = {name: secret.encode() for name, secret in built.lab.secrets.items()}
    files = [(host.name, node.name, node.content) for host in built.lab.estate.hosts.values() for node in host.files.nodes.values() if node.content]
    left = [(host, name) for host, name, content in files if any(secret in content for secret in secrets.values())]
    logs = [path.name for path in Path(built.lab.folder.path).glob("*.log") if any(secret in path.read_bytes() for secret in secrets.values())]
    assert not left + logs


def test_drift_by_hand_is_mended_and_nothing_else_is_touched(built: Built) -> None:
    lab = built.lab
    groups = lab.call("get_attributes", account="MIMSyncOperators")
    lab.call("set_service", host="MIM1", service="FIMSynchronizationService", state="stopped")
    lab.call("remove_file", host="MIM1", path=r"C:\SharePointSync\SharePointSync.psm1")
    lab.call("set_user_right", host="MIM1", right="SeDenyInteractiveLogonRight", accounts=[])
    mended = play(PLAYBOOKS / "enforce.yml", lab.inventory).succeeded()
    assert mended.counts["changed"] >= 3
    assert lab.estate.host("MIM1").service("FIMSynchronizationService").state == "running"
    assert lab.estate.host("MIM1").files.exists(r"C:\SharePointSync\SharePointSync.psm1")
    assert lab.call("get_attributes", account="MIMSyncOperators") == groups
    assert play(PLAYBOOKS / "enforce.yml", lab.inventory).succeeded().counts["changed"] == 0


def test_enforcing_needs_no_media_where_nothing_is_missing(built: Built) -> None:
    files = built.lab.estate.host("MIM1").files
    kept = dict(files.nodes)
    files.remove(r"C:\Media")
    try:
        assert play(PLAYBOOKS / "enforce.yml", built.lab.inventory).succeeded().counts["changed"] == 0
    finally:
        files.nodes.update(kept)


def test_a_changed_person_reaches_sharepoint_by_a_delta_cycle(built: Built) -> None:
    lab = built.lab
    person = next(row for row in lab.call("people", limit=200) if row["mail"] and "OU=Staff" in row["dn"] and "OU=Leavers" not in row["dn"])
    lab.call("set_attributes", account=person["sAMAccountName"], attributes={"telephoneNumber": "+47 22 00 11 22"})
    play(PLAYBOOKS / "cycle.yml", lab.inventory, "-e", "mimsync_cycle=delta").succeeded()
    rows = lab.call("profiles", limit=1000)
    assert next(row for row in rows if row["account"].casefold().endswith("\\" + person["sAMAccountName"].casefold()))["phone"] == "+47 22 00 11 22"
