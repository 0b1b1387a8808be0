# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of server_read.ps1."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from ..estate.principals import display_name
from ..estate.sql import SqlProblem, find_instance
from ..estate.synchronization import SERVICE_NAME, SynchronizationService, service_of
from ..estate.synchronization_import import METAVERSE_FILE, agent_data, parsed
from ..estate.synchronization_state import SynchronizationProblem
from .registry import VerbAnswer, VerbCall, verb

_STATES = {"running": "Running", "stopped": "Stopped"}
_START_MODES = {"auto": "Auto", "delayed": "Auto", "manual": "Manual", "disabled": "Disabled"}


@verb("server_read")
def server_read(call: VerbCall) -> VerbAnswer:
    path = str(call.parameters.get("KeySetPath") or "")
    node = call.host.files.get(path) if path else None
    answer: dict[str, Any] = {"installed": False, "key_set": {"path": path, "exists": node is not None and not node.is_folder}}
    service = service_of(call.host)
    if service is not None:
        answer |= _program(call, service) | _groups(call, service) | _agents(call, service)
    return VerbAnswer(answer)


def _program(call: VerbCall, service: SynchronizationService) -> dict[str, Any]:
    entry = call.host.service(SERVICE_NAME)
    library = call.host.files.get(service.path(r"UIShell\Microsoft.DirectoryServices.MetadirectoryServices.Config.dll"))
    files = call.host.files.children(service.path("Extensions"))
    return {
        "installed": True,
        "path": service.folder,
        "server": service.sql_server,
        "instance": service.instance,
        "database": service.database_name,
        "version": library.version if library is not None else "",
        "service": {
            "state": _STATES.get(entry.state, entry.state) if entry is not None else None,
            "start_mode": _START_MODES.get(entry.start_mode, entry.start_mode) if entry is not None else None,
            "account": entry.account if entry is not None else None,
        },
        "extensions": [{"name": node.name, "version": node.version} for node in files if not node.is_folder],
    }


def _groups(call: VerbCall, service: SynchronizationService) -> dict[str, Any]:
    """Read from the database as the caller, whose network logon does not reach another host."""
    if call.host.estate is None:
        raise AssertionError("call.host.estate is there by construction")
    session = call.session
    try:
        instance = find_instance(call.host.estate, service.sql_server, service.instance)
        if instance.host != call.host.name and not session.delegates:
            raise SqlProblem("Login failed for user 'NT AUTHORITY\\ANONYMOUS LOGON'.")
        if not instance.is_sysadmin(session):
            raise SqlProblem(f"Login failed for user '{session.account}'.")
        groups = {role: display_name(call.host, sid) for role, sid in service.state.groups.items()}
    except SqlProblem as problem:
        return {"groups": {}, "groups_error": str(problem)}
    return {"groups": groups, "groups_error": ""}


def _agents(call: VerbCall, service: SynchronizationService) -> dict[str, Any]:
    try:
        service.running_agents(call.session)
    except SynchronizationProblem as problem:
        return {"agents": [], "agents_error": problem.message}
    found = []
    for name, content in sorted(service.state.documents.items()):
        if name != METAVERSE_FILE:
            data = agent_data(parsed(name, content))
            found.append(_agent(call, service, data.find_text("name"), data.find_text("id"), data.find_text("category")))
    return {"agents": found, "agents_error": ""}


def _agent(call: VerbCall, service: SynchronizationService, name: str, agent_id: str, kind: str) -> dict[str, Any]:
    """Numbers are text, as the WMI methods return them."""
    wanted: Sequence[str] = call.parameters.get("Counters") or ()
    counts = service.counts(call.session, name)
    runs = service.history(call.session, name, 1)
    last = {"profile": "", "number": "", "status": "", "started": "", "ended": ""}
    if runs:
        run = runs[0]
        last = {"profile": run.profile, "number": str(run.number), "status": run.status, "started": _date(run.started), "ended": _date(run.ended)}
    return {
        "name": name,
        "guid": agent_id,
        "type": kind,
        "counters": {counter: str(counts[counter]) if counter in counts else "" for counter in wanted},
        "last_run": last,
    }


def _date(seconds: float) -> str:
    """`2026-01-31 08:15:00.000`, UTC; empty for 0."""
    return time.strftime("%Y-%m-%d %H:%M:%S.000", time.gmtime(seconds)) if seconds else ""
