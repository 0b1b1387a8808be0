# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The engine's face: run profiles, their steps, what a run answers, the numbers of an agent.

Source: reference page `sync-engine` section 2 (steps, continuation, thresholds), section 4 (WMI numbers), section 7 (concurrency).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from ..configuration.model import ManagementAgent, Partition, RunProfile, RunStep, ServerConfiguration, StepKind
from ..errors import InputError
from . import statistics
from .collector import seldom
from .details import CountedObject, objects_behind
from .drop_files import DropFile, KeepsDropFiles, Recording, Replay, use_of_drop_file, write_exports
from .exports import ExportStep
from .extension import ExtensionLoader, Scripts
from .failures import StepStopped
from .history import Incident, ReportedError, RunDetails, StepDetails
from .imports import OBSOLETING, ImportStep
from .objects import CsObject, ObjectError, guid
from .rules import Rules
from .store import Store
from .switches import Switches
from .synchronization import SyncStep
from .systems.base import ConnectedSystem, SystemConnectionError, SystemConnector
from .views import Views

FULL_IMPORTS = frozenset({StepKind.FULL_IMPORT, StepKind.FULL_IMPORT_DELTA_SYNC, StepKind.FULL_IMPORT_FULL_SYNC})
DELTA_IMPORTS = frozenset({StepKind.DELTA_IMPORT, StepKind.DELTA_IMPORT_DELTA_SYNC})
IMPORTS = FULL_IMPORTS | DELTA_IMPORTS
FULL_SYNCS = frozenset({StepKind.FULL_SYNC, StepKind.FULL_IMPORT_FULL_SYNC})
DELTA_SYNCS = frozenset({StepKind.DELTA_SYNC, StepKind.FULL_IMPORT_DELTA_SYNC, StepKind.DELTA_IMPORT_DELTA_SYNC})
SYNCS = FULL_SYNCS | DELTA_SYNCS

STOPPED_BY_USER = "stopped-user-termination-from-wmi-or-ui"
CONCURRENT = "no-start-concurrent-execution-not-support"
SYNC_ELSEWHERE = "call-failure:0x8023063D"


@dataclass(frozen=True)
class Progress:
    """How far a run is; `total` 0 while it is not known."""

    agent: str
    profile: str
    step: int
    steps: int
    kind: StepKind
    done: int
    total: int = 0


@dataclass(frozen=True)
class RunResult:
    """What came of a run; `details` holds its steps and counters."""

    status: str
    details: RunDetails

    @property
    def successful(self) -> bool:
        return self.status == "success"


class Engine:
    """Runs profiles of one configuration on the state in a store.

    `connector` opens the connected systems, `extensions` finds the twins of rules extensions, `clock` gives seconds
    since 1970. The engine runs one profile at a time for each agent and refuses what the service refuses.
    """

    def __init__(
        self,
        configuration: ServerConfiguration,
        store: Store,
        connector: SystemConnector,
        extensions: ExtensionLoader,
        clock: Callable[[], float] = time.time,
        *,
        switches: Switches | None = None,
    ) -> None:
        self.configuration = configuration
        self.store = store
        self.connector = connector
        self.clock = clock
        self.switches = switches or Switches()
        self.scripts = Scripts(extensions)
        self.rules = Rules(configuration, store, self.scripts, switches=self.switches)
        views = Views(self.rules, store)
        self.rules.compiler.mv_entry, self.rules.compiler.cs_entry = views.mv_entry, views.cs_entry
        self.scripts.utilities = views
        self.active: dict[str, tuple[RunDetails, RunProfile]] = {}
        self.stops: set[str] = set()

    # Runs

    def run(self, agent_name: str, profile_name: str, user: str = "") -> RunResult:
        """Runs a profile to its end. Raises InputError for an unknown name; a refused start is a result."""
        agent, profile = self._find(agent_name, profile_name)
        refused = self.refusal(agent_name, profile_name)
        if refused:
            return RunResult(refused, RunDetails(agent.id, agent.name, 0, profile.name, user, self.clock(), self.clock(), refused))
        for _unused in self.run_steps(agent_name, profile_name, user):
            continue
        details = next(run for run in reversed(self.store.runs) if run.agent_id == agent.id)
        return RunResult(details.status, details)

    def refusal(self, agent_name: str, profile_name: str) -> str:
        """Why the service would not start this run now; empty if it would. Only a second synchronization elsewhere is refused."""
        agent, profile = self._find(agent_name, profile_name)
        if agent.id in self.active:
            return CONCURRENT
        syncs = any(step.kind in SYNCS for step in profile.steps)
        busy = any(step.kind in SYNCS for _unused, other in self.active.values() for step in other.steps)
        return SYNC_ELSEWHERE if syncs and busy else ""

    def run_steps(self, agent_name: str, profile_name: str, user: str = "") -> Iterator[Progress]:
        """Runs a profile, telling how far it is. Between two answers it can be stopped (`stop`) or left (a service that dies)."""
        agent, profile = self._find(agent_name, profile_name)
        details = RunDetails(agent.id, agent.name, self.store.next_number(f"run {agent.id}"), profile.name, user, self.clock())
        self.active[agent.id] = (details, profile)
        self.stops.discard(agent.id)
        self.store.runs.append(details)
        self.scripts.reset()
        self.store.checkpoint(whole=True)
        try:
            with seldom():
                yield from self._steps(agent, profile, details)
        finally:
            if details.status == "in-progress":
                self._abandon(details)
            del self.active[agent.id]
            self.store.checkpoint(whole=True)

    def _abandon(self, details: RunDetails) -> None:
        """The caller left a run: what was committed stays, the step counts as stopped with the service."""
        details.status, details.end = "stopped-server", self.clock()
        for step in details.steps:
            if step.result == "in-progress":
                step.result, step.end = details.status, details.end

    def _steps(self, agent: ManagementAgent, profile: RunProfile, details: RunDetails) -> Iterator[Progress]:
        status = "" if profile.steps else "no-start-no-steps-in-profile"
        for number, step in enumerate(profile.steps, 1):
            record = StepDetails(number, guid("mv", 10**11 + details.number * 100 + number), step, self._partition_name(agent, step), self.clock())
            record.counters.limit = self.switches.detail_limit
            record.agents = {rules.id: rules.agent.name for rules in self.rules.agents.values()}
            details.steps.append(record)
            with closing(self._step(agent, step, record)) as work:
                for done, total in work:
                    yield Progress(agent.name, profile.name, number, len(profile.steps), step.kind, done, total)
                    self._check_stop(agent, record)
                    if record.end:
                        break
            if not record.end:
                record.end = self.clock()
            status = record.result
            self.store.checkpoint(whole=True)
            if not goes_on(status):
                break
        details.status, details.end = status, self.clock()

    def _check_stop(self, agent: ManagementAgent, record: StepDetails) -> None:
        if agent.id in self.stops:
            record.result, record.end = STOPPED_BY_USER, self.clock()

    def stop(self, agent_name: str) -> str:
        """Asks a run to stop; answers as the WMI method does."""
        agent = self.configuration.agent(agent_name)
        if agent is None or agent.id not in self.active:
            return "ma-not-running"
        self.stops.add(agent.id)
        return "success"

    def counts(self, agent_name: str) -> dict[str, int]:
        """The numbers of an agent by the names of the WMI methods."""
        agent = self.configuration.agent(agent_name)
        if agent is None:
            raise InputError(f"There is no management agent '{agent_name}'.")
        return statistics.counts(self.store, agent.id)

    def objects_behind(self, step: StepDetails, counter: str, agent_name: str = "") -> tuple[CountedObject, ...]:
        """The objects behind a counter of a step; `agent_name` for an outbound counter. Raises InputError."""
        agent = self.configuration.agent(agent_name) if agent_name else None
        if agent_name and agent is None:
            raise InputError(f"There is no management agent '{agent_name}'.")
        return objects_behind(self.store, step, counter, agent.id if agent is not None else "")

    def _find(self, agent_name: str, profile_name: str) -> tuple[ManagementAgent, RunProfile]:
        agent = self.configuration.agent(agent_name)
        if agent is None:
            raise InputError(f"There is no management agent '{agent_name}'.")
        wanted = profile_name.casefold()
        profile = next((profile for profile in agent.run_profiles if profile.name.casefold() == wanted), None)
        if profile is None:
            names = ", ".join(profile.name for profile in agent.run_profiles) or "none"
            raise InputError(f"The management agent '{agent.name}' has no run profile '{profile_name}'; it has {names}.")
        return agent, profile

    def _partition_name(self, agent: ManagementAgent, step: RunStep) -> str:
        partition = self._partition(agent, step)
        return partition.name if partition else step.partition_id

    @staticmethod
    def _partition(agent: ManagementAgent, step: RunStep) -> Partition | None:
        wanted = step.partition_id.upper()
        return next((partition for partition in agent.partitions if partition.id.upper() == wanted), None)

    # One step

    def _step(self, agent: ManagementAgent, step: RunStep, record: StepDetails) -> Generator[tuple[int, int], None, None]:
        partition = self._partition(agent, step)
        try:
            if partition is None:
                raise StepStopped("no-start-missing-partition-for-run-step")
            if not partition.selected:
                raise StepStopped("no-start-partition-not-configured")
            if step.kind is StepKind.OTHER:
                yield from self._with_drop_file(agent, partition, step, record)
            else:
                yield from self._work(agent, partition, step, record)
        except StepStopped as stopped:
            record.result = stopped.result
        except SystemConnectionError as problem:
            record.result, record.connection_result = problem.step_result, problem.connection_result
            record.server = problem.server or record.server
            record.incidents.append(Incident(problem.connection_result, self.clock(), record.server, problem.code, problem.literal))
        except MemoryError:
            record.result = "stopped-out-of-memory"
        except sqlite3.OperationalError as problem:
            record.result = "stopped-database-disk-full" if "full" in str(problem) else "stopped-database-connection-lost"

    def _work(
        self, agent: ManagementAgent, partition: Partition, step: RunStep, record: StepDetails, source: ConnectedSystem | None = None
    ) -> Iterator[tuple[int, int]]:
        result = "success"
        delivered: list[int] = []
        if step.kind in IMPORTS:
            importer = self._importer(agent, partition, step, record)
            yield from self._import(agent, importer, record, source)
            result, delivered = record.result, importer.delivered
        if step.kind in SYNCS and goes_on(result):
            yield from self._synchronize(agent, partition, step, record, delivered)
        if step.kind is StepKind.EXPORT:
            yield from self._export(agent, partition, step, record, source)

    def _with_drop_file(self, agent: ManagementAgent, partition: Partition, step: RunStep, record: StepDetails) -> Iterator[tuple[int, int]]:
        """A step that writes what it reads or sends to a file, or reads that file in place of the source."""
        use = use_of_drop_file(step)
        if use is None or not isinstance(self.connector, KeepsDropFiles):
            raise StepStopped("no-start-bad-ma-configuration")
        file = self.connector.drop_file(agent.name, step.drop_file)
        own = replace(step, kind=use.kind)
        if use.goes_on:
            system = Replay(file) if use.reads else Recording(self._connect(agent, record), file, step.type)
            yield from self._work(agent, partition, own, record, system)
            return
        yield from self._to_file(agent, partition, own, record, file)
        record.result = "success"

    def _to_file(self, agent: ManagementAgent, partition: Partition, step: RunStep, record: StepDetails, file: DropFile) -> Iterator[tuple[int, int]]:
        """Nothing but the file changes."""
        if step.kind is StepKind.EXPORT:
            due = list(self._exporter(agent, partition, step, record).unsent())
            write_exports(file, due)
            yield len(due), len(due)
            return
        system = Recording(self._connect(agent, record), file, step.type)
        yield from ((done, 0) for done in self._importer(agent, partition, step, record).read_only(system))

    def _connect(self, agent: ManagementAgent, record: StepDetails) -> ConnectedSystem:
        system = self.connector.connect(agent.name)
        record.server, record.connection_result = system.server, "success"
        return system

    def _importer(self, agent: ManagementAgent, partition: Partition, step: RunStep, record: StepDetails) -> ImportStep:
        full = step.kind in FULL_IMPORTS
        return ImportStep(self.store, self.rules.agents[agent.id], partition, step, full, record.counters, self.clock(), track=step.kind in SYNCS)

    def _import(self, agent: ManagementAgent, importer: ImportStep, record: StepDetails, source: ConnectedSystem | None = None) -> Iterator[tuple[int, int]]:
        system = source if source is not None else self._connect(agent, record)
        try:
            for done in importer.run(system):
                yield done, 0
            if importer.result() in OBSOLETING:
                for done in importer.obsolete() if importer.full else ():
                    yield done, 0
                for done in importer.clean_up():
                    yield done, 0
            record.result = importer.result()
        finally:
            record.discovery_errors = importer.errors
            record.import_errors = [_reported(item) for item in importer.not_confirmed]

    def _synchronize(self, agent: ManagementAgent, partition: Partition, step: RunStep, record: StepDetails, delivered: list[int]) -> Iterator[tuple[int, int]]:
        full = step.kind in FULL_SYNCS
        sync = SyncStep(
            self.rules, self.store, self.scripts, agent.id, partition.id, full=full, counters=record.counters, now=self.clock(), switches=self.switches
        )
        imported = record.result if step.kind in IMPORTS else "success"
        try:
            yield from sync.run(() if full else delivered)
            failed = sync.failed or sync.retries.errors
            record.result = "completed-sync-errors" if failed else imported
        finally:
            record.import_errors = [*record.import_errors, *(_reported(item) for item in sync.failed)]
            record.retry_errors = [
                ReportedError(guid("mv", number), "", ObjectError(failure.error_type, self.clock(), self.clock(), 0, failure.step, failure.detail))
                for number, failure in sync.retries.errors
            ]

    def _exporter(self, agent: ManagementAgent, partition: Partition, step: RunStep, record: StepDetails) -> ExportStep:
        return ExportStep(
            self.store,
            self.rules.agents[agent.id],
            partition.id,
            step.object_limit,
            step.delete_limit,
            record.counters,
            self.clock(),
            step.batch_size or 100,
            self.switches.error_limit,
        )

    def _export(
        self, agent: ManagementAgent, partition: Partition, step: RunStep, record: StepDetails, target: ConnectedSystem | None
    ) -> Iterator[tuple[int, int]]:
        export = self._exporter(agent, partition, step, record)
        record.batch = self.store.next_number(f"export {agent.id} {partition.id}")
        system = target if target is not None else self._connect(agent, record)
        try:
            yield from export.run(system)
            record.result = export.result()
            record.last_successful = record.batch if not export.failed else record.batch - 1
        finally:
            record.export_errors = [_reported(item, export=True) for item in export.failed]


def goes_on(result: str) -> bool:
    """Whether the next step of a profile runs (ms699322, ms697765)."""
    return result == "success" or (result.startswith("completed-") and result != "completed-discovery-errors")


def _reported(item: CsObject, *, export: bool = False) -> ReportedError:
    error = item.export_error if export else item.import_error
    return ReportedError(guid("cs", item.id), item.dn, error or ObjectError("unexpected-error", 0.0, 0.0))
