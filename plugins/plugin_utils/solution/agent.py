# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the documents of all agents have in common, in the order in which a server writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .identity import CREATED, SERVER, agent_id
from .markup import Element, element, leaf, names
from .rules import export_flows, extension, joins, projections

WARNING = "Exported configuration: edit it through the server or the collection's own modules, else an import may fail."


@dataclass(frozen=True)
class AgentParts:
    """What only one kind of agent can say about itself."""

    category: str
    schema: Element
    joiner: Element
    private: Element
    partitions: tuple[Element, ...]
    profiles: tuple[Element, ...]
    capabilities: str
    export_type: int
    dn_construction: Element
    subtype: str = ""
    company: str = ""
    internal_version: int = 0


def document(root: str, data: Element) -> Element:
    """The root element around a document's data."""
    return Element(root, (("server", SERVER), ("export-date", CREATED)), (data,), comment=WARNING)


def agent_document(description: Mapping[str, Any], parts: AgentParts) -> Element:
    """The root element of MA-*.XML."""
    name = description["name"]
    data = element(
        "ma-data",
        *_head(name, parts),
        parts.schema,
        element("attribute-inclusion", *names("attribute", description["included_attributes"])),
        element("stay-disconnector"),
        joins(name, description["joins"]),
        projections(name, description["projections"]),
        export_flows(name, description["export_flows"]),
        element("provisioning-cleanup", leaf("action", description["deprovisioning"]), attributes={"type": "declared"}),
        extension(description["extension"]),
        element("controller-configuration", leaf("application-protection", "low"), leaf("application-architecture", "process")),
        leaf("description"),
        element("ma-ui-settings", parts.joiner),
        element("private-configuration", parts.private),
        leaf("SyncConfig-refresh-schema", 0),
        element("ma-partition-data", *parts.partitions),
        element("ma-run-data", *parts.profiles),
        leaf("capabilities-mask", parts.capabilities),
        leaf("export-type", parts.export_type),
        parts.dn_construction,
        element("password-sync", leaf("maximum-retry-count", 10), leaf("retry-interval", 60), leaf("allow-low-security", 0)),
        element("component_mappings"),
    )
    return document("saved-ma-configuration", data)


def _head(name: str, parts: AgentParts) -> tuple[Element, ...]:
    return (
        leaf("format-version", 1),
        leaf("id", agent_id(name)),
        leaf("name", name),
        leaf("category", parts.category),
        leaf("subtype", parts.subtype),
        leaf("ma-listname", parts.subtype),
        leaf("ma-companyname", parts.company),
        leaf("creation-time", CREATED),
        leaf("last-modification-time", CREATED),
        leaf("version", 1),
        leaf("internal-version", parts.internal_version),
        leaf("password-sync-allowed", 0),
    )


@dataclass(frozen=True)
class PartitionParts:
    """A partition. `containers` are its inclusions and exclusions; `hints` are (class, its chain from the top, included)."""

    id: str
    name: str
    object_types: Sequence[str]
    inclusions: Sequence[str]
    exclusions: Sequence[str]
    custom_data: tuple[Element, ...]
    operations: int
    hints: Sequence[tuple[str, Sequence[str], bool]]


def partition(parts: PartitionParts) -> Element:
    """`ma-partition-data/partition`, never run so far."""
    inclusions = names("inclusion", parts.inclusions)
    containers = element("containers", element("exclusions", *names("exclusion", parts.exclusions)), element("inclusions", *inclusions))
    classes = element("object-classes", *names("object-class", parts.object_types))
    return element(
        "partition",
        leaf("id", parts.id),
        leaf("name", parts.name),
        leaf("creation-time", CREATED),
        leaf("last-modification-time", CREATED),
        leaf("version", 1),
        leaf("selected", 1),
        element("filter", classes, containers),
        element("custom-data", *parts.custom_data),
        leaf("allowed-operations", parts.operations),
        element("current", leaf("batch-number", 0), leaf("sequence-number", 0)),
        leaf("last-successful-batch", 0),
        element("filter-hints", element("object-classes", *(_hint(*hint) for hint in parts.hints))),
    )


def _hint(name: str, chain: Sequence[str], included: bool) -> Element:
    return element("object-class", leaf("name", name), element("hierarchy", *names("object-class", list(chain))), leaf("included", included))


def joiner(attributes: Sequence[Element]) -> Element:
    """What the designer's Joiner shows: nothing, or columns."""
    queries = (element("attributes", *attributes), element("filters", attributes={"max_mv_search_results": ""}))
    return element("account-joiner-queries", *queries)
