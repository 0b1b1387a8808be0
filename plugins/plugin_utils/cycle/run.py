# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A cycle from its first step to its end, through two verbs.

The steps are asked for here one after another, so the order, the limits and the reasons to stop can be tested without a server.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import PlanError
from .plan import CycleStep, Limits, ServerCycleState, check_limits, read_counts, read_state
from .report import FAILED, IN_PROGRESS, WARNINGS, RunReport, parse_run

# Asks a verb with its parameters; answers what the script answered.
Ask = Callable[[str, dict[str, Any]], Any]
Say = Callable[[str], None]

COUNTERS = ("NumCSObjects", "NumTotalConnectors", "NumExportAdd", "NumExportUpdate", "NumExportDelete")


@dataclass
class CycleReport:
    """What a cycle came to. `stopped` names why it ended before its last step; empty when it did not."""

    runs: list[RunReport] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    stopped: str = ""
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        return any(run.changes for run in self.runs)


def read_server(ask: Ask, paths: Sequence[str]) -> ServerCycleState:
    """Agents, their numbers and runs in one remote execution."""
    return read_state(ask("cycle_read", {"Counters": list(COUNTERS), "Paths": list(paths)}))


@dataclass
class CycleRunner:
    """`step_timeout` and `wait` in seconds: how long a step may take, and how long one remote execution waits for it.

    `unpack` undoes what a document is packed in on its way.
    """

    ask: Ask
    say: Say
    unpack: Callable[[str], bytes]
    limits: Limits
    step_timeout: int = 86400
    wait: int = 20
    clock: Callable[[], float] = time.monotonic

    def run(self, cycle: Sequence[CycleStep], state: ServerCycleState, report: CycleReport | None = None) -> CycleReport:
        """Takes the steps until one does not do its work. Raises LimitError before an export that deletes too much.

        What was done is kept in `report` as it goes, so that it is known after an error, too.
        """
        report = report or CycleReport()
        for number, step in enumerate(cycle, 1):
            if step.guarded:
                self._guard(step, report, state)
            self.say(f"step {number} of {len(cycle)}: {step}")
            run = self._step(step, report)
            report.runs.append(run)
            self.say(f"{step}: {run.status}, {_numbers(run)}")
            if run.verdict == FAILED:
                report.stopped = f"{step} ended with {run.status}"
                return report
            if run.verdict == WARNINGS:
                report.warnings.append(f"{step} ended with {_worst(run)}")
        return report

    def _guard(self, step: CycleStep, report: CycleReport, state: ServerCycleState) -> None:
        counts = report.counts.get(step.agent.casefold())
        if counts is None:
            fresh = state if not report.runs else read_server(self.ask, [])
            agent = fresh.agent(step.agent)
            counts = dict(agent.counts) if agent is not None else {}
        add, update, delete = (counts.get(f"NumExport{name}", 0) for name in ("Add", "Update", "Delete"))
        self.say(f"{step.agent} is about to export {add} adds, {update} updates, {delete} deletes")
        check_limits(step.agent, counts, self.limits)

    def _step(self, step: CycleStep, report: CycleReport) -> RunReport:
        began = self.clock()
        number = ""
        while True:
            parameters = {"Agent": step.agent, "RunProfile": step.profile, "RunNumber": number, "WaitSeconds": self.wait, "Counters": list(COUNTERS)}
            answer = self.ask("run_profile", parameters)
            status, number = str(answer["status"]), str(answer["number"])
            if status != IN_PROGRESS:
                # Other agents' numbers change with every synchronization, so only this one's are known now.
                report.counts = {step.agent.casefold(): read_counts(answer["counts"])}
                return parse_run(self._details(answer["details"]), agent=step.agent, profile=step.profile, status=status)
            self._check_patience(step, number, self.clock() - began)

    def _details(self, packed: str) -> str:
        return self.unpack(packed).decode("utf-8", "replace") if packed else ""

    def _check_patience(self, step: CycleStep, number: str, seconds: float) -> None:
        if not number:
            raise PlanError(f"{step} was asked to start and has no run number after {self.wait} s. Look at the operations of the service before you try again.")
        if seconds > self.step_timeout:
            raise PlanError(f"{step} is still running after {int(seconds)} s, step_timeout is {self.step_timeout}. The run goes on at the server.")
        self.say(f"{step} is running for {int(seconds)} s")


def _numbers(run: RunReport) -> str:
    values: Mapping[str, Any] = run.values()
    return ", ".join(f"{values[name]} {name}" for name in ("adds", "updates", "deletes", "errors"))


def _worst(run: RunReport) -> str:
    results = [step.result for step in run.steps if step.result != "success"] or [run.status]
    errors = [error for step in run.steps for error in step.errors][:3]
    return results[0] + (": " + "; ".join(errors) if errors else "")
