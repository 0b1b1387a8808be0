# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""MA-SPMA.XML: the SharePoint agent, an extensible agent of the second generation (ECMA 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .agent import AgentParts, PartitionParts, agent_document, joiner, partition
from .identity import partition_id
from .markup import Element, element, leaf, names
from .rules import run_profile, step
from .schema import ANCHOR, PASSWORD, profile_store_schema, store_attributes

_KIND = "SharePoint Profile Store"
_PARTITION = "default"
_ALLOWED_OPERATIONS = 30
_CAPABILITIES = "a4061801"
_EXPORT_TYPE = 2
# When a refresh of the connector's pages is due; 0 everywhere: the definitions are those of the version named beside them.
_REFRESH = ("Schema", "Partition", "ConnectivityParameters", "GlobalParameters", "OtherParameters", "SchemaParameters", "CapabilitiesParameters")


def profile_store_document(description: Mapping[str, Any]) -> Element:
    """The root element of MA-SPMA.XML."""
    types = description["object_types"]
    anchors = (element("dn", leaf("attribute", ANCHOR), attributes={"object-type": name}) for name in types)
    parts = AgentParts(
        category="Extensible2",
        schema=profile_store_schema(description["schema"]),
        joiner=joiner([]),
        private=_private(description),
        partitions=(_partition(description),),
        profiles=tuple(_profile(description, name) for name in description["run_profiles"]),
        capabilities=_CAPABILITIES,
        export_type=_EXPORT_TYPE,
        dn_construction=element("dn-construction", *anchors),
        subtype=_KIND,
        company="Microsoft",
        internal_version=1,
    )
    return agent_document(description, parts)


def _partition(description: Mapping[str, Any]) -> Element:
    data = element("ecma-partition-data", leaf("dn", _PARTITION), leaf("name", _PARTITION), leaf("is-domain", 1))
    types = description["object_types"]
    return partition(
        PartitionParts(
            id=partition_id(description["name"], _PARTITION),
            name=_PARTITION,
            object_types=types,
            inclusions=[""],
            exclusions=[],
            custom_data=(data, leaf("water-mark")),
            operations=_ALLOWED_OPERATIONS,
            hints=[(name, [name], True) for name in types],
        )
    )


def _profile(description: Mapping[str, Any], name: str) -> Element:
    agent, size = description["name"], description["page_size"]
    moves_objects = not name.endswith("Sync")
    data = element("extensible2-step-data", leaf("timeout", 0), leaf("batch-size", size))
    custom = (data, element("parameter-values")) if moves_objects else ()
    return run_profile(agent, name, [step(name, partition_id(agent, _PARTITION), size if moves_objects else 1, custom)])


def _private(description: Mapping[str, Any]) -> Element:
    """`MAConfig`; the designer's own notes (`ui-data`) are reduced to what it cannot make up again: anchors and classes."""
    types = description["object_types"]
    visible = [ANCHOR, *(item.name for item in store_attributes(description["schema"]) if item.name not in (ANCHOR, PASSWORD))]
    return element(
        "MAConfig",
        _designer(description),
        _importing(types),
        leaf("exporting"),
        leaf("ldap-dn", 0),
        leaf("change_type_attribute"),
        leaf("add_change_type_value", "Add"),
        leaf("modify_change_type_value", "Modify"),
        leaf("delete_change_type_value", "Delete"),
        element("primary_class_mappings", *(element("mapping", leaf("primary_class", name), leaf("oc-value", name)) for name in types)),
        leaf("enable-unapplied-merge", 0),
        _password_extension(),
        leaf("file-type", "Extensible2"),
        _connector(description),
        _definitions(description["parameters"]),
        _values(description["parameters"]),
        leaf("case_normalize_dn_for_anchor", 1),
        element("default_visible_attributes", *names("attribute", visible)),
    )


def _by_class(tag: str, types: Sequence[str]) -> Element:
    return element(tag, *(leaf("attribute", ANCHOR, {"object_class": name}) for name in types))


def _designer(description: Mapping[str, Any]) -> Element:
    types = description["object_types"]
    place = {"cd_name": _PARTITION, "guid": partition_id(description["name"], _PARTITION), "version": "1"}
    partitions = element("partitions", element("partition", *names("object_class", types), attributes=place))
    wizard = element("xmlwizard", partitions, _by_class("anchor", types))
    return element("ui-data", wizard, leaf("ma-help-text", "Synchronizes profiles with a SharePoint profile store"))


def _importing(types: Sequence[str]) -> Element:
    settings = (element("class", leaf("name", name), element("anchor", leaf("attribute", ANCHOR))) for name in types)
    return element("importing", _by_class("dn", types), _by_class("anchor", types), element("per-class-settings", *settings))


def _password_extension() -> Element:
    return element(
        "password-extension-config",
        leaf("password-extension-enabled", 0),
        leaf("dll", attributes={"data-owner": "ISV"}),
        leaf("password-set-enabled"),
        leaf("password-change-enabled"),
        element("connection-info", leaf("connect-to"), leaf("user")),
        leaf("timeout"),
    )


def _connector(description: Mapping[str, Any]) -> Element:
    connector, size = description["connector"], description["page_size"]
    vendor = {"data-owner": "ISV"}
    sizes = [leaf(f"{way}-{kind}-page-size", value) for way in ("import", "export") for kind, value in (("default", size), ("max", connector["max_page_size"]))]
    return element(
        "extension-config",
        leaf("filename", connector["file"], vendor),
        *sizes,
        leaf("export-mode", "call-based", vendor),
        leaf("import-mode", "call-based"),
        leaf("export-enabled", 1, vendor),
        leaf("import-enabled", 1, vendor),
        leaf("capability-bits", connector["capability_bits"]),
        leaf("export-type", _EXPORT_TYPE),
        leaf("discovery-partition"),
        leaf("discovery-schema", "extensibility"),
        leaf("discovery-hierarchy"),
        leaf("password-management-enabled"),
        leaf("assembly-version", connector["version"]),
        leaf("supports-parameters-ex", 0),
    )


def _definitions(parameters: Sequence[Mapping[str, Any]]) -> Element:
    refresh = {f"refresh{page}": "0" for page in _REFRESH}
    return element("parameter-definitions", *(_definition(item) for item in parameters), attributes=refresh)


def _definition(item: Mapping[str, Any]) -> Element:
    choices = "".join(f"{choice}," for choice in item.get("choices", []))
    return element(
        "parameter",
        leaf("name", item.get("name", "")),
        leaf("use", "connectivity"),
        leaf("type", item["type"]),
        leaf("validation", choices),
        leaf("text", item.get("text", "")),
        leaf("default-value", item.get("default", "")),
        *([leaf("dropdown-extensible", 0)] if choices else []),
    )


def _values(parameters: Sequence[Mapping[str, Any]]) -> Element:
    """An encrypted value is empty, as in every export."""
    nodes = []
    for item in parameters:
        if "name" not in item:
            continue
        traits = {"name": item["name"], "type": item["type"], "use": "connectivity"}
        if item["type"] == "encrypted-string":
            traits["encrypted"] = "1"
        nodes.append(leaf("parameter", item.get("value", ""), traits))
    return element("parameter-values", *nodes)
