# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the lab notes down: counts of remote executions and its log. Never arguments, never input."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from ..estate.estate import Estate
    from ..estate.host import Host

PREFIX = "executions."


class Journal:
    """`executions.log`: time, host, what ran, seconds. `lab.log`: all else. Without a folder nothing is written."""

    def __init__(self, estate: Estate, folder: Path | None = None) -> None:
        self._estate = estate
        self._lock = threading.Lock()
        self._executions = _open(folder, "executions.log")
        self._log = _open(folder, "lab.log")

    def count(self, host: Host) -> None:
        """One WinRM command."""
        with self._lock:
            key = PREFIX + host.name
            self._estate.counters[key] = self._estate.counters.get(key, 0) + 1

    def executed(self, host: Host, what: str, seconds: float) -> None:
        self._write(self._executions, f"{host.name}\t{what}\t{seconds:.3f}")

    def note(self, line: str) -> None:
        self._write(self._log, line)

    def close(self) -> None:
        for file in (self._executions, self._log):
            if file is not None:
                file.close()
        self._executions = self._log = None

    def _write(self, file: TextIO | None, line: str) -> None:
        if file is None:
            return
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with self._lock:
            file.write(f"{stamp}\t{line}\n")
            file.flush()


def executions(estate: Estate) -> dict[str, int]:
    """WinRM commands by host name."""
    return {name.removeprefix(PREFIX): count for name, count in estate.counters.items() if name.startswith(PREFIX)}


def reset_executions(estate: Estate) -> None:
    for name in [name for name in estate.counters if name.startswith(PREFIX)]:
        del estate.counters[name]


def _open(folder: Path | None, name: str) -> TextIO | None:
    return (folder / name).open("a", encoding="utf-8") if folder is not None else None
