# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A module's argument specification, read out of the source that Ansible sent with the call."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from .powershell_literals import Delegate, LiteralProblem, Opaque, Script

_CREATE = re.compile(r"\[Ansible\.Basic\.AnsibleModule\]::Create\((?:\$args|@\(\)), \$(\w+)(?:, @\(([^)]*)\))?\)")
_LEGACY = re.compile(r"Ansible\.ModuleUtils\.Legacy\b")
_ACTIVE_DIRECTORY = re.compile(r"^Invoke-AnsibleADObject\b", re.MULTILINE)


class SpecificationProblem(Exception):
    """The specification cannot be read out of the source."""


@dataclass(frozen=True)
class Option:
    """One option; `type` is a name of Ansible.Basic or a `Delegate`."""

    name: str
    type: str | Delegate = "str"
    default: Any = None
    required: bool = False
    choices: tuple[Any, ...] = ()
    aliases: tuple[str, ...] = ()
    elements: str | Delegate | None = None
    no_log: bool = False
    apply_defaults: bool = False
    sub: Specification | None = None


@dataclass(frozen=True)
class Specification:
    """Options and the rules between them, in Ansible.Basic's words."""

    options: Mapping[str, Option] = field(default_factory=dict)
    mutually_exclusive: tuple[tuple[str, ...], ...] = ()
    required_together: tuple[tuple[str, ...], ...] = ()
    required_one_of: tuple[tuple[str, ...], ...] = ()
    # (option, value, required ones, whether one of them is enough)
    required_if: tuple[tuple[str, Any, tuple[str, ...], bool], ...] = ()
    required_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    supports_check_mode: bool = False
    no_log: bool = False

    def aliases(self) -> dict[str, str]:
        """Alias -> option."""
        return {alias: option.name for option in self.options.values() for alias in option.aliases}


def is_legacy(source: str) -> bool:
    """Whether the module takes its arguments by Get-AnsibleParam."""
    return _LEGACY.search(source) is not None and not _CREATE.search(source)


def is_dynamic(source: str) -> bool:
    """Whether the specification is made while the module runs (win_dsc): nothing can be read then."""
    found = _CREATE.search(source)
    if not found:
        return False
    return re.search(rf"^\${found.group(1)} = @\{{", source, re.MULTILINE) is None


def takes_anything(source: str) -> bool:
    """Whether the module declares whatever it is given (setup, which the gather_facts action may hand more options)."""
    return "= @{ type = 'raw' }" in source and "$spec.options.$prop" in source


def read_specification(script: str, scripts: Mapping[str, str]) -> Specification:
    """`script` names the module among `scripts`; raises SpecificationProblem."""
    source = scripts[script]
    utilities = tuple(sorted((name, text) for name, text in scripts.items() if name.endswith(("_ADObject.psm1", "WebRequest.psm1"))))
    return _read(source, utilities)


@lru_cache(maxsize=128)
def _read(source: str, utilities: tuple[tuple[str, str], ...]) -> Specification:
    try:
        if _ACTIVE_DIRECTORY.search(source):
            return _active_directory(source, dict(utilities))
        found = _CREATE.search(source)
        if not found:
            raise SpecificationProblem("the module's source creates no Ansible.Basic module")
        raw = Script(source).assigned(found.group(1))
        for function in re.findall(r"[\w-]+", found.group(2) or ""):
            raw = _merged(raw, _fragment(function, utilities))
        return specification_of(raw)
    except (LiteralProblem, KeyError, TypeError, AttributeError, ValueError) as problem:
        raise SpecificationProblem(f"the specification in the module's source cannot be read: {problem}") from problem


def _fragment(function: str, utilities: Sequence[tuple[str, str]]) -> dict[str, Any]:
    for _unused, text in utilities:
        try:
            found: dict[str, Any] = Script(text).returned(function)
        except KeyError:
            continue
        return found
    raise SpecificationProblem(f"the fragment {function} was not sent")


def _merged(base: dict[str, Any], fragment: Mapping[str, Any]) -> dict[str, Any]:
    """What the module says itself wins."""
    merged = dict(base)
    for name, value in fragment.items():
        if name not in merged:
            merged[name] = value
        elif isinstance(value, dict):
            merged[name] = _merged(merged[name], value)
        elif isinstance(value, list):
            merged[name] = [*merged[name], *value]
    return merged


def _active_directory(source: str, utilities: Mapping[str, str]) -> Specification:
    """microsoft.ad's modules: options are properties, added to a common set (_ADObject.psm1)."""
    common = next((text for name, text in utilities.items() if name.endswith("_ADObject.psm1")), None)
    if common is None:
        raise SpecificationProblem("the module util _ADObject.psm1 was not sent")
    raw = Script(common[common.index("defaultPathSentinel =") :]).assigned("spec")
    own = Script(source).assigned("setParams").get("PropertyInfo", [])
    described = {"type": "str"}
    properties = [*(own if isinstance(own, list) else [own]),
                  {"Name": "description", "Option": described}, {"Name": "display_name", "Option": described},
                  {"Name": "protect_from_deletion", "Option": {"type": "bool"}}]  # fmt: skip
    required: dict[str, list[str]] = {}
    for each in properties:
        if each.get("StateRequired"):
            required.setdefault(each["StateRequired"], []).append(each["Name"])
        raw["options"][each["Name"]] = _property_option(each["Option"], looks_up=bool(each.get("DNLookup")))
    raw["required_if"] = [["state", state, names] for state, names in required.items()]
    return specification_of(raw)


def _property_option(option: Mapping[str, Any], *, looks_up: bool) -> dict[str, Any]:
    if option.get("type") != "add_remove_set":
        return {**option, "type": "raw"} if looks_up else dict(option)
    element = {**option, "type": "list", "elements": "raw" if looks_up else option.get("elements", "str")}
    aliases = element.pop("aliases", [])
    options: dict[str, Any] = dict.fromkeys(("add", "remove", "set"), element)
    if looks_up:
        options["lookup_failure_action"] = {"choices": ["fail", "ignore", "warn"], "default": "fail", "type": "str"}
    return {"type": "dict", "options": options, "aliases": aliases, "no_log": option.get("no_log", False)}


def specification_of(raw: Mapping[str, Any]) -> Specification:
    """From the hashtable that a module hands to Ansible.Basic."""
    raw = {name.casefold(): value for name, value in raw.items()}
    rules = {name: tuple(tuple(each) for each in _lists(raw.get(name))) for name in ("mutually_exclusive", "required_together", "required_one_of")}
    return Specification(
        options={name: _option(name, value) for name, value in (raw.get("options") or {}).items()},
        required_if=tuple(_condition(each) for each in _lists(raw.get("required_if"))),
        required_by={name: tuple(_as_list(value)) for name, value in (raw.get("required_by") or {}).items()},
        supports_check_mode=raw.get("supports_check_mode") is True,
        no_log=raw.get("no_log") is True,
        **rules,
    )


def _option(name: str, raw: Mapping[str, Any]) -> Option:
    raw = {key.casefold(): value for key, value in raw.items()}
    default = raw.get("default")
    return Option(
        name=name,
        type=_type(raw.get("type", "str")),
        default=None if isinstance(default, Opaque) else default,
        required=raw.get("required") is True,
        choices=tuple(_as_list(raw.get("choices"))),
        aliases=tuple(_as_list(raw.get("aliases"))),
        elements=_type(raw["elements"]) if raw.get("elements") is not None else None,
        no_log=raw.get("no_log") is True,
        apply_defaults=raw.get("apply_defaults") is True,
        sub=specification_of(raw) if raw.get("options") else None,
    )


def _type(value: Any) -> str | Delegate:
    # A conversion that is more than a cast is left to the twin.
    return "raw" if isinstance(value, Opaque) else value


def _condition(raw: Sequence[Any]) -> tuple[str, Any, tuple[str, ...], bool]:
    return str(raw[0]), raw[1], tuple(_as_list(raw[2])), len(raw) > 3 and raw[3] is True


def _as_list(value: Any) -> list[Any]:
    if value is None or isinstance(value, Opaque):
        return []
    return value if isinstance(value, list) else [value]


def _lists(value: Any) -> list[list[Any]]:
    """Rules are lists of lists; a single rule may have lost its outer list."""
    found = _as_list(value)
    return found if all(isinstance(each, list) for each in found) else [found]
