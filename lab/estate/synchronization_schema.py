# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What `Refresh Schema` of the Synchronization Service Manager (miisclient) does; no call of the server's offers it.

The agent's account asks the connected system for its schema, and what is new in it comes into the agent's document.
Nothing is selected by it. Facts: Microsoft, "Refresh a Management Agent Schema"; reference page
`sharepoint-and-setup`, 4.1 (which types the SharePoint connector makes of a property's type is an inference there).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...plugins.plugin_utils.configuration.schema_reader import read_schema
from ...plugins.plugin_utils.configuration.schema_writer import add_attribute
from ...plugins.plugin_utils.engine.systems.base import SystemConnectionError
from .farm_properties import INTEGER_TYPES
from .synchronization_engine import LabConnector
from .synchronization_import import agent_data, find_agent
from .synchronization_state import SynchronizationProblem
from .system_directory import DirectorySystem
from .system_sharepoint import SharePointSystem

if TYPE_CHECKING:
    from ...plugins.plugin_utils.configuration.element import Element
    from .directory_schema import Attribute, Schema
    from .farm_profiles import ProfileStore
    from .synchronization import SynchronizationService

_LEAD = "1.3.6.1.4.1.1466.115.121.1"
_STRING, _INTEGER, _BOOLEAN, _REFERENCE, _BINARY = (f"{_LEAD}.{number}" for number in (15, 27, 7, 12, 5))
_OF_PROPERTIES = {"boolean": _BOOLEAN, "Person": _REFERENCE, "binary": _BINARY, **dict.fromkeys(INTEGER_TYPES, _INTEGER)}
_OF_DIRECTORY = {"dn": _REFERENCE, "boolean": _BOOLEAN, "integer": _INTEGER, "large": "1.2.840.113556.1.4.906", "binary": f"{_LEAD}.40", "sid": f"{_LEAD}.40"}


@dataclass(frozen=True)
class _New:
    """An attribute of a class that the document does not hold. `marks`: further XML attributes of its type."""

    object_type: str
    name: str
    syntax: str
    single: bool
    marks: tuple[tuple[str, str], ...] = ()


def refresh_schema(service: SynchronizationService, agent: str) -> tuple[str, ...]:
    """What came in, as `object type/attribute`; SynchronizationProblem for an account that is not let in, and while an agent runs."""
    with service.lock:
        file_name, document = find_agent(service.state, agent)
        running = service.board.running_agents()
        if running:
            raise SynchronizationProblem(f"The management agent '{running[0]}' is running.")
        data = agent_data(document)
        found = list(_discovered(service, data))
        directory = data.require("schema/dsml/directory-schema")
        for item in found:
            add_attribute(directory, item.object_type, item.name, item.syntax, single=item.single, marks=dict(item.marks))
        if found:
            service.state.documents[file_name] = document.write()
        return tuple(f"{item.object_type}/{item.name}" for item in found)


def _discovered(service: SynchronizationService, data: Element) -> Iterator[_New]:
    known = read_schema(data.find("schema"))
    try:
        system = LabConnector(service).connect(data.find_text("name"))
        if isinstance(system, SharePointSystem):
            system.check_rights()
    except SystemConnectionError as problem:
        raise SynchronizationProblem(f"Unable to retrieve schema. {problem.literal or problem.step_result}") from problem
    for kind in known.classes.values():
        held = {name.casefold() for name in kind.attributes}
        if isinstance(system, SharePointSystem) and kind.name == "user":
            yield from _of_store(system.store, held)
        elif isinstance(system, DirectorySystem):
            yield from _of_class(system.forest.schema, kind.name, held)


def _of_store(store: ProfileStore, held: set[str]) -> Iterator[_New]:
    """Properties that people have added; those that the farm was born with are known to every connector."""
    for item in store.properties.values():
        if not item.built_in and item.name.casefold() not in held:
            yield _New("user", item.name, _OF_PROPERTIES.get(item.type, _STRING), single=not item.multivalued)


def _of_class(schema: Schema, name: str, held: set[str]) -> Iterator[_New]:
    """What a class of the forest adds beyond what the document says of it."""
    item = schema.object_class(name)
    for attribute in sorted(item.must | item.may) if item is not None else ():
        if attribute.casefold() not in held:
            known = schema.attributes[attribute]
            yield _New(name, attribute, _OF_DIRECTORY.get(known.syntax, _STRING), single=known.single, marks=tuple(_marks(known)))


def _marks(known: Attribute) -> Iterator[tuple[str, str]]:
    if known.system_only or known.constructed:
        yield "no-user-modification", "true"
    for name, limit in (("m:range-lower", known.lower), ("m:range-upper", known.upper)):
        if limit is not None:
            yield name, str(limit)
