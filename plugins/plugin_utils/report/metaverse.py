# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The metaverse's part of a report: types, attributes, import flows with their precedence, deletion rules, options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..configuration.element import Element
from ..configuration.model import AttributeType, ObjectClass
from ..configuration.schema_reader import read_schema
from .leaves import leaves, rest
from .mappings import read_mapping_text
from .sections import Column, Flow, Part, Row, Section, folded

NAME = "Metaverse"
IMPORT_FLOWS = "Import flows"
DELETION = {
    "declared-any": "when it is disconnected from any of the agents",
    "declared-last": "when its last connector is disconnected",
    "declared": "when its last connector is disconnected",
    "scripted": "as the rules extension decides",
}
PROVISIONING = {
    "none": "none",
    "scripted": "by the rules extension",
    "sync-rule": "by synchronization rules",
    "both": "by the rules extension and synchronization rules",
}
_OPTIONS = {
    "provisioning/@type": "Provisioning",
    "extension/assembly-name": "Rules extension",
    "extension/application-protection": "Rules extension runs in a process of its own",
    "password-change-history-size": "Password changes kept",
    "password-sync/password-sync-enabled": "Password synchronization",
    "format-version": "Format of the file",
}
_NOT_OPTIONS = frozenset({"schema", "import-attribute-flow", "mv-deletion"})


def metaverse_part(data: Element, agents: Mapping[str, str]) -> Part:
    """`data` is `mv-data`; `agents` gives the name that an agent has in the report, by its id in upper case."""
    schema = read_schema(data.find("schema"))
    types = sorted(schema.classes.values(), key=lambda item: item.name.casefold())
    sections = [
        _options(data),
        _types(types),
        _import_flows(data, agents),
        _deletion_rules(data, agents),
        _recall(data, agents),
        *(_attributes(item, schema.attributes) for item in types),
    ]
    return Part(NAME, "", tuple(sections), is_agent=False)


def agent_name(agents: Mapping[str, str], identifier: str) -> str:
    return agents.get(identifier.strip().upper(), f"unknown agent {identifier.strip().upper()}")


def _options(data: Element) -> Section:
    found = dict(leaves(data, _NOT_OPTIONS))
    found.setdefault("provisioning/@type", "none")
    known = [(label, place, _option(place, found[place])) for place, label in _OPTIONS.items() if place in found]
    other = [(place, place, value) for place, value in found.items() if place not in _OPTIONS]
    rows = tuple(Row((place,), (label, value)) for label, place, value in (*known, *other))
    return Section("Metaverse options", "Options", (Column("Option", folded), Column("Value")), rows)


def _option(place: str, value: str) -> str:
    if place == "provisioning/@type":
        return PROVISIONING.get(value, value)
    if place == "extension/application-protection":
        return {"low": "no", "high": "yes"}.get(value, value)
    return {"0": "off", "1": "on"}.get(value, value) if place.endswith("-enabled") else value


def _types(types: list[ObjectClass]) -> Section:
    columns = (Column("Object type", folded), Column("Attributes", compared=False))
    rows = tuple(Row((item.name,), (item.name, str(len(item.attributes)))) for item in types)
    return Section("Metaverse object types", "Object types", columns, rows)


def _attributes(item: ObjectClass, types: Mapping[str, AttributeType]) -> Section:
    columns = (Column("Attribute", folded), Column("Kind"), Column("Values"), Column("Index"), Column("Required"))
    required = {name.casefold() for name in item.required}
    names = sorted(dict.fromkeys(item.attributes), key=str.casefold)
    rows = tuple(_attribute_row(item.name, name, types.get(name.lower()), "required" if name.casefold() in required else "") for name in names)
    return Section("Metaverse attributes", f"Attributes of {item.name}", columns, rows)


def _attribute_row(class_name: str, name: str, kind: AttributeType | None, required: str) -> Row:
    if kind is None:
        return Row((class_name, name), (name, "not defined", "", "", required))
    index = "indexed" if kind.indexed else "indexable" if kind.indexable else ""
    values = "single" if kind.single_value else "multiple"
    return Row((class_name, name), (kind.name, kind.syntax.value, values, index, required))


def _import_flows(data: Element, agents: Mapping[str, str]) -> Section:
    columns = (
        Column("Metaverse type", folded),
        Column("Metaverse attribute", folded),
        Column("Precedence", compared=False),
        Column("Kind of precedence"),
        Column("Agent", folded),
        Column("Object type", folded),
        Column("Source", folded),
        Column("Mapping"),
        Column("More"),
    )
    rows = tuple(row for flow_set in data.find_all("import-attribute-flow/import-flow-set") for row in _flows_of_type(flow_set, agents))
    ordered = sorted(rows, key=lambda row: (row.key[0].casefold(), row.key[1].casefold(), row.place))
    note = "Rows of one attribute stand in the order of precedence: the first source that has a value wins."
    return Section(IMPORT_FLOWS, IMPORT_FLOWS, columns, tuple(ordered), note=note)


def _flows_of_type(flow_set: Element, agents: Mapping[str, str]) -> Iterator[Row]:
    mv_type = flow_set.get("mv-object-type")
    for flows in flow_set.find_all("import-flows"):
        members = flows.find_all("import-flow")
        for place, flow in enumerate(members, start=1):
            rank = f"{place} of {len(members)}" if len(members) > 1 and flows.get("type", "ranked") == "ranked" else ""
            yield _flow_row((mv_type, flows.get("mv-attribute")), flow, place, (rank, flows.get("type", "ranked")), agent_name(agents, flow.get("src-ma")))


def _flow_row(target: tuple[str, str], flow: Element, place: int, precedence: tuple[str, str], agent: str) -> Row:
    """`target` is metaverse type and attribute; `precedence` the rank in words and the kind."""
    object_type = flow.get("cd-object-type")
    mapping = read_mapping_text(flow, target[1])
    more = rest(flow, {"@id", "@src-ma", "@cd-object-type", *(child.local for child in flow.children if child.local.endswith("-mapping"))})
    return Row(
        key=(*target, agent, object_type),
        cells=(*target, *precedence, agent, object_type, mapping.source, mapping.rule, more),
        group="/".join(target) if precedence[1] == "ranked" else "",
        place=place,
        identifier=flow.get("id"),
        agent=agent,
        flow=Flow(True, agent, object_type, mapping.sources or (mapping.rule,), target[0], target[1:]),
    )


def _deletion_rules(data: Element, agents: Mapping[str, str]) -> Section:
    columns = (Column("Metaverse type", folded), Column("A metaverse object is deleted"), Column("Agents", folded), Column("More"))
    rules = sorted(data.find_all("mv-deletion/mv-deletion-rule"), key=lambda rule: rule.get("mv-object-type").casefold())
    empty = "None: an object is deleted when its last connector is disconnected."
    return Section("Deletion rules", "Deletion rules", columns, tuple(_deletion_row(rule, agents) for rule in rules), empty=empty)


def _deletion_row(rule: Element, agents: Mapping[str, str]) -> Row:
    mv_type, kind = rule.get("mv-object-type"), rule.get("type")
    names = sorted((agent_name(agents, item.text) for item in rule.find_all("src-ma")), key=str.casefold)
    more = rest(rule, {"@mv-object-type", "@id", "@type", "src-ma"})
    return Row((mv_type,), (mv_type, DELETION.get(kind, kind), ", ".join(names), more), identifier=rule.get("id"))


def _recall(data: Element, agents: Mapping[str, str]) -> Section:
    columns = (Column("Agent", folded), Column("Attributes are recalled when an object is disconnected"), Column("More"))
    options = data.find_all("import-attribute-flow/per-ma-options/ma-options")
    rows = []
    for option in options:
        name = agent_name(agents, option.get("ma-id"))
        recall = option.find_text("enable-recall", "true").casefold() in ("true", "1")
        rows.append(Row((name,), (name, "yes" if recall else "no", rest(option, {"@ma-id", "enable-recall"})), agent=name))
    return Section("Recall options", "Recall", columns, tuple(sorted(rows, key=lambda row: row.key[0].casefold())))
