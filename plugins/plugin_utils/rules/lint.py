# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a rules file and a server's configuration say about each other: mistakes that show on no single rule.

Source of the rules' places in the documents: reference page `rules-extension` section 1.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..configuration.model import ManagementAgent, ScriptedMapping, ServerConfiguration, Source
from ..desired.problems import suggestion
from .checks import needs
from .model import Attributes, FlowRule, Operand, Placeholder, RulesFile, Side, Value

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


def lint(rules: RulesFile, configuration: ServerConfiguration) -> list[Finding]:
    """Findings in the order of the rules; empty when both fit."""
    uses = list(_uses(configuration))
    found = [finding for flow in rules.flows for finding in _flow(flow, rules, uses)]
    found += _missing(rules, uses)
    found += _entry_points(rules, configuration)
    return found + list(_names(rules, configuration))


def sources(flow: FlowRule, rules: RulesFile) -> tuple[str, ...]:
    """The attributes that the flow's scripted mapping has to list, in the order in which the rule reads them."""
    side = Side.MV if flow.direction == "export" else Side.CS
    return tuple(dict.fromkeys(operand.name for operand in _operands(flow.value, rules) if operand.side is side))


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
    wanted = dict.fromkeys((use.direction, use.context) for use in uses)
    return [
        Finding("error", context, f"an {DIRECTIONS[direction]} of the configuration wants this rule, and the file does not have it")
        for direction, context in wanted
        if (direction, context) not in known
    ]


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
        for operand in _operands(flow.value, rules):
            if operand.side is Side.MV and operand.name.lower() not in attributes:
                hint = suggestion(operand.name, [item.name for item in attributes.values()])
                yield Finding("error", flow.name, f"the metaverse has no attribute {operand.name!r}{hint}")


def _operands(value: Value, rules: RulesFile) -> Iterable[Operand]:
    """What a value reads, named values included."""
    waiting, found = [value], list[Operand]()
    seen: set[str] = set()
    while waiting:
        current = waiting.pop()
        if isinstance(current.source, Attributes):
            found += [operand for operand in current.source.operands if operand.side in (Side.CS, Side.MV)]
        else:
            parts = [part.operand for part in current.source.parts if isinstance(part, Placeholder)]
            found += [operand for operand in parts if operand.side in (Side.CS, Side.MV)]
        for name in needs(current) - seen:
            seen.add(name)
            waiting.append(rules.values[name])
    return found
