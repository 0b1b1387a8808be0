# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A Windows host's state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .files import FileSystem

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
    local_groups: dict[str, set[str]] = field(default_factory=dict)
    # Privilege name (SeServiceLogonRight) -> SIDs
    user_rights: dict[str, set[str]] = field(default_factory=dict)
    scheduled_tasks: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    # Why a restart is pending; empty for none.
    restart_reasons: list[str] = field(default_factory=list)
    booted: float = 0.0
    boot_groups: frozenset[str] = frozenset()
    # False: nothing listens (tests of unreachable hosts).
    reachable: bool = True
    # Live components by name: 'synchronization' (SynchronizationService), 'sql' (SqlInstance), 'farm' (Farm)
    components: dict[str, Any] = field(default_factory=dict)
    estate: Estate | None = None

    def service(self, name: str) -> Service | None:
        return self.services.get(name.casefold())
