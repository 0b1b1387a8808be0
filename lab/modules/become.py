# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`become` with runas: another account's session on the host, if that account may log on there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..estate import principals
from ..estate.directory_errors import LogonFailure
from ..estate.domains import domain_of
from ..estate.session import Session
from ..wsman.logon import HostLogon, find_account, session_of
from ..wsman.ntlm import LogonRefused
from .protocol import Become

if TYPE_CHECKING:
    from ..estate.directory import Entry
    from ..estate.estate import Estate
    from ..estate.host import Host

_SERVICE_ACCOUNTS = {
    "system": ("NT AUTHORITY\\SYSTEM", "S-1-5-18"),
    "localsystem": ("NT AUTHORITY\\SYSTEM", "S-1-5-18"),
    "localservice": ("NT AUTHORITY\\LOCAL SERVICE", "S-1-5-19"),
    "local service": ("NT AUTHORITY\\LOCAL SERVICE", "S-1-5-19"),
    "networkservice": ("NT AUTHORITY\\NETWORK SERVICE", "S-1-5-20"),
    "network service": ("NT AUTHORITY\\NETWORK SERVICE", "S-1-5-20"),
}
# The right that each kind of logon needs, and the SID that its token carries.
_KINDS = {
    "Interactive": ("Interactive", "S-1-5-4"),
    "Batch": ("Batch", "S-1-5-3"),
    "Service": ("Service", "S-1-5-6"),
    "Network": ("Network", "S-1-5-2"),
    "NetworkCleartext": ("Network", "S-1-5-2"),
    "Unlock": ("Interactive", "S-1-5-4"),
}
# Win32 error codes (winerror.h).
_BAD_PASSWORD = (1326, "The user name or password is incorrect")
# NTSTATUS of the directory's refusal -> what LogonUser reports.
_STATES = {
    0xC0000072: (1331, "This user can't sign in because this account is currently disabled"),
    0xC0000234: (1909, "The referenced account is currently locked out and may not be logged on to"),
    0xC0000193: (1793, "The user's account has expired"),
    0xC0000071: (1330, "The password for this account has expired"),
    0xC0000224: (1907, "The user's password must be changed before signing in"),
}
_RIGHT_MISSING = (1385, "Logon failure: the user has not been granted the requested logon type at this computer")


class BecomeRefused(Exception):
    """The message is what Windows PowerShell shows for the failed logon."""


def session_for(estate: Estate, host: Host, present: Session, wanted: Become) -> Session:
    """The session that the task runs in; raises BecomeRefused."""
    with estate.lock:
        if wanted.logon_type == "NewCredentials":
            return Session(present.account, present.sid, present.groups, present.administrator, delegates=True)
        service = _service_account(wanted.user)
        if service is not None:
            return _service_session(host, present, service)
        if wanted.logon_type not in _KINDS:
            raise BecomeRefused(f"the lab does not know the logon type {wanted.logon_type}")
        return _user_session(estate, host, wanted)


def _service_account(user: str) -> tuple[str, str] | None:
    domain, _unused, name = user.rpartition("\\")
    return _SERVICE_ACCOUNTS.get(name.casefold()) if domain.casefold() in ("", "nt authority") else None


def _service_session(host: Host, present: Session, service: tuple[str, str]) -> Session:
    if not present.administrator:
        text = "Failed to get token for NT AUTHORITY\\SYSTEM required for become as a service account or an account without a password"
        raise BecomeRefused(f'Exception calling "CreateProcessAsUser" with "9" argument(s): "{text}"')
    account, sid = service
    groups = principals.token(host, sid) | {principals.AUTHENTICATED_USERS, "S-1-5-6"}
    if sid == principals.LOCAL_SYSTEM:
        groups |= {principals.ADMINISTRATORS, *host.boot_groups}
    return Session(account, sid, groups, sid == principals.LOCAL_SYSTEM, delegates=True)


def _user_session(estate: Estate, host: Host, wanted: Become) -> Session:
    domain, _unused, name = wanted.user.rpartition("\\")
    entry = find_account(host, domain, name)
    if entry is None:
        text = 'Exception calling "Translate" with "1" argument(s): "Some or all identity references could not be translated."'
        raise BecomeRefused(f'Exception calling "CreateProcessAsUser" with "9" argument(s): "{text}"')
    _check_account(estate, host, wanted, entry)
    right, sid = _KINDS[wanted.logon_type]
    if principals.right_refusal(host, entry.sid, right):
        raise _refusal(wanted, _RIGHT_MISSING)
    return session_of(host, entry, logon=sid, delegates=wanted.password is not None)


def _check_account(estate: Estate, host: Host, wanted: Become, entry: Entry) -> None:
    try:
        domain_of(host).check_logon(entry)
    except LogonFailure as failure:
        raise _refusal(wanted, _STATES.get(failure.code, (1327, failure.message.rstrip(".")))) from None
    if wanted.password is None:
        return
    domain, _unused, name = wanted.user.rpartition("\\")
    try:
        HostLogon(estate, host).check_password(domain, name, wanted.password)
    except LogonRefused:
        raise _refusal(wanted, _BAD_PASSWORD) from None


def _refusal(wanted: Become, reason: tuple[int, str]) -> BecomeRefused:
    code, text = reason
    logon = f"Failed to logon {wanted.user} ({text}, Win32ErrorCode {code} - 0x{code:08X})"
    return BecomeRefused(f'Exception calling "CreateProcessAsUser" with "9" argument(s): "{logon}"')
