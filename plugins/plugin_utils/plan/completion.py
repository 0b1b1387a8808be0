# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a declared line needs besides itself: metaverse attribute, selected attributes, run steps, Export profile."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from ..configuration.model import (
    AttributeType,
    DirectMapping,
    ImportFlow,
    ImportFlows,
    ManagementAgent,
    Mapping_,
    Metaverse,
    RunProfile,
    RunStep,
    Schema,
    ScriptedMapping,
    ServerConfiguration,
    Source,
    StepKind,
    SyncRuleMapping,
    Syntax,
)
from .aspects.metaverse_schema import OIDS
from .novelty import Novelty

# The name under which export flows write an object's place; no attribute of any schema.
DN = "dn"
# File of the compiled extension, where nobody says otherwise (reference page `rules-extension` section 3).
ASSEMBLY = "SharePointSynchronization.dll"
_INDEXABLE = frozenset({Syntax.STRING, Syntax.INTEGER, Syntax.BINARY})


def completed(present: ServerConfiguration, wanted: ServerConfiguration, paths: Collection[str] = ()) -> ServerConfiguration:
    """`wanted` with what its new parts need. What cannot be completed is left as it is, for `checks` to refuse.

    `paths` names what was declared (see `desired.wanted`): steps of a run profile that was are all that it shall have.
    """
    novelty = Novelty(present, wanted)
    agents = tuple(_agent(novelty, agent, paths) for agent in wanted.agents)
    return ServerConfiguration(_metaverse(novelty), agents)


def sources_of(mapping: Mapping_) -> tuple[Source, ...]:
    """The attributes that a mapping reads, without DN and object id."""
    match mapping:
        case DirectMapping(source):
            return () if source.intrinsic else (source,)
        case ScriptedMapping(sources, _) | SyncRuleMapping(sources):
            return tuple(source for source in sources if not source.intrinsic)
    return ()


def _agent(novelty: Novelty, agent: ManagementAgent, paths: Collection[str]) -> ManagementAgent:
    chosen = tuple(_missing(agent, _needed(novelty, agent)))
    if chosen:
        agent = replace(agent, included_attributes=(*agent.included_attributes, *chosen))
    if not agent.extension and any(isinstance(mapping, ScriptedMapping) for mapping in _mappings(novelty, agent)):
        agent = replace(agent, extension=_extension(novelty.wanted), extension_protection=agent.extension_protection or "low")
    before = novelty.present.agent(agent.name)
    profiles = _with_steps(before, agent, paths) if before is not None else agent.run_profiles
    if any(novelty.export_flows(agent)) and not any(step.kind is StepKind.EXPORT for profile in profiles for step in profile.steps):
        profiles = (*profiles, *_export_profile(agent, profiles))
    return agent if profiles == agent.run_profiles else replace(agent, run_profiles=profiles)


def _mappings(novelty: Novelty, agent: ManagementAgent) -> Iterator[Mapping_]:
    yield from (flow.mapping for flow in novelty.flows_from(agent))
    yield from (flow.mapping for _unused, flow in novelty.export_flows(agent))


def _extension(wanted: ServerConfiguration) -> str:
    """The file that the others call, if they agree on one."""
    named = {name.casefold(): name for name in (wanted.metaverse.extension, *(agent.extension for agent in wanted.agents)) if name}
    return next(iter(named.values())) if len(named) == 1 else ASSEMBLY


def _needed(novelty: Novelty, agent: ManagementAgent) -> Iterator[str]:
    for flow in novelty.flows_from(agent):
        yield from (source.name for source in sources_of(flow.mapping))
    yield from (flow.attribute for _unused, flow in novelty.export_flows(agent) if flow.attribute.casefold() != DN)
    for _unused, criterion in novelty.criteria(agent):
        yield from (source.name for one in criterion.mappings for source in sources_of(one.mapping))
    yield from (condition.attribute for _unused, condition in novelty.conditions(agent) if not condition.intrinsic)


def _missing(agent: ManagementAgent, names: Iterable[str]) -> Iterator[str]:
    """Names that are not selected yet, in the schema's spelling; what the schema lacks is left out."""
    known = {name.casefold() for name in agent.included_attributes}
    for name in names:
        kind = agent.schema.attributes.get(name.casefold())
        if name.casefold() not in known and (kind is not None or not agent.schema.attributes):
            known.add(name.casefold())
            yield name if kind is None else kind.name


def _with_steps(before: ManagementAgent, agent: ManagementAgent, paths: Collection[str]) -> tuple[RunProfile, ...]:
    """A step for each partition that is newly selected, in every profile that lacks one, after the steps of another."""
    known = {partition.id for partition in before.partitions if partition.selected}
    profiles = list(agent.run_profiles)
    for partition in agent.partitions:
        if not partition.selected or partition.id in known:
            continue
        like = [other.id for other in agent.partitions if other.is_domain == partition.is_domain and other.id in known] or list(known)
        for index, profile in enumerate(profiles):
            if f"run-profile:{agent.name}/{profile.name}".casefold() in paths:
                continue
            if all(step.partition_id != partition.id for step in profile.steps):
                models = next((found for one in like if (found := [step for step in profile.steps if step.partition_id == one])), [])
                profiles[index] = replace(profile, steps=(*profile.steps, *(replace(step, partition_id=partition.id) for step in models)))
    return tuple(profiles)


def _export_profile(agent: ManagementAgent, profiles: Iterable[RunProfile]) -> Iterator[RunProfile]:
    """A profile that exports to every partition with objects, as imports from there are made; none for an agent without profiles."""
    steps = [step for profile in profiles for step in profile.steps]
    selected = [partition for partition in agent.partitions if partition.selected]
    targets = [partition for partition in selected if partition.is_domain] or selected
    made = []
    for partition in targets:
        imports = [step for step in steps if step.partition_id == partition.id and step.kind in (StepKind.FULL_IMPORT, StepKind.DELTA_IMPORT)]
        if imports:
            model = imports[0]
            made.append(RunStep(StepKind.EXPORT, partition.id, batch_size=model.batch_size, page_size=model.page_size, timeout=model.timeout))
    if made:
        yield RunProfile("", "Export", tuple(made))


def _metaverse(novelty: Novelty) -> Metaverse:
    metaverse = novelty.wanted.metaverse
    types, classes = dict(metaverse.schema.attributes), dict(metaverse.schema.classes)
    for group, flow in novelty.import_flows:
        name = group.mv_attribute.casefold()
        if name not in types:
            types[name] = _type_for(novelty.wanted, group, flow)
        known = classes.get(group.mv_object_type.casefold())
        if known is not None and name not in {attribute.casefold() for attribute in known.attributes}:
            classes[known.name.casefold()] = replace(known, attributes=(*known.attributes, types[name].name))
    if len(types) == len(metaverse.schema.attributes) and classes == metaverse.schema.classes:
        return metaverse
    return replace(metaverse, schema=Schema(classes, types))


def _type_for(wanted: ServerConfiguration, group: ImportFlows, flow: ImportFlow) -> AttributeType:
    """The type that the agent's schema gives the source; text where it is computed."""
    agent = wanted.agent_by_id(flow.agent_id)
    source = sources_of(flow.mapping)[:1] if isinstance(flow.mapping, DirectMapping) else ()
    kind = agent.schema.attributes.get(source[0].name.casefold()) if agent is not None and source else None
    syntax = Syntax.STRING if kind is None else kind.syntax
    single = kind is None or kind.single_value
    return AttributeType(group.mv_attribute, syntax, single, syntax in _INDEXABLE and single, syntax_oid=OIDS[syntax])
