# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two configurations side by side: agents matched by name, and their ids made the same on both sides."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ..configuration.element import Element
from ..configuration.folder import Folder
from ..configuration.markup import Fragment
from ..configuration.model import (
    ConstantMapping,
    DirectMapping,
    ImportFlows,
    ManagementAgent,
    Mapping_,
    Metaverse,
    ScriptedMapping,
    ServerConfiguration,
    Source,
    SyncRuleMapping,
)
from .change import FULL_IMPORT, FULL_SYNC, Change, Edit, Risk
from .context import data_of

_NAMESPACE = uuid.UUID("0b9f4c0e-53c8-5d0b-8f58-6a5a0c0f5f3e")


@dataclass(frozen=True)
class Comparison:
    """`wanted` names agents by the ids that they have in `present`. `seed` makes the ids of what is new."""

    present: ServerConfiguration
    wanted: ServerConfiguration
    seed: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    def pairs(self) -> Iterator[tuple[ManagementAgent, ManagementAgent]]:
        """Agents that are on both sides, in the order of `present`."""
        for agent in self.present.agents:
            other = self.wanted.agent(agent.name)
            if other is not None and other is not agent:
                yield agent, other

    def name_of(self, agent_id: str) -> str:
        return self.names.get(agent_id, agent_id)

    def guid(self, *names: object) -> str:
        """The same id for the same names and seed, in capitals and braces."""
        text = "/".join((self.seed, *(str(name).casefold() for name in names)))
        return "{" + str(uuid.uuid5(_NAMESPACE, text)).upper() + "}"

    def deletes_with(self, agent: ManagementAgent) -> str:
        """Why losing connectors of this agent deletes metaverse objects; empty when no rule counts it."""
        rules = [rule for rule in self.present.metaverse.deletion_rules if rule.type != "declared-any" or agent.id in rule.agent_ids]
        types = ", ".join(sorted({rule.mv_object_type for rule in rules}))
        return f"metaverse objects ({types}) go with this connector, and with them the objects in other systems" if types else ""

    def losing(self, agent: ManagementAgent, what: str) -> tuple[Risk, str]:
        """Risk and reason of a change after which objects lose their connector."""
        further = self.deletes_with(agent)
        return (Risk.CAN_DELETE, f"{what}; {further}") if further else (Risk.DISCONNECTS, what)


def compared(present: ServerConfiguration, wanted: ServerConfiguration, seed: str = "") -> Comparison:
    """Puts the two side by side; agents that are new keep the id they were given, or get one."""
    ids: dict[str, str] = {}
    agents: list[ManagementAgent] = []
    blank = Comparison(present, wanted, seed)
    for agent in wanted.agents:
        known = present.agent(agent.name)
        identifier = known.id if known is not None else agent.id or blank.guid("agent", agent.name)
        if agent.id:
            ids[agent.id] = identifier
        agents.append(agent if agent.id == identifier else replace(agent, id=identifier))
    metaverse = wanted.metaverse if all(old == new for old, new in ids.items()) else _renumbered(wanted.metaverse, ids)
    names = {agent.id: agent.name for agent in (*agents, *present.agents)}
    return Comparison(present, ServerConfiguration(metaverse, tuple(agents)), seed, names)


def _renumbered(metaverse: Metaverse, ids: Mapping[str, str]) -> Metaverse:
    return replace(
        metaverse,
        import_flows=tuple(_renumbered_flows(group, ids) for group in metaverse.import_flows),
        recall={ids.get(agent, agent): value for agent, value in metaverse.recall.items()},
        deletion_rules=tuple(replace(rule, agent_ids=tuple(ids.get(agent, agent) for agent in rule.agent_ids)) for rule in metaverse.deletion_rules),
    )


def _renumbered_flows(group: ImportFlows, ids: Mapping[str, str]) -> ImportFlows:
    return replace(group, flows=tuple(replace(flow, agent_id=ids.get(flow.agent_id, flow.agent_id)) for flow in group.flows))


def mapping_key(value: Mapping_) -> tuple[object, ...]:
    """Equal for mappings that mean the same: attributes without regard to letter case."""
    match value:
        case DirectMapping(source):
            return ("direct", *_source_key((source,)))
        case ScriptedMapping(sources, context):
            return ("scripted", context, *_source_key(sources))
        case ConstantMapping(text):
            return ("constant", text)
        case SyncRuleMapping(sources):
            return ("sync rule", *_source_key(sources))
    return (type(value).__name__, repr(value))


def _source_key(sources: Iterable[Source]) -> tuple[tuple[str, bool], ...]:
    return tuple((source.name.casefold(), source.intrinsic) for source in sources)


def section(folder: Folder, agent: str, name: str) -> Element:
    """A section of the agent's document (`join`, `projection`); made when the document lacks it."""
    data = data_of(folder, agent)
    return data.find(name) or data.append(Fragment(name))


def agent_change(
    agent: ManagementAgent,
    kind: str,
    sentence: str,
    *,
    values: tuple[str, str],
    edits: tuple[Edit, Edit],
    risk: Risk = Risk.RECALCULATES,
    reason: str = "",
    imports: bool = False,
    item: tuple[str, ...] = (),
) -> Change:
    """A change of an agent that calls for a full synchronization, and with `imports` for a full import before it.

    `values` are before and after, `edits` make the change and take it back.
    """
    steps = () if risk is Risk.NONE else ((FULL_IMPORT, FULL_SYNC) if imports else (FULL_SYNC,))
    return Change(agent.name, kind, f"{agent.name}: {sentence}", *values, edits[0], risk, reason, steps, undo=edits[1], item=item)
