# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Flows as lines: import and export of one metaverse attribute on one line where the line can say both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..configuration.model import (
    ConstantMapping,
    DirectMapping,
    DnPartMapping,
    ExportFlow,
    ImportFlow,
    ImportFlows,
    Mapping_,
    ScriptedMapping,
    ServerConfiguration,
    Source,
    SyncRuleMapping,
)

Line = dict[str, Any]


def flows_by_agent(model: ServerConfiguration, names: Mapping[str, str]) -> dict[str, list[Line]]:
    """Lines by the name of the agent they stand with: the one values come from, else the one they go to."""
    found: dict[str, list[Line]] = {}
    alone: dict[tuple[str, str], list[Line]] = {}
    for group in model.metaverse.import_flows:
        for rank, flow in enumerate(group.flows, 1):
            line = _import_line(group, flow, rank, names)
            found.setdefault(names.get(flow.agent_id, flow.agent_id), []).append(line)
            if len(group.flows) == 1 and isinstance(line["through"], str):
                alone.setdefault((group.mv_object_type, group.mv_attribute), []).append(line)
    for agent in model.agents:
        for flows in agent.export_flows:
            for export in flows.flows:
                ends = (agent.name, flows.object_type, flows.mv_object_type)
                waiting = alone.pop((flows.mv_object_type, _plain_source(export.mapping)), [])
                if waiting:
                    waiting[0].update(_target(ends, export))
                else:
                    through = _end({}, flows.mv_object_type, export.mapping)
                    found.setdefault(agent.name, []).append({"through": through, **_target(ends, export)})
    return {agent: sorted(lines, key=_order) for agent, lines in found.items()}


def _plain_source(mapping: Mapping_) -> str:
    """The attribute that is copied; empty where values are made in another way."""
    return mapping.source.name if isinstance(mapping, DirectMapping) and not mapping.source.intrinsic else ""


def _import_line(group: ImportFlows, flow: ImportFlow, rank: int, names: Mapping[str, str]) -> Line:
    origin = _end({"agent": names.get(flow.agent_id, flow.agent_id)}, flow.object_type, flow.mapping)
    line: Line = {"from": origin, "through": _end({}, group.mv_object_type, DirectMapping(Source(group.mv_attribute)))}
    if isinstance(line["through"], str) and _looks_intrinsic(group.mv_attribute):
        line["through"] = {"object_type": group.mv_object_type, "attribute": group.mv_attribute}
    if group.precedence in ("equal", "manual"):
        line["precedence"] = group.precedence
    elif group.precedence == "ranked" and len(group.flows) > 1:
        line["precedence"] = rank
    return line


def _target(ends: tuple[str, str, str], export: ExportFlow) -> Line:
    agent, object_type, _unused = ends
    to: Any = f"{agent}/{object_type}/{export.attribute}"
    if not _short(agent, object_type, export.attribute) or _looks_intrinsic(export.attribute):
        to = {"agent": agent, "object_type": object_type, "attribute": export.attribute}
    return {"to": to, "nulls": "export" if export.allow_nulls else "ignore"}


def _end(agent: Mapping[str, str], object_type: str, mapping: Mapping_) -> Any:
    """One end with what values are made of there: text where one attribute is copied, else a dictionary."""
    if isinstance(mapping, DirectMapping):
        parts = [*agent.values(), object_type, name_of(mapping.source)]
        if _short(*parts):
            return "/".join(parts)
    return {**agent, "object_type": object_type, **source_of(mapping)}


def source_of(mapping: Mapping_) -> dict[str, Any]:
    """The keys that say what values are made of."""
    match mapping:
        case DirectMapping(source):
            return {"attribute": name_of(source)}
        case ConstantMapping(value):
            return {"constant": value}
        case DnPartMapping(part):
            return {"dn_part": part}
        case ScriptedMapping(sources, context):
            return {"attributes": [name_of(source) for source in sources], "rule": context}
        case SyncRuleMapping(sources):
            return {"attributes": [name_of(source) for source in sources], "sync_rule": True}


def name_of(source: Source) -> str:
    return f"<{source.name}>" if source.intrinsic else source.name


def _looks_intrinsic(name: str) -> bool:
    return name.startswith("<") and name.endswith(">")


def _short(*parts: str) -> bool:
    """Whether names can stand between slashes."""
    return all(part and part == part.strip() and "/" not in part for part in parts)


def _order(line: Line) -> tuple[str, ...]:
    parts = (line.get(key, "") for key in ("through", "precedence", "from", "to"))
    return tuple(f"{part:06}" if isinstance(part, int) else str(part).casefold() for part in parts)
