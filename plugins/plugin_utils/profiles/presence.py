# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who must have a profile and who must not: accounts of the directory against the scope of the synchronization."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..configuration.distinguished_name import comparable, is_inside

DISABLED = 0x2


def presence_failures(
    directory: Iterable[Mapping[str, Any]], profiles: Iterable[Mapping[str, Any]], scope: Mapping[str, Sequence[str] | None], disabled: str = "filter"
) -> list[str]:
    """One sentence for each account in scope without a profile, and for each one with a profile that is out of it.

    `directory`: objects with DistinguishedName, sAMAccountName and userAccountControl; `profiles`: as the module
    profile_info gives them; `scope`: include and exclude; `disabled`: `filter` or `synchronize`, as the agent does.
    """
    shown = {str(item["account"]).rpartition("\\")[2].casefold() for item in profiles}
    failures = []
    for item in directory:
        name = str(item.get("sAMAccountName") or "")
        reason = _reason(item, scope, disabled)
        if bool(reason) is (name.casefold() in shown):
            failures.append(f"{name} has a profile, but {reason}." if reason else f"{name} is in scope, but has no profile.")
    return failures


def group_failures(directory: Iterable[Mapping[str, Any]], groups: Iterable[Mapping[str, Any]], scope: Mapping[str, Sequence[str] | None]) -> list[str]:
    """One sentence for each group in scope that SharePoint does not have as a member group.

    `directory`: objects with DistinguishedName; `groups`: as the module profile_info gives them.
    """
    known = {comparable(str(item["source_reference"])) for item in groups}
    names = (_name_of(item) for item in directory)
    wanted = (dn for dn in names if _in_scope(dn, scope.get("include") or (), scope.get("exclude") or ()))
    return [f"SharePoint has no member group of {dn}." for dn in wanted if comparable(dn) not in known]


def _name_of(item: Mapping[str, Any]) -> str:
    return str(item.get("DistinguishedName") or item.get("distinguishedName") or "")


def _reason(item: Mapping[str, Any], scope: Mapping[str, Sequence[str] | None], disabled: str) -> str:
    """Why an account has no business in SharePoint; empty for one that has."""
    dn = _name_of(item)
    if not _in_scope(dn, scope.get("include") or (), scope.get("exclude") or ()):
        return f"{dn} is out of scope"
    if disabled == "filter" and int(item.get("userAccountControl") or 0) & DISABLED:
        return "is disabled"
    return ""


def _in_scope(dn: str, include: Sequence[str], exclude: Sequence[str]) -> bool:
    """Of all containers that hold the object the nearest decides."""
    rules = [(len(comparable(name)), True) for name in include if is_inside(dn, name)]
    rules += [(len(comparable(name)), False) for name in exclude if is_inside(dn, name)]
    return max(rules, default=(0, False))[1]
