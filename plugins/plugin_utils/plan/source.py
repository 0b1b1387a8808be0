# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Agents that the server lacks, taken over from a folder of configuration files (the deployed solution)."""

from __future__ import annotations

from collections.abc import Sequence

from ..configuration.document import Document, parse
from ..configuration.element import Element
from ..configuration.folder import Folder
from ..configuration.reader import agent_data, metaverse_data
from ..desired import Declaration
from ..desired.problems import suggestion
from .change import FULL_IMPORT, FULL_SYNC, Change
from .context import Context, data_of, metaverse_of, steps_of


def plan_missing_agents(context: Context, declaration: Declaration, source: Folder | None, source_name: str, *, made_elsewhere: bool = False) -> None:
    """A change for each declared agent that is not there; a fault for each that is nowhere, unless others make it from nothing."""
    present = context.plan.planned
    empty = not _has_flows(present)
    missing = []
    for agent in declaration.agents:
        if present.agent(agent.name) is not None:
            continue
        if source is None or source.agent(agent.name) is None:
            if not made_elsewhere:
                context.fault(f"{agent.path}.name", _nowhere(agent.name, present, source, source_name))
        else:
            missing.append(agent.name)
    if source is None:
        return
    for name in missing:
        context.fresh.add(name.casefold())
        context.plan.add(_added(source, name, source_name))
    if source.metaverse is not None and empty and _has_flows(source):
        context.plan.add(_metaverse_taken(source.metaverse, source_name))
    elif source.metaverse is not None and missing:
        _add_rules(context, source, missing)


def _has_flows(folder: Folder) -> bool:
    """False for a fresh server, and for one where a first import ended half-way: its metaverse is to be taken over."""
    return folder.metaverse is not None and bool(metaverse_data(folder.metaverse).find_all("import-attribute-flow/import-flow-set/import-flows"))


def _nowhere(name: str, present: Folder, source: Folder | None, source_name: str) -> str:
    known = [agent_data(document).find_text("name") for document in present.agents.values()]
    where = f"; the server has {', '.join(known)}" if known else "; the server has no agents"
    offered = [agent_data(document).find_text("name") for document in source.agents.values()] if source else []
    if source_name:
        where += f" and {source_name} offers {', '.join(offered) or 'none'}"
    else:
        where += ", and no source folder was named to take it from"
    return f"there is no management agent {name!r}{suggestion(name, [*known, *offered])}{where}"


def _added(source: Folder, name: str, source_name: str) -> Change:
    document = source.agents[name.casefold()]
    content, file_name = document.write(), document.name
    title = agent_data(document).find_text("name")

    def edit(folder: Folder) -> None:
        folder.agents[name.casefold()] = parse(content, _free_name(folder, file_name))

    return Change(
        title,
        "agent",
        f"{title}: management agent added from {source_name}\\{file_name}",
        "",
        f"added from {source_name}\\{file_name}",
        run_after=(FULL_IMPORT, FULL_SYNC),
        edit=edit,
    )


def _free_name(folder: Folder, name: str) -> str:
    taken = {document.name.casefold() for document in folder.documents()}
    return name if name.casefold() not in taken else f"MA-NEW-{name}"


def _metaverse_taken(document: Document, source_name: str) -> Change:
    content, name = document.write(), document.name

    def edit(folder: Folder) -> None:
        folder.metaverse = parse(content, folder.metaverse.name if folder.metaverse else name)

    return Change("", "metaverse", f"metaverse: schema, flows and rules taken from {source_name}\\{name}", "", f"taken from {source_name}\\{name}", edit=edit)


def _add_rules(context: Context, source: Folder, missing: Sequence[str]) -> None:
    """The missing agents' flows and options into a metaverse that serves other agents too."""
    identifiers = {data_of(source, name).find_text("id").upper(): name for name in missing}
    rules = metaverse_data(source.metaverse) if source.metaverse else None
    if rules is None:
        return
    for flow_set in rules.find_all("import-attribute-flow/import-flow-set"):
        for flows in flow_set.find_all("import-flows"):
            wanted = [flow.write() for flow in flows.find_all("import-flow") if flow.get("src-ma").upper() in identifiers]
            if wanted:
                _add_flows(context, flow_set.get("mv-object-type"), flows, identifiers)


def _add_flows(context: Context, mv_type: str, flows: Element, identifiers: dict[str, str]) -> None:
    attribute = flows.get("mv-attribute")
    present = _flows_of(context.plan.planned, mv_type, attribute)
    known = {flow.get("id").upper() for flow in present.find_all("import-flow")} if present is not None else set()
    for flow in flows.find_all("import-flow"):
        agent = identifiers.get(flow.get("src-ma").upper())
        if agent is None or flow.get("id").upper() in known:
            continue
        if present is None:
            context.fault("", f"the metaverse has no flows for {mv_type}/{attribute}, which the agent {agent} needs")
            continue
        copy = flow.copy()

        def edit(folder: Folder, copy: Element = copy) -> None:
            place = _flows_of(folder, mv_type, attribute)
            if place is not None:
                place.append(copy.copy())

        sentence = f"import flow to {mv_type}/{attribute} added, last in precedence"
        context.plan.add(Change("", "import flow", f"metaverse: {agent}: {sentence}", "", sentence, edit=edit))


def _flows_of(folder: Folder, mv_type: str, attribute: str) -> Element | None:
    for flow_set in metaverse_of(folder).find_all("import-attribute-flow/import-flow-set"):
        if flow_set.get("mv-object-type").casefold() == mv_type.casefold():
            for flows in flow_set.find_all("import-flows"):
                if flows.get("mv-attribute").casefold() == attribute.casefold():
                    return flows
    return None


def plan_capital_identifiers(context: Context) -> None:
    """Run steps name their partition in capitals, or the import fails (reference page `server-configuration`)."""
    for name, document in list(context.plan.planned.agents.items()):
        data = agent_data(document)
        wrong = [step.find_text("partition") for _unused, step in steps_of(data) if step.find_text("partition") != step.find_text("partition").upper()]
        if not wrong:
            continue

        def edit(folder: Folder, name: str = name) -> None:
            for _unused, step in steps_of(data_of(folder, name)):
                partition = step.require("partition")
                if partition.text != partition.text.upper():
                    partition.set_text(partition.text.upper())

        title = data.find_text("name")
        sentence = f"partition ids of {len(wrong)} run steps written in capitals"
        context.plan.add(Change(title, "run steps", f"{title}: {sentence}", wrong[0], wrong[0].upper(), edit=edit))
