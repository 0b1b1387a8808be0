# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of ansible.windows.win_copy (3.3.0), in all four modes that its action plugin asks for."""

from __future__ import annotations

import base64
import io
import ntpath
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..estate.files import FileProblem
from .file_view import FileView
from .registry import ModuleCall, ModuleFailure, twin

_OPTIONS = frozenset({"_copy_mode", "src", "dest", "backup", "_original_basename", "force", "files", "directories"})


@twin("ansible.windows.win_copy", implements=_OPTIONS)
def win_copy(call: ModuleCall) -> dict[str, Any]:
    mode = call.arguments["_copy_mode"].casefold()
    try:
        return _MODES[mode](call)
    except FileProblem as problem:
        raise ModuleFailure(f"Unhandled exception while executing module: {problem}") from None


def _query(call: ModuleCall) -> dict[str, Any]:
    """What of the controller's files and folders differs here."""
    view, dest = FileView.of(call), call.arguments["dest"]
    files = [each for each in call.arguments["files"] or () if _file_differs(call, view, dest, each)]
    folders = [each for each in call.arguments["directories"] or () if _folder_missing(view, dest, each)]
    return {"changed": False, "files": files, "directories": folders, "symlinks": []}


def _file_differs(call: ModuleCall, view: FileView, dest: str, file: Mapping[str, Any]) -> bool:
    path = ntpath.join(dest, file["dest"])
    if view.is_folder(path):
        path = ntpath.join(path, ntpath.basename(file["src"].replace("/", "\\")))
    if view.is_folder(path):
        raise ModuleFailure(f"cannot copy file to dest '{path}': object at path is already a directory")
    if not view.is_file(path):
        return True
    return bool(call.arguments["force"]) and view.digest(path) != file["checksum"]


def _folder_missing(view: FileView, dest: str, folder: Mapping[str, Any]) -> bool:
    path = ntpath.normpath(ntpath.join(dest, folder["dest"]))
    if view.is_file(ntpath.dirname(path)):
        raise ModuleFailure(f"cannot copy folder to dest '{path}': object at parent directory path is already a file")
    if view.is_file(path):
        raise ModuleFailure(f"cannot copy folder to dest '{path}': object at path is already a file")
    return not view.is_folder(path)


def _explode(call: ModuleCall) -> dict[str, Any]:
    """A zip whose names are base64, so that they survive."""
    view, src, dest = FileView.of(call), call.arguments["src"], call.arguments["dest"]
    if not view.is_file(src):
        raise ModuleFailure(f"Cannot expand src zip file: '{src}' as it does not exist")
    with zipfile.ZipFile(io.BytesIO(view.read(src))) as archive:
        for entry in archive.infolist():
            _extract(call, view, dest, entry, archive)
    return {"changed": True}


def _extract(call: ModuleCall, view: FileView, dest: str, entry: zipfile.ZipInfo, archive: zipfile.ZipFile) -> None:
    name = base64.b64decode(entry.filename.rstrip("/\\")).decode("utf-8").replace("/", "\\")
    target = ntpath.join(dest, name)
    folder = target if entry.is_dir() else ntpath.dirname(target)
    if call.check_mode:
        return
    if not view.exists(folder):
        view.make_folder(folder)
    if not entry.is_dir():
        view.write(target, archive.read(entry))


def _single(call: ModuleCall) -> dict[str, Any]:
    """A file that lies in a temporary folder goes to its place."""
    view, src, dest = FileView.of(call), call.arguments["src"], call.arguments["dest"]
    if not view.is_file(src):
        raise ModuleFailure(f"Cannot copy src file: '{src}' as it does not exist")
    target = dest
    if dest.endswith(("/", "\\")) or view.is_folder(dest):
        target = ntpath.join(dest, call.arguments["_original_basename"] or "")
    _prepare_folder(view, dest, target, check_mode=False)
    result: dict[str, Any] = {"changed": True}
    if call.arguments["backup"]:
        result["backup_file"] = _back_up(call, view, target)
    view.copy(src, target)
    return result


def _prepare_folder(view: FileView, dest: str, target: str, *, check_mode: bool) -> None:
    folder = ntpath.dirname(target.rstrip("\\/"))
    if view.is_file(folder):
        raise ModuleFailure(f"object at destination parent dir '{folder}' is currently a file")
    if view.is_folder(folder):
        return
    if dest == target:
        raise ModuleFailure(f"Destination directory '{folder}' does not exist")
    if not check_mode:
        view.make_folder(folder)


def _back_up(call: ModuleCall, view: FileView, path: str) -> str | None:
    """Backup-File of Ansible.ModuleUtils.Backup: the path with process id, time and .bak."""
    if not view.is_file(path):
        return None
    copy = f"{path}.4711.{time.strftime('%Y%m%d-%H%M%S', time.gmtime(call.host.now()))}.bak"
    if not call.check_mode:
        view.copy(path, copy)
    return copy


@dataclass
class _RemoteCopy:
    """Copies on the host itself and collects what was done."""

    call: ModuleCall
    view: FileView
    changed: bool = False
    diff: str = ""
    result: dict[str, Any] = field(default_factory=dict)

    def file(self, source: str, target: str) -> str | None:
        """The source's SHA-1 when files are compared."""
        view, force = self.view, self.call.arguments["force"]
        checksum = view.digest(source) if force else None
        if view.is_folder(target):
            raise ModuleFailure(f"cannot copy file from '{source}' to '{target}': dest is already a folder")
        exists = view.is_file(target)
        if exists and (not force or view.digest(target) == checksum):
            return checksum
        self._make_parent(source, target)
        if self.call.arguments["backup"]:
            self.result["backup_file"] = _back_up(self.call, view, target)
        self.diff += (f"-{target}\n" if exists else "") + f"+{target}\n"
        self.changed = True
        if not self.call.check_mode:
            view.copy(source, target)
        return checksum

    def _make_parent(self, source: str, target: str) -> None:
        folder = ntpath.dirname(target)
        if self.view.is_file(folder):
            raise ModuleFailure(f"cannot copy file from '{source}' to '{target}': object at dest parent dir is not a folder")
        if not self.view.exists(folder):
            if not self.call.check_mode:
                self.view.make_folder(folder)
            self.diff += f"+{folder}\\\n"

    def folder(self, source: str, target: str) -> None:
        if not self.view.is_folder(target):
            if self.view.is_file(ntpath.dirname(target)):
                raise ModuleFailure(f"cannot copy file from '{source}' to '{target}': object at dest parent dir is not a folder")
            if self.view.is_file(target):
                raise ModuleFailure(f"cannot copy folder from '{source}' to '{target}': dest is already a file")
            if not self.call.check_mode:
                self.view.make_folder(target)
            self.diff += f"+{target}\\\n"
            self.changed = True
        self.contents(source, target)

    def contents(self, source: str, target: str) -> None:
        for child in list(self.view.children(source)):
            pair = ntpath.join(source, child.name), ntpath.join(target, child.name)
            if child.is_folder:
                self.folder(*pair)
            else:
                self.file(*pair)


def _remote(call: ModuleCall) -> dict[str, Any]:
    view, src, dest = FileView.of(call), call.arguments["src"], call.arguments["dest"]
    if not src or not view.exists(src):
        raise ModuleFailure(f"Cannot copy src file: '{src or ''}' as it does not exist", src=src, dest=dest)
    copy = _RemoteCopy(call, view)
    target = _copy_folder(copy, src, dest) if view.is_folder(src) else _copy_file(copy, src, dest)
    there = not call.check_mode or view.is_file(target)
    copy.result |= {"changed": copy.changed, "src": src, "dest": target, "size": view.size(target) if there else None}
    return {**copy.result, "diff": {"prepared": copy.diff}}


def _copy_folder(copy: _RemoteCopy, src: str, dest: str) -> str:
    copy.result["operation"] = "folder_copy"
    if src.endswith(("/", "\\")):
        copy.contents(src, dest)
        return dest
    target = ntpath.join(dest, ntpath.basename(src.replace("/", "\\")))
    copy.folder(src, target)
    return target


def _copy_file(copy: _RemoteCopy, src: str, dest: str) -> str:
    name = ntpath.basename(src.replace("/", "\\"))
    target = ntpath.join(dest, name) if dest.endswith(("/", "\\")) or copy.view.is_folder(dest) else dest
    copy.result |= {"operation": "file_copy", "original_basename": name}
    # The real module makes this folder in check mode too; the lab's promise that check mode changes nothing goes first.
    _prepare_folder(copy.view, dest, target, check_mode=copy.call.check_mode)
    copy.result["checksum"] = copy.file(src, target)
    return target


_MODES: dict[str, Callable[[ModuleCall], dict[str, Any]]] = {"query": _query, "explode": _explode, "single": _single, "remote": _remote}
