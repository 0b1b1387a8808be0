# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a package of the lab's media is, and how the code behind it is found.

A media file is a marker: its first line is `lab-package: <key>`, whatever follows only makes its hash its own. The key
leads to an installer, which knows the package's codes and does to a host what the real package does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..host import Host
    from ..session import Session

MARKER = b"lab-package: "


class PackageKind(str, Enum):
    """How Windows opens the file: a product, a patch of products, or a program of its own."""

    MSI = "msi"
    MSP = "msp"
    EXE = "exe"


@dataclass(frozen=True)
class InstallResult:
    """`exit_code` as msiexec ends with (0, 3010, 1603, ...); `log_text` is what the package's own actions wrote to the log."""

    exit_code: int = 0
    log_text: str = ""


class Installer(Protocol):
    """A package. Codes are GUIDs in braces.

    `code` is a product's ProductCode, a patch's PatchCode or a program's key below `Uninstall`; `targets` are the products a
    patch applies to. `hidden_properties` are those that the package lists in MsiHiddenProperties: their values never reach a log.
    """

    @property
    def kind(self) -> PackageKind: ...

    @property
    def code(self) -> str: ...

    @property
    def targets(self) -> tuple[str, ...]: ...

    @property
    def hidden_properties(self) -> frozenset[str]: ...

    def install(self, host: Host, session: Session, properties: Mapping[str, str]) -> InstallResult:
        """Installs or applies the package; `properties` are the public ones of the command line, names in capitals."""

    def remove(self, host: Host, session: Session, properties: Mapping[str, str]) -> InstallResult:
        """Takes the product or the patch away again."""


INSTALLERS: dict[str, Installer] = {}


def register(key: str, installer: Installer) -> None:
    """Makes a package known under the key that its media carry."""
    INSTALLERS[key] = installer


def package_file(key: str, padding: bytes = b"") -> bytes:
    """The content of a media file."""
    return MARKER + key.encode() + b"\n" + padding


def package_key(content: bytes) -> str:
    """The key in a media file; empty when the content is no package."""
    first, _unused, _unused = content.partition(b"\n")
    if not first.startswith(MARKER):
        return ""
    return first[len(MARKER) :].decode(errors="replace").strip()


def installer_of(content: bytes) -> Installer | None:
    """The installer behind a media file; None when it is no package or an unknown one."""
    return INSTALLERS.get(package_key(content))


def installer_by_code(code: str) -> Installer | None:
    """The installer of an installed product or patch, for removing it."""
    wanted = code.casefold()
    return next((found for found in INSTALLERS.values() if found.code.casefold() == wanted), None)
