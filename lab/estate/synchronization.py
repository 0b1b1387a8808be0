# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The MIM Synchronization Service on a host: its files and registry values, who may do what, and its operations.

Facts: reference pages `mim-synchronization-service` and `sharepoint-and-setup` (1.4, 3). The state itself lies in
the database (`ServerState`), so that a second installation on another host can share it as a standby.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .sql import Database, SqlProblem, find_instance
from .synchronization_cmdlets import change_ad_credentials, change_ecma2, change_fim, change_provisioning
from .synchronization_import import check_import, find_agent, stamped, with_run_marks
from .synchronization_runs import RunBoard
from .synchronization_state import ROLES, AccessDenied, RunRecord, ServerState, ServiceStopped, SynchronizationProblem

if TYPE_CHECKING:
    from ...plugins.plugin_utils.engine.runs import Progress
    from .host import Host
    from .session import Session

SERVICE_NAME = "FIMSynchronizationService"
DISPLAY_NAME = "Forefront Identity Manager Synchronization Service"
DEFAULT_FOLDER = r"C:\Program Files\Microsoft Forefront Identity Manager\2010\Synchronization Service"
PARAMETERS_KEY = r"HKLM:\SYSTEM\CurrentControlSet\Services\FIMSynchronizationService\Parameters"
CONNECTOR_FILE = "Microsoft.IdentityManagement.Connector.Sharepoint.dll"

_FOLDERS = ("Bin", r"Bin\Assemblies", "UIShell", r"UIShell\Xmls\PackagedMAs", "Extensions", "ExtensionsCache", "MaData", "Data", "Logs")
_PROGRAMS = (
    r"Bin\miiserver.exe",
    r"Bin\miiskmu.exe",
    r"Bin\miisactivate.exe",
    r"Bin\svrexport.exe",
    r"Bin\maexport.exe",
    r"Bin\mvexport.exe",
    r"Bin\csexport.exe",
    r"Bin\mmsscrpt.exe",
    r"Bin\Assemblies\Microsoft.MetadirectoryServicesEx.dll",
    r"UIShell\miisclient.exe",
    r"UIShell\Microsoft.DirectoryServices.MetadirectoryServices.Config.dll",
)

_READERS = ("admins", "operators", "joiners", "browse")
_RUNNERS = ("admins", "operators")


@dataclass(frozen=True)
class SetupChoices:
    """What setup was told. `groups`: role (see ROLES) -> SID; `account` is `DOMAIN\\name`, `instance` empty for the default one."""

    build: str
    account: str
    account_sid: str
    sql_server: str
    groups: Mapping[str, str]
    instance: str = ""
    database: str = "FIMSynchronizationService"
    folder: str = DEFAULT_FOLDER


@dataclass
class SynchronizationService:
    """`host.components['synchronization']`. All operations take the caller's session and raise SynchronizationProblem."""

    host: Host
    build: str
    folder: str
    account: str
    account_sid: str
    sql_server: str
    instance: str
    database_name: str
    # The key set this host holds (GUID); empty on a standby that was installed without the key file.
    key_set: str
    board: RunBoard = field(default_factory=RunBoard)
    # What lay in the Extensions folder when the service started; None while it has not been started.
    extensions_at_start: frozenset[str] | None = None

    # --- installation

    @classmethod
    def install(cls, host: Host, choices: SetupChoices, *, key_set: str = "") -> SynchronizationService:
        """Lays out files and registry values and makes or shares the database. SqlProblem where the instance refuses.

        `key_set` is that of the key file given to setup when the database exists already.
        """
        if host.estate is None:
            raise AssertionError("host.estate is there by construction")
        instance = find_instance(host.estate, choices.sql_server, choices.instance)
        database = instance.database(choices.database)
        fresh = database is None
        if database is None:
            database = instance.create_database(choices.database, choices.account_sid)
        if not isinstance(database.content, ServerState):
            key_set = f"{{{uuid.uuid4()}}}".upper()
            database.content = new_state(host, choices, key_set)
        elif not fresh and _line(database.content.build) != _line(choices.build):
            # A standby is set up before its hotfixes, so the same line is enough here; starting and activating want the same build.
            raise SqlProblem("The database was created by another version of the product. (0x80230443)")
        instance.logins.add(choices.account_sid)
        service = cls(
            host,
            choices.build,
            choices.folder.rstrip("\\"),
            choices.account,
            choices.account_sid,
            choices.sql_server,
            choices.instance,
            choices.database,
            key_set,
        )
        service.lay_out_files()
        service.write_registry()
        host.components["synchronization"] = service
        return service

    def uninstall(self) -> None:
        """Takes files and registry values away; the database stays, as the real one does."""
        self.board.stop_all()
        self.host.files.remove(self.folder)
        self.host.registry.pop(PARAMETERS_KEY.casefold(), None)
        self.host.components.pop("synchronization", None)

    def update(self, build: str) -> None:
        """A hotfix: new program files, and a new schema of the database when this host owns it."""
        self.build = build
        self.lay_out_files()
        state = self.state
        if state.active_host == self.host.name:
            state.build = build

    def path(self, relative: str) -> str:
        return f"{self.folder}\\{relative}"

    def lay_out_files(self) -> None:
        now = self.now()
        for folder in _FOLDERS:
            self.host.files.make_folder(self.path(folder), now=now)
        for program in _PROGRAMS:
            self.host.files.write(self.path(program), f"MZ {program} {self.build}".encode(), now=now, version=self.build)
        config = self.path(r"Bin\miiserver.exe.config")
        if not self.host.files.exists(config):
            self.host.files.write(config, _SERVER_CONFIG, now=now)

    def write_registry(self) -> None:
        values = {"Path": self.folder + "\\", "Server": self.sql_server, "SQLInstance": self.instance, "DBName": self.database_name}
        key = self.host.registry.setdefault(PARAMETERS_KEY.casefold(), {})
        key.update({name.casefold(): (name, "string", data) for name, data in values.items()})

    # --- state

    @property
    def database(self) -> Database:
        """SqlProblem when the instance or the database cannot be reached."""
        if self.host.estate is None:
            raise AssertionError("self.host.estate is there by construction")
        found = find_instance(self.host.estate, self.sql_server, self.instance).database(self.database_name)
        if found is None:
            raise SqlProblem(f'Cannot open database "{self.database_name}" requested by the login. The login failed.')
        return found

    @property
    def state(self) -> ServerState:
        content = self.database.content
        assert isinstance(content, ServerState)
        return content

    @property
    def running(self) -> bool:
        service = self.host.service(SERVICE_NAME)
        return service is not None and service.state == "running"

    @property
    def active(self) -> bool:
        """True if this host owns the database; the other ones are standbys."""
        return self.state.active_host == self.host.name

    def check_start(self) -> None:
        """What the service itself looks at when it starts; SynchronizationProblem with the text of its event."""
        try:
            state = self.state
        except SqlProblem as problem:
            raise SynchronizationProblem(f"The service was unable to connect to its database. {problem}") from None
        if state.active_host != self.host.name:
            raise SynchronizationProblem("The computer_id in the database does not match this computer.")
        if self.build != state.build:
            raise SynchronizationProblem(f"The version of the database ({state.build}) is not compatible with this server ({self.build}).")
        if not self.key_set or self.key_set != state.key_set:
            raise SynchronizationProblem("The server encryption keys could not be accessed.")

    def started(self) -> None:
        """Called when the service has started."""
        self.extensions_at_start = self.extension_files()

    def extension_files(self) -> frozenset[str]:
        """Names in the Extensions folder, in lower case."""
        return frozenset(node.name.casefold() for node in self.host.files.children(self.path("Extensions")))

    def stopped(self) -> None:
        """Called when the service stops: running agents end as the service's shutdown ends them."""
        self.board.stop_all()

    # --- roles

    def roles(self, session: Session) -> frozenset[str]:
        """The roles of a session; groups that were joined after its logon do not count."""
        groups = self.state.groups
        return frozenset(role for role in ROLES if session.holds(groups.get(role, "-")))

    def require(self, session: Session, *roles: str) -> None:
        """ServiceStopped or AccessDenied unless the service runs and the session has one of the roles."""
        if not self.running:
            raise ServiceStopped
        if self.roles(session).isdisjoint(roles):
            raise AccessDenied

    # --- configuration

    def export_files(self, session: Session) -> dict[str, bytes]:
        """What svrexport writes: file name -> document, without passwords."""
        self.require(session, "admins")
        state = self.state
        marked = {name: with_run_marks(name, content, state.store) for name, content in sorted(state.documents.items())}
        return {name: stamped(content, self.host.name, self.now()) for name, content in marked.items()}

    def import_files(self, session: Session, files: Mapping[str, bytes], skip: Sequence[str] = ()) -> None:
        """Import-MIISServerConfig: all of it or nothing. `skip` names agents that are left as they are."""
        self.require(session, "admins")
        self._refuse_while_running()
        present = self.extension_files()
        # A connector that arrived after the service had started is unknown to it until the next start.
        known = present if self.extensions_at_start is None else present & self.extensions_at_start
        checked = check_import(self.state, files, skip, known)
        for agent in checked.gone:
            self._delete_agent(agent)
        self.state.documents = dict(checked.documents)
        self._make_agent_folders()

    def set_ad_credentials(self, session: Session, agent: str, forest: str, username: str, password: str, *, container: str = "", partitions: str = "") -> None:
        """Set-MIISADMAConfiguration, with its side effects on partitions and containers that it is not told to keep."""
        self.require(session, "admins")
        self._refuse_while_running()
        change_ad_credentials(self, agent, forest, (username, password), container=container, partitions=partitions)

    def set_ecma2(
        self,
        session: Session,
        agent: str,
        use: str,
        settings: Mapping[str, str],
        *,
        username: str = "",
        password: str = "",
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        """Set-MIISECMA2Configuration; `settings` and `secrets` by the dynamic parameters' names (parameter names without blanks)."""
        self.require(session, "admins")
        self._refuse_while_running()
        change_ecma2(self, agent, use, settings, (username, password), secrets=secrets)

    def set_fim(self, session: Session, agent: str, settings: Mapping[str, str], username: str, password: str) -> None:
        """Set-MIISFIMMAConfiguration; `settings` by its parameters' names."""
        self.require(session, "admins")
        self._refuse_while_running()
        change_fim(self, agent, settings, (username, password))

    def set_provisioning(self, session: Session, enabled: bool) -> None:
        """Set-ProvisioningRulesExtension; the assembly must be named already."""
        self.require(session, "admins")
        change_provisioning(self, enabled)

    # --- runs

    def running_agents(self, session: Session) -> tuple[str, ...]:
        self.require(session, *_READERS)
        return self.board.running_agents()

    def start_run(self, session: Session, agent: str, profile: str) -> RunRecord:
        """Begins a run in the background. A run that may not begin has number 0 and the refusal as its status.

        SynchronizationProblem for an agent or a run profile that does not exist.
        """
        self.require(session, *_RUNNERS)
        return self.board.start(self, session, agent, profile)

    def progress(self, agent: str) -> Progress | None:
        """How far the agent's run is; None when it does not run."""
        return self.board.progress(agent)

    def wait(self, agent: str, timeout: float) -> bool:
        """Waits for the agent's run to end, `timeout` in seconds; False if it still runs."""
        return self.board.wait(agent, timeout)

    def run_status(self, session: Session, agent: str) -> str:
        """`in-progress`, the last run's result, or empty when it never ran."""
        self.require(session, *_READERS)
        record = self.board.last(self, agent)
        return record.status if record else ""

    def run_details(self, session: Session, agent: str, number: int = 0) -> str:
        """The run-history XML of a run (0: the last one)."""
        self.require(session, *_READERS)
        return self.board.details(self, agent, number)

    def counts(self, session: Session, agent: str) -> dict[str, int]:
        """The agent's statistics by the names of the WMI methods (NumCSObjects, NumExportAdd, ...)."""
        self.require(session, *_READERS)
        return self.board.counts(self, agent)

    def history(self, session: Session, agent: str = "", limit: int = 0) -> list[RunRecord]:
        """Runs, the newest first; `limit` 0 for all."""
        self.require(session, *_READERS)
        return self.board.history(self, agent, limit)

    def stop(self, session: Session, agent: str) -> str:
        """`success`, `ma-not-running`; SynchronizationProblem for an unknown agent."""
        self.require(session, *_RUNNERS)
        return self.board.stop(self, agent)

    # --- inner matters

    def _refuse_while_running(self) -> None:
        running = self.board.running_agents()
        if running:
            raise SynchronizationProblem(
                f"The management agent '{running[0]}' is running. The operation cannot be done while a management agent runs.", "0x8023063A"
            )

    def _delete_agent(self, name: str) -> None:
        """With its connector space and its credentials."""
        from .synchronization_spaces import delete_connector_space

        file, _unused = find_agent(self.state, name)
        delete_connector_space(self, name)
        self.state.secrets.pop(file.removeprefix("MA-").removesuffix(".XML"), None)

    def _make_agent_folders(self) -> None:
        from .synchronization_import import agent_names

        for name in agent_names(self.state.documents):
            self.host.files.make_folder(self.path(f"MaData\\{name}"), now=self.now())

    def now(self) -> float:
        """Seconds since 1970, UTC, by the estate's clock."""
        return self.host.now()

    @property
    def lock(self) -> threading.RLock:
        """The estate's lock, which whoever reads or changes the state holds."""
        if self.host.estate is None:
            raise AssertionError("self.host.estate is there by construction")
        lock: threading.RLock = self.host.estate.lock
        return lock


def _line(build: str) -> list[str]:
    """`4.6` of a build."""
    return build.split(".")[:2]


def new_state(host: Host, choices: SetupChoices, key_set: str) -> ServerState:
    """A database fresh from setup: an empty metaverse, no agents."""
    from .synchronization_import import empty_metaverse

    return ServerState(
        build=choices.build,
        active_host=host.name,
        key_set=key_set,
        service_account=choices.account,
        groups=dict(choices.groups),
        documents={"MV.XML": empty_metaverse(host.name)},
    )


def service_of(host: Host) -> SynchronizationService | None:
    """The installed service of a host."""
    found: Any = host.components.get("synchronization")
    return found if isinstance(found, SynchronizationService) else None


_SERVER_CONFIG = b"""<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <startup useLegacyV2RuntimeActivationPolicy="true">
    <supportedRuntime version="v4.0"></supportedRuntime>
  </startup>
  <system.diagnostics>
    <sources>
    </sources>
  </system.diagnostics>
</configuration>
"""
