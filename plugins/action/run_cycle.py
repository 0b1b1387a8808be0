# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module run_cycle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.cycle.page import page
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.cycle.plan import (
    CycleStep,
    Limits,
    Names,
    ServerCycleState,
    check_quiet,
    check_ready,
    missing_agents,
    own_cycle,
    reason_to_run,
    standard_cycle,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.cycle.run import CycleReport, CycleRunner, read_server
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError, MimSyncError, PlanError, RemoteError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.packing import unpack

# What Windows says of the service's WMI namespace where the service is not installed.
NOT_INSTALLED = "Invalid namespace"


class ActionModule(ActionFace):
    def perform(self, arguments: dict[str, Any]) -> Outcome:
        cycle = wanted_cycle(arguments)
        limits = Limits(**{name: value for name, value in (arguments.get("limits") or {}).items() if value is not None})
        check_numbers(arguments, limits)
        try:
            state = read_server(self.run_verb, arguments.get("changed_by") or [])
        except RemoteError as error:
            if not (self.check_mode and NOT_INSTALLED in error.message):
                raise
            # A rehearsal on a host that gets the service in the same playbook.
            planned = {"reason": "the service is not installed yet", "plan": [str(step) for step in cycle], "runs": [], "cycle_warnings": []}
            return Outcome(changed=True, values=planned, before="", after=plan_text(cycle))
        reason = "" if arguments["when"] == "needed" else "asked for"
        reason = reason or reason_to_run(state, cycle)
        if self.check_mode and arguments["rules_would_change"]:
            reason = reason or "the rules would change"
        values: dict[str, Any] = {"reason": reason, "plan": [str(step) for step in cycle] if reason else [], "runs": [], "cycle_warnings": []}
        if not reason:
            return Outcome(changed=False, values=values, before="", after="")
        if self.check_mode:
            check_quiet(state)
            # An agent may be made by an earlier task of the same playbook, which a rehearsal has not run.
            values["cycle_warnings"] = [text for text in (missing_agents(state, cycle),) if text]
            return Outcome(changed=True, values=values, before="", after=plan_text(cycle))
        check_ready(state, cycle)
        report = self.run_cycle(arguments, limits, cycle, state)
        values |= {"runs": [run.values() for run in report.runs], "cycle_warnings": report.warnings}
        return Outcome(changed=report.changed, values=values, before="", after=report_text(report))

    def run_cycle(self, arguments: dict[str, Any], limits: Limits, cycle: tuple[CycleStep, ...], state: ServerCycleState) -> CycleReport:
        """Runs the steps and writes the page about them, whatever comes; raises MimSyncError for a cycle that stopped."""
        runner = CycleRunner(self.run_verb, self.say, unpack, limits, step_timeout=arguments["step_timeout"], wait=arguments["poll_seconds"])
        report = CycleReport()
        stopped = ""
        try:
            runner.run(cycle, state, report)
            if report.stopped:
                raise PlanError(f"The cycle stopped: {report.stopped}.", details=error_lines(report))
        except MimSyncError as error:
            stopped = error.message
            raise
        finally:
            self.write_page(arguments, report, stopped)
        return report

    def write_page(self, arguments: dict[str, Any], report: CycleReport, stopped: str) -> None:
        """The page lies on the controller."""
        if not arguments.get("report"):
            return
        target = Path(arguments["report"]).expanduser()
        kind = "own" if arguments.get("steps") else arguments["type"]
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(page(report, server=str(self.task_vars.get("inventory_hostname", "")), kind=kind, stopped=stopped), encoding="utf-8")
        except OSError as problem:
            raise InputError(f"the report cannot be written to {target}: {problem.strerror}", path="report") from problem


def wanted_cycle(arguments: dict[str, Any]) -> tuple[CycleStep, ...]:
    """The steps by the options `steps` or `type`, `agents` and `profiles`."""
    if arguments.get("steps"):
        return own_cycle(arguments["steps"])
    if arguments.get("steps") is not None:
        raise InputError("the list of steps is empty; leave it out for the standard cycle", path="steps")
    given: dict[str, Any] = {**(arguments.get("agents") or {}), **(arguments.get("profiles") or {})}
    values: dict[str, Any] = {name: tuple(value) if name == "directory" else value for name, value in given.items() if value}
    chosen = replace(Names(), **values)
    return standard_cycle(arguments["type"], chosen, directory_export=arguments["directory_export"], sharepoint_first=arguments["sharepoint_first"])


def check_numbers(arguments: dict[str, Any], limits: Limits) -> None:
    for name in ("step_timeout", "poll_seconds"):
        if arguments[name] < 1:
            raise InputError(f"{arguments[name]} s is no time to wait", path=name)
    if limits.deletes_count < 0 or not 0 <= limits.deletes_percent <= 100:
        raise InputError("deletes_count is 0 or more, deletes_percent lies between 0 and 100", path="limits")


def plan_text(cycle: tuple[CycleStep, ...]) -> str:
    return "".join(f"would run {step}\n" for step in cycle)


def report_text(report: CycleReport) -> str:
    lines = []
    for run in report.runs:
        numbers = run.values()
        lines.append(
            f"{run.agent} {run.profile}: {run.status}, " + ", ".join(f"{numbers[name]} {name}" for name in ("adds", "updates", "deletes", "errors")) + "\n"
        )
    return "".join(lines)


def error_lines(report: CycleReport) -> list[str]:
    """What the steps did, and why the last one did not."""
    last = report.runs[-1]
    return [*report_text(report).splitlines(), *(f"{step.type} of {step.partition}: {error}" for step in last.steps for error in step.errors)]
