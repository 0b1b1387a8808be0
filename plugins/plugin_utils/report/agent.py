# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An agent's part of a report: what it is and how it connects; its rules stand in `agent_rules`, its runs in `agent_runs`."""

from __future__ import annotations

from dataclasses import dataclass

from ..configuration.element import Element
from ..configuration.schema_entries import syntax_of
from ..configuration.schema_reader import attribute_elements, read_schema
from .agent_rules import deprovisioning, export_flows, extensions, filters, joins, projections
from .agent_runs import containers, partitions, run_profiles
from .leaves import leaves, shown
from .sections import Column, Part, Row, Section, folded

KINDS = {
    "AD": "Active Directory",
    "ADGAL": "Active Directory global address list",
    "ADAM": "Active Directory Lightweight Directory Services",
    "AD LDS": "Active Directory Lightweight Directory Services",
    "FIM": "MIM Service",
    "MSSQL": "SQL Server",
    "OLEDB": "database",
    "DELIMITED": "delimited text file",
    "FIXED": "fixed-width text file",
    "AVP": "attribute-value pair text file",
    "LDIF": "LDIF file",
    "DSML": "DSML file",
    "EXTENSIBLE": "extensible connectivity 1",
    "EXTENSIBLE2": "extensible connectivity 2",
}
_PROPERTIES = {
    "name": "Name",
    "id": "Id",
    "category": "Category",
    "subtype": "Subtype",
    "ma-listname": "Connector",
    "ma-companyname": "Company",
    "description": "Description",
    "controller-configuration/application-architecture": "Architecture",
    "controller-configuration/application-protection": "Runs in a process of its own",
    "password-sync-allowed": "Target of password synchronization",
    "password-sync/maximum-retry-count": "Password synchronization: retries",
    "password-sync/retry-interval": "Password synchronization: seconds between retries",
    "password-sync/allow-low-security": "Password synchronization over unencrypted connections",
}
# Ids differ from server to server, the times with every save: they are shown, and are no difference.
_INFORMATION = {"creation-time": "Created", "last-modification-time": "Last changed", "version": "Version"}
_OWN_SECTIONS = frozenset(
    {
        "schema",
        "attribute-inclusion",
        "stay-disconnector",
        "join",
        "projection",
        "export-attribute-flow",
        "provisioning-cleanup",
        "extension",
        "private-configuration",
        "ma-partition-data",
        "ma-run-data",
        "ma-ui-settings",
        "dn-construction",
    }
)
_FOREST = {
    "forest-name": "Forest",
    "forest-login-domain": "Domain of the account",
    "forest-login-user": "Account",
    "sign-and-seal": "Sign and encrypt",
    "ssl-bind": "TLS",
    "ssl-bind/@crl-check": "TLS: check for revoked certificates",
    "simple-bind": "Simple bind",
}
# Kept by the designer, or said again in a section of its own.
_NOT_CONNECTION = frozenset({"MAConfig/ui-data", "MAConfig/parameter-definitions", "MAConfig/parameter-values"})
# Agents whose schema marks anchors.
_WITH_ANCHORS = frozenset({"extensible", "extensible2"})
_SETTING = (Column("Setting", folded), Column("Value"))


@dataclass(frozen=True)
class AgentFile:
    """`ma-data` of one agent, and the name it has in the report (its new one, where it was renamed)."""

    data: Element
    name: str


def agent_part(agent: AgentFile, import_rows: tuple[Row, ...], columns: tuple[Column, ...]) -> Part:
    """`import_rows` are the metaverse's flows from this agent, shown here once more."""
    sections = (
        _properties(agent),
        _connection(agent.data),
        _parameters(agent.data),
        partitions(agent.data),
        containers(agent.data),
        _object_types(agent.data),
        _attributes(agent.data),
        _anchors(agent.data),
        filters(agent.data),
        joins(agent.data),
        projections(agent.data),
        Section("Import flows", "Import flows", columns, import_rows, counted=False),
        export_flows(agent.data, agent.name),
        deprovisioning(agent.data),
        extensions(agent.data),
        run_profiles(agent.data),
    )
    return Part(agent.name, kind_of(agent.data), sections)


def kind_of(data: Element) -> str:
    """`Extensible2` agents are known by their connector's name."""
    category = data.find_text("category")
    return data.find_text("ma-listname") or KINDS.get(category.upper(), category)


def _properties(agent: AgentFile) -> Section:
    data = agent.data
    found = dict(leaves(data, _OWN_SECTIONS))
    if found.get("name", "").casefold() == agent.name.casefold():
        found["name"] = agent.name
    rows = [Row((place,), (label, _property(place, found[place])), fixed=place == "id") for place, label in _PROPERTIES.items() if found.get(place)]
    rows += [Row((place,), (place, value)) for place, value in found.items() if place not in _PROPERTIES]
    rows += [Row((place,), (label, text), fixed=True) for place, label in _INFORMATION.items() if (text := data.find_text(place))]
    return Section("Agent properties", "Properties", _SETTING, tuple(rows))


def _property(place: str, value: str) -> str:
    if place.endswith("application-protection"):
        return {"low": "no", "high": "yes"}.get(value, value)
    if place in ("password-sync-allowed", "password-sync/allow-low-security"):
        return yes_or_no(value)
    return f"{value} ({KINDS[value.upper()]})" if place == "category" and value.upper() in KINDS else value


def yes_or_no(value: str) -> str:
    return {"0": "no", "1": "yes"}.get(value, value)


def _connection(data: Element) -> Section:
    private = data.find("private-configuration")
    rows = [_connection_row(place, value) for place, value in leaves(private, _NOT_CONNECTION)] if private is not None else []
    return Section("Connection settings", "Connection", _SETTING, tuple(rows))


def _connection_row(place: str, value: str) -> Row:
    """The outermost element names the kind of agent; it tells nothing to a reader."""
    short = place.partition("/")[2] or place
    if short in _FOREST:
        return Row((place,), (_FOREST[short], value if short.startswith("forest") else yes_or_no(value)))
    return Row((place,), (short, value))


def _parameters(data: Element) -> Section:
    columns = (Column("Parameter", folded), Column("Value"), Column("Page"), Column("Type"))
    rows = []
    for item in data.find_all("private-configuration/MAConfig/parameter-values/parameter"):
        name, kind, page = item.get("name"), item.get("type", "string"), item.get("use", "connectivity")
        secret = item.get("encrypted") == "1" or "encrypted" in kind
        value = shown(name, item.text.strip(), encrypted=secret) or ("(a secret, not in an export)" if secret else "")
        rows.append(Row((page, name), (name, value, page, kind)))
    return Section("Connector parameters", "Connector parameters", columns, tuple(rows), empty="None: only extensible agents have them.")


def _object_types(data: Element) -> Section:
    names: dict[str, str] = {}
    for item in data.find_all("ma-partition-data/partition/filter/object-classes/object-class"):
        if text := item.text.strip():
            names.setdefault(text.casefold(), text)
    rows = tuple(Row((name,), (name,)) for _unused, name in sorted(names.items()))
    return Section("Selected object types", "Object types", (Column("Object type", folded),), rows)


def _attributes(data: Element) -> Section:
    columns = (Column("Attribute", folded), Column("Kind"), Column("Values"), Column("More"))
    names = sorted({text for item in data.find_all("attribute-inclusion/attribute") if (text := item.text.strip())}, key=str.casefold)
    elements = attribute_elements(data.find("schema"), {name.casefold() for name in names})
    known = {name: _type_of(element) for name, element in elements.items()}
    rows = tuple(Row((name,), (name, *known.get(name.casefold(), ("not in the schema", "", "")))) for name in names)
    return Section("Selected attributes", "Attributes", columns, rows)


def _anchors(data: Element) -> Section:
    """What names an object: attributes that its connector marks in the schema, or that the agent makes its name of."""
    columns = (Column("Object type", folded), Column("Anchor"), Column("Said by"))
    rows = []
    if data.find_text("category").casefold() in _WITH_ANCHORS:
        for item in sorted(read_schema(data.find("schema")).classes.values(), key=lambda item: item.name.casefold()):
            rows += [Row((item.name, "schema"), (item.name, ", ".join(item.anchors), "schema"))] if item.anchors else []
    made = data.find("dn-construction")
    for one in made.find_all("dn") if made is not None else ():
        names = ", ".join(item.text.strip() for item in one.find_all("attribute"))
        rows.append(Row((one.get("object-type"), "name"), (one.get("object-type"), names, "name of the object")))
    everywhere = [item.text.strip() for item in made.find_all("attribute")] if made is not None else []
    rows += [Row(("", "name"), ("any", ", ".join(everywhere), "name of the object"))] if any(everywhere) else []
    return Section("Anchors", "Anchors", columns, tuple(rows), empty="None: the connected system names its objects.")


def _type_of(element: Element) -> tuple[str, str, str]:
    """Kind, values and flags of an attribute."""
    flags = {written.rpartition(":")[2]: value for written, value in element.attributes.items()}
    single = "single" if flags.pop("single-value", "") == "true" else "multiple"
    more = ", ".join(sorted(flag.replace("-", " ") for flag, value in flags.items() if value == "true"))
    return syntax_of(element.find_text("syntax")).value, single, more
