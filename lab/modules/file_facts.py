# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of ansible.windows.win_stat and slurp (3.3.0)."""

from __future__ import annotations

import base64
import ntpath
from typing import Any

from ..estate.files import FileProblem, Node
from .file_view import FileView
from .registry import ModuleCall, ModuleFailure, twin


@twin("ansible.windows.win_stat", implements=frozenset({"path", "get_checksum", "get_size", "checksum_algorithm", "follow"}))
def win_stat(call: ModuleCall) -> dict[str, Any]:
    """The lab's volumes have no links, so `follow` makes no difference."""
    view, path = FileView.of(call), call.arguments["path"]
    node = view.get(path)
    if node is None:
        return {"stat": {"exists": False}}
    return {"stat": {**_common(call, view, path, node), **(_folder(call, view, path) if node.is_folder else _file(call, view, path, node))}}


def _common(call: ModuleCall, view: FileView, path: str, node: Node) -> dict[str, Any]:
    attributes = sorted({*node.attributes, "Directory" if node.is_folder else "Archive"})
    return {
        "exists": True,
        "attributes": ", ".join(attributes),
        "isarchive": "Archive" in attributes,
        "isdir": node.is_folder,
        "ishidden": "Hidden" in attributes,
        "isjunction": False,
        "islnk": False,
        "isreadonly": "ReadOnly" in attributes,
        "isreg": not node.is_folder,
        "isshared": False,
        "nlink": 1,
        "hlnk_targets": [],
        "creationtime": node.created,
        "lastaccesstime": node.modified,
        "lastwritetime": node.modified,
        "path": view.full_name(path),
        "filename": node.name,
        "owner": node.owner,
    }


def _folder(call: ModuleCall, view: FileView, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    name = next((share for share, folder in call.host.shares.items() if folder.casefold() == view.full_name(path).casefold()), None)
    if name is not None:
        found |= {"isshared": True, "sharename": name}
    if call.arguments["get_size"]:
        found["size"] = view.size(path)
    return found


def _file(call: ModuleCall, view: FileView, path: str, node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {"extension": ntpath.splitext(node.name)[1]}
    if call.arguments["get_checksum"]:
        try:
            found["checksum"] = view.digest(path, call.arguments["checksum_algorithm"])
        except FileProblem as problem:
            raise ModuleFailure(f"Failed to get hash of file, set get_checksum to False to ignore this error: {problem}") from None
    if call.arguments["get_size"]:
        found["size"] = len(node.content or b"")
    return found


@twin("ansible.windows.slurp", implements=frozenset({"src"}))
def slurp(call: ModuleCall) -> dict[str, Any]:
    view, path = FileView.of(call), call.arguments["src"]
    if view.is_folder(path):
        raise ModuleFailure(f"Path {path} is a directory")
    if not view.exists(path):
        raise ModuleFailure(f"Path {path} is not found")
    try:
        return {"content": base64.b64encode(view.read(path)).decode(), "encoding": "base64"}
    except FileProblem as problem:
        raise ModuleFailure(f'Unhandled exception while executing module: Exception calling "ReadAllBytes" with "1" argument(s): "{problem}"') from None
