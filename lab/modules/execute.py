# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs what came over WinRM on a host: unwraps it, becomes somebody else, sends it to the background, or answers at once."""

from __future__ import annotations

import time
import traceback
from typing import TYPE_CHECKING

from ..wsman.shells import CommandLine, Completed
from . import answers, background, become, core_scripts, dispatch, scripts
from .environment import make_profile
from .journal import Journal
from .protocol import HelperRun, ModuleRun, ProtocolError, Run, ScriptRun, first_line, unwrap

if TYPE_CHECKING:
    from ..estate.estate import Estate
    from ..estate.host import Host
    from ..estate.session import Session


class Executor:
    """All commands of an estate go through here; `journal` counts and notes them."""

    def __init__(self, estate: Estate, journal: Journal) -> None:
        self._estate, self._journal = estate, journal
        self._jobs = background.Jobs()

    def __call__(self, host: Host, line: CommandLine, data: bytes, session: Session) -> Completed:
        self._journal.count(host)
        started = time.monotonic()
        name = "(not understood)"
        try:
            run = unwrap(line.command, line.arguments, data)
            name = describe(run)
            with self._estate.lock:
                make_profile(host, session)
            return self._run(run, host, session)
        except ProtocolError as problem:
            return answers.refused(str(problem))
        except Exception:  # noqa: BLE001 - a fault of the lab must not end a connection without an answer
            self._journal.note(f"{host.name} {name} failed in the lab itself\n{traceback.format_exc()}")
            return answers.refused(f"the lab failed while it ran {name}; its log has the details")
        finally:
            self._journal.executed(host, name, time.monotonic() - started)

    def stop(self) -> None:
        """Waits for background jobs no longer than a moment."""
        self._jobs.stop()

    def _run(self, run: Run, host: Host, session: Session) -> Completed:
        if isinstance(run, HelperRun):
            with self._estate.lock:
                return core_scripts.run(run, host, session)
        if isinstance(run, ScriptRun):
            return scripts.run(run, host, session)
        if run.become is not None:
            try:
                session = become.session_for(self._estate, host, session, run.become)
            except become.BecomeRefused as refused:
                return answers.failed(f"failure during exec_wrapper: {refused}")
            with self._estate.lock:
                make_profile(host, session)
        if run.background is not None:
            return self._jobs.start(run, run.background, host, session, lambda: self._module(run, host, session))
        return self._module(run, host, session)

    def _module(self, run: ModuleRun, host: Host, session: Session) -> Completed:
        return dispatch.run_module(run, host, session, self._journal)


def describe(run: Run) -> str:
    """What ran, for the log: never arguments."""
    if isinstance(run, ModuleRun):
        return run.name + (" (background)" if run.background else "")
    return run.name if isinstance(run, HelperRun) else f"script: {first_line(run.text)[:40]}"
