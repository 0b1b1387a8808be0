# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A configuration as the rules look at it: names without regard to letter case, looked up once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from ..configuration.model import DirectMapping, ManagementAgent, Mapping_, ScriptedMapping, ServerConfiguration, Source, SyncRuleMapping
from .findings import Finding, error

# The name under which export flows write an object's place; no attribute of any schema.
DN = "dn"
SCRIPTED = "scripted"


def sources_of(mapping: Mapping_) -> list[str]:
    """The attributes that a mapping reads, without DN and object id."""
    return [source.name for source in _read_by(mapping) if not source.intrinsic]


def _read_by(mapping: Mapping_) -> tuple[Source, ...]:
    match mapping:
        case DirectMapping(source):
            return (source,)
        case ScriptedMapping(sources, _) | SyncRuleMapping(sources):
            return sources
    return ()


def mapping(value: Mapping_, place: str, what: str) -> Iterator[Finding]:
    if (isinstance(value, SyncRuleMapping) and not value.known) or not all(source.name for source in _read_by(value)):
        yield error("unreadable-mapping", place, f"{what} holds no mapping that can be read; it is kept as it is")


def twins(values: Iterable[str]) -> list[str]:
    """Those that occur more than once, in their order."""
    return [value for value, count in Counter(value for value in values if value).items() if count > 1]


@dataclass(frozen=True)
class AgentView:
    agent: ManagementAgent

    @cached_property
    def chosen(self) -> frozenset[str]:
        return frozenset(name.casefold() for name in self.agent.included_attributes)

    @cached_property
    def read_types(self) -> frozenset[str]:
        """Object types that a selected partition reads."""
        return frozenset(name.casefold() for partition in self.agent.partitions if partition.selected for name in partition.object_types)

    def ends(self, object_type: str, attributes: Iterable[str], place: str) -> Iterator[Finding]:
        """The agent's end of a rule: its object type and attributes must be in the schema, and selected."""
        schema, name = self.agent.schema, self.agent.name
        if schema.classes and object_type.casefold() not in schema.classes:
            yield error("unknown-object-type", place, f"the schema of {name!r} has no object type {object_type!r}")
        for attribute in attributes:
            if schema.attributes and attribute.casefold() not in schema.attributes:
                yield error("unknown-attribute", place, f"the schema of {name!r} has no attribute {attribute!r}")
            elif attribute.casefold() not in self.chosen:
                yield error("attribute-not-selected", place, f"{name!r} does not select the attribute {attribute!r}; an import fails on it")


class View:
    def __init__(self, configuration: ServerConfiguration) -> None:
        self.configuration = configuration
        self.metaverse = configuration.metaverse
        self.agents = [AgentView(agent) for agent in configuration.agents]
        self.by_id = {view.agent.id: view for view in reversed(self.agents)}
        classes = configuration.metaverse.schema.classes
        self.classes = {name: frozenset(attribute.casefold() for attribute in item.attributes) for name, item in classes.items()}

    def known_type(self, name: str, place: str, what: str) -> Iterator[Finding]:
        if name.casefold() not in self.classes:
            yield error("unknown-object-type", place, f"{what} the object type {name!r}, which the metaverse does not have")
