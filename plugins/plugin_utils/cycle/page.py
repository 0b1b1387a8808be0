# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cycle as a page for people (report/cycle.py)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ..report.cycle import CycleReport as Page
from ..report.cycle import StepReport as PageStep
from ..report.cycle import render
from .report import RunReport
from .run import CycleReport

DATE = "%Y-%m-%d %H:%M:%S.%f"


def page(report: CycleReport, *, server: str, kind: str, stopped: str = "") -> str:
    """HTML of what the cycle did. `kind` names it: full, delta, own. `stopped`: why it ended early, if not for a step's result."""
    why = stopped or report.stopped
    numbers = [run.values() for run in report.runs]
    totals = ", ".join(f"{sum(values[name] for values in numbers)} {name}" for name in ("adds", "updates", "deletes", "errors"))
    ended = f"stopped after {len(report.runs)} steps" if why else f"{len(report.runs)} steps"
    return render(Page(server, kind, f"{ended}: {totals}.", [_step(run) for run in report.runs], why))


def _step(run: RunReport) -> PageStep:
    seconds = sum(_seconds(step.start, step.end) for step in run.steps)
    errors = [error for step in run.steps for error in step.errors]
    return PageStep(run.agent, run.profile, run.status, run.steps[0].start if run.steps else "", seconds, _groups(run), errors)


def _seconds(start: str, end: str) -> float:
    try:
        return (datetime.strptime(end, DATE) - datetime.strptime(start, DATE)).total_seconds()
    except ValueError:
        return 0.0


def _groups(run: RunReport) -> Mapping[str, Mapping[str, int]]:
    groups: dict[str, dict[str, int]] = {"staged": {}, "synchronized": {}, "exported": {}}
    for step in run.steps:
        for name, count in step.counters.items():
            group = "staged" if name.startswith("stage-") else "exported" if name.startswith("export-") else "synchronized"
            groups[group][name] = groups[group].get(name, 0) + count
    return groups
