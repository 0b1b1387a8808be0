# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of ansible.windows.win_user_right (3.3.0)."""

from __future__ import annotations

from typing import Any

from ..estate.principals import display_name, resolve
from .failures import administrators_only, method_failed
from .registry import ModuleCall, ModuleFailure, twin

# Microsoft: "User rights assignment", the constants.
KNOWN_RIGHTS = frozenset(
    {
        "SeAssignPrimaryTokenPrivilege", "SeAuditPrivilege", "SeBackupPrivilege", "SeBatchLogonRight", "SeChangeNotifyPrivilege",
        "SeCreateGlobalPrivilege", "SeCreatePagefilePrivilege", "SeCreatePermanentPrivilege", "SeCreateSymbolicLinkPrivilege",
        "SeCreateTokenPrivilege", "SeDebugPrivilege", "SeDelegateSessionUserImpersonatePrivilege", "SeDenyBatchLogonRight",
        "SeDenyInteractiveLogonRight", "SeDenyNetworkLogonRight", "SeDenyRemoteInteractiveLogonRight", "SeDenyServiceLogonRight",
        "SeEnableDelegationPrivilege", "SeImpersonatePrivilege", "SeIncreaseBasePriorityPrivilege", "SeIncreaseQuotaPrivilege",
        "SeIncreaseWorkingSetPrivilege", "SeInteractiveLogonRight", "SeLoadDriverPrivilege", "SeLockMemoryPrivilege",
        "SeMachineAccountPrivilege", "SeManageVolumePrivilege", "SeNetworkLogonRight", "SeProfileSingleProcessPrivilege",
        "SeRelabelPrivilege", "SeRemoteInteractiveLogonRight", "SeRemoteShutdownPrivilege", "SeRestorePrivilege", "SeSecurityPrivilege",
        "SeServiceLogonRight", "SeShutdownPrivilege", "SeSyncAgentPrivilege", "SeSystemEnvironmentPrivilege", "SeSystemProfilePrivilege",
        "SeSystemtimePrivilege", "SeTakeOwnershipPrivilege", "SeTcbPrivilege", "SeTimeZonePrivilege", "SeTrustedCredManAccessPrivilege",
        "SeUndockPrivilege",
    }
)  # fmt: skip
_SPELLING = {name.casefold(): name for name in KNOWN_RIGHTS}


@twin("ansible.windows.win_user_right", implements=frozenset({"name", "users", "action"}))
def win_user_right(call: ModuleCall) -> dict[str, Any]:
    host, name, action = call.host, call.arguments["name"], call.arguments["action"]
    administrators_only(call, f"Unhandled exception while executing module: {method_failed('.ctor', 0, 'Access is denied')}", added=[], removed=[])
    wanted = list(dict.fromkeys(_sid(call, user) for user in call.arguments["users"]))
    right = _SPELLING.get(name.casefold())
    if right is None:
        raise ModuleFailure(f"the specified right {name} is not a valid right", added=[], removed=[])
    held = sorted(host.user_rights.get(right, set()))
    added = [sid for sid in wanted if sid not in held] if action in ("add", "set") else []
    removed = [sid for sid in wanted if sid in held] if action == "remove" else [sid for sid in held if sid not in wanted] if action == "set" else []
    after = [sid for sid in held if sid not in removed] + added
    if not call.check_mode:
        host.user_rights[right] = set(after)
    result: dict[str, Any] = {
        "changed": bool(added or removed),
        "added": [display_name(host, sid) for sid in added],
        "removed": [display_name(host, sid) for sid in removed],
    }
    if call.diff:
        result["diff"] = {"before": {name: [display_name(host, sid) for sid in held]}, "after": {name: [display_name(host, sid) for sid in after]}}
    return result


def _sid(call: ModuleCall, user: str) -> str:
    sid = resolve(call.host, user)
    if sid is None:
        raise ModuleFailure(f"Failed to translate the account '{user}' to a SID", added=[], removed=[])
    return sid
