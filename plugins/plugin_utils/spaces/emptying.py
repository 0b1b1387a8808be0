# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What it means to empty a connector space, worked out before it is done.

Facts: reference pages `sync-engine` (3, inbound 6 and 7: recall, object deletion rules), `mim-synchronization-service`
(WMI: no documented call deletes a connector space, miisclient does) and `field-notes` (Configuring).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..configuration.model import DeletionRule, ManagementAgent, ServerConfiguration
from ..cycle.plan import read_counts
from ..errors import LimitError, PlanError

COUNTERS = (
    "NumCSObjects",
    "NumTotalConnectors",
    "NumTotalDisconnectors",
    "NumPlaceholders",
    "NumExportAdd",
    "NumExportUpdate",
    "NumExportDelete",
)
RUNNING = "in-progress"


@dataclass(frozen=True)
class Space:
    """An agent's connector space by its numbers. `running` names the agents of the server that run."""

    agent: str
    counts: Mapping[str, int]
    running: tuple[str, ...] = ()

    @property
    def objects(self) -> int:
        return self.counts["NumCSObjects"]

    def numbers(self) -> dict[str, int]:
        """The numbers under the names that the module returns."""
        names = {
            "objects": "NumCSObjects",
            "connectors": "NumTotalConnectors",
            "disconnectors": "NumTotalDisconnectors",
            "placeholders": "NumPlaceholders",
            "pending_adds": "NumExportAdd",
            "pending_updates": "NumExportUpdate",
            "pending_deletes": "NumExportDelete",
        }
        return {name: self.counts[counter] for name, counter in names.items()}


@dataclass(frozen=True)
class Consequences:
    """`metaverse_deletes` is the most that can be deleted; `not_joined_again` are object types without a join rule."""

    metaverse_deletes: int
    not_joined_again: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class SpaceLimits:
    """How much may be lost, in objects."""

    metaverse_deletes: int = 0
    pending_deletes: int = 0


def space_of(answer: Mapping[str, Any], agent: str) -> Space:
    """From the answer of the verb `cycle_read`; raises PlanError for an agent that the server does not have."""
    agents = answer["agents"]
    found = next((item for item in agents if str(item["name"]).casefold() == agent.casefold()), None)
    if found is None:
        known = ", ".join(str(item["name"]) for item in agents) or "none"
        raise PlanError(f"The server has no management agent named {agent}; it has {known}.")
    running = tuple(str(item["name"]) for item in agents if str(item["status"]) == RUNNING)
    return Space(str(found["name"]), read_counts(found["counts"]), running)


def consequences_of(configuration: ServerConfiguration, space: Space) -> Consequences:
    """What the rules of the configuration make of it."""
    agent = configuration.agent(space.agent)
    if agent is None:
        raise PlanError(f"The configuration holds no management agent named {space.agent}.")
    rules = {rule.mv_object_type.casefold(): rule for rule in configuration.metaverse.deletion_rules}
    types = _metaverse_types(configuration, agent)
    risks = [sentence for name in types if (sentence := _deletion(name, rules.get(name.casefold()), agent))]
    lonely = _without_join(agent)
    return Consequences(space.counts["NumTotalConnectors"] if risks else 0, lonely, (*_sentences(space, lonely), *risks))


def check_limits(space: Space, found: Consequences, limits: SpaceLimits) -> None:
    """Raises PlanError while an agent runs, LimitError for more than may be lost."""
    if space.running:
        raise PlanError(f"Management agent {space.running[0]} is running. Wait until it has ended, then run this again.")
    pending = space.counts["NumExportDelete"]
    if pending > limits.pending_deletes:
        raise LimitError(
            f"{pending} deletions of {space.agent} wait to be exported and would be lost: their objects would stay in the connected system. "
            f"limits.pending_deletes allows {limits.pending_deletes}. Run an export first."
        )
    if found.metaverse_deletes > limits.metaverse_deletes:
        raise LimitError(
            f"Up to {found.metaverse_deletes} metaverse objects could be deleted, and their objects in other systems with them; "
            f"limits.metaverse_deletes allows {limits.metaverse_deletes}.",
            details=found.sentences,
        )


def instructions(space: Space, seconds: int) -> tuple[str, ...]:
    """What an administrator does in the Synchronization Service Manager."""
    return (
        f"The connector space of {space.agent} is to be emptied by hand; the server offers no call for it.",
        "1. Open the Synchronization Service Manager (miisclient) on this host as a member of the administrators group.",
        f"2. Management Agents: select {space.agent}, then Actions, Delete.",
        "3. Choose 'Delete connector space only' (not the agent itself) and confirm.",
        f"This task goes on by itself when the connector space is empty, and gives up after {seconds} s.",
    )


def text_of(space: Space) -> str:
    """One line for the diff."""
    numbers = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in space.numbers().items())
    return f"connector space of {space.agent}: {numbers}\n"


def empty_text(space: Space) -> str:
    return text_of(Space(space.agent, dict.fromkeys(COUNTERS, 0)))


def _sentences(space: Space, lonely: Sequence[str]) -> list[str]:
    numbers = space.numbers()
    found = [f"{numbers['connectors']} of {numbers['objects']} objects are disconnected from the metaverse; the connected system is not touched."]
    if numbers["pending_adds"] or numbers["pending_updates"]:
        found.append(f"{numbers['pending_adds']} adds and {numbers['pending_updates']} updates that wait to be exported are computed anew.")
    if lonely:
        found.append(f"Objects of the types {', '.join(lonely)} are not joined again: {space.agent} has no join rule for them. They stay as they are.")
    return found


def _metaverse_types(configuration: ServerConfiguration, agent: ManagementAgent) -> list[str]:
    """The metaverse object types that the agent's objects are linked to."""
    names = [flows.mv_object_type for flows in agent.export_flows]
    names += [projection.mv_object_type for projection in agent.projections if projection.mv_object_type]
    names += [flows.mv_object_type for flows in configuration.metaverse.import_flows if any(flow.agent_id.upper() == agent.id.upper() for flow in flows.flows)]
    return list({name.casefold(): name for name in names}.values())


def _deletion(mv_type: str, rule: DeletionRule | None, agent: ManagementAgent) -> str:
    """Why objects of a metaverse type can go; empty where they cannot."""
    if rule is not None and rule.type == "scripted":
        return f"Whether a {mv_type} is deleted is decided by the rules extension."
    if rule is not None and rule.type == "declared-any" and agent.id.upper() in {agent_id.upper() for agent_id in rule.agent_ids}:
        return f"Each {mv_type} with a connector here is deleted: its deletion rule names {agent.name}."
    # Who does not project has objects that another agent brought, and that agent's connector stays.
    return f"Each {mv_type} without another connector is deleted." if agent.projections else ""


def _without_join(agent: ManagementAgent) -> tuple[str, ...]:
    joined = {profile.object_type.casefold() for profile in agent.joins if profile.criteria}
    types = {name.casefold(): name for partition in agent.partitions if partition.selected for name in partition.object_types}
    flowing = {flows.object_type.casefold() for flows in agent.export_flows}
    return tuple(sorted(name for key, name in types.items() if key in flowing and key not in joined))
