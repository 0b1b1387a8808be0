# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a host of the estate checks a logon and what token it gives."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from ..estate.directory_errors import LogonFailure
from ..estate.domains import domain_of
from ..estate.principals import ADMINISTRATORS, right_refusal, token
from ..estate.session import Session
from .ntlm import LogonRefused, nt_hash

if TYPE_CHECKING:
    from ..estate.directory import Entry
    from ..estate.estate import Estate
    from ..estate.host import Host

NETWORK = "S-1-5-2"


class HostLogon:
    """Network logons on one host, against the directory of its domain."""

    def __init__(self, estate: Estate, host: Host) -> None:
        self._estate, self._host = estate, host

    def hash_of(self, domain: str, name: str) -> bytes:
        """The account's NT hash; raises LogonRefused for an account that may not log on."""
        with self._estate.lock:
            found = domain_of(self._host).password_hash(self._account(domain, name))
        if not found:
            raise LogonRefused(f"the account {_label(domain, name)} has no password")
        return found

    def record(self, domain: str, name: str, *, succeeded: bool) -> None:
        with self._estate.lock:
            entry = find_account(self._host, domain, name)
            if entry is not None:
                domain_of(self._host).record_logon(entry, succeeded=succeeded)

    def check_password(self, domain: str, name: str, password: str) -> None:
        right = hmac.compare_digest(self.hash_of(domain, name), nt_hash(password))
        self.record(domain, name, succeeded=right)
        if not right:
            raise LogonRefused(f"the password of {_label(domain, name)} is wrong")

    def open_session(self, domain: str, name: str) -> Session:
        """The token as it is now; it stays the same for the session's whole life."""
        with self._estate.lock:
            return session_of(self._host, self._account(domain, name), logon=NETWORK)

    def _account(self, domain: str, name: str) -> Entry:
        entry = find_account(self._host, domain, name)
        if entry is None:
            raise LogonRefused(f"there is no account {_label(domain, name)}")
        try:
            domain_of(self._host).check_logon(entry)
        except LogonFailure as failure:
            raise LogonRefused(f"{_label(domain, name)}: {failure.message}") from failure
        if right_refusal(self._host, entry.sid, "Network"):
            raise LogonRefused(f"{_label(domain, name)} may not log on to {self._host.name} over the network")
        return entry


def find_account(host: Host, domain: str, name: str) -> Entry | None:
    """The entry of an account named in any form that a logon takes; None if the host's forest has none."""
    if not name or "=" in name or name.upper().startswith("S-1-"):
        return None
    if domain in (".", ""):
        return domain_of(host).resolve(name)
    return domain_of(host).resolve(f"{domain}\\{name}")


def session_of(host: Host, entry: Entry, *, logon: str, delegates: bool = False) -> Session:
    """`logon` is the SID of the kind of logon (network, interactive, batch)."""
    groups = token(host, entry.sid) | {logon}
    return Session(domain_of(host).account_name(entry.sid), entry.sid, groups, ADMINISTRATORS in groups, delegates=delegates)


def _label(domain: str, name: str) -> str:
    return f"{domain}\\{name}" if domain else name
