# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is run in a preview: which agents, which steps, in which order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ..configuration.model import ManagementAgent, RunProfile, RunStep, ServerConfiguration, StepKind
from ..engine.extension import ExtensionLoader
from ..engine.runs import Engine, goes_on
from ..engine.switches import Switches
from ..errors import InputError
from .sandbox import AnyStore
from .scene import Scene, bases_of
from .shadow import MARK, ShadowConnector, ShadowSystem

RULES, FULL, DELTA = "rules", "full", "delta"
LEAD = "preview "
TELL_EVERY = 2.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """One run of a profile of the wanted configuration."""

    agent: str
    profile: str


@dataclass(frozen=True)
class Ran:
    """What came of a run, in MIM's words. `errors` are sentences."""

    agent: str
    profile: str
    status: str
    errors: tuple[str, ...] = ()


@dataclass
class Performance:
    """State after the runs. `stopped` says which run ended the cycle early; empty if none did."""

    engine: Engine
    store: AnyStore
    systems: dict[str, ShadowSystem]
    runs: list[Ran]
    stopped: str = ""


def silent(text: str) -> None:
    """Says nothing."""


def perform(
    scene: Scene,
    wanted: ServerConfiguration,
    store: AnyStore,
    runs: Sequence[Run],
    extensions: ExtensionLoader,
    *,
    clock: Callable[[], float] = time.time,
    switches: Switches | None = None,
    say: Say = silent,
) -> Performance:
    """Runs the profiles on `store`, which is changed; systems are shadows."""
    connector = ShadowConnector({})
    # Marks of an earlier preview on this state say nothing to new shadows.
    store.watermarks.update({key: watermark.partition(MARK)[0] for key, watermark in store.watermarks.items()})
    engine = Engine(with_profiles(wanted), store, connector, extensions, clock, switches=switches)
    bases = bases_of(scene, wanted, store)
    systems = {rules.agent.name: ShadowSystem(bases[rules.agent.name], rules, store) for rules in engine.rules.agents.values()}
    connector.systems.update(systems)
    done = Performance(engine, store, systems, [])
    for run in runs:
        ran = _one(engine, run, say)
        done.runs.append(ran)
        if not goes_on(ran.status):
            done.stopped = f"{ran.agent} {ran.profile.removeprefix(LEAD)} ended with {ran.status}"
            break
    return done


def _one(engine: Engine, run: Run, say: Say) -> Ran:
    told = time.monotonic()
    before = len(engine.store.runs)
    for progress in engine.run_steps(run.agent, run.profile, "preview"):
        if time.monotonic() - told > TELL_EVERY:
            told = time.monotonic()
            say(f"{run.agent} {progress.kind.value}: {progress.done}" + (f" of {progress.total}" if progress.total else ""))
    details = engine.store.runs[before]
    errors = [f"{error.error_type}: {error.dn or error.anchor}" for step in details.steps for error in step.discovery_errors]
    return Ran(run.agent, run.profile, details.status, tuple(errors))


def with_profiles(configuration: ServerConfiguration) -> ServerConfiguration:
    """The configuration with a profile of each kind for each agent, over all selected partitions."""
    return replace(configuration, agents=tuple(_with_profiles(agent) for agent in configuration.agents))


def _with_profiles(agent: ManagementAgent) -> ManagementAgent:
    selected = [partition.id for partition in agent.partitions if partition.selected]
    kinds = (StepKind.FULL_IMPORT, StepKind.DELTA_IMPORT, StepKind.FULL_SYNC, StepKind.DELTA_SYNC, StepKind.EXPORT)
    own = tuple(RunProfile("", LEAD + kind.value, tuple(RunStep(kind, partition) for partition in selected)) for kind in kinds)
    return replace(agent, run_profiles=(*agent.run_profiles, *own))


def runs_of(kind: str, scene: Scene, wanted: ServerConfiguration) -> list[Run]:
    """The runs of a kind of preview. `rules`: imports where the scope or the source is new, then a full synchronization of every agent."""
    agents = [agent for agent in in_order(wanted) if any(partition.selected for partition in agent.partitions)]
    if kind == RULES:
        imports = [_run(agent, StepKind.FULL_IMPORT) for agent in agents if agent.name in scene.fresh or scope_differs(scene.configuration, agent)]
        return imports + [_run(agent, StepKind.FULL_SYNC) for agent in agents]
    if kind not in (FULL, DELTA):
        raise InputError(f"the cycle {kind!r} is not known; there are {RULES}, {FULL}, {DELTA} and steps of your own", path="cycle")
    importing, syncing = (StepKind.FULL_IMPORT, StepKind.FULL_SYNC) if kind == FULL else (StepKind.DELTA_IMPORT, StepKind.DELTA_SYNC)
    first = [_run(agent, step) for agent in agents for step in (importing, syncing)]
    exporting = [agent for agent in agents if agent.export_flows]
    last = [_run(agent, step) for agent in exporting for step in (StepKind.EXPORT, StepKind.DELTA_IMPORT, StepKind.DELTA_SYNC)]
    return first + last


def in_order(configuration: ServerConfiguration) -> list[ManagementAgent]:
    """Agents that are only read come first, directories before others."""
    return sorted(configuration.agents, key=lambda agent: (bool(agent.export_flows), agent.category.casefold() != "ad"))


def _run(agent: ManagementAgent, kind: StepKind) -> Run:
    return Run(agent.name, LEAD + kind.value)


def scope_differs(present: ServerConfiguration, agent: ManagementAgent) -> bool:
    """Whether an import would bring other objects or attributes than it did."""
    known = present.agent_by_id(agent.id)
    if known is None:
        return True
    return _scope(known) != _scope(agent)


def _scope(agent: ManagementAgent) -> object:
    parts = {
        partition.id.upper(): (partition.selected, _folded(partition.object_types), _folded(partition.inclusions), _folded(partition.exclusions))
        for partition in agent.partitions
    }
    return parts, _folded(agent.included_attributes), agent.parameters


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)
