# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a forest says of the partitions of a new Active Directory agent: their objectGUIDs, and whether the containers exist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...configuration import distinguished_name
from ...configuration.model import ManagementAgent, Partition, ServerConfiguration
from ...desired.wanted import Wanted
from ...errors import PlanError
from ..facts import DirectoryFacts, ForestFacts


def with_contexts(wanted: Wanted, facts: DirectoryFacts | None) -> ServerConfiguration:
    """The wanted model with the naming contexts of new agents; raises PlanError listing all that the forest does not have."""
    if facts is None:
        return wanted.model
    faults: list[str] = []
    new = {name.casefold() for name in wanted.new_agents}
    agents = tuple(_agent(one, wanted, facts, faults) if one.name.casefold() in new else one for one in wanted.model.agents)
    if len(faults) == 1:
        path, _unused, message = faults[0].partition(": ")
        raise PlanError(message, path=path)
    if faults:
        raise PlanError(f"The declared configuration cannot be reached, for {len(faults)} reasons.", details=faults)
    return replace(wanted.model, agents=agents)


def _agent(agent: ManagementAgent, wanted: Wanted, facts: DirectoryFacts, faults: list[str]) -> ManagementAgent:
    forest = facts.forest(agent.forest.forest) if agent.category == "AD" and agent.forest is not None else None
    if forest is None:
        return agent
    if forest.error:
        faults.append(f"{wanted.path_of('agent', agent.name)}.forest: the forest {forest.name!r} cannot be asked: {forest.error}")
        return agent
    made = []
    for one in agent.partitions:
        path = wanted.path_of("partition", agent.name, one.name)
        faults += [f"{path}: {message}" for message in _faults(one, forest)]
        known = forest.context(one.dn)
        made.append(one if known is None else replace(one, name=known.dn, dn=known.dn, guid=known.guid))
    return replace(agent, partitions=tuple(made))


def _faults(one: Partition, forest: ForestFacts) -> Iterator[str]:
    if forest.context(one.dn) is None:
        yield f"the forest {forest.name} has no naming context {one.dn}; it has {', '.join(context.dn for context in forest.contexts)}"
        return
    for dn in (*one.inclusions, *one.exclusions):
        # What was not asked about is left to the import.
        if forest.containers.get(distinguished_name.comparable(dn)) is False:
            yield f"there is no container {dn}"
