# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a server configuration says, as facts by name, free of identities: two configurations that say the same have the same facts.

Agents and partitions are named instead of numbered, and the forest's root is written <root>.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.document import parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.element import Element
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ManagementAgent, Metaverse, Partition, Schema, ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.reader import read_configuration

Facts = dict[str, Any]


def configuration_of(files: Mapping[str, bytes]) -> ServerConfiguration:
    documents = {name.upper(): parse(content, name) for name, content in files.items()}
    return read_configuration(documents["MV.XML"], [document for name, document in documents.items() if name != "MV.XML"])


def facts_of(configuration: ServerConfiguration) -> Facts:
    """Everything but the schemas, which `schema_facts` gives."""
    names = {agent.id: agent.name for agent in configuration.agents}
    found = dict(_metaverse(configuration.metaverse, names))
    for agent in configuration.agents:
        found.update({f"{agent.name}/{key}": value for key, value in _agent(agent)})
    return found


def schema_facts(schema: Schema) -> Facts:
    classes = {
        f"class {value.name}": (frozenset(value.attributes), value.required, value.anchors, value.export_only, value.import_only)
        for value in schema.classes.values()
    }
    return classes | {f"attribute {value.name}": value for value in schema.attributes.values()}


def _metaverse(metaverse: Metaverse, names: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    yield "metaverse/provisioning", metaverse.provisioning
    yield "metaverse/extension", metaverse.extension
    for item in metaverse.import_flows:
        sources = [(names[flow.agent_id], flow.object_type, flow.mapping) for flow in item.flows]
        yield f"metaverse/import {item.mv_object_type}.{item.mv_attribute} from {sources[0][1]}", (item.precedence, sources)
    for agent_id, recall in metaverse.recall.items():
        yield f"metaverse/recall {names[agent_id]}", recall
    for rule in metaverse.deletion_rules:
        yield f"metaverse/deletion {rule.mv_object_type}", (rule.type, [names[agent_id] for agent_id in rule.agent_ids])


def _agent(agent: ManagementAgent) -> Iterator[tuple[str, Any]]:
    for plain in ("category", "subtype", "list_name", "deprovisioning", "deprovisioning_type", "extension", "connector_file", "export_type", "forest"):
        yield plain, getattr(agent, plain)
    yield "dn attributes", dict(agent.dn_attributes)
    yield "included attributes", sorted(agent.included_attributes)
    yield from ((f"parameter {item.name}", item) for item in agent.parameters)
    yield from ((f"filter {item.object_type}", item) for item in agent.filters)
    for profile in agent.joins:
        yield f"join {profile.object_type}", [replace(criterion, id="") for criterion in profile.criteria]
    yield from ((f"projection {item.object_type}", replace(item, id="")) for item in agent.projections)
    for flow_set in agent.export_flows:
        for flow in flow_set.flows:
            yield f"export {flow_set.mv_object_type} to {flow_set.object_type}.{flow.attribute}", (flow.allow_nulls, flow.mapping)
    yield from _places(agent)


def _places(agent: ManagementAgent) -> Iterator[tuple[str, Any]]:
    root = next((partition.dn for partition in agent.partitions if partition.is_domain), "")
    kinds = {partition.id: _kind(partition, root) for partition in agent.partitions}
    for partition in agent.partitions:
        inclusions, exclusions = ([_placed(name, root) for name in names] for names in (partition.inclusions, partition.exclusions))
        yield f"partition {kinds[partition.id]}", (partition.selected, partition.is_domain, sorted(partition.object_types), inclusions, exclusions)
    for profile in agent.run_profiles:
        yield f"run profile {profile.name}", [replace(step, partition_id=kinds[step.partition_id]) for step in profile.steps]


def _kind(partition: Partition, root: str) -> str:
    return _placed(partition.dn or partition.name, root)


def _placed(name: str, root: str) -> str:
    return name[: -len(root)] + "<root>" if root and name.upper().endswith(root.upper()) else name


# The server counts and dates these by itself (reference page `server-configuration`).
VOLATILE = frozenset("creation-time last-modification-time version batch-number sequence-number last-successful-batch water-mark".split())
# What the model reads in full, and what only the designer's pages are made of.
ELSEWHERE = frozenset(("schema", "ui-data"))
_IDENTITY = re.compile(r"\{[0-9A-Fa-f-]{36}\}")


def leaves(content: bytes, names: Mapping[str, str]) -> Counter[str]:
    """Every element with its text, as often as it stands there, in the parts of a document that the model does not show.

    `names` are written in place of the forest's own, without regard to case.
    """
    found: Counter[str] = Counter()
    _collect(parse(content).root, "", names, found)
    return found


def _collect(element: Element, lead: str, names: Mapping[str, str], found: Counter[str]) -> None:
    if element.local in VOLATILE | ELSEWHERE:
        return
    path = f"{lead}/{element.local}"
    text = "" if element.children else _IDENTITY.sub("{}", element.text.strip())
    for name, placeholder in names.items():
        text = re.sub(re.escape(name), placeholder, text, flags=re.IGNORECASE)
    found[f"{path} {text}".strip()] += 1
    for child in element.children:
        _collect(child, path, names, found)
