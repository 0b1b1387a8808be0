# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Account names and SIDs as a host sees them: well-known ones, its own groups, its services, the directory.

The fixed SIDs are those of Microsoft's page "Well-known security identifiers"; a service's SID is the SHA-1 of its name
in capitals (MS-DTYP, NT SERVICE).
"""

from __future__ import annotations

import hashlib
import re
import struct
from typing import TYPE_CHECKING, Any

from .directory_errors import LogonFailure
from .domains import domain_of

if TYPE_CHECKING:
    from .host import Host

_SID = re.compile(r"^S-1-\d+(-\d+)+$", re.IGNORECASE)

LOCAL_SYSTEM = "S-1-5-18"
ADMINISTRATORS = "S-1-5-32-544"
USERS = "S-1-5-32-545"
ALL_SERVICES = "S-1-5-80-0"
CREATOR_OWNER = "S-1-3-0"
EVERYONE = "S-1-1-0"
AUTHENTICATED_USERS = "S-1-5-11"

_WELL_KNOWN = {
    EVERYONE: ("", "Everyone"),
    CREATOR_OWNER: ("", "CREATOR OWNER"),
    "S-1-5-2": ("NT AUTHORITY", "NETWORK"),
    "S-1-5-3": ("NT AUTHORITY", "BATCH"),
    "S-1-5-4": ("NT AUTHORITY", "INTERACTIVE"),
    "S-1-5-6": ("NT AUTHORITY", "SERVICE"),
    "S-1-5-7": ("NT AUTHORITY", "ANONYMOUS LOGON"),
    AUTHENTICATED_USERS: ("NT AUTHORITY", "Authenticated Users"),
    LOCAL_SYSTEM: ("NT AUTHORITY", "SYSTEM"),
    "S-1-5-19": ("NT AUTHORITY", "LOCAL SERVICE"),
    "S-1-5-20": ("NT AUTHORITY", "NETWORK SERVICE"),
    "S-1-5-113": ("NT AUTHORITY", "Local account"),
    ALL_SERVICES: ("NT SERVICE", "ALL SERVICES"),
}

# Groups that every host has.
BUILTIN_GROUPS = {
    "Administrators": ADMINISTRATORS,
    "Users": USERS,
    "Guests": "S-1-5-32-546",
    "Power Users": "S-1-5-32-547",
    "Backup Operators": "S-1-5-32-551",
    "Remote Desktop Users": "S-1-5-32-555",
    "Performance Log Users": "S-1-5-32-559",
    "Distributed COM Users": "S-1-5-32-562",
    "Remote Management Users": "S-1-5-32-580",
}

# Accounts that log on without a password of their own.
_BUILTIN_LOGONS = frozenset({LOCAL_SYSTEM, "S-1-5-19", "S-1-5-20"})
_ALIASES = {"localsystem": LOCAL_SYSTEM, "localservice": "S-1-5-19", "networkservice": "S-1-5-20"}

BAD_PASSWORD = "The user name or password is incorrect."
RIGHT_MISSING = "Logon failure: the user has not been granted the requested logon type at this computer."
NOT_MAPPED = "Some or all identity references could not be translated."


def is_sid(text: str) -> bool:
    return _SID.match(text) is not None


def service_sid(name: str) -> str:
    """The SID of `NT SERVICE\\name`."""
    parts = struct.unpack("<5I", hashlib.sha1(name.upper().encode("utf-16-le"), usedforsecurity=False).digest())
    return "S-1-5-80-" + "-".join(str(part) for part in parts)


def resolve(host: Host, name: str) -> str | None:
    """The SID behind `DOMAIN\\name`, `name@dns`, `.\\name`, `HOST\\name`, a bare name or a SID; None if there is no such account."""
    if is_sid(name):
        return name.upper()
    authority, _unused, account = name.rpartition("\\")
    if authority == "." or authority.casefold() == host.name.casefold():
        return _local_group(host, account)
    if authority.casefold() == "nt service":
        return _service_account(host, account)
    return _well_known(authority, account) or _builtin(host, authority, account) or _directory_sid(host, name)


def account_name(host: Host, sid: str) -> str | None:
    """`DOMAIN\\name` for a SID, as a translation to NTAccount gives it; None when it cannot be translated."""
    if sid in _WELL_KNOWN:
        authority, account = _WELL_KNOWN[sid]
        return f"{authority}\\{account}" if authority else account
    for group, group_sid in host.group_sids().items():
        if group_sid == sid:
            return f"{'BUILTIN' if sid.startswith('S-1-5-32-') else host.name}\\{group}"
    for service in host.services.values():
        if service_sid(service.name) == sid:
            return f"NT SERVICE\\{service.name}"
    entry = _entry(host, sid)
    return domain_of(host).account_name(entry.sid) if entry is not None and entry.get("sAMAccountName") else None


def display_name(host: Host, sid: str) -> str:
    """The account's name, or the SID where nobody knows it any more."""
    return account_name(host, sid) or sid


def token(host: Host, sid: str) -> frozenset[str]:
    """All SIDs that a logon of this account would carry on this host: nested domain groups and the host's local groups."""
    held = {sid, EVERYONE}
    if host.estate is not None and sid.startswith("S-1-5-21-"):
        held |= {AUTHENTICATED_USERS, *domain_of(host).token(sid)}
    return frozenset(held | local_groups_of(host, held))


def local_groups_of(host: Host, held: set[str] | frozenset[str]) -> set[str]:
    """SIDs of the local groups that have one of these SIDs as a member."""
    sids = host.group_sids()
    return {sids[group] for group, members in host.local_groups.items() if members & held}


def logon_refusal(host: Host, account: str, password_hash: str, kind: str) -> str:
    """Why this account may not log on as `Service` or `Batch` with the stored password; empty when it may."""
    sid = _ALIASES.get(account.casefold()) or resolve(host, account)
    if sid is None:
        return BAD_PASSWORD
    if sid in _BUILTIN_LOGONS or sid.startswith("S-1-5-80-"):
        return ""
    return stored_credential_refusal(host, sid, password_hash) or right_refusal(host, sid, kind)


def stored_credential_refusal(host: Host, sid: str, password_hash: str) -> str:
    """A user's stored password must still be the right one; a group-managed account's must be open to this computer since its boot."""
    entry = _entry(host, sid)
    if host.estate is None or entry is None:
        return BAD_PASSWORD
    directory = domain_of(host)
    if entry.is_a("msDS-GroupManagedServiceAccount"):
        return "" if directory.can_retrieve_password(entry, host.boot_groups) else BAD_PASSWORD
    known = directory.password_hash(entry)
    if known is None or known.hex() != password_hash:
        return BAD_PASSWORD
    try:
        directory.check_logon(entry)
    except LogonFailure as problem:
        return str(problem)
    return ""


def right_refusal(host: Host, sid: str, kind: str) -> str:
    """Empty when the account holds `Se<kind>LogonRight` on the host and no deny right overrides it."""
    held = token(host, sid)
    denied = host.user_rights.get(f"SeDeny{kind}LogonRight", set()) & held
    granted = host.user_rights.get(f"Se{kind}LogonRight", set()) & held
    return RIGHT_MISSING if denied or not granted else ""


def _well_known(authority: str, account: str) -> str | None:
    for sid, (known_authority, known) in _WELL_KNOWN.items():
        if known.casefold() == account.casefold() and authority.casefold() in ("", known_authority.casefold()):
            return sid
    wanted = _ALIASES.get(account.casefold())
    return wanted if authority.casefold() == "nt authority" else None


def _builtin(host: Host, authority: str, account: str) -> str | None:
    if authority.casefold() not in ("", "builtin"):
        return None
    sid = _local_group(host, account)
    if sid is not None and authority and not sid.startswith("S-1-5-32-"):
        return None
    return sid


def _local_group(host: Host, name: str) -> str | None:
    wanted = name.casefold()
    return next((sid for group, sid in host.group_sids().items() if group.casefold() == wanted), None)


def _service_account(host: Host, name: str) -> str | None:
    if name.casefold() == "all services":
        return ALL_SERVICES
    return service_sid(name) if host.service(name) is not None else None


def _directory_sid(host: Host, name: str) -> str | None:
    # Windows looks names up, never distinguished names; the lab's directory would find those too.
    if "=" in name:
        return None
    entry = _entry(host, name)
    return str(entry.sid) if entry is not None and entry.sid else None


def _entry(host: Host, name: str) -> Any:
    return domain_of(host).resolve(name) if host.estate is not None else None
