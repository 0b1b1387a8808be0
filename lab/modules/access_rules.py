# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of ansible.windows.win_acl (3.3.0) for files, folders and registry keys."""

from __future__ import annotations

from typing import Any

from ..estate import registry_keys
from ..estate.access_list import (
    INHERITANCE,
    PROPAGATION,
    REGISTRY_RIGHTS,
    AccessRule,
    add_rule,
    file_rights,
    parse_flags,
    remove_rule,
)
from ..estate.files import FileProblem
from ..estate.host import Host
from ..estate.shares import locate
from .failures import administrators_only, legacy_sid
from .registry import ModuleCall, ModuleFailure, twin

_NO_ACCESS = "Attempted to perform an unauthorized operation."
_HIVES = ("HKLM:", "HKCU:", "HKCR:", "HKU:", "HKCC:")


@twin("ansible.windows.win_acl", implements=frozenset({"path", "user", "rights", "type", "state", "inherit", "propagation"}))
def win_acl(call: ModuleCall) -> dict[str, Any]:
    options = call.arguments
    rules, is_file = _rules(call, options["path"])
    sid = legacy_sid(call.host, options["user"])
    wanted = _wanted_rule(call, sid, is_file=is_file)
    exists = wanted in rules
    administrators_only(call, f"an exception occurred when adding the specified rule - {_NO_ACCESS}")
    if options["state"] == "present" and not exists:
        rules[:] = add_rule(rules, wanted)
        return {"changed": True}
    if options["state"] == "absent" and exists:
        rules[:] = remove_rule(rules, wanted)
        return {"changed": True}
    return {"changed": False, "msg": f"the specified rule {'already exists' if exists else 'does not exist'}"}


def _is_registry(path: str) -> bool:
    return path.upper().startswith(_HIVES)


def _rules(call: ModuleCall, path: str) -> tuple[list[AccessRule], bool]:
    """The explicit rules of what the path names, as the list that is kept; and whether it is a file."""
    if _is_registry(path):
        return _registry_rules(call.host, path), False
    try:
        files, local = locate(call.host, call.session, path)
        node = files.get(local)
    except FileProblem:
        node = None
    if node is None:
        raise ModuleFailure(f"{path} file or directory does not exist on the host")
    return node.access, not node.is_folder


def _registry_rules(host: Host, path: str) -> list[AccessRule]:
    if registry_keys.values_of(host, path) is None:
        raise ModuleFailure(f"{path} file or directory does not exist on the host")
    return host.registry_access.setdefault(registry_keys.key_path(path), [])


def _wanted_rule(call: ModuleCall, sid: str, *, is_file: bool) -> AccessRule:
    options = call.arguments
    allow = options["type"] == "allow"
    inherit = "None" if is_file else options.get("inherit") or "ContainerInherit, ObjectInherit"
    try:
        if _is_registry(options["path"]):
            rights = parse_flags(options["rights"], REGISTRY_RIGHTS, "RegistryRights")
        else:
            rights = file_rights(options["rights"], allow=allow)
        inheritance = parse_flags(inherit, INHERITANCE, "InheritanceFlags")
        propagation = parse_flags(options["propagation"], PROPAGATION, "PropagationFlags")
    except ValueError as problem:
        attempt = f"{options['state']} {options['rights']} permission(s) on {options['path']} for {options['user']}"
        raise ModuleFailure(f"an error occurred when attempting to {attempt} - {problem}") from None
    return AccessRule(sid, rights, allow, inheritance, propagation)
