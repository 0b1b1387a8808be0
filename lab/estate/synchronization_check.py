# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a server refuses in imported documents: rules that lean on what is not there.

Facts: reference pages `server-configuration` and `sharepoint-and-setup` (1.3, 3.1). 0x8023050A is the documented
"Metaverse Schema Error"; the other refusals have no published number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ...plugins.plugin_utils.configuration.element import Element
from .synchronization_state import SynchronizationProblem

METAVERSE_SCHEMA_ERROR = "0x8023050A"

_SYNTAXES = frozenset(f"1.3.6.1.4.1.1466.115.121.1.{number}" for number in (5, 7, 12, 15, 27))

Names = frozenset[str]


@dataclass(frozen=True)
class AgentView:
    """An agent's `ma-data` with what the rules may name; all names in lower case. `classes`: object type -> attributes."""

    data: Element
    name: str
    attributes: Names
    included: Names
    classes: Mapping[str, Names]

    @classmethod
    def of(cls, data: Element) -> AgentView:
        schema = data.find("schema/dsml/directory-schema")
        included = frozenset(item.text.strip().casefold() for item in data.find_all("attribute-inclusion/attribute"))
        if schema is None:
            return cls(data, data.find_text("name"), frozenset(), included, {})
        attributes = {item.get("id").casefold(): _name(item) for item in schema.find_all("attribute-type")}
        return cls(data, data.find_text("name"), frozenset(attributes.values()), included, _classes_of(schema, attributes))


def _classes_of(schema: Element, attributes: Mapping[str, str]) -> dict[str, Names]:
    """Object type -> its attributes, those of its superior and auxiliary classes included. References are by identifier."""
    classes = {item.get("id").casefold(): item for item in schema.find_all("class")}
    content: dict[str, set[str]] = {}
    parts: dict[str, list[str]] = {key: [_reference(item, "superior")] for key, item in classes.items()}
    # Active Directory tells a class's auxiliary classes in a content rule of the same identifier.
    for item in [*classes.values(), *schema.find_all("dit-content-rule")]:
        key = item.get("id").casefold()
        references = (_reference(part, "ref") for part in item.find_all("attribute"))
        content.setdefault(key, set()).update(attributes.get(wanted, wanted) for wanted in references)
        parts.setdefault(key, []).extend(_reference(part, "ref") for part in item.find_all("aux-class"))
    return {_name(item): frozenset(_gathered(key, content, parts)) for key, item in classes.items()}


def _gathered(key: str, content: Mapping[str, set[str]], parts: Mapping[str, list[str]]) -> Iterator[str]:
    seen: set[str] = set()
    waiting = [key]
    while waiting:
        current = waiting.pop()
        if current in seen or current not in content:
            continue
        seen.add(current)
        yield from content[current]
        waiting += parts[current]


def _reference(item: Element, attribute: str) -> str:
    return item.get(attribute).lstrip("#").casefold()


def views_of(agents: Mapping[str, Element]) -> dict[str, AgentView]:
    return {agent_id: AgentView.of(data) for agent_id, data in agents.items()}


def check_metaverse(metaverse: Element, agents: Mapping[str, AgentView]) -> None:
    """The schema of MV.XML, and its import flows and deletion rules against schema and agents."""
    classes = metaverse_classes(metaverse)
    for flow_set in metaverse.find_all("import-attribute-flow/import-flow-set"):
        mv_type = flow_set.get("mv-object-type")
        attributes = _class(classes, mv_type)
        for flows in flow_set.find_all("import-flows"):
            target = flows.get("mv-attribute")
            if target.casefold() not in attributes:
                raise _schema_error(f"The attribute '{target}' of an import attribute flow does not exist in the class '{mv_type}'.")
            for flow in flows.find_all("import-flow"):
                _check_import_flow(flow, agents)
    for rule in metaverse.find_all("mv-deletion/mv-deletion-rule"):
        _class(classes, rule.get("mv-object-type"))
        for source in rule.find_all("src-ma"):
            _agent(agents, source.text.strip(), "an object deletion rule")


def check_agents(taken: Collection[str], agents: Mapping[str, AgentView], metaverse: Element, extensions: Collection[str]) -> None:
    """Every agent that is imported (`taken`: their ids); `agents` are all that will be there afterwards."""
    names = [agent.name.casefold() for agent in agents.values()]
    classes = metaverse_classes(metaverse)
    for agent_id in taken:
        agent = agents[agent_id]
        if names.count(agent.name.casefold()) > 1:
            raise SynchronizationProblem(f"A management agent with the name '{agent.name}' already exists.")
        _check_connector(agent, extensions)
        _check_included(agent)
        _check_rules(agent, classes)
        _check_run_profiles(agent)


def metaverse_classes(metaverse: Element) -> dict[str, Names]:
    """Lower-case class name -> lower-case names of its attributes; refuses a broken schema."""
    types: dict[str, str] = {}
    schema = metaverse.find("schema/dsml/directory-schema")
    if schema is None:
        raise _schema_error("The metaverse schema is missing.")
    for kind in schema.find_all("attribute-type"):
        name = kind.find_text("name") or kind.get("id")
        if name.casefold() in types:
            raise _schema_error(f"The attribute '{name}' is defined twice.")
        if kind.find_text("syntax") not in _SYNTAXES:
            raise _schema_error(f"The attribute '{name}' has the unknown syntax '{kind.find_text('syntax')}'.")
        types[name.casefold()] = name
    classes: dict[str, Names] = {}
    for item in schema.find_all("class"):
        name = item.find_text("name") or item.get("id")
        if name.casefold() in classes:
            raise _schema_error(f"The object type '{name}' is defined twice.")
        classes[name.casefold()] = frozenset(_class_attributes(item, name, types))
    return classes


def _class_attributes(item: Element, name: str, types: Mapping[str, str]) -> Iterator[str]:
    seen: set[str] = set()
    for attribute in item.find_all("attribute"):
        wanted = attribute.get("ref").lstrip("#").casefold()
        if wanted not in types:
            raise _schema_error(f"The object type '{name}' holds the undefined attribute '{attribute.get('ref').lstrip('#')}'.")
        if wanted in seen:
            raise _schema_error(f"The object type '{name}' holds the attribute '{types[wanted]}' twice.")
        seen.add(wanted)
        yield wanted


def _check_import_flow(flow: Element, agents: Mapping[str, AgentView]) -> None:
    agent = _agent(agents, flow.get("src-ma"), "an import attribute flow")
    object_type = flow.get("cd-object-type")
    _known_type(agent, object_type)
    for attribute in _sources(flow):
        _usable(agent, object_type, attribute, "an import attribute flow")


def _check_rules(agent: AgentView, classes: Mapping[str, Names]) -> None:
    data = agent.data
    for flow_set in data.find_all("export-attribute-flow/export-flow-set"):
        _check_export_flows(agent, flow_set, classes)
    for profile in data.find_all("join/join-profile"):
        object_type = profile.get("cd-object-type")
        _known_type(agent, object_type)
        for attribute in _sources(profile):
            _usable(agent, object_type, attribute, "a join rule")
    for filters in data.find_all("stay-disconnector/filter-set"):
        _check_filters(agent, filters)
    for mapping in data.find_all("projection/class-mapping"):
        _known_type(agent, mapping.get("cd-object-type"))
        if mapping.get("type") == "declared":
            _class(classes, mapping.find_text("mv-object-type"))


def _check_filters(agent: AgentView, filters: Element) -> None:
    _known_type(agent, filters.get("cd-object-type"))
    for condition in filters.find_all("filter-alternative/condition"):
        if condition.get("intrinsic-attribute") != "true" and condition.get("cd-attribute"):
            _usable(agent, filters.get("cd-object-type"), condition.get("cd-attribute"), "a connector filter")


def _check_export_flows(agent: AgentView, flow_set: Element, classes: Mapping[str, Names]) -> None:
    object_type, mv_type = flow_set.get("cd-object-type"), flow_set.get("mv-object-type")
    _known_type(agent, object_type)
    attributes = _class(classes, mv_type)
    for flow in flow_set.find_all("export-flow"):
        _usable(agent, object_type, flow.get("cd-attribute"), "an export attribute flow")
        for source in _sources(flow):
            if source.casefold() not in attributes:
                raise _schema_error(f"The attribute '{source}' of an export attribute flow does not exist in the class '{mv_type}'.")


def _check_included(agent: AgentView) -> None:
    for attribute in agent.data.find_all("attribute-inclusion/attribute"):
        if attribute.text.strip().casefold() not in agent.attributes:
            raise _refusal(agent, f"the selected attribute '{attribute.text.strip()}' does not exist in its schema.")


def _check_connector(agent: AgentView, extensions: Collection[str]) -> None:
    if agent.data.find_text("category") != "Extensible2":
        return
    file_name = agent.data.find_text("private-configuration/MAConfig/extension-config/filename")
    if file_name.casefold() not in extensions:
        raise _refusal(agent, f"the management agent type has not yet been implemented; '{file_name}' was not found in the Extensions folder.")


def _check_run_profiles(agent: AgentView) -> None:
    # Identifiers are compared as written here, so a lower-case one finds no partition (reference `server-configuration`).
    partitions = {partition.find_text("id") for partition in agent.data.find_all("ma-partition-data/partition")}
    seen: set[str] = set()
    for profile in agent.data.find_all("ma-run-data/run-configuration"):
        title = profile.find_text("name")
        if title.casefold() in seen:
            raise _refusal(agent, f"a run profile with the name '{title}' already exists.")
        seen.add(title.casefold())
        for step in profile.find_all("configuration/step"):
            if step.find_text("partition") not in partitions:
                raise _refusal(agent, f"missing partition for run step ('{step.find_text('partition')}' in run profile '{title}').")


def _sources(element: Element) -> Iterable[str]:
    """Names of the source attributes of the mappings in an element, intrinsic ones left out."""
    return (item.text.strip() for item in element.walk() if item.local == "src-attribute" and item.get("intrinsic") != "true")


def _usable(agent: AgentView, object_type: str, attribute: str, rule: str) -> None:
    wanted = attribute.casefold()
    if wanted not in agent.attributes:
        raise _refusal(agent, f"the attribute '{attribute}' of {rule} does not exist in the schema.")
    if wanted not in agent.included:
        raise _refusal(agent, f"the attribute '{attribute}' of {rule} is not in the attribute inclusion list.")
    if wanted not in agent.classes.get(object_type.casefold(), frozenset()):
        raise _refusal(agent, f"the object type '{object_type}' has no attribute '{attribute}', which {rule} names.")


def _known_type(agent: AgentView, object_type: str) -> None:
    if object_type.casefold() not in agent.classes:
        raise _refusal(agent, f"the object type '{object_type}' does not exist in its schema.")


def _class(classes: Mapping[str, Names], name: str) -> Names:
    found = classes.get(name.casefold())
    if found is None:
        raise _schema_error(f"The object type '{name}' does not exist in the metaverse schema.")
    return found


def _agent(agents: Mapping[str, AgentView], agent_id: str, rule: str) -> AgentView:
    found = agents.get(agent_id.upper())
    if found is None:
        raise SynchronizationProblem(f"The management agent {agent_id}, which {rule} names, does not exist.")
    return found


def _refusal(agent: AgentView, text: str) -> SynchronizationProblem:
    return SynchronizationProblem(f"Management agent '{agent.name}': {text}")


def _schema_error(text: str) -> SynchronizationProblem:
    return SynchronizationProblem(f"Metaverse Schema Error. {text}", METAVERSE_SCHEMA_ERROR)


def _name(item: Element) -> str:
    return (item.find_text("name") or item.get("id")).casefold()
