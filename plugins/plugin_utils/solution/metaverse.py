# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""MV.XML: the metaverse's schema, import flows, deletion rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .agent import document
from .identity import agent_id, guid
from .markup import Element, element, leaf, names
from .rules import extension, mapping
from .schema import metaverse_schema


def metaverse_document(description: Mapping[str, Any]) -> Element:
    """The root element of MV.XML."""
    data = element(
        "mv-data",
        leaf("format-version", 1),
        leaf("version", 1),
        metaverse_schema(description["schema"]),
        _import_flows(description),
        element("provisioning", attributes={"type": description["provisioning"]}),
        element("mv-deletion", *(_deletion_rule(rule) for rule in description["deletion_rules"])),
        extension(description["extension"]),
        leaf("password-change-history-size", 24),
        element("password-sync", leaf("password-sync-enabled", 0)),
    )
    return document("saved-mv-configuration", data)


def _import_flows(description: Mapping[str, Any]) -> Element:
    sets = (_flow_set(item) for item in description["import_flows"])
    options = (
        element("ma-options", leaf("enable-recall", "true" if recall else "false"), attributes={"ma-id": agent_id(agent)})
        for agent, recall in description["recall"].items()
    )
    return element("import-attribute-flow", *sets, element("per-ma-options", *options))


def _flow_set(flow_set: Mapping[str, Any]) -> Element:
    flows = (_ranked(flow_set, target, source) for target, source in flow_set["flows"].items())
    return element("import-flow-set", *flows, attributes={"mv-object-type": flow_set["to"]})


def _ranked(flow_set: Mapping[str, Any], target: str, source: str | Mapping[str, Any]) -> Element:
    flows = (_flow(flow_set, agent, target, source) for agent in flow_set["agents"])
    return element("import-flows", *flows, attributes={"mv-attribute": target, "type": "ranked"})


def _flow(flow_set: Mapping[str, Any], agent: str, target: str, source: str | Mapping[str, Any]) -> Element:
    identity = guid("metaverse", flow_set["to"], target, agent, flow_set["from"])
    traits = {"src-ma": agent_id(agent), "cd-object-type": flow_set["from"], "id": identity}
    return element("import-flow", mapping(source), attributes=traits)


def _deletion_rule(rule: Mapping[str, Any]) -> Element:
    traits = {"mv-object-type": rule["type"], "id": guid("metaverse", "deletion", rule["type"]), "type": rule["rule"]}
    return element("mv-deletion-rule", *names("src-ma", [agent_id(agent) for agent in rule["agents"]]), attributes=traits)
