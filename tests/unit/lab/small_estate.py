# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A tiny estate for tests of the endpoint: two hosts, a handful of accounts, a stand-in for the directory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mimsync.sharepoint.lab.estate.directory_errors import logon_failure
from ansible_collections.mimsync.sharepoint.lab.estate.estate import Estate, EstateOptions
from ansible_collections.mimsync.sharepoint.lab.estate.standard_host import make_host
from ansible_collections.mimsync.sharepoint.lab.wsman.ntlm import nt_hash

DOMAIN_SID = "S-1-5-21-1-2-3"
PASSWORD = "Lab-Secret.1"


@dataclass
class StubEntry:
    """An account: its state is a reason of `logon_failure`, or empty."""

    name: str
    sid: str
    state: str = ""
    groups: frozenset[str] = frozenset()

    def text(self, attribute: str) -> str:
        return self.name if attribute == "sAMAccountName" else ""


@dataclass
class StubDirectory:
    """What a logon needs of a directory."""

    entries: dict[str, StubEntry] = field(default_factory=dict)
    hashes: dict[str, bytes] = field(default_factory=dict)
    recorded: list[tuple[str, bool]] = field(default_factory=list)
    dns_name: str = "corp.example.com"
    netbios_name: str = "EXAMPLE"
    domain_dn: str = "DC=corp,DC=example,DC=com"

    def add(self, name: str, rid: int, **more: Any) -> None:
        entry = StubEntry(name, f"{DOMAIN_SID}-{rid}", **more)
        self.entries[name.casefold()] = entry
        self.hashes[entry.sid] = nt_hash(PASSWORD)

    def resolve(self, name: str) -> StubEntry | None:
        domain, _unused, account = name.rpartition("\\")
        account, _unused, suffix = account.partition("@")
        if domain.casefold() not in ("", "example", "corp.example.com") or suffix.casefold() not in ("", "corp.example.com"):
            return None
        return self.entries.get(account.casefold())

    def token(self, sid: str) -> frozenset[str]:
        return next((entry.groups for entry in self.entries.values() if entry.sid == sid), frozenset()) | {sid}

    def account_name(self, sid: str) -> str:
        return next((f"{self.netbios_name}\\{entry.name}" for entry in self.entries.values() if entry.sid == sid), sid)

    def password_hash(self, entry: StubEntry) -> bytes | None:
        return self.hashes.get(entry.sid)

    def check_logon(self, entry: StubEntry) -> None:
        if entry.state:
            raise logon_failure(entry.state)

    def record_logon(self, entry: StubEntry, *, succeeded: bool) -> None:
        self.recorded.append((entry.name, succeeded))


def build_small_estate(options: EstateOptions) -> Estate:
    """Hosts ONE and TWO; `mimsetup` is an administrator through a group in a group, `plain` is not."""
    directory = StubDirectory()
    admins = f"{DOMAIN_SID}-512"
    directory.add("mimsetup", 1001, groups=frozenset({admins}))
    directory.add("plain", 1002)
    directory.add("locked", 1003, state="locked", groups=frozenset({admins}))
    directory.add("disabled", 1004, state="disabled", groups=frozenset({admins}))
    estate = Estate(options, directory)  # type: ignore[arg-type]  # the stand-in has what these tests need
    first = int(options.first_address.rpartition(".")[2])
    lead = options.first_address.rpartition(".")[0]
    for number, name in enumerate(("ONE", "TWO")):
        host = make_host(name, options.dns_name, "sync_server", f"{lead}.{first + number}", "2016")
        host.estate = estate
        host.local_groups["Administrators"].add(admins)
        estate.hosts[name] = host
    estate.extra["secrets"] = {"vault_mimsetup_password": PASSWORD}
    return estate
