# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a full synchronization need not evaluate: flows that copy a value which is there already.

Most flows of a configuration copy, and most objects of a full synchronization are as they were. For those it is enough to compare
the value with its copy, provided that the flow wins by rank whatever the other sources say: it is the first in rank and supplied
the value that is there. Everything else (scripts, references, conversions, other precedence) is evaluated as ever, and so is
every flow of which the comparison says that something differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .flows import ExportFlowRule, ImportFunction
from .objects import DELETE_ADD, NO_ATTRIBUTES, Attributes, CsObject, Lineage, MvObject, origins
from .rules import ExportSet, ImportGroup, ImportSet
from .systems.base import Values

# Plans that are kept for maps of lineage: objects of one kind share them.
MOST_PLANS = 1000
NO_VALUE: Values = ()


@dataclass(frozen=True)
class ImportPlan:
    """What is to be compared for objects that have one lineage. `copies`: source, target, group, whether one value is allowed only."""

    lineage: Mapping[str, Lineage]
    copies: tuple[tuple[str, str, ImportGroup, bool], ...]
    constants: tuple[tuple[Values, str, ImportGroup], ...]
    names: tuple[tuple[str, ImportGroup], ...]
    references: tuple[tuple[ImportFunction, str, ImportGroup], ...]
    # Sources that must have no value, for nothing else supplies one.
    absent: tuple[tuple[str, ImportGroup], ...]
    rest: tuple[ImportGroup, ...]


class ImportShortcut:
    """The import flows of one agent's object type into one metaverse type. `all_groups`: all flows of the metaverse type, by target."""

    def __init__(self, flows: ImportSet, key: tuple[str, str, str], all_groups: Mapping[str, ImportGroup]) -> None:
        self.groups = flows.groups
        self.agent_id, self.cd_type, _unused = key
        self.all_groups = all_groups
        self.plans: dict[int, ImportPlan] = {}

    def due(self, item: CsObject, mv: MvObject, view: Attributes) -> list[ImportGroup]:
        """The groups to evaluate in a full synchronization."""
        lineage = mv.lineage
        plan = self.plans.get(id(lineage))
        if plan is None or plan.lineage is not lineage:
            plan = self._plan(lineage)
        seen, held = view.get, mv.values.get
        due = [group for source, target, group, single in plan.copies if (value := seen(source)) != held(target) or (single and value and len(value) > 1)]
        due += [group for values, target, group in plan.constants if held(target) != values]
        due += [group for target, group in plan.names if held(target) != (item.dn,)]
        due += [group for compute, target, group in plan.references if self._differs(compute(view, item, mv.values), held(target, NO_VALUE), group)]
        due += [group for source, group in plan.absent if seen(source)]
        return [*plan.rest, *due]

    @staticmethod
    def _differs(targets: Values | None, held: Values, group: ImportGroup) -> bool:
        return targets != held or (group.single and len(held) > 1)

    def _plan(self, lineage: Mapping[str, Lineage]) -> ImportPlan:
        copies, constants, names, references, absent, rest = [], [], [], [], [], []
        for group in self.groups:
            first, supplied = group.flows[0], lineage.get(group.target)
            plain = first.plain
            if plain is None or not self._wins(group, supplied):
                rest.append(group)
            elif plain.reference:
                references.append((first.compute, group.target, group))
            elif supplied is None:
                absent.append((plain.source, group))
            elif plain.source:
                copies.append((plain.source, group.target, group, group.single))
            elif plain.values:
                constants.append((plain.values, group.target, group))
            else:
                names.append((group.target, group))
        rest += orphans(lineage, self.agent_id, self.all_groups)
        plan = ImportPlan(lineage, tuple(copies), tuple(constants), tuple(names), tuple(references), tuple(absent), tuple(rest))
        if len(self.plans) >= MOST_PLANS:
            self.plans.clear()
        self.plans[id(lineage)] = plan
        return plan

    def _wins(self, group: ImportGroup, supplied: Lineage | None) -> bool:
        """The first in rank is this connector's, and it supplied the value; or there is none and nobody else could supply it."""
        first = group.flows[0]
        if group.precedence != "ranked" or (first.agent_id, first.cd_type) != (self.agent_id, self.cd_type):
            return False
        if supplied is None:
            return len(group.flows) == 1 and first.plain is not None and bool(first.plain.source)
        return supplied == first.origin


def orphans(lineage: Mapping[str, Lineage], agent_id: str, groups: Mapping[str, ImportGroup]) -> list[ImportGroup]:
    found = []
    for name, told in lineage.items():
        origin = origins(told)[0]
        if origin[0] == agent_id and (name not in groups or origin[2] not in groups[name].ids):
            found.append(groups.get(name) or ImportGroup(name, "ranked", (), single=False, ids=frozenset()))
    return found


class ExportShortcut:
    """The export flows of one pair of types."""

    def __init__(self, flows: ExportSet) -> None:
        self.flows = flows.flows
        targets = [flow.target for flow in flows.flows]
        alone = [flow for flow in flows.flows if flow.plain is not None and not flow.plain.reference and not flow.loop and targets.count(flow.target) == 1]
        self.rest = tuple(flow for flow in flows.flows if flow not in alone)
        self.copies = tuple((flow.plain.source, flow.target, flow, flow.single) for flow in alone if flow.plain is not None and flow.plain.source)
        self.constants = tuple((flow.plain.values, flow.target, flow) for flow in alone if flow.plain is not None and not flow.plain.source)

    def due(self, mv: MvObject, item: CsObject) -> Iterable[ExportFlowRule]:
        """The flows to evaluate: all while something is pending or not confirmed."""
        if item.export or item.unconfirmed or item.export_op == DELETE_ADD:
            return self.flows
        wanted, have = mv.values.get, (item.hologram or NO_ATTRIBUTES).get
        due = [flow for source, target, flow, single in self.copies if (value := wanted(source)) != have(target) or (single and value and len(value) > 1)]
        due += [flow for values, target, flow in self.constants if have(target) != values]
        return (*self.rest, *due)
