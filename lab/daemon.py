# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's background process: `start` makes it, `main` is what it runs, `stop` ends it."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from types import FrameType

from .admin import AdminServer, Client
from .estate.estate import EstateOptions
from .instance import DEFAULT_BUILDER, Instance, builder_of, open_instance
from .modules.journal import executions
from .operations import Operations
from .state import Lock, Process, StateFolder, StateProblem, is_running, options_of, read_process, write_process

# Seconds: how long a lab may take to answer, plus one more for so many people.
START_LIMIT = 60.0
PEOPLE_A_SECOND = 500
STOP_LIMIT = 30.0
SAVE_EVERY = 15.0
# A large estate takes seconds to save, during which its hosts wait; saving takes this part of the time at most.
SAVE_SHARE = 0.05
MODULE = "ansible_collections.mimsync.sharepoint.lab.daemon"


def start(folder: StateFolder, options: EstateOptions, *, builder: str = DEFAULT_BUILDER) -> Process:
    """Starts a lab in the background and waits until it answers; raises StateProblem."""
    folder.make()
    if is_running(folder):
        running = read_process(folder)
        raise StateProblem(f"a lab runs in {folder.path} already{f' (process {running.pid})' if running else ''}; stop it with `python -m lab down`")
    folder.process.unlink(missing_ok=True)
    command = [sys.executable, "-m", MODULE, str(folder.path.resolve()), builder, json.dumps(asdict(options))]
    with (folder.path / "start.log").open("wb") as log:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, close_fds=True)
    return _wait(folder, child, START_LIMIT + options.people / PEOPLE_A_SECOND)


def _wait(folder: StateFolder, child: subprocess.Popen[bytes], limit: float) -> Process:
    deadline = time.monotonic() + limit
    try:
        while time.monotonic() < deadline:
            if child.poll() is not None:
                raise StateProblem(_last_words(folder))
            process = read_process(folder)
            if process is not None and _answers(folder):
                return process
            threading.Event().wait(0.05)
    except BaseException:
        _end(child)
        raise
    _end(child)
    raise StateProblem(f"the lab did not answer within {limit:.0f} seconds; see {folder.path / 'start.log'}")


def _answers(folder: StateFolder) -> bool:
    try:
        return bool(Client(folder, timeout=2.0).call("ping") == "pong")
    except StateProblem:
        return False


def _last_words(folder: StateFolder) -> str:
    lines = (folder.path / "start.log").read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[-1] if lines else f"the lab ended without a word; see {folder.log}"


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def stop(folder: StateFolder) -> bool:
    """Ends the lab of a state folder; False if none ran. Raises StateProblem if it does not end."""
    if not is_running(folder):
        return False
    process = read_process(folder)
    try:
        Client(folder, timeout=10.0).call("stop")
    except StateProblem:
        if process is not None:
            _signal(process.pid, signal.SIGTERM)
    if _gone(folder, STOP_LIMIT):
        return True
    if process is not None:
        _signal(process.pid, signal.SIGKILL)
    if not _gone(folder, 5.0):
        raise StateProblem(f"the lab in {folder.path} does not end{f' (process {process.pid})' if process else ''}")
    return True


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _gone(folder: StateFolder, limit: float) -> bool:
    deadline = time.monotonic() + limit
    while is_running(folder):
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.05)
    return True


def reset(folder: StateFolder) -> None:
    """Forgets the estate: the next start builds a new one. The lab must not run."""
    for path in (folder.estate, folder.process, folder.authority):
        path.unlink(missing_ok=True)
    shutil.rmtree(folder.inventory, ignore_errors=True)


class Daemon:
    """Runs an instance until a signal or the admin channel ends it."""

    def __init__(self, folder: StateFolder, instance: Instance) -> None:
        self._folder, self._instance = folder, instance
        self._stopped = threading.Event()
        self._seen = -1
        self._save_seconds = 0.0

    def run(self, port: int) -> None:
        self._instance.start(port)
        socket_path = self._folder.socket()
        admin = AdminServer(socket_path, Operations(self._instance.estate), self._stopped.set)
        admin.start()
        options = self._instance.estate.options
        write_process(self._folder, Process(os.getpid(), self._instance.port, str(socket_path), time.time(), options))
        self._save()
        while not self._stopped.wait(max(SAVE_EVERY, self._save_seconds / SAVE_SHARE)):
            self._save_when_changed()
        admin.close()
        self._instance.stop()
        self._save()
        self._folder.process.unlink(missing_ok=True)
        if socket_path.parent != self._folder.path.resolve():
            socket_path.parent.rmdir()

    def end(self, number: int, frame: FrameType | None) -> None:
        self._stopped.set()

    def _save_when_changed(self) -> None:
        if sum(executions(self._instance.estate).values()) != self._seen:
            self._save()

    def _save(self) -> None:
        self._seen = sum(executions(self._instance.estate).values())
        started = time.monotonic()
        try:
            self._instance.save()
        except Exception:  # noqa: BLE001 - a lab that cannot be saved still runs
            self._instance.journal.note(f"the estate could not be saved\n{traceback.format_exc()}")
        self._save_seconds = time.monotonic() - started


def main() -> int:
    parser = argparse.ArgumentParser(prog=MODULE)
    parser.add_argument("folder")
    parser.add_argument("builder")
    parser.add_argument("options")
    given = parser.parse_args()
    folder = StateFolder(Path(given.folder))
    lock = Lock(folder)
    if not lock.take():
        print(f"a lab runs in {folder.path} already")
        return 1
    options = options_of(json.loads(given.options))
    try:
        daemon = Daemon(folder, open_instance(folder, options, builder_of(given.builder)))
        signal.signal(signal.SIGTERM, daemon.end)
        signal.signal(signal.SIGINT, daemon.end)
        daemon.run(options.port)
    except StateProblem as problem:
        print(problem)
        return 1
    finally:
        lock.release()
    return 0


if __name__ == "__main__":
    sys.exit(main())
