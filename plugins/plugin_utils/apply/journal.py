# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The journal of a change: a file on the host that is there while a change is being made, so that it is a lock as well.

Its first line says whose it is, each further line names a step that was reached, in JSON. The host makes the file in one
step that fails when it is there already, and keeps it open while a script works. It is taken away once the change is
verified or taken back; one that is left over tells of a run that broke off.
"""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import json
import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

JOURNAL_FILE = "change.journal"
# What the host takes for the first line of a file whose maker was gone before it had written one.
NO_HEADER = "-"
# The step from which on the server may hold something else than before.
IMPORTING = "importing"
EXPORTED = "exported"


@dataclass(frozen=True)
class Holder:
    """Who makes a change. `process` tells one process from all others; `since` is UTC; `what` is made, `backup` holds what was before."""

    controller: str
    user: str
    process: str
    since: str
    what: str
    backup: str

    def line(self) -> str:
        """The journal's first line."""
        return json.dumps(asdict(self), ensure_ascii=True)

    def __str__(self) -> str:
        return f"{self.user or 'somebody'} on {self.controller or 'an unknown controller'}"


@dataclass(frozen=True)
class Journal:
    """`age` in seconds since the last step, by the host's clock; `opened`: a script on the host works with it right now."""

    header: str
    holder: Holder
    steps: tuple[str, ...] = ()
    age: int = 0
    opened: bool = False

    @property
    def touched(self) -> bool:
        """True if the server may hold something else than before."""
        return IMPORTING in self.steps

    @property
    def last(self) -> str:
        return self.steps[-1] if self.steps else "begun"


def read_journal(text: str | None, age: int, opened: bool) -> Journal | None:
    """None where there is no file (None, too). A line that is cut off counts as not written."""
    if text is None:
        return None
    lines = text.splitlines()
    head = _object(lines[0]) if lines else {}
    holder = Holder(**{name: str(head.get(name) or "") for name in Holder.__dataclass_fields__})
    steps = tuple(str(found["step"]) for line in lines[1:] if (found := _object(line)).get("step"))
    return Journal(lines[0] if lines and lines[0].strip() else NO_HEADER, holder, steps, age, opened)


def this_process(what: str, backup: str, since: str) -> Holder:
    """The holder that stands for the process that asks."""
    user = "somebody"
    with contextlib.suppress(KeyError, OSError, ImportError):
        user = getpass.getuser()
    return Holder(socket.gethostname(), user, f"{_machine()}/{os.getpid()}", since, what, backup)


def obstacle(journal: Journal, host: str, limit: int, *, take_over: bool) -> str:
    """Why nobody else may begin, as a message; empty when the journal's run is over. `limit` in seconds."""
    holder = journal.holder
    since, what = holder.since or "an unknown time", holder.what or "change"
    lead = f"The configuration of {host} is being changed by {holder} since {since} ({what}, last step: {journal.last})"
    backup = f" The configuration from before lies in {holder.backup}." if holder.backup else ""
    if journal.opened:
        return f"{lead}, and its script works on the host right now; nothing was changed. Wait for its end.{backup}"
    if take_over or journal.age > limit or _ended(holder):
        return ""
    return (
        f"{lead}, {journal.age} seconds ago; nothing was changed. Wait for its end. If that run is gone, its change is taken over "
        f"{limit} seconds after its last step, or at once with take_over: true.{backup}"
    )


def finding(journal: Journal) -> str:
    """What a run tells that goes on where another one broke off."""
    holder = journal.holder
    lead = f"A {holder.what or 'change'} by {holder}, begun {holder.since or 'at an unknown time'}, broke off after the step {journal.last!r}"
    if not journal.touched:
        return f"{lead}; nothing had been imported."
    return f"{lead}; the configuration from before lies in {holder.backup or 'no backup'}."


def _ended(holder: Holder) -> bool:
    """True if the holder is a process of this very machine that is no more, or the one that asks (a task that is tried again)."""
    machine, _unused, number = holder.process.rpartition("/")
    if holder.controller != socket.gethostname() or machine != _machine() or not number.isdigit():
        return False
    if int(number) == os.getpid():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return _waits_to_be_reaped(number)


def _waits_to_be_reaped(process: str) -> bool:
    """A killed process keeps its number until its parent asks for it, in a container without a real init for good. False where the system does not tell."""
    try:
        told = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return told.rpartition(")")[2].split()[:1] in (["Z"], ["X"])


def _machine() -> str:
    """Tells machines, boots and containers apart, whose process numbers mean different processes."""
    parts = []
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii"))
    with contextlib.suppress(OSError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:16] if parts else ""


def _object(line: str) -> Mapping[str, Any]:
    try:
        found: Any = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
