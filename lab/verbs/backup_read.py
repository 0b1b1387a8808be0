# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of backup_read.ps1 and agents_state.ps1."""

from __future__ import annotations

import ntpath
from typing import Any

from ...plugins.plugin_utils.configuration.folder import pack
from ..estate.files import FileProblem
from ..estate.synchronization import service_of
from ..estate.synchronization_state import SynchronizationProblem
from ..modules.file_view import FileView
from .registry import ScriptError, VerbAnswer, VerbCall, verb


@verb("backup_read")
def backup_read(call: VerbCall) -> VerbAnswer:
    view, folder, name = FileView(call.host, call.session), str(call.parameters["BackupFolder"]), str(call.parameters["Name"] or "")
    try:
        backups = [_backup(view, ntpath.join(folder, node.name)) for node in view.children(folder) if node.is_folder] if view.is_folder(folder) else []
        chosen = ntpath.join(folder, name)
        files = [node for node in view.children(chosen) if _is_document(node.name)] if name and view.is_folder(chosen) else []
        return VerbAnswer({"backups": backups, "files": pack({node.name: view.read(ntpath.join(chosen, node.name)) for node in files})})
    except FileProblem as problem:
        raise ScriptError(str(problem), exception_type="System.IO.IOException") from None


@verb("agents_state")
def agents_state(call: VerbCall) -> VerbAnswer:
    service = service_of(call.host)
    if service is None:
        raise ScriptError('Invalid namespace "root\\MicrosoftIdentityIntegrationServer"', category="InvalidArgument")
    try:
        asked = {str(name).casefold() for name in call.parameters["Stop"] or ()}
        said = {name: service.stop(call.session, name) for name in service.running_agents(call.session) if name.casefold() in asked}
        refused = [{"agent": name, "answer": answer} for name, answer in said.items() if answer not in ("success", "ma-not-running")]
        return VerbAnswer({"running": list(service.running_agents(call.session)), "refused": refused}, changed=bool(asked))
    except SynchronizationProblem as problem:
        raise ScriptError(problem.message) from None


def _backup(view: FileView, folder: str) -> dict[str, Any]:
    path = ntpath.join(folder, "manifest.json")
    return {"name": ntpath.basename(folder), "manifest": view.read(path).decode() if view.is_file(path) else None}


def _is_document(name: str) -> bool:
    return name.casefold().endswith(".xml")
