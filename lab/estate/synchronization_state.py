# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What MIM keeps in its database, and the ways in which it says no."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...plugins.plugin_utils.engine.memory import MemoryStore

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
    """A run in the history. Times are seconds since 1970, UTC; `ended` 0 while it lasts; `number` 0 for one that was refused."""

    agent_id: str
    agent_name: str
    number: int
    profile: str
    status: str
    account: str
    started: float
    ended: float = 0.0


@dataclass
class ServerState:
    """The content of the database. `active_host` is the NetBIOS name of the server that owns it.

    `documents` maps the names that svrexport writes (MV.XML, MA-{GUID}.XML) to the documents; `store` holds connector
    spaces, metaverse, watermarks and run history.
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
    store: MemoryStore = field(default_factory=MemoryStore)
    # Agent id -> lower-case parameter -> digest of its secret: what connectors are given besides what the documents hold
    parameter_secrets: dict[str, dict[str, bytes]] = field(default_factory=dict)
    # Agent id -> anchor -> picture: what connector spaces know of pictures that were exported; goes with the connector space
    sent_pictures: dict[str, dict[str, bytes]] = field(default_factory=dict)
