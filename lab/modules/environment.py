# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Environment variables and the user's profile, as a process on a host sees them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..estate.host import Host
    from ..estate.session import Session

_VARIABLE = re.compile(r"%([^%]+)%")
_SYSTEM_PROFILES = {
    "S-1-5-18": "C:\\Windows\\system32\\config\\systemprofile",
    "S-1-5-19": "C:\\Windows\\ServiceProfiles\\LocalService",
    "S-1-5-20": "C:\\Windows\\ServiceProfiles\\NetworkService",
}


def profile_folder(session: Session) -> str:
    """%USERPROFILE%."""
    return _SYSTEM_PROFILES.get(session.sid) or f"C:\\Users\\{session.account.rpartition(chr(92))[2]}"


def variables(host: Host, session: Session) -> dict[str, str]:
    """By name as Windows writes it; look-ups disregard case."""
    profile = profile_folder(session)
    domain, _unused, user = session.account.rpartition("\\")
    temporary = "C:\\Windows\\TEMP" if session.sid in _SYSTEM_PROFILES else f"{profile}\\AppData\\Local\\Temp"
    return {
        "ALLUSERSPROFILE": "C:\\ProgramData",
        "APPDATA": f"{profile}\\AppData\\Roaming",
        "CommonProgramFiles": "C:\\Program Files\\Common Files",
        "COMPUTERNAME": host.name,
        "ComSpec": "C:\\Windows\\system32\\cmd.exe",
        "HOMEDRIVE": "C:",
        "HOMEPATH": profile[2:],
        "LOCALAPPDATA": f"{profile}\\AppData\\Local",
        "OS": "Windows_NT",
        "PROCESSOR_ARCHITECTURE": "AMD64",
        "ProgramData": "C:\\ProgramData",
        "ProgramFiles": "C:\\Program Files",
        "ProgramFiles(x86)": "C:\\Program Files (x86)",
        "ProgramW6432": "C:\\Program Files",
        "PUBLIC": "C:\\Users\\Public",
        "SystemDrive": "C:",
        "SystemRoot": "C:\\Windows",
        "TEMP": temporary,
        "TMP": temporary,
        "USERDNSDOMAIN": host.fqdn.partition(".")[2].upper(),
        "USERDOMAIN": domain,
        "USERNAME": user,
        "USERPROFILE": profile,
        "windir": "C:\\Windows",
    }


def expand(text: str, host: Host, session: Session, extra: Mapping[str, str] | None = None) -> str:
    """Environment.ExpandEnvironmentVariables: unknown names stay as they are."""
    if "%" not in text:
        return text
    known = {name.casefold(): value for name, value in {**variables(host, session), **(extra or {})}.items()}
    return _VARIABLE.sub(lambda found: known.get(found.group(1).casefold(), found.group(0)), text)


def make_profile(host: Host, session: Session) -> None:
    """The folders that a first logon creates."""
    folder = variables(host, session)["TEMP"]
    if not host.files.exists(folder):
        host.files.make_folder(folder, now=host.now())
