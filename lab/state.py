# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The state folder: where things lie in it, and the saved estate.

estate.state     the pickled estate behind a line with the version
lab.json         process id, port and admin socket of the running lab, and the options it was built with
lock             held by the running lab
ca.pem           certificate of the lab's authority
lab.log          what the lab noted; executions.log has a line for each remote execution
inventory/       what ansible-playbook takes with -i
"""

from __future__ import annotations

import fcntl
import json
import os
import pickle
import tempfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .estate.estate import EstateOptions

if TYPE_CHECKING:
    from .estate.estate import Estate

MAGIC = b"mimsync.sharepoint lab state 2\n"
# sun_path holds 108 bytes with the ending NUL.
SOCKET_LIMIT = 100


class StateProblem(Exception):
    """The state folder cannot be used; the message says what to do."""


@dataclass(frozen=True)
class StateFolder:
    """Paths of a state folder."""

    path: Path

    @property
    def estate(self) -> Path:
        return self.path / "estate.state"

    @property
    def process(self) -> Path:
        return self.path / "lab.json"

    @property
    def authority(self) -> Path:
        return self.path / "ca.pem"

    @property
    def log(self) -> Path:
        return self.path / "lab.log"

    @property
    def inventory(self) -> Path:
        return self.path / "inventory"

    @property
    def secrets(self) -> Path:
        return self.inventory / "group_vars" / "all" / "secrets.yml"

    def make(self) -> None:
        """Raises StateProblem."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StateProblem(f"the state folder {self.path} cannot be made: {error.strerror}; choose another with --state") from error

    def socket(self) -> Path:
        """A place for the admin socket whose path is short enough."""
        path = self.path.resolve() / "admin.sock"
        if len(os.fsencode(path)) <= SOCKET_LIMIT:
            return path
        return Path(tempfile.mkdtemp(prefix="lab-")) / "admin.sock"


@dataclass(frozen=True)
class Process:
    """A running lab."""

    pid: int
    port: int
    socket: str
    started: float
    options: EstateOptions


def save_estate(folder: StateFolder, estate: Estate) -> None:
    """Writes the estate whole or not at all."""
    with estate.lock:
        data = MAGIC + pickle.dumps(estate, protocol=pickle.HIGHEST_PROTOCOL)
    write_atomically(folder.estate, data)


def load_estate(folder: StateFolder) -> Estate | None:
    """The saved estate, None if there is none; raises StateProblem for one that cannot be read."""
    try:
        data = folder.estate.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateProblem(f"the state file {folder.estate} cannot be read: {error.strerror}") from error
    advice = "`python -m lab reset` builds a new estate in its place"
    if not data.startswith(MAGIC):
        raise StateProblem(f"the state file {folder.estate} is not of this version of the lab; {advice}")
    try:
        # The file is the lab's own (mode 0600 in a folder of its owner); nobody else's pickles are read.
        estate: Estate = pickle.loads(data[len(MAGIC) :])
    except Exception as error:
        raise StateProblem(f"the state file {folder.estate} is damaged ({type(error).__name__}); {advice}") from error
    return estate


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replaces a file so that a reader sees the old or the new content, never a part."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_process(folder: StateFolder, process: Process) -> None:
    write_atomically(folder.process, json.dumps(asdict(process), indent=2).encode())


def read_process(folder: StateFolder) -> Process | None:
    """What the last lab wrote about itself; None if there is nothing usable."""
    try:
        values = json.loads(folder.process.read_text(encoding="utf-8"))
        return Process(**{**values, "options": options_of(values["options"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def options_of(values: dict[str, Any]) -> EstateOptions:
    known = {each.name for each in fields(EstateOptions)}
    return EstateOptions(**{name: value for name, value in values.items() if name in known})


class Lock:
    """Held while a lab runs in a state folder; the kernel gives it up when the process ends, however it ends."""

    def __init__(self, folder: StateFolder) -> None:
        self._file = (folder.path / "lock").open("a+b")

    def take(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def release(self) -> None:
        self._file.close()


def is_running(folder: StateFolder) -> bool:
    """Whether a lab holds the folder's lock."""
    if not folder.path.is_dir():
        return False
    lock = Lock(folder)
    try:
        return not lock.take()
    finally:
        lock.release()
