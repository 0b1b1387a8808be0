# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.cycle.plan import AgentState, CycleStep, Limits, ServerCycleState
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.cycle.run import CycleReport, CycleRunner
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import LimitError, PlanError

CYCLE = (CycleStep("ADMA", "FullSync"), CycleStep("SPMA", "FullSync"), CycleStep("SPMA", "Export", guarded=True), CycleStep("SPMA", "DeltaImport"))
STATE = ServerCycleState({"spma": AgentState("SPMA", "success", "", {"NumExportDelete": 0, "NumTotalConnectors": 100})}, ())


def history(*counters: str) -> str:
    inner = "".join(f"<{name}>1</{name}>" for name in counters)
    return (
        "<run-history><run-details><ma-name>M</ma-name><run-number>1</run-number><step-details step-number='1'><step-result>success</step-result>"
        f"<staging-counters>{inner}</staging-counters></step-details></run-details></run-history>"
    )


class Host:
    """Answers each started profile with the given statuses, one after another."""

    def __init__(self, **statuses: list[str]) -> None:
        self.statuses = statuses
        self.asked: list[tuple[str, str]] = []
        self.deletes = "0"
        self.counters: tuple[str, ...] = ()
        self.number = "1"

    def __call__(self, verb: str, parameters: dict[str, Any]) -> Any:
        if verb == "cycle_read":
            self.asked.append((verb, ""))
            counts = {"NumExportDelete": self.deletes, "NumTotalConnectors": "100"}
            return {"agents": [{"name": "SPMA", "status": "", "profile": "", "counts": counts}], "runs": []}
        self.asked.append((f"{parameters['Agent']} {parameters['RunProfile']}", parameters["RunNumber"]))
        waiting = self.statuses.get(f"{parameters['Agent']}_{parameters['RunProfile']}", [])
        status = waiting.pop(0) if waiting else "success"
        ended = status != "in-progress"
        return {
            "status": status,
            "number": self.number,
            "details": history(*self.counters) if ended else "",
            "counts": {"NumExportDelete": self.deletes, "NumTotalConnectors": "100"} if ended else {},
        }


def run(host: Host, cycle: tuple[CycleStep, ...] = CYCLE, clock: Callable[[], float] = lambda: 0.0, **more: Any) -> tuple[CycleReport, list[str]]:
    said: list[str] = []
    return CycleRunner(host, said.append, str.encode, Limits(), clock=clock, **more).run(cycle, STATE), said


def test_the_steps_are_taken_in_their_order_with_one_execution_each() -> None:
    host = Host()
    report, said = run(host)
    assert [name for name, _unused in host.asked] == ["ADMA FullSync", "SPMA FullSync", "SPMA Export", "SPMA DeltaImport"]
    assert not report.stopped and not report.warnings and not report.changed
    assert "SPMA is about to export 0 adds, 0 updates, 0 deletes" in said


def test_the_first_step_that_does_not_do_its_work_is_the_last() -> None:
    host = Host(SPMA_FullSync=["stopped-extension-dll-load"])
    report, _unused = run(host)
    assert report.stopped == "SPMA FullSync ended with stopped-extension-dll-load"
    assert len(host.asked) == 2


def test_what_was_completed_with_something_to_look_at_is_a_warning() -> None:
    report, _unused = run(Host(ADMA_FullSync=["completed-sync-errors"]))
    assert report.warnings == ["ADMA FullSync ended with completed-sync-errors"] and len(report.runs) == 4


def test_a_long_step_is_waited_for_and_never_started_twice() -> None:
    host = Host(ADMA_FullSync=["in-progress", "in-progress", "success"])
    _unused, said = run(host, CYCLE[:1])
    assert host.asked == [("ADMA FullSync", ""), ("ADMA FullSync", "1"), ("ADMA FullSync", "1")]
    assert sum("is running for" in text for text in said) == 2


def test_a_step_that_takes_too_long_is_left_alone_and_told() -> None:
    seconds = iter(range(0, 10_000, 100))
    with pytest.raises(PlanError, match=r"still running after 200 s, step_timeout is 150\. The run goes on"):
        run(Host(ADMA_FullSync=["in-progress"] * 9), CYCLE[:1], lambda: float(next(seconds)), step_timeout=150)


def test_a_run_that_has_no_number_is_not_started_again() -> None:
    host = Host(ADMA_FullSync=["in-progress"] * 9)
    host.number = ""
    with pytest.raises(PlanError, match="has no run number"):
        run(host, CYCLE[:1])
    assert len(host.asked) == 1


def test_an_export_is_not_started_when_it_would_delete_too_much() -> None:
    host = Host()
    host.deletes = "60"
    with pytest.raises(LimitError, match=r"limits\.deletes_count allows 50"):
        run(host)
    assert [name for name, _unused in host.asked] == ["ADMA FullSync", "SPMA FullSync"]


def test_the_numbers_are_asked_for_again_when_another_agent_ran_last() -> None:
    host = Host()
    host.deletes = "60"
    with pytest.raises(LimitError):
        run(host, (CYCLE[0], CYCLE[2]))
    assert [name for name, _unused in host.asked] == ["ADMA FullSync", "cycle_read"]


def test_a_cycle_changed_something_when_something_was_staged() -> None:
    host = Host()
    host.counters = ("stage-no-change", "filtered-objects")
    assert not run(host)[0].changed
    host.counters = ("stage-update",)
    assert run(host)[0].changed
