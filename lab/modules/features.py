# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of ansible.windows.win_feature (3.3.0) for the features that MIM and its tools ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..estate.host import Host
from .failures import administrators_only
from .registry import ModuleCall, ModuleFailure, twin

_NO_ACCESS = (
    "You do not have adequate user rights to make changes to the target computer. If you are already a member of the "
    "Administrators group on the target computer, the operation might have failed because security settings have restricted your access."
)
# ServerManager's identifier for "nothing to do".
_NO_CHANGE = "NoChangeNeeded"


@dataclass(frozen=True)
class Feature:
    """A role or feature as Get-WindowsFeature lists it. `children` come with `include_sub_features`, `parents` always."""

    id: int
    name: str
    display_name: str
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    needs_source: bool = False


# Names of Windows Server 2012 R2 to 2019 (Microsoft: "Server roles, role services and features").
_FEATURES = {
    feature.name.casefold(): feature
    for feature in (
        Feature(36, "NET-Framework-Features", ".NET Framework 3.5 Features", children=("NET-Framework-Core",)),
        Feature(220, "NET-Framework-Core", ".NET Framework 3.5 (includes .NET 2.0 and 3.0)", parents=("NET-Framework-Features",), needs_source=True),
        Feature(417, "NET-Framework-45-Features", ".NET Framework 4.6 Features"),
        Feature(418, "NET-Framework-45-Core", ".NET Framework 4.6", parents=("NET-Framework-45-Features",)),
        Feature(67, "RSAT", "Remote Server Administration Tools"),
        Feature(329, "RSAT-AD-Tools", "AD DS and AD LDS Tools", parents=("RSAT",), children=("RSAT-AD-PowerShell", "RSAT-ADDS")),
        Feature(331, "RSAT-AD-PowerShell", "Active Directory module for Windows PowerShell", parents=("RSAT", "RSAT-AD-Tools")),
        Feature(257, "RSAT-ADDS", "AD DS Tools", parents=("RSAT", "RSAT-AD-Tools")),
        Feature(2, "Web-Server", "Web Server (IIS)"),
        Feature(340, "PowerShell-V2", "Windows PowerShell 2.0 Engine"),
        Feature(10, "AD-Domain-Services", "Active Directory Domain Services"),
    )
}


@twin("ansible.windows.win_feature", implements=frozenset({"name", "state", "include_sub_features", "include_management_tools", "source"}))
def win_feature(call: ModuleCall) -> dict[str, Any]:
    options, host = call.arguments, call.host
    present = options["state"] == "present"
    administrators_only(call, f"Failed to {'install' if present else 'uninstall'} Windows Feature: {_NO_ACCESS}")
    wanted = [_feature(name, present=present) for name in options["name"]]
    if present and options.get("source") and not host.files.exists(options["source"]):
        raise ModuleFailure(f"Failed to find source path {options['source']} for feature install")
    names = _with_relatives(wanted, present=present, children=options["include_sub_features"])
    installed = {name.casefold() for name in host.features}
    changes = [name for name in names if (name.casefold() in installed) != present]
    _check_source(call, changes if present else [])
    if not call.check_mode:
        _apply(host, changes, present=present)
    return {
        "changed": bool(changes),
        "feature_result": [_result(_FEATURES[name.casefold()]) for name in changes],
        "success": True,
        "failed": False,
        "exitcode": "Success" if changes else _NO_CHANGE,
        "reboot_required": False,
    }


def _feature(name: str, *, present: bool) -> Feature:
    found = _FEATURES.get(name.casefold())
    if found is None:
        text = f"ArgumentNotValid: The role, role service, or feature name is not valid: '{name}'. The name was not found."
        raise ModuleFailure(f"Failed to {'install' if present else 'uninstall'} Windows Feature: {text}")
    return found


def _with_relatives(wanted: list[Feature], *, present: bool, children: bool) -> list[str]:
    """Parents come along when a feature is added, children when asked for; children go with a feature that is removed."""
    names: list[str] = []
    for feature in wanted:
        before = feature.parents if present else ()
        after = feature.children if children or not present else ()
        names.extend(name for name in (*before, feature.name, *after) if name not in names)
    return names


def _check_source(call: ModuleCall, added: list[str]) -> None:
    """Features on demand are not on the disk of a server; the lab has no Windows Update either."""
    missing = [name for name in added if _FEATURES[name.casefold()].needs_source]
    if missing and not call.arguments.get("source") and not call.check_mode:
        text = 'The source files could not be found. Use the "Source" option to specify the location of the files that are required to restore the feature.'
        raise ModuleFailure(
            f"Failed to install Windows Feature: The request to add or remove features on the specified server failed. {text} Error: 0x800f081f"
        )


def _apply(host: Host, changes: list[str], *, present: bool) -> None:
    if present:
        host.features |= set(changes)
        return
    gone = {name.casefold() for name in changes}
    host.features = {name for name in host.features if name.casefold() not in gone}


def _result(feature: Feature) -> dict[str, Any]:
    return {
        "id": feature.id,
        "display_name": feature.display_name,
        "message": [],
        "reboot_required": False,
        "skip_reason": "NotSkipped",
        "success": True,
    }
