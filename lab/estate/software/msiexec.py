# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs a package as `msiexec.exe` does: command line, installer, log file, exit code."""

from __future__ import annotations

import ntpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .base import Installer, InstallResult
from .command_line import CommandLineProblem, public_properties
from .install_log import ENCODING, render_log

if TYPE_CHECKING:
    from ..host import Host
    from ..session import Session

RESTART_REQUIRED = 3010

# Microsoft: "MsiExec.exe and InstMsi.exe error messages".
_UNKNOWN_PRODUCT = 1605
_LOG_NOT_OPENED = 1622
_INVALID_COMMAND_LINE = 1639


@dataclass(frozen=True)
class Run:
    """`action` is INSTALL, PATCH or REMOVE; `arguments` what stands behind msiexec's own switches; `log_path` empty for none."""

    action: str
    installer: Installer | None
    arguments: str = ""
    log_path: str = ""


@dataclass(frozen=True)
class Outcome:
    exit_code: int
    log: str = ""


def run(host: Host, session: Session, call: Run) -> Outcome:
    """Installs, patches or removes, and writes the log file."""
    try:
        properties = public_properties(call.arguments)
    except CommandLineProblem:
        return Outcome(_INVALID_COMMAND_LINE)
    if call.log_path and not host.files.is_folder(ntpath.dirname(call.log_path)):
        return Outcome(_LOG_NOT_OPENED)
    result = _perform(host, session, call, properties)
    hidden = call.installer.hidden_properties if call.installer else frozenset()
    log = render_log(call.action, properties, hidden, result.log_text, exit_code=result.exit_code, now=host.now())
    if call.log_path:
        host.files.write(call.log_path, log.encode(ENCODING), now=host.now())
    _log_event(host, call, result)
    return Outcome(result.exit_code, log)


def _perform(host: Host, session: Session, call: Run, properties: dict[str, str]) -> InstallResult:
    if call.installer is None:
        return InstallResult(_UNKNOWN_PRODUCT)
    if call.action == "REMOVE":
        return call.installer.remove(host, session, properties)
    return call.installer.install(host, session, properties)


def _log_event(host: Host, call: Run, result: InstallResult) -> None:
    """Windows Installer's own entries: 1033 after an installation, 1034 after a removal."""
    code = call.installer.code if call.installer else ""
    event = 1034 if call.action == "REMOVE" else 1033
    word = "removal" if call.action == "REMOVE" else "installation"
    text = f"Windows Installer finished the {word} of {code}. Installation success or error status: {result.exit_code}."
    host.log_event("Application", "MsiInstaller", event, text)
