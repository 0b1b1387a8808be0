# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hotfixes of the MIM Synchronization Service (MSP)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..services import ServiceProblem, start_service
from ..synchronization import SERVICE_NAME, service_of
from .base import InstallResult, PackageKind, register
from .mim_service import PendingBuild
from .synchronization_service import PRODUCT_CODES, PRODUCT_NAME, installed_program
from .windows_installer import ExitCode, installer_error, not_administrator

if TYPE_CHECKING:
    from ..host import Host, Program
    from ..session import Session

_NO_TARGET = (
    "The upgrade cannot be installed by the Windows Installer service because the program to be upgraded may be missing, or the upgrade "
    "may update a different version of the program. Verify that the program to be upgraded exists on your computer and that you have the correct upgrade."
)


@dataclass(frozen=True)
class HotfixInstaller:
    """`version` is the build it brings, `code` its patch code, `targets` the product codes in its summary."""

    version: str
    code: str
    targets: tuple[str, ...]
    kind: PackageKind = PackageKind.MSP
    hidden_properties: frozenset[str] = frozenset()

    def install(self, host: Host, session: Session, properties: Mapping[str, str]) -> InstallResult:
        if not session.administrator:
            return not_administrator(PRODUCT_NAME)
        program = self._target(host)
        service = service_of(host)
        if program is None or service is None:
            return InstallResult(ExitCode.PATCH_TARGET_NOT_FOUND, _NO_TARGET + "\n")
        program.superseded += program.patches
        program.patches = [self.code]
        program.version = self.version
        if service.running:
            return self._wait_for_restart(host)
        service.update(self.version)
        return self._start(host)

    def remove(self, host: Host, session: Session, properties: Mapping[str, str]) -> InstallResult:
        """MIM's hotfixes cannot be taken away alone."""
        return InstallResult(ExitCode.FAILURE, installer_error(PRODUCT_NAME, "This patch package is not removable.", 1643) + "\n")

    def _target(self, host: Host) -> Program | None:
        """The installed product it fits: of the same line, and not newer."""
        program = installed_program(host)
        if program is None or program.code not in self.targets:
            return None
        return program if _numbers(program.version) < _numbers(self.version) else None

    def _wait_for_restart(self, host: Host) -> InstallResult:
        """Files in use are replaced when the host starts again (reference 1.4: stop the service first)."""
        host.restart_reasons.append(f"Windows Installer: files of {PRODUCT_NAME} are in use")
        host.components[PendingBuild.NAME] = PendingBuild(self.version, host.booted)
        text = f"Info 1603. The file {SERVICE_NAME} miiserver.exe is being held in use. Close that application and retry.\n"
        return InstallResult(ExitCode.RESTART_REQUIRED, text)

    def _start(self, host: Host) -> InstallResult:
        """The patch starts the service again; one that is set to manual or disabled and cannot start stays as it is."""
        service = host.service(SERVICE_NAME)
        if service is None or service.start_mode != "auto":
            return InstallResult()
        try:
            start_service(host, service)
        except ServiceProblem as problem:
            return InstallResult(ExitCode.SUCCESS, f"Error 1920. Service '{service.display_name}' failed to start. {problem}\n")
        return InstallResult()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


# Patch codes are the lab's own: the real ones are not public.
register("mim-sync-KB3092179", HotfixInstaller("4.3.2064.0", "{1D5B6B3A-9E0F-4B52-8C1C-3092179A0001}", (PRODUCT_CODES["4.3.1935.0"],)))
register("mim-sync-KB5012051", HotfixInstaller("4.6.641.0", "{1D5B6B3A-9E0F-4B52-8C1C-5012051A0001}", (PRODUCT_CODES["4.6.34.0"],)))
