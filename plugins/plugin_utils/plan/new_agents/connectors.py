# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Private settings of agents with a connector of the second generation (`MAConfig` of ECMA 2)."""

from __future__ import annotations

from collections.abc import Iterator

from ...configuration.markup import Fragment
from ...configuration.model import ManagementAgent, ParameterDefinition
from ...desired.capabilities import Capabilities, known_connector, of_agent
from ...desired.connectors import GRANFELDT, Connector
from .dsml import PASSWORD
from .text_files import password_extension, wizard

_VENDOR = {"data-owner": "ISV"}
# Definitions and schema are those of the connector's version that is named beside them; nothing is due to be asked again.
_REFRESH = ("Schema", "Partition", "ConnectivityParameters", "GlobalParameters", "OtherParameters", "SchemaParameters", "CapabilitiesParameters")


def connector_configuration(agent: ManagementAgent) -> Fragment:
    known, can = known_connector(agent), of_agent(agent)
    types = [one.name for one in agent.schema.classes.values()]
    changes = {"add_change_type_value": "Add", "modify_change_type_value": "Modify", "delete_change_type_value": "Delete"}
    mappings = tuple(Fragment("mapping", children=(Fragment("primary_class", text=name), Fragment("oc-value", text=name))) for name in types)
    visible = tuple(Fragment("attribute", text=name) for name in _visible(agent))
    able = known is not None and known.password
    return Fragment(
        "MAConfig",
        children=(
            Fragment("ui-data", children=(wizard(agent),)),
            _importing(agent, can),
            Fragment("exporting"),
            Fragment("ldap-dn", text="0"),
            Fragment("change_type_attribute"),
            *(Fragment(name, text=text) for name, text in changes.items()),
            Fragment("primary_class_mappings", children=mappings),
            Fragment("enable-unapplied-merge", text="0"),
            password_extension(agent.connector_file if known is GRANFELDT else "", enabled=known is GRANFELDT),
            Fragment("file-type", text="Extensible2"),
            _extension(agent, known, can, passwords=able),
            Fragment("parameter-definitions", {f"refresh{page}": "0" for page in _REFRESH}, children=tuple(map(_definition, agent.definitions))),
            Fragment("parameter-values", children=tuple(_values(agent))),
            Fragment("case_normalize_dn_for_anchor", text="1"),
            Fragment("default_visible_attributes", children=visible),
        ),
    )


def _visible(agent: ManagementAgent) -> list[str]:
    anchors = [name for one in agent.schema.classes.values() for name in one.anchors]
    return [name for name in dict.fromkeys((*anchors, *(one.name for one in agent.schema.attributes.values()))) if name != PASSWORD]


def _importing(agent: ManagementAgent, can: Capabilities) -> Fragment:
    by_class = tuple(Fragment("attribute", {"object_class": one.name}, name) for one in agent.schema.classes.values() for name in one.anchors)
    settings = tuple(
        Fragment(
            "class", children=(Fragment("name", text=one.name), Fragment("anchor", children=tuple(Fragment("attribute", text=name) for name in one.anchors)))
        )
        for one in agent.schema.classes.values()
    )
    named = () if can.names_objects else (Fragment("dn", children=by_class),)
    return Fragment("importing", children=(*named, Fragment("anchor", children=by_class), Fragment("per-class-settings", children=settings)))


def _extension(agent: ManagementAgent, known: Connector | None, can: Capabilities, *, passwords: bool) -> Fragment:
    pages = known.pages if known is not None else (100, 10000, 100, 10000)
    sizes = zip(("import-default", "import-max", "export-default", "export-max"), pages, strict=True)
    asked = "extensibility" if known is not None and known.discovers else ""
    return Fragment(
        "extension-config",
        children=(
            Fragment("filename", _VENDOR, agent.connector_file),
            *(Fragment(f"{name}-page-size", text=str(size)) for name, size in sizes),
            Fragment("export-mode", _VENDOR, "call-based"),
            Fragment("import-mode", text="call-based"),
            Fragment("export-enabled", _VENDOR, "1" if can.exports else "0"),
            Fragment("import-enabled", _VENDOR, "1" if can.imports else "0"),
            Fragment("capability-bits", text=str(can.bits)),
            Fragment("export-type", text=str(can.export_type)),
            Fragment("discovery-partition", text=asked),
            Fragment("discovery-schema", text="extensibility"),
            Fragment("discovery-hierarchy", text=asked),
            Fragment("password-management-enabled", text="1" if passwords else ""),
            Fragment("assembly-version", text=known.version if known is not None else ""),
            Fragment("supports-parameters-ex", text="0"),
        ),
    )


def _definition(one: ParameterDefinition) -> Fragment:
    texts = {"name": one.name, "use": one.use, "type": one.type, "validation": one.validation, "text": "", "default-value": one.default}
    closed = (Fragment("dropdown-extensible", text="0"),) if one.choices else ()
    return Fragment("parameter", children=(*(Fragment(name, text=text) for name, text in texts.items()), *closed))


def _values(agent: ManagementAgent) -> Iterator[Fragment]:
    """An encrypted value is empty, as in every export."""
    for one in agent.parameters:
        encrypted = {"encrypted": "1"} if one.encrypted else {}
        yield Fragment("parameter", {"name": one.name, "type": one.type, "use": one.use, **encrypted}, "" if one.encrypted else one.value)
