# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A preview, whole: validation, runs, counts, groups, rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..configuration.collector import paused
from ..configuration.model import ServerConfiguration
from ..engine.extension import ExtensionLoader
from ..engine.switches import Switches
from .cycle import RULES, Performance, Ran, Run, Say, perform, runs_of, silent
from .findings import ERROR, Finding
from .groups import Count, Group, counts_of, groups_of
from .limits import Limit, exceeded
from .outcome import Comparison
from .rows import METAVERSE, TRANSITIONS, Row
from .sandbox import Noting, copied
from .scene import Origin, Scene
from .validation import validate


@dataclass(frozen=True)
class Answer:
    """`stopped`: why there is no whole answer (faults of the configuration, a run that ended early); empty for a whole one.

    `findings` of the configuration and of the objects; `notes` say what is an estimate; `broken`: limits that are exceeded.
    """

    title: str
    made_at: float
    findings: tuple[Finding, ...]
    origins: tuple[Origin, ...] = ()
    notes: tuple[str, ...] = ()
    runs: tuple[Ran, ...] = ()
    counts: tuple[Count, ...] = ()
    groups: tuple[Group, ...] = ()
    rows: tuple[Row, ...] = ()
    broken: tuple[str, ...] = ()
    stopped: str = ""
    traces: tuple[Mapping[str, Any], ...] = ()

    @property
    def headline(self) -> tuple[str, ...]:
        """What happens, in sentences; the irreversible first."""
        said = [f"{count.agent}: {_amount(count)} {TRANSITIONS[count.transition]}" for count in self.counts if count.agent != METAVERSE]
        return tuple(said) or ("Nothing happens to anybody.",)


def _amount(count: Count) -> str:
    share = f" of {count.of:,} ({count.percent:.1f} %)" if count.of else ""
    return f"{count.objects:,}{share} {count.object_type}:"


@dataclass
class Preview:
    """What is asked. `wanted` None: the present configuration; `runs` empty: those of `cycle`."""

    scene: Scene
    extensions: ExtensionLoader
    wanted: ServerConfiguration | None = None
    cycle: str = RULES
    runs: Sequence[Run] = ()
    limits: Sequence[Limit] = ()
    title: str = ""
    clock: Callable[[], float] = time.time
    switches: Switches | None = None
    say: Say = silent
    performance: Performance | None = field(default=None, init=False)

    @property
    def configuration(self) -> ServerConfiguration:
        return self.wanted if self.wanted is not None else self.scene.configuration

    def run(self) -> Answer:
        """Validates, runs on a copy of the scene's state, compares."""
        with paused():
            return self._run()

    def _run(self) -> Answer:
        findings = (*validate(self.configuration, self.extensions), *self.scene.findings.all)
        start = {"title": self.title, "made_at": self.clock(), "findings": findings, "origins": tuple(self.scene.origins), "notes": tuple(self._notes())}
        faults = [finding for finding in validate(self.configuration, self.extensions) if finding.severity == ERROR]
        if faults:
            stopped = f"the configuration has {len(faults)} faults; nothing was previewed"
            return Answer(**start, stopped=stopped)  # type: ignore[arg-type]  # each value has its field's type
        done = self._perform()
        rows = tuple(self._compare(done).rows())
        counts = counts_of(rows, self.scene.store, self._agents())
        return Answer(
            **start,  # type: ignore[arg-type]  # each value has its field's type
            runs=tuple(done.runs),
            counts=tuple(counts),
            groups=tuple(groups_of(rows)),
            rows=rows,
            broken=tuple(exceeded(self.limits, counts)),
            stopped=done.stopped,
        )

    def _perform(self) -> Performance:
        runs = list(self.runs) or runs_of(self.cycle, self.scene, self.configuration)
        store = copied(self.scene.store)
        self.worked_on = Noting()
        store.journal = self.worked_on
        self.performance = perform(self.scene, self.configuration, store, runs, self.extensions, clock=self.clock, switches=self.switches, say=self.say)
        return self.performance

    def _compare(self, done: Performance) -> Comparison:
        return Comparison(self.scene.store, done.store, self._agents(), {system.rules.id: system.log for system in done.systems.values()}, self.worked_on)

    def _agents(self) -> dict[str, str]:
        return {agent.id: agent.name for configuration in (self.scene.configuration, self.configuration) for agent in configuration.agents}

    def _notes(self) -> list[str]:
        """What this answer cannot know."""
        notes = [f"{origin.agent}: {origin.estimate}" for origin in self.scene.origins if origin.estimate]
        notes.append("What a system refuses at export, or changes by itself, is not known before the export.")
        for agent in self.configuration.agents:
            notes += self._scope_notes(agent.name)
        return notes

    def _scope_notes(self, name: str) -> list[str]:
        present, wanted = self.scene.configuration.agent(name), self.configuration.agent(name)
        if present is None or wanted is None or name in self.scene.bases:
            return []
        said = []
        known = {item.casefold() for partition in present.partitions if partition.selected for item in partition.inclusions}
        fresh = [item for partition in wanted.partitions if partition.selected for item in partition.inclusions if item.casefold() not in known]
        if fresh:
            places = ", ".join(fresh)
            said.append(f"{name}: nothing is known of objects below {places}, which no import has read yet; give them as LDIF, CSV or by LDAP.")
        added = sorted({item.casefold() for item in wanted.included_attributes} - {item.casefold() for item in present.included_attributes})
        if added:
            said.append(f"{name}: the attributes {', '.join(added)} were not imported yet, so they count as empty.")
        return said
