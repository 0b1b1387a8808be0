# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The document of an agent that is new: all that no aspect of the plan writes, and places for what they do.

Order and form are those of exports of real servers (reference page `server-configuration` and its fixtures; the configurations that
Granfeldt and Microsoft publish of their PowerShell connectors).
"""

from __future__ import annotations

from collections.abc import Iterator

from ...configuration.document import Document
from ...configuration.markup import Fragment, Style, write_fragment
from ...configuration.model import ManagementAgent
from ...configuration.reader import agent_data, read_agent
from ...desired.capabilities import Capabilities, of_agent
from ..aspects.run_profiles import write_profile
from ..editing import NEW_TIMES
from . import dsml
from .connectors import connector_configuration
from .partitions import partition
from .templates import template_document
from .text_files import file_configuration, wizard

# Bits of what an agent of the kind can do, as exported by servers; LDIF and fixed widths as for delimited files.
_MASKS = {"AD": "d373", "Delimited": "9000", "Fixed": "9000", "LDIF": "9000"}
_EMPTIED = ("attribute-inclusion", "stay-disconnector", "join", "projection", "export-attribute-flow", "ma-partition-data", "ma-run-data")


def blank_document(agent: ManagementAgent) -> bytes:
    """The document with schema, private settings, partitions and run profiles; without rules."""
    template = template_document(agent)
    if template is not None:
        return _after_template(agent, template)
    body = Fragment("saved-ma-configuration", children=(Fragment("ma-data", children=tuple(_sections(agent))),))
    return write_fragment(body, Style(), b"\n") + b"\n"


def _sections(agent: ManagementAgent) -> Iterator[Fragment]:
    yield from (Fragment(name, text=text) for name, text in _named(agent).items())
    yield dsml.schema(agent)
    yield from (Fragment(name) for name in ("attribute-inclusion", "stay-disconnector", "join", "projection", "export-attribute-flow"))
    yield Fragment("provisioning-cleanup", {"type": "declared"}, children=(Fragment("action", text="make-normal-disconnector"),))
    yield Fragment("extension")
    parts = {"application-protection": "low", "application-architecture": "process"}
    yield Fragment("controller-configuration", children=tuple(Fragment(name, text=text) for name, text in parts.items()))
    yield Fragment("description")
    queries = Fragment("account-joiner-queries", children=(Fragment("attributes"), Fragment("filters", {"max_mv_search_results": ""})))
    yield Fragment("ma-ui-settings", children=(queries,))
    yield Fragment("private-configuration", children=tuple(_private(agent)))
    yield Fragment("SyncConfig-refresh-schema", text="0")
    yield Fragment("ma-partition-data", children=tuple(partition(agent, one) for one in agent.partitions))
    yield Fragment("ma-run-data", children=tuple(write_profile(agent, one) for one in agent.run_profiles))
    yield from _ends(agent)


def _named(agent: ManagementAgent) -> dict[str, str]:
    connector = agent.category.startswith("Extensible")
    return {
        "format-version": "1",
        "id": agent.id,
        "name": agent.name,
        "category": agent.category,
        "subtype": agent.subtype,
        "ma-listname": agent.list_name,
        "ma-companyname": agent.company,
        **NEW_TIMES,
        "version": "1",
        "internal-version": "1" if connector else "0",
        "password-sync-allowed": "0",
    }


def _private(agent: ManagementAgent) -> Iterator[Fragment]:
    """Of kinds that are not made from nothing only what aspects write is there."""
    if agent.category == "Extensible2":
        yield connector_configuration(agent)
    elif agent.category in _MASKS:
        yield file_configuration(agent)


def _ends(agent: ManagementAgent) -> Iterator[Fragment]:
    can = of_agent(agent) if agent.category == "Extensible2" else Capabilities(0, agent.export_type)
    yield Fragment("capabilities-mask", text=_MASKS.get(agent.category) or can.mask)
    yield Fragment("export-type", text=str(can.export_type))
    parts = [Fragment("dn", {"object-type": kind}, children=_texts("attribute", names)) for kind, names in agent.dn_attributes.items() if kind]
    yield Fragment("dn-construction", children=(*parts, *_texts("attribute", agent.dn_attributes.get("", ()))))
    retries = {"maximum-retry-count": "10", "retry-interval": "60", "allow-low-security": "0"}
    yield Fragment("password-sync", children=tuple(Fragment(name, text=text) for name, text in retries.items()))
    yield Fragment("component_mappings")


def _texts(tag: str, names: tuple[str, ...]) -> tuple[Fragment, ...]:
    return tuple(Fragment(tag, text=name) for name in names)


def _after_template(agent: ManagementAgent, document: Document) -> bytes:
    """What the collection's own solution holds of the kind, without its rules and with another identity."""
    data, known = agent_data(document), read_agent(document).schema
    for name in _EMPTIED:
        section = data.require(name)
        for child in list(section.children):
            section.remove(child)
    texts = {"id": agent.id, "name": agent.name, "provisioning-cleanup/action": "make-normal-disconnector", "extension/assembly-name": ""}
    for name in ("forest-name", "forest-login-domain", "forest-login-user"):
        texts[f"private-configuration/adma-configuration/{name}"] = ""
    for path, text in texts.items():
        found = data.find(path)
        if found is not None:
            found.set_text(text)
    dsml.add_missing(data.require("schema"), agent.schema, known)
    for one in agent.partitions:
        data.require("ma-partition-data").append(partition(agent, one, data))
    designer = data.find("private-configuration/MAConfig/ui-data")
    if designer is not None:
        designer.replace(designer.require("xmlwizard"), wizard(agent))
    for profile in agent.run_profiles:
        data.require("ma-run-data").append(write_profile(agent, profile))
    return document.write()
