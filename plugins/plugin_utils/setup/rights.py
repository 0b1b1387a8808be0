# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""User rights of the service account: which it should hold on the host, and which are missing.

Facts: reference pages sharepoint-and-setup 1.2 (deny rights; a managed account keeps network logon) and mim-synchronization-service (Groups and rights).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..errors import InputError

SERVICE_LOGON = "SeServiceLogonRight"
# What an administrator calls a way to log on -> the right that denies it (Microsoft: User Rights Assignment).
DENY_RIGHTS = {
    "batch": "SeDenyBatchLogonRight",
    "local": "SeDenyInteractiveLogonRight",
    "network": "SeDenyNetworkLogonRight",
    "remote_desktop": "SeDenyRemoteInteractiveLogonRight",
}


@dataclass(frozen=True)
class RightsAnswer:
    """`sid` is empty when there is no such account; `holders` maps a right to SIDs and, where secedit wrote them, names."""

    sid: str
    holders: Mapping[str, frozenset[str]]


def wanted_rights(denied: Sequence[str], *, group_managed: bool) -> tuple[str, ...]:
    """Log on as a service, and the deny rights. A managed account that serves an agent logs on over the network, so that is never denied to it.

    InputError for a way to log on that is none.
    """
    unknown = [name for name in denied if name not in DENY_RIGHTS]
    if unknown:
        raise InputError(f"{unknown[0]!r} is no way to log on. Choose among {', '.join(DENY_RIGHTS)}.", path="denied_logons")
    kept = [name for name in denied if not (group_managed and name == "network")]
    return (SERVICE_LOGON, *(DENY_RIGHTS[name] for name in dict.fromkeys(kept)))


def parse_rights(sid: str, lines: Iterable[str]) -> RightsAnswer:
    """Lines as secedit writes them: `SeServiceLogonRight = *S-1-5-80-0,name`."""
    holders: dict[str, frozenset[str]] = {}
    for line in lines:
        name, _unused, value = line.partition("=")
        holders[name.strip()] = frozenset(part.strip().removeprefix("*").casefold() for part in value.split(",") if part.strip())
    return RightsAnswer(sid, holders)


def missing_rights(answer: RightsAnswer, account: str, wanted: Iterable[str]) -> tuple[str, ...]:
    """Those that the account itself does not hold; secedit writes a name where it could not find the SID's."""
    names = {answer.sid.casefold(), account.casefold(), account.rpartition("\\")[2].casefold()} - {""}
    return tuple(right for right in wanted if not answer.holders.get(right, frozenset()) & names)
