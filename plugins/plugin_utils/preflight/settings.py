# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can be said about the settings without asking any host."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from .findings import Finding, Severity

# sAMAccountName of an account that may log on; the trailing $ of a managed account counts (Microsoft: SAM-Account-Name attribute).
LONGEST_ACCOUNT = 20
LONGEST_GROUP = 64
LONGEST_NETBIOS = 15
_BAD_IN_ACCOUNT = frozenset('"/\\[]:;|=,+*?<>@')
_DNS_NAME = re.compile(r"^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$", re.IGNORECASE)
_RDN = re.compile(r"^(CN|OU|DC|O|L)=(?:[^,=+<>#;\\\"]|\\.)+$", re.IGNORECASE)
_SHA256 = re.compile(r"^[0-9a-f]{64}$", re.IGNORECASE)


@dataclass(frozen=True)
class AccountSetting:
    """`variable` is where the user wrote it; `name` may be `DOMAIN\\name`."""

    variable: str
    name: str
    has_password: bool
    group_managed: bool = False


@dataclass(frozen=True)
class Settings:
    """`distinguished_names`, `groups`, `urls` and `checksums`: variable -> value."""

    domain: str
    netbios: str
    accounts: Sequence[AccountSetting]
    groups: Mapping[str, str]
    distinguished_names: Mapping[str, str]
    urls: Mapping[str, str]
    checksums: Mapping[str, str]


def judge_settings(settings: Settings) -> tuple[Finding, ...]:
    """Everything that is wrong or worth knowing, in the order of the variables."""
    return (
        *_domain(settings),
        *(finding for account in settings.accounts for finding in _account(account, settings.netbios)),
        *(finding for variable, name in settings.groups.items() for finding in _group(variable, name)),
        *(finding for variable, dn in settings.distinguished_names.items() for finding in _distinguished_name(variable, dn, settings.domain)),
        *(finding for variable, url in settings.urls.items() for finding in _url(variable, url)),
        *(finding for variable, checksum in settings.checksums.items() for finding in _checksum(variable, checksum)),
    )


def split_dn(dn: str) -> tuple[str, ...]:
    """The relative names of a distinguished name; a comma behind a backslash does not separate."""
    return tuple(part.strip() for part in re.split(r"(?<!\\),", dn))


def _error(message: str, remedy: str = "") -> Finding:
    return Finding("", Severity.ERROR, message, remedy)


def _domain(settings: Settings) -> Iterator[Finding]:
    if not _DNS_NAME.match(settings.domain):
        yield _error(f"mimsync_domain: '{settings.domain}' is not a domain's DNS name.", "Write it like corp.example.com.")
    if not settings.netbios or len(settings.netbios) > LONGEST_NETBIOS or "." in settings.netbios:
        yield _error(f"mimsync_netbios: '{settings.netbios}' is not a NetBIOS name.", f"It has 1 to {LONGEST_NETBIOS} characters and no dot.")
        return
    if settings.netbios.casefold() != settings.domain.split(".")[0].casefold():
        yield Finding(
            "",
            Severity.INFO,
            f"The NetBIOS name {settings.netbios} is not the first label of {settings.domain}.",
            "The AD agent therefore reads the configuration partition too, and the profile service needs NetBIOS names enabled: the roles do both.",
        )


def _account(account: AccountSetting, netbios: str) -> Iterator[Finding]:
    domain, _unused, name = account.name.rpartition("\\")
    if not name:
        yield _error(f"{account.variable}.name is empty.", "Name the account.")
        return
    if domain and domain.casefold() != netbios.casefold():
        yield _error(f"{account.variable}.name: '{account.name}' is not of the domain {netbios}.", f"Write {netbios}\\{name} or {name}.")
    if len(name) > LONGEST_ACCOUNT:
        yield _error(f"{account.variable}.name: '{name}' has {len(name)} characters; a sAMAccountName has at most {LONGEST_ACCOUNT}.", "Shorten it.")
    bad = sorted(_BAD_IN_ACCOUNT & set(name))
    if bad or name.endswith("."):
        yield _error(f"{account.variable}.name: '{name}' holds characters that a sAMAccountName must not have: {' '.join(bad) or 'a dot at its end'}.")
    if not account.has_password and not account.group_managed:
        yield _error(f"{account.variable}.password is empty (account {name}).", "Give it, best from a vault.")
    if account.has_password and account.group_managed:
        yield _error(f"{account.variable}.password is given, but {name} is a group-managed account.", "Leave the password out.")


def _group(variable: str, name: str) -> Iterator[Finding]:
    if not name:
        yield _error(f"{variable} is empty.", "Name the group.")
    elif len(name) > LONGEST_GROUP or _BAD_IN_ACCOUNT & set(name):
        yield _error(f"{variable}: '{name}' is not a group's sAMAccountName.", "It is a bare name without a domain.")


def _distinguished_name(variable: str, dn: str, domain: str) -> Iterator[Finding]:
    parts = split_dn(dn)
    wrong = [part for part in parts if not _RDN.match(part)]
    if wrong:
        yield _error(f"{variable}: '{dn}' is not a distinguished name; it goes wrong at '{wrong[0]}'.", "Write it like OU=Staff,DC=corp,DC=example,DC=com.")
        return
    suffix = ".".join(part[3:] for part in parts if part[:3].upper() == "DC=")
    if suffix.casefold() != domain.casefold():
        yield _error(f"{variable}: '{dn}' does not lie in the domain {domain}.", "Its DC parts must spell the domain's DNS name.")


def _url(variable: str, url: str) -> Iterator[Finding]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield _error(f"{variable}: '{url}' is not the address of a web application.", "Write it like https://sharepoint.corp.example.com.")


def _checksum(variable: str, checksum: str) -> Iterator[Finding]:
    if not _SHA256.match(checksum):
        yield _error(f"{variable}: '{checksum}' is not a SHA-256.", "It has 64 hexadecimal digits.")
