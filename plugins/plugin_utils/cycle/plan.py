# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which steps a cycle takes, whether it is needed, and whether an export may go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError, LimitError, PlanError
from .report import FAILED, IN_PROGRESS, verdict

EXPORT = "export"


@dataclass(frozen=True)
class CycleStep:
    """One run of a profile; the pending exports are looked at before a guarded one."""

    agent: str
    profile: str
    guarded: bool = False

    def __str__(self) -> str:
        return f"{self.agent} {self.profile}"


@dataclass(frozen=True)
class Names:
    """Names of the agents and of the run profiles by kind, as the configuration has them; a directory agent for each forest."""

    directory: tuple[str, ...] = ("ADMA",)
    sharepoint: str = "SPMA"
    full_import: str = "FullImport"
    full_sync: str = "FullSync"
    delta_import: str = "DeltaImport"
    delta_sync: str = "DeltaSync"
    export: str = "Export"


@dataclass(frozen=True)
class PastRun:
    """A run in the history; `start` is UTC text as the service writes it, which sorts as time does."""

    agent: str
    profile: str
    status: str
    start: str


@dataclass(frozen=True)
class AgentState:
    """An agent as the server tells it; `counts` by the names of the WMI methods."""

    name: str
    status: str
    profile: str
    counts: Mapping[str, int]

    @property
    def pending_exports(self) -> int:
        return sum(self.counts.get(name, 0) for name in ("NumExportAdd", "NumExportUpdate", "NumExportDelete"))


@dataclass(frozen=True)
class ServerCycleState:
    """What one read of the server gives. `changed`: the newest UTC time of the files that say when rules changed; may be empty."""

    agents: Mapping[str, AgentState]
    runs: Sequence[PastRun]
    changed: str = ""

    def agent(self, name: str) -> AgentState | None:
        return self.agents.get(name.casefold())


@dataclass(frozen=True)
class Limits:
    """How much an export may delete."""

    deletes_count: int = 50
    deletes_percent: int = 10


def read_state(answer: Mapping[str, Any]) -> ServerCycleState:
    """Values of the verb `cycle_read`'s answer."""
    agents = {
        str(item["name"]).casefold(): AgentState(str(item["name"]), str(item["status"]), str(item["profile"]), read_counts(item["counts"]))
        for item in answer["agents"]
    }
    runs = tuple(PastRun(str(run["agent"]), str(run["profile"]), str(run["status"]), str(run["start"])) for run in answer["runs"])
    return ServerCycleState(agents, runs, max((str(time) for time in answer.get("changed") or ()), default=""))


def read_counts(counts: Mapping[str, Any]) -> dict[str, int]:
    """WMI gives numbers as text, and errors in the same place. Raises PlanError for those."""
    numbers = {}
    for name, value in counts.items():
        try:
            numbers[name] = int(str(value))
        except ValueError:
            raise PlanError(f"The server answers '{value}' when asked for {name}. Is the account a member of the operators group?") from None
    return numbers


def standard_cycle(kind: str, names: Names, *, directory_export: bool = False, sharepoint_first: bool = False) -> tuple[CycleStep, ...]:
    """Import and synchronize all agents, export to SharePoint, confirm (reference `sync-engine` section 6). `kind`: full or delta.

    Every directory is imported before the first one is synchronized, so that people whom two of them hold meet at once.
    `directory_export`: something flows back, so the directories are exported to, too, and read again. `sharepoint_first`: an emptied connector
    space of SharePoint is filled before anything else, so that its objects are joined and not provisioned anew.
    """
    imports, syncs = (names.full_import, names.full_sync) if kind == "full" else (names.delta_import, names.delta_sync)
    directories = [CycleStep(agent, profile) for profile in (imports, syncs) for agent in names.directory]
    sharepoint = [CycleStep(names.sharepoint, imports), CycleStep(names.sharepoint, syncs)]
    steps = [*sharepoint, *directories] if sharepoint_first else [*directories, *sharepoint]
    back = names.directory if directory_export else ()
    for agent in (*back, names.sharepoint):
        steps.append(CycleStep(agent, names.export, guarded=True))
    for agent in (*back, names.sharepoint):
        steps += [CycleStep(agent, names.delta_import), CycleStep(agent, names.delta_sync)]
    return tuple(steps)


def own_cycle(steps: Iterable[Mapping[str, Any]]) -> tuple[CycleStep, ...]:
    """A user's own list. A profile is guarded when it says so; else when its name begins with `export`."""
    found = []
    for number, step in enumerate(steps):
        agent, profile = step.get("agent"), step.get("profile")
        if not agent or not profile:
            raise InputError("a step names an agent and a run profile", path=f"steps[{number}]")
        guarded = step.get("guarded")
        found.append(CycleStep(str(agent), str(profile), str(profile).casefold().startswith(EXPORT) if guarded is None else bool(guarded)))
    return tuple(found)


def check_ready(state: ServerCycleState, cycle: Sequence[CycleStep]) -> None:
    """Every agent of the cycle is there and none is running. Raises PlanError."""
    problem = missing_agents(state, cycle)
    if problem:
        raise PlanError(problem)
    check_quiet(state)


def missing_agents(state: ServerCycleState, cycle: Sequence[CycleStep]) -> str:
    """A sentence about agents of the cycle that the server does not have; empty if it has all."""
    missing = sorted({step.agent for step in cycle if state.agent(step.agent) is None})
    if not missing:
        return ""
    known = ", ".join(agent.name for agent in state.agents.values()) or "none"
    return f"The server has no management agent named {', '.join(missing)}; it has {known}."


def check_quiet(state: ServerCycleState) -> None:
    """No agent is running. Raises PlanError."""
    running = [agent for agent in state.agents.values() if agent.status == IN_PROGRESS]
    if running:
        raise PlanError(f"Management agent {running[0].name} is running {running[0].profile}. Wait until it has ended, then run the cycle again.")


def reason_to_run(state: ServerCycleState, cycle: Sequence[CycleStep]) -> str:
    """Why the cycle is needed; empty if every step did its work since the rules last changed and nothing waits for an export."""
    for name in dict.fromkeys(step.agent for step in cycle if step.guarded):
        agent = state.agent(name)
        if agent is not None and agent.pending_exports:
            return f"{agent.name} has {agent.pending_exports} pending exports"
    last = _last_runs(state.runs)
    for step in cycle:
        run = last.get((step.agent.casefold(), step.profile.casefold()))
        if run is None:
            return f"{step} has never run"
        if verdict(run.status) == FAILED:
            return f"{step} ended with {run.status} last time"
        if state.changed and run.start < state.changed:
            return f"the rules changed at {state.changed} UTC and {step} last ran at {run.start}"
    return ""


def _last_runs(runs: Iterable[PastRun]) -> dict[tuple[str, str], PastRun]:
    last: dict[tuple[str, str], PastRun] = {}
    for run in runs:
        key = (run.agent.casefold(), run.profile.casefold())
        if key not in last or run.start > last[key].start:
            last[key] = run
    return last


def check_limits(agent: str, counts: Mapping[str, int], limits: Limits) -> None:
    """Raises LimitError if an export would delete more than the limits allow; percent of the connectors, those to be deleted included."""
    deletes = counts.get("NumExportDelete", 0)
    objects = counts.get("NumTotalConnectors", 0) + deletes
    advice = "Look at the pending exports; if they are meant, raise limits for one run."
    if deletes > limits.deletes_count:
        raise LimitError(f"The export of {agent} would delete {deletes} objects; limits.deletes_count allows {limits.deletes_count}. {advice}")
    if deletes * 100 > limits.deletes_percent * objects:
        raise LimitError(
            f"The export of {agent} would delete {deletes} of {objects} objects ({deletes * 100 / objects:.1f} %); "
            f"limits.deletes_percent allows {limits.deletes_percent} %. {advice}"
        )
