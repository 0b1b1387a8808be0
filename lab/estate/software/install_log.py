# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The verbose log that `msiexec /L*V` writes: command line, properties, what the package's actions said."""

from __future__ import annotations

import time
from collections.abc import Mapping

HIDDEN = "**********"
# Windows Installer writes its logs in UTF-16 with a byte order mark.
ENCODING = "utf-16"


def render_log(action: str, properties: Mapping[str, str], hidden: frozenset[str], text: str, *, exit_code: int, now: float) -> str:
    """The log of one call. Only what the package itself declares as hidden is masked."""
    shown = {name: HIDDEN if name in hidden else value for name, value in properties.items()}
    stamp = time.strftime("%m/%d/%Y  %H:%M:%S", time.gmtime(now))
    pairs = " ".join(f"{name}={value}" for name, value in shown.items())
    lines = [
        f"=== Verbose logging started: {stamp}  Build type: SHIP UNICODE 5.00.10011.00  Calling process: C:\\Windows\\System32\\msiexec.exe ===",
        f"MSI (c): Command Line: {pairs} CURRENTDIRECTORY=C:\\Windows\\system32 CLIENTUILEVEL=3",
        f"MSI (s): Action start: {action}.",
        *(f"MSI (s): PROPERTY CHANGE: Adding {name} property. Its value is '{value}'." for name, value in shown.items()),
        *text.splitlines(),
        *(f"Property(S): {name} = {value}" for name, value in sorted(shown.items())),
        *([f"Property(S): MsiHiddenProperties = {';'.join(sorted(hidden))}"] if hidden else []),
        f"MSI (s): MainEngineThread is returning {exit_code}",
        f"=== Verbose logging stopped: {stamp} ===",
    ]
    return "\r\n".join(lines) + "\r\n"
