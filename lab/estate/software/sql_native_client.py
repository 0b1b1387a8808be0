# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SQL Server 2012 Native Client: what MIM's setup speaks to a remote SQL Server through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..host import Program
from .base import InstallResult, PackageKind, register
from .windows_installer import failed, installer_error, not_administrator

if TYPE_CHECKING:
    from ..host import Host
    from ..session import Session

PRODUCT_NAME = "Microsoft SQL Server 2012 Native Client"
LIBRARY = r"C:\Windows\System32\sqlncli11.dll"
_LIBRARY_VERSION = "2011.110.7001.0"


@dataclass(frozen=True)
class NativeClientInstaller:
    """`sqlncli.msi`; refuses without its licence property (reference: mim-synchronization-service, Setup)."""

    version: str
    code: str
    kind: PackageKind = PackageKind.MSI
    targets: tuple[str, ...] = ()
    hidden_properties: frozenset[str] = frozenset()

    def install(self, host: Host, session: Session, properties: Mapping[str, str]) -> InstallResult:
        if not session.administrator:
            return not_administrator(PRODUCT_NAME)
        if properties.get("IACCEPTSQLNCLILICENSETERMS", "").upper() != "YES":
            return failed(installer_error(PRODUCT_NAME, "To install SQL Server Native Client, set IACCEPTSQLNCLILICENSETERMS=YES to accept the license terms."))
        host.programs[self.code] = Program(self.code, PRODUCT_NAME, self.version)
        now = host.estate.now() if host.estate else 0.0
        host.files.make_folder(r"C:\Windows\System32", now=now)
        host.files.write(LIBRARY, b"MZ sqlncli11.dll", now=now, version=_LIBRARY_VERSION)
        return InstallResult()

    def remove(self, host: Host, session: Session, properties: Mapping[str, str]) -> InstallResult:
        if not session.administrator:
            return not_administrator(PRODUCT_NAME)
        host.programs.pop(self.code, None)
        host.files.remove(LIBRARY)
        return InstallResult()


def has_native_client(host: Host) -> bool:
    """True when one is installed or SQL Server itself, which brings it."""
    return "sql" in host.components or any(program.name == PRODUCT_NAME for program in host.programs.values())


# The product code is one seen in public scripts; it differs by build.
register("sql-native-client-11.4.7001.0", NativeClientInstaller("11.4.7001.0", "{9D93D367-A2CC-4378-BD63-79EF3FE76C78}"))
