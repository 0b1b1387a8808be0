# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A script's parameters: read from its `param` block, bound as PowerShell binds them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..verbs.registry import Credential
from .powershell_literals import LiteralProblem, Opaque, Reader
from .powershell_values import text_of

_PARAM = re.compile(r"^\s*param\s*\(", re.IGNORECASE | re.MULTILINE)
_ATTRIBUTE = re.compile(r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]")
_COMMENTS = re.compile(r"<#.*?#>|(?m:^[ \t]*#[^\n]*$)", re.DOTALL)
_SHOULD_PROCESS = re.compile(r"\[CmdletBinding\([^)]*\bSupportsShouldProcess\b(?!\s*=\s*\$false)[^)]*\)\]", re.IGNORECASE)
_ABSENT: dict[str, Any] = {"string": "", "int": 0, "int32": 0, "long": 0, "int64": 0, "double": 0.0, "bool": False, "switch": False}
_WHOLE = {"int": "Int32", "int32": "Int32", "long": "Int64", "int64": "Int64"}


class BindingProblem(Exception):
    """The script does not start; `error_id` and `category` are the error record's."""

    def __init__(self, message: str, error_id: str, category: str = "InvalidData") -> None:
        super().__init__(message)
        self.error_id = error_id
        self.category = category


@dataclass(frozen=True)
class Parameter:
    """`type` in lower case without brackets, `string[]` for arrays; empty if none is declared."""

    name: str
    type: str = ""
    mandatory: bool = False
    default: Any = None
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class SecureText:
    """A SecureString: a script that declares a text gets the type's name in its place."""

    value: str

    def __str__(self) -> str:
        return "System.Security.SecureString"


def supports_should_process(script: str) -> bool:
    return _SHOULD_PROCESS.search(_COMMENTS.sub("", script)) is not None


@lru_cache(maxsize=256)
def parameters_of(script: str) -> tuple[Parameter, ...]:
    """The script's own parameters."""
    text = _COMMENTS.sub("", script)
    found = _PARAM.search(text) or re.search(r"\bparam\s*\(", text, re.IGNORECASE)
    if not found:
        return ()
    block = Reader(text, found.end() - 1)._balanced()[1:-1]
    return tuple(_parameter(part) for part in _split(block) if part.strip())


def _split(block: str) -> list[str]:
    """At the commas outside of brackets and quotes."""
    parts, depth, quote, start = [], 0, "", 0
    for place, char in enumerate(block):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(block[start:place])
            start = place + 1
    return [*parts, block[start:]]


def _parameter(text: str) -> Parameter:
    name = re.search(r"\$(\w+)\s*(=.*)?$", text.strip(), re.DOTALL)
    if not name:
        raise BindingProblem(f"a parameter of the script cannot be read: {text.strip()}", "ParserError", "ParserError")
    attributes = _ATTRIBUTE.findall(text[: text.index("$" + name.group(1))])
    types = [attribute[1:-1].strip().casefold() for attribute in attributes if "(" not in attribute]
    mandatory = any(re.match(r"\[Parameter\([^)]*\bMandatory\b(?!\s*=\s*\$false)", attribute, re.IGNORECASE) for attribute in attributes)
    allowed = next((attribute for attribute in attributes if attribute.casefold().startswith("[validateset(")), "")
    values = tuple(str(value) for value in Reader("@(" + allowed[13:-2] + ")").value()) if allowed else ()
    return Parameter(name.group(1), types[-1].removeprefix("system.") if types else "", mandatory, _default(name.group(2)), values)


def _default(text: str | None) -> Any:
    if not text:
        return None
    try:
        value = Reader(text[1:].strip()).value()
    except LiteralProblem:
        return None
    return None if isinstance(value, Opaque) else value


def bind(script: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the declared names, defaults filled in; names that are not declared are ignored. Raises BindingProblem."""
    folded = {name.casefold(): value for name, value in given.items()}
    bound: dict[str, Any] = {}
    for parameter in parameters_of(script):
        key = parameter.name.casefold()
        if key in folded:
            bound[parameter.name] = _converted(parameter, folded[key])
        elif parameter.mandatory:
            text = "PowerShell is in NonInteractive mode. Read and Prompt functionality is not available."
            raise BindingProblem(text, "RuntimeException", "NotSpecified")
        else:
            bound[parameter.name] = parameter.default if parameter.default is not None else _ABSENT.get(parameter.type)
    return bound


def _converted(parameter: Parameter, value: Any) -> Any:
    kind = parameter.type
    if kind.endswith("[]"):
        values = value if isinstance(value, list) else [] if value is None else [value]
        return [_scalar(parameter, kind[:-2], each) for each in values]
    converted = _scalar(parameter, kind, value)
    if parameter.mandatory and kind == "string" and converted == "":
        text = f"Cannot bind argument to parameter '{parameter.name}' because it is an empty string."
        raise BindingProblem(text, "ParameterArgumentValidationErrorEmptyStringNotAllowed")
    known = {each.casefold() for each in parameter.allowed}
    if known and str(converted).casefold() not in known:
        belongs = f'The argument "{converted}" does not belong to the set "{",".join(parameter.allowed)}" specified by the ValidateSet attribute.'
        advice = "Supply an argument that is in the set and then try the command again."
        raise BindingProblem(f"Cannot validate argument on parameter '{parameter.name}'. {belongs} {advice}", "ParameterArgumentValidationError")
    return converted


def _scalar(parameter: Parameter, kind: str, value: Any) -> Any:
    if isinstance(value, SecureText):
        return str(value) if kind == "string" else value.value
    if isinstance(value, Credential):
        return value
    if kind == "string":
        return text_of(value)
    if kind in _WHOLE:
        return _whole(parameter, _WHOLE[kind], value)
    if kind in ("bool", "switch") and not isinstance(value, (bool, int, float)):
        wanted = "System.Boolean" if kind == "bool" else "System.Management.Automation.SwitchParameter"
        reason = "Boolean parameters accept only Boolean values and numbers, such as $True, $False, 1 or 0."
        raise _transformation(parameter, f'Cannot convert value "{_type_name(value)}" to type "{wanted}". {reason}')
    return bool(value) if kind in ("bool", "switch") else value


def _whole(parameter: Parameter, name: str, value: Any) -> int:
    if isinstance(value, (bool, int, float)):
        return round(value)
    text = text_of(value).strip()
    if not re.fullmatch(r"[+-]?\d+", text):
        reason = f"The input string '{text}' was not in a correct format."
        raise _transformation(parameter, f'Cannot convert value "{text}" to type "System.{name}". Error: "{reason}"')
    return int(text)


def _transformation(parameter: Parameter, reason: str) -> BindingProblem:
    return BindingProblem(f"Cannot process argument transformation on parameter '{parameter.name}'. {reason}", "ParameterArgumentTransformationError")


def _type_name(value: Any) -> str:
    return "System.String" if isinstance(value, str) else "System.Collections.Hashtable" if isinstance(value, dict) else "System.Object[]"
