# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which way pictures flow: the flows of both agents that belong to the connector's parameter.

To SharePoint: thumbnailPhoto -> metaverse -> Picture. From SharePoint: Picture -> metaverse -> thumbnailPhoto, for
which the AD agent needs a run profile that exports. Source: reference pages `sharepoint-and-setup` (4.4) and
`scenarios` (4).
"""

from __future__ import annotations

from ..configuration.element import Element
from ..configuration.folder import Folder
from ..configuration.markup import Fragment
from ..desired import ActiveDirectoryAgent, Declaration, Pictures, ProfileStoreAgent
from .change import Change, Risk
from .context import Context, data_of, make_guid
from .flows import DirectFlow, add_export_flow, add_import_flow, export_flows, import_flows, remove_export_flow, remove_import_flow

_STORE_ATTRIBUTE = "Picture"
_DIRECTORY_ATTRIBUTE = "thumbnailPhoto"
_ONLY = {Pictures.TO_SHAREPOINT: "ExportOnly", Pictures.FROM_SHAREPOINT: "ImportOnly"}
_REASON = "pictures are computed anew"
_EXPORT_PROFILE = "Export"


def plan_pictures(context: Context, declaration: Declaration, store: ProfileStoreAgent) -> None:
    """Turns the flows of the store and of every directory round where they do not fit the declared direction."""
    if store.pictures is None:
        return
    directories = [agent.name for agent in declaration.agents if isinstance(agent, ActiveDirectoryAgent)]
    found = [ends for name in directories if (ends := _ends(context.plan.planned, store.name, name)) is not None]
    for ends in found:
        if store.pictures is Pictures.TO_SHAREPOINT:
            _plan_to_sharepoint(context, *ends)
        else:
            _plan_from_sharepoint(context, *ends)
    if found:
        _plan_operation(context, store.name, found[0][0].object_type, _ONLY[store.pictures])


def _ends(folder: Folder, store: str, directory: str) -> tuple[DirectFlow, DirectFlow] | None:
    """The store's and a directory's end, from the flows of either direction; None where pictures do not flow at all."""
    known = [*export_flows(folder, store), *import_flows(folder, store)]
    store_end = next((flow for flow in known if flow.attribute.casefold() == _STORE_ATTRIBUTE.casefold()), None)
    if store_end is None or folder.agent(directory) is None:
        return None
    same = [*import_flows(folder, directory), *export_flows(folder, directory)]
    fits = [flow for flow in same if flow.mv_end == store_end.mv_end and flow.attribute.casefold() == _DIRECTORY_ATTRIBUTE.casefold()]
    return (store_end, fits[0]) if fits else None


def _plan_to_sharepoint(context: Context, store: DirectFlow, directory: DirectFlow) -> None:
    _plan_removed(context, directory, exports=True)
    _plan_removed(context, store, exports=False)
    _plan_added(context, directory, exports=False)
    _plan_added(context, store, exports=True)


def _plan_from_sharepoint(context: Context, store: DirectFlow, directory: DirectFlow) -> None:
    _plan_removed(context, store, exports=True)
    _plan_removed(context, directory, exports=False)
    _plan_added(context, store, exports=False)
    _plan_added(context, directory, exports=True)
    _plan_export_profile(context, directory.agent)


def _present(context: Context, flow: DirectFlow, *, exports: bool) -> bool:
    flows = export_flows if exports else import_flows
    return flow in list(flows(context.plan.planned, flow.agent))


def _words(flow: DirectFlow, *, exports: bool) -> str:
    return f"export flow {flow.mv_end} -> {flow.agent_end}" if exports else f"import flow {flow.agent_end} -> {flow.mv_end}"


def _plan_removed(context: Context, flow: DirectFlow, *, exports: bool) -> None:
    if not _present(context, flow, exports=exports):
        return

    def edit(folder: Folder) -> None:
        (remove_export_flow if exports else remove_import_flow)(folder, flow)

    words = _words(flow, exports=exports)
    context.add(Change(flow.agent, "flow", f"{words} removed", words, "", edit, Risk.RECALCULATES, _REASON), imports=False)


def _plan_added(context: Context, flow: DirectFlow, *, exports: bool) -> None:
    if _present(context, flow, exports=exports):
        return

    def edit(folder: Folder) -> None:
        if exports:
            # A picture that vanishes from SharePoint by accident does not empty the directory.
            add_export_flow(folder, flow, nulls=flow.attribute == _STORE_ATTRIBUTE)
        else:
            add_import_flow(folder, flow)

    words = _words(flow, exports=exports)
    context.add(Change(flow.agent, "flow", f"{words} added", "", words, edit, Risk.RECALCULATES, _REASON), imports=False)


def _allowed(data: Element, object_type: str) -> Element | None:
    for item in data.find_all("schema/dsml/directory-schema/class"):
        if item.find_text("name").casefold() == object_type.casefold():
            return next((one for one in item.find_all("attribute") if one.get("ref").lstrip("#") == _STORE_ATTRIBUTE), None)
    return None


def _plan_operation(context: Context, store: str, object_type: str, wanted: str) -> None:
    """The connector's schema follows its parameter: what it would read anew at the next refresh."""
    found = _allowed(context.data(store), object_type)
    present = found.get("allowedOperation") if found is not None else ""
    if not present or present == wanted:
        return

    def edit(folder: Folder) -> None:
        attribute = _allowed(data_of(folder, store), object_type)
        if attribute is not None:
            name = next(key for key in attribute.attributes if key.rpartition(":")[2] == "allowedOperation")
            attribute.set_attribute(name, wanted)

    context.add(Change(store, "schema", f"{object_type}/{_STORE_ATTRIBUTE}: {present} -> {wanted}", present, wanted, edit))


def _plan_export_profile(context: Context, agent: str) -> None:
    """A run profile with an export step for each domain partition, modelled on the steps of another profile."""
    data = context.data(agent)
    profiles = data.find_all("ma-run-data/run-configuration")
    if any(
        step.find("step-type") is not None and step.require("step-type").get("type") == "export"
        for step in data.find_all("ma-run-data/run-configuration/configuration/step")
    ):
        return
    domains = {
        partition.find_text("id").upper()
        for partition in data.find_all("ma-partition-data/partition")
        if partition.find_text("custom-data/adma-partition-data/is-domain") == "1" and partition.find_text("selected") == "1"
    }
    if not profiles or not domains:
        context.fault("", f"the management agent {agent!r} has no run profile or no domain partition to make an export profile after")
        return
    model = profiles[0].find_text("id")

    def edit(folder: Folder) -> None:
        parent = data_of(folder, agent).require("ma-run-data")
        origin = next(item for item in parent.children if item.find_text("id") == model)
        copy = parent.append(origin.copy())
        copy.require("id").set_text(make_guid(data_of(folder, agent).find_text("id"), "run profile", _EXPORT_PROFILE))
        copy.require("name").set_text(_EXPORT_PROFILE)
        configuration = copy.require("configuration")
        for step in list(configuration.children):
            if step.find_text("partition").upper() in domains:
                step.replace(step.require("step-type"), Fragment("step-type", {"type": "export"}))
            else:
                configuration.remove(step)

    context.add(Change(agent, "run profile", f"run profile {_EXPORT_PROFILE} added", "", _EXPORT_PROFILE, edit))
