# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Findings on what stands in an agent's document: filters, joins, projections, export flows."""

from __future__ import annotations

from collections.abc import Iterator

from ..configuration.model import ExportFlowSet, JoinCriterion, ScriptedMapping, SyncRuleMapping
from .findings import Finding, error, warning
from .views import DN, SCRIPTED, AgentView, View, mapping, sources_of, twins

PORTAL = "sync-rule"


def names(view: View) -> Iterator[Finding]:
    for name in twins(item.agent.name.casefold() for item in view.agents):
        yield error("agent-name-twice", name, f"two management agents have the name {name!r}")
    for identifier in twins(item.agent.id for item in view.agents):
        yield error("agent-id-twice", identifier, f"two management agents have the id {identifier}")


def nameless(view: View) -> Iterator[Finding]:
    """What stands there without the name it is known by."""
    for group in view.metaverse.import_flows:
        if not group.mv_object_type or not group.mv_attribute or not all(flow.object_type for flow in group.flows):
            yield error("nameless", "metaverse", f"flows into {group.mv_object_type}/{group.mv_attribute} lack an object type or an attribute")
    for item in view.agents:
        agent = item.agent
        named = {
            "selected attribute": agent.included_attributes,
            "partition": [one.name for one in agent.partitions],
            "object type of a partition": [name for one in agent.partitions for name in one.object_types],
            "run profile": [one.name for one in agent.run_profiles],
            "filter's object type": [one.object_type for one in agent.filters],
            "filter's attribute": [one.attribute for kind in agent.filters for conditions in kind.alternatives for one in conditions],
            "filter's operator": [one.operator for kind in agent.filters for conditions in kind.alternatives for one in conditions],
            "join rule's object type": [one.object_type for one in agent.joins],
            "join rule's attribute": [one.mv_attribute for kind in agent.joins for criterion in kind.criteria for one in criterion.mappings],
            "projection's object type": [one.object_type for one in agent.projections],
            "export flow's object type": [name for one in agent.export_flows for name in (one.object_type, one.mv_object_type)],
            "export flow's attribute": [one.attribute for flows in agent.export_flows for one in flows.flows],
        }
        for what, found in named.items():
            if not all(name.strip() for name in found):
                yield error("nameless", agent.name, f"a {what} is empty")


def flow_ids(view: View) -> Iterator[Finding]:
    for item in view.agents:
        for identifier in twins(flow.id for flows in item.agent.export_flows for flow in flows.flows):
            yield error("flow-id-twice", item.agent.name, f"two export flows have the id {identifier}")


def export_flows(view: View) -> Iterator[Finding]:
    for item in view.agents:
        agent = item.agent
        for flows in agent.export_flows:
            yield from _export_set(view, item, flows)
        exports = any(step.kind.value == "export" for profile in agent.run_profiles for step in profile.steps)
        if agent.run_profiles and not exports and any(flows.flows for flows in agent.export_flows):
            yield warning("never-exports", agent.name, "flows leave, but no run profile exports")


def _export_set(view: View, item: AgentView, flows: ExportFlowSet) -> Iterator[Finding]:
    place, known = f"{item.agent.name} {flows.object_type}", view.metaverse.schema.attributes
    yield from view.known_type(flows.mv_object_type, place, "flows come from")
    for attribute in twins(flow.attribute.casefold() for flow in flows.flows if not isinstance(flow.mapping, SyncRuleMapping)):
        yield error("flows-fight", place, f"two flows from {flows.mv_object_type} go to {attribute!r}")
    for flow in flows.flows:
        yield from item.ends(flows.object_type, [flow.attribute] if flow.attribute.casefold() != DN else [], place)
        for source in sources_of(flow.mapping):
            if source.casefold() not in known:
                yield error("unknown-attribute", place, f"a flow to {flow.attribute} reads {source!r}, which the metaverse does not have")
        yield from mapping(flow.mapping, place, f"the flow to {flow.attribute}")
        if isinstance(flow.mapping, ScriptedMapping) and not item.agent.extension:
            yield error("no-extension", place, f"a flow to {flow.attribute} wants the rule {flow.mapping.context!r}, but the agent has no extension")


def joins(view: View) -> Iterator[Finding]:
    for item in view.agents:
        for profile in item.agent.joins:
            place = f"{item.agent.name} join of {profile.object_type}"
            for identifier in twins(criterion.id for criterion in profile.criteria):
                yield error("criterion-id-twice", place, f"two join rules have the id {identifier}")
            for criterion in profile.criteria:
                yield from _criterion(view, item, (profile.object_type, place), criterion)


def _criterion(view: View, item: AgentView, at: tuple[str, str], criterion: JoinCriterion) -> Iterator[Finding]:
    object_type, place = at
    yield from item.ends(object_type, [name for one in criterion.mappings for name in sources_of(one.mapping)], place)
    if criterion.mv_object_type:
        yield from view.known_type(criterion.mv_object_type, place, "it searches")
    if not criterion.mappings:
        yield warning("empty-join", place, "a join rule compares nothing, so it never joins")
    scripted = criterion.resolution == SCRIPTED or any(isinstance(one.mapping, ScriptedMapping) for one in criterion.mappings)
    if scripted and not item.agent.extension:
        yield error("no-extension", place, "a join rule wants a rule of the rules extension, but the agent has none")
    for one in criterion.mappings:
        yield from mapping(one.mapping, place, "a join rule")
        kind = view.metaverse.schema.attributes.get(one.mv_attribute.casefold())
        if one.intrinsic:
            continue
        if kind is None:
            yield error("unknown-attribute", place, f"the metaverse has no attribute {one.mv_attribute!r}")
        elif not kind.indexed:
            yield warning("join-not-indexed", place, f"{kind.name!r} is not indexed, so every search reads all objects")


def projections(view: View) -> Iterator[Finding]:
    for item in view.agents:
        rules = item.agent.projections
        for name in twins(rule.object_type.casefold() for rule in rules if rule.type != PORTAL):
            yield error("projection-twice", f"{item.agent.name} projection of {name}", "the object type has two projection rules")
        for rule in rules:
            place = f"{item.agent.name} projection of {rule.object_type}"
            yield from item.ends(rule.object_type, (), place)
            if rule.type != SCRIPTED and rule.mv_object_type:
                yield from view.known_type(rule.mv_object_type, place, "it makes")
            if rule.type == SCRIPTED and not item.agent.extension:
                yield error("no-extension", place, "the rules extension is to decide, but the agent has none")


def filters(view: View) -> Iterator[Finding]:
    for item in view.agents:
        for one in item.agent.filters:
            place = f"{item.agent.name} filter of {one.object_type}"
            attributes = [condition.attribute for alternative in one.alternatives for condition in alternative if not condition.intrinsic]
            yield from item.ends(one.object_type, attributes, place)
            if one.type == SCRIPTED and not item.agent.extension:
                yield error("no-extension", place, "the rules extension is to decide, but the agent has none")
            elif one.type != SCRIPTED and not all(one.alternatives):
                yield error("empty-filter", place, "a filter has no condition")


def deprovisioning(view: View) -> Iterator[Finding]:
    for item in view.agents:
        if item.agent.deprovisioning_type == SCRIPTED and not item.agent.extension:
            yield error("no-extension", f"{item.agent.name} deprovisioning", "the rules extension is to decide, but the agent has none")
