# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Async tasks: a job runs on in the lab, its result lies in a file on the host that async_status reads."""

from __future__ import annotations

import contextlib
import json
import random
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..wsman.shells import Completed
from . import answers
from .environment import expand
from .protocol import Background, ModuleRun

if TYPE_CHECKING:
    from ..estate.host import Host
    from ..estate.session import Session

TIMED_OUT = "failure during async watchdog: timed out waiting for module completion"


class Jobs:
    """The jobs that run now."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []

    def start(self, run: ModuleRun, job: Background, host: Host, session: Session, work: Callable[[], Completed]) -> Completed:
        """Answers at once with the job's id."""
        folder = expand(job.folder, host, session, run.environment)
        job_id = f"{job.job_id}.{random.randrange(1000, 30000, 4)}"
        path = f"{folder.rstrip(chr(92))}\\{job_id}"
        host.files.make_folder(folder, now=host.now())
        head: dict[str, Any] = {
            "started": True,
            "finished": False,
            "results_file": path,
            "ansible_job_id": job_id,
            "_ansible_suppress_tmpdir_delete": True,
            "ansible_async_watchdog_pid": random.randrange(1000, 30000, 4),
        }
        _write(host, path, head)
        thread = threading.Thread(target=_finish, args=(host, path, head, job.timeout, work), name=f"job-{job_id}", daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()
        return answers.module_answer(head)

    def stop(self) -> None:
        for thread in self._threads:
            thread.join(timeout=1.0)


def _finish(host: Host, path: str, head: dict[str, Any], timeout: int, work: Callable[[], Completed]) -> None:
    started = time.monotonic()
    completed = work()
    if time.monotonic() - started > timeout:
        _write(host, path, {**head, "finished": True, "failed": True, "msg": TIMED_OUT, "exception": TIMED_OUT, "stdout": None, "stderr": ""})
        return
    _write(host, path, {**head, "finished": True, **json.loads(completed.stdout)})


def _write(host: Host, path: str, result: dict[str, Any]) -> None:
    with contextlib.nullcontext() if host.estate is None else host.estate.lock:
        host.files.write(path, json.dumps(result).encode(), now=host.now())
