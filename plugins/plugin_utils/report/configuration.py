# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report of a configuration, or of the difference of two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ..configuration.compare import compare_elements
from ..configuration.element import Element
from ..configuration.folder import Folder
from ..configuration.reader import agent_data, metaverse_data
from .agent import AgentFile, agent_part
from .difference import compare_parts
from .findings import findings_part
from .leaves import leaves
from .metaverse import IMPORT_FLOWS, NAME, metaverse_part
from .sections import Change, Column, Origin, Part, Report, Row, Section, anchored, folded, with_upper_guids, without_empty_columns

Key = tuple[bool, str]

# What is too much to show whole and means something only where it differs: title of the section -> place in the data.
_BULK = {
    "Schema": "schema",
    "Parameter definitions": "private-configuration/MAConfig/parameter-definitions",
    "Designer": "private-configuration/MAConfig/ui-data",
    "Designer of joins": "ma-ui-settings",
    "Object types known in partitions": "ma-partition-data",
}
_BULK_COLUMNS = (Column("Place", folded), Column("Value"))
_PARTITION_HINTS = "filter-hints"


@dataclass(frozen=True)
class Given:
    """One side of a report: the files, and what the user calls them."""

    folder: Folder
    label: str


def build_report(given: Given, against: Given | None = None) -> Report:
    """With `against`, every row says what became of it on the way from `against` to `given`."""
    if against is None:
        return Report(origin_of(given), _finished(_parts(given.folder, {})), notes=_notes(given), findings=findings_part(given.folder, None))
    new_names = _renamed(against.folder, given.folder)
    after = {_key(part): part for part in _parts(given.folder, {})}
    before = {_key(part): part for part in _parts(against.folder, new_names)}
    parts = [compare_parts(before.get(name), after.get(name)) for name in sorted({**after, **before})]
    old_data, new_data = _data_by_name(against.folder, new_names), _data_by_name(given.folder, {})
    complete = tuple(_with_bulk(part, old_data.get(_key(part)), new_data.get(_key(part))) for part in parts)
    findings = findings_part(given.folder, against.folder)
    return Report(origin_of(given), _finished(_with_flows_as_compared(complete)), origin_of(against), _notes(given, against), findings)


def _with_flows_as_compared(parts: tuple[Part, ...]) -> Iterable[Part]:
    """An agent shows its import flows as the metaverse does: only there a flow is seen to have passed another agent's."""
    flows = next((section for part in parts if not part.is_agent for section in part.sections if section.kind == IMPORT_FLOWS), None)
    for part in parts:
        if flows is None or not part.is_agent:
            yield part
        else:
            rows = tuple(row for row in flows.rows if row.agent == part.name)
            yield replace(part, sections=tuple(section if section.counted else replace(section, rows=rows) for section in part.sections))


def _finished(parts: Iterable[Part]) -> tuple[Part, ...]:
    return anchored([replace(part, sections=tuple(map(without_empty_columns, part.sections))) for part in parts])


def _key(part: Part) -> Key:
    """Sorts the metaverse first, then the agents by name; an agent may be called Metaverse."""
    return (part.is_agent, part.name.casefold())


def _parts(folder: Folder, new_names: Mapping[str, str]) -> Iterable[Part]:
    files = sorted(_agent_files(folder, new_names), key=lambda agent: agent.name.casefold())
    names = {agent.data.find_text("id").upper(): agent.name for agent in files}
    flows: Section | None = None
    if folder.metaverse is not None:
        part = metaverse_part(metaverse_data(folder.metaverse), names)
        flows = next((section for section in part.sections if section.kind == IMPORT_FLOWS), None)
        yield part
    for agent in files:
        rows = tuple(row for row in flows.rows if row.agent == agent.name) if flows else ()
        yield agent_part(agent, rows, flows.columns if flows else ())


def _agent_files(folder: Folder, new_names: Mapping[str, str]) -> list[AgentFile]:
    names = folder.names()
    return [AgentFile(agent_data(document), new_names.get(name, names[name])) for name, document in folder.agents.items()]


def _renamed(before: Folder, after: Folder) -> dict[str, str]:
    """Agents of `before` (folded) that have another name now: no agent has the old one, and the id is the same."""
    names = after.names()
    by_id = {agent_data(document).find_text("id").upper(): names[name] for name, document in after.agents.items()}
    found = {}
    for name, document in before.agents.items():
        partner = by_id.get(agent_data(document).find_text("id").upper(), "")
        if name in after.agents:
            found[name] = names[name]
        elif partner and partner.casefold() not in before.agents:
            found[name] = partner
    return found


def _data_by_name(folder: Folder, new_names: Mapping[str, str]) -> dict[Key, Element]:
    found: dict[Key, Element] = {(True, agent.name.casefold()): agent.data for agent in _agent_files(folder, new_names)}
    return {**found, (False, NAME.casefold()): metaverse_data(folder.metaverse)} if folder.metaverse is not None else found


def origin_of(given: Given) -> Origin:
    """Server and date stand in the outermost element; the metaverse's file speaks for all."""
    roots = [document.root for document in given.folder.documents()]
    first = next((root for root in roots if root.get("server")), None)
    return Origin(given.label, first.get("server"), first.get("export-date").partition(".")[0]) if first is not None else Origin(given.label)


def _notes(*sides: Given) -> tuple[str, ...]:
    found = []
    for side in sides:
        if side.folder.metaverse is None:
            found.append(f"{side.label} holds no file of the metaverse: import flows, deletion rules and options are missing here.")
        if side.folder.strangers:
            found.append(f"{side.label} holds files that are no configuration and were left out: {', '.join(side.folder.strangers)}.")
    return tuple(found)


def _with_bulk(part: Part, before: Element | None, after: Element | None) -> Part:
    if before is None or after is None:
        return part
    # What differs in the metaverse's schema stands in the sections of its types, unless they do not know it.
    told = not part.is_agent and any(section.changed for section in part.sections if section.kind in ("Metaverse object types", "Metaverse attributes"))
    places = [(title, place) for title, place in _BULK.items() if not (told and title == "Schema")]
    sections = [section for title, place in places if (section := _bulk_section(title, before.find(place), after.find(place))) is not None]
    return replace(part, sections=(*part.sections, *sections))


def _bulk_section(title: str, before: Element | None, after: Element | None) -> Section | None:
    """Only what differs; None when nothing does."""
    if before is not None and after is not None and not compare_elements(before, after):
        return None
    old, new = _bulk_leaves(title, before), _bulk_leaves(title, after)
    rows = tuple(_bulk_row(place, old.get(place), new.get(place)) for place in dict.fromkeys((*new, *old)) if not _same(old.get(place), new.get(place)))
    note = "Only what differs is listed here."
    return Section(title, title, _BULK_COLUMNS, rows, note=note) if rows else None


def _bulk_leaves(title: str, element: Element | None) -> dict[str, str]:
    if element is None:
        return {}
    found = dict(leaves(element, {"dsml/@xmlns"}))
    if title != "Object types known in partitions":
        return found
    # The rest of a partition stands in its own section.
    return {place: value for place, value in found.items() if f"/{_PARTITION_HINTS}/" in place}


def _same(before: str | None, after: str | None) -> bool:
    return before is not None and after is not None and with_upper_guids(before) == with_upper_guids(after)


def _bulk_row(place: str, before: str | None, after: str | None) -> Row:
    if before is None:
        return Row((place,), (place, after or ""), Change.ADDED)
    if after is None:
        return Row((place,), (place, before), Change.REMOVED)
    return Row((place,), (place, after), Change.MODIFIED, before=(place, before))
