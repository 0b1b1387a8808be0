# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs of run profiles on a server: each in a background thread, so that its progress can be asked for.

The thread holds the estate's lock for short slices. Facts: reference page `sync-engine`, 2, 4 and 7.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...plugins.plugin_utils.engine.history import RunDetails, run_history
from ...plugins.plugin_utils.engine.runs import Engine, Progress
from ...plugins.plugin_utils.errors import InputError
from .synchronization_engine import make_engine
from .synchronization_import import find_agent
from .synchronization_state import RunRecord, SynchronizationProblem

if TYPE_CHECKING:
    from .session import Session
    from .synchronization import SynchronizationService

SHUTDOWN = "stopped-service-shutdown"
# Seconds for which a run keeps the estate to itself, and leaves it to others then.
SLICE, PAUSE = 0.05, 0.001


@dataclass
class ActiveRun:
    """A run that lasts. `shut_down`: the service stops; `done` is set when the thread has ended."""

    details: RunDetails
    steps: Iterator[Progress]
    progress: Progress | None = None
    shut_down: bool = False
    done: threading.Event = field(default_factory=threading.Event)


class RunBoard:
    """Which agents run on a server. Nothing of it outlives the process; the history lies in the database."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self.active: dict[str, ActiveRun] = {}
        self._engine: Engine | None = None
        self._documents: dict[str, bytes] | None = None

    # --- what runs

    def running_agents(self) -> tuple[str, ...]:
        return tuple(run.details.agent_name for run in list(self.active.values()))

    def holds(self, assembly: str) -> bool:
        """Whether the service has loaded an extension since it was started."""
        return self._engine is not None and assembly.casefold() in {name.casefold() for name in self._engine.scripts.loaded}

    def progress(self, agent: str) -> Progress | None:
        run = self._find(agent)
        return run.progress if run is not None else None

    def start(self, service: SynchronizationService, session: Session, agent: str, profile: str) -> RunRecord:
        """Begins a run; one that is refused ends here with its status."""
        with service.lock:
            engine = self.engine(service)
            try:
                refusal = engine.refusal(agent, profile)
                steps = engine.run_steps(agent, profile, session.account)
                if refusal:
                    return self._refused(engine, agent, profile, refusal, session)
                # The run's record appears with its first step.
                first = next(steps, None)
            except InputError as error:
                raise SynchronizationProblem(error.message) from None
            run = ActiveRun(engine.store.runs[-1], steps, first)
            if first is None:
                return record_of(run.details)
            self.active[run.details.agent_id] = run
            threading.Thread(target=self._work, args=(service, run), name=f"run of {agent}", daemon=True).start()
            return record_of(run.details)

    def wait(self, agent: str, timeout: float) -> bool:
        run = self._find(agent)
        return run is None or run.done.wait(timeout)

    def stop(self, service: SynchronizationService, agent: str) -> str:
        find_agent(service.state, agent)
        run = self._find(agent)
        if run is None or self._engine is None:
            return "ma-not-running"
        return self._engine.stop(run.details.agent_name)

    def stop_all(self) -> None:
        """The service goes down: every run ends before this returns."""
        runs = list(self.active.values())
        for run in runs:
            run.shut_down = True
        for run in runs:
            if not run.done.is_set():
                self._finish(run)

    # --- what ran

    def last(self, service: SynchronizationService, agent: str) -> RunRecord | None:
        """The run that lasts, else the last one; None when it never ran."""
        return next(iter(self.history(service, agent, 1)), None)

    def details(self, service: SynchronizationService, agent: str, number: int = 0) -> str:
        """The run-history XML of one run; an empty one when there is no such run."""
        find_agent(service.state, agent)
        with service.lock:
            found = (run for run in reversed(service.state.store.runs) if _is_of(run, agent) and number in (0, run.number))
            return run_history([run for run in [next(found, None)] if run is not None])

    def counts(self, service: SynchronizationService, agent: str) -> dict[str, int]:
        find_agent(service.state, agent)
        with service.lock:
            return self.engine(service).counts(agent)

    def history(self, service: SynchronizationService, agent: str = "", limit: int = 0) -> list[RunRecord]:
        with service.lock:
            found = [record_of(run) for run in reversed(service.state.store.runs) if not agent or _is_of(run, agent)]
        return found[:limit] if limit else found

    def engine(self, service: SynchronizationService) -> Engine:
        """The engine of the present configuration. It is made anew after the documents have changed."""
        documents = service.state.documents
        if self._engine is None or self._documents != documents or self._engine.store is not service.state.store:
            _close_left_runs(service, self.active)
            self._engine, self._documents = make_engine(service), dict(documents)
        return self._engine

    # --- the thread

    def _work(self, service: SynchronizationService, run: ActiveRun) -> None:
        try:
            while self._slice(service, run):
                # The lock is not fair: without a pause those who wait for it would starve.
                time.sleep(PAUSE)
        finally:
            with service.lock:
                self._finish(run)

    @staticmethod
    def _slice(service: SynchronizationService, run: ActiveRun) -> bool:
        """Goes on for a moment; False when the run is at its end."""
        until = time.monotonic() + SLICE
        with service.lock:
            while time.monotonic() < until:
                if run.shut_down:
                    return False
                progress = next(run.steps, None)
                if progress is None:
                    return False
                run.progress = progress
        return True

    def _finish(self, run: ActiveRun) -> None:
        """Takes the run off the board; one that was cut short is closed as the service's shutdown closes it."""
        if run.done.is_set():
            return
        close = getattr(run.steps, "close", None)
        if close is not None:
            close()
        if run.shut_down and run.details.status == "stopped-server":
            run.details.status = SHUTDOWN
            for step in run.details.steps:
                step.result = SHUTDOWN if step.result == "stopped-server" else step.result
        self.active.pop(run.details.agent_id, None)
        run.done.set()

    def _find(self, agent: str) -> ActiveRun | None:
        return next((run for run in list(self.active.values()) if _is_of(run.details, agent)), None)

    @staticmethod
    def _refused(engine: Engine, agent: str, profile: str, refusal: str, session: Session) -> RunRecord:
        found = engine.configuration.agent(agent)
        if found is None:
            raise AssertionError("found is there by construction")
        now = engine.clock()
        return RunRecord(found.id, found.name, 0, profile, refusal, session.account, now, now)

    def __getstate__(self) -> dict[str, Any]:
        return {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Threads and engines do not outlive the process."""
        self._clear()


def record_of(run: RunDetails) -> RunRecord:
    return RunRecord(run.agent_id, run.agent_name, run.number, run.profile, run.status, run.user, run.start, run.end)


def _is_of(run: RunDetails, agent: str) -> bool:
    return run.agent_name.casefold() == agent.casefold()


def _close_left_runs(service: SynchronizationService, active: dict[str, ActiveRun]) -> None:
    """Runs of a process that is gone: they did not end, they were left."""
    known = {id(run.details) for run in active.values()}
    for run in service.state.store.runs:
        if run.status == "in-progress" and id(run) not in known:
            run.status, run.end = "stopped-server", service.now()
            for step in run.steps:
                if step.result == "in-progress":
                    step.result, step.end = run.status, run.end
