# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of ansible.windows.win_file and win_tempfile (3.3.0)."""

from __future__ import annotations

import ntpath
import secrets
from typing import Any

from ..estate.files import FileProblem
from .environment import expand
from .file_view import FileView
from .registry import ModuleCall, ModuleFailure, twin

_LETTERS = "abcdefghijklmnopqrstuvwxyz012345"


@twin("ansible.windows.win_file", implements=frozenset({"path", "state", "_original_basename"}))
def win_file(call: ModuleCall) -> dict[str, Any]:
    view, path, state = FileView.of(call), call.arguments["path"], call.arguments["state"]
    state = state.casefold() if state else None
    if view.is_folder(path) and call.arguments["_original_basename"] is not None:
        path = ntpath.join(path, call.arguments["_original_basename"])
    try:
        changed = _touch(call, view, path) if state == "touch" else False
        if view.exists(path):
            return {"changed": _present(call, view, path, state) or changed}
        return {"changed": _missing(call, view, path, state) or changed}
    except FileProblem as problem:
        raise ModuleFailure(str(problem)) from None


def _touch(call: ModuleCall, view: FileView, path: str) -> bool:
    if call.check_mode:
        return True
    node = view.get(path)
    if node is not None:
        node.modified = call.host.now()
    else:
        view.write(path, b"")
    return True


def _present(call: ModuleCall, view: FileView, path: str, state: str | None) -> bool:
    if state == "absent":
        if not call.check_mode:
            _remove(view, path)
        return True
    if state == "directory" and not view.is_folder(path):
        raise ModuleFailure(f"path {path} is not a directory")
    if state == "file" and view.is_folder(path):
        raise ModuleFailure(f"path {path} is not a file")
    return False


def _remove(view: FileView, path: str) -> None:
    try:
        view.remove(path)
    except FileProblem as problem:
        raise ModuleFailure(f"Failed to delete {view.full_name(path)}: {problem}") from None


def _missing(call: ModuleCall, view: FileView, path: str, state: str | None) -> bool:
    if state is None:
        state = "file" if ntpath.basename(path) else "directory"
    if state == "file":
        raise ModuleFailure(f"path {path} will not be created")
    if state != "directory":
        return False
    if not call.check_mode:
        view.make_folder(path)
    return True


@twin("ansible.windows.win_tempfile", implements=frozenset({"path", "state", "prefix", "suffix"}))
def win_tempfile(call: ModuleCall) -> dict[str, Any]:
    options, view = call.arguments, FileView.of(call)
    prefix, suffix = (expand(options[name] or "", call.host, call.session) for name in ("prefix", "suffix"))
    name = "".join(secrets.choice(_LETTERS) for _unused in range(8)) + "." + "".join(secrets.choice(_LETTERS) for _unused in range(3))
    path = ntpath.join(expand(options["path"], call.host, call.session), f"{prefix}{name}{suffix}")
    if not call.check_mode:
        try:
            _create(view, path, folder=options["state"] == "directory")
        except FileProblem as problem:
            raise ModuleFailure(f"No random temporary file worked in 5 attempts. Error: {problem}") from None
    return {"changed": True, "state": options["state"], "path": path}


def _create(view: FileView, path: str, *, folder: bool) -> None:
    if not folder:
        view.write(path, b"")
        return
    view.make_folder(path)
