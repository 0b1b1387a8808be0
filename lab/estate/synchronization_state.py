# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What MIM keeps in its database, and the ways in which it says no."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

# The five roles by the keys of `mimsync_groups`; the order is that of the setup wizard.
ROLES = ("admins", "operators", "joiners", "browse", "password_set")


class SynchronizationProblem(Exception):
    """A cmdlet, tool or WMI method failed. `hresult` is empty where MIM gives none; the message holds it already otherwise."""

    def __init__(self, message: str, hresult: str = "") -> None:
        text = f"{message} (Exception from HRESULT: {hresult})" if hresult else message
        super().__init__(text)
        self.message = text
        self.hresult = hresult


class AccessDenied(SynchronizationProblem):
    """The caller's token holds none of the groups that may do this."""

    def __init__(self) -> None:
        super().__init__("Access is denied.", "0x80070005 (E_ACCESSDENIED)")


class ServiceStopped(SynchronizationProblem):
    """The service does not run, so no client reaches it."""

    def __init__(self) -> None:
        super().__init__("The RPC server is unavailable.", "0x800706BA")


@dataclass(frozen=True)
class AgentSecret:
    """Whom an agent logs on as. `nt_hash` is what the estate keeps of a password; exports never hold it."""

    domain: str
    user: str
    nt_hash: bytes


@dataclass(frozen=True)
class RunRecord:
    """A run in the history. Times are seconds since 1970, UTC; `ended` 0 while it lasts; `details` is the run-history XML."""

    agent_id: str
    agent_name: str
    number: int
    profile: str
    status: str
    account: str
    started: float
    ended: float = 0.0
    details: str = ""


@dataclass
class ServerState:
    """The content of the database. `active_host` is the NetBIOS name of the server that owns it.

    `documents` maps the names that svrexport writes (MV.XML, MA-{GUID}.XML) to the documents; `engine` is the
    running model of connector spaces and metaverse.
    """

    build: str
    active_host: str
    key_set: str
    service_account: str
    # Role -> SID of its group
    groups: dict[str, str]
    documents: dict[str, bytes] = field(default_factory=dict)
    # Agent id (upper case, in braces) -> credentials
    secrets: dict[str, AgentSecret] = field(default_factory=dict)
    # Assemblies as the service last backed them up
    extensions: dict[str, bytes] = field(default_factory=dict)
    history: list[RunRecord] = field(default_factory=list)
    # Agent id -> number of the last run
    run_numbers: dict[str, int] = field(default_factory=dict)
    # (agent id, partition id) -> where the next delta import starts
    watermarks: dict[str, str] = field(default_factory=dict)
    engine: Any = None

    def __post_init__(self) -> None:
        self.lock = threading.RLock()

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.lock = threading.RLock()
