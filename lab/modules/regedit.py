# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of ansible.windows.win_regedit and win_reg_stat (3.3.0)."""

from __future__ import annotations

import re
from typing import Any

from ..estate import registry_keys
from .failures import administrators_only, method_failed
from .registry import ModuleCall, ModuleFailure, twin

_PATH = re.compile(r"^HK(CC|CR|CU|LM|U):\\", re.IGNORECASE)
_KINDS = {
    "none": "None", "binary": "Binary", "dword": "DWord", "expandstring": "ExpandString",
    "multistring": "MultiString", "string": "String", "qword": "QWord",
}  # fmt: skip
_REG_TYPES = {
    "Binary": "REG_BINARY", "String": "REG_SZ", "DWord": "REG_DWORD", "QWord": "REG_QWORD",
    "MultiString": "REG_MULTI_SZ", "ExpandString": "REG_EXPAND_SZ", "None": "REG_NONE",
}  # fmt: skip
_NO_ACCESS = method_failed("OpenSubKey", 2, "Requested registry access is not allowed.")
_LIMITS = {"dword": 0xFFFFFFFF, "qword": 0xFFFFFFFFFFFFFFFF}


@twin("ansible.windows.win_regedit", implements=frozenset({"path", "name", "data", "type", "state", "delete_key"}))
def win_regedit(call: ModuleCall) -> dict[str, Any]:
    options = call.arguments
    if not _PATH.match(options["path"]):
        raise ModuleFailure(f"path: {options['path']} is not a valid powershell path, see module documentation for examples.", **_flags())
    if not options["path"].upper().startswith("HKCU:"):
        administrators_only(call, f"Unhandled exception while executing module: {_NO_ACCESS}", **_flags())
    given_name, kind = options.get("name"), options["type"]
    warnings = []
    if given_name is None and kind != "string":
        warnings = ["the data type when name is not specified can only be 'string', the type has automatically been converted"]
        kind = "string"
    name = given_name or ""
    result = _absent(call, name) if options["state"] == "absent" else _present(call, name, kind, _convert(options.get("data"), kind, named=bool(name)))
    if warnings:
        result["warnings"] = warnings
    if not call.diff:
        result.pop("diff", None)
    return result


@twin("ansible.windows.win_reg_stat", implements=frozenset({"path", "name"}))
def win_reg_stat(call: ModuleCall) -> dict[str, Any]:
    path, name = call.arguments["path"], call.arguments.get("name")
    if not _PATH.match(path):
        raise ModuleFailure(f"path: {path} is not a valid registry path, see module documentation for examples.")
    values = registry_keys.values_of(call.host, path)
    if values is None:
        return {"changed": False, "exists": False}
    if name is None:
        properties = {value[0]: _stat(value) for value in values.values()}
        return {"changed": False, "exists": True, "properties": properties, "sub_keys": registry_keys.sub_keys(call.host, path)}
    found = values.get(name.casefold())
    return {"changed": False, "exists": found is not None, **(_stat(found) if found is not None else {})}


def _stat(value: registry_keys.Value) -> dict[str, Any]:
    _unused, kind, data = value
    if kind in ("Binary", "None"):
        return {"type": _REG_TYPES[kind], "value": list(data), "raw_value": [f"0x{byte:02x}" for byte in data]}
    return {"type": _REG_TYPES[kind], "value": data, "raw_value": data}


def _flags(**flags: Any) -> dict[str, Any]:
    return {"changed": False, "data_changed": False, "data_type_changed": False, **flags}


def _absent(call: ModuleCall, name: str) -> dict[str, Any]:
    path = call.arguments["path"]
    values = registry_keys.values_of(call.host, path)
    if values is None:
        return _flags(diff={"before": "", "after": ""})
    if call.arguments["delete_key"] and not name:
        if not call.check_mode:
            registry_keys.delete_key(call.host, path)
        return _flags(changed=True, diff={"before": {path: {}}, "after": {}})
    found = values.get(name.casefold())
    if found is None:
        return _flags(diff={"before": "", "after": ""})
    if not call.check_mode:
        registry_keys.delete_value(call.host, path, name)
    return _flags(changed=True, diff={"before": {path: {name: _shown(found[1], found[2])}}, "after": {path: {}}})


def _present(call: ModuleCall, name: str, kind: str, data: Any) -> dict[str, Any]:
    path = call.arguments["path"]
    values = registry_keys.values_of(call.host, path)
    is_new = values is None
    if is_new and not call.check_mode:
        registry_keys.create_key(call.host, path)
    before: dict[str, Any] = {} if is_new else {path: {}}
    after: dict[str, Any] = {path: {}}
    diff = {"before": before, "after": after}
    if data is None or (is_new and call.check_mode):
        return _flags(changed=is_new, diff=diff)
    found = (values or {}).get(name.casefold())
    after[path][name] = _shown(_KINDS[kind], data)
    if found is not None:
        before[path][name] = _shown(found[1], found[2])
    type_changed = found is not None and found[1] != _KINDS[kind]
    data_changed = found is not None and found[2] != data
    changed = is_new or found is None or type_changed or data_changed
    if changed and not call.check_mode:
        registry_keys.set_value(call.host, path, name, _KINDS[kind], data)
    return _flags(changed=changed, data_changed=data_changed, data_type_changed=type_changed, diff=diff)


def _shown(kind: str, data: Any) -> dict[str, Any]:
    if kind in ("Binary", "None"):
        return {"type": kind, "value": [f"0x{byte:02x}" for byte in data]}
    width = {"DWord": 8, "QWord": 16}.get(kind)
    return {"type": kind, "value": f"0x{data:0{width}x}" if width else data}


def _convert(data: Any, kind: str, *, named: bool) -> Any:
    """The data in the type's own form, as the module converts it; None leaves a key without the value."""
    if kind in ("binary", "none"):
        return _to_bytes(data)
    if kind in _LIMITS:
        return _to_number(data, kind)
    if kind == "multistring":
        items = data if isinstance(data, list) else [] if data is None else [data]
        return [str(item) for item in items]
    if data is None:
        return "" if named else None
    return str(data)


def _to_number(data: Any, kind: str) -> int:
    if isinstance(data, float) and data % 1:
        raise ModuleFailure(f"data '{data}' cannot be a decimal or float value with a remainder when type is dword or qword", **_flags())
    try:
        number = int(data, 0) if isinstance(data, str) and data else int(data or 0)
    except ValueError:
        text = f'Cannot convert value "{data}" to type "System.UInt64". Error: "Input string was not in a correct format."'
        raise ModuleFailure(f"Unhandled exception while executing module: {text}", **_flags()) from None
    limit = _LIMITS[kind]
    if number > limit:
        raise ModuleFailure(f"data cannot be larger than 0x{limit:x} when type is {kind}", **_flags())
    return number & limit


def _to_bytes(data: Any) -> bytes:
    """A list of numbers, one number up to 255, or the text that a registry export shows (`hex:be,ef`)."""
    if isinstance(data, list):
        return bytes(int(item) for item in data)
    if isinstance(data, int):
        if data > 255:
            text = f"cannot convert binary data '{data}' to byte array, please specify this value as a yaml byte array or a comma separated hex value string"
            raise ModuleFailure(text, **_flags())
        return bytes([data])
    text = re.sub(r"[^a-f0-9\\,x:-]", "", re.sub("^hex:", "", str(data or "").lower())).replace(",", ":")
    if ":" in text:
        return bytes(int(part, 16) for part in text.split(":") if part)
    if len(text) == 1:
        return bytes([int(text, 16)])
    return bytes.fromhex(text) if len(text) % 2 == 0 else b""
