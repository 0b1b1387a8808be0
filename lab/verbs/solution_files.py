# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of solution_read.ps1 and solution_write.ps1."""

from __future__ import annotations

import gzip
import ntpath
from base64 import b64decode
from typing import TYPE_CHECKING

from ..estate.files import FileProblem
from .registry import ScriptError, VerbAnswer, VerbCall, verb

if TYPE_CHECKING:
    from ..estate.host import Host


def file_hash(host: Host, path: str) -> str:
    """SHA-256 in lower case; empty when there is no such file."""
    node = host.files.get(path)
    return "" if node is None or node.is_folder else host.files.digest(path, "sha256")


@verb("solution_read")
def solution_read(call: VerbCall) -> VerbAnswer:
    folder = str(call.parameters["Folder"])
    found = {name: file_hash(call.host, ntpath.join(folder, name)) for name in call.parameters["Names"]}
    return VerbAnswer({"folder": call.host.files.is_folder(folder), "files": {name: digest for name, digest in found.items() if digest}})


@verb("solution_write")
def solution_write(call: VerbCall) -> VerbAnswer:
    folder, names = str(call.parameters["Folder"]), list(call.parameters["Names"])
    now = call.host.estate.now() if call.host.estate else 0.0
    try:
        call.host.files.make_folder(folder, now=now)
        for name, packed in zip(names, call.parameters["Contents"], strict=True):
            call.host.files.write(ntpath.join(folder, name), gzip.decompress(b64decode(packed)), now=now)
    except FileProblem as problem:
        raise ScriptError(str(problem), exception_type="System.IO.IOException") from None
    return VerbAnswer({"written": names}, changed=True)
