# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files on the controller: read as a set, written one by one in a single step each."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..errors import InputError

_EXPORTED = frozenset({".xml"})
_VARIABLES = frozenset({".yml", ".yaml", ".json"})


def exported_files(folder: str, option: str) -> dict[str, bytes]:
    """All XML files of a folder by name; raises InputError that names the option."""
    path = Path(folder).expanduser()
    if not path.is_dir():
        wrong = "is a file, not a folder" if path.is_file() else "does not exist on the controller"
        raise InputError(f"the folder {folder} {wrong}", path=option)
    try:
        found = {item.name: item.read_bytes() for item in sorted(path.iterdir()) if item.suffix.lower() in _EXPORTED}
    except OSError as error:
        raise InputError(f"{error.filename or folder} cannot be read: {error.strerror}", path=option) from None
    if not found:
        raise InputError(f"the folder {folder} holds no XML file", path=option)
    return found


def variable_texts(place: str, option: str) -> dict[str, str]:
    """A YAML file, or all of a folder and those below it, by name."""
    path = Path(place).expanduser()
    if path.is_file():
        return {path.name: _text(path, option)}
    if not path.is_dir():
        raise InputError(f"neither a file nor a folder: {place}", path=option)
    return {str(item.relative_to(path)): _text(item, option) for item in sorted(path.rglob("*")) if item.suffix.lower() in _VARIABLES}


def _text(path: Path, option: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8", path=option) from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", path=option) from None


def differing(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What is there now of the files that differ; empty where there is none yet."""
    base = Path(folder).expanduser()
    present = {name: (base / name).read_bytes() if (base / name).is_file() else b"" for name in files}
    return {name: present[name] for name, content in files.items() if present[name] != content}


def write_files(folder: str, files: Mapping[str, bytes], option: str, mode: int = 0o644) -> None:
    """Each file is complete or not there: it is written beside its place and moved."""
    base = Path(folder).expanduser()
    try:
        base.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            _write(base / name, content, mode)
    except OSError as error:
        raise InputError(f"{folder} cannot be written to: {error.strerror}", path=option) from None


def _write(path: Path, content: bytes, mode: int) -> None:
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        Path(beside).chmod(mode)
        Path(beside).replace(path)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise
