# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Import attribute flow: which source supplies a metaverse attribute.

Source: reference page `sync-engine` section 3, inbound 5 and 6 (ranked, equal, manual; recall).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from .failures import ObjectFailure
from .flows import ExportFlowRule, ImportFlowRule
from .objects import NO_ATTRIBUTES, NOTHING, Attributes, CsObject, Lineage, MvObject, Origin, guid, origins, same_values
from .rules import ImportGroup, Rules
from .store import Store
from .systems.base import Value, Values

# A value with its lineage; None for nothing.
Supply = tuple[Values, Lineage]
# Characters and bytes of a value that the database can index (reference 7).
LONGEST_TEXT, LONGEST_BINARY = 448, 900
# Maps of lineage that are shared by the objects that have the same.
MOST_LINEAGES = 1000
NO_SUPPLY: Supply = (NOTHING, ("", "", ""))


class ImportFlow:
    """Works out metaverse values from the views of connectors."""

    def __init__(self, rules: Rules, store: Store, now: float = 0.0) -> None:
        self.rules = rules
        self.store = store
        self.now = now
        # Shared by all objects whose values were supplied in one step: the empty name stands for every attribute.
        self.dates: Mapping[str, float] = {"": now}
        self.lineages: dict[tuple[tuple[str, Lineage], ...], Mapping[str, Lineage]] = {}
        # Of the object that is being worked on: its connectors, and its new values.
        self.written: Mapping[str, Values] = NO_ATTRIBUTES
        self.linked: dict[tuple[str, str], list[CsObject]] = {}

    def run(self, mv: MvObject, groups: Collection[ImportGroup], source: CsObject | None, view: Attributes) -> set[str]:
        """Evaluates the groups and writes the object if a value changed; returns the attributes that did.

        `source` is the connector being synchronized, with its latest view; others count with what was synchronized.
        """
        changed: set[str] = set()
        if not groups:
            return changed
        self.linked = self._links(mv)
        values = lineage = None
        for group in groups:
            old = mv.values.get(group.target, NOTHING)
            old_lineage = mv.lineage.get(group.target)
            supply = self._told(group, mv, source, view)
            if supply is None or (not old and not supply[0]) or (supply[1] == old_lineage and same_values(supply[0], old)):
                continue
            if values is None or lineage is None:
                values, lineage = dict(mv.values), dict(mv.lineage)
            self._put(values, lineage, group.target, supply)
            if not same_values(supply[0], old):
                changed.add(group.target)
        if values is not None and lineage is not None:
            self.written = values
            self.store.metaverse.write(mv, values, self._shared(lineage), self._dates(mv, lineage))
        return changed

    def _shared(self, lineage: dict[str, Lineage]) -> Mapping[str, Lineage]:
        """One map for all objects whose values come from the same flows."""
        if len(self.lineages) >= MOST_LINEAGES:
            self.lineages.clear()
        return self.lineages.setdefault(tuple(lineage.items()), lineage)

    def _dates(self, mv: MvObject, lineage: Mapping[str, Lineage]) -> Mapping[str, float]:
        """When each value was supplied: now for the ones whose value or lineage is new."""
        if not mv.values:
            return self.dates
        common = mv.dates.get("", 0.0)
        dates = {name: held for name, held in mv.dates.items() if not name or name in lineage}
        for name, origin in lineage.items():
            if mv.lineage.get(name) != origin or not same_values(mv.values.get(name, NOTHING), self.written.get(name, NOTHING)):
                dates[name] = self.now
        return dates if any(name and held != common for name, held in dates.items()) else mv.dates

    @staticmethod
    def _put(values: dict[str, Values], lineage: dict[str, Lineage], target: str, supply: Supply) -> None:
        if supply[0]:
            values[target], lineage[target] = supply
        else:
            values.pop(target, None)
            lineage.pop(target, None)

    def _told(self, group: ImportGroup, mv: MvObject, source: CsObject | None, view: Attributes) -> Supply | None:
        """`_supply`; a failure tells which rule it was (`rules-error-info`)."""
        try:
            return self._supply(group, mv, source, view)
        except ObjectFailure as failure:
            own = (flow for flow in group.flows if source is not None and (flow.agent_id, flow.cd_type) == (source.agent_id, source.type.lower()))
            flow = next(own, group.flows[0] if group.flows else None)
            if flow is not None and "rules-dest-attr" not in failure.detail:
                item = source or next(iter(self.linked.get((flow.agent_id, flow.cd_type), ())), None)
                failure.detail |= rule_context(self.rules, flow.agent_id, item, group.target, flow)
            raise

    def _supply(self, group: ImportGroup, mv: MvObject, source: CsObject | None, view: Attributes) -> Supply | None:
        """The value that the attribute is to have; None to leave it as it is."""
        if group.precedence == "ranked":
            return self._ranked(group, mv, source, view)
        if group.precedence == "equal":
            return self._equal(group, mv, source, view)
        return self._manual(group, mv, source, view)

    def _ranked(self, group: ImportGroup, mv: MvObject, source: CsObject | None, view: Attributes) -> Supply | None:
        """The first in rank that has a value; a flow that says nothing keeps what it supplied before."""
        lineage = mv.lineage.get(group.target)
        for flow in group.flows:
            connector, seen = self._connector(flow, source, view)
            if connector is None:
                if lineage == flow.origin and self._stays(flow):
                    return None
                continue
            values = self._compute(flow, connector, seen, mv.values, group)
            if values:
                return values, flow.origin
            if values is None and lineage == flow.origin:
                return None
        return NO_SUPPLY

    def _stays(self, flow: ImportFlowRule) -> bool:
        """Without recall the value of a connector that is gone stays and holds its rank."""
        return not self.rules.recalls(flow.agent_id)

    def _connector(self, flow: ImportFlowRule, source: CsObject | None, view: Attributes) -> tuple[CsObject | None, Attributes]:
        """The connector that feeds the flow, with the view that counts."""
        found = self.linked.get((flow.agent_id, flow.cd_type), ())
        if len(found) > 1 and flow.declared:
            raise ObjectFailure("ambiguous-import-flow-from-multiple-connectors", "import-flow")
        if source is not None and source in found:
            return source, view
        if not found or found[0].hologram is None:
            return None, NO_ATTRIBUTES
        return found[0], found[0].hologram

    def _links(self, mv: MvObject) -> dict[tuple[str, str], list[CsObject]]:
        """The connectors by agent and object type."""
        linked: dict[tuple[str, str], list[CsObject]] = {}
        for number in mv.links:
            item = self.store.cs_object(number)
            if item is not None:
                linked.setdefault((item.agent_id, item.type.lower()), []).append(item)
        return linked

    @staticmethod
    def _compute(flow: ImportFlowRule, connector: CsObject, view: Attributes, mv_values: Attributes, group: ImportGroup) -> Values | None:
        values = flow.compute(view, connector, mv_values)
        if values and group.single and len(values) > 1:
            raise ObjectFailure("flow-multi-values-to-single-value", "import-flow")
        if values and group.indexed and any(_is_too_long(value) for value in values):
            raise ObjectFailure("mv-constraint-violation", "import-flow")
        return values

    def _equal(self, group: ImportGroup, mv: MvObject, source: CsObject | None, view: Attributes) -> Supply | None:
        """Single-valued: the last writer wins. Multi-valued: the union, with an origin for each value."""
        held = _by_origin(mv.values.get(group.target, NOTHING), mv.lineage.get(group.target))
        kept = {flow.origin for flow in group.flows}
        fresh: dict[Origin, Values] = {}
        for flow in group.flows:
            connector, seen = self._connector(flow, source, view)
            if connector is None:
                if self._stays(flow) and flow.origin in held:
                    fresh[flow.origin] = held[flow.origin]
                continue
            values = self._compute(flow, connector, seen, mv.values, group)
            if values is None:
                values = held.get(flow.origin, NOTHING)
            if values:
                fresh[flow.origin] = values
                if connector is source and group.single:
                    return values, flow.origin
        if group.single:
            last = next((origin for origin in held if origin in kept and origin in fresh), None)
            first = last or next(iter(fresh), None)
            return NO_SUPPLY if first is None else (fresh[first], first)
        return _union(fresh)

    def _manual(self, group: ImportGroup, mv: MvObject, source: CsObject | None, view: Attributes) -> Supply | None:
        """The extension decides: whatever the flow of the connector at hand writes is the value."""
        for flow in group.flows:
            if source is not None and (flow.agent_id, flow.cd_type) == (source.agent_id, source.type.lower()):
                values = self._compute(flow, source, view, mv.values, group)
                if values is not None:
                    return values, flow.origin
        return self._manual_recall(group, mv) if source is None else None

    def _manual_recall(self, group: ImportGroup, mv: MvObject) -> Supply | None:
        """The connector that supplied the value is gone: the rules of the others are asked, in the flows' order."""
        lineage = mv.lineage.get(group.target)
        if lineage is None or not self.rules.recalls(origins(lineage)[0][0]) or any(agent_id == origins(lineage)[0][0] for agent_id, _unused in self.linked):
            return None
        left = {name: held for name, held in mv.values.items() if name != group.target}
        for flow in group.flows:
            connector, seen = self._connector(flow, None, NO_ATTRIBUTES)
            values = None if connector is None else self._compute(flow, connector, seen, left, group)
            if values:
                return values, flow.origin
        return NO_SUPPLY

    # Recall

    def recalled(self, mv: MvObject, agent_id: str) -> list[ImportGroup]:
        """The groups to be evaluated when a connector of the agent is gone: those it contributed to."""
        groups = self.rules.all_groups.get(mv.type.lower(), {})
        found = []
        for name, lineage in mv.lineage.items():
            group = groups.get(name)
            if group is not None and any(origin[0] == agent_id for origin in origins(lineage)):
                found.append(group)
        return found


def rule_context(rules: Rules, agent_id: str, item: CsObject | None, target: str, flow: ImportFlowRule | ExportFlowRule) -> dict[str, str]:
    """What `rules-error-info` tells of a flow that failed."""
    return {
        "rules-ma-id": agent_id,
        "rules-ma-name": rules.agents[agent_id].agent.name,
        "rules-cs-object-id": guid("cs", item.id) if item is not None else "",
        "rules-dn": item.dn if item is not None else "",
        "rules-dest-attr": target,
        "rules-context-id": flow.id,
        "rules-mapping": flow.kind,
        "rules-script": flow.context,
        "rules-sources": "\n".join(flow.sources),
    }


def _is_too_long(value: Value) -> bool:
    return len(value) > LONGEST_TEXT if isinstance(value, str) else isinstance(value, bytes) and len(value) > LONGEST_BINARY


def _by_origin(values: Values, lineage: Lineage | None) -> dict[Origin, Values]:
    if lineage is None:
        return {}
    owners = origins(lineage)
    if len(owners) == 1:
        return {owners[0]: values}
    held: dict[Origin, tuple[Value, ...]] = {}
    for value, origin in zip(values, owners, strict=False):
        held[origin] = (*held.get(origin, ()), value)
    return held


def _union(fresh: Mapping[Origin, Values]) -> Supply:
    """All values once, each with the first origin that has it; the order is the values', so that it does not depend on who came first."""
    owners: dict[Value, Origin] = {}
    for origin, values in fresh.items():
        for value in values:
            owners.setdefault(value, origin)
    if not owners:
        return NO_SUPPLY
    ordered = sorted(owners, key=lambda value: (type(value).__name__, value))
    origins = tuple(owners[value] for value in ordered)
    return tuple(ordered), origins[0] if len(set(origins)) == 1 else origins
