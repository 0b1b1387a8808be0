# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`make demo`: its words, and that an interrupt leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from ansible_collections.mimsync.sharepoint.lab.playbook_run import recap_of

from .site_run import REPOSITORY


def demo(state: Path, *options: str) -> subprocess.Popen[str]:
    """In a session of its own, as a terminal starts it."""
    command = [sys.executable, "-m", "lab", "demo", "--state", str(state), "--people", "10", *options]
    return subprocess.Popen(
        command,
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def processes_naming(text: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            found += [command] if text in command else []
    return found


def test_an_interrupt_leaves_no_process_behind(tmp_path: Path) -> None:
    state = tmp_path / "interrupted"
    with demo(state) as process:
        for line in process.stdout or ():
            if "Look at the host" in line:
                os.killpg(process.pid, signal.SIGINT)
                break
        process.wait(timeout=60)
    assert process.returncode in (130, -signal.SIGINT)
    assert not processes_naming(str(state))


def test_a_solution_that_is_not_there_is_named(tmp_path: Path) -> None:
    with demo(tmp_path / "lab", "--solution", str(tmp_path / "nowhere")) as process:
        output = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert output.splitlines()[-1] == f"lab: the solution's folder {tmp_path / 'nowhere'} does not exist"


def test_a_recap_is_summed_over_hosts() -> None:
    lines = ["PLAY RECAP ***", "DC1 : ok=3    changed=1    unreachable=0    failed=0", "MIM1 : ok=2    changed=4    unreachable=0    failed=1"]
    assert recap_of(lines) == {"ok": 5, "changed": 5, "unreachable": 0, "failed": 1}
