# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of configuration_apply.ps1."""

from __future__ import annotations

import json
import ntpath
from collections.abc import Mapping
from typing import Any

from ...plugins.plugin_utils.configuration.folder import fingerprint, pack, unpack
from ..estate.files import FileProblem
from ..estate.synchronization import SynchronizationService, service_of
from ..estate.synchronization_state import SynchronizationProblem
from .configuration_read import export, passwords_of
from .registry import ScriptError, VerbAnswer, VerbCall, verb

_NO_KEY = r"Cannot find path 'HKLM:\SYSTEM\CurrentControlSet\Services\FIMSynchronizationService\Parameters' because it does not exist."


@verb("configuration_apply")
def configuration_apply(call: VerbCall) -> VerbAnswer:
    service = service_of(call.host)
    if service is None:
        raise ScriptError(_NO_KEY, category="ObjectNotFound")
    try:
        return _apply(call, service)
    except SynchronizationProblem as problem:
        raise ScriptError(problem.message) from None
    except FileProblem as problem:
        raise ScriptError(str(problem), exception_type="System.IO.IOException") from None


def _apply(call: VerbCall, service: SynchronizationService) -> VerbAnswer:
    running = service.running_agents(call.session)
    if running:
        raise ScriptError(f"The management agent {', '.join(running)} is running; nothing was changed.")
    present, wanted = export(call, service), str(call.parameters["Fingerprint"])
    if wanted and fingerprint(present) != wanted:
        raise ScriptError("The configuration has changed since it was read; nothing was changed.")
    _back_up(call, present)
    planned = unpack(json.loads(str(call.parameters["Files"])))
    service.import_files(call.session, planned)
    _set_credentials(call, service, planned)
    if call.parameters["Provisioning"]:
        service.set_provisioning(call.session, call.parameters["Provisioning"] == "true")
    _write_state(call)
    return VerbAnswer({"files": pack(export(call, service)), "backup": call.parameters["BackupFolder"]}, changed=True)


def _back_up(call: VerbCall, present: Mapping[str, bytes]) -> None:
    folder = str(call.parameters["BackupFolder"])
    if not folder:
        return
    now, files = _now(call), call.host.files
    files.make_folder(folder, now=now)
    for name, content in present.items():
        files.write(ntpath.join(folder, name), content, now=now)
    files.write(ntpath.join(folder, "manifest.json"), str(call.parameters["Manifest"]).encode(), now=now)


def _set_credentials(call: VerbCall, service: SynchronizationService, planned: Mapping[str, bytes]) -> None:
    passwords = passwords_of(call)
    orders: list[dict[str, Any]] = json.loads(str(call.parameters["Orders"]))
    for order in orders:
        if order["kind"] == "ad":
            password = passwords[order["agent"]]
            service.set_ad_credentials(
                call.session, order["agent"], order["forest"], order["account"], password, container=order["containers"], partitions=order["partitions"]
            )
            service.import_files(call.session, planned)
    for order in orders:
        if order["kind"] == "ecma2":
            service.set_ecma2(call.session, order["agent"], "connectivity", order["parameters"], username=order["account"], password=passwords[order["agent"]])


def _write_state(call: VerbCall) -> None:
    path, content = str(call.parameters["StateFile"]), str(call.parameters["State"])
    if content:
        call.host.files.make_folder(ntpath.dirname(path), now=_now(call))
        call.host.files.write(path, content.encode(), now=_now(call))


def _now(call: VerbCall) -> float:
    return call.host.estate.now() if call.host.estate is not None else 0.0
