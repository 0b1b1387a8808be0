# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of key_set_read.ps1 and key_set_export.ps1."""

from __future__ import annotations

import hashlib
import json
import ntpath
from typing import Any

from ..estate.directory_errors import DirectoryError
from ..estate.domains import domain_of
from ..estate.files import FileProblem
from ..estate.synchronization import SERVICE_NAME, SynchronizationService, service_of
from .registry import ScriptError, VerbAnswer, VerbCall, verb

# What the lab's key file begins with; the key set's identifier follows.
KEY_FILE_LEAD = b"lab-key-set: "


@verb("key_set_read")
def key_set_read(call: VerbCall) -> VerbAnswer:
    service = service_of(call.host)
    entry = call.host.service(SERVICE_NAME)
    answer: dict[str, Any] = {"installed": False, "running": False, "server": "", "instance": "", "database": "", "account": ""}
    if service is not None and entry is not None:
        answer |= _ties(service) | {"installed": True, "running": service.running, "account": entry.account}
    path, record = str(call.parameters["Path"]), str(call.parameters["RecordPath"])
    answer["sha256"] = call.host.files.digest(path, "sha256").upper() if _is_file(call, path) else ""
    answer["record"] = call.host.files.read(record).decode() if _is_file(call, record) else ""
    return VerbAnswer(answer)


@verb("key_set_export")
def key_set_export(call: VerbCall) -> VerbAnswer:
    service = service_of(call.host)
    if service is None:
        raise ScriptError("Cannot find path 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\FIMSynchronizationService\\Parameters' because it does not exist.")
    path, account = str(call.parameters["Path"]), str(call.parameters["Account"])
    _export_refusals(call, service, account)
    content = KEY_FILE_LEAD + service.state.key_set.encode() + b"\n"
    digest = hashlib.sha256(content).hexdigest()
    now = call.host.now()
    try:
        call.host.files.make_folder(ntpath.dirname(path), now=now)
        call.host.files.write(path, content, now=now)
        record = json.dumps({"sha256": digest, **_ties(service), "account": account})
        call.host.files.write(f"{path}.record.json", record.encode(), now=now)
    except FileProblem as problem:
        raise ScriptError(str(problem)) from None
    return VerbAnswer({"sha256": digest}, changed=True)


def _export_refusals(call: VerbCall, service: SynchronizationService, account: str) -> None:
    """miiskmu tells nothing but its exit code."""
    if not call.session.administrator or "admins" not in service.roles(call.session):
        raise ScriptError("miiskmu.exe ended with exit code 5")
    if not service.running or not service.key_set:
        raise ScriptError("miiskmu.exe ended with exit code 1")
    if account.casefold() != service.account.casefold() or not _is_accepted(call, account, str(call.parameters.get("Password") or "")):
        raise ScriptError("miiskmu.exe ended with exit code 1326")


def _is_accepted(call: VerbCall, account: str, password: str) -> bool:
    if call.host.estate is None:
        raise AssertionError("call.host.estate is there by construction")
    if account.endswith("$"):
        return not password
    domain, _unused, name = account.rpartition("\\")
    try:
        domain_of(call.host).verify(domain, name, password)
    except DirectoryError:
        return False
    return True


def _ties(service: SynchronizationService) -> dict[str, str]:
    return {"server": service.sql_server, "instance": service.instance, "database": service.database_name}


def _is_file(call: VerbCall, path: str) -> bool:
    node = call.host.files.get(path)
    return node is not None and not node.is_folder
