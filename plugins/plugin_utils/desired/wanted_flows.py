# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Flows as they shall be: which declared line stands for which flow that is there, and in which order they rank.

A flow is named by its two ends. A line that says the same as a flow is that flow; a line with the same ends as a
single other flow changes it; any other line is a new flow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Union

from ..configuration.model import (
    ExportFlow,
    ExportFlowSet,
    ImportFlow,
    ImportFlows,
    ManagementAgent,
    ServerConfiguration,
    SyncRuleMapping,
)
from .combining import DELETED, MERGED, OVERRIDDEN, REPLACED, claim, make_guid
from .ledger import Ledger
from .problems import READ_ONLY, suggestion
from .wishes import ExportWish, ImportWish, ServerWish

Pair = tuple[str, str]
# A flow and its declared rank: a number, first, last, or what says nothing of its place.
Ranked = tuple[ImportFlow, Union[int, str, None]]


class FlowMaker:
    """`agents` are those that shall be there."""

    def __init__(self, present: ServerConfiguration, agents: Sequence[ManagementAgent], wish: ServerWish, state: str, ledger: Ledger) -> None:
        self.present = present
        self.agents = agents
        self.wish = wish
        self.state = state
        self.ledger = ledger
        self.names = {agent.name.casefold(): agent.id for agent in agents}
        self.exact = {agent.name.casefold() for agent in wish.agents if agent.flows_named and state == REPLACED}
        self.orders: dict[str, dict[str, int]] = {}
        self.known_ids = {flow.agent_id for flows in present.metaverse.import_flows for flow in flows.flows}

    def agent_id(self, wish: ImportWish | ExportWish) -> str:
        if wish.agent.upper() in self.known_ids:
            return wish.agent.upper()
        found = self.names.get(wish.agent.casefold(), "")
        if not found:
            known = [agent.name for agent in self.agents]
            self.ledger.problems.add(wish.path, f"names the agent {wish.agent!r}, which is not there{suggestion(wish.agent, known)}")
        return found

    # -- into the metaverse ----------------------------------------------------------------------------------------

    def imports(self, gone: set[str]) -> tuple[ImportFlows, ...]:
        """All flows into the metaverse; those of agents in `gone` go with them."""
        wishes: dict[Pair, list[ImportWish]] = {}
        titles: dict[Pair, Pair] = {}
        for wish in self.wish.imports:
            key = (wish.mv_object_type.casefold(), wish.mv_attribute.casefold())
            wishes.setdefault(key, []).append(wish)
            titles.setdefault(key, (wish.mv_object_type, wish.mv_attribute))
        made = []
        for group in self.present.metaverse.import_flows:
            key = (group.mv_object_type.casefold(), group.mv_attribute.casefold())
            lines = wishes.pop(key, [])
            changed = self.group(group, lines, gone)
            if changed.flows or not group.flows:
                made.append(self.in_order(changed, lines))
        for key in sorted(wishes):
            changed = self.group(ImportFlows(*titles[key], "ranked", ()), wishes[key], gone)
            if changed.flows:
                made.append(self.in_order(changed, wishes[key]))
        return tuple(made)

    def in_order(self, group: ImportFlows, lines: list[ImportWish]) -> ImportFlows:
        """Flows of the agents that the object type's `precedence` names come first, unless a line says a rank itself."""
        order = self.order_of(group.mv_object_type)
        if not order or group.precedence != "ranked" or self.state == DELETED or any(line.precedence is not None for line in lines):
            return group
        last = len(order)
        return replace(group, flows=tuple(sorted(group.flows, key=lambda flow: order.get(flow.agent_id, last))))

    def order_of(self, object_type: str) -> dict[str, int]:
        """Agent's id -> rank."""
        key = object_type.casefold()
        if key in self.orders:
            return self.orders[key]
        found = self.orders[key] = dict[str, int]()
        for index, name in enumerate(self.wish.metaverse.precedence.get(key, ())):
            identifier = self.names.get(name.casefold(), "")
            if identifier in found:
                self.ledger.problems.add(f"metaverse.precedence.{object_type}[{index}]", f"names the agent {name!r} again")
            elif not identifier:
                hint = suggestion(name, [agent.name for agent in self.agents])
                self.ledger.problems.add(f"metaverse.precedence.{object_type}[{index}]", f"names the agent {name!r}, which is not there{hint}")
            found.setdefault(identifier or name, index)
        return found

    def group(self, group: ImportFlows, wishes: list[ImportWish], gone: set[str]) -> ImportFlows:
        wishes = sorted(wishes, key=lambda wish: (wish.agent.casefold(), wish.object_type.casefold(), str(wish.mapping), _number(wish.precedence)))
        there = [flow for flow in group.flows if flow.agent_id not in gone]
        declared = [ImportFlow("", self.agent_id(wish), wish.object_type, wish.mapping) for wish in wishes]
        claimed = claim(declared, there, (_import_value, _import_ends))
        if self.state == DELETED:
            return replace(group, flows=tuple(flow for index, flow in enumerate(there) if index not in claimed or isinstance(flow.mapping, SyncRuleMapping)))
        flows = self.placed(group, there, declared, claimed, wishes)
        return replace(group, precedence=self.precedence(group, wishes), flows=tuple(flows))

    def placed(
        self, group: ImportFlows, there: list[ImportFlow], declared: list[ImportFlow], claimed: list[int | None], wishes: list[ImportWish]
    ) -> list[ImportFlow]:
        standing: dict[int, Ranked] = {}
        fresh: list[Ranked] = []
        for number, (flow, index, wish) in enumerate(zip(declared, claimed, wishes, strict=True)):
            if isinstance(flow.mapping, SyncRuleMapping) and (index is None or there[index].mapping != flow.mapping):
                self.ledger.problems.add(wish.path, READ_ONLY)
            identifier = there[index].id if index is not None else make_guid("import", group.mv_object_type, group.mv_attribute, flow, number)
            made = replace(flow, id=identifier, object_type=flow.object_type if index is None else there[index].object_type)
            self.ledger.name("import-flow", identifier, wish.path)
            if index is None:
                fresh.append((made, wish.precedence))
            else:
                standing[index] = (made, wish.precedence)
        named = bool(wishes)
        kept = [standing.get(index, (flow, None)) for index, flow in enumerate(there) if index in standing or self.keeps(flow, named=named)]
        return _ranked([*kept, *fresh])

    def keeps(self, flow: ImportFlow, *, named: bool) -> bool:
        """Whether a flow that no line names stays."""
        if isinstance(flow.mapping, SyncRuleMapping) or self.state == MERGED:
            return True
        owner = next((agent.name.casefold() for agent in self.agents if agent.id == flow.agent_id), "")
        return self.state == REPLACED and not named and owner not in self.exact

    def precedence(self, group: ImportFlows, wishes: list[ImportWish]) -> str:
        words = {wish.precedence if wish.precedence in ("equal", "manual") else "ranked" for wish in wishes if wish.precedence is not None}
        if len(words) > 1:
            path = next(wish.path for wish in wishes if wish.precedence is not None)
            self.ledger.problems.add(f"{path}.precedence", f"differs between flows into {group.mv_object_type}/{group.mv_attribute}")
        if len(words) == 1:
            return str(next(iter(words)))
        # Nothing said means by rank where a declaration tells all that there is.
        unsaid = self.state == OVERRIDDEN and wishes and group.precedence in ("equal", "manual")
        return "ranked" if unsaid else group.precedence

    # -- out of the metaverse --------------------------------------------------------------------------------------

    def exports(self) -> dict[str, tuple[ExportFlowSet, ...]]:
        """Export flows by the agent's id."""
        wishes: dict[str, list[ExportWish]] = {}
        for wish in self.wish.exports:
            wishes.setdefault(self.agent_id(wish), []).append(wish)
        return {agent.id: self.sets(agent, wishes.get(agent.id, [])) for agent in self.agents}

    def sets(self, agent: ManagementAgent, wishes: list[ExportWish]) -> tuple[ExportFlowSet, ...]:
        groups: dict[Pair, list[ExportWish]] = {}
        titles: dict[Pair, Pair] = {}
        for wish in wishes:
            key = (wish.object_type.casefold(), wish.mv_object_type.casefold())
            groups.setdefault(key, []).append(wish)
            titles.setdefault(key, (wish.object_type, wish.mv_object_type))
        made = []
        for there in agent.export_flows:
            changed = self.set(agent, there, groups.pop((there.object_type.casefold(), there.mv_object_type.casefold()), []))
            if changed.flows or not there.flows:
                made.append(changed)
        fresh = [self.set(agent, ExportFlowSet(*titles[key], ()), groups[key]) for key in sorted(groups)]
        return (*made, *(item for item in fresh if item.flows))

    def set(self, agent: ManagementAgent, there: ExportFlowSet, wishes: list[ExportWish]) -> ExportFlowSet:
        wishes = sorted(wishes, key=lambda wish: (wish.attribute.casefold(), str(wish.mapping)))
        declared = [ExportFlow("", wish.attribute, bool(wish.allow_nulls), wish.mapping) for wish in wishes]
        claimed = claim(declared, there.flows, (_export_value, _export_ends))
        if self.state == DELETED:
            left = (flow for index, flow in enumerate(there.flows) if index not in claimed or isinstance(flow.mapping, SyncRuleMapping))
            return replace(there, flows=tuple(left))
        standing: dict[int, ExportFlow] = {}
        fresh: list[ExportFlow] = []
        for number, (flow, index, wish) in enumerate(zip(declared, claimed, wishes, strict=True)):
            present = None if index is None else there.flows[index]
            seed = (agent.name, there.object_type, there.mv_object_type, number)
            made = self.export(flow, present, wish, seed)
            if index is None and number and declared[number - 1] == flow:
                self.ledger.problems.add(wish.path, f"repeats the flow to {wish.agent}/{wish.object_type}/{wish.attribute} of {wishes[number - 1].path}")
            if index is None:
                fresh.append(made)
            else:
                standing[index] = made
        kept = [standing.get(index, flow) for index, flow in enumerate(there.flows) if index in standing or self.keeps_export(agent, there, flow, wishes)]
        return replace(there, flows=(*kept, *fresh))

    def export(self, flow: ExportFlow, present: ExportFlow | None, wish: ExportWish, seed: tuple[object, ...]) -> ExportFlow:
        if isinstance(flow.mapping, SyncRuleMapping) and (present is None or present.mapping != flow.mapping):
            self.ledger.problems.add(wish.path, READ_ONLY)
        identifier = present.id if present else make_guid("export", *seed, flow)
        self.ledger.name("export-flow", identifier, wish.path)
        nulls = wish.allow_nulls if wish.allow_nulls is not None else bool(present and present.allow_nulls)
        return replace(flow, id=identifier, allow_nulls=nulls, attribute=present.attribute if present else flow.attribute)

    def keeps_export(self, agent: ManagementAgent, there: ExportFlowSet, flow: ExportFlow, wishes: list[ExportWish]) -> bool:
        if isinstance(flow.mapping, SyncRuleMapping) or self.state == MERGED:
            return True
        if self.state == OVERRIDDEN or agent.name.casefold() in self.exact:
            return False
        return not any(wish.attribute.casefold() == flow.attribute.casefold() for wish in wishes) and bool(there.flows)


def _number(precedence: int | str | None) -> int:
    """Rules of the portal may say the same twice: then the declared rank tells which is which."""
    return precedence if isinstance(precedence, int) else 0


def _import_value(flow: ImportFlow) -> tuple[object, ...]:
    return (flow.agent_id, flow.object_type.casefold(), flow.mapping)


def _import_ends(flow: ImportFlow) -> tuple[object, ...]:
    return (flow.agent_id, flow.object_type.casefold(), isinstance(flow.mapping, SyncRuleMapping))


def _export_value(flow: ExportFlow) -> tuple[object, ...]:
    return (flow.attribute.casefold(), flow.mapping)


def _export_ends(flow: ExportFlow) -> tuple[object, ...]:
    return (flow.attribute.casefold(), isinstance(flow.mapping, SyncRuleMapping))


def _ranked(flows: list[Ranked]) -> list[ImportFlow]:
    """Flows with a rank at their place, the others around them in their order."""
    first = [flow for flow, rank in flows if rank == "first"]
    last = [flow for flow, rank in flows if rank == "last"]
    others = [flow for flow, rank in flows if not isinstance(rank, int) and rank not in ("first", "last")]
    result = [*first, *others, *last]
    for flow, rank in sorted(((flow, rank) for flow, rank in flows if isinstance(rank, int)), key=lambda pair: pair[1]):
        result.insert(rank - 1, flow)
    return result
