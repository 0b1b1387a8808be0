# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of a wanted configuration cannot be, with its place in the user's data; everything at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..configuration import distinguished_name
from ..configuration.collector import paused
from ..configuration.model import (
    AttributeType,
    ConstantMapping,
    DirectMapping,
    ExportFlow,
    ExportFlowSet,
    ImportFlow,
    ImportFlows,
    ManagementAgent,
    Mapping_,
    Schema,
    ServerConfiguration,
    StepKind,
    SyncRuleMapping,
    Syntax,
)
from ..desired.operators import ON_BITS, comparable_operator
from ..desired.problems import suggestion
from ..desired.words import STEP_TYPES
from ..errors import PlanError
from .completion import DN, completed, sources_of
from .novelty import Novelty

Paths = Mapping[str, str]
_STEP_WORDS = frozenset(words for words, _subtypes in STEP_TYPES.values())


@dataclass(frozen=True)
class Problem:
    """`place` is the item's place in the user's data, or in the model where it was not declared."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def prepared(present: ServerConfiguration, wanted: ServerConfiguration, paths: Paths | None = None) -> ServerConfiguration:
    """`wanted` with all that it needs; raises PlanError listing everything that cannot be. `paths`: see `desired.wanted`."""
    complete, found = _completed(present, wanted, paths or {})
    if len(found) == 1:
        raise PlanError(found[0].message, path=found[0].place)
    if found:
        raise PlanError(f"The declared configuration cannot be reached, for {len(found)} reasons.", details=[str(one) for one in found])
    return complete


def faults(present: ServerConfiguration, wanted: ServerConfiguration, paths: Paths) -> list[Problem]:
    """Everything that cannot be, where nothing is to be made of it."""
    return _completed(present, wanted, paths)[1]


def _completed(present: ServerConfiguration, wanted: ServerConfiguration, paths: Paths) -> tuple[ServerConfiguration, list[Problem]]:
    with paused():
        complete = completed(present, wanted, paths)
        return complete, problems(present, complete, paths)


def problems(present: ServerConfiguration, wanted: ServerConfiguration, paths: Paths) -> list[Problem]:
    """Only what is new against `present` is looked at."""
    checks = _Checks(Novelty(present, wanted), paths)
    return list(
        dict.fromkeys((*checks.import_flows(), *checks.metaverse(), *checks.removed(), *(one for agent in wanted.agents for one in checks.agent(agent))))
    )


@dataclass(frozen=True)
class _Checks:
    novelty: Novelty
    paths: Paths

    def place(self, kind: str, *names: str, default: str = "") -> str:
        return self.paths.get(f"{kind}:{'/'.join(name.casefold() for name in names)}", default)

    # -- into the metaverse ----------------------------------------------------------------------------------------

    def import_flows(self) -> Iterator[Problem]:
        seen: Counter[object] = Counter()
        for group, flow in self.novelty.import_flows:
            place = self.place("import-flow", flow.id, default=f"metaverse/{group.mv_object_type}/{group.mv_attribute}")
            agent = self.novelty.wanted.agent_by_id(flow.agent_id)
            if agent is None:
                yield Problem(place, f"comes from the agent {flow.agent_id}, which does not exist; precedence cannot name it")
                continue
            seen[key := (group.mv_object_type, group.mv_attribute, flow.agent_id, flow.object_type.casefold(), flow.mapping)] += 1
            if seen[key] == 2:
                yield Problem(place, f"two equal flows of {agent.name!r} fight over {group.mv_object_type}/{group.mv_attribute}; declare one of them")
            yield from (Problem(place, message) for message in self._import_flow(agent, group, flow))

    def _import_flow(self, agent: ManagementAgent, group: ImportFlows, flow: ImportFlow) -> Iterator[str]:
        schema = self.novelty.wanted.metaverse.schema
        yield from _no_class(schema, group.mv_object_type, "the metaverse")
        yield from _ends(agent, flow.object_type, [source.name for source in sources_of(flow.mapping)])
        target = schema.attributes.get(group.mv_attribute.casefold())
        source = _source_type(agent.schema, flow.mapping)
        if target is not None:
            yield from _fits(flow.mapping, source, target, f"{group.mv_object_type}/{group.mv_attribute}")

    # -- out of it and beside it -----------------------------------------------------------------------------------

    def agent(self, agent: ManagementAgent) -> Iterator[Problem]:
        for flows, flow in self.novelty.export_flows(agent):
            place = self.place("export-flow", flow.id, default=f"{agent.name}/{flows.object_type}/{flow.attribute}")
            yield from (Problem(place, message) for message in self._export_flow(agent, flows, flow))
        yield from self._selected(agent)
        yield from self._joins(agent)
        yield from self._projections(agent)
        yield from self._filters(agent)
        yield from self._partitions(agent)
        yield from self._parameters(agent)

    def _export_flow(self, agent: ManagementAgent, flows: ExportFlowSet, flow: ExportFlow) -> Iterator[str]:
        schema = self.novelty.wanted.metaverse.schema
        classic = [one for one in flows.flows if not isinstance(one.mapping, SyncRuleMapping)]
        if sum(one.attribute.casefold() == flow.attribute.casefold() for one in classic) > 1:
            yield f"two flows from {flows.mv_object_type} fight over {agent.name}/{flows.object_type}/{flow.attribute}; declare one of them"
        yield from _no_class(schema, flows.mv_object_type, "the metaverse")
        yield from _ends(agent, flows.object_type, [flow.attribute] if flow.attribute.casefold() != DN else [])
        for source in sources_of(flow.mapping):
            if source.name.casefold() not in schema.attributes:
                yield f"the metaverse has no attribute {source.name!r}{suggestion(source.name, _names(schema))}"
        target = agent.schema.attributes.get(flow.attribute.casefold())
        if target is not None:
            if target.import_only:
                yield f"{agent.name}/{flows.object_type}/{target.name} can be read only"
            yield from _fits(flow.mapping, _source_type(schema, flow.mapping), target, f"{agent.name}/{flows.object_type}/{target.name}")

    def _selected(self, agent: ManagementAgent) -> Iterator[Problem]:
        """Attributes that are declared as selected; those that a rule needs are told with the rule."""
        before = self.novelty.present.agent(agent.name)
        known = {name.casefold() for name in before.included_attributes} if before else set()
        for name in agent.included_attributes if agent.schema.attributes else ():
            place = self.place("attribute", agent.name, name)
            if place and name.casefold() not in known and name.casefold() not in agent.schema.attributes:
                hint = suggestion(name, _names(agent.schema)) or "; refresh the agent's schema if it is new there"
                yield Problem(place, f"the schema of {agent.name!r} has no attribute {name!r}{hint}")

    def _joins(self, agent: ManagementAgent) -> Iterator[Problem]:
        schema = self.novelty.wanted.metaverse.schema
        for profile, criterion in self.novelty.criteria(agent):
            place = self.place("joins", agent.name, profile.object_type, default=f"{agent.name}/joins/{profile.object_type}")
            sources = [source.name for one in criterion.mappings for source in sources_of(one.mapping)]
            messages = list(_ends(agent, profile.object_type, sources))
            messages += _no_class(schema, criterion.mv_object_type, "the metaverse") if criterion.mv_object_type else ()
            for one in criterion.mappings:
                kind = schema.attributes.get(one.mv_attribute.casefold())
                if one.intrinsic:
                    continue
                if kind is None:
                    messages.append(f"the metaverse has no attribute {one.mv_attribute!r}{suggestion(one.mv_attribute, _names(schema))}")
                elif not kind.indexed:
                    messages.append(
                        f"joins on {kind.name!r}, which is not indexed: every search would read all objects; set indexed on the metaverse attribute"
                    )
            yield from (Problem(place, message) for message in messages)

    def _projections(self, agent: ManagementAgent) -> Iterator[Problem]:
        before = self.novelty.present.agent(agent.name)
        known = {(one.object_type, one.type, one.mv_object_type) for one in before.projections} if before else set()
        for rule in agent.projections:
            if (rule.object_type, rule.type, rule.mv_object_type) in known:
                continue
            place = self.place("projection", agent.name, rule.object_type, default=f"{agent.name}/projections/{rule.object_type}")
            messages = list(_ends(agent, rule.object_type, []))
            messages += _no_class(self.novelty.wanted.metaverse.schema, rule.mv_object_type, "the metaverse") if rule.mv_object_type else ()
            yield from (Problem(place, message) for message in messages)

    def _filters(self, agent: ManagementAgent) -> Iterator[Problem]:
        for object_type, condition in self.novelty.conditions(agent):
            place = self.place("filters", agent.name, object_type, default=f"{agent.name}/filters/{object_type}")
            names = [] if condition.intrinsic else [condition.attribute]
            yield from (Problem(place, message) for message in _ends(agent, object_type, names))
            kind = agent.schema.attributes.get(condition.attribute.casefold())
            if kind is not None and kind.syntax is not Syntax.INTEGER and comparable_operator(condition.operator) in ON_BITS:
                yield Problem(place, f"{condition.attribute!r} holds {kind.syntax.value} values; {condition.operator} needs an integer")

    def _partitions(self, agent: ManagementAgent) -> Iterator[Problem]:
        before = self.novelty.present.agent(agent.name)
        known = {one.id: one for one in before.partitions} if before else {}
        stepped = {step.partition_id for profile in agent.run_profiles for step in profile.steps}
        for partition in agent.partitions:
            old = known.get(partition.id)
            place = self.place("partition", agent.name, partition.name, default=f"{agent.name}/partitions/{partition.name}")
            scope = set(partition.inclusions + partition.exclusions) - set(old.inclusions + old.exclusions if old else ())
            for name in sorted(scope):
                if partition.dn and not distinguished_name.is_inside(name, partition.dn):
                    yield Problem(place, f"{name!r} lies outside of the partition {partition.dn}")
            for name in partition.object_types:
                if old is None or name not in old.object_types:
                    yield from (Problem(place, message) for message in _ends(agent, name, []))
            newly = partition.selected and (old is None or not old.selected)
            if newly and agent.run_profiles and partition.id not in stepped:
                yield Problem(place, f"no run profile of {agent.name!r} has a step for the partition {partition.name}; declare one")
        yield from self._steps(agent)

    def _steps(self, agent: ManagementAgent) -> Iterator[Problem]:
        before = self.novelty.present.agent(agent.name)
        known = {step for profile in before.run_profiles for step in profile.steps} if before else set()
        ids = {one.id for one in agent.partitions}
        for profile in agent.run_profiles:
            new = [step for step in profile.steps if step not in known]
            place = self.place("run-profile", agent.name, profile.name, default=f"{agent.name}/run_profiles/{profile.name}")
            for word in dict.fromkeys(step.type for step in new if step.kind is StepKind.OTHER and step.type and step.type not in _STEP_WORDS):
                yield Problem(place, f"{word!r} is no type of step{suggestion(word, [kind.value for kind in STEP_TYPES])}")
            if any(step.partition_id not in ids for step in new):
                yield Problem(place, f"a step of the run profile {profile.name!r} is for a partition that {agent.name!r} does not have")

    def _parameters(self, agent: ManagementAgent) -> Iterator[Problem]:
        before = self.novelty.present.agent(agent.name)
        known = set(before.parameters) if before else set()
        rules = {(one.name.casefold(), one.use): one for one in agent.definitions}
        for parameter in agent.parameters:
            rule = rules.get((parameter.name.casefold(), parameter.use))
            if rule is None or parameter in known or parameter.encrypted or not parameter.value:
                continue
            place = self.place("parameter", agent.name, parameter.name, default=f"{agent.name}/parameters/{parameter.name}")
            if rule.choices and parameter.value not in rule.choices:
                yield Problem(
                    place, f"{parameter.name!r} is one of {', '.join(rule.choices)}, not {parameter.value!r}{suggestion(parameter.value, rule.choices)}"
                )
            elif rule.validation and not rule.choices and not _matches(rule.validation, parameter.value):
                yield Problem(place, f"{parameter.value!r} does not match what the connector asks of {parameter.name!r}: {rule.validation}")

    def removed(self) -> Iterator[Problem]:
        """What is taken out of the metaverse's schema, and still used by rules that stay."""
        before, after = self.novelty.present.metaverse.schema, self.novelty.wanted.metaverse.schema
        yield from self._bound()
        yield from self._without_attribute()
        types = {name: one.name for name, one in before.classes.items() if name not in after.classes}
        names = {name: one.name for name, one in before.attributes.items() if name not in after.attributes}
        if not types and not names:
            return
        for kind, name, user in dict.fromkeys(self._uses()):
            gone = (types if kind == "object type" else names).get(name.casefold())
            if gone is not None:
                place = self.place("mv-object-type" if kind == "object type" else "mv-attribute", gone, default="metaverse")
                yield Problem(place, f"takes the {kind} {gone!r} out of the metaverse, which {user} still uses; take that out, too")

    def _bound(self) -> Iterator[Problem]:
        """Attributes that an object type shall no longer have, into which flows stay."""
        before, after = self.novelty.present.metaverse.schema.classes, self.novelty.wanted.metaverse.schema.classes
        gone = {
            name: {one.casefold() for one in item.attributes} - {one.casefold() for one in after[name].attributes}
            for name, item in before.items()
            if name in after
        }
        for group in self.novelty.wanted.metaverse.import_flows:
            kind, attribute = group.mv_object_type.casefold(), group.mv_attribute.casefold()
            if group.flows and attribute in gone.get(kind, ()):
                place = self.place("mv-object-type", group.mv_object_type, default="metaverse")
                yield Problem(place, f"takes {group.mv_attribute!r} from {group.mv_object_type}, into which flows stay; take them out, too")

    def _without_attribute(self) -> Iterator[Problem]:
        """What object types newly have, or need, and the metaverse does not hold."""
        before, after = self.novelty.present.metaverse.schema, self.novelty.wanted.metaverse.schema
        for name, item in after.classes.items():
            old = before.classes.get(name)
            known = {one.casefold() for one in (*old.attributes, *old.required)} if old else set()
            for one in dict.fromkeys((*item.attributes, *sorted(item.required))):
                if one.casefold() not in known and one.casefold() not in after.attributes:
                    place = self.place("mv-object-type", item.name, default=f"metaverse/object_types/{item.name}")
                    yield Problem(place, f"the metaverse has no attribute {one!r}{suggestion(one, _names(after)) or '; declare it in metaverse.attributes'}")

    def _uses(self) -> Iterator[tuple[str, str, str]]:
        """What rules need of the metaverse's schema: kind, name and who needs it."""
        for group in self.novelty.wanted.metaverse.import_flows:
            if group.flows:
                yield "object type", group.mv_object_type, f"an import flow into {group.mv_object_type}/{group.mv_attribute}"
                yield "attribute", group.mv_attribute, f"an import flow into {group.mv_object_type}/{group.mv_attribute}"
        for agent in self.novelty.wanted.agents:
            for flows in agent.export_flows:
                for flow in flows.flows:
                    user = f"an export flow to {agent.name}/{flows.object_type}/{flow.attribute}"
                    yield "object type", flows.mv_object_type, user
                    yield from (("attribute", source.name, user) for source in sources_of(flow.mapping))
            for profile in agent.joins:
                for criterion in profile.criteria:
                    user = f"a join of {agent.name}/{profile.object_type}"
                    yield "object type", criterion.mv_object_type, user
                    yield from (("attribute", one.mv_attribute, user) for one in criterion.mappings if not one.intrinsic)
            yield from (("object type", one.mv_object_type, f"the projection of {agent.name}/{one.object_type}") for one in agent.projections)

    def metaverse(self) -> Iterator[Problem]:
        before, after = self.novelty.present.metaverse, self.novelty.wanted.metaverse
        ids = {agent.id for agent in self.novelty.wanted.agents}
        for rule in after.deletion_rules:
            if rule in before.deletion_rules:
                continue
            place = self.place("deletion-rule", rule.mv_object_type, default=f"metaverse/deletion_rules/{rule.mv_object_type}")
            yield from (Problem(place, message) for message in _no_class(after.schema, rule.mv_object_type, "the metaverse"))
            yield from (Problem(place, f"counts the agent {one}, which does not exist") for one in rule.agent_ids if one not in ids)
        for name, kind in after.schema.attributes.items():
            old = before.schema.attributes.get(name)
            if old is not None and (old.syntax, old.single_value) != (kind.syntax, kind.single_value):
                place = self.place("mv-attribute", name, default=f"metaverse/attributes/{name}")
                yield Problem(
                    place, f"is {_words(old)} in the metaverse and cannot become {_words(kind)}: remove it with its flows first, or take another name"
                )


def _matches(pattern: str, value: str) -> bool:
    """The connector's own expression; one that Python cannot read says nothing."""
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True


def _names(schema: Schema) -> list[str]:
    return [one.name for one in schema.attributes.values()]


def _no_class(schema: Schema, name: str, where: str) -> Iterator[str]:
    if name.casefold() not in schema.classes:
        yield f"{where} has no object type {name!r}{suggestion(name, [one.name for one in schema.classes.values()])}"


def _ends(agent: ManagementAgent, object_type: str, attributes: list[str]) -> Iterator[str]:
    """The agent's end of a rule: its object type and the attributes of that."""
    schema = agent.schema
    if not schema.classes:
        return
    known = schema.classes.get(object_type.casefold())
    if known is None:
        yield from _no_class(schema, object_type, f"the schema of {agent.name!r}")
        return
    own = {name.casefold() for name in known.attributes}
    for name in attributes:
        if name.casefold() not in schema.attributes:
            hint = suggestion(name, known.attributes) or "; refresh the agent's schema if it is new there"
            yield f"the schema of {agent.name!r} has no attribute {name!r}{hint}"
        elif name.casefold() not in own:
            yield f"the object type {known.name} of {agent.name!r} has no attribute {name!r}{suggestion(name, known.attributes)}"


def _source_type(schema: Schema, mapping: Mapping_) -> AttributeType | None:
    """Type of what a direct flow reads; None where values are computed or intrinsic."""
    if isinstance(mapping, DirectMapping) and not mapping.source.intrinsic:
        return schema.attributes.get(mapping.source.name.casefold())
    return None


def _fits(mapping: Mapping_, source: AttributeType | None, target: AttributeType, name: str) -> Iterator[str]:
    if isinstance(mapping, ConstantMapping) and target.syntax in (Syntax.REFERENCE, Syntax.BINARY):
        yield f"a constant cannot flow into {name}, which holds {target.syntax.value} values"
    if source is None:
        return
    if source.syntax is not target.syntax:
        yield f"{source.name!r} is {source.syntax.value}, but {name} is {target.syntax.value}; a direct flow needs one type, a rule can convert"
    if not source.single_value and target.single_value:
        yield f"{source.name!r} is multi-valued, but {name} takes a single value; a rule can choose one"


def _words(kind: AttributeType) -> str:
    return f"{'single' if kind.single_value else 'multi'}-valued {kind.syntax.value}"
