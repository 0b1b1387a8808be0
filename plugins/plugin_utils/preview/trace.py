# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One person, attribute by attribute: which source, which flow won and which lost, what a rule said, what would be exported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..configuration.model import ConstantMapping, DirectMapping, DnPartMapping, ExportFlowSet, ImportFlows, Mapping_, ScriptedMapping, ServerConfiguration
from ..engine.failures import ObjectFailure, StepStopped
from ..engine.flows import ExportFlowRule, ImportFlowRule
from ..engine.objects import DELETE, STATE_NAMES, Attributes, CsObject, MvObject, origins, same_values
from ..engine.rules import ImportGroup
from ..engine.runs import Engine
from ..engine.systems.base import Values
from .outcome import cs_texts, error_text, mv_texts, name_of
from .sandbox import AnyStore

LINKS = {0: "none", 2: "projection", 3: "join", 4: "provisioning", 9: "joiner"}


@dataclass(frozen=True)
class FlowTrace:
    """One flow that could supply an attribute. `values` is what it gives, `verdict` what became of it."""

    source: str
    rule: str
    read: tuple[str, ...]
    values: tuple[str, ...]
    verdict: str


@dataclass(frozen=True)
class AttributeTrace:
    attribute: str
    values: tuple[str, ...]
    precedence: str
    flows: tuple[FlowTrace, ...]


@dataclass(frozen=True)
class ConnectorTrace:
    """`export`: what waits to be sent; `flows`: what each export flow wants."""

    agent: str
    dn: str
    object_type: str
    link: str
    state: str
    export: str
    error: str
    held: Mapping[str, tuple[str, ...]]
    flows: tuple[AttributeTrace, ...]


@dataclass(frozen=True)
class PersonTrace:
    name: str
    object_type: str
    attributes: tuple[AttributeTrace, ...]
    connectors: tuple[ConnectorTrace, ...]


def find_people(
    store: AnyStore, wanted: str, attributes: Iterable[str] = ("accountName", "account", "sAMAccountName", "displayName", "mail")
) -> list[MvObject]:
    """Metaverse objects by the DN of a connector, or by an attribute; text without regard to case."""
    for space in store.spaces.values():
        item = space.by_dn(wanted)
        mv = store.metaverse.get(item.mv_id) if item is not None and item.mv_id else None
        if mv is not None:
            return [mv]
    for name in attributes:
        found = list(store.metaverse.find(name, wanted))
        if found:
            return found
    return []


class Tracer:
    """Reads the state after a preview; changes nothing in it."""

    def __init__(self, engine: Engine, store: AnyStore, rule_texts: Mapping[str, str] | None = None) -> None:
        """`rule_texts`: what a rule computes, by its name, where that is known."""
        self.engine = engine
        self.rule_texts = rule_texts or {}
        self.rules = engine.rules
        self.store = store
        self.imports = _import_mappings(engine.configuration)
        self.exports: dict[tuple[str, str, str], ExportFlowSet] = {
            (agent.id, item.object_type.lower(), item.mv_object_type.lower()): item for agent in engine.configuration.agents for item in agent.export_flows
        }

    def person(self, mv: MvObject) -> PersonTrace:
        groups = self.rules.all_groups.get(mv.type.lower(), {})
        names = sorted(groups.keys() | mv.values.keys())
        items = [item for item in map(self.store.cs_object, mv.links) if item is not None]
        traced = tuple(self._attribute(mv, name, groups.get(name), items) for name in names)
        return PersonTrace(name_of(mv), mv.type, traced, tuple(self._connector(mv, item) for item in items))

    # Import: which source supplies a metaverse attribute

    def _attribute(self, mv: MvObject, name: str, group: ImportGroup | None, items: list[CsObject]) -> AttributeTrace:
        reference = name in self.rules.mv_names.references
        texts = mv_texts(self.store, mv.values.get(name, ()), reference)
        if group is None:
            return AttributeTrace(name, texts, "", (FlowTrace("", "", (), texts, "no flow supplies it any more"),))
        lineage = mv.lineage.get(name)
        winners = origins(lineage) if lineage is not None else ()
        flows = tuple(self._import(mv, flow, items, flow.origin in winners, group) for flow in group.flows)
        return AttributeTrace(name, texts, group.precedence, flows)

    def _import(self, mv: MvObject, flow: ImportFlowRule, items: list[CsObject], won: bool, group: ImportGroup) -> FlowTrace:
        agent = self.rules.agents[flow.agent_id].agent.name
        rule = self._described(self.imports.get(flow.origin))
        found = next((item for item in items if (item.agent_id, item.type.lower()) == (flow.agent_id, flow.cd_type)), None)
        if found is None:
            return FlowTrace(f"{agent} {flow.cd_type}", rule, (), (), "kept without recall" if won else "not connected")
        view = found.view()
        read = tuple(f"{name}: {self._read(found, view, name)}" for name in flow.sources)
        source = f"{agent} {found.dn}"
        try:
            values = flow.compute(view, found, mv.values)
        except ObjectFailure as failure:
            return FlowTrace(source, rule, read, (), f"failed: {_failure(failure)}")
        except StepStopped as stopped:
            return FlowTrace(source, rule, read, (), f"failed: {stopped.result}")
        reference = group.target in self.rules.mv_names.references
        shown = mv_texts(self.store, values or (), reference)
        return FlowTrace(source, rule, read, shown, _import_verdict(values, won, group))

    def _read(self, item: CsObject, view: Attributes, name: str) -> str:
        if name == "dn":
            return item.dn
        names = self.rules.agents[item.agent_id].names
        return " | ".join(cs_texts(self.store, view.get(name, ()), name in names.references)) or "(none)"

    def _described(self, mapping: Mapping_ | None) -> str:
        if isinstance(mapping, DirectMapping):
            return f"direct from {mapping.source.name}"
        if isinstance(mapping, ConstantMapping):
            return f"constant {mapping.value!r}"
        if isinstance(mapping, ScriptedMapping):
            said = self.rule_texts.get(mapping.context, "")
            return f"rule {mapping.context}" + (f": {said}" if said else "")
        if isinstance(mapping, DnPartMapping):
            return f"part {mapping.part} of the distinguished name"
        return "a rule of the portal, which is not evaluated"

    # Export: what each flow wants a connector to hold

    def _connector(self, mv: MvObject, item: CsObject) -> ConnectorTrace:
        names = self.rules.agents[item.agent_id].names
        held = {**item.view(), **item.unconfirmed}
        error = item.import_error or item.export_error
        return ConnectorTrace(
            agent=self.rules.agents[item.agent_id].agent.name,
            dn=item.dn,
            object_type=item.type,
            link=LINKS.get(item.link_rule, str(item.link_rule)),
            state=STATE_NAMES[item.state],
            export=item.export_op or (f"{item.unconfirmed_op} awaits confirmation" if item.unconfirmed_op else ""),
            error=error_text(error) if error is not None else "",
            held={name: cs_texts(self.store, values, name in names.references) for name, values in sorted(held.items())},
            flows=self._exports(mv, item, held),
        )

    def _exports(self, mv: MvObject, item: CsObject, held: Attributes) -> tuple[AttributeTrace, ...]:
        key = (item.agent_id, item.type.lower(), mv.type.lower())
        compiled, declared = self.rules.exports.get(key), self.exports.get(key)
        if compiled is None or declared is None:
            return ()
        found: dict[str, list[FlowTrace]] = {}
        supplied: set[str] = set()
        for flow, mapping in zip(compiled.flows, (flow.mapping for flow in declared.flows), strict=True):
            found.setdefault(flow.target, []).append(self._export(mv, item, flow, self._described(mapping), supplied))
        references = self.rules.agents[item.agent_id].names.references
        final = {**held, **item.export}
        return tuple(AttributeTrace(name, cs_texts(self.store, final.get(name, ()), name in references), "", tuple(flows)) for name, flows in found.items())

    def _export(self, mv: MvObject, item: CsObject, flow: ExportFlowRule, rule: str, supplied: set[str]) -> FlowTrace:
        held = {**item.view(), **item.unconfirmed}
        read = tuple(f"{name}: {self._mv_read(mv, name)}" for name in flow.sources)
        if flow.target in supplied:
            return FlowTrace("metaverse", rule, read, (), "another flow of the same attribute comes first")
        lineage = mv.lineage.get(flow.source)
        if flow.loop and lineage is not None and any(origin[0] == item.agent_id for origin in origins(lineage)):
            return FlowTrace("metaverse", rule, read, (), "the value came from this agent and does not go back")
        try:
            values = flow.compute(mv, item, held)
        except ObjectFailure as failure:
            return FlowTrace("metaverse", rule, read, (), f"failed: {_failure(failure)}")
        except StepStopped as stopped:
            return FlowTrace("metaverse", rule, read, (), f"failed: {stopped.result}")
        if values is not None and (values or flow.allow_nulls):
            supplied.add(flow.target)
        return FlowTrace("metaverse", rule, read, cs_texts(self.store, values or (), flow.reference), _export_verdict(flow, values, item, held))

    def _mv_read(self, mv: MvObject, name: str) -> str:
        return " | ".join(mv_texts(self.store, mv.values.get(name, ()), name in self.rules.mv_names.references)) or "(none)"


def _import_verdict(values: Values | None, won: bool, group: ImportGroup) -> str:
    if won:
        return "won" if group.precedence == "ranked" else f"contributes ({group.precedence} precedence)"
    if values is None:
        return "the rule said nothing"
    if not values:
        return "has no value"
    return "lost: a source of higher rank has a value" if group.precedence == "ranked" else "lost"


def _export_verdict(flow: ExportFlowRule, values: Values | None, item: CsObject, held: Attributes) -> str:
    if item.export_op == DELETE:
        return "the object would be deleted"
    if values is None:
        return "the rule said nothing"
    if not values and not flow.allow_nulls:
        return "no value, and nulls do not flow: what is there stays"
    if same_values(values, held.get(flow.target, ())):
        return "holds it already"
    return "would be written" if values else "would be cleared"


def _failure(failure: ObjectFailure) -> str:
    said = failure.detail.get("call-stack", "")
    return failure.error_type + (f": {said}" if said else "")


def _import_mappings(configuration: ServerConfiguration) -> dict[tuple[str, str, str], Mapping_]:
    every: tuple[ImportFlows, ...] = configuration.metaverse.import_flows
    return {(flow.agent_id, flow.object_type, flow.id): flow.mapping for flows in every for flow in flows.flows}


def plain(trace: PersonTrace) -> dict[str, Any]:
    """As reports and answers carry it."""
    return asdict(trace)
