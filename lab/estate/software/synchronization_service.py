# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The MIM Synchronization Service's MSI (`Synchronization Service.msi`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..directory_sids import nt_hash
from ..host import Program, Service
from ..services import ServiceProblem, start_service
from ..sql import SqlProblem
from ..synchronization import DEFAULT_FOLDER, DISPLAY_NAME, SERVICE_NAME, SetupChoices, SynchronizationService, service_of
from .base import InstallResult, PackageKind, register
from .setup_checks import CHECKS, GROUP_PROPERTIES, Setup
from .windows_installer import ExitCode, failed, installer_error, not_administrator

if TYPE_CHECKING:
    from ..host import Host
    from ..session import Session

PRODUCT_NAME = "Microsoft Identity Manager Synchronization Service"
LOGON_RIGHT = "SeServiceLogonRight"
# That of SP1 is public (reference: sharepoint-and-setup 1.4); the others are the lab's own.
PRODUCT_CODES = {
    "4.3.1935.0": "{2B3F0C5E-6E0D-4E7B-9C0B-4319350A0001}",
    "4.4.1302.0": "{5A7CB0A3-7AA2-4F40-8899-02B83694085F}",
    "4.6.34.0": "{2B3F0C5E-6E0D-4E7B-9C0B-4603400A0001}",
}


@dataclass(frozen=True)
class SynchronizationInstaller:
    """`version` with four parts. SERVICEPASSWORD is not hidden: it lands in a verbose log (reference 1.1)."""

    version: str
    code: str
    kind: PackageKind = PackageKind.MSI
    targets: tuple[str, ...] = ()
    hidden_properties: frozenset[str] = frozenset()

    def install(self, host: Host, session: Session, properties: Mapping[str, str]) -> InstallResult:
        if not session.administrator:
            return not_administrator(PRODUCT_NAME)
        if self.code in host.programs:
            return InstallResult(log_text="Product already installed: reinstall with the same package.\n")
        if installed_program(host) is not None:
            text = "Another version of this product is already installed. Installation of this version cannot continue."
            return InstallResult(ExitCode.PRODUCT_VERSION, installer_error(PRODUCT_NAME, text) + "\n")
        setup = Setup(host, session, properties, tuple(int(part) for part in self.version.split(".")))
        for check in CHECKS:
            refusal = check(setup)
            if refusal:
                return failed(installer_error(PRODUCT_NAME, refusal), action=_action_of(refusal))
        return self._lay_out(setup)

    def remove(self, host: Host, session: Session, properties: Mapping[str, str]) -> InstallResult:
        if not session.administrator:
            return not_administrator(PRODUCT_NAME)
        if host.programs.pop(self.code, None) is None:
            return InstallResult(ExitCode.UNKNOWN_PRODUCT)
        service = service_of(host)
        if service is not None:
            service.uninstall()
        host.services.pop(SERVICE_NAME.casefold(), None)
        return InstallResult()

    def _lay_out(self, setup: Setup) -> InstallResult:
        host = setup.host
        try:
            service = SynchronizationService.install(host, self._choices(setup))
        except SqlProblem as problem:
            return failed(installer_error(PRODUCT_NAME, str(problem), 25009), action="ConfigDB")
        host.programs[self.code] = Program(self.code, PRODUCT_NAME, self.version)
        host.services[SERVICE_NAME.casefold()] = self._service(setup, service)
        host.user_rights.setdefault(LOGON_RIGHT, set()).add(service.account_sid)
        return InstallResult(log_text=self._start(host))

    def _start(self, host: Host) -> str:
        """Setup starts the service; where another server owns the database it stays stopped and the log says why."""
        service = host.services[SERVICE_NAME.casefold()]
        try:
            start_service(host, service)
        except ServiceProblem as problem:
            return f"Service '{service.display_name}' was not started. {problem}\n"
        return ""

    def _choices(self, setup: Setup) -> SetupChoices:
        entry = setup.directory.resolve(setup.account)
        if entry is None:
            raise AssertionError("entry is there by construction")
        return SetupChoices(
            build=self.version,
            account=setup.account,
            account_sid=entry.sid,
            sql_server=setup.sql_server,
            groups={role: _group_sid(setup, setup.get(name, default)) for role, (name, default) in GROUP_PROPERTIES.items()},
            instance=setup.get("SQLINSTANCE"),
            database=setup.get("SQLDB", "FIMSynchronizationService"),
            folder=setup.get("INSTALLDIR", DEFAULT_FOLDER),
        )

    def _service(self, setup: Setup, service: SynchronizationService) -> Service:
        password = setup.get("SERVICEPASSWORD")
        return Service(
            SERVICE_NAME,
            DISPLAY_NAME,
            f'"{service.path("Bin")}\\miiserver.exe"',
            account=setup.account,
            password_hash=nt_hash(password).hex() if password else "",
            description="Performs identity synchronization and password management.",
            dependencies=["winmgmt"],
            behaviour=SERVICE_NAME,
        )


def installed_program(host: Host) -> Program | None:
    return next((program for program in host.programs.values() if program.name == PRODUCT_NAME), None)


def _group_sid(setup: Setup, name: str) -> str:
    """The group's SID; a bare name makes a local group when there is none."""
    if "\\" in name:
        entry = setup.directory.resolve(name)
        if entry is None:
            raise AssertionError("entry is there by construction")
        return str(entry.sid)
    setup.host.local_groups.setdefault(name, set())
    return setup.host.group_sids()[name]


def _action_of(refusal: str) -> str:
    """The action that ends with value 3: the database's own for what SQL Server refused."""
    return "ConfigDB" if "25009" in refusal else "ValidateSettings"


for _version, _code in PRODUCT_CODES.items():
    register(f"mim-sync-{_version}", SynchronizationInstaller(_version, _code))
