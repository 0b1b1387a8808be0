# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A Windows host's state."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .access_list import AccessRule
from .event_log import EventLog, default_logs
from .files import FileSystem
from .principals import ADMINISTRATORS, ALL_SERVICES, BUILTIN_GROUPS, EVERYONE, USERS
from .scheduled_task import ScheduledTask

if TYPE_CHECKING:
    from .estate import Estate


@dataclass(frozen=True)
class OperatingSystem:
    """`product_type`: 2 domain controller, 3 server (Win32_OperatingSystem)."""

    caption: str
    version: str
    product_type: int = 3


@dataclass
class Service:
    name: str
    display_name: str
    path: str
    account: str = "LocalSystem"
    # NT hash of the password the service was given; empty for built-in and group-managed accounts.
    password_hash: str = ""
    state: str = "stopped"
    start_mode: str = "auto"
    description: str = ""
    dependencies: list[str] = field(default_factory=list)
    # Further settings of win_service by the module's own option names.
    settings: dict[str, Any] = field(default_factory=dict)
    # Name under which lab/estate/software registered what starting and stopping does.
    behaviour: str = ""


@dataclass
class Program:
    """An installed product as the registry's Uninstall key shows it; `patches` are applied MSP codes."""

    code: str
    name: str
    version: str
    publisher: str = "Microsoft Corporation"
    patches: list[str] = field(default_factory=list)
    # Codes of patches that a later one replaced; Windows Installer still knows them.
    superseded: list[str] = field(default_factory=list)


def default_rights() -> dict[str, set[str]]:
    """Who holds which logon right on a member server that no policy changed (Microsoft: User Rights Assignment)."""
    backup, performance, remote = (BUILTIN_GROUPS[name] for name in ("Backup Operators", "Performance Log Users", "Remote Desktop Users"))
    return {
        "SeServiceLogonRight": {ALL_SERVICES},
        "SeBatchLogonRight": {ADMINISTRATORS, backup, performance},
        "SeNetworkLogonRight": {ADMINISTRATORS, USERS, backup, EVERYONE},
        "SeInteractiveLogonRight": {ADMINISTRATORS, USERS, backup},
        "SeRemoteInteractiveLogonRight": {ADMINISTRATORS, remote},
        "SeBackupPrivilege": {ADMINISTRATORS, backup},
        "SeRestorePrivilege": {ADMINISTRATORS, backup},
        "SeShutdownPrivilege": {ADMINISTRATORS, backup},
        "SeDebugPrivilege": {ADMINISTRATORS},
        "SeTakeOwnershipPrivilege": {ADMINISTRATORS},
    }


def default_groups() -> dict[str, set[str]]:
    return {name: set() for name in BUILTIN_GROUPS}


def machine_sid(name: str) -> str:
    """A computer's own SID, always the same for the same name."""
    parts = struct.unpack("<3I", hashlib.sha256(name.upper().encode()).digest()[:12])
    return "S-1-5-21-" + "-".join(str(part) for part in parts)


@dataclass
class Host:
    """`name` is the NetBIOS name. `boot_groups` is the computer account's token since the last boot."""

    name: str
    fqdn: str
    role: str
    address: str
    os: OperatingSystem
    files: FileSystem = field(default_factory=FileSystem)
    # Registry values: key path (HKLM:\\..., lower case) -> value name (lower case) -> (name, type, data)
    registry: dict[str, dict[str, tuple[str, str, Any]]] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    programs: dict[str, Program] = field(default_factory=dict)
    features: set[str] = field(default_factory=set)
    # Local group name -> member SIDs
    local_groups: dict[str, set[str]] = field(default_factory=default_groups)
    # Groups that were added: name -> relative id of its SID, and their descriptions
    group_ids: dict[str, int] = field(default_factory=dict)
    group_descriptions: dict[str, str] = field(default_factory=dict)
    # Privilege name (SeServiceLogonRight) -> SIDs
    user_rights: dict[str, set[str]] = field(default_factory=default_rights)
    # Full task path (\\folder\\name, lower case) -> task
    scheduled_tasks: dict[str, ScheduledTask] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    # Event log by its name
    event_logs: dict[str, EventLog] = field(default_factory=default_logs)
    # Share name (lower case) -> local folder
    shares: dict[str, str] = field(default_factory=dict)
    # Registry key path (lower case) -> the spelling of its last part
    key_names: dict[str, str] = field(default_factory=dict)
    # Registry key path (lower case) -> its explicit access rules
    registry_access: dict[str, list[AccessRule]] = field(default_factory=dict)
    # Why a restart is pending; empty for none.
    restart_reasons: list[str] = field(default_factory=list)
    booted: float = 0.0
    boot_groups: frozenset[str] = frozenset()
    # False: nothing listens (tests of unreachable hosts).
    reachable: bool = True
    # Live components by name: 'synchronization' (SynchronizationService), 'sql' (SqlInstance), 'farm' (Farm)
    components: dict[str, Any] = field(default_factory=dict)
    # DNS name of the domain that it is a member of; empty for the estate's first one.
    domain: str = ""
    estate: Estate | None = None

    def service(self, name: str) -> Service | None:
        return self.services.get(name.casefold())

    def now(self) -> float:
        """Seconds since 1970, UTC, by the estate's clock."""
        return self.estate.now() if self.estate is not None else 0.0

    def group_sids(self) -> dict[str, str]:
        """Name -> SID of the host's local groups."""
        lead = machine_sid(self.name)
        return {name: BUILTIN_GROUPS.get(name) or f"{lead}-{self.group_ids.setdefault(name, self._next_id())}" for name in self.local_groups}

    def log_event(self, log: str, source: str, event_id: int, message: str, *, entry_type: str = "Information", **more: Any) -> None:
        """Appends an entry to an event log; `more` may hold `category` and `data`."""
        entry = {"log": log, "source": source, "event_id": event_id, "entry_type": entry_type, "message": message}
        self.events.append({**entry, **more, "time": self.now()})

    def _next_id(self) -> int:
        # Windows numbers accounts of its own from 1000 on.
        return max(self.group_ids.values(), default=999) + 1
