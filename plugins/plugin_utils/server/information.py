# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The answer of the verb server_read as the facts that server_info returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .capabilities import capabilities

SERVICE_NAME = "FIMSynchronizationService"
DEFAULT_INSTANCE = "MSSQLSERVER"
CONNECTOR_FILE = "Microsoft.IdentityManagement.Connector.Sharepoint.dll"
_FOLDERS = {"bin": "Bin", "extensions": "Extensions", "ma_data": "MaData", "ui_shell": "UIShell"}
# Win32_Service's words as the modules of ansible.windows write them
_START_MODES = {"Auto": "auto", "Manual": "manual", "Disabled": "disabled"}


def server_facts(answer: Mapping[str, Any]) -> dict[str, Any]:
    """All facts; the same keys whether MIM is installed or not."""
    if not answer.get("installed"):
        return {**_nothing(), "key_set": _key_set(answer)}
    version = str(answer.get("version") or "")
    service = answer.get("service") or {}
    running = service.get("state") == "Running"
    extensions = {str(item["name"]): str(item["version"] or "") for item in _listed(answer.get("extensions"))}
    agents = [_agent(item) for item in _listed(answer.get("agents"))]
    folder = str(answer.get("path") or "").rstrip("\\")
    return {
        "installed": True,
        "version": version,
        "capabilities": capabilities(version),
        "paths": {"install": folder, **{name: f"{folder}\\{part}" for name, part in _FOLDERS.items()}},
        "service": {
            "name": SERVICE_NAME,
            "state": str(service.get("state") or "").lower(),
            "start_mode": _START_MODES.get(str(service.get("start_mode")), str(service.get("start_mode") or "").lower()),
            "account": str(service.get("account") or ""),
        },
        # Only the server that owns the database can keep its service running.
        "server_role": "active" if running else "standby",
        "database": {
            "server": str(answer.get("server") or ""),
            "instance": str(answer.get("instance") or DEFAULT_INSTANCE),
            "name": str(answer.get("database") or ""),
        },
        "groups": {str(role): str(name) for role, name in (answer.get("groups") or {}).items()},
        "groups_error": str(answer.get("groups_error") or ""),
        "connector_version": _version_of(extensions, CONNECTOR_FILE),
        "extensions": extensions,
        "agents": agents,
        "agents_error": str(answer.get("agents_error") or ""),
        "running_agents": [agent["name"] for agent in agents if agent["last_run"]["status"] == "in-progress"],
        "key_set": _key_set(answer),
    }


def _nothing() -> dict[str, Any]:
    return {
        "installed": False,
        "version": "",
        "capabilities": {},
        "paths": {},
        "service": {"name": SERVICE_NAME, "state": "absent", "start_mode": "", "account": ""},
        "server_role": "none",
        "database": {"server": "", "instance": "", "name": ""},
        "groups": {},
        "groups_error": "",
        "connector_version": "",
        "extensions": {},
        "agents": [],
        "agents_error": "",
        "running_agents": [],
    }


def _agent(item: Mapping[str, Any]) -> dict[str, Any]:
    """WMI answers numbers as text, and errors too: what is no number is left out."""
    numbers = {str(name): str(value) for name, value in (item.get("counters") or {}).items()}
    run = item.get("last_run") or {}
    number = str(run.get("number") or "")
    return {
        "name": str(item.get("name") or ""),
        "guid": str(item.get("guid") or "").upper(),
        "type": str(item.get("type") or ""),
        "counters": {name: int(value) for name, value in numbers.items() if value.isdigit()},
        "last_run": {
            "profile": str(run.get("profile") or ""),
            "number": int(number) if number.isdigit() else 0,
            "status": str(run.get("status") or ""),
            "started": str(run.get("started") or ""),
            "ended": str(run.get("ended") or ""),
        },
    }


def _key_set(answer: Mapping[str, Any]) -> dict[str, Any]:
    found = answer.get("key_set") or {}
    return {"path": str(found.get("path") or ""), "exists": bool(found.get("exists"))}


def _version_of(extensions: Mapping[str, str], name: str) -> str:
    return next((version for found, version in extensions.items() if found.casefold() == name.casefold()), "")


def _listed(value: Any) -> Sequence[Mapping[str, Any]]:
    """PowerShell makes one element out of a list of one now and then."""
    if value is None:
        return []
    return [value] if isinstance(value, Mapping) else list(value)
