# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The argument rules of modules that ask for each option by Get-AnsibleParam (Ansible.ModuleUtils.Legacy.psm1).

Unknown options are ignored there, and conversions are lenient: a text that is no number becomes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .arguments import ArgumentsRefused, CheckedArguments, CheckModeUnsupported
from .conversions import INT32, Surroundings, text_of
from .powershell_literals import LiteralProblem, Opaque, Reader, Script

_CALL = re.compile(r"(?:\$(?P<target>\w+)\s*=\s*)?Get-AnsibleParam\s+(?P<rest>.*)$", re.IGNORECASE | re.MULTILINE)
_PARSE = re.compile(r"\$(\w+)\s*=\s*Parse-Args\b([^\n]*)", re.IGNORECASE)
_CONDITION = re.compile(r"^\(\$(\w+) -in (@\(.*\))\)$", re.IGNORECASE)
_TRUE = ("yes", "on", "1", "true")


@dataclass(frozen=True)
class LegacyOption:
    """`required` may depend on another value: (variable, its values). `nested` calls are made under a condition of the script."""

    name: str
    variable: str
    type: str
    default: Any
    required: bool | tuple[str, tuple[Any, ...]]
    choices: tuple[Any, ...]
    aliases: tuple[str, ...]
    nested: bool


@dataclass(frozen=True)
class LegacySpecification:
    options: tuple[LegacyOption, ...]
    supports_check_mode: bool


def check_legacy_arguments(source: str, arguments: Mapping[str, Any], *, check_mode: bool = False, around: Surroundings | None = None) -> CheckedArguments:
    """Raises ArgumentsRefused or CheckModeUnsupported."""
    specification = read_legacy(source)
    if check_mode and not specification.supports_check_mode:
        raise CheckModeUnsupported("remote module does not support check mode")
    # The hashtable of arguments knows no case.
    folded = {name.casefold(): value for name, value in arguments.items()}
    values: dict[str, Any] = {}
    variables: dict[str, Any] = {}
    given: set[str] = set()
    for option in specification.options:
        name = next((each for each in (option.name, *option.aliases) if each.casefold() in folded), None)
        if name is None:
            value = _absent(option, variables)
        else:
            given.add(option.name)
            value = _present(option, name, folded[name.casefold()])
        values[option.name] = _converted(option, name or option.name, value, around or Surroundings())
        variables[option.variable] = values[option.name]
    secrets = frozenset(text_of(values[name]) for name in ("password",) if values.get(name))
    return CheckedArguments(values, frozenset(given), secrets)


def _absent(option: LegacyOption, variables: Mapping[str, Any]) -> Any:
    required = option.required
    if isinstance(required, tuple):
        required = variables.get(required[0]) in required[1]
    if required and not option.nested:
        raise ArgumentsRefused(f"Get-AnsibleParam: Missing required argument: {option.name}")
    return option.default


def _present(option: LegacyOption, name: str, value: Any) -> Any:
    if option.choices and text_of(value).casefold() not in {text_of(choice).casefold() for choice in option.choices}:
        choices = ",".join(text_of(choice) for choice in option.choices)
        raise ArgumentsRefused(f"Get-AnsibleParam: Argument {name} needs to be one of {choices} but was {text_of(value) if value is not None else ''}.")
    return value


def _converted(option: LegacyOption, name: str, value: Any, around: Surroundings) -> Any:
    if value is None:
        return None
    if option.type == "path":
        return _path(name, around.expand(text_of(value)))
    if option.type == "str":
        return text_of(value)
    if option.type == "bool":
        return value if isinstance(value, bool) else text_of(value).casefold() in _TRUE
    if option.type in ("int", "float"):
        return _number(option.type, text_of(value))
    return _list(name, value) if option.type == "list" else value


def _path(name: str, text: str) -> str:
    if re.search(r'[<>|"?*\x00-\x1f]', text.removeprefix("\\\\?\\")):
        raise ArgumentsRefused(f"Get-AnsibleParam: Parameter '{name}' has an invalid path '{text}' specified.")
    return text


def _number(kind: str, text: str) -> int | float | None:
    """PowerShell's `-as`: nothing where it does not fit."""
    try:
        number = float(text)
    except ValueError:
        return None
    if kind == "float":
        return number
    return round(number) if INT32[0] <= number <= INT32[1] else None


def _list(name: str, value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    if isinstance(value, int) and not isinstance(value, bool):
        return [value]
    raise ArgumentsRefused(f"Get-AnsibleParam: Parameter '{name}' is not a YAML list.")


@lru_cache(maxsize=64)
def read_legacy(source: str) -> LegacySpecification:
    """The calls of Get-AnsibleParam on the module's arguments, in the script's order."""
    parsed = _PARSE.search(source)
    holder = parsed.group(1) if parsed else "params"
    options: list[LegacyOption] = []
    for found in _CALL.finditer(source):
        option = _option(found, holder, Script(source))
        if option is not None and option.name not in {each.name for each in options}:
            options.append(option)
    supports = parsed is not None and re.search(r"(?:-supports_check_mode|\$args)\s+\$true", parsed.group(2), re.IGNORECASE) is not None
    return LegacySpecification(tuple(options), supports)


def _option(found: re.Match[str], holder: str, script: Script) -> LegacyOption | None:
    parameters = _parameters(found.group("rest"), script)
    if parameters.get("obj") != Opaque(f"${holder}") or not isinstance(parameters.get("name"), str):
        return None
    if parameters["name"].startswith("_ansible_"):
        return None
    default = parameters.get("default")
    line_start = script.text.rfind("\n", 0, found.start()) + 1
    return LegacyOption(
        name=parameters["name"],
        variable=(found.group("target") or parameters["name"]).casefold(),
        type=str(parameters.get("type", "")).casefold(),
        default=None if isinstance(default, Opaque) else default,
        required=_required(parameters.get("failifempty", False), script),
        choices=tuple(_many(parameters.get("validateset"))),
        aliases=tuple(str(alias) for alias in _many(parameters.get("aliases"))),
        nested=script.text[line_start : found.start()].startswith((" ", "\t")),
    )


def _required(value: Any, script: Script) -> bool | tuple[str, tuple[Any, ...]]:
    # An old idiom hands over the result's hashtable; anything that is not $false makes the option required.
    if isinstance(value, dict) or value == Opaque("$result"):
        return True
    if isinstance(value, Opaque):
        condition = _CONDITION.match(value.source)
        if not condition:
            return False
        return condition.group(1).casefold(), tuple(_many(Reader(condition.group(2), 0, script.assigned).value()))
    return value is True


def _parameters(text: str, script: Script) -> dict[str, Any]:
    """The call's parameters by name in lower case; positional ones are `obj` and `name`."""
    found: dict[str, Any] = {}
    positional = iter(("obj", "name", "default"))
    position = 0
    while True:
        blank = re.compile(r"\s*").match(text, position)
        position = blank.end() if blank else position
        if position >= len(text) or text[position] in "#)}|;":
            return found
        name = re.compile(r"-(\w+)\s+").match(text, position)
        key = name.group(1).casefold() if name else next(positional, "")
        if name:
            position = name.end()
        value, position = _argument(text, position, script)
        found[key] = value


def _argument(text: str, position: int, script: Script) -> tuple[Any, int]:
    """One argument: it ends at a blank outside of brackets and quotes, but goes on after a comma."""
    depth, quote, end = 0, "", position
    while end < len(text):
        char = text[end]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "({[":
            depth += 1
        elif char in ")}]":
            if depth == 0:
                break
            depth -= 1
        elif char in " \t\r" and depth == 0 and not text[position:end].rstrip().endswith(","):
            break
        end += 1
    part = text[position:end].strip()
    if re.fullmatch(r"\$\w+", part) and part.casefold() not in ("$true", "$false", "$null"):
        return _variable(part, script), end
    if part.startswith("("):
        return Opaque(part), end
    try:
        return Reader(part, 0, script.assigned).value(), end
    except LiteralProblem:
        return Opaque(part), end


def _variable(part: str, script: Script) -> Any:
    """A variable's literal value, or its name where it has none (the arguments themselves)."""
    try:
        value = script.assigned(part[1:])
    except (KeyError, LiteralProblem):
        return Opaque(part)
    return Opaque(part) if isinstance(value, Opaque) else value


def _many(value: Any) -> list[Any]:
    if value is None or isinstance(value, Opaque):
        return []
    return value if isinstance(value, list) else [value]
