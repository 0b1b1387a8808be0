# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of ansible.windows.win_package (3.3.0) for MSI, MSP and programs that register below `Uninstall`."""

from __future__ import annotations

import hashlib
import ntpath
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..estate.files import FileProblem
from ..estate.host import Host
from ..estate.shares import read_file
from ..estate.software import INSTALLERS
from ..estate.software.base import Installer, PackageKind, installer_by_code, package_key
from ..estate.software.command_line import escape_argument, join_arguments
from ..estate.software.msiexec import RESTART_REQUIRED, Run, run
from .failures import method_failed, unhandled
from .registry import ModuleCall, ModuleFailure, twin

_MSIEXEC = "C:\\Windows\\System32\\msiexec.exe"
_NOT_OPENED = "This installation package could not be opened. Contact the application vendor to verify that this is a valid Windows Installer package"
_TYPES = {".msi": PackageKind.MSI, ".msp": PackageKind.MSP}


@dataclass(frozen=True)
class Package:
    """The file of a call as the module sees it: `path` after a download, `content` None when there is no file to look at."""

    path: str = ""
    content: bytes | None = None

    @property
    def installer(self) -> Installer | None:
        return INSTALLERS.get(package_key(self.content)) if self.content is not None else None


@dataclass(frozen=True)
class Status:
    """What the module found: `provider` decides how it installs, `products` are what a patch is on."""

    provider: str
    id: str
    installed: bool
    products: tuple[str, ...] = ()


@twin(
    "ansible.windows.win_package",
    implements=frozenset(
        {
            "arguments", "chdir", "checksum", "checksum_algorithm", "creates_path", "creates_service", "creates_version",
            "expected_return_code", "log_path", "path", "product_id", "provider", "state", "wait_for_children",
        }
    ),
)  # fmt: skip
def win_package(call: ModuleCall) -> dict[str, Any]:
    options = call.arguments
    result: dict[str, Any] = {"reboot_required": False, "rc": 0}
    present = options["state"] == "present"
    url = _is_url(options.get("path"))
    status, package = _first_look(call, url=url, present=present)
    changed = present != status.installed
    if changed and not call.check_mode:
        if present and package.path:
            result["checksum"] = _verify_checksum(package, options, result)
        _apply(call, status, package, result)
    if not present and url and not options.get("product_id"):
        raise ModuleFailure("Unable to find Product ID from the URL path. Please specify product_id when using state=absent", **result)
    return {**result, "changed": changed}


def _is_url(path: str | None) -> bool:
    return bool(path) and str(path).lower().startswith("http")


def _first_look(call: ModuleCall, *, url: bool, present: bool) -> tuple[Status, Package]:
    """Finds out what is installed; a download happens only when the product id does not settle it."""
    options = call.arguments
    product_id, path = options.get("product_id"), options.get("path") or ""
    if not url:
        package = _local_package(call, path) if path else Package()
        return _status(call, package), package
    known = _status(call, Package()) if product_id and present else None
    if known is not None and known.installed:
        return known, Package()
    if product_id and not present:
        return _status(call, Package()), Package()
    package = _download(call, path)
    return _status(call, package), package


def _local_package(call: ModuleCall, path: str) -> Package:
    try:
        return Package(path, read_file(call.host, call.session, path))
    except FileProblem:
        if call.check_mode:
            return Package(path)
        raise ModuleFailure(f"the file at the path '{path}' cannot be reached", reboot_required=False) from None


def _download(call: ModuleCall, url: str) -> Package:
    estate = call.host.estate
    content = estate.web.get(url) if estate is not None else None
    if content is None:
        raise unhandled("The remote server returned an error: (404) Not Found.", reboot_required=False)
    return Package(ntpath.join("C:\\Windows\\Temp", url.rsplit("/", 1)[-1]), content)


def _status(call: ModuleCall, package: Package) -> Status:
    options, host = call.arguments, call.host
    found = _status_of_file(call, package) if package.path else _status_of_id(host, options.get("product_id") or "", options["provider"])
    if options.get("creates_path"):
        found = replace(found, installed=_creates_path(host, options))
    if options.get("creates_service"):
        found = replace(found, installed=host.service(options["creates_service"]) is not None)
    return found


def _status_of_file(call: ModuleCall, package: Package) -> Status:
    provider = call.arguments["provider"]
    kind = _provider_of(package) if provider == "auto" else provider
    if kind == "registry":
        product_id = str(call.arguments.get("product_id") or "")
        return Status("registry", product_id, bool(product_id) and _has_program(call.host, product_id))
    if kind == "msix":
        raise ModuleFailure(f"The lab does not simulate packages of the provider msix ({package.path}).")
    installer = package.installer
    if installer is None or installer.kind.value != kind:
        raise unhandled(method_failed("OpenPackage" if kind == "msi" else "GetSummaryHandle", 2 if kind == "msi" else 1, _NOT_OPENED), reboot_required=False)
    return _status_of_msi(call.host, installer) if kind == "msi" else _status_of_msp(call.host, installer)


def _provider_of(package: Package) -> str:
    """As GetClassFile answers: by content, else by the extension; a file that is not there has no class."""
    extension = ntpath.splitext(package.path)[1].lower()
    if extension in (".appx", ".appxbundle", ".msix", ".msixbundle"):
        return "msix"
    if package.content is None:
        return "registry"
    kind = package.installer.kind if package.installer else _TYPES.get(extension)
    return kind.value if kind in (PackageKind.MSI, PackageKind.MSP) else "registry"


def _status_of_msi(host: Host, installer: Installer) -> Status:
    return Status("msi", installer.code, _has_program(host, installer.code))


def _status_of_msp(host: Host, installer: Installer) -> Status:
    """Only applied patches count: one that a later patch replaced is tried again."""
    products = [code for code in installer.targets if _has_program(host, code)]
    if not products:
        raise unhandled("The specified patch does not apply to any installed MSI packages.", reboot_required=False)
    applied = tuple(code for code in products if _is_applied(host, code, installer.code))
    return Status("msp", installer.code, bool(applied), applied)


def _status_of_id(host: Host, product_id: str, provider: str) -> Status:
    patched = tuple(program.code for program in host.programs.values() if _is_applied(host, program.code, product_id))
    if provider in ("auto", "msp") and patched:
        return Status("msp", product_id, True, patched)
    installed = _has_program(host, product_id)
    is_guid = product_id.startswith("{")
    if provider in ("auto", "msi") and installed and is_guid:
        return Status("msi", product_id, True)
    if provider in ("msi", "msp", "msix"):
        return Status(provider, product_id, False)
    return Status("registry", product_id, installed)


def _has_program(host: Host, code: str) -> bool:
    return any(program.code.casefold() == code.casefold() for program in host.programs.values())


def _is_applied(host: Host, product: str, patch: str) -> bool:
    wanted = patch.casefold()
    return any(wanted in (code.casefold() for code in program.patches) for program in host.programs.values() if program.code.casefold() == product.casefold())


def _creates_path(host: Host, options: Mapping[str, Any]) -> bool:
    node, version = host.files.get(options["creates_path"]), options.get("creates_version")
    if not version or node is None:
        return node is not None
    if node.is_folder:
        raise unhandled("creates_path must be a file not a directory when creates_version is set", reboot_required=False)
    return bool(version == _four_parts(node.version))


def _four_parts(version: str) -> str:
    numbers = [part for part in version.split(".") if part.isdigit()]
    return ".".join([*numbers, "0", "0", "0", "0"][:4])


def _verify_checksum(package: Package, options: Mapping[str, Any], result: dict[str, Any]) -> str:
    found = hashlib.new(options["checksum_algorithm"], package.content or b"").hexdigest().upper()
    wanted = options.get("checksum")
    if wanted and wanted.upper() != found:
        raise ModuleFailure(f"The checksum for {package.path} did not match '{wanted}', it was '{found}'", **result, checksum=found)
    return found


def _apply(call: ModuleCall, status: Status, package: Package, result: dict[str, Any]) -> None:
    """Runs msiexec once, or once for each product when a patch is taken away."""
    raw = call.arguments.get("arguments")
    arguments = join_arguments([str(part) for part in raw]) if isinstance(raw, list) else str(raw or "")
    if call.arguments.get("chdir") and not call.host.files.is_folder(call.arguments["chdir"]):
        raise unhandled("CreateProcessW() failed (The directory name is invalid, Win32ErrorCode 267)", **result)
    for action, switches, installer in _runs(call, status, package):
        _execute(call, Run(action, installer, arguments, call.arguments.get("log_path") or ""), switches, result)


def _runs(call: ModuleCall, status: Status, package: Package) -> list[tuple[str, list[str], Installer | None]]:
    product_id = status.id
    if call.arguments["state"] == "present":
        installer = package.installer
        if installer is None:
            raise ModuleFailure(f"The lab has no package behind '{package.path}' and starts no other program.")
        switch = {"msi": ["/i", package.path], "msp": ["/update", package.path]}.get(status.provider, [])
        return [("PATCH" if status.provider == "msp" else "INSTALL", switch or [package.path], installer)]
    remover = installer_by_code(product_id)
    if status.provider == "msp":
        return [("REMOVE", ["/uninstall", product_id, "/package", code], remover) for code in status.products]
    return [("REMOVE", ["/x", product_id], remover)]


def _execute(call: ModuleCall, run_call: Run, switches: list[str], result: dict[str, Any]) -> None:
    log_path = run_call.log_path or "C:\\Windows\\Temp\\ansible-tmp\\msiexec.log"
    command = " ".join(escape_argument(part) for part in (_MSIEXEC, *switches, "/L*V", log_path, "/qn", "/norestart"))
    if run_call.arguments:
        command += " " + run_call.arguments
    outcome = run(call.host, call.session, run_call)
    result["rc"] = outcome.exit_code
    if outcome.exit_code not in call.arguments["expected_return_code"]:
        more = {"stdout": "", "stderr": "", **({"log": outcome.log} if outcome.log else {})}
        raise ModuleFailure(f"unexpected rc from '{command}': see rc, stdout, and stderr for more details", **{**result, **more})
    result["failed"] = False
    result["reboot_required"] = result["reboot_required"] or outcome.exit_code == RESTART_REQUIRED
