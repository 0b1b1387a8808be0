# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The configuration as tables: everything that a run looks up is worked out once here.

Keys are agent ids and lower-case type names; attribute names are spelled as in the schema that they belong to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..configuration.model import (
    DeletionRule,
    DirectMapping,
    ExportFlowSet,
    FilterSet,
    ImportFlows,
    JoinMapping,
    ManagementAgent,
    ObjectClass,
    Projection,
    Schema,
    ServerConfiguration,
    Syntax,
)
from .conditions import Filter, compile_filter
from .extension import Scripts
from .flows import ExportFlowRule, ImportFlowRule, MappingCompiler
from .objects import Origin
from .store import Store
from .switches import Switches

DN = "dn"
SHAREPOINT = "sharepoint profile store"
PICTURE_PARAMETER = "picture flow direction"


class Names:
    """The attributes of a schema: spelling by any spelling, which are references, which hold one value."""

    def __init__(self, schema: Schema, selected: tuple[str, ...] = ()) -> None:
        self.spelling: dict[str, str] = {}
        self.syntax: dict[str, Syntax] = {}
        single, indexed = [], []
        wanted = {name.lower() for name in selected}
        for key, attribute in schema.attributes.items():
            if wanted and key.lower() not in wanted:
                continue
            self.spelling[attribute.name] = self.spelling[attribute.name.lower()] = attribute.name
            self.syntax[attribute.name] = attribute.syntax
            if attribute.single_value:
                single.append(attribute.name)
            if attribute.indexed:
                indexed.append(attribute.name)
        for name in selected:
            # Selected and not in the schema: kept, a text; the import of such a configuration is refused elsewhere.
            if name.lower() not in self.spelling:
                self.spelling[name] = self.spelling[name.lower()] = name
        self.single = frozenset(single)
        self.indexed = frozenset(indexed)
        self.references = frozenset(name for name, syntax in self.syntax.items() if syntax is Syntax.REFERENCE)

    def spell(self, name: str) -> str:
        return self.spelling.get(name) or self.spelling.get(name.lower(), name)

    def syntax_of(self, name: str) -> Syntax:
        return self.syntax.get(name, Syntax.STRING)


@dataclass(frozen=True)
class Criterion:
    """A join criterion; `searches` are pairs of a metaverse attribute and the mapping that gives what to search."""

    mv_object_type: str
    searches: tuple[tuple[str, JoinMapping], ...]
    scripted_resolution: bool
    context: str


@dataclass(frozen=True)
class TypeRules:
    """What holds for one object type of an agent."""

    export_only: frozenset[str] = frozenset()
    import_only: frozenset[str] = frozenset()
    anchors: tuple[str, ...] = ()
    filter: Filter | None = None
    filter_scripted: bool = False
    import_filter: bool = False
    criteria: tuple[Criterion, ...] = ()
    projection: Projection | None = None


@dataclass(frozen=True)
class ExportSet:
    """The export flows of one pair of types; `by_source` lists, per metaverse attribute, the flows that read it."""

    flows: tuple[ExportFlowRule, ...]
    by_source: Mapping[str, tuple[ExportFlowRule, ...]]
    references: tuple[ExportFlowRule, ...]


@dataclass(frozen=True)
class ImportGroup:
    """The sources of one metaverse attribute in the order of their rank."""

    target: str
    precedence: str
    flows: tuple[ImportFlowRule, ...]
    single: bool
    ids: frozenset[str]
    # Of an indexed attribute: the values of it can be searched, and have a greatest length.
    indexed: bool = False


@dataclass(frozen=True)
class ImportSet:
    """The groups that one agent's object type feeds; `by_source` per attribute of the connector space (and `dn`)."""

    groups: tuple[ImportGroup, ...]
    by_source: Mapping[str, tuple[ImportGroup, ...]]
    references: tuple[ImportGroup, ...]


@dataclass
class AgentRules:
    agent: ManagementAgent
    names: Names
    types: Mapping[str, TypeRules]
    dn_from_anchor: bool
    references: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # By the spelling that objects have.
    _spelled: dict[str, TypeRules] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.agent.id

    def of(self, object_type: str) -> TypeRules:
        found = self._spelled.get(object_type)
        if found is None:
            found = self._spelled[object_type] = self.types.get(object_type.lower(), NO_TYPE_RULES)
        return found


NO_TYPE_RULES = TypeRules()


class Rules:
    """All rules of a configuration, bound to the store that they read."""

    def __init__(self, configuration: ServerConfiguration, store: Store, scripts: Scripts, *, switches: Switches | None = None) -> None:
        self.configuration = configuration
        self.switches = switches or Switches()
        self.mv_names = Names(configuration.metaverse.schema)
        self.agents = {agent.id: agent_rules(agent) for agent in configuration.agents}
        self.deletion: dict[str, DeletionRule] = {rule.mv_object_type.lower(): rule for rule in configuration.metaverse.deletion_rules}
        self.provisioning = configuration.metaverse.provisioning in ("scripted", "both")
        self.compiler = MappingCompiler(store, scripts, self.mv_names.syntax_of, self.mv_names.spell, portal_flows=self.switches.portal_flows)
        self.all_groups: dict[str, dict[str, ImportGroup]] = {}
        self.loops = self._loops()
        self.imports = self._imports()
        self.exports = self._exports()
        self.mv_types = {name.lower(): cls.name for name, cls in configuration.metaverse.schema.classes.items()}
        store.prepare(
            {agent_id: rules.references for agent_id, rules in self.agents.items()},
            dict.fromkeys((*self.mv_types, *self.all_groups), self.mv_names.references),
        )

    def recalls(self, agent_id: str) -> bool:
        return self.configuration.metaverse.recall.get(agent_id, True)

    def _loops(self) -> frozenset[tuple[str, str, str, str]]:
        """Agent, object type, metaverse attribute and source attribute of the direct import flows: an export flow the other way is a loop."""
        return frozenset(
            (flow.agent_id, flow.object_type.lower(), self.mv_names.spell(flows.mv_attribute), self.agents[flow.agent_id].names.spell(source))
            for flows in self.configuration.metaverse.import_flows
            for flow in flows.flows
            if flow.agent_id in self.agents and (source := direct_source(flow.mapping))
        )

    def _imports(self) -> dict[tuple[str, str, str], ImportSet]:
        feeding: dict[tuple[str, str, str], list[ImportGroup]] = {}
        for flows in self.configuration.metaverse.import_flows:
            group = self._group(flows)
            mv_type = flows.mv_object_type.lower()
            self.all_groups.setdefault(mv_type, {})[group.target] = group
            for source in dict.fromkeys((flow.agent_id, flow.cd_type, mv_type) for flow in group.flows):
                feeding.setdefault(source, []).append(group)
        return {key: _import_set(key, groups) for key, groups in feeding.items()}

    def _group(self, flows: ImportFlows) -> ImportGroup:
        target = self.mv_names.spell(flows.mv_attribute)
        compiled = []
        for flow in flows.flows:
            agent = self.agents.get(flow.agent_id)
            if agent is not None:
                origin: Origin = (flow.agent_id, flow.object_type, flow.id)
                compiled.append(self.compiler.import_flow(flow, (flows.mv_object_type, target), origin, agent.agent, agent.names))
        ids = frozenset(flow.id for flow in flows.flows)
        indexed = self.switches.indexed_limits and target in self.mv_names.indexed
        return ImportGroup(target, flows.precedence, tuple(compiled), target in self.mv_names.single, ids, indexed)

    def _exports(self) -> dict[tuple[str, str, str], ExportSet]:
        return {
            (agent_id, flow_set.object_type.lower(), flow_set.mv_object_type.lower()): self._export_set(rules, flow_set)
            for agent_id, rules in self.agents.items()
            for flow_set in rules.agent.export_flows
        }

    def _export_set(self, rules: AgentRules, flow_set: ExportFlowSet) -> ExportSet:
        object_type = flow_set.object_type.lower()

        def loops(source: str, target: str) -> bool:
            return self.switches.guard_contributor and (rules.id, object_type, source, target) in self.loops

        flows = tuple(self.compiler.export_flow(flow, rules.agent, rules.names, loops) for flow in flow_set.flows)
        by_source: dict[str, list[ExportFlowRule]] = {}
        for flow in flows:
            # Flows of one target compete, so a change of any source looks at all of them.
            rivals = [rival for rival in flows if rival.target == flow.target]
            for source in flow.sources:
                by_source.setdefault(source, []).extend(rival for rival in rivals if rival not in by_source.get(source, ()))
        references = tuple(flow for flow in flows if flow.reference)
        return ExportSet(flows, {name: tuple(members) for name, members in by_source.items()}, references)


def _import_set(key: tuple[str, str, str], groups: list[ImportGroup]) -> ImportSet:
    by_source: dict[str, list[ImportGroup]] = {}
    references = []
    for group in groups:
        own = [flow for flow in group.flows if (flow.agent_id, flow.cd_type) == key[:2]]
        for source in dict.fromkeys(source for flow in own for source in flow.sources):
            by_source.setdefault(source, []).append(group)
        if any(flow.reference for flow in own):
            references.append(group)
    return ImportSet(tuple(groups), {name: tuple(members) for name, members in by_source.items()}, tuple(references))


def agent_rules(agent: ManagementAgent) -> AgentRules:
    names = Names(agent.schema, agent.included_attributes)
    object_types = {*agent.schema.classes, *(f.object_type.lower() for f in agent.filters), *(j.object_type.lower() for j in agent.joins)}
    object_types |= {projection.object_type.lower() for projection in agent.projections}
    types = {name.lower(): _type_rules(agent, names, name) for name in object_types}
    from_anchor = agent.category.casefold() == "extensible2" or any(rules.anchors for rules in types.values())
    references = dict.fromkeys({*types, *(t.lower() for p in agent.partitions for t in p.object_types)}, names.references)
    return AgentRules(agent, names, types, from_anchor, references)


def _type_rules(agent: ManagementAgent, names: Names, object_type: str) -> TypeRules:
    key = object_type.lower()
    cls = agent.schema.classes.get(key) or ObjectClass(object_type)
    export_only, import_only = _directions(agent, names, cls)
    filter_set = next((item for item in agent.filters if item.object_type.lower() == key), FilterSet(object_type, "declared"))
    scripted = filter_set.type == "scripted"
    has_filter = bool(filter_set.alternatives) and not scripted
    return TypeRules(
        export_only=export_only,
        import_only=import_only,
        anchors=tuple(names.spell(name) for name in cls.anchors),
        filter=compile_filter(filter_set, names.spell) if has_filter else None,
        filter_scripted=scripted,
        import_filter=filter_set.import_filter,
        criteria=_criteria(agent, key),
        projection=next((item for item in agent.projections if item.object_type.lower() == key and item.type != "sync-rule"), None),
    )


def _directions(agent: ManagementAgent, names: Names, cls: ObjectClass) -> tuple[frozenset[str], frozenset[str]]:
    """Export-only and import-only attributes. The direction of pictures is a parameter of the SharePoint agent (reference 6)."""
    export_only = {names.spell(name) for name in cls.export_only}
    import_only = {names.spell(name) for name in cls.import_only}
    for attribute in agent.schema.attributes.values():
        if attribute.export_only:
            export_only.add(attribute.name)
        if attribute.import_only:
            import_only.add(attribute.name)
    if SHAREPOINT in (agent.subtype.casefold(), agent.list_name.casefold()):
        value = next((item.value for item in agent.parameters if item.name.casefold() == PICTURE_PARAMETER), "")
        if value.casefold().startswith("import only"):
            export_only.discard("Picture")
            import_only.add("Picture")
        elif value:
            export_only.add("Picture")
            import_only.discard("Picture")
    return frozenset(export_only), frozenset(import_only)


def _criteria(agent: ManagementAgent, key: str) -> tuple[Criterion, ...]:
    return tuple(
        Criterion(
            criterion.mv_object_type,
            tuple((mapping.mv_attribute, mapping) for mapping in criterion.mappings),
            criterion.resolution == "scripted",
            criterion.resolution_context,
        )
        for profile in agent.joins
        if profile.object_type.lower() == key
        for criterion in profile.criteria
        # Rules of the portal, and joins by the metaverse's own object id, are carried, not simulated.
        if not criterion.sync_rule and not any(mapping.intrinsic for mapping in criterion.mappings)
    )


def direct_source(mapping: object) -> str:
    """The attribute of a direct mapping; empty for other mappings and for intrinsic sources."""
    return mapping.source.name if isinstance(mapping, DirectMapping) and not mapping.source.intrinsic else ""
