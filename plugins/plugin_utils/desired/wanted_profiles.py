# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run profiles of an agent as they shall be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ..configuration import distinguished_name
from ..configuration.model import ManagementAgent, Partition, RunProfile, RunStep, StepKind
from .capabilities import page_sizes
from .combining import MERGED, OVERRIDDEN, combine, make_guid
from .ledger import Ledger
from .problems import suggestion
from .wishes import AgentWish, ProfilesWish, ProfileWish, StepWish
from .words import EXPORT_PROFILE, STANDARD_PROFILES, STEP_TYPES

# What connectors and directories take when nothing else is said (the designer's own values).
_PAGE, _BATCH, _SECONDS = 500, 100, 120


class ProfileMaker:
    """`agent` has its partitions and export flows as they shall be."""

    def __init__(self, agent: ManagementAgent, wish: AgentWish, state: str, everywhere: ProfilesWish | None, ledger: Ledger) -> None:
        self.agent = agent
        self.wish = wish.run_profiles if wish.run_profiles is not None else everywhere
        self.state = state
        self.ledger = ledger
        self.selected = [partition for partition in agent.partitions if partition.selected]

    def make(self) -> tuple[RunProfile, ...]:
        if self.wish is None:
            return self.agent.run_profiles if self.state != OVERRIDDEN else ()
        wishes = self.standard() if self.wish.standard else list(self.wish.profiles)
        declared: dict[str, RunProfile] = {}
        for wish in wishes:
            declared[wish.name.casefold()] = self.profile(wish)
            self.ledger.name("run-profile", self.agent.name, wish.name, wish.path)
        return combine(self.agent.run_profiles, declared, lambda item: item.name.casefold(), self.state)

    def standard(self) -> list[ProfileWish]:
        path = "" if self.wish is None else self.wish.path
        kinds = dict(STANDARD_PROFILES)
        if any(flows.flows for flows in self.agent.export_flows):
            kinds[EXPORT_PROFILE] = StepKind.EXPORT
        return [ProfileWish(name, (StepWish(self.standard_step(kind), path=path),), path) for name, kind in kinds.items()]

    def standard_step(self, kind: StepKind) -> RunStep:
        words, subtypes = STEP_TYPES[kind]
        step = RunStep(kind, "", type=words, subtypes=subtypes)
        if self.agent.forest is None or kind in (StepKind.FULL_SYNC, StepKind.DELTA_SYNC):
            return step
        return replace(step, batch_size=_BATCH, page_size=_PAGE, timeout=_SECONDS)

    def profile(self, wish: ProfileWish) -> RunProfile:
        present = next((item for item in self.agent.run_profiles if item.name.casefold() == wish.name.casefold()), None)
        before: Counter[tuple[StepKind, str]] = Counter()
        steps = tuple(step for item in wish.steps for step in self.steps(item, present, before))
        standard = self.wish is not None and self.wish.standard
        if present is not None and standard and _same_steps(present.steps, steps):
            return present
        if present is None:
            return RunProfile(make_guid("run-profile", self.agent.name, wish.name), wish.name, steps)
        return replace(present, steps=steps)

    def steps(self, wish: StepWish, present: RunProfile | None, before: Counter[tuple[StepKind, str]]) -> list[RunStep]:
        """The step, once for each partition it is for; what is not said of it stays as it is. `before` counts like steps of the profile so far."""
        made = []
        for partition in self.partitions(wish):
            step = replace(wish.step, partition_id=partition)
            there = [item for item in present.steps if (item.kind, item.partition_id) == (step.kind, step.partition_id)] if present else []
            if not step.type and not there:
                self.ledger.problems.add(f"{wish.path}.type", "is empty; it says what the step does")
            keeps = self.state == MERGED or (self.wish is not None and self.wish.standard)
            number = before[step.kind, step.partition_id]
            before[step.kind, step.partition_id] += 1
            filled = _filled(step, there[min(number, len(there) - 1)]) if there and keeps else step
            made.append(filled if there else self.paged(filled))
        return made

    def paged(self, step: RunStep) -> RunStep:
        """A connector reads and writes page by page; without a size of its own a new step has the connector's."""
        if step.batch_size or self.agent.category != "Extensible2" or step.kind in (StepKind.FULL_SYNC, StepKind.DELTA_SYNC, StepKind.OTHER):
            return step
        imports, exports = page_sizes(self.agent)
        return replace(step, batch_size=exports if step.kind is StepKind.EXPORT else imports)

    def partitions(self, wish: StepWish) -> list[str]:
        if wish.partition is None:
            return [partition.id for partition in self.selected] or [""]
        if not wish.partition:
            return [""]
        found = [partition.id for partition in self.agent.partitions if _named(partition, wish.partition)]
        if not found and wish.partition.startswith("{"):
            return [wish.partition.upper()]
        if not found:
            names = [partition.name for partition in self.agent.partitions]
            self.ledger.problems.add(
                f"{wish.path}.partition", f"the agent {self.agent.name!r} has no partition {wish.partition!r}{suggestion(wish.partition, names)}"
            )
        return found[:1]


def _named(partition: Partition, name: str) -> bool:
    if partition.name.casefold() == name.casefold():
        return True
    return partition.is_domain and "=" not in name and distinguished_name.same(partition.dn or partition.name, distinguished_name.of_domain(name))


def _filled(step: RunStep, there: RunStep) -> RunStep:
    names = ("object_limit", "delete_limit", "batch_size", "page_size", "timeout", "data", "drop_file")
    return replace(step, **{name: getattr(step, name) or getattr(there, name) for name in names})


def _same_steps(present: Sequence[RunStep], wanted: Sequence[RunStep]) -> bool:
    return [(step.kind, step.partition_id) for step in present] == [(step.kind, step.partition_id) for step in wanted]
