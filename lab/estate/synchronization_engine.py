# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The engine on a server of the lab: its configuration, its connected systems, its rules extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...plugins.plugin_utils.configuration.model import ManagementAgent, RunStep, ServerConfiguration
from ...plugins.plugin_utils.configuration.reader import read_configuration
from ...plugins.plugin_utils.engine.extension import ExtensionLoader, ExtensionLoadError, RulesExtension, Utilities
from ...plugins.plugin_utils.engine.functions import sharepoint_registry
from ...plugins.plugin_utils.engine.rules_file.extension import RuleFileExtension
from ...plugins.plugin_utils.engine.runs import Engine
from ...plugins.plugin_utils.engine.systems.base import ConnectedSystem, SystemConnectionError
from ...plugins.plugin_utils.errors import MimSyncError
from ...plugins.plugin_utils.rules.model import RulesFile
from ...plugins.plugin_utils.rules.xml_reader import parse_rules
from .synchronization_import import METAVERSE_FILE, parsed
from .system_directory import connect_directory
from .system_files import CATEGORIES as FILE_CATEGORIES
from .system_files import DropFileOnHost, connect_files, working_file
from .system_generic import connect_generic
from .system_sharepoint import connect_sharepoint

# A type that only the compiled rules engine has, in its metadata as in its source.
RULE_FILE_MARK = b"RuleFileAgentRules"
RULES_NAME = "MimSync.Rules.xml"
# Seconds after which the service unloads an extension that nobody calls (ms696525).
IDLE = 300

if TYPE_CHECKING:
    from .synchronization import SynchronizationService


def make_engine(service: SynchronizationService) -> Engine:
    """An engine of the server's documents on its database."""
    connector = LabConnector(service)
    engine = Engine(read_server(service), service.state.store, connector, FolderLoader(service), service.now)
    connector.engine = engine
    return engine


def read_server(service: SynchronizationService) -> ServerConfiguration:
    """The server's documents as values."""
    documents = service.state.documents
    agents = [parsed(name, content) for name, content in sorted(documents.items()) if name != METAVERSE_FILE]
    return read_configuration(parsed(METAVERSE_FILE, documents[METAVERSE_FILE]), agents)


class LabConnector:
    """Opens the lab's systems for the agents of a server."""

    def __init__(self, service: SynchronizationService) -> None:
        self.service = service
        # Whose runs this serves: a file's name stands in the step that is under way.
        self.engine: Engine | None = None

    def connect(self, agent_name: str) -> ConnectedSystem:
        """Raises SystemConnectionError; `no-start-credentials` for an agent whose password nobody has set."""
        agent = read_server(self.service).agent(agent_name)
        assert agent is not None, "the engine asks for agents of its own configuration"
        estate = self.service.host.estate
        if estate is None:
            raise AssertionError("estate is there by construction")
        self._check_connector_file(agent)
        if agent.category.casefold() in FILE_CATEGORIES:
            return connect_files(self.service, agent, self._step(agent))
        if agent.category == "Extensible2" and agent.subtype != "SharePoint Profile Store":
            return connect_generic(self.service.host, agent, self.service.state.parameter_secrets.get(agent.id.upper(), {}))
        secret = self.service.state.secrets.get(agent.id)
        if secret is None:
            raise SystemConnectionError("no-start-credentials", "failed-authentication")
        if agent.forest is not None:
            return connect_directory(estate, agent, secret)
        if agent.subtype == "SharePoint Profile Store":
            return connect_sharepoint(estate, agent, secret, self.service.state.sent_pictures.setdefault(agent.id.upper(), {}))
        return connect_generic(self.service.host, agent)

    def drop_file(self, agent_name: str, file_name: str) -> DropFileOnHost:
        """A drop file lies in the agent's folder (implements the engine's `KeepsDropFiles`)."""
        return DropFileOnHost(self.service, working_file(self.service, agent_name, file_name))

    def _step(self, agent: ManagementAgent) -> RunStep:
        details = self.engine.active.get(agent.id) if self.engine is not None else None
        if details is None or not details[0].steps:
            raise SystemConnectionError("no-start-bad-ma-configuration", "failed-connection", literal="A file is opened by a run step alone.")
        return details[0].steps[-1].step

    def _check_connector_file(self, agent: ManagementAgent) -> None:
        if agent.category == "Extensible2" and not self.service.host.files.exists(self.service.path(f"Extensions\\{agent.connector_file}")):
            raise SystemConnectionError("stopped-extension-dll-file-not-found", "failed-connection")


class FolderLoader:
    """Loads a rules extension if its assembly lies in the server's Extensions folder."""

    def __init__(self, service: SynchronizationService) -> None:
        self.service = service
        self.twins: ExtensionLoader = sharepoint_registry()
        # By assembly: its time of change, the service's life, when it was last used (seconds since 1970), its rules.
        self.kept: dict[str, tuple[float, object, float, RulesFile]] = {}

    def load(self, assembly: str, utilities: Utilities) -> RulesExtension:
        node = self.service.host.files.get(self.service.path(f"Extensions\\{assembly}"))
        if node is None:
            raise ExtensionLoadError("file-not-found")
        if not (node.content or b"").startswith(b"MZ"):
            raise ExtensionLoadError("load")
        if RULE_FILE_MARK in (node.content or b""):
            return RuleFileExtension(utilities, self.rules(assembly, node.modified))
        return self.twins.load(assembly, utilities)

    def rules(self, assembly: str, changed: float) -> RulesFile:
        """The rules file as it was when the assembly was loaded: the service reads it once, until the assembly is new or has been idle."""
        now, life = self.service.now(), self.service.extensions_at_start
        kept = self.kept.get(assembly)
        if kept is None or kept[0] != changed or kept[1] is not life or now - kept[2] > IDLE:
            kept = (changed, life, now, self._read_rules())
        self.kept[assembly] = (*kept[:2], now, kept[3])
        return kept[3]

    def _read_rules(self) -> RulesFile:
        """An exception in Initialize ends the run so (ms698825)."""
        node = self.service.host.files.get(self.service.path(f"Extensions\\{RULES_NAME}"))
        try:
            return parse_rules((node.content if node is not None else None) or b"", RULES_NAME)
        except MimSyncError as problem:
            raise ExtensionLoadError("exception") from problem
