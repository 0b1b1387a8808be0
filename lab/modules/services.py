# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of ansible.windows.win_service and win_service_info (3.3.0)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from ..estate.directory_sids import nt_hash
from ..estate.host import Host, Service
from ..estate.principals import LOCAL_SYSTEM, NOT_MAPPED, account_name, resolve
from ..estate.services import ServiceProblem, dependents, restart_service, start_service, stop_service
from .failures import administrators_only, method_failed, unhandled
from .registry import ModuleCall, ModuleFailure, twin

# What the service control manager keeps for a service that nobody configured further.
_DEFAULTS: Mapping[str, Any] = {
    "desktop_interact": False,
    "error_control": "normal",
    "failure_actions": [],
    "failure_actions_on_non_crash_failure": False,
    "failure_command": None,
    "failure_reboot_msg": None,
    "failure_reset_period_sec": 0,
    "load_order_group": "",
    "pre_shutdown_timeout_ms": 180000,
    "required_privileges": [],
    "service_type": "win32_own_process",
    "sid_info": "none",
}
# Empty text takes these values away.
_CLEARED_BY_EMPTY = frozenset({"failure_command", "failure_reboot_msg", "description"})
_NO_ACCESS = "Unhandled exception while executing module: Failed to open service handle for '{}' (Access is denied, Win32ErrorCode 5 - 0x00000005)"
_RETURNED = ("dependencies", "description", "desktop_interact", "display_name", "name", "path", "start_mode", "username")
_SETTABLE = (
    "dependencies", "description", "display_name", "error_control", "failure_actions", "failure_actions_on_non_crash_failure",
    "failure_command", "failure_reboot_msg", "failure_reset_period_sec", "load_order_group", "password", "path",
    "pre_shutdown_timeout_ms", "required_privileges", "service_type", "sid_info", "start_mode", "state", "username",
)  # fmt: skip


@twin("ansible.windows.win_service")
def win_service(call: ModuleCall) -> dict[str, Any]:
    service = find_service(call.host, call.arguments["name"])
    # The module opens a service for changes even to read it.
    administrators_only(call, _NO_ACCESS.format(call.arguments["name"]), exists=False)
    before = _describe(call.host, service) if service is not None else ""
    if call.arguments.get("state") == "absent":
        return _absent(call, service, before)
    if service is None and not _wants_something(call.arguments):
        return _with_diff(call, {"changed": False, "exists": False}, before, before)
    target, changed = _ensure(call, service)
    configured = _configure(call, target, is_new=changed)
    moved = _move(call, target)
    after = _after(call, target)
    result = {"changed": changed or configured or moved, "exists": True, **_returned(call.host, after)}
    existing = find_service(call.host, target.name)
    result["depended_by"] = [other.name for other in dependents(call.host, existing)] if existing is not None else []
    result["can_pause_and_continue"] = False if existing is not None else None
    return _with_diff(call, result, before, after)


@twin("ansible.windows.win_service_info", implements=frozenset({"name"}))
def win_service_info(call: ModuleCall) -> dict[str, Any]:
    name = call.arguments.get("name")
    services = sorted(call.host.services.values(), key=lambda service: service.name.casefold())
    if name is not None:
        services = [service for service in services if name.casefold() in (service.name.casefold(), service.display_name.casefold())]
    return {"changed": False, "exists": bool(services), "services": [_information(call.host, service) for service in services]}


def find_service(host: Host, name: str) -> Service | None:
    """By name or display name."""
    wanted = name.casefold()
    return host.service(name) or next((service for service in host.services.values() if service.display_name.casefold() == wanted), None)


def _wants_something(options: Mapping[str, Any]) -> bool:
    given = any(options.get(name) is not None for name in _SETTABLE)
    return given or options["dependency_action"] != "set" or options["desktop_interact"]


def _absent(call: ModuleCall, service: Service | None, before: Any) -> dict[str, Any]:
    if service is None:
        return _with_diff(call, {"changed": False, "exists": False}, before, "")
    if not call.check_mode:
        _stop(call, service)
        del call.host.services[service.name.casefold()]
    return _with_diff(call, {"changed": True, "exists": False}, before, "")


def _ensure(call: ModuleCall, service: Service | None) -> tuple[Service, bool]:
    """The service to work on; in check mode a new one is a copy that is not kept."""
    if service is not None:
        return service, False
    name, path = call.arguments["name"], call.arguments.get("path")
    if path is None:
        raise ModuleFailure(f"Service '{name}' is not installed, need to set 'path' to create a new service", exists=False)
    created = Service(name, name, path, start_mode="auto")
    if not call.check_mode:
        call.host.services[name.casefold()] = created
    return created, True


def _configure(call: ModuleCall, service: Service, *, is_new: bool) -> bool:
    """Compares every option that was given; True if something differs."""
    changed = _set_account(call, service, is_new=is_new)
    wanted = _wanted(call.arguments, service)
    current = _describe(call.host, service)
    different = {name: value for name, value in wanted.items() if not _same(name, current[name], value)}
    if different and not call.check_mode:
        for name, value in different.items():
            _assign(service, name, value)
    return changed or bool(different)


def _wanted(options: Mapping[str, Any], service: Service) -> dict[str, Any]:
    wanted = {name: options[name] for name in _DEFAULTS if options.get(name) is not None}
    wanted |= {name: options[name] for name in ("display_name", "path", "start_mode") if options.get(name)}
    if options.get("description") is not None:
        wanted["description"] = options["description"]
    if options.get("dependencies") is not None:
        wanted["dependencies"] = _dependencies(options, service)
    if wanted.get("failure_actions") is not None:
        wanted["failure_actions"] = [{"type": action["type"], "delay_ms": action.get("delay_ms") or 0} for action in wanted["failure_actions"]]
    return {name: None if name in _CLEARED_BY_EMPTY and value == "" else value for name, value in wanted.items()}


def _dependencies(options: Mapping[str, Any], service: Service) -> list[str]:
    given, existing = options["dependencies"], service.dependencies
    if options["dependency_action"] == "add":
        return [*existing, *(name for name in given if name not in existing)]
    if options["dependency_action"] == "remove":
        return [name for name in existing if name not in given]
    return [*(name for name in existing if name in given), *(name for name in given if name not in existing)]


def _same(name: str, current: Any, wanted: Any) -> bool:
    if name in ("required_privileges", "dependencies"):
        return set(current) == set(wanted)
    return bool(current == wanted)


def _assign(service: Service, name: str, value: Any) -> None:
    if name in _DEFAULTS:
        service.settings[name] = value
    else:
        setattr(service, name, value or "" if name == "description" else value)


def _set_account(call: ModuleCall, service: Service, *, is_new: bool) -> bool:
    """The account and its password. Without `update_password: always` a password alone changes nothing."""
    username, password = call.arguments.get("username"), call.arguments.get("password")
    if not username:
        return False
    sid = _account_sid(call.host, username)
    differs = sid != _account_sid(call.host, service.account)
    if differs and call.arguments["desktop_interact"] and sid != LOCAL_SYSTEM:
        raise ModuleFailure("Can only set 'desktop_interact' to true when 'username' equals 'SYSTEM'", exists=True)
    sets_password = bool(password) and (differs or is_new or call.arguments.get("update_password") == "always")
    if not call.check_mode:
        if differs:
            service.account = _stored_name(call.host, sid)
            service.password_hash = ""
        if sets_password:
            service.password_hash = nt_hash(str(password)).hex()
    return differs or sets_password


def _account_sid(host: Host, name: str) -> str:
    if name.casefold() == "localsystem":
        return LOCAL_SYSTEM
    sid = resolve(host, name)
    if sid is None:
        raise unhandled(method_failed("Translate", 1, NOT_MAPPED))
    return sid


def _stored_name(host: Host, sid: str) -> str:
    return "LocalSystem" if sid == LOCAL_SYSTEM else account_name(host, sid) or sid


def _move(call: ModuleCall, service: Service) -> bool:
    """Starts, stops or restarts; True if that changes something."""
    wanted = call.arguments.get("state")
    if wanted == "paused":
        raise ModuleFailure(f"failed to pause service {service.name}: The service does not support pausing", exists=True)
    moves = {"started": service.state != "running", "stopped": service.state != "stopped", "restarted": True}
    if not moves.get(str(wanted), False):
        return False
    if call.check_mode:
        return True
    if wanted == "stopped":
        _stop(call, service)
    else:
        _start(call, service, restart=wanted == "restarted")
    return True


def _stop(call: ModuleCall, service: Service) -> None:
    try:
        stop_service(call.host, service, force=call.arguments["force_dependent_services"])
    except ServiceProblem as problem:
        raise unhandled(_stop_text(service, problem)) from problem


def _start(call: ModuleCall, service: Service, *, restart: bool) -> None:
    try:
        if restart:
            restart_service(call.host, service, force=call.arguments["force_dependent_services"])
        else:
            start_service(call.host, service)
    except ServiceProblem as problem:
        raise unhandled(_stop_text(service, problem) if problem.code == 1051 else _start_text(service)) from problem


def _start_text(service: Service) -> str:
    """Windows PowerShell does not tell the reason; it stands in the System log and in the service's exit code."""
    return (
        f"Service '{service.display_name} ({service.name})' cannot be started due to the following error: Cannot start service {service.name} on computer '.'."
    )


def _stop_text(service: Service, problem: ServiceProblem) -> str:
    if problem.code == 1051:
        return (
            f"Cannot stop service '{service.display_name} ({service.name})' because it has dependent services. It can only be stopped if the Force flag is set."
        )
    return (
        f"Service '{service.display_name} ({service.name})' cannot be stopped due to the following error: Cannot stop {service.name} service on computer '.'."
    )


def _describe(host: Host, service: Service) -> dict[str, Any]:
    """The service in win_service's own words, as its diff shows it."""
    sid = LOCAL_SYSTEM if service.account.casefold() == "localsystem" else resolve(host, service.account)
    return {
        **{name: service.settings.get(name, default) for name, default in _DEFAULTS.items()},
        "dependencies": list(service.dependencies),
        "description": service.description or None,
        "display_name": service.display_name,
        "name": service.name,
        "path": service.path,
        "start_mode": service.start_mode,
        "state": "started" if service.state == "running" else service.state,
        "username": account_name(host, sid) if sid else service.account,
        "password": "REDACTED",
    }


def _after(call: ModuleCall, service: Service) -> dict[str, Any]:
    """What the diff shows: the wanted values over the present ones."""
    options = call.arguments
    after = _describe(call.host, service) | _wanted(options, service)
    if options.get("username"):
        sid = _account_sid(call.host, options["username"])
        after["username"] = account_name(call.host, sid) or sid
        if options.get("password") and options.get("update_password") == "always":
            after["password"] = "CHANGED REDACTED"
    if options.get("state"):
        after["state"] = options["state"]
    return after


def _returned(host: Host, after: Mapping[str, Any]) -> dict[str, Any]:
    result = {name: after[name] for name in _RETURNED}
    if result["username"] and _account_sid(host, result["username"]) == LOCAL_SYSTEM:
        result["username"] = "LocalSystem"
    state = after["state"].replace("_", "")
    return {**result, "state": "running" if state in ("restarted", "started") else state}


def _with_diff(call: ModuleCall, result: dict[str, Any], before: Any, after: Any) -> dict[str, Any]:
    return {**result, "diff": {"before": before, "after": after}} if call.diff else result


def _information(host: Host, service: Service) -> dict[str, Any]:
    described = _describe(host, service)
    del described["password"]
    running = service.state == "running"
    return {
        **described,
        "checkpoint": 0,
        "controls_accepted": ["stop", "shutdown"] if running else [],
        "dependency_of": [other.name for other in dependents(host, service)],
        "launch_protection": "none",
        "preferred_node": None,
        "process_id": _process_id(service) if running else 0,
        "service_exit_code": 0,
        "service_flags": [],
        "triggers": [],
        "wait_hint_ms": 0,
        "win32_exit_code": service.settings.get("win32_exit_code", 0 if running else 1077),
    }


def _process_id(service: Service) -> int:
    """A stable number; Windows' are multiples of four."""
    return 4 * (int(hashlib.sha256(service.name.encode()).hexdigest()[:6], 16) % 5000 + 150)
