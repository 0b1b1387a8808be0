# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of ansible.windows.win_group and win_group_membership (3.3.0): a host's own groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..estate.host import Host
from ..estate.principals import NOT_MAPPED, account_name, display_name, resolve
from .failures import administrators_only, legacy_name, legacy_sid, method_failed, unhandled
from .registry import ModuleCall, ModuleFailure, twin

# What the real module answers in check mode, where the new group has no SID yet.
_NO_SID_YET = "S-1-5-0000"


@twin("ansible.windows.win_group", implements=frozenset({"name", "description", "members", "state"}))
def win_group(call: ModuleCall) -> dict[str, Any]:
    host = call.host
    group = _find(host, call.arguments["name"])
    administrators_only(call, f"Unhandled exception while executing module: {method_failed('SetInfo', 0, 'Access is denied.')}", sid=None)
    before = _shown(host, group) if group is not None else None
    if call.arguments["state"] == "absent":
        return _remove(call, group, before)
    result: dict[str, Any] = {"changed": group is None, "sid": _NO_SID_YET}
    description = call.arguments.get("description")
    members: set[str] = set()
    if group is None and not call.check_mode:
        group = call.arguments["name"]
        host.local_groups[group] = set()
    if group is not None:
        result["sid"] = host.group_sids()[group]
        result["changed"] |= _describe(call, group)
        members = _wanted_members(host, group, call.arguments.get("members") or {})
        result["changed"] |= members != host.local_groups[group]
        description = host.group_descriptions.get(group) if description is None else description
        if not call.check_mode:
            host.local_groups[group] = members
    if call.diff:
        after = {"name": call.arguments["name"], "description": description, "members": _names(host, members)}
        result["diff"] = {"before": before, "after": after}
    return result


@twin("ansible.windows.win_group_membership", implements=frozenset({"name", "members", "state"}))
def win_group_membership(call: ModuleCall) -> dict[str, Any]:
    host, name, state = call.host, call.arguments["name"], call.arguments["state"]
    group = _find(host, name)
    if group is None:
        raise ModuleFailure(f"Could not find local group {name}", **_lists(name, state))
    administrators_only(call, method_failed("Add", 1, "Access is denied."), **_lists(name, state))
    wanted = list(dict.fromkeys(legacy_sid(host, member) for member in call.arguments["members"]))
    # Names are looked up for all, so that an account that is gone is found before anything is changed.
    for sid in wanted:
        legacy_name(host, sid)
    current = host.local_groups[group]
    added = [sid for sid in wanted if sid not in current] if state != "absent" else []
    removed = [sid for sid in wanted if sid in current] if state == "absent" else []
    if state == "pure":
        removed = sorted(current - set(wanted))
    after = (current | set(added)) - set(removed)
    if not call.check_mode:
        host.local_groups[group] = after
    result = _lists(name, state)
    if "added" in result:
        result["added"] = [display_name(host, sid) for sid in added]
    if "removed" in result:
        result["removed"] = [display_name(host, sid) for sid in removed]
    return {**result, "changed": bool(added or removed), "members": _names(host, after)}


def _lists(name: str, state: str) -> dict[str, Any]:
    lists = {"present": ("added",), "absent": ("removed",), "pure": ("added", "removed")}[state]
    return {"changed": False, "name": name, **{key: [] for key in lists}}


def _find(host: Host, name: str) -> str | None:
    wanted = name.casefold()
    return next((group for group in host.local_groups if group.casefold() == wanted), None)


def _remove(call: ModuleCall, group: str | None, before: dict[str, Any] | None) -> dict[str, Any]:
    if group is None:
        return {"changed": False, "sid": None, **({"diff": {"before": None, "after": None}} if call.diff else {})}
    if call.host.group_sids()[group].startswith("S-1-5-32-"):
        raise unhandled(method_failed("Delete", 2, "Cannot perform this operation on built-in accounts."), sid=None)
    if not call.check_mode:
        del call.host.local_groups[group]
        call.host.group_ids.pop(group, None)
        call.host.group_descriptions.pop(group, None)
    return {"changed": True, "sid": None, **({"diff": {"before": before, "after": None}} if call.diff else {})}


def _describe(call: ModuleCall, group: str) -> bool:
    wanted = call.arguments.get("description")
    if wanted is None or wanted == call.host.group_descriptions.get(group, ""):
        return False
    if not call.check_mode:
        call.host.group_descriptions[group] = wanted
    return True


def _wanted_members(host: Host, group: str, members: Mapping[str, Any]) -> set[str]:
    if members.get("set") is not None:
        return {_sid(host, name) for name in members["set"]}
    added = {_sid(host, name) for name in members.get("add") or ()}
    removed = {_sid(host, name) for name in members.get("remove") or ()}
    return (host.local_groups[group] | added) - removed


def _sid(host: Host, name: str) -> str:
    sid = resolve(host, name)
    if sid is None:
        text = method_failed("Translate", 1, NOT_MAPPED)
        raise unhandled(f"Failed to translate '{name}' to a SecurityIdentifier: {text}", sid=None)
    return sid


def _shown(host: Host, group: str) -> dict[str, Any]:
    return {"name": group, "description": host.group_descriptions.get(group, ""), "members": _names(host, host.local_groups[group])}


def _names(host: Host, sids: Iterable[str]) -> list[str]:
    return sorted(account_name(host, sid) or sid for sid in sids)
