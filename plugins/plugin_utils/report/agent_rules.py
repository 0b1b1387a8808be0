# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An agent's rules: filters, joins, projection, export flows, deprovisioning, extensions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..configuration.element import Element
from .leaves import leaves, rest
from .mappings import read_mapping_text
from .sections import Column, Flow, Row, Section, folded

DEPROVISIONING = {
    "make-normal-disconnector": "make it a disconnector",
    "make-explicit-disconnector": "make it an explicit disconnector",
    "delete-object": "delete it in the connected system",
}
OPERATORS = {
    "equality": "equals",
    "inequality": "does not equal",
    "bit-equality": "has the bits",
    "bit-inequality": "does not have the bits",
    "substring-start": "starts with",
    "not-substring-start": "does not start with",
    "substring-end": "ends with",
    "not-substring-end": "does not end with",
    "substring-any": "contains",
    "not-substring-any": "does not contain",
    "present": "is present",
    "not-present": "is not present",
}


def filters(data: Element) -> Section:
    columns = (Column("Object type", folded), Column("Kind"), Column("An object is left out when"), Column("More"))
    rows = tuple(row for item in data.find_all("stay-disconnector/filter-set") for row in _filter_rows(item))
    return Section("Connector filters", "Connector filters", columns, _by_type(rows), empty="None: no object is filtered out.")


def _by_type(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: row.key[0].casefold()))


def _filter_rows(item: Element) -> Iterator[Row]:
    object_type, kind = item.get("cd-object-type"), item.get("type", "declared")
    more = rest(item, {"@cd-object-type", "@type", "@id", "filter-alternative", "@import-filter"})
    if item.get("import-filter") == "1":
        more = "; ".join(text for text in ("filters on import", more) if text)
    alternatives = item.find_all("filter-alternative")
    if not alternatives:
        yield Row((object_type,), (object_type, kind, "the rules extension says so" if kind == "scripted" else "", more), identifier=item.get("id"))
    for alternative in alternatives:
        text = " and ".join(sorted(_condition(condition) for condition in alternative.find_all("condition")))
        yield Row((object_type,), (object_type, kind, text, more), identifier=alternative.get("id"))


def _condition(item: Element) -> str:
    attribute = f"<{item.get('cd-attribute') or 'dn'}>" if item.get("intrinsic-attribute") == "true" else item.get("cd-attribute")
    operator = item.get("operator")
    values = ", ".join(f'"{value.text.strip()}"' for value in item.find_all("value"))
    return " ".join(text for text in (attribute, OPERATORS.get(operator, operator), "" if operator.endswith("present") else values) if text)


def joins(data: Element) -> Section:
    columns = (
        Column("Object type", folded),
        Column("Order", compared=False),
        Column("Metaverse type", folded),
        Column("Joins where"),
        Column("Several found"),
        Column("More"),
    )
    # An object type may have two profiles: rules of the portal stand in one of their own.
    places: Counter[str] = Counter()
    rows = []
    for profile in data.find_all("join/join-profile"):
        object_type = profile.get("cd-object-type")
        for criterion in profile.find_all("join-criterion"):
            places[object_type.casefold()] += 1
            rows.append(_join_row(object_type, criterion, places[object_type.casefold()]))
    note = "Criteria of one object type are tried in this order."
    return Section("Join rules", "Join rules", columns, _by_type(tuple(rows)), note=note if rows else "")


def _join_row(object_type: str, criterion: Element, place: int) -> Row:
    search, resolution = criterion.find("search"), criterion.find("resolution")
    mappings = search.find_all("attribute-mapping") if search is not None else []
    text = " and ".join(_join_mapping(mapping) for mapping in mappings)
    several = "no join"
    if resolution is not None and resolution.get("type", "none") != "none":
        several = f"{resolution.get('type')} {resolution.find_text('script-context')}".strip()
    mv_type = (search.get("mv-object-type") if search is not None else "") or "any"
    more = _further(criterion)
    return Row((object_type,), (object_type, str(place), mv_type, text, several, more), group=object_type, place=place, identifier=criterion.get("id"))


_JOIN_PARTS = frozenset({"@id", "search", "resolution"})
_PORTAL_PARTS = _JOIN_PARTS | {"@join-cri-type", "@sync-rule-id", "scoping"}


def _further(criterion: Element) -> str:
    """What a criterion says besides; of a synchronization rule its scope."""
    if criterion.get("join-cri-type") != "sync-rule":
        kind = criterion.get("join-cri-type")
        return rest(criterion, _JOIN_PARTS | ({"@join-cri-type"} if kind == "none" else set()))
    scopes = [" ".join(scope.find_text(name) for name in ("csAttribute", "csOperator", "csValue")) for scope in criterion.find_all("scoping/scope")]
    told = f"synchronization rule, where {' and '.join(scopes)}" if scopes else "synchronization rule"
    return "; ".join(filter(None, (told, rest(criterion, _PORTAL_PARTS))))


def _join_mapping(mapping: Element) -> str:
    read = read_mapping_text(mapping)
    how = "" if read.rule == "direct" else f" ({read.rule})"
    name = mapping.get("mv-attribute")
    return f"{f'<{name}>' if mapping.get('intrinsic-attribute') == 'true' else name} = {read.source}{how}"


def projections(data: Element) -> Section:
    columns = (Column("Object type", folded), Column("Kind"), Column("Becomes", folded), Column("More"))
    rows = tuple(
        Row(
            (item.get("cd-object-type"),),
            (
                item.get("cd-object-type"),
                item.get("type"),
                item.find_text("mv-object-type") or "as the rules extension decides",
                rest(item, {"@cd-object-type", "@type", "@id", "@sync-rule-id", "mv-object-type"}),
            ),
            identifier=item.get("id"),
        )
        for item in data.find_all("projection/class-mapping")
    )
    return Section("Projection rules", "Projection rules", columns, _by_type(rows), empty="None: this agent makes no metaverse objects.")


def export_flows(data: Element, agent: str) -> Section:
    columns = (
        Column("Metaverse type", folded),
        Column("Metaverse attribute", folded),
        Column("Mapping"),
        Column("Object type", folded),
        Column("Attribute", folded),
        Column("Empty values"),
        Column("More"),
    )
    rows = tuple(
        _export_row(flows.get("cd-object-type"), flows.get("mv-object-type"), flow, agent)
        for flows in data.find_all("export-attribute-flow/export-flow-set")
        for flow in flows.find_all("export-flow")
    )
    ordered = tuple(sorted(rows, key=lambda row: tuple(part.casefold() for part in row.key)))
    return Section("Export flows", "Export flows", columns, ordered, empty="None: this agent exports no values.")


def _export_row(object_type: str, mv_type: str, flow: Element, agent: str) -> Row:
    attribute, mapping = flow.get("cd-attribute"), read_mapping_text(flow, flow.get("cd-attribute"))
    nulls = "not exported" if flow.get("suppress-deletions") == "true" else "exported"
    known = {"@id", "@cd-attribute", "@suppress-deletions", *(child.local for child in flow.children if child.local.endswith("-mapping"))}
    return Row(
        key=(mv_type, object_type, attribute),
        cells=(mv_type, mapping.source, mapping.rule, object_type, attribute, nulls, rest(flow, known)),
        identifier=flow.get("id"),
        flow=Flow(False, agent, object_type, (attribute,), mv_type, mapping.sources),
    )


def deprovisioning(data: Element) -> Section:
    cleanup = data.find("provisioning-cleanup")
    kind = cleanup.get("type", "declared") if cleanup is not None else "declared"
    action = data.find_text("provisioning-cleanup/action", "make-normal-disconnector")
    text = "as the rules extension decides" if kind == "scripted" else DEPROVISIONING.get(action, action)
    columns = (Column("A connector that loses its metaverse object"), Column("Value"))
    rows = [Row(("action",), ("What becomes of it", text))]
    if cleanup is not None:
        rows += [Row((place,), (place, value)) for place, value in leaves(cleanup, {"action"})]
    return Section("Deprovisioning rules", "Deprovisioning", columns, tuple(rows))


def extensions(data: Element) -> Section:
    extension = data.find("extension")
    labels = {"assembly-name": "Rules extension", "application-protection": "Runs in a process of its own"}
    rows = []
    for place, value in leaves(extension) if extension is not None else ():
        text = {"low": "no", "high": "yes"}.get(value, value) if place == "application-protection" else value
        rows.append(Row((place,), (labels.get(place, place), text)))
    return Section("Rules extensions", "Extensions", (Column("Setting", folded), Column("Value")), tuple(rows))
