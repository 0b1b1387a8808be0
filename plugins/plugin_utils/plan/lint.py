# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Findings on configurations that people have grown by hand: what an import refuses, what never works, what misleads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from ..configuration.document import DEFAULT_LIMITS, Document, Limits, parse
from ..configuration.model import ManagementAgent, Metaverse, ServerConfiguration, SyncRuleMapping
from ..configuration.reader import agent_data, read_agent, read_metaverse
from ..errors import DocumentError
from .completion import DN, sources_of
from .context import steps_of


class Severity(str, Enum):
    """error: an import fails or a rule never works; warning: it works, but hardly as meant; note: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """`place` is the agent or `metaverse`, with the item in it."""

    severity: Severity
    rule: str
    place: str
    message: str


def lint_files(files: Mapping[str, bytes], limits: Limits = DEFAULT_LIMITS) -> list[Finding]:
    """Findings on files as they are; a file that cannot be read is a finding, too."""
    found: list[Finding] = []
    agents: list[ManagementAgent] = []
    metaverse = Metaverse()
    for name in sorted(files, key=str.casefold):
        try:
            document = parse(files[name], name, limits)
            if document.root.local in ("saved-mv-configuration", "export-mv", "mv-data"):
                metaverse = read_metaverse(document)
            elif document.root.local in ("saved-ma-configuration", "export-ma", "ma-data"):
                agents.append(read_agent(document))
                found += _written(document)
        except DocumentError as error:
            found.append(Finding(Severity.ERROR, "unreadable", name, error.message))
    return [*found, *lint(ServerConfiguration(metaverse, tuple(agents)))]


def lint(configuration: ServerConfiguration) -> list[Finding]:
    """Findings on values, in the order of the rules."""
    return list(dict.fromkeys(finding for rule in _RULES for finding in rule(configuration)))


def _written(document: Document) -> Iterator[Finding]:
    """What only the document shows: run steps name their partition in capitals, or an import fails (`server-configuration`)."""
    data = agent_data(document)
    small = {step.find_text("partition") for _unused, step in steps_of(data) if step.find_text("partition") != step.find_text("partition").upper()}
    for identifier in sorted(small):
        yield Finding(
            Severity.ERROR, "lower-case-id", data.find_text("name"), f"run steps name the partition {identifier} in small letters; an import fails on it"
        )


def _twins(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(value for value in values if value).items() if count > 1]


def _agents(configuration: ServerConfiguration) -> Iterator[Finding]:
    for name in _twins(agent.name.casefold() for agent in configuration.agents):
        yield Finding(Severity.ERROR, "agent-name-twice", name, f"two management agents have the name {name!r}")
    for identifier in _twins(agent.id for agent in configuration.agents):
        yield Finding(Severity.ERROR, "agent-id-twice", identifier, f"two management agents have the id {identifier}")


def _flow_ids(configuration: ServerConfiguration) -> Iterator[Finding]:
    ids = [flow.id for group in configuration.metaverse.import_flows for flow in group.flows]
    for identifier in _twins(ids):
        yield Finding(Severity.ERROR, "flow-id-twice", "metaverse", f"two import flows have the id {identifier}")
    for agent in configuration.agents:
        for identifier in _twins(flow.id for flows in agent.export_flows for flow in flows.flows):
            yield Finding(Severity.ERROR, "flow-id-twice", agent.name, f"two export flows have the id {identifier}")


def _dangling(configuration: ServerConfiguration) -> Iterator[Finding]:
    """Ids of agents that are gone."""
    known = {agent.id for agent in configuration.agents}
    metaverse = configuration.metaverse
    for group in metaverse.import_flows:
        place = f"metaverse {group.mv_object_type}/{group.mv_attribute}"
        for gone in sorted({flow.agent_id for flow in group.flows} - known):
            yield Finding(Severity.ERROR, "unknown-agent", place, f"precedence names the agent {gone}, which does not exist")
    for rule in metaverse.deletion_rules:
        place = f"metaverse deletion rule of {rule.mv_object_type}"
        for gone in sorted(set(rule.agent_ids) - known):
            yield Finding(Severity.ERROR, "unknown-agent", place, f"it counts the agent {gone}, which does not exist")
        if rule.type == "declared-any" and not rule.agent_ids:
            yield Finding(Severity.WARNING, "empty-deletion-rule", place, "it counts no agent, so it never deletes")
    for gone in sorted(set(metaverse.recall) - known):
        yield Finding(Severity.WARNING, "unknown-agent", "metaverse recall", f"an option is for the agent {gone}, which does not exist")


def _import_flows(configuration: ServerConfiguration) -> Iterator[Finding]:
    schema = configuration.metaverse.schema
    for group in configuration.metaverse.import_flows:
        place = f"metaverse {group.mv_object_type}/{group.mv_attribute}"
        known = schema.classes.get(group.mv_object_type.casefold())
        if known is None:
            yield Finding(
                Severity.ERROR, "unknown-object-type", place, f"flows go to the object type {group.mv_object_type!r}, which the metaverse does not have"
            )
        elif group.mv_attribute.casefold() not in {name.casefold() for name in known.attributes}:
            yield Finding(Severity.ERROR, "unknown-attribute", place, f"flows go to {group.mv_attribute!r}, which is no attribute of {known.name}")
        if not group.flows:
            yield Finding(Severity.NOTE, "empty-flows", place, "the attribute has a place for flows, but none")
        for flow in group.flows:
            agent = configuration.agent_by_id(flow.agent_id)
            if agent is not None:
                yield from _agent_end(agent, flow.object_type, [source.name for source in sources_of(flow.mapping)], place)


def _agent_end(agent: ManagementAgent, object_type: str, attributes: list[str], place: str) -> Iterator[Finding]:
    schema = agent.schema
    if schema.classes and object_type.casefold() not in schema.classes:
        yield Finding(Severity.ERROR, "unknown-object-type", place, f"the schema of {agent.name!r} has no object type {object_type!r}")
    chosen = {name.casefold() for name in agent.included_attributes}
    for name in attributes:
        if schema.attributes and name.casefold() not in schema.attributes:
            yield Finding(Severity.ERROR, "unknown-attribute", place, f"the schema of {agent.name!r} has no attribute {name!r}")
        elif name.casefold() not in chosen:
            yield Finding(Severity.ERROR, "attribute-not-selected", place, f"{agent.name!r} does not select the attribute {name!r}; an import fails on it")


def _export_flows(configuration: ServerConfiguration) -> Iterator[Finding]:
    schema = configuration.metaverse.schema
    for agent in configuration.agents:
        for flows in agent.export_flows:
            place = f"{agent.name} {flows.object_type}"
            if flows.mv_object_type.casefold() not in schema.classes:
                yield Finding(Severity.ERROR, "unknown-object-type", place, f"the metaverse has no object type {flows.mv_object_type!r}")
            for attribute in _twins(flow.attribute.casefold() for flow in flows.flows if not isinstance(flow.mapping, SyncRuleMapping)):
                yield Finding(Severity.ERROR, "flows-fight", place, f"two flows from {flows.mv_object_type} go to {attribute!r}")
            for flow in flows.flows:
                yield from _agent_end(agent, flows.object_type, [flow.attribute] if flow.attribute.casefold() != DN else [], place)
                for source in sources_of(flow.mapping):
                    if source.name.casefold() not in schema.attributes:
                        yield Finding(
                            Severity.ERROR, "unknown-attribute", place, f"a flow to {flow.attribute} reads {source.name!r}, which the metaverse does not have"
                        )
        exports = any(step.kind.value == "export" for profile in agent.run_profiles for step in profile.steps)
        if agent.run_profiles and not exports and any(flows.flows for flows in agent.export_flows):
            yield Finding(Severity.WARNING, "never-exports", agent.name, "flows leave, but no run profile exports")


def _joins(configuration: ServerConfiguration) -> Iterator[Finding]:
    for agent in configuration.agents:
        for profile in agent.joins:
            for criterion in profile.criteria:
                place = f"{agent.name} join of {profile.object_type}"
                yield from _agent_end(agent, profile.object_type, [source.name for one in criterion.mappings for source in sources_of(one.mapping)], place)
                for one in criterion.mappings:
                    kind = configuration.metaverse.schema.attributes.get(one.mv_attribute.casefold())
                    if one.intrinsic:
                        continue
                    if kind is None:
                        yield Finding(Severity.ERROR, "unknown-attribute", place, f"the metaverse has no attribute {one.mv_attribute!r}")
                    elif not kind.indexed:
                        yield Finding(Severity.WARNING, "join-not-indexed", place, f"{kind.name!r} is not indexed, so every search reads all objects")


def _partitions(configuration: ServerConfiguration) -> Iterator[Finding]:
    for agent in configuration.agents:
        ids = {partition.id: partition for partition in agent.partitions}
        stepped = {step.partition_id for profile in agent.run_profiles for step in profile.steps}
        for partition in agent.partitions:
            if partition.selected and agent.run_profiles and partition.id not in stepped:
                yield Finding(
                    Severity.WARNING,
                    "partition-without-step",
                    f"{agent.name} {partition.name}",
                    "the partition is selected, but no run profile has a step for it",
                )
        for profile in agent.run_profiles:
            place = f"{agent.name} run profile {profile.name}"
            if not profile.steps:
                yield Finding(Severity.WARNING, "empty-profile", place, "it has no step")
            for gone in sorted({step.partition_id for step in profile.steps} - set(ids)):
                yield Finding(Severity.ERROR, "unknown-partition", place, f"a step is for the partition {gone}, which does not exist")


_RULES: tuple[Callable[[ServerConfiguration], Iterator[Finding]], ...] = (_agents, _flow_ids, _dangling, _import_flows, _export_flows, _joins, _partitions)
