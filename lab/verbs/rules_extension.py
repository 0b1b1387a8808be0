# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of extension_read.ps1 and extension_publish.ps1."""

from __future__ import annotations

import json
import ntpath
from typing import TYPE_CHECKING, Any

from ..estate.csharp import compile_library
from ..estate.files import FileProblem
from ..estate.synchronization import service_of
from ..estate.synchronization_state import SynchronizationProblem
from .registry import ScriptError, VerbAnswer, VerbCall, verb
from .solution_files import file_hash

if TYPE_CHECKING:
    from ..estate.host import Host


@verb("extension_read")
def extension_read(call: VerbCall) -> VerbAnswer:
    host = call.host
    hashes = {path: file_hash(host, path) for path in call.parameters["Sources"]}
    answer: dict[str, Any] = {
        "folder": "",
        "reference": "",
        "reference_version": "",
        "sources": {path: digest for path, digest in hashes.items() if digest},
        "assembly": "",
        "assembly_hash": "",
        "record": "",
        "running": [],
    }
    service = service_of(host)
    if service is None:
        return VerbAnswer(answer)
    answer["folder"] = service.folder + "\\"
    answer["reference"] = service.path(r"Bin\Assemblies\Microsoft.MetadirectoryServicesEx.dll")
    reference = host.files.get(answer["reference"])
    answer["reference_version"] = reference.version if reference is not None else ""
    answer["assembly"] = service.path(ntpath.join("Extensions", str(call.parameters["AssemblyName"])))
    answer["assembly_hash"] = file_hash(host, answer["assembly"])
    if host.files.exists(answer["assembly"] + ".json"):
        answer["record"] = host.files.read(answer["assembly"] + ".json").decode("utf-8", "replace")
    if service.running:
        try:
            answer["running"] = list(service.running_agents(call.session))
        except SynchronizationProblem as problem:
            raise ScriptError(problem.message) from None
    return VerbAnswer(answer)


@verb("extension_publish")
def extension_publish(call: VerbCall) -> VerbAnswer:
    host, assembly = call.host, str(call.parameters["Assembly"])
    record = json.loads(str(call.parameters["Record"]))
    library = _compiled(host, [str(path) for path in call.parameters["Sources"]], str(call.parameters["Reference"]))
    now = host.estate.now() if host.estate else 0.0
    backup = ""
    try:
        if host.files.exists(assembly):
            backup = assembly + ".bak"
            host.files.write(backup, host.files.read(assembly), now=now)
        host.files.write(assembly, library, now=now, version="0.0.0.0")
        record["assembly"] = file_hash(host, assembly)
        host.files.write(assembly + ".json", json.dumps(record, separators=(",", ":")).encode(), now=now)
    except FileProblem as problem:
        raise ScriptError(str(problem), exception_type="System.IO.IOException") from None
    return VerbAnswer({"assembly_hash": record["assembly"], "backup": backup}, changed=True)


def _compiled(host: Host, paths: list[str], reference: str) -> bytes:
    """The assembly's bytes; ScriptError with the compiler's messages, as the verb words them."""
    if not host.files.exists(reference):
        raise ScriptError(f"The rules extension does not compile: (0) : Metadata file '{reference}' could not be found")
    try:
        sources = {path: host.files.read(path).decode("utf-8-sig", "replace") for path in paths}
    except FileProblem as problem:
        raise ScriptError(str(problem), exception_type="System.IO.FileNotFoundException") from None
    library, errors = compile_library(sources)
    if errors:
        raise ScriptError(
            "The rules extension does not compile: " + " | ".join(f"{error} | Cannot add type. Compilation errors occurred." for error in errors[:5])
        )
    return library
