# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a server asks of the document of an agent that it does not have yet: it makes the agent out of it, and has nothing else.

Which sections there are and in which order: exports of real servers (reference page `server-configuration`). How a server words its
refusals is not published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...plugins.plugin_utils.configuration.element import Element
from .synchronization_state import SynchronizationProblem

_SECTIONS = (
    "format-version id name category subtype ma-listname ma-companyname version internal-version password-sync-allowed schema attribute-inclusion "
    "stay-disconnector join projection export-attribute-flow provisioning-cleanup extension controller-configuration description ma-ui-settings "
    "private-configuration SyncConfig-refresh-schema ma-partition-data ma-run-data capabilities-mask export-type dn-construction password-sync "
    "component_mappings"
).split()
_PRIVATE = {"AD": "adma-configuration", "Extensible2": "MAConfig", "Delimited": "MAConfig", "Fixed": "MAConfig", "LDIF": "MAConfig"}
_FORMATS = {"Delimited": "delimited_format", "Fixed": "fixed_width_format", "LDIF": "ldif_format"}
_GUID = re.compile(r"\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}")
_OF_PARTITION = ("id", "name", "selected", "filter/object-classes", "filter/containers", "allowed-operations", "current/batch-number", "last-successful-batch")
_OF_CONNECTOR = ("filename", "export-mode", "import-mode", "export-enabled", "import-enabled", "capability-bits", "export-type", "discovery-schema")


def check_new_agents(agents: Mapping[str, Element]) -> None:
    """Raises SynchronizationProblem for the first thing that is missing or does not fit; `agents` are those that are new, by id."""
    for data in agents.values():
        for fault in _faults(data):
            raise SynchronizationProblem(f"Management agent '{data.find_text('name')}': it cannot be created: {fault}.")


def _faults(data: Element) -> Iterator[str]:
    yield from _section_faults(data)
    category = data.find_text("category")
    if category not in _PRIVATE:
        return
    if data.find(f"private-configuration/{_PRIVATE[category]}") is None:
        yield f"its private configuration holds no {_PRIVATE[category]}"
        return
    yield from _schema_faults(data, category)
    yield from _partition_faults(data, category)
    if category == "AD":
        yield from _forest_faults(data)
    elif category == "Extensible2":
        yield from _connector_faults(data)
    else:
        yield from _file_faults(data, category)


def _section_faults(data: Element) -> Iterator[str]:
    """Every section once, in the order of exports; times of creation and change may be there or not."""
    found = [child.local for child in data.children if child.local in _SECTIONS]
    yield from (f"the section '{name}' is missing" for name in _SECTIONS if name not in found)
    if found != [name for name in _SECTIONS if name in found]:
        yield "its sections are not in the order in which they are exported"


def _schema_faults(data: Element, category: str) -> Iterator[str]:
    directory = data.find("schema/dsml/directory-schema")
    classes = [] if directory is None else [child for child in directory.children if child.local == "class"]
    if directory is None or (not classes and category != "Extensible2"):
        yield "its schema holds no object type"
        return
    types = {child.get("id").casefold() for child in directory.children if child.local == "attribute-type"}
    for kind in classes:
        for reference in kind.find_all("attribute"):
            if reference.get("ref").lstrip("#").casefold() not in types:
                yield f"the object type '{kind.find_text('name')}' refers to the attribute '{reference.get('ref')}', which its schema does not define"


def _partition_faults(data: Element, category: str) -> Iterator[str]:
    names = {item.find_text("name").casefold() for item in data.find_all("schema/dsml/directory-schema/class")}
    for partition in data.find_all("ma-partition-data/partition"):
        title = partition.find_text("name")
        yield from (f"the partition '{title}' has no '{path}'" for path in _OF_PARTITION if partition.find(path) is None)
        if not _GUID.fullmatch(partition.find_text("id")):
            yield f"the partition '{title}' has no identifier"
        for kind in partition.find_all("filter/object-classes/object-class"):
            if kind.text.strip().casefold() not in names:
                yield f"the partition '{title}' selects the object type '{kind.text.strip()}', which its schema does not define"
        if category == "AD":
            own = partition.find("custom-data/adma-partition-data")
            if own is None or not own.find_text("dn") or not _GUID.fullmatch(own.find_text("guid")):
                yield f"the partition '{title}' names no naming context with its GUID"


def _forest_faults(data: Element) -> Iterator[str]:
    settings = data.require("private-configuration/adma-configuration")
    yield from (f"'{name}' is missing" for name in ("forest-name", "forest-login-domain", "forest-login-user", "sign-and-seal") if settings.find(name) is None)
    if not settings.find_text("forest-name"):
        yield "it names no forest"


def _connector_faults(data: Element) -> Iterator[str]:
    settings = data.require("private-configuration/MAConfig")
    extension = settings.find("extension-config")
    if extension is None:
        yield "its connector is not described (extension-config)"
        return
    yield from (f"its connector's '{name}' is missing" for name in _OF_CONNECTOR if extension.find(name) is None)
    bits, mask = extension.find_text("capability-bits"), data.find_text("capabilities-mask")
    if not bits.isdigit() or not re.fullmatch("[0-9a-f]+", mask) or int(mask, 16) & ~1 != int(bits) & ~1:
        yield f"its capabilities are {mask or 'none'}, and those of its connector {bits or 'none'}"
    definitions = {(item.find_text("name"), item.find_text("use")): item for item in settings.find_all("parameter-definitions/parameter")}
    for value in settings.find_all("parameter-values/parameter"):
        known = definitions.get((value.get("name"), value.get("use")))
        if known is None:
            yield f"the connector does not define the parameter '{value.get('name')}' of the page '{value.get('use')}'"
        elif known.find_text("type") == "encrypted-string" and value.text.strip():
            yield f"the parameter '{value.get('name')}' is encrypted and stands there in clear"


def _file_faults(data: Element, category: str) -> Iterator[str]:
    settings = data.require("private-configuration/MAConfig")
    form = settings.find(_FORMATS[category])
    if form is None or not form.find_text("code_page"):
        yield "it does not say how its file is written"
        return
    columns = {item.text.strip().casefold() for item in form.find_all("attributes/attribute/name")}
    anchors = [item.text.strip() for item in settings.find_all("importing/anchor/attribute")]
    if category != "LDIF":
        yield from () if anchors else ("it has no anchor",)
        yield from (f"the anchor '{name}' is no column of its file" for name in anchors if name.casefold() not in columns)
    for step in data.find_all("ma-run-data/run-configuration/configuration/step"):
        yield from _step_faults(step)


def _step_faults(step: Element) -> Iterator[str]:
    kind = step.require("step-type").get("type")
    if kind.endswith("import") and not step.find_text("custom-data/run-config/input-file"):
        yield "a run step imports from a file and names none"
    elif kind == "export" and not step.find_text("custom-data/run-config/output-file"):
        yield "a run step exports to a file and names none"
