# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules of an agent and of the metaverse: mappings, joins, projections, export flows, run profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Union

from .identity import CREATED, guid
from .markup import Element, element, leaf, names

# A flow's source in the description: an attribute's name, or a mapping with `intrinsic`, `constant` or `rule`.
FlowSource = Union[str, Mapping[str, Any]]
STEP_TYPES = {
    "FullImport": ("full-import", "import-subtype", "to-cs"),
    "DeltaImport": ("delta-import", "import-subtype", "to-cs"),
    "FullSync": ("apply-rules", "apply-rules-subtype", "reevaluate-flow-connectors"),
    "DeltaSync": ("apply-rules", "apply-rules-subtype", "apply-pending"),
    "Export": ("export", "", ""),
}


def mapping(source: FlowSource) -> Element:
    """The element in which a flow or a join names its source."""
    if isinstance(source, str):
        return element("direct-mapping", leaf("src-attribute", source))
    if "intrinsic" in source:
        return element("direct-mapping", leaf("src-attribute", source["intrinsic"], {"intrinsic": "true"}))
    if "constant" in source:
        return element("constant-mapping", leaf("constant-value", source["constant"]))
    return element("scripted-mapping", *names("src-attribute", source["sources"]), leaf("script-context", source["rule"]))


def joins(agent: str, rules: Sequence[Mapping[str, Any]]) -> Element:
    """One criterion a rule, tried in their order; nothing resolves a search that finds several."""
    profiles = [element("join-profile", _criterion(agent, rule), attributes={"cd-object-type": rule["from"]}) for rule in rules]
    return element("join", *profiles)


def _criterion(agent: str, rule: Mapping[str, Any]) -> Element:
    mappings = (element("attribute-mapping", mapping(source), attributes={"mv-attribute": target}) for target, source in rule["match"].items())
    search = element("search", *mappings, attributes={"mv-object-type": rule["to"]} if rule["to"] else None)
    resolution = element("resolution", leaf("script-context"), attributes={"type": "none"})
    return element("join-criterion", search, resolution, attributes={"id": guid("agent", agent, "join", rule["from"], rule["to"])})


def projections(agent: str, rules: Sequence[Mapping[str, str]]) -> Element:
    """Declared where the description names the metaverse's type, scripted where it does not."""
    return element("projection", *(_class_mapping(agent, rule) for rule in rules))


def _class_mapping(agent: str, rule: Mapping[str, str]) -> Element:
    target = names("mv-object-type", [rule["to"]] if "to" in rule else [])
    traits = {"type": "declared" if target else "scripted", "id": guid("agent", agent, "projection", rule["from"]), "cd-object-type": rule["from"]}
    return element("class-mapping", *target, attributes=traits)


def export_flows(agent: str, sets: Sequence[Mapping[str, Any]]) -> Element:
    """The agent's export flows by pair of types."""
    return element("export-attribute-flow", *(_flow_set(agent, item) for item in sets))


def _flow_set(agent: str, flow_set: Mapping[str, Any]) -> Element:
    target, origin = flow_set["to"], flow_set["from"]
    flows = []
    for flow in flow_set["flows"]:
        identity = guid("agent", agent, "export", origin, target, flow["to"])
        traits = {"cd-attribute": flow["to"], "id": identity, "suppress-deletions": "false" if flow.get("nulls") == "export" else "true"}
        flows.append(element("export-flow", mapping(flow["from"]), attributes=traits))
    return element("export-flow-set", *flows, attributes={"cd-object-type": target, "mv-object-type": origin})


def extension(assembly: str) -> Element:
    """The rules extension, in the service's own process."""
    return element("extension", leaf("assembly-name", assembly), leaf("application-protection", "low"))


def run_profile(agent: str, name: str, steps: Sequence[Element]) -> Element:
    """`run-configuration`."""
    head = (leaf("id", guid("agent", agent, "profile", name)), leaf("name", name), leaf("creation-time", CREATED), leaf("version", 1))
    return element("run-configuration", *head, leaf("last-modification-time", CREATED), element("configuration", *steps))


def step(profile: str, partition: str, batch_size: int, custom_data: Sequence[Element]) -> Element:
    """A run step on one partition. `batch_size` is that of the threshold element, which counts no deletes."""
    kind, subtype, value = STEP_TYPES[profile]
    detail = (leaf(subtype, value),) if subtype else ()
    return element(
        "step",
        element("step-type", *detail, attributes={"type": kind}),
        element("threshold", leaf("batch-size", batch_size)),
        leaf("partition", partition),
        element("custom-data", *custom_data),
    )
