# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of ansible-core's own small scripts: put and fetch files, make a temporary folder, expand `~`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import ntpath
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..estate.files import FileProblem
from ..wsman.shells import Completed
from . import answers
from .environment import expand, profile_folder
from .protocol import HelperRun

if TYPE_CHECKING:
    from ..estate.host import Host
    from ..estate.session import Session

Helper = Callable[[Mapping[str, Any], bytes, "Host", "Session"], Completed]


def run(call: HelperRun, host: Host, session: Session) -> Completed:
    helper = _HELPERS.get(call.name)
    if helper is None:
        return answers.refused(f"the script {call.name} is not simulated")
    try:
        return helper(call.parameters, call.data, host, session)
    except FileProblem as problem:
        return answers.failed(f"failure during exec_wrapper: {problem}")


def put_file(parameters: Mapping[str, Any], data: bytes, host: Host, session: Session) -> Completed:
    """The input's lines are base64; the answer is the content's SHA-1."""
    try:
        content = b"".join(base64.b64decode(line, validate=True) for line in data.split() if line)
    except binascii.Error:
        return answers.failed("failure during exec_wrapper: The input is not a valid Base-64 string")
    host.files.write(parameters["Path"], content, now=host.now())
    return answers.text_answer(json.dumps({"sha1": hashlib.sha1(content, usedforsecurity=False).hexdigest()}))


def fetch_file(parameters: Mapping[str, Any], data: bytes, host: Host, session: Session) -> Completed:
    """A part of a file as base64; `[DIR]` for a folder."""
    path, size, offset = parameters["Path"], int(parameters["BufferSize"]), int(parameters["Offset"])
    if host.files.is_folder(path):
        return answers.text_answer("[DIR]")
    if not host.files.exists(path):
        return Completed(b"", f"{path} does not exist\r\n".encode(), 1)
    part = host.files.read(path)[offset : offset + size]
    return answers.text_answer(base64.b64encode(part).decode()) if part else Completed()


def make_temporary_folder(parameters: Mapping[str, Any], data: bytes, host: Host, session: Session) -> Completed:
    folder = expand(parameters["Directory"], host, session)
    path = ntpath.join(folder, parameters["Name"])
    if host.files.exists(path):
        raise FileProblem(f"An item with the specified name {path} already exists.")
    host.files.make_folder(path, now=host.now())
    return answers.text_answer(path)


def expand_user(parameters: Mapping[str, Any], data: bytes, host: Host, session: Session) -> Completed:
    path, home = parameters["Path"], profile_folder(session)
    if path == "~":
        return answers.text_answer(home)
    return answers.text_answer(ntpath.join(home, path[2:]) if path.startswith("~\\") else path)


_HELPERS: dict[str, Helper] = {
    "winrm_put_file.ps1": put_file,
    "winrm_fetch_file.ps1": fetch_file,
    "powershell_mkdtemp.ps1": make_temporary_folder,
    "powershell_expand_user.ps1": expand_user,
}
