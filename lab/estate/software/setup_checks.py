# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What MIM's setup looks at before it changes anything; each refusal is the line that its log holds.

Facts: reference page sharepoint-and-setup 1.1 to 1.3 and 1.5. Error numbers other than 25009 are not public, so the other lines have none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..domains import domain_of
from ..sql import SqlProblem, find_instance
from .sql_native_client import has_native_client

if TYPE_CHECKING:
    from ..directory import Directory, Entry
    from ..host import Host
    from ..session import Session

GROUP_PROPERTIES = {
    "admins": ("GROUPADMINS", "FIMSyncAdmins"),
    "operators": ("GROUPOPERATORS", "FIMSyncOperators"),
    "joiners": ("GROUPACCOUNTJOINERS", "FIMSyncJoiners"),
    "browse": ("GROUPBROWSE", "FIMSyncBrowse"),
    "password_set": ("GROUPPASSWORDSET", "FIMSyncPasswordSet"),
}


@dataclass(frozen=True)
class Setup:
    """One run of the MSI: whom, where and with what."""

    host: Host
    session: Session
    properties: Mapping[str, str]
    version: tuple[int, ...]

    def get(self, name: str, default: str = "") -> str:
        return self.properties.get(name, "") or default

    @property
    def directory(self) -> Directory:
        if self.host.estate is None:
            raise AssertionError("self.host.estate is there by construction")
        return domain_of(self.host)

    @property
    def sql_server(self) -> str:
        return self.get("STORESERVER", self.host.name)

    @property
    def sql_is_remote(self) -> bool:
        return self.sql_server.casefold() not in (self.host.name.casefold(), self.host.fqdn.casefold(), "localhost", ".", "(local)")

    @property
    def account(self) -> str:
        return f"{self.get('SERVICEDOMAIN')}\\{self.get('SERVICEACCOUNT')}"

    @property
    def account_is_managed(self) -> bool:
        return self.get("SERVICEACCOUNT").endswith("$")

    @property
    def account_is_local(self) -> bool:
        return self.get("SERVICEDOMAIN").casefold() in ("", ".", self.host.name.casefold())


Check = Callable[[Setup], str]


def licence(setup: Setup) -> str:
    return "" if setup.get("ACCEPT_EULA") == "1" else "The license agreement was not accepted. Set ACCEPT_EULA=1."


def prerequisites(setup: Setup) -> str:
    """4.3 and 4.4 need .NET 3.5, later ones Visual C++ 2013 x64 (reference 1.2)."""
    if setup.version < (4, 5):
        return "" if has_net_framework_35(setup.host) else "This setup requires the .NET Framework version 3.5."
    return "" if has_visual_c(setup.host) else "This setup requires the Visual C++ 2013 Redistributable (x64)."


def has_net_framework_35(host: Host) -> bool:
    return "net-framework-core" in {feature.casefold() for feature in host.features}


def has_visual_c(host: Host) -> bool:
    return any(program.name.startswith("Microsoft Visual C++ 2013 Redistributable (x64)") for program in host.programs.values())


def sql_client(setup: Setup) -> str:
    if not setup.sql_is_remote or has_native_client(setup.host):
        return ""
    return f"The setup is having trouble contacting SQL server '{setup.sql_server}'. SQL Server Native Client is not installed."


def sql_instance(setup: Setup) -> str:
    if setup.host.estate is None:
        raise AssertionError("setup.host.estate is there by construction")
    try:
        find_instance(setup.host.estate, setup.sql_server, setup.get("SQLINSTANCE"))
    except SqlProblem as problem:
        return f"The setup is having trouble contacting SQL server '{setup.sql_server}'. {problem}"
    return ""


def sql_rights(setup: Setup) -> str:
    """Error 25009: the installing user lacks sysadmin (reference 1.3). A network logon arrives as nobody at a remote instance."""
    if setup.host.estate is None:
        raise AssertionError("setup.host.estate is there by construction")
    instance = find_instance(setup.host.estate, setup.sql_server, setup.get("SQLINSTANCE"))
    lead = "Error 25009. The Microsoft Identity Manager Synchronization Service setup wizard cannot configure the specified database."
    if setup.sql_is_remote and not setup.session.delegates:
        return f"{lead} Login failed for user 'NT AUTHORITY\\ANONYMOUS LOGON'."
    if instance.is_sysadmin(setup.session):
        return ""
    if instance.may_log_on({setup.session.sid, *setup.session.groups}):
        return f"{lead} CREATE DATABASE permission denied in database 'master'."
    return f"{lead} Login failed for user '{setup.session.account}'."


def service_account(setup: Setup) -> str:
    if not setup.get("SERVICEACCOUNT"):
        return "The service account was not given."
    if setup.account_is_local:
        return _local_account(setup)
    entry = setup.directory.resolve(setup.account)
    if entry is None:
        return f"The service account '{setup.account}' cannot be found."
    return _managed_account(setup, entry) if setup.account_is_managed else _domain_account(setup)


def groups(setup: Setup) -> str:
    """A group of a domain must be there beforehand; a bare name is made locally (reference 1.1)."""
    for name, default in GROUP_PROPERTIES.values():
        value = setup.get(name, default)
        if "\\" in value and setup.directory.resolve(value) is None:
            return f"The security group '{value}' ({name}) cannot be found."
    return ""


def _local_account(setup: Setup) -> str:
    if setup.sql_is_remote:
        return f"The service account '{setup.get('SERVICEACCOUNT')}' is a local account. A remote SQL Server needs a domain account."
    return f"The service account '{setup.account}' cannot be found."


def _domain_account(setup: Setup) -> str:
    from ..directory_errors import LogonFailure

    try:
        setup.directory.verify(setup.get("SERVICEDOMAIN"), setup.get("SERVICEACCOUNT"), setup.get("SERVICEPASSWORD"))
    except LogonFailure as problem:
        return f"The service account '{setup.account}' cannot be logged on. {problem}"
    return ""


def _managed_account(setup: Setup, entry: Entry) -> str:
    """Supported by setup from 4.6.34; the host's own token must hold the right to fetch the password, and a token is made at boot."""
    if setup.version < (4, 6, 34):
        return f"The service account '{setup.account}' is a group managed service account, which this version does not support."
    if setup.get("SERVICEPASSWORD"):
        return f"The service account '{setup.account}' is a group managed service account and takes no password."
    if not setup.directory.can_retrieve_password(entry, setup.host.boot_groups):
        return f"The service account '{setup.account}' cannot be logged on. This computer may not retrieve the managed password."
    return ""


# In the order in which the refusals show.
CHECKS: tuple[Check, ...] = (licence, prerequisites, sql_client, sql_instance, sql_rights, service_account, groups)
