# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scripts that Ansible's plugins send as they are (no module): those that the lab knows by their form.

A twin registers with `@raw_script(pattern)`; the whole script must match. All others are refused.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..estate.files import FileProblem
from ..wsman.shells import Completed
from . import answers
from .environment import expand
from .protocol import ScriptRun, first_line

if TYPE_CHECKING:
    from ..estate.host import Host
    from ..estate.session import Session

RawScript = Callable[["re.Match[str]", "Host", "Session"], Completed]
SCRIPTS: list[tuple[re.Pattern[str], RawScript]] = []
# Twins that take Estate.lock themselves, because they wait.
UNLOCKED: set[RawScript] = set()


def raw_script(pattern: str, *, locked: bool = True) -> Callable[[RawScript], RawScript]:
    """Registers the twin of every script that matches `pattern` as a whole (blank lines and indentation are gone by then)."""

    def register(function: RawScript) -> RawScript:
        SCRIPTS.append((re.compile(pattern, re.DOTALL), function))
        if not locked:
            UNLOCKED.add(function)
        return function

    return register


def run(call: ScriptRun, host: Host, session: Session) -> Completed:
    text = call.text.strip()
    for pattern, function in SCRIPTS:
        found = pattern.fullmatch(text)
        if found:
            with contextlib.nullcontext() if host.estate is None or function in UNLOCKED else host.estate.lock:
                return function(found, host, session)
    return answers.refused(f"this script is not simulated: {first_line(text)}")


def unquote(text: str) -> str:
    """The value of a text in single quotes."""
    return text.replace("''", "'")


@raw_script(r"Remove-Item '(?P<path>(?:[^']|'')+)' -Force(?P<recurse> -Recurse)?;?")
def remove_item(found: re.Match[str], host: Host, session: Session) -> Completed:
    """How Ansible removes its temporary folders."""
    path = unquote(found.group("path"))
    if not host.files.remove(path):
        return Completed(b"", f"Cannot find path '{path}' because it does not exist.\r\n".encode(), 1)
    return Completed()


@raw_script(
    r"(?:try \{ \[Console\]::OutputEncoding = New-Object System.Text.UTF8Encoding \} catch \{\}\s+)?"
    r"\$tmp_path = \[System.Environment\]::ExpandEnvironmentVariables\('(?P<folder>(?:[^']|'')+)'\)\s+"
    r"\$tmp = New-Item -Type Directory -Path \$tmp_path -Name '(?P<name>(?:[^']|'')+)'\s+"
    r"Write-Output -InputObject \$tmp.FullName"
)
def make_temporary_folder(found: re.Match[str], host: Host, session: Session) -> Completed:
    """The temporary folder of ansible-core 2.17 and 2.18."""
    path = expand(unquote(found.group("folder")), host, session) + "\\" + unquote(found.group("name"))
    try:
        host.files.make_folder(path, now=host.now())
    except FileProblem as problem:
        return Completed(b"", f"{problem}\r\n".encode(), 1)
    return answers.text_answer(path)
