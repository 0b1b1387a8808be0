# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of solution_read.ps1 and solution_write.ps1."""

from __future__ import annotations

import gzip
import ntpath
from base64 import b64decode

from ..estate.files import FileProblem
from ..modules.file_view import FileView
from .registry import ScriptError, VerbAnswer, VerbCall, verb


def file_hash(view: FileView, path: str) -> str:
    """SHA-256 in lower case; empty when there is no such file."""
    return view.digest(path, "sha256") if view.is_file(path) else ""


@verb("solution_read")
def solution_read(call: VerbCall) -> VerbAnswer:
    folder, view = str(call.parameters["Folder"]), FileView(call.host, call.session)
    try:
        found = {name: file_hash(view, ntpath.join(folder, name)) for name in call.parameters["Names"]}
    except FileProblem as problem:
        raise ScriptError(str(problem), exception_type="System.UnauthorizedAccessException") from None
    return VerbAnswer({"folder": view.is_folder(folder), "files": {name: digest for name, digest in found.items() if digest}})


@verb("solution_write")
def solution_write(call: VerbCall) -> VerbAnswer:
    folder, view, names = str(call.parameters["Folder"]), FileView(call.host, call.session), list(call.parameters["Names"])
    try:
        view.make_folder(folder)
        for name, packed in zip(names, call.parameters["Contents"], strict=True):
            view.write(ntpath.join(folder, name), gzip.decompress(b64decode(packed)))
    except FileProblem as problem:
        raise ScriptError(str(problem), exception_type="System.UnauthorizedAccessException") from None
    return VerbAnswer({"written": names}, changed=True)
