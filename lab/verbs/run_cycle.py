# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of cycle_read.ps1 and run_profile.ps1."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ...plugins.plugin_utils.engine.history import date_text
from ...plugins.plugin_utils.remote.packing import pack
from ..estate.synchronization import SynchronizationService, service_of
from ..estate.synchronization_import import agent_names
from ..estate.synchronization_state import RunRecord, SynchronizationProblem
from .registry import ScriptError, VerbAnswer, VerbCall, verb

if TYPE_CHECKING:
    from ..estate.host import Host

IN_PROGRESS = "in-progress"
INVALID_NAMESPACE = 'Invalid namespace "root\\MicrosoftIdentityIntegrationServer"'


@verb("cycle_read")
def cycle_read(call: VerbCall) -> VerbAnswer:
    service = _service(call)
    try:
        agents = [_agent(service, call, name) for name in agent_names(service.state.documents)]
        limit = int(call.parameters.get("RunLimit") or 60)
        runs = [_run(record) for agent in agents for record in service.history(call.session, agent["name"], limit)]
    except SynchronizationProblem as problem:
        raise ScriptError(problem.message) from problem
    changed = [text for path in call.parameters.get("Paths") or () if (text := _changed(call.host, str(path)))]
    return VerbAnswer({"agents": agents, "runs": runs, "changed": changed})


def _service(call: VerbCall) -> SynchronizationService:
    service = service_of(call.host)
    if service is None:
        raise ScriptError(INVALID_NAMESPACE, exception_type="System.Management.ManagementException")
    return service


def _agent(service: SynchronizationService, call: VerbCall, name: str) -> dict[str, Any]:
    last = next(iter(service.history(call.session, name, 1)), None)
    return {"name": name, "status": last.status if last else "", "profile": last.profile if last else "", "counts": _counts(service, call, name)}


def _counts(service: SynchronizationService, call: VerbCall, agent: str) -> dict[str, str]:
    """WMI gives numbers as text."""
    numbers = service.counts(call.session, agent)
    unknown = [name for name in call.parameters["Counters"] if name not in numbers]
    if unknown:
        raise ScriptError(f'Exception calling "InvokeMethod": method {unknown[0]} is not implemented', exception_type="System.Management.ManagementException")
    return {name: str(numbers[name]) for name in call.parameters["Counters"]}


def _run(record: RunRecord) -> dict[str, str]:
    return {
        "agent": record.agent_name,
        "profile": record.profile,
        "status": record.status,
        "start": date_text(record.started),
        "end": date_text(record.ended),
    }


def _changed(host: Host, path: str) -> str:
    """A folder's time of change is that of the last entry made in it."""
    node = host.files.get(path)
    if node is None:
        return ""
    times = [node.modified, *(child.created for child in host.files.children(path))] if node.is_folder else [node.modified]
    return date_text(max(times))


@verb("run_profile", locked=False)
def run_profile(call: VerbCall) -> VerbAnswer:
    if call.host.estate is None:
        raise AssertionError("call.host.estate is there by construction")
    lock = call.host.estate.lock
    asked = call.parameters
    agent, number = str(asked["Agent"]), str(asked.get("RunNumber") or "")
    with lock:
        service = _service(call)
        if not number:
            record = _start(service, call, agent)
            if not record.number:
                return VerbAnswer(_ended(service, call, record.status, ""), changed=True)
            number = str(record.number)
    _wait(service, agent, float(asked.get("WaitSeconds") or 20))
    with lock:
        try:
            found = next((record for record in service.history(call.session, agent) if record.number == int(number)), None)
        except SynchronizationProblem as problem:
            raise ScriptError(problem.message) from problem
        status = found.status if found is not None else IN_PROGRESS
        if status == IN_PROGRESS:
            return VerbAnswer({"status": status, "number": number, "details": "", "counts": {}}, changed=True)
        return VerbAnswer(_ended(service, call, status, number), changed=True)


def _start(service: SynchronizationService, call: VerbCall, agent: str) -> RunRecord:
    names = {name.casefold() for name in agent_names(service.state.documents)}
    if agent.casefold() not in names:
        raise ScriptError(f"There is no management agent '{agent}'.")
    try:
        return service.start_run(call.session, agent, str(call.parameters["RunProfile"]))
    except SynchronizationProblem as problem:
        raise ScriptError(problem.message) from problem


def _wait(service: SynchronizationService, agent: str, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not service.wait(agent, min(1.0, max(0.0, until - time.monotonic()))):
        if time.monotonic() >= until:
            return


def _ended(service: SynchronizationService, call: VerbCall, status: str, number: str) -> dict[str, Any]:
    agent = str(call.parameters["Agent"])
    details = ""
    if number:
        details = pack(service.run_details(call.session, agent, int(number)).encode("utf-8"))
    return {"status": status, "number": number, "details": details, "counts": _counts(service, call, agent)}
