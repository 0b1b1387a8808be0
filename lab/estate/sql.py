# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A SQL Server instance as far as MIM's setup and service see it: who may do what, which databases there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .estate import Estate
    from .session import Session

DEFAULT_INSTANCE = "MSSQLSERVER"


class SqlProblem(Exception):
    """The instance refuses or cannot be found; the message is SQL Server's or its client's own."""


@dataclass
class Database:
    """`content` is what an application keeps in it: for MIM the whole synchronization state (`ServerState`)."""

    name: str
    # SIDs that may work in it besides the sysadmins
    owners: set[str] = field(default_factory=set)
    content: Any = None


@dataclass
class SqlInstance:
    """`host` is the NetBIOS name; `name` is MSSQLSERVER for the default instance. `sysadmins` holds SIDs of accounts and groups."""

    host: str
    name: str = DEFAULT_INSTANCE
    version: str = "13.0.5026.0"
    running: bool = True
    sysadmins: set[str] = field(default_factory=set)
    # SIDs that may log on
    logins: set[str] = field(default_factory=set)
    # By lower-case name
    databases: dict[str, Database] = field(default_factory=dict)

    def database(self, name: str) -> Database | None:
        return self.databases.get(name.casefold())

    def is_sysadmin(self, session: Session) -> bool:
        return any(session.holds(sid) for sid in self.sysadmins)

    def may_log_on(self, sids: Iterable[str]) -> bool:
        return not (self.sysadmins | self.logins).isdisjoint(sids)

    def create_database(self, name: str, owner: str) -> Database:
        """A new database whose owner (SID) may log on; SqlProblem if the name is taken."""
        if self.database(name) is not None:
            raise SqlProblem(f"Database '{name}' already exists. Choose a different database name.")
        created = Database(name, {owner})
        self.databases[name.casefold()] = created
        self.logins.add(owner)
        return created

    def drop_database(self, name: str) -> bool:
        """True if there was one."""
        return self.databases.pop(name.casefold(), None) is not None


def find_instance(estate: Estate, server: str, instance: str = "") -> SqlInstance:
    """The instance on a host; `instance` empty for the default one. SqlProblem if nothing answers there."""
    wanted = (instance or DEFAULT_INSTANCE).casefold()
    try:
        host = estate.host(server)
    except KeyError:
        raise SqlProblem(UNREACHABLE) from None
    found = host.components.get("sql")
    if not host.reachable or not isinstance(found, SqlInstance) or not found.running:
        raise SqlProblem(UNREACHABLE)
    if found.name.casefold() != wanted:
        raise SqlProblem("SQL Server Network Interfaces: Error Locating Server/Instance Specified [xFFFFFFFF].")
    return found


UNREACHABLE = "A network-related or instance-specific error has occurred while establishing a connection to SQL Server. Server is not found or not accessible."
