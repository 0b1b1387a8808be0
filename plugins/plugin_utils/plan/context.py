# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every part of the planning works on: the plan so far, the facts, and the list of what is wrong."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..configuration.element import Element
from ..configuration.folder import Folder
from ..configuration.model import Schema
from ..configuration.reader import agent_data, metaverse_data, read_deletion_rules
from ..configuration.schema_reader import read_schema
from ..errors import PlanError
from .change import FULL_IMPORT, FULL_SYNC, Change, Plan, Risk
from .facts import DirectoryFacts

# Names the GUIDs that a plan makes up, so that planning twice gives the same ones.
_NAMESPACE = uuid.UUID("6e1f7a52-0f0b-5b0e-9a8e-3d1c51f6c2aa")


@dataclass
class Context:
    """`fresh` holds the lower-case names of agents that the server does not have yet: nothing is lost with them."""

    plan: Plan
    facts: DirectoryFacts
    fresh: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    schemas: dict[str, Schema] = field(default_factory=dict)

    def fault(self, path: str, message: str) -> None:
        self.faults.append(f"{path}: {message}" if path else message)

    def stop(self) -> None:
        """Raises PlanError with all that was found."""
        if len(self.faults) == 1:
            path, _unused, message = self.faults[0].partition(": ")
            raise PlanError(message, path=path)
        if self.faults:
            raise PlanError(f"The declared configuration cannot be reached, for {len(self.faults)} reasons.", details=self.faults)

    def data(self, agent: str) -> Element:
        """The agent's `ma-data` as planned so far."""
        return data_of(self.plan.planned, agent)

    def schema(self, agent: str) -> Schema:
        """The agent's schema, read once: no change touches what is asked of it."""
        key = agent.casefold()
        if key not in self.schemas:
            self.schemas[key] = read_schema(self.data(agent).find("schema"))
        return self.schemas[key]

    def add(self, change: Change, *, imports: bool = True) -> None:
        """A change of an agent, its sentence without the agent's name. `imports`: what is imported changes, not only rules.

        On an agent that is new to the server nothing can be lost, and everything must run anyway.
        """
        new = change.agent.casefold() in self.fresh
        steps = (FULL_IMPORT, FULL_SYNC) if imports else (FULL_SYNC,)
        risk = Risk.NONE if new else change.risk
        self.plan.add(
            replace(
                change,
                sentence=f"{change.agent or 'metaverse'}: {change.sentence}",
                risk=risk,
                reason="" if new else change.reason,
                run_after=() if risk is Risk.NONE else steps,
            )
        )

    def deletes_with(self, agent: str) -> str:
        """Why losing objects of this agent deletes elsewhere: the deletion rules that count it. Empty when none does."""
        metaverse = self.plan.planned.metaverse
        if metaverse is None:
            return ""
        identifier = self.data(agent).find_text("id").upper()
        rules = [rule for rule in read_deletion_rules(metaverse_data(metaverse)) if rule.type != "declared-any" or identifier in rule.agent_ids]
        if not rules:
            return ""
        types = ", ".join(sorted({rule.mv_object_type for rule in rules}))
        return f"a metaverse object ({types}) goes with its last or counted connector, and with it the objects in the other systems"


def data_of(folder: Folder, agent: str) -> Element:
    """`ma-data` of an agent."""
    return agent_data(folder.agents[agent.casefold()])


def metaverse_of(folder: Folder) -> Element:
    """`mv-data`."""
    if folder.metaverse is None:
        raise PlanError("The configuration has no metaverse document.")
    return metaverse_data(folder.metaverse)


def partition_of(folder: Folder, agent: str, dn: str) -> Element:
    """The partition element with that name; KeyError if there is none."""
    for partition in data_of(folder, agent).find_all("ma-partition-data/partition"):
        if partition.find_text("name").casefold() == dn.casefold():
            return partition
    raise KeyError(dn)


def steps_of(data: Element) -> Iterator[tuple[Element, Element]]:
    """Each run profile's `configuration` with each of its steps."""
    for configuration in data.find_all("ma-run-data/run-configuration/configuration"):
        for step in configuration.find_all("step"):
            yield configuration, step


def make_guid(*names: str) -> str:
    """The same GUID for the same names, in capitals and braces."""
    return "{" + str(uuid.uuid5(_NAMESPACE, "/".join(name.casefold() for name in names))).upper() + "}"
