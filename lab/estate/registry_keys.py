# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A host's registry: keys, values, and the keys that Windows keeps up itself (installed programs, services, pending restarts).

`Host.registry` maps a key's path in lower case to its values; a key below it exists too. Types are .NET's
RegistryValueKind names; binary data is bytes, numbers are unsigned.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .host import Host, Program, Service

Value = tuple[str, str, Any]
Values = dict[str, Value]

UNINSTALL = "hklm:\\software\\microsoft\\windows\\currentversion\\uninstall"
SERVICES = "hklm:\\system\\currentcontrolset\\services"
SESSION_MANAGER = "hklm:\\system\\currentcontrolset\\control\\session manager"
LOGON_UI = "hklm:\\software\\microsoft\\windows nt\\currentversion\\winlogon\\autologonchecked"
EVENT_LOGS = "hklm:\\system\\currentcontrolset\\services\\eventlog"

_START = {"auto": 2, "delayed": 2, "manual": 3, "disabled": 4}
_HIVES = ("hklm:", "hkcu:", "hkcr:", "hku:", "hkcc:")


def key_path(path: str) -> str:
    """The form in which keys are kept."""
    return path.replace("/", "\\").rstrip("\\").casefold()


def values_of(host: Host, path: str) -> Values | None:
    """The values of a key by their lower-case names; None if there is no such key."""
    key = key_path(path)
    kept, computed = host.registry.get(key), _computed(host, key)
    if kept is None and computed is None:
        exists = key in _HIVES or any(other.startswith(key + "\\") for other in _all_keys(host))
        return {} if exists else None
    return {**(computed or {}), **(kept or {})}


def sub_keys(host: Host, path: str) -> list[str]:
    """Names of the keys directly below, in order."""
    lead = key_path(path) + "\\"
    names = {key[len(lead) :].partition("\\")[0] for key in _all_keys(host) if key.startswith(lead)}
    return sorted(_spelling(host, lead, name) for name in names)


def create_key(host: Host, path: str) -> None:
    key = key_path(path)
    if key not in host.registry:
        host.registry[key] = {}
        _remember_spelling(host, path)


def set_value(host: Host, path: str, name: str, kind: str, data: Any) -> None:
    """Creates or replaces a value, and its key; the empty name is the key's default value."""
    create_key(host, path)
    host.registry[key_path(path)][name.casefold()] = (name, kind, data)


def delete_value(host: Host, path: str, name: str) -> None:
    host.registry.get(key_path(path), {}).pop(name.casefold(), None)


def delete_key(host: Host, path: str) -> None:
    """Removes a key with all below it. What Windows computes stays: it comes from programs and services."""
    key = key_path(path)
    for other in [other for other in host.registry if other == key or other.startswith(key + "\\")]:
        del host.registry[other]
        host.registry_access.pop(other, None)
        host.key_names.pop(other, None)


def _all_keys(host: Host) -> Iterator[str]:
    yield from host.registry
    yield from (f"{UNINSTALL}\\{code.casefold()}" for code in host.programs)
    yield from (f"{SERVICES}\\{name}" for name in host.services)
    for log in host.event_logs.values():
        yield f"{EVENT_LOGS}\\{log.name.casefold()}"
        yield from (f"{EVENT_LOGS}\\{log.name.casefold()}\\{source}" for source in log.sources)


def _computed(host: Host, key: str) -> Values | None:
    parent, _unused, name = key.rpartition("\\")
    if parent == UNINSTALL:
        program = next((found for code, found in host.programs.items() if code.casefold() == name), None)
        return _program_values(program) if program is not None else None
    if parent == SERVICES and name in host.services:
        return _service_values(host.services[name])
    if key == SESSION_MANAGER and host.restart_reasons:
        return _as_values(("PendingFileRenameOperations", "MultiString", [f"\\??\\{reason}" for reason in host.restart_reasons]))
    # LogonUI makes this volatile key once the host has started completely.
    return {} if key in (LOGON_UI, SESSION_MANAGER) else None


def _program_values(program: Program) -> Values:
    remove = f"MsiExec.exe /X{program.code}" if program.code.startswith("{") else ""
    return _as_values(
        ("DisplayName", "String", program.name),
        ("DisplayVersion", "String", program.version),
        ("Publisher", "String", program.publisher),
        ("UninstallString", "ExpandString", remove),
        ("WindowsInstaller", "DWord", 1 if remove else 0),
    )


def _service_values(service: Service) -> Values:
    found = _as_values(
        ("DisplayName", "String", service.display_name),
        ("ImagePath", "ExpandString", service.path),
        ("ObjectName", "String", service.account),
        ("Start", "DWord", _START.get(service.start_mode, 3)),
        ("Type", "DWord", 16),
        ("ErrorControl", "DWord", 1),
    )
    if service.start_mode == "delayed":
        found |= _as_values(("DelayedAutostart", "DWord", 1))
    if service.dependencies:
        found |= _as_values(("DependOnService", "MultiString", list(service.dependencies)))
    return found


def _as_values(*values: Value) -> Values:
    return {value[0].casefold(): value for value in values}


def _remember_spelling(host: Host, path: str) -> None:
    parts = path.replace("/", "\\").rstrip("\\").split("\\")
    for count in range(2, len(parts) + 1):
        host.key_names.setdefault("\\".join(parts[:count]).casefold(), parts[count - 1])


def _spelling(host: Host, lead: str, name: str) -> str:
    """The key's name as it was created; a program's or service's own spelling for keys that Windows keeps up."""
    if lead == UNINSTALL + "\\":
        return next((code for code in host.programs if code.casefold() == name), name)
    found = host.services.get(name) if lead == SERVICES + "\\" else None
    return found.name if found is not None else host.key_names.get(lead + name, name)
