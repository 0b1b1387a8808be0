# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of extension_read.ps1, extension_publish.ps1, rules_publish.ps1 and extension_restore.ps1."""

from __future__ import annotations

import gzip
import json
import ntpath
from base64 import b64decode, b64encode
from typing import Any

from ..estate.csharp import compile_library
from ..estate.files import FileProblem
from ..estate.synchronization import SynchronizationService, service_of
from ..estate.synchronization_engine import read_server
from ..estate.synchronization_state import SynchronizationProblem
from ..modules.file_view import FileView
from .registry import ScriptError, VerbAnswer, VerbCall, verb
from .solution_files import file_hash


@verb("extension_read")
def extension_read(call: VerbCall) -> VerbAnswer:
    host, view = call.host, FileView(call.host, call.session)
    hashes = {path: file_hash(view, path) for path in call.parameters["Sources"]}
    answer: dict[str, Any] = {
        "folder": "",
        "reference": "",
        "reference_version": "",
        "sources": {path: digest for path, digest in hashes.items() if digest},
        "assembly": "",
        "assembly_hash": "",
        "record": "",
        "running": [],
        "rules_hash": "",
        "rules": "",
        "loaded": False,
        "kept": False,
        "results": {},
    }
    service = service_of(host)
    if service is None:
        return VerbAnswer(answer)
    answer["folder"] = service.folder + "\\"
    answer["reference"] = service.path(r"Bin\Assemblies\Microsoft.MetadirectoryServicesEx.dll")
    reference = host.files.get(answer["reference"])
    answer["reference_version"] = reference.version if reference is not None else ""
    answer["assembly"] = service.path(ntpath.join("Extensions", str(call.parameters["AssemblyName"])))
    answer["assembly_hash"] = file_hash(view, answer["assembly"])
    if view.is_file(answer["assembly"] + ".json"):
        answer["record"] = view.read(answer["assembly"] + ".json").decode("utf-8", "replace")
    answer["kept"] = view.is_file(answer["assembly"] + ".bak")
    if call.parameters.get("RulesName"):
        rules = service.path(ntpath.join("Extensions", str(call.parameters["RulesName"])))
        answer["rules_hash"] = file_hash(view, rules)
        if view.is_file(rules):
            answer["rules"] = b64encode(gzip.compress(view.read(rules))).decode()
        answer["kept"] = answer["kept"] or view.is_file(rules + ".bak")
    if service.running:
        answer["loaded"] = service.board.holds(str(call.parameters["AssemblyName"]))
        try:
            answer["running"] = list(service.running_agents(call.session))
            answer["results"] = _results(service)
        except SynchronizationProblem as problem:
            raise ScriptError(problem.message) from None
    return VerbAnswer(answer)


@verb("extension_publish")
def extension_publish(call: VerbCall) -> VerbAnswer:
    view, assembly = FileView(call.host, call.session), str(call.parameters["Assembly"])
    record = json.loads(str(call.parameters["Record"]))
    library = _compiled(view, [str(path) for path in call.parameters["Sources"]], str(call.parameters["Reference"]))
    backup = ""
    try:
        if view.is_file(assembly):
            backup = assembly + ".bak"
            view.copy(assembly, backup)
        _keep(view, [assembly + ".json", *map(str, call.parameters.get("Keep") or ())])
        view.write(assembly, library, version="0.0.0.0")
        record["assembly"] = file_hash(view, assembly)
        view.write(assembly + ".json", json.dumps(record, separators=(",", ":")).encode())
    except FileProblem as problem:
        raise ScriptError(str(problem), exception_type="System.UnauthorizedAccessException") from None
    return VerbAnswer({"assembly_hash": record["assembly"], "backup": backup}, changed=True)


def _keep(view: FileView, paths: list[str]) -> None:
    for path in paths:
        if view.is_file(path):
            view.copy(path, path + ".bak")


def _results(service: SynchronizationService) -> dict[str, str]:
    """The status of each agent's last run, as the agent's WMI object tells it."""
    names = [agent.name for agent in read_server(service).agents] if service.state.documents else []
    records = {name: service.board.last(service, name) for name in names}
    return {name: record.status if record is not None else "" for name, record in records.items()}


@verb("rules_publish")
def rules_publish(call: VerbCall) -> VerbAnswer:
    view, rules, assembly = FileView(call.host, call.session), str(call.parameters["Rules"]), str(call.parameters["Assembly"])
    backup = ""
    try:
        if view.is_file(rules):
            backup = rules + ".bak"
            view.copy(rules, backup)
        _keep(view, [assembly, assembly + ".json"])
        view.write(rules, gzip.decompress(b64decode(str(call.parameters["Content"]))))
        node = view.get(assembly)
        if node is not None:
            view.write(assembly, view.read(assembly), version=node.version)
    except FileProblem as problem:
        raise ScriptError(str(problem), exception_type="System.UnauthorizedAccessException") from None
    return VerbAnswer({"rules_hash": file_hash(view, rules), "backup": backup}, changed=True)


@verb("extension_restore")
def extension_restore(call: VerbCall) -> VerbAnswer:
    view, restored = FileView(call.host, call.session), []
    try:
        for path in map(str, call.parameters["Paths"]):
            if not view.is_file(path + ".bak"):
                continue
            if view.is_file(path):
                view.copy(path, path + ".failed")
            view.copy(path + ".bak", path)
            view.remove(path + ".bak")
            restored.append(path)
    except FileProblem as problem:
        raise ScriptError(str(problem), exception_type="System.UnauthorizedAccessException") from None
    return VerbAnswer({"restored": restored}, changed=True)


def _compiled(view: FileView, paths: list[str], reference: str) -> bytes:
    """The assembly's bytes; ScriptError with the compiler's messages, as the verb words them."""
    if not view.is_file(reference):
        raise ScriptError(f"The rules extension does not compile: (0) : Metadata file '{reference}' could not be found")
    try:
        sources = {path: view.read(path).decode("utf-8-sig", "replace") for path in paths}
    except FileProblem as problem:
        raise ScriptError(str(problem), exception_type="System.IO.FileNotFoundException") from None
    library, errors = compile_library(sources)
    if errors:
        lines = [*errors[:5], "Cannot add type. Compilation errors occurred."]
        raise ScriptError(f"The rules extension does not compile: {' | '.join(lines)}")
    return library
