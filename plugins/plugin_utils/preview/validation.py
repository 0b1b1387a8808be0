# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults of a configuration that the engine would meet, found before anything is run."""

from __future__ import annotations

from collections.abc import Iterator

from ..configuration.model import (
    DirectMapping,
    ImportFlows,
    ManagementAgent,
    Mapping_,
    ScriptedMapping,
    ServerConfiguration,
    Source,
    StepKind,
)
from ..engine.extension import ExtensionLoader, ExtensionLoadError, MvEntry
from ..engine.systems.base import Value
from .findings import ERROR, WARNING, Finding


class NobodyAsked:
    """The utilities of an extension that is only loaded to see whether that works."""

    def find_mv_entries(self, attribute: str, value: Value) -> list[MvEntry]:
        return []


def validate(configuration: ServerConfiguration, extensions: ExtensionLoader) -> list[Finding]:
    """All faults, errors first."""
    found = [*_metaverse(configuration), *_extensions(configuration, extensions)]
    for agent in configuration.agents:
        found += [*_agent(agent, configuration)]
    return sorted(found, key=lambda finding: finding.severity != ERROR)


def _metaverse(configuration: ServerConfiguration) -> Iterator[Finding]:
    metaverse = configuration.metaverse
    for flows in metaverse.import_flows:
        place = f"metaverse, import flows of {flows.mv_object_type}.{flows.mv_attribute}"
        if flows.mv_attribute.lower() not in metaverse.schema.attributes:
            yield Finding(ERROR, "unknown-attribute", place, f"the metaverse has no attribute {flows.mv_attribute!r}")
        if flows.mv_object_type.lower() not in metaverse.schema.classes:
            yield Finding(ERROR, "unknown-object-type", place, f"the metaverse has no object type {flows.mv_object_type!r}")
        yield from _flow_sources(flows, configuration, place)
    for rule in metaverse.deletion_rules:
        for agent_id in rule.agent_ids:
            if configuration.agent_by_id(agent_id) is None:
                yield Finding(ERROR, "unknown-agent", f"metaverse, deletion rule of {rule.mv_object_type}", f"no management agent has the id {agent_id}")


def _flow_sources(flows: ImportFlows, configuration: ServerConfiguration, place: str) -> Iterator[Finding]:
    for flow in flows.flows:
        agent = configuration.agent_by_id(flow.agent_id)
        if agent is None:
            yield Finding(ERROR, "unknown-agent", place, f"no management agent has the id {flow.agent_id}")
            continue
        for source in sources_of(flow.mapping):
            yield from _selected(agent, source, place)
        if flows.precedence == "manual" and not isinstance(flow.mapping, ScriptedMapping):
            yield Finding(WARNING, "manual-precedence", place, f"a flow of {agent.name} is not scripted, which manual precedence wants")


def _selected(agent: ManagementAgent, source: Source, place: str) -> Iterator[Finding]:
    name = source.name.lower()
    if source.intrinsic:
        return
    if agent.schema.attributes and name not in agent.schema.attributes:
        yield Finding(ERROR, "unknown-attribute", place, f"the schema of {agent.name} has no attribute {source.name!r}")
    elif agent.included_attributes and name not in {item.lower() for item in agent.included_attributes}:
        yield Finding(ERROR, "attribute-not-selected", place, f"{agent.name} does not select the attribute {source.name!r}, so it has no value")


def sources_of(mapping: Mapping_) -> tuple[Source, ...]:
    return (mapping.source,) if isinstance(mapping, DirectMapping) else getattr(mapping, "sources", ())


def _agent(agent: ManagementAgent, configuration: ServerConfiguration) -> Iterator[Finding]:
    known = configuration.metaverse.schema
    for flow_set in agent.export_flows:
        for flow in flow_set.flows:
            place = f"{agent.name}, export flow {flow_set.mv_object_type} -> {flow_set.object_type}.{flow.attribute}"
            # An object's place is no attribute of any schema.
            if flow.attribute.casefold() != "dn":
                yield from _selected(agent, Source(flow.attribute), place)
            for source in sources_of(flow.mapping):
                if not source.intrinsic and source.name.lower() not in known.attributes:
                    yield Finding(ERROR, "unknown-attribute", place, f"the metaverse has no attribute {source.name!r}")
    for projection in agent.projections:
        if projection.type == "declared" and projection.mv_object_type.lower() not in known.classes:
            place = f"{agent.name}, projection of {projection.object_type}"
            yield Finding(ERROR, "unknown-object-type", place, f"the metaverse has no object type {projection.mv_object_type!r}")
    yield from _runs(agent)


def _runs(agent: ManagementAgent) -> Iterator[Finding]:
    if not any(partition.selected for partition in agent.partitions):
        yield Finding(WARNING, "no-partition", agent.name, "no partition is selected, so nothing of this agent is previewed")
    partitions = {partition.id.upper() for partition in agent.partitions}
    for profile in agent.run_profiles:
        for number, step in enumerate(profile.steps, 1):
            place = f"{agent.name}, run profile {profile.name}, step {number}"
            if step.partition_id.upper() not in partitions:
                yield Finding(ERROR, "missing-partition-for-run-step", place, f"the agent has no partition {step.partition_id}")
            if step.kind is StepKind.OTHER:
                yield Finding(WARNING, "unknown-step", place, "the kind of this step is not known")


def _extensions(configuration: ServerConfiguration, extensions: ExtensionLoader) -> Iterator[Finding]:
    """Assemblies whose rules are not known here: what they decide cannot be previewed."""
    wanted = {agent.extension: agent.name for agent in configuration.agents if agent.extension and _is_scripted(agent, configuration)}
    if configuration.metaverse.provisioning in ("scripted", "both") and configuration.metaverse.extension:
        wanted[configuration.metaverse.extension] = "metaverse"
    for assembly, owner in wanted.items():
        try:
            extensions.load(assembly, NobodyAsked())
        except ExtensionLoadError as problem:
            yield Finding(ERROR, f"extension-dll-{problem.reason}", owner, f"the rules of the assembly {assembly!r} are not known to the preview")


def _is_scripted(agent: ManagementAgent, configuration: ServerConfiguration) -> bool:
    mappings = [flow.mapping for flow_set in agent.export_flows for flow in flow_set.flows]
    mappings += [flow.mapping for flows in configuration.metaverse.import_flows for flow in flows.flows if flow.agent_id == agent.id]
    kinds = [item.type for item in agent.filters] + [item.type for item in agent.projections] + [agent.deprovisioning_type]
    return "scripted" in kinds or any(isinstance(mapping, ScriptedMapping) for mapping in mappings)
