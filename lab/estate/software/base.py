# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Packages, installers and what services do when they start or stop.

A media file of the lab is a small text file whose first line is `lab-package: <key>`; `installer_of(content)` gives the installer that
stands for it, or None when the content is no package (a real Windows Installer would not open such a file either).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..host import Host, Service
    from ..session import Session

MARKER = "lab-package: "
_ARGUMENT = re.compile(r'([A-Za-z_][A-Za-z0-9_.]*)=("(?:[^"]|"")*"|[^\s"]*)')


class ExitCode(IntEnum):
    """Windows Installer's results (Microsoft: MsiExec.exe and InstMsi.exe error messages)."""

    SUCCESS = 0
    UNKNOWN_PRODUCT = 1605
    FAILURE = 1603
    PACKAGE_NOT_OPENED = 1619
    PATCH_NOT_OPENED = 1635
    PATCH_INVALID = 1636
    PRODUCT_VERSION = 1638
    PATCH_TARGET_NOT_FOUND = 1642
    RESTART_REQUIRED = 3010


@dataclass(frozen=True)
class Package:
    """What a media file says about itself before it is run.

    `kind` is `msi` or `msp`. `targets` are the product codes an MSP names in its summary (empty for an MSI).
    """

    key: str
    kind: str
    name: str
    version: str
    product_code: str = ""
    patch_code: str = ""
    targets: tuple[str, ...] = ()

    def media(self, size: int = 4096) -> bytes:
        """The marker file: the same bytes for the same package, so that its hash can be given in an inventory."""
        head = f"{MARKER}{self.key}\nname: {self.name}\nversion: {self.version}\n".encode()
        return head + b"\0" * max(0, size - len(head))


@dataclass(frozen=True)
class InstallRequest:
    """One call of msiexec. `properties` are the public ones of its command line, names in capitals."""

    host: Host
    session: Session
    path: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass
class InstallResult:
    """`log` is what `/L*V` would have written."""

    code: int
    log: str = ""


class Installer(Protocol):
    package: Package

    def install(self, request: InstallRequest) -> InstallResult: ...

    def remove(self, request: InstallRequest) -> InstallResult: ...


class ServiceProblem(Exception):
    """A service does not start or stop; `code` is the Win32 error (1069 logon failure), the message Windows' own."""

    def __init__(self, message: str, code: int = 1064) -> None:
        super().__init__(message)
        self.code = code


class ServiceBehaviour(Protocol):
    """What else happens when a service starts or stops; raises ServiceProblem to refuse."""

    def start(self, host: Host, service: Service) -> None: ...

    def stop(self, host: Host, service: Service) -> None: ...


INSTALLERS: dict[str, Installer] = {}
BEHAVIOURS: dict[str, ServiceBehaviour] = {}


def register(installer: Installer) -> Installer:
    INSTALLERS[installer.package.key] = installer
    return installer


def installer_of(content: bytes) -> Installer | None:
    """The installer whose marker file this is; None for anything else."""
    first = content.split(b"\n", 1)[0].decode("utf-8", errors="replace").rstrip("\r")
    return INSTALLERS.get(first.removeprefix(MARKER)) if first.startswith(MARKER) else None


def properties_of(arguments: str) -> dict[str, str]:
    """Public properties of an msiexec command line; Windows Installer turns their names into capitals.

    A value in double quotes may hold spaces; a doubled quote stands for one (Microsoft: Command-Line Options).
    """
    found: dict[str, str] = {}
    for name, raw in _ARGUMENT.findall(arguments):
        value = raw[1:-1].replace('""', '"') if raw.startswith('"') else raw
        found[name.upper()] = value
    return found
