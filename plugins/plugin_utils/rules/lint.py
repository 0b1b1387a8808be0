# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a rules file and a server's configuration say about each other: mistakes that show on no single rule.

Source of the rules' places in the documents: reference page `rules-extension` section 1.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..configuration.model import ManagementAgent, ScriptedMapping, ServerConfiguration, Source
from ..desired.problems import suggestion
from .model import FlowRule, RulesFile, Side
from .walk import operands_of

_WANTS = {
    "import": "an import flow of the configuration wants",
    "export": "an export flow of the configuration wants",
    "join": "a join of the configuration wants",
}
# What `include: [sharepoint]` brings (reference page `rules-extension` section 3).
SOLUTION = frozenset(
    {
        "DomainSIDToString",
        "ConvertToString:nCName,nCName",
        "ProxyAddressesToSipAddress:proxyAddresses,SPS-SipAddress",
        "GetDomain:distinguishedName,domain",
        "GetDisplayName:displayName,PreferredName",
    }
)
DIRECTIONS = {"import": "import flow", "export": "export flow", "join": "join"}


@dataclass(frozen=True)
class Finding:
    """`severity`: error for what cannot work, warning for what will not be noticed in time. `rule` names the place."""

    severity: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class Use:
    """A script context of the configuration: where it stands and which attributes it lists."""

    direction: str
    context: str
    agent: ManagementAgent
    target: str
    sources: tuple[Source, ...]


def lint(rules: RulesFile, configuration: ServerConfiguration, assembly: str = "") -> list[Finding]:
    """Findings in the order of the rules; empty when both fit. With `assembly` only agents count that name this file as their extension."""
    configuration = _calling(configuration, assembly.casefold())
    uses = list(_uses(configuration))
    found = [finding for flow in rules.flows for finding in _flow(flow, rules, uses)]
    found += _missing(rules, uses)
    found += _entry_points(rules, configuration)
    return found + list(_names(rules, configuration))


def _calling(configuration: ServerConfiguration, assembly: str) -> ServerConfiguration:
    """What calls the extension; a metaverse that calls another one asks nothing of this one."""
    if not assembly:
        return configuration
    metaverse = configuration.metaverse
    if metaverse.extension.casefold() != assembly:
        metaverse = replace(metaverse, provisioning="none", deletion_rules=())
    return ServerConfiguration(metaverse, tuple(_rules_only(agent, agent.extension.casefold() == assembly) for agent in configuration.agents))


def _rules_only(agent: ManagementAgent, calls: bool) -> ManagementAgent:
    """An agent that calls another extension keeps its schema, which provisioning writes to."""
    return agent if calls else replace(agent, id="", filters=(), projections=(), joins=(), export_flows=(), deprovisioning_type="declared")


def sources(flow: FlowRule, rules: RulesFile) -> tuple[str, ...]:
    """The attributes that the flow's scripted mapping has to list, in the order in which the rule reads them."""
    side = Side.MV if flow.direction == "export" else Side.CS
    names: dict[str, str] = {}
    for operand in operands_of(flow, rules):
        if operand.side is side:
            names.setdefault(operand.name.casefold(), operand.name)
    return tuple(names.values())


def _uses(configuration: ServerConfiguration) -> Iterator[Use]:
    for flows in configuration.metaverse.import_flows:
        for flow in flows.flows:
            agent = configuration.agent_by_id(flow.agent_id)
            if agent is not None and isinstance(flow.mapping, ScriptedMapping):
                yield Use("import", flow.mapping.context, agent, flows.mv_attribute, flow.mapping.sources)
    for agent in configuration.agents:
        for flow_set in agent.export_flows:
            for export in flow_set.flows:
                if isinstance(export.mapping, ScriptedMapping):
                    yield Use("export", export.mapping.context, agent, export.attribute, export.mapping.sources)
        for profile in agent.joins:
            for mapping in (mapping for criterion in profile.criteria for mapping in criterion.mappings):
                if isinstance(mapping.mapping, ScriptedMapping):
                    yield Use("join", mapping.mapping.context, agent, "", mapping.mapping.sources)


def _flow(flow: FlowRule, rules: RulesFile, uses: list[Use]) -> Iterator[Finding]:
    """The rule against every flow of the configuration that calls it."""
    own = [
        use for use in uses if use.direction == flow.direction and use.context == flow.name and flow.select.agent.casefold() in ("", use.agent.name.casefold())
    ]
    if not own:
        names = sorted({use.context for use in uses if use.direction == flow.direction})
        yield Finding("warning", flow.name, f"no {DIRECTIONS[flow.direction]} of the configuration uses it{suggestion(flow.name, names)}")
    read = {name.casefold(): name for name in sources(flow, rules)}
    for use in own:
        if flow.direction != "join" and use.target.casefold() != flow.target.casefold():
            yield Finding("error", flow.name, f"writes {flow.target}, and the flow of {use.agent.name} is one of {use.target}")
        listed = {source.name.casefold() for source in use.sources}
        for key, name in read.items():
            if key not in listed:
                yield _unlisted(flow, use, name)


def _unlisted(flow: FlowRule, use: Use, name: str) -> Finding:
    if flow.direction == "export":
        return Finding(
            "warning", flow.name, f"reads {name}, which is no source of the flow of {use.agent.name}: a delta synchronization will not notice its changes"
        )
    return Finding("error", flow.name, f"reads {name}, which is no source of the flow of {use.agent.name}: the service refuses that")


def _missing(rules: RulesFile, uses: list[Use]) -> list[Finding]:
    known = {(flow.direction, flow.name) for flow in rules.flows}
    names = sorted({flow.name for flow in rules.flows})
    wanted = dict.fromkeys((use.direction, use.context) for use in uses)
    return [
        Finding("error", context, f"{_WANTS[direction]} this rule, and the file does not have it{_hint(context, names)}")
        for direction, context in wanted
        if (direction, context) not in known
    ]


def _hint(context: str, names: list[str]) -> str:
    return suggestion(context, names) or ("; 'include: [sharepoint]' brings it" if context in SOLUTION else "")


def _entry_points(rules: RulesFile, configuration: ServerConfiguration) -> list[Finding]:
    """Kinds of rules that the configuration asks for, and the file has none of."""
    agents = configuration.agents
    wanted = {
        "filters": (rules.filters, any(item.type == "scripted" for agent in agents for item in agent.filters)),
        "projections": (rules.projections, any(item.type == "scripted" for agent in agents for item in agent.projections)),
        "join_resolutions": (rules.resolutions, any(item.resolution == "scripted" for agent in agents for join in agent.joins for item in join.criteria)),
        "cleanups": (rules.cleanups, any(agent.deprovisioning_type == "scripted" for agent in agents)),
        "deletions": (rules.deletions, any(rule.type == "scripted" for rule in configuration.metaverse.deletion_rules)),
        "provisioning": (rules.provisioning, configuration.metaverse.provisioning in ("scripted", "both")),
    }
    found = []
    for name, (present, asked) in wanted.items():
        items: tuple[object, ...] = tuple(present)
        if asked and not items:
            found.append(
                Finding("error" if name != "provisioning" else "warning", name, "the configuration calls the extension for this, and the file has no such rule")
            )
        if items and not asked:
            found.append(Finding("warning", name, "nothing in the configuration calls the extension for this, so these rules never count"))
    return found


def _names(rules: RulesFile, configuration: ServerConfiguration) -> Iterator[Finding]:
    """Agents, types and attributes that the configuration does not know."""
    agents = {agent.name.casefold(): agent for agent in configuration.agents}
    types = configuration.metaverse.schema.classes
    for rule in rules.provisioning:
        agent = agents.get(rule.select.agent.casefold())
        if agent is None:
            yield Finding(
                "error", rule.name, f"there is no agent {rule.select.agent!r}{suggestion(rule.select.agent, [item.name for item in configuration.agents])}"
            )
            continue
        if rule.select.mv_type.lower() not in types:
            yield Finding("error", rule.name, f"the metaverse has no type {rule.select.mv_type!r}")
        if rule.object_type.lower() not in agent.schema.classes:
            yield Finding("error", rule.name, f"{agent.name} has no object type {rule.object_type!r}")
        targets = [item.target for item in rule.initial] + ([rule.anchor] if rule.anchor else [])
        yield from (Finding("error", rule.name, f"{agent.name} has no attribute {name!r}") for name in targets if name.lower() not in agent.schema.attributes)
    attributes = configuration.metaverse.schema.attributes
    for flow in rules.flows:
        for operand in operands_of(flow, rules):
            if operand.side is Side.MV and operand.name.lower() not in attributes:
                hint = suggestion(operand.name, [item.name for item in attributes.values()])
                yield Finding("error", flow.name, f"the metaverse has no attribute {operand.name!r}{hint}")
