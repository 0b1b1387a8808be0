# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a real estate would write by hand into its inventory: the groups and the variables of the collection."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from .estate import media
from .estate.build import HOSTS, PARTNER_AGENT, PARTNER_SETUP_SECRET, SERVICE_ACCOUNTS, SERVICE_ACCOUNTS_OU, SETUP_ACCOUNT, STAFF_OU
from .estate.directory_names import domain_dn
from .estate.further_domains import PARTNER

if TYPE_CHECKING:
    from .estate.estate import Estate
    from .estate.media import Medium

GROUPS = {
    "domain_controller": "domain_controllers",
    "sql_server": "sql_servers",
    "sync_server": "sync_servers",
    "standby_sync_server": "standby_sync_servers",
    "sharepoint_server": "sharepoint_servers",
}
_CENTRAL_ADMINISTRATION_PORT = 5555
# How many people `verify` looks for in SharePoint.
SHOWN_PEOPLE = 3


def demo_groups(estate: Estate) -> dict[str, list[str]]:
    """Inventory group -> hosts' NetBIOS names."""
    return {group: [name for name, kind in HOSTS.items() if kind == role and name in estate.hosts] for role, group in GROUPS.items()}


def demo_variables(estate: Estate) -> dict[str, Any]:
    """The inventory-level variables of the collection for this estate; passwords are references to the vault variables in `estate.extra["secrets"]`."""
    directory = estate.directory
    base = directory.domain_dn
    return {
        "mimsync_domain": directory.dns_name,
        "mimsync_netbios": directory.netbios_name,
        "mimsync_setup_account": f"{directory.netbios_name}\\{SETUP_ACCOUNT}",
        **{variable: _account(name, vault) for variable, (name, vault) in SERVICE_ACCOUNTS.items()},
        "mimsync_accounts_ou": f"{SERVICE_ACCOUNTS_OU},{base}",
        "mimsync_groups_ou": f"OU=MIM Groups,{SERVICE_ACCOUNTS_OU},{base}",
        "mimsync_groups": {
            "admins": "MIMSyncAdmins",
            "operators": "MIMSyncOperators",
            "joiners": "MIMSyncJoiners",
            "browse": "MIMSyncBrowse",
            "password_set": "MIMSyncPasswordSet",
        },
        "mimsync_sql_server": "SQL1" if estate.options.sql_remote else "MIM1",
        "mimsync_sql_instance": "",
        "mimsync_sql_database": "FIMSynchronizationService",
        "mimsync_sharepoint_version": estate.options.sharepoint_version,
        "mimsync_sharepoint_url": f"https://sp1.{directory.dns_name}:{_CENTRAL_ADMINISTRATION_PORT}",
        "mimsync_mysite_url": f"https://my.{directory.dns_name}",
        "mimsync_media": _media(estate.options.sharepoint_version),
        "mimsync_scope": {"include": [f"{STAFF_OU},{base}"], "exclude": [f"OU=Leavers,{STAFF_OU},{base}"]},
        "mimsync_picture_direction": "to_sharepoint",
        "mimsync_solution_folder": r"C:\SharePointSync",
        "mimsync_verify_people": _people_with_mail(estate, SHOWN_PEOPLE),
    }


def demo_group_variables(estate: Estate) -> dict[str, dict[str, Any]]:
    """Inventory group -> what differs there: another forest has its own domain, accounts and administrator."""
    if not estate.other_forests:
        return {}
    base = domain_dn(PARTNER.dns_name)
    return {
        f"{PARTNER.role}s": {
            "ansible_user": f"{PARTNER.netbios_name}\\{SETUP_ACCOUNT}",
            "ansible_password": "{{ " + PARTNER_SETUP_SECRET + " }}",
            "mimsync_domain": PARTNER.dns_name,
            "mimsync_netbios": PARTNER.netbios_name,
            "mimsync_accounts_ou": f"{SERVICE_ACCOUNTS_OU},{base}",
            "mimsync_ad_agent_account": _account(*PARTNER_AGENT),
            "mimsync_scope": {"include": [f"{STAFF_OU},{base}"], "exclude": [f"OU=Leavers,{STAFF_OU},{base}"]},
        }
    }


def _people_with_mail(estate: Estate, count: int) -> list[str]:
    """Account names of the first people in scope who have an e-mail address and may log on."""
    base = estate.directory.domain_dn
    leavers = f"OU=Leavers,{STAFF_OU},{base}".casefold()
    # The condition leaves out disabled accounts (userAccountControl, bit 2).
    query = "(&(objectCategory=person)(mail=*)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))"
    found = (entry for entry in estate.directory.search(f"{STAFF_OU},{base}", query=query) if not entry.dn.casefold().endswith(leavers))
    return [entry.text("sAMAccountName") for entry in islice((entry for entry in found if entry.text("sAMAccountName")), count)]


def _account(name: str, vault: str) -> dict[str, str]:
    return {"name": name, "password": "{{ " + vault + " }}"}


def _media(sharepoint_version: str) -> dict[str, Any]:
    """SharePoint 2016 is served by MIM 2016 as first published, later ones by its second service pack."""
    old = sharepoint_version == "2016"
    return {
        "sql_native_client": _medium(media.SQL_NATIVE_CLIENT),
        "sync_service": _medium(media.SYNC_SERVICE_RTM if old else media.SYNC_SERVICE_SP2),
        "sync_hotfix": _medium(media.HOTFIX_RTM if old else media.HOTFIX_SP2),
        "sharepoint_connector": _medium(media.CONNECTOR),
    }


def _medium(medium: Medium) -> dict[str, str]:
    return {"path": medium.path, "checksum": medium.sha256, "version": medium.version}
