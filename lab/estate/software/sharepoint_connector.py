# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The SharePoint connector: one assembly in the Extensions folder of the synchronization service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..host import Program
from ..synchronization import CONNECTOR_FILE, service_of
from .base import InstallResult, PackageKind, register
from .windows_installer import failed, installer_error, not_administrator

if TYPE_CHECKING:
    from ..host import Host
    from ..session import Session

# As the list of programs shows it (reference: sharepoint-and-setup 1.4).
PRODUCT_NAME = "Forefront Identity Manager SharePoint Connector"


@dataclass(frozen=True)
class ConnectorInstaller:
    version: str
    code: str
    kind: PackageKind = PackageKind.MSI
    targets: tuple[str, ...] = ()
    hidden_properties: frozenset[str] = frozenset()

    def install(self, host: Host, session: Session, properties: Mapping[str, str]) -> InstallResult:
        if not session.administrator:
            return not_administrator(PRODUCT_NAME)
        service = service_of(host)
        if service is None:
            return failed(installer_error(PRODUCT_NAME, "The Synchronization Service must be installed before this connector."))
        path = service.path(f"Extensions\\{CONNECTOR_FILE}")
        now = host.estate.now() if host.estate else 0.0
        host.files.write(path, f"MZ {CONNECTOR_FILE} {self.version}".encode(), now=now, version=self.version)
        host.programs[self.code] = Program(self.code, PRODUCT_NAME, self.version)
        return InstallResult()

    def remove(self, host: Host, session: Session, properties: Mapping[str, str]) -> InstallResult:
        if not session.administrator:
            return not_administrator(PRODUCT_NAME)
        service = service_of(host)
        if service is not None:
            host.files.remove(service.path(f"Extensions\\{CONNECTOR_FILE}"))
        host.programs.pop(self.code, None)
        return InstallResult()


# The product code is the lab's own: the real one is not public.
register("sharepoint-connector-4.4.1800.1", ConnectorInstaller("4.4.1800.1", "{7C1B0F24-5D1E-4F0A-9C36-6B7D2E41A8F1}"))
