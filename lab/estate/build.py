# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes the lab's estate as an administrator hands it over: a forest with people, a SQL host, a farm, two empty hosts for MIM.

Options add a child domain and a second forest (further_domains.py).
"""

from __future__ import annotations

import ipaddress
import secrets
import string
from typing import TYPE_CHECKING

from .directory_forest import add_computer, create_forest
from .domains import CONTROLLER
from .estate import Estate, EstateOptions
from .farm import build_farm
from .further_domains import PARTNER, add_child, child_domain, make_partner
from .host import Program
from .media import lay_out_media, publish_media
from .people import populate
from .restart import renew_computer_token
from .sql import SqlInstance
from .standard_host import RELEASE_FOR_SHAREPOINT, add_profile, add_service, make_host

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .directory import Directory, Entry

# NetBIOS name -> what the host is; the order is that of their addresses.
HOSTS = {"DC1": "domain_controller", "SQL1": "sql_server", "MIM1": "sync_server", "MIM2": "standby_sync_server", "SP1": "sharepoint_server"}
SETUP_ACCOUNT = "mimsetup"
FARM_ACCOUNT = "svc-spfarm"
SERVICE_ACCOUNTS_OU = "OU=Service Accounts"
STAFF_OU = "OU=Staff"
# Variable of the inventory -> (account, name of its password in the vault); the role `directory` makes these accounts.
SERVICE_ACCOUNTS = {
    "mimsync_service_account": ("svc-mimsync", "vault_svc_mimsync_password"),
    "mimsync_ad_agent_account": ("svc-adma", "vault_svc_adma_password"),
    "mimsync_sharepoint_agent_account": ("svc-spma", "vault_svc_spma_password"),
    "mimsync_photo_account": ("svc-spphoto", "vault_svc_spphoto_password"),
}
# The second forest's: the setup account's vault variable, and its agent's account with its own, which the role makes there.
PARTNER_SETUP_SECRET = "vault_partner_mimsetup_password"
PARTNER_AGENT = ("svc-adma-partner", "vault_svc_adma_partner_password")

_SQL_VERSION = "14.0.3456.2"
_SQL_PROGRAM = ("Microsoft SQL Server SQLServer2017", "Microsoft SQL Server 2017 (64-bit)", "14.0.3456.2")
_ROLE_SERVICES = {
    "domain_controller": (
        ("NTDS", "Active Directory Domain Services"),
        ("DNS", "DNS Server"),
        ("Kdc", "Kerberos Key Distribution Center"),
        ("KdsSvc", "Microsoft Key Distribution Service"),
        ("DFSR", "DFS Replication"),
    ),
    "sharepoint_server": (
        ("SPTimerV4", "SharePoint Timer Service"),
        ("SPAdminV4", "SharePoint Administration"),
        ("W3SVC", "World Wide Web Publishing Service"),
    ),
}
# Letters that no shell, YAML or msiexec command line treats in its own way.
_ALPHABET = string.ascii_letters + string.digits + "!_-.~"


def build_estate(options: EstateOptions) -> Estate:
    """A fresh estate. The passwords of its accounts stand in `estate.extra["secrets"]` until `take_secrets`; it keeps NT hashes alone."""
    directory = create_forest(options.dns_name, options.netbios_name, seed=options.seed)
    staff = populate(directory, people=options.people, seed=options.seed)
    estate = Estate(options, directory)
    if options.sharepoint_version not in RELEASE_FOR_SHAREPOINT:
        raise ValueError(f"the lab has no SharePoint {options.sharepoint_version!r}; it has {', '.join(RELEASE_FOR_SHAREPOINT)}")
    first = ipaddress.ip_address(options.first_address)
    for number, (name, role) in enumerate(HOSTS.items()):
        _add_host(estate, name, role, str(first + number))
    _add_further_domains(estate, staff)
    estate.extra["secrets"] = _new_secrets(options)
    _add_accounts(estate, estate.extra["secrets"])
    _add_sql(estate)
    build_farm(estate)
    for name in ("MIM1", "MIM2"):
        lay_out_media(estate.hosts[name])
    publish_media(estate)
    for host in estate.hosts.values():
        host.booted = host.now()
        renew_computer_token(host)
    return estate


def take_secrets(estate: Estate) -> dict[str, str]:
    """The passwords by the name of their vault variable; the estate forgets them with this call."""
    taken: dict[str, str] = estate.extra.pop("secrets", {})
    return taken


def _new_secrets(options: EstateOptions) -> dict[str, str]:
    """For the accounts that exist and for those that the roles will make."""
    partner = (PARTNER_SETUP_SECRET, PARTNER_AGENT[1]) if options.second_forest else ()
    names = ("vault_mimsetup_password", "vault_svc_spfarm_password", *(vault for _unused, vault in SERVICE_ACCOUNTS.values()), *partner)
    return {name: new_password() for name in names}


def new_password(length: int = 24) -> str:
    """Random, with a letter of each kind, as the domain's policy wants it."""
    rest = "".join(secrets.choice(_ALPHABET) for _unused in range(length - 3))
    return secrets.choice(string.ascii_uppercase) + secrets.choice(string.ascii_lowercase) + secrets.choice(string.digits) + rest


def _add_further_domains(estate: Estate, staff: Sequence[Entry]) -> None:
    """Child domain and second forest with their controllers, whose addresses come after those of HOSTS."""
    options, first = estate.options, ipaddress.ip_address(estate.options.first_address) + len(HOSTS)
    if options.child_domain:
        child, domain = child_domain(options), add_child(estate.directory, options, staff)
        _add_host(estate, child.controller, child.role, str(first), domain)
        # The forest's administrators are those of each of its domains.
        estate.hosts[child.controller].local_groups["Administrators"].add(f"{estate.directory.domain_sid}-519")
    if options.second_forest:
        estate.other_forests.append(make_partner(options, staff))
        _add_host(estate, PARTNER.controller, PARTNER.role, str(first + 1), estate.other_forests[-1])


def _add_host(estate: Estate, name: str, role: str, address: str, further: Directory | None = None) -> None:
    """`further`: the domain that it belongs to, where that is not the estate's first one."""
    domain, controller = further or estate.directory, role.endswith(CONTROLLER)
    release = RELEASE_FOR_SHAREPOINT[estate.options.sharepoint_version]
    host = make_host(name, domain.dns_name, role, address, release, product_type=2 if controller else 3)
    host.domain = further.dns_name if further is not None else ""
    host.estate = estate
    estate.hosts[name] = host
    for service, display in _ROLE_SERVICES.get(CONTROLLER if controller else role, ()):
        add_service(host, service, display)
    add_computer(domain, name, controller=controller)
    host.local_groups["Administrators"].add(f"{domain.domain_sid}-512")
    host.local_groups["Users"].add(f"{domain.domain_sid}-513")


def _add_accounts(estate: Estate, passwords: dict[str, str]) -> None:
    """The accounts that exist before anything of MIM does: who sets up, and the farm's own."""
    directory = estate.directory
    setup = _account(directory, SETUP_ACCOUNT, passwords["vault_mimsetup_password"])
    _account(directory, FARM_ACCOUNT, passwords["vault_svc_spfarm_password"])
    # Domain Admins, and Enterprise Admins where the forest has more than one domain.
    for rid in (512, *([519] if estate.options.child_domain else [])):
        _add_member(directory, rid, setup)
    for forest in estate.other_forests:
        _add_member(forest, 512, _account(forest, SETUP_ACCOUNT, passwords[PARTNER_SETUP_SECRET]))
    for host in estate.hosts.values():
        add_profile(host, SETUP_ACCOUNT)


def _add_member(directory: Directory, rid: int, member: Entry) -> None:
    group = directory.resolve(f"{directory.domain_sid}-{rid}")
    assert group is not None, "the lab's directory holds the groups of every domain"
    directory.set(group, {"member": [*_members(group), member.dn]})


def _members(group: Entry) -> list[str]:
    held = group.get("member")
    return [str(member) for member in held] if isinstance(held, tuple) else [str(held)] if held else []


def _account(directory: Directory, name: str, password: str) -> Entry:
    attributes = {"sAMAccountName": name, "userPrincipalName": f"{name}@{directory.dns_name}", "userAccountControl": 0x10200}
    return directory.create(f"CN={name},CN=Users,{directory.domain_dn}", "user", attributes, password=password)


def _add_sql(estate: Estate) -> None:
    """SQL Server 2017 with its default instance: on its own host, or on MIM1 where the estate has none apart."""
    host = estate.hosts["SQL1" if estate.options.sql_remote else "MIM1"]
    setup = estate.directory.resolve(SETUP_ACCOUNT)
    if setup is None:
        raise AssertionError("setup is there by construction")
    host.components["sql"] = SqlInstance(host.name, version=_SQL_VERSION, sysadmins={setup.sid})
    host.programs[_SQL_PROGRAM[0]] = Program(*_SQL_PROGRAM)
    add_service(host, "MSSQLSERVER", "SQL Server (MSSQLSERVER)", account=r"NT Service\MSSQLSERVER")
    add_service(host, "SQLSERVERAGENT", "SQL Server Agent (MSSQLSERVER)", account=r"NT Service\SQLSERVERAGENT", start_mode="manual", running=False)
