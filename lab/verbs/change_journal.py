# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The journal of a change as configuration_apply.ps1 keeps it: a file that it has open, with a line for each step."""

from __future__ import annotations

import json
import ntpath
from datetime import UTC, datetime

from ..estate.interruptions import reached
from ..modules.file_view import FileView
from .registry import ScriptError, VerbCall

_OPEN = "open_journals"


class ChangeJournal:
    """While it is open, others see that a script works with it."""

    def __init__(self, call: VerbCall) -> None:
        self._call = call
        self._view = FileView(call.host, call.session)
        self.path = str(call.parameters["JournalFile"])
        self.mine = False

    def open(self) -> None:
        """Makes the file, or takes the one that was seen; raises ScriptError where it is somebody else's, FileProblem."""
        seen = str(self._call.parameters["JournalSeen"] or "")
        self._view.make_folder(ntpath.dirname(self.path))
        there = self._view.is_file(self.path)
        if there != bool(seen) or is_open(self._call, self.path):
            raise ScriptError("Another run has begun to change the configuration" if there else f"Could not find file '{self.path}'.")
        if there and first_line(self._view.read(self.path)) != seen:
            raise ScriptError("Another run has taken over the change of the configuration")
        if not there:
            self._view.write(self.path, b"")
        _opened(self._call).add(self._key())
        self.mine = True

    def begin(self) -> None:
        """Writes the first line where it is not this run's own already."""
        own = str(self._call.parameters["Journal"])
        if first_line(self._view.read(self.path)) != own:
            self._view.write(self.path, f"{own}\n".encode())

    def close(self) -> None:
        if self.mine:
            _opened(self._call).discard(self._key())

    def remove(self) -> None:
        self._view.remove(self.path)

    def step(self, name: str) -> None:
        """Writes the line; then what somebody wanted to happen here happens."""
        at = datetime.fromtimestamp(self._call.host.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        line = json.dumps({"step": name, "at": at}) + "\n"
        self._view.write(self.path, self._view.read(self.path) + line.encode())

    def happen(self, name: str) -> None:
        reached(self._call.host, name)

    def _key(self) -> tuple[str, str]:
        return self._call.host.name, self.path.casefold()


def is_open(call: VerbCall, path: str) -> bool:
    return (call.host.name, path.casefold()) in _opened(call)


def first_line(content: bytes) -> str:
    """`-` for a file without one."""
    return content.decode().partition("\n")[0] or "-"


def _opened(call: VerbCall) -> set[tuple[str, str]]:
    if call.host.estate is None:
        return set()
    opened: set[tuple[str, str]] = call.host.estate.extra.setdefault(_OPEN, set())
    return opened
