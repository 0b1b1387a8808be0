# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The engine on a server of the lab: its configuration, its connected systems, its rules extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...plugins.plugin_utils.configuration.model import ManagementAgent, ServerConfiguration
from ...plugins.plugin_utils.configuration.reader import read_configuration
from ...plugins.plugin_utils.engine.extension import ExtensionLoader, ExtensionLoadError, RulesExtension, Utilities
from ...plugins.plugin_utils.engine.functions import sharepoint_registry
from ...plugins.plugin_utils.engine.runs import Engine
from ...plugins.plugin_utils.engine.systems.base import ConnectedSystem, SystemConnectionError
from .synchronization_import import METAVERSE_FILE, parsed
from .system_directory import connect_directory
from .system_sharepoint import connect_sharepoint

if TYPE_CHECKING:
    from .synchronization import SynchronizationService


def make_engine(service: SynchronizationService) -> Engine:
    """An engine of the server's documents on its database."""
    return Engine(read_server(service), service.state.store, LabConnector(service), FolderLoader(service), service.now)


def read_server(service: SynchronizationService) -> ServerConfiguration:
    """The server's documents as values."""
    documents = service.state.documents
    agents = [parsed(name, content) for name, content in sorted(documents.items()) if name != METAVERSE_FILE]
    return read_configuration(parsed(METAVERSE_FILE, documents[METAVERSE_FILE]), agents)


class LabConnector:
    """Opens the lab's systems for the agents of a server."""

    def __init__(self, service: SynchronizationService) -> None:
        self.service = service

    def connect(self, agent_name: str) -> ConnectedSystem:
        """Raises SystemConnectionError; `no-start-credentials` for an agent whose password nobody has set."""
        agent = read_server(self.service).agent(agent_name)
        assert agent is not None, "the engine asks for agents of its own configuration"
        estate = self.service.host.estate
        assert estate is not None
        self._check_connector_file(agent)
        secret = self.service.state.secrets.get(agent.id)
        if secret is None:
            raise SystemConnectionError("no-start-credentials", "failed-authentication")
        if agent.forest is not None:
            return connect_directory(estate, agent, secret)
        if agent.subtype == "SharePoint Profile Store":
            return connect_sharepoint(estate, agent, secret, self.service.state.sent_pictures.setdefault(agent.id.upper(), {}))
        raise SystemConnectionError("no-start-connection", "failed-connection", literal=f"The lab has no system for agents of the kind {agent.category}.")

    def _check_connector_file(self, agent: ManagementAgent) -> None:
        if agent.category == "Extensible2" and not self.service.host.files.exists(self.service.path(f"Extensions\\{agent.connector_file}")):
            raise SystemConnectionError("stopped-extension-dll-file-not-found", "failed-connection")


class FolderLoader:
    """Loads a rules extension if its assembly lies in the server's Extensions folder."""

    def __init__(self, service: SynchronizationService) -> None:
        self.service = service
        self.twins: ExtensionLoader = sharepoint_registry()

    def load(self, assembly: str, utilities: Utilities) -> RulesExtension:
        node = self.service.host.files.get(self.service.path(f"Extensions\\{assembly}"))
        if node is None:
            raise ExtensionLoadError("file-not-found")
        return self.twins.load(assembly, utilities)
