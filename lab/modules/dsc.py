# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of ansible.windows.win_dsc (3.3.0): a DSC resource is tested and, where it is not in its state, set.

The resources themselves register here; those of the community's module SharePointDsc stand in dsc_sharepoint. A resource
exists on a host when its module lies in the folder of modules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..estate.directory_errors import DirectoryError
from ..estate.domains import domain_of
from ..estate.session import Session
from .dsc_options import Property, check_options
from .registry import ModuleCall, ModuleFailure, twin

if TYPE_CHECKING:
    from ..estate.host import Host

MODULES_FOLDER = r"C:\Program Files\WindowsPowerShell\Modules"
# Properties that the engine gives to every resource
_COMMON = (Property("PsDscRunAsCredential", "credential"), Property("DependsOn", is_array=True))
_SYSTEM = "S-1-5-18"


class DscProblem(Exception):
    """A resource's Get, Test or Set threw; the message is its own."""


@dataclass(frozen=True)
class DscCall:
    """`values` by property name, None for those that were not given; `session` is whom the resource runs as."""

    host: Host
    session: Session
    values: Mapping[str, Any]

    def given(self, name: str) -> bool:
        return self.values.get(name) is not None


@dataclass(frozen=True)
class Resource:
    """`test` says whether the state is as wanted; both raise DscProblem."""

    name: str
    module: str
    properties: tuple[Property, ...]
    test: Callable[[DscCall], bool]
    set: Callable[[DscCall], None]


RESOURCES: dict[str, Resource] = {}


def register(resource: Resource) -> None:
    RESOURCES[resource.name.casefold()] = resource


@twin("ansible.windows.win_dsc")
def win_dsc(call: ModuleCall) -> dict[str, Any]:
    arguments = {name: value for name, value in call.arguments.items() if value is not None}
    if "resource_name" not in arguments:
        raise ModuleFailure("missing required argument: resource_name")
    resource, version = _find(call.host, str(arguments["resource_name"]), str(arguments.get("module_version", "latest")))
    values, warnings = check_options(arguments, (*resource.properties, *_COMMON))
    dsc = DscCall(call.host, _run_as(call.host, values), values)
    with _lock(call.host):
        in_state = _invoke("Test", lambda: resource.test(dsc))
        if not in_state and not call.check_mode:
            _invoke("Set", lambda: resource.set(dsc))
    result = {"changed": not in_state, "reboot_required": False, "module_version": version}
    return {**result, "warnings": warnings} if warnings else result


def _find(host: Host, name: str, wanted: str) -> tuple[Resource, str]:
    """The resource and the version of its module on the host; fails in the module's words."""
    resource = RESOURCES.get(name.casefold())
    versions = _versions(host, resource.module) if resource is not None else []
    if resource is None or not versions:
        if wanted == "latest":
            raise ModuleFailure(f"Resource '{name}' not found.")
        raise ModuleFailure(f"Resource '{name}' with version '{wanted}' not found. Versions installed: ''.")
    if wanted == "latest":
        return resource, versions[-1]
    if wanted not in versions:
        installed = "', '".join(versions)
        raise ModuleFailure(f"Resource '{name}' with version '{wanted}' not found. Versions installed: '{installed}'.")
    return resource, wanted


def _versions(host: Host, module: str) -> list[str]:
    """Installed versions of a module, the highest last."""
    folder = f"{MODULES_FOLDER}\\{module}"
    found = [node.name for node in host.files.children(folder) if host.files.exists(f"{folder}\\{node.name}\\{module}.psd1")]
    return sorted(found, key=lambda text: [int(part) for part in text.split(".") if part.isdigit()])


def _run_as(host: Host, values: Mapping[str, Any]) -> Session:
    """The session of PsDscRunAsCredential; the configuration manager itself runs as SYSTEM."""
    name = values.get("PsDscRunAsCredential_username")
    if name is None:
        return Session("NT AUTHORITY\\SYSTEM", _SYSTEM, frozenset({"S-1-5-32-544"}), administrator=True)
    if host.estate is None:
        raise AssertionError("host.estate is there by construction")
    directory = domain_of(host)
    domain, _unused, user = str(name).rpartition("\\")
    try:
        with host.estate.lock:
            entry = directory.verify(domain, user, str(values["PsDscRunAsCredential_password"]))
    except DirectoryError as problem:
        raise ModuleFailure(f"Failed to invoke DSC Test method: {problem.message}", reboot_required=False) from None
    return Session(directory.account_name(entry.sid), entry.sid, directory.token(entry.sid), administrator=False)


def _invoke(method: str, action: Callable[[], Any]) -> Any:
    try:
        return action()
    except DscProblem as problem:
        raise ModuleFailure(f"Failed to invoke DSC {method} method: {problem}", reboot_required=False) from None


def _lock(host: Host) -> Any:
    if host.estate is None:
        raise AssertionError("host.estate is there by construction")
    return host.estate.lock
