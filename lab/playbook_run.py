# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs ansible-playbook as a user would, shows that it lives, and counts what it did."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

HEARTBEAT = 1.0
# Without a terminal a line every second would bury the rest.
QUIET_HEARTBEAT = 10.0
TASK = re.compile(r"^(?:PLAY|TASK|RUNNING HANDLER) \[(?P<name>.*?)\] \**$")
RECAP = re.compile(r"^(?P<host>\S+)\s*: (?P<counts>ok=\d+.*)$")
COUNT = re.compile(r"(\w+)=(\d+)")
SHOWN = ("fatal:", "failed:", "[ERROR]", "ERROR!", "  msg:")


@dataclass(frozen=True)
class PlaybookRun:
    """`counts` are the sums over all hosts of the play recap (ok, changed, failed, unreachable, skipped); seconds of wall time."""

    code: int
    seconds: float
    counts: Mapping[str, int] = field(default_factory=dict)
    output: Path | None = None


class Heartbeat:
    """One line that shows what runs and for how long; on a terminal it is written over, else repeated now and then."""

    def __init__(self) -> None:
        self.what = "starting"
        self.since = time.monotonic()
        self._stop = Event()
        self._terminal = sys.stdout.isatty()
        self._thread = Thread(target=self._beat, daemon=True)

    def task(self, name: str) -> None:
        self.what, self.since = name, time.monotonic()
        if not self._terminal:
            print(f"    {name}", flush=True)

    def line(self, text: str) -> None:
        print(f"\r\x1b[K{text}" if self._terminal else text, flush=True)

    def _beat(self) -> None:
        while not self._stop.wait(HEARTBEAT if self._terminal else QUIET_HEARTBEAT):
            seconds = time.monotonic() - self.since
            if self._terminal:
                print(f"\r\x1b[K    {self.what[:100]} ... {seconds:.0f} s", end="", flush=True)
            elif seconds >= QUIET_HEARTBEAT:
                print(f"    {self.what} ... {seconds:.0f} s", flush=True)

    @contextmanager
    def running(self) -> Iterator[Heartbeat]:
        self._thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            self._thread.join()
            if self._terminal:
                print("\r\x1b[K", end="", flush=True)


def recap_of(lines: Sequence[str]) -> dict[str, int]:
    """Sums of the play recap's counts.

    >>> recap_of(["dc1 : ok=3 changed=1 failed=0", "mim1 : ok=2 changed=0 failed=0"])
    {'ok': 5, 'changed': 1, 'failed': 0}
    """
    totals: dict[str, int] = {}
    for line in lines:
        match = RECAP.match(line)
        for name, count in COUNT.findall(match["counts"]) if match else ():
            totals[name] = totals.get(name, 0) + int(count)
    return totals


def run_playbook(playbook: Path, inventory: Path, log: Path, *, variables: Mapping[str, str] | None = None, options: Sequence[str] = ()) -> PlaybookRun:
    """Runs a playbook; its whole output goes to `log`, tasks and failures are shown.

    The child has a process group of its own, which is ended with this process' interrupt.
    """
    extra = [part for name, value in (variables or {}).items() for part in ("-e", f"{name}={value}")]
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(inventory), str(playbook), *extra, *options]
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_NOCOWS": "1", "PYTHONUNBUFFERED": "1"}
    # A copy of the collection that some tool installed for the user must not stand before the repository.
    environment.setdefault("ANSIBLE_COLLECTIONS_PATH", sysconfig.get_path("purelib"))
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    lines: list[str] = []
    started = time.monotonic()
    beat = Heartbeat()
    with (
        log.open("w", encoding="utf-8") as file,
        beat.running(),
        subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                file.write(line)
                lines.append(line.rstrip("\n"))
                show(line.rstrip("\n"), beat)
            process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            raise
    return PlaybookRun(process.returncode, time.monotonic() - started, recap_of(lines), log)


def show(line: str, beat: Heartbeat) -> None:
    match = TASK.match(line)
    if match:
        beat.task(match["name"])
    elif line.startswith(SHOWN):
        beat.line(line)
