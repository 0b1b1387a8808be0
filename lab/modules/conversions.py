# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How Ansible.Basic turns what was given into the type of an option, and what .NET says when it cannot.

The sentences are those that the real modules were recorded with (PowerShell 7); what is accepted follows Windows
PowerShell 5.1, whose whole numbers are Int32.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .powershell_literals import Delegate

TRUE = ("y", "yes", "on", "1", "true", "t", "1.0")
FALSE = ("n", "no", "off", "0", "false", "f", "0.0")
INT32 = (-(2**31), 2**31 - 1)
_RANGES = {
    "byte": (0, 255), "sbyte": (-128, 127), "int16": (-(2**15), 2**15 - 1), "uint16": (0, 2**16 - 1), "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1), "uint64": (0, 2**64 - 1), "int32": INT32,
}  # fmt: skip
_BAD_PATH = re.compile(r'["<>|\x00-\x1f]')


class ConversionProblem(Exception):
    """The value does not fit; the message is .NET's."""


@dataclass(frozen=True)
class Surroundings:
    """What conversions need of the host: environment variables and account names."""

    expand: Callable[[str], str] = str
    # Account name -> SID, None if it cannot be translated.
    resolve: Callable[[str], str | None] = lambda name: None


def convert(kind: str | Delegate, value: Any, around: Surroundings) -> Any:
    """Raises ConversionProblem. `value` is never None."""
    if isinstance(kind, Delegate):
        return _cast(kind.type_name, value)
    if kind == "path":
        return _path(text_of(value), around)
    if kind == "sid":
        return _sid(text_of(value), around)
    return _CONVERSIONS[kind](value)


def text_of(value: Any) -> str:
    """Object.ToString()."""
    if isinstance(value, Mapping):
        return "System.Collections.Hashtable"
    if isinstance(value, list):
        return "System.Object[]"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def type_of(value: Any) -> str:
    """Object.GetType() of a value as it came out of the JSON."""
    if isinstance(value, bool):
        return "System.Boolean"
    if isinstance(value, int):
        return "System.Int64"
    names: tuple[tuple[type, str], ...] = ((str, "System.String"), (float, "System.Double"), (dict, "System.Collections.Hashtable"), (list, "System.Object[]"))
    return next((name for kind, name in names if isinstance(value, kind)), "System.Object")


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = text_of(value).lower().strip()
    if text in TRUE or text in FALSE:
        return text in TRUE
    raise ConversionProblem(f"The value '{text}' is not a valid boolean. Valid booleans include: {', '.join((*TRUE, *FALSE))}")


def _dict(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return dict(value)
    if not isinstance(value, str):
        raise ConversionProblem(f"{type_of(value)} cannot be converted to a dict")
    if value.startswith("{") and value.endswith("}"):
        try:
            found: dict[str, Any] = json.loads(value)
        except ValueError as error:
            raise ConversionProblem(f"Invalid JSON: {error}") from None
        return found
    if "=" in value:
        return _pairs(value)
    raise ConversionProblem("string cannot be converted to a dict, must either be a JSON string or in the key=value form")


def _pairs(text: str) -> dict[str, Any]:
    """`a=b, c="d e"`: split at blanks and commas outside of quotes."""
    fields: list[str] = []
    current: list[str] = []
    quote, escaped = "", False
    for char in text:
        if escaped:
            current.append(char)
            escaped = False
        elif char == "\\":
            escaped = True
        elif not quote and char in "'\"":
            quote = char
        elif quote and char == quote:
            quote = ""
        elif not quote and char in ", ":
            fields.append("".join(current))
            current = []
        else:
            current.append(char)
    fields.append("".join(current))
    pairs = [each.partition("=") for each in dict.fromkeys(fields) if each]
    return {name: rest if sign else None for name, sign, rest in pairs}


def _float(value: Any) -> float:
    text = text_of(value)
    try:
        return float(text)
    except ValueError:
        raise ConversionProblem(_malformed(text)) from None


def _int(value: Any) -> int:
    return _whole(text_of(value), INT32, "an Int32")


def _whole(text: str, limits: tuple[int, int], name: str) -> int:
    if not re.fullmatch(r"\s*[+-]?\d+\s*", text):
        raise ConversionProblem(_malformed(text))
    number = int(text)
    if not limits[0] <= number <= limits[1]:
        raise ConversionProblem(f"Value was either too large or too small for {name}.")
    return number


def _malformed(text: str) -> str:
    return f"The input string '{text}' was not in a correct format."


def _cast(type_name: str, value: Any) -> Any:
    limits = _RANGES.get(type_name.casefold())
    if limits is None:
        return value
    text = text_of(value)
    if isinstance(value, bool):
        return int(value)
    if not re.fullmatch(r"\s*[+-]?\d+\s*", text):
        raise ConversionProblem(f'Cannot convert value "{text}" to type "System.{type_name}". Error: "{_malformed(text)}"')
    if not limits[0] <= int(text) <= limits[1]:
        error = f"Value was either too large or too small for a {type_name}."
        raise ConversionProblem(f'Cannot convert value "{text}" to type "System.{type_name}". Error: "{error}"')
    return int(text)


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if isinstance(value, str):
        return value
    raise ConversionProblem(f"{type_of(value)} cannot be converted to json")


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return list(value)
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    if isinstance(value, int) and not isinstance(value, bool) and INT32[0] <= value <= INT32[1]:
        return [value]
    raise ConversionProblem(f"{type_of(value)} cannot be converted to a list")


def _path(text: str, around: Surroundings) -> str:
    if text.startswith("\\\\?\\"):
        return text
    expanded = around.expand(text)
    if _BAD_PATH.search(expanded):
        raise ConversionProblem("string value contains invalid path characters, cannot convert to path")
    if not expanded.strip():
        raise ConversionProblem("The path is empty. (Parameter 'path')")
    return expanded


def _sid(text: str, around: Surroundings) -> str:
    if re.fullmatch(r"S-1-\d+(-\d+)+", text, re.IGNORECASE):
        return text.upper()
    sid = around.resolve(text)
    if sid is None:
        raise ConversionProblem("Some or all identity references could not be translated.")
    return sid


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "bool": _bool,
    "dict": _dict,
    "float": _float,
    "int": _int,
    "json": _json,
    "list": _list,
    "raw": lambda value: value,
    "str": text_of,
}
