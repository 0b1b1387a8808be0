# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The commands of ansible.windows.win_reboot's action plugin (3.3.0), which has no module of its own.

The plugin asks for the time of the last boot, calls shutdown.exe, and asks again until the time has changed and LogonUI's
registry key is there.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING

from ..estate.restart import restart_host
from ..wsman.shells import Completed
from . import answers
from .protocol import first_line
from .scripts import raw_script, unquote

if TYPE_CHECKING:
    from ..estate.host import Host
    from ..estate.session import Session

_TAIL = re.compile(r"; If \(-not \$\?\) \{ If \(Get-Variable LASTEXITCODE -ErrorAction SilentlyContinue\) \{ exit \$LASTEXITCODE \} Else \{ exit 1 \} \}$")
_BOOT_TIME = "(Get-CimInstance -ClassName Win32_OperatingSystem -Property LastBootUpTime).LastBootUpTime.ToFileTime()"
_SHUTDOWN = re.compile(r"shutdown\.exe /r /t (?P<delay>\d+) /c (?:'(?P<comment>(?:[^']|'')*)'|(?P<word>\S+)) \|", re.DOTALL)
_ABORT = "C:\\Windows\\System32\\shutdown.exe /a"
_LOGON_UI = re.compile(r"Get-Item -LiteralPath 'HKLM:\\[^']+\\AutoLogonChecked' -ErrorAction Stop; '(?P<token>success-[0-9a-f-]+)'")

# FILETIME counts 100 nanoseconds since 1601.
_EPOCH = 11_644_473_600


@raw_script(r".*(?:LastBootUpTime\.ToFileTime\(\)|shutdown\.exe /[ra]\b|AutoLogonChecked).*")
def reboot_command(found: re.Match[str], host: Host, session: Session) -> Completed:
    """A command of the plugin as the winrm connection of ansible-core 2.19 sends it."""
    return _answer(found.string.strip().rstrip("; "), host, session)


@raw_script(r"PowerShell -NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand (?P<code>[A-Za-z0-9+/=]+)")
def nested_command(found: re.Match[str], host: Host, session: Session) -> Completed:
    """A PowerShell started by the shell's own PowerShell: that is how other connections run the plugin's commands."""
    try:
        text = base64.b64decode(found["code"], validate=True).decode("utf-16-le")
    except (binascii.Error, ValueError):
        return answers.refused("the argument of -EncodedCommand is not base64 of UTF-16 text")
    return _answer(_TAIL.sub("", text).strip(), host, session)


def _answer(script: str, host: Host, session: Session) -> Completed:
    if script == _BOOT_TIME:
        return answers.text_answer(str(int((host.booted + _EPOCH) * 10_000_000)))
    if script == _ABORT:
        return Completed(b"", b"Unable to abort the system shutdown because no shutdown was in progress.(1116)\r\n", 1116)
    logon_ui = _LOGON_UI.fullmatch(script)
    if logon_ui is not None:
        return answers.text_answer(logon_ui["token"])
    shutdown = _SHUTDOWN.search(script)
    if shutdown is not None:
        return _shut_down(host, session, unquote(shutdown["comment"] or shutdown["word"] or ""))
    return answers.refused(f"this script is not simulated: {first_line(script)}")


def _shut_down(host: Host, session: Session, comment: str) -> Completed:
    if not session.administrator:
        return answers.text_answer(json.dumps({"stdout": "", "stderr": "Access is denied.(5)", "rc": 5}))
    restart_host(host, session, comment)
    return answers.text_answer(json.dumps({"stdout": "", "stderr": "", "rc": 0}))
