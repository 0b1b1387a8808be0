# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options that win_dsc builds out of a resource's MOF, and how Ansible.Basic checks what was given.

Rules of ansible.windows.win_dsc 3.3.0: a credential is two options, `Name` may be called `item_name`, values of the
MOF are choices, nested instances are checked like the outer one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .registry import ModuleFailure

_TRUE = ("y", "yes", "on", "1", "true", "t", "1.0")
_FALSE = ("n", "no", "off", "0", "false", "f", "0.0")
MODULE = "ansible.windows.win_dsc"


@dataclass(frozen=True)
class Property:
    """One property of a MOF class. `kind`: str, bool, int, uint32, credential; `members`: it is an embedded instance."""

    name: str
    kind: str = "str"
    required: bool = False
    choices: tuple[str, ...] = ()
    is_array: bool = False
    members: tuple[Property, ...] = ()


def check_options(given: Mapping[str, Any], properties: Sequence[Property]) -> tuple[dict[str, Any], list[str]]:
    """The values by property name, converted, and warnings; raises ModuleFailure in the words of Ansible.Basic."""
    extra = (Property("resource_name", required=True), Property("module_version"))
    return _checked(given, (*properties, *extra), "")


def _checked(given: Mapping[str, Any], properties: Sequence[Property], context: str) -> tuple[dict[str, Any], list[str]]:
    names = _option_names(properties)
    values, warnings = _matched(given, names, context)
    _check_credentials(values, properties, context)
    missing = sorted(one.name for one in properties if one.required and values.get(one.name) is None)
    if missing:
        raise ModuleFailure(f"missing required arguments: {', '.join(missing)}{_found_in(context)}")
    converted: dict[str, Any] = {}
    for one in properties:
        if one.kind == "credential":
            converted.update({name: values.get(name) for name in _credential_names(one)})
        else:
            converted[one.name] = _converted(one, values.get(one.name), context)
    return converted, warnings


def _option_names(properties: Sequence[Property]) -> dict[str, str]:
    """Accepted option in lower case -> the option's own name."""
    names: dict[str, str] = {}
    for one in properties:
        for name in _credential_names(one) if one.kind == "credential" else (one.name,):
            names[name.casefold()] = name
        if one.name == "Name":
            names["item_name"] = "Name"
    return names


def _matched(given: Mapping[str, Any], names: Mapping[str, str], context: str) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    other_case: list[str] = []
    unknown: list[str] = []
    for key, value in given.items():
        name = names.get(key.casefold())
        if name is None:
            unknown.append(key)
            continue
        values[name] = value
        if key not in (name, "item_name"):
            other_case.append(key)
    supported = ", ".join(sorted(set(names.values())))
    if unknown:
        raise ModuleFailure(
            f"Unsupported parameters for ({MODULE}) module: {', '.join(sorted(unknown))}{_found_in(context)}. Supported parameters include: {supported}"
        )
    if not other_case:
        return values, []
    warning = (
        f"Parameters for ({MODULE}) was a case insensitive match: {', '.join(other_case)}{_found_in(context)}. Module options will become case "
        f"sensitive in a future Ansible release. Supported parameters include: {supported}"
    )
    return values, [warning]


def _check_credentials(values: Mapping[str, Any], properties: Sequence[Property], context: str) -> None:
    for one in properties:
        names = _credential_names(one)
        if one.kind == "credential" and len([name for name in names if values.get(name) is not None]) == 1:
            raise ModuleFailure(f"parameters are required together: {', '.join(names)}{_found_in(context)}")


def _converted(one: Property, value: Any, context: str) -> Any:
    if value is None:
        return None
    path = f"{context} -> {one.name}" if context else one.name
    if not one.is_array:
        return _instance(one, value, path) if one.members else _scalar(one, value, one.name, context)
    items = [part.strip() for part in value.split(",")] if isinstance(value, str) else value if isinstance(value, list) else [value]
    if one.members:
        return [_instance(one, item, path) for item in items]
    return [_scalar(one, item, f"list entry {one.name}", context) for item in items]


def _instance(one: Property, value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ModuleFailure(f"argument for {one.name} is of type {_type_name(value)} and we were unable to convert to dict: Dictionary expected")
    return _checked(value, one.members, path)[0]


def _scalar(one: Property, value: Any, label: str, context: str) -> Any:
    try:
        converted = _CONVERTERS[one.kind](value)
    except ValueError as problem:
        kind = one.kind if one.kind != "uint32" else "delegate"
        raise ModuleFailure(
            f"argument for {label} is of type {_type_name(value)} and we were unable to convert to {kind}: {problem}{_found_in(context)}"
        ) from None
    if one.choices and converted not in one.choices:
        other = next((choice for choice in one.choices if choice.casefold() == str(converted).casefold()), None)
        if other is not None:
            return other
        many = "one or more of" if one.is_array else "one of"
        raise ModuleFailure(f"value of {one.name} must be {many}: {', '.join(one.choices)}. Got no match for: {converted}{_found_in(context)}")
    return converted


def _to_bool(value: Any) -> bool:
    text = str(value).casefold()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(f"The value '{value}' is not a valid boolean. Valid booleans include: {', '.join(_TRUE + _FALSE)}")


def _to_int(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ValueError("Input string was not in a correct format.") from None


def _to_unsigned(value: Any) -> int:
    number = _to_int(value)
    if not 0 <= number < 2**32:
        raise ValueError("Value was either too large or too small for a UInt32.")
    return number


_CONVERTERS: Mapping[str, Callable[[Any], Any]] = {"str": str, "bool": _to_bool, "int": _to_int, "uint32": _to_unsigned}


def _credential_names(one: Property) -> tuple[str, str]:
    return f"{one.name}_username", f"{one.name}_password"


def _type_name(value: Any) -> str:
    names = {str: "System.String", bool: "System.Boolean", int: "System.Int32", float: "System.Double", list: "System.Collections.ArrayList"}
    return names.get(type(value), "System.Collections.Generic.Dictionary`2[System.String,System.Object]")


def _found_in(context: str) -> str:
    return f" found in {context}" if context else ""
