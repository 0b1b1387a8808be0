# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Findings on what stands in the metaverse's document: import flows, precedence, deletion rules, schema."""

from __future__ import annotations

from collections.abc import Iterator

from ..configuration.model import ImportFlows, ScriptedMapping, SyncRuleMapping
from .findings import Finding, error, note, warning
from .views import SCRIPTED, View, mapping, sources_of, twins


def flow_ids(view: View) -> Iterator[Finding]:
    for identifier in twins(flow.id for group in view.metaverse.import_flows for flow in group.flows):
        yield error("flow-id-twice", "metaverse", f"two import flows have the id {identifier}")


def dangling(view: View) -> Iterator[Finding]:
    """Ids of agents that are gone."""
    known, metaverse = set(view.by_id), view.metaverse
    for group in metaverse.import_flows:
        for gone in sorted({flow.agent_id for flow in group.flows} - known):
            yield error("unknown-agent", _place(group), f"precedence names the agent {gone}, which does not exist")
    for rule in metaverse.deletion_rules:
        for gone in sorted(set(rule.agent_ids) - known):
            yield error("unknown-agent", f"metaverse deletion rule of {rule.mv_object_type}", f"it counts the agent {gone}, which does not exist")
    for gone in sorted(set(metaverse.recall) - known):
        yield warning("unknown-agent", "metaverse recall", f"an option is for the agent {gone}, which does not exist")


def _place(group: ImportFlows) -> str:
    return f"metaverse {group.mv_object_type}/{group.mv_attribute}"


def import_flows(view: View) -> Iterator[Finding]:
    groups = view.metaverse.import_flows
    for group in groups:
        yield from _target(view, group)
        if group.precedence not in ("ranked", "equal", "manual"):
            yield warning("unknown-word", _place(group), f"the kind of precedence is {group.precedence!r}, which is not known; it is kept as it is")
        if not group.flows:
            yield note("empty-flows", _place(group), "the attribute has a place for flows, but none")
        yield from _equal_flows(group)
        for flow in group.flows:
            owner = view.by_id.get(flow.agent_id)
            if owner is None:
                continue
            yield from owner.ends(flow.object_type, sources_of(flow.mapping), _place(group))
            yield from mapping(flow.mapping, _place(group), "a flow")
            if isinstance(flow.mapping, ScriptedMapping) and not owner.agent.extension:
                yield error("no-extension", _place(group), f"a flow of {owner.agent.name!r} wants the rule {flow.mapping.context!r}, but it has no extension")
            if owner.read_types and flow.object_type.casefold() not in owner.read_types:
                yield warning("type-not-read", _place(group), f"no selected partition of {owner.agent.name!r} reads objects of the type {flow.object_type!r}")


def _target(view: View, group: ImportFlows) -> Iterator[Finding]:
    attributes = view.classes.get(group.mv_object_type.casefold())
    if attributes is None:
        yield from view.known_type(group.mv_object_type, _place(group), "flows go to")
    elif group.mv_attribute.casefold() not in attributes:
        yield error("unknown-attribute", _place(group), f"flows go to {group.mv_attribute!r}, which is no attribute of {group.mv_object_type}")


def _equal_flows(group: ImportFlows) -> Iterator[Finding]:
    seen = set()
    for flow in group.flows:
        key = (flow.agent_id, flow.object_type.casefold(), flow.mapping)
        if key in seen and not isinstance(flow.mapping, SyncRuleMapping):
            yield warning("flows-fight", _place(group), f"two equal flows come from {flow.object_type}; the second never counts")
        seen.add(key)


def deletion_rules(view: View) -> Iterator[Finding]:
    rules = view.metaverse.deletion_rules
    for name in twins(rule.mv_object_type.casefold() for rule in rules):
        yield warning("deletion-rule-twice", f"metaverse deletion rule of {name}", "the object type has two deletion rules")
    for rule in rules:
        place = f"metaverse deletion rule of {rule.mv_object_type}"
        yield from view.known_type(rule.mv_object_type, place, "it is for")
        if rule.type == "declared-any" and not rule.agent_ids:
            yield warning("empty-deletion-rule", place, "it counts no agent, so it never deletes")
        if rule.type == SCRIPTED and not view.metaverse.extension:
            yield error("no-extension", place, "the rules extension is to decide, but the metaverse has none")


def schema(view: View) -> Iterator[Finding]:
    attributes = view.metaverse.schema.attributes
    for item in view.metaverse.schema.classes.values():
        for name in item.attributes:
            if name.casefold() not in attributes:
                yield error("unknown-attribute", f"metaverse {item.name}", f"the object type has the attribute {name!r}, which is not defined")


def options(view: View) -> Iterator[Finding]:
    metaverse = view.metaverse
    if metaverse.provisioning in ("scripted", "both") and not metaverse.extension:
        yield error("no-extension", "metaverse", f"provisioning is {metaverse.provisioning!r}, but the metaverse has no rules extension")
    if metaverse.provisioning not in ("none", "scripted", "sync-rule", "both"):
        yield warning("unknown-word", "metaverse", f"provisioning is {metaverse.provisioning!r}, which is not known; it is kept as it is")
