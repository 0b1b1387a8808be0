# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Direct attribute flows in the documents: finding, adding and removing them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..configuration.element import Element
from ..configuration.folder import Folder
from ..configuration.markup import Fragment
from .context import data_of, make_guid, metaverse_of


@dataclass(frozen=True)
class DirectFlow:
    """One attribute on each side. `agent` is the agent's name; types and attributes in the documents' spelling."""

    agent: str
    object_type: str
    attribute: str
    mv_type: str
    mv_attribute: str

    @property
    def agent_end(self) -> str:
        return f"{self.object_type}/{self.attribute}"

    @property
    def mv_end(self) -> str:
        return f"{self.mv_type}/{self.mv_attribute}"


def _direct_source(flow: Element) -> str:
    return flow.find_text("direct-mapping/src-attribute")


def import_flows(folder: Folder, agent: str) -> Iterator[DirectFlow]:
    """The agent's direct import flows."""
    identifier = data_of(folder, agent).find_text("id").upper()
    for flow_set in metaverse_of(folder).find_all("import-attribute-flow/import-flow-set"):
        for flows in flow_set.find_all("import-flows"):
            for flow in flows.find_all("import-flow"):
                if flow.get("src-ma").upper() == identifier and _direct_source(flow):
                    yield DirectFlow(agent, flow.get("cd-object-type"), _direct_source(flow), flow_set.get("mv-object-type"), flows.get("mv-attribute"))


def export_flows(folder: Folder, agent: str) -> Iterator[DirectFlow]:
    """The agent's direct export flows."""
    for flow_set in data_of(folder, agent).find_all("export-attribute-flow/export-flow-set"):
        for flow in flow_set.find_all("export-flow"):
            if _direct_source(flow):
                yield DirectFlow(agent, flow_set.get("cd-object-type"), flow.get("cd-attribute"), flow_set.get("mv-object-type"), _direct_source(flow))


def _mapping(source: str) -> Fragment:
    return Fragment("direct-mapping", children=(Fragment("src-attribute", text=source),))


def add_import_flow(folder: Folder, flow: DirectFlow) -> None:
    """Adds it last in precedence."""
    identifier = data_of(folder, flow.agent).find_text("id").upper()
    attributes = {"src-ma": identifier, "cd-object-type": flow.object_type, "id": make_guid(identifier, "import", flow.agent_end, flow.mv_end)}
    new = Fragment("import-flow", attributes, children=(_mapping(flow.attribute),))
    parent = metaverse_of(folder).require("import-attribute-flow")
    flow_set = next((item for item in parent.find_all("import-flow-set") if item.get("mv-object-type") == flow.mv_type), None)
    if flow_set is None:
        flow_set = parent.insert(len(parent.find_all("import-flow-set")), Fragment("import-flow-set", {"mv-object-type": flow.mv_type}))
    flows = next((item for item in flow_set.find_all("import-flows") if item.get("mv-attribute") == flow.mv_attribute), None)
    if flows is None:
        flow_set.append(Fragment("import-flows", {"mv-attribute": flow.mv_attribute, "type": "ranked"}, children=(new,)))
    else:
        flows.append(new)


def remove_import_flow(folder: Folder, flow: DirectFlow) -> None:
    """Removes it, and the attribute's group when it was the last one."""
    identifier = data_of(folder, flow.agent).find_text("id").upper()
    for flow_set in metaverse_of(folder).find_all("import-attribute-flow/import-flow-set"):
        if flow_set.get("mv-object-type") != flow.mv_type:
            continue
        for flows in flow_set.find_all("import-flows"):
            if flows.get("mv-attribute") != flow.mv_attribute:
                continue
            for item in flows.find_all("import-flow"):
                if (item.get("src-ma").upper(), item.get("cd-object-type"), _direct_source(item)) == (identifier, flow.object_type, flow.attribute):
                    flows.remove(item)
            if not flows.children:
                flow_set.remove(flows)


def add_export_flow(folder: Folder, flow: DirectFlow, *, nulls: bool) -> None:
    """`nulls`: a value that vanishes from the metaverse is cleared in the connected system."""
    data = data_of(folder, flow.agent)
    identifier = make_guid(data.find_text("id"), "export", flow.agent_end, flow.mv_end)
    attributes = {"cd-attribute": flow.attribute, "id": identifier, "suppress-deletions": "false" if nulls else "true"}
    new = Fragment("export-flow", attributes, children=(_mapping(flow.mv_attribute),))
    parent = data.require("export-attribute-flow")
    for flow_set in parent.find_all("export-flow-set"):
        if (flow_set.get("cd-object-type"), flow_set.get("mv-object-type")) == (flow.object_type, flow.mv_type):
            flow_set.append(new)
            return
    parent.append(Fragment("export-flow-set", {"cd-object-type": flow.object_type, "mv-object-type": flow.mv_type}, children=(new,)))


def remove_export_flow(folder: Folder, flow: DirectFlow) -> None:
    """Removes it, and the set of its types when it was the last one."""
    parent = data_of(folder, flow.agent).require("export-attribute-flow")
    for flow_set in parent.find_all("export-flow-set"):
        if (flow_set.get("cd-object-type"), flow_set.get("mv-object-type")) != (flow.object_type, flow.mv_type):
            continue
        for item in flow_set.find_all("export-flow"):
            if (item.get("cd-attribute"), _direct_source(item)) == (flow.attribute, flow.mv_attribute):
                flow_set.remove(item)
        if not flow_set.children:
            parent.remove(flow_set)
