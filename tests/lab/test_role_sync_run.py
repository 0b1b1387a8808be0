# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The role sync_run on a host where MIM is configured: rehearsed, run, not needed, needed again, and stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab
from ansible_collections.mimsync.sharepoint.tests.lab.site_run import Outcome, play
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import STAFF, MimEstate, built_in_files, configure, make_mim_estate


@pytest.fixture(scope="module")
def mim() -> MimEstate:
    made = make_mim_estate(people=20)
    configure(made, built_in_files(made))
    return made


@pytest.fixture(scope="module")
def lab(mim: MimEstate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab"), estate=mim.estate) as running:
        yield running


@pytest.fixture(scope="module")
def playbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("play") / "run.yml"
    content = [{"hosts": "sync_servers", "gather_facts": False, "roles": [{"role": "mimsync.sharepoint.sync_run"}]}]
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def run(lab: Lab, playbook: Path, *options: str, **variables: Any) -> Outcome:
    extra = ["-e", json.dumps({"mimsync_report_folder": str(playbook.parent / "reports"), **variables})]
    lab.reset_executions()
    return play(playbook, lab.inventory, *options, *extra)


def profiles(mim: MimEstate) -> int:
    return sum(1 for _unused in mim.farm.service_application.store.live("user"))


def test_from_rehearsal_to_a_limit_that_stops_it(lab: Lab, playbook: Path, mim: MimEstate) -> None:
    rehearsed = run(lab, playbook, "--check", "--diff").succeeded()
    assert rehearsed.counts["changed"] == 1 and "would run SPMA Export" in rehearsed.output
    assert profiles(mim) == 0 and mim.service.history(mim.admin) == []
    page = playbook.parent / "reports" / "cycle-MIM1.html"
    assert not page.exists()

    first = run(lab, playbook, "--diff").succeeded()
    assert first.counts["changed"] == 1
    assert profiles(mim) == 20
    assert "ADMA FullImport: success" in first.output and "completed-no-objects" in first.output
    assert "completed-no-objects" in page.read_text(encoding="utf-8")
    assert lab.executions() == 8, "one read, one for each of the seven steps"

    assert run(lab, playbook).succeeded().counts["changed"] == 0
    assert lab.executions() == 1
    assert run(lab, playbook, "--check").succeeded().counts["changed"] == 0
    assert run(lab, playbook, sync_run_type="delta", sync_run_when="always").succeeded().counts["changed"] == 0

    people = [entry for entry in mim.estate.directory.search(STAFF, query="(objectClass=user)") if not entry.get("msDS-SourceObjectDN")]
    for entry in people[:8]:
        mim.estate.directory.delete(entry)
    stopped = run(lab, playbook, sync_run_type="delta", sync_run_when="always")
    assert stopped.code != 0 and "limits.deletes_percent allows 10 %" in stopped.output
    assert profiles(mim) == 20 and "limits.deletes_percent allows 10 %" in page.read_text(encoding="utf-8")
    assert run(lab, playbook, sync_run_limits={"deletes_percent": 50}).succeeded().counts["changed"] == 1, "exports are pending, so the cycle is needed"
    assert profiles(mim) == 12


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"sync_run_agents": {"directory": ["NOPE"]}}, "The server has no management agent named NOPE; it has "),
        ({"sync_run_steps": [{"agent": "ADMA", "profile": "Nonsense"}]}, "Nonsense"),
        ({"sync_run_limits": {"deletes_percent": 101}}, "deletes_percent lies between 0 and 100"),
        ({"sync_run_poll_seconds": 0}, "poll_seconds: 0 s is no time to wait"),
        ({"sync_run_type": "partial"}, "value of sync_run_type must be one of"),
    ],
)
def test_mistakes_are_named(lab: Lab, playbook: Path, variables: dict[str, Any], message: str) -> None:
    outcome = run(lab, playbook, **{"sync_run_when": "always", **variables})
    assert outcome.code != 0
    assert message in " ".join(outcome.output.split())


def test_a_step_that_fails_stops_the_cycle_and_is_told(lab: Lab, playbook: Path, mim: MimEstate) -> None:
    secrets, mim.service.state.secrets = dict(mim.service.state.secrets), {}
    outcome = run(lab, playbook, sync_run_when="always")
    mim.service.state.secrets = secrets
    assert outcome.code != 0 and "ADMA FullImport ended with no-start-credentials" in outcome.output
    assert run(lab, playbook).succeeded().counts["ok"] > 0, "a step that failed last time makes the cycle needed"
