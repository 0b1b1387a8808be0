# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a preview starts from: a configuration, the objects that the server knows, and what the sources hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from ..configuration.model import Partition, ServerConfiguration
from ..engine.objects import DELETE, CsObject
from ..engine.rules import AgentRules, agent_rules
from ..engine.systems.base import ChangeType, ImportedObject, Values
from .findings import Findings
from .sandbox import AnyStore
from .shadow import RECORDED, Base, Recorded


@dataclass(frozen=True)
class Origin:
    """Where the objects of an agent come from. `read_at`: seconds since 1970, UTC, 0 for not known; `estimate` says what is not known for certain."""

    agent: str
    source: str
    read_at: float = 0.0
    objects: int = 0
    estimate: str = ""


@dataclass
class Scene:
    """`bases` by agent name: what an import reads; an agent without one reads its own connector space again."""

    configuration: ServerConfiguration
    store: AnyStore
    bases: Mapping[str, Base] = field(default_factory=dict)
    origins: Sequence[Origin] = ()
    findings: Findings = field(default_factory=Findings)
    # Agents whose base has not been imported by the state yet.
    fresh: frozenset[str] = frozenset()


def replay(store: AnyStore, rules: AgentRules) -> Recorded:
    """A system that holds what the connector space believes: the last view, exports that were accepted included."""
    items = [item for item in store.space(rules.id).all() if not item.placeholder and item.unconfirmed_op != DELETE and item.in_system]
    objects = [_delivered(store, rules, item) for item in items]
    return Recorded(objects, f"connector space of {rules.agent.name}", in_tree=not rules.dn_from_anchor)


def _delivered(store: AnyStore, rules: AgentRules, item: CsObject) -> ImportedObject:
    attributes: dict[str, Values] = {}
    for name, values in {**item.view(), **item.unconfirmed}.items():
        targets = (store.cs_object(cast("int", value)) for value in values) if name in rules.names.references else ()
        delivered = tuple(target.dn for target in targets if target is not None) if name in rules.names.references else values
        if delivered:
            attributes[name] = delivered
    return ImportedObject(ChangeType.REPLACE, item.anchor or item.dn, item.transient_dn or item.dn, item.type, attributes)


def bases_of(scene: Scene, configuration: ServerConfiguration, store: AnyStore) -> dict[str, Base]:
    """A base for each agent of the configuration."""
    found: dict[str, Base] = {}
    for agent in configuration.agents:
        base = scene.bases.get(agent.name)
        found[agent.name] = base if base is not None else replay(store, agent_rules(agent))
    return found


def set_watermarks(store: AnyStore, agent_id: str, partitions: Sequence[Partition]) -> None:
    """A state that was read from files can be followed by a delta import."""
    for partition in partitions:
        store.watermarks.setdefault((agent_id, partition.id), RECORDED)
