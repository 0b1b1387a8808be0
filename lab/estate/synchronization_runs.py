# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs of run profiles: one background thread each, what may run beside what, and the history.

Facts: reference page `sync-engine`, 4 (results) and 7 (concurrency).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .synchronization_state import RunRecord, SynchronizationProblem

if TYPE_CHECKING:
    from .session import Session
    from .synchronization import SynchronizationService


@dataclass
class ActiveRun:
    """A run that lasts. `cancel` is set by Stop and by the service's shutdown; `synchronizes`: it holds a sync step."""

    agent_id: str
    agent_name: str
    record: RunRecord
    synchronizes: bool
    cancel: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    # What ends it: empty, or the step result of a stop
    reason: str = ""
    progress: Any = None


class RunBoard:
    """Which agents run on a server. Nothing of it outlives the process."""

    def __init__(self) -> None:
        self.active: dict[str, ActiveRun] = {}
        self.lock = threading.RLock()

    def running_agents(self) -> tuple[str, ...]:
        with self.lock:
            return tuple(run.agent_name for run in self.active.values())

    def start(self, service: SynchronizationService, session: Session, agent: str, profile: str) -> int:
        """Begins a run in a thread; its number."""
        from .synchronization_engine import begin

        return begin(self, service, session, agent, profile)

    def wait(self, agent: str, timeout: float) -> bool:
        run = self._find(agent)
        return run is None or run.done.wait(timeout)

    def last(self, service: SynchronizationService, agent: str) -> RunRecord | None:
        """The run that lasts, else the last one of the history; None when it never ran."""
        run = self._find(agent)
        if run is not None:
            return run.record
        found = self.history(service, agent, 1)
        return found[0] if found else None

    def details(self, service: SynchronizationService, agent: str, number: int = 0) -> str:
        """The run-history XML; an empty one when there is no such run."""
        from .synchronization_engine import EMPTY_HISTORY, details_of

        run = self._find(agent)
        if run is not None and number in (0, run.record.number):
            return details_of(run)
        for record in self.history(service, agent):
            if number in (0, record.number):
                return record.details
        return EMPTY_HISTORY

    def counts(self, service: SynchronizationService, agent: str) -> dict[str, int]:
        from .synchronization_engine import statistics

        return statistics(service, agent)

    def history(self, service: SynchronizationService, agent: str = "", limit: int = 0) -> list[RunRecord]:
        wanted = agent.casefold()
        found = [record for record in reversed(service.state.history) if wanted in ("", record.agent_name.casefold())]
        return found[:limit] if limit else found

    def stop(self, service: SynchronizationService, agent: str) -> str:
        from .synchronization_import import find_agent

        find_agent(service.state, agent)
        run = self._find(agent)
        if run is None:
            return "ma-not-running"
        self._end(run, "stopped-user-termination-from-wmi-or-ui")
        return "success"

    def stop_all(self, service: SynchronizationService) -> None:
        """The service goes down: every run ends."""
        with self.lock:
            runs = list(self.active.values())
        for run in runs:
            self._end(run, "stopped-service-shutdown")
        for run in runs:
            run.done.wait(30)

    def refuse_beside_others(self, agent: str, synchronizes: bool) -> str:
        """The result of a run that may not begin now, empty when it may. Caller holds the lock."""
        if any(run.agent_name.casefold() == agent.casefold() for run in self.active.values()):
            return "no-start-ma-already-running"
        if synchronizes and any(run.synchronizes for run in self.active.values()):
            raise SynchronizationProblem("A synchronization step of another management agent is running.", "0x8023063D")
        return ""

    def _end(self, run: ActiveRun, reason: str) -> None:
        run.reason = run.reason or reason
        run.cancel.set()

    def _find(self, agent: str) -> ActiveRun | None:
        with self.lock:
            return next((run for run in self.active.values() if run.agent_name.casefold() == agent.casefold()), None)

    def __getstate__(self) -> dict[str, Any]:
        return {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.active = {}
        self.lock = threading.RLock()
