# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The argument rules of Ansible.Basic: what is refused, in which order, in which words (Ansible.Basic.cs of ansible-core 2.19)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .conversions import ConversionProblem, Surroundings, convert, text_of, type_of
from .specification import Option, Specification

INTERNAL = "_ansible_"
MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


class ArgumentsRefused(Exception):
    """The module fails with this message."""


class CheckModeUnsupported(Exception):
    """The module answers that it was skipped."""


@dataclass(frozen=True)
class CheckedArguments:
    """`given` are the options that the caller set himself; `secrets` the values that must not be shown."""

    values: Mapping[str, Any]
    given: frozenset[str]
    secrets: frozenset[str]


def check_arguments(
    specification: Specification, arguments: Mapping[str, Any], *, module: str, check_mode: bool = False, around: Surroundings | None = None
) -> CheckedArguments:
    """Arguments converted and complete; raises ArgumentsRefused or CheckModeUnsupported. `_ansible_*` entries are dropped."""
    checker = _Checker(module, around or Surroundings())
    values = {name: value for name, value in arguments.items() if not name.startswith(INTERNAL)}
    aliases = checker.apply_aliases(specification, values)
    legal = [*specification.options, *aliases]
    checker.refuse_unknown(values, legal)
    if check_mode and not specification.supports_check_mode:
        raise CheckModeUnsupported(f"remote module ({module}) does not support check mode")
    given = frozenset(aliases.get(name, name) for name in values)
    checker.check(specification, values)
    return CheckedArguments({name: values[name] for name in specification.options}, given, frozenset(checker.secrets))


def secrets_of(specification: Specification, arguments: Mapping[str, Any]) -> frozenset[str]:
    """The secret values among unchecked arguments, for the answer of a refused call."""
    found: set[str] = set()
    for option in specification.options.values():
        names = (option.name, *option.aliases)
        values = [arguments[name] for name in names if arguments.get(name) is not None]
        if option.no_log:
            found |= {text_of(value) for value in values if text_of(value)}
        for value in values if option.sub else ():
            for each in value if isinstance(value, list) else [value]:
                found |= secrets_of(option.sub, each) if isinstance(each, dict) and option.sub else set()
    return frozenset(found)


def masked(value: Any, secrets: frozenset[str]) -> Any:
    """The value with all secrets in it hidden, as RemoveNoLogValues does."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {name: masked(each, secrets) for name, each in value.items()}
    if isinstance(value, list):
        return [masked(each, secrets) for each in value]
    text = text_of(value)
    if text in secrets:
        return MASK
    hit = next((secret for secret in sorted(secrets, key=len, reverse=True) if secret in text), None)
    if hit is None:
        return value
    return MASK if not isinstance(value, str) else masked_text(value, secrets)


def masked_text(text: str, secrets: frozenset[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "********")
    return text


class _Checker:
    """Keeps the way into sub-options, for the end of each message."""

    def __init__(self, module: str, around: Surroundings) -> None:
        self._module, self._around = module, around
        self._context: list[str] = []
        self.secrets: set[str] = set()

    def _refused(self, message: str) -> ArgumentsRefused:
        return ArgumentsRefused(message + self._place())

    def _place(self) -> str:
        return f" found in {' -> '.join(self._context)}" if self._context else ""

    def apply_aliases(self, specification: Specification, values: dict[str, Any]) -> dict[str, str]:
        """Copies aliased values to the options' names and notes the secrets; gives back the aliases."""
        aliases = specification.aliases()
        for alias, name in aliases.items():
            if alias in values:
                values[name] = values[alias]
        for option in specification.options.values():
            if option.no_log and values.get(option.name) is not None and text_of(values[option.name]):
                self.secrets.add(text_of(values[option.name]))
        return aliases

    def refuse_unknown(self, values: dict[str, Any], legal: Sequence[str]) -> None:
        """Names differ in case without harm."""
        by_fold = {name.casefold(): name for name in legal}
        unknown = [name for name in values if name.casefold() not in by_fold]
        if unknown:
            message = f"Unsupported parameters for ({self._module}) module: {', '.join(unknown)}{self._place()}"
            raise ArgumentsRefused(f"{message}. Supported parameters include: {', '.join(legal)}")
        for name in [name for name in values if name not in legal]:
            values[by_fold[name.casefold()]] = values.pop(name)

    def check(self, specification: Specification, values: dict[str, Any]) -> None:
        self._exclusive(specification, values)
        self._required(specification, values)
        for option in specification.options.values():
            if values.get(option.name) is not None:
                values[option.name] = self._converted(option, values[option.name])
        self._together(specification, values)
        self._one_of(specification, values)
        self._conditions(specification, values)
        self._required_by(specification, values)
        for option in specification.options.values():
            values[option.name] = self._deep(option, values.get(option.name))

    def _exclusive(self, specification: Specification, values: Mapping[str, Any]) -> None:
        for names in specification.mutually_exclusive:
            if sum(name in values for name in names) > 1:
                raise self._refused(f"parameters are mutually exclusive: {', '.join(names)}")

    def _required(self, specification: Specification, values: dict[str, Any]) -> None:
        missing = []
        for option in specification.options.values():
            if option.default is not None:
                values.setdefault(option.name, option.default)
            if option.required and option.name not in values:
                missing.append(option.name)
        if missing:
            raise self._refused(f"missing required arguments: {', '.join(missing)}")

    def _converted(self, option: Option, value: Any) -> Any:
        kind = option.type if isinstance(option.type, str) else "delegate"
        try:
            converted = convert(option.type, value, self._around)
        except ConversionProblem as problem:
            message = f"argument for {option.name} is of type {type_of(value)} and we were unable to convert to {kind}: {problem}"
            raise self._refused(message) from None
        if option.choices:
            self._check_choice(option, converted)
        return converted

    def _check_choice(self, option: Option, value: Any) -> None:
        choices = [text_of(choice) for choice in option.choices]
        is_list = option.type == "list"
        values = [text_of(each) for each in value] if is_list else [text_of(value)]
        known = {choice.casefold() for choice in choices}
        wrong = list(dict.fromkeys(each for each in values if each.casefold() not in known))
        if wrong:
            term = "one or more of" if is_list else "one of"
            raise self._refused(f"value of {option.name} must be {term}: {', '.join(choices)}. Got no match for: {', '.join(wrong)}")

    def _together(self, specification: Specification, values: Mapping[str, Any]) -> None:
        for names in specification.required_together:
            if len({name in values for name in names}) > 1:
                raise self._refused(f"parameters are required together: {', '.join(names)}")

    def _one_of(self, specification: Specification, values: Mapping[str, Any]) -> None:
        for names in specification.required_one_of:
            if not any(name in values for name in names):
                raise self._refused(f"one of the following is required: {', '.join(names)}")

    def _conditions(self, specification: Specification, values: Mapping[str, Any]) -> None:
        for name, wanted, required, one_is_enough in specification.required_if:
            if values.get(name) is None or text_of(values[name]) != text_of(wanted):
                continue
            missing = [each for each in required if each not in values]
            if len(missing) >= (len(required) if one_is_enough else 1):
                term = "any" if one_is_enough else "all"
                raise self._refused(f"{name} is {text_of(wanted)} but {term} of the following are missing: {', '.join(missing)}")

    def _required_by(self, specification: Specification, values: Mapping[str, Any]) -> None:
        for name, required in specification.required_by.items():
            missing = [each for each in required if each not in values]
            if name in values and missing:
                raise self._refused(f"missing parameter(s) required by '{name}': {', '.join(missing)}")

    def _deep(self, option: Option, value: Any) -> Any:
        """Elements of lists and sub-options of dictionaries."""
        if option.type == "dict":
            return self._sub(option, value)
        if option.type != "list" or option.elements is None or value is None:
            return value
        if option.elements == "dict":
            return [self._sub(option, element) for element in value]
        return [self._element(option, element) for element in value]

    def _element(self, option: Option, element: Any) -> Any:
        kind = option.elements if isinstance(option.elements, str) else "delegate"
        if option.elements is None:
            raise AssertionError("option.elements is there by construction")
        try:
            return convert(option.elements, element, self._around)
        except ConversionProblem:
            reason = "Exception has been thrown by the target of an invocation."
            message = f"argument for list entry {option.name} is of type {type_of(element)} and we were unable to convert to {kind}: {reason}"
            raise self._refused(message) from None

    def _sub(self, option: Option, value: Any) -> Any:
        if option.sub is None:
            return value
        if value is None:
            if not option.apply_defaults:
                return None
            value = {}
        self._context.append(option.name)
        try:
            values = convert("dict", value, self._around)
        except ConversionProblem as problem:
            # The real code has no handler here: the exception ends the module.
            raise ArgumentsRefused(f'Unhandled exception while executing module: Exception calling "Create" with "2" argument(s): "{problem}"') from None
        aliases = self.apply_aliases(option.sub, values)
        self.refuse_unknown(values, [*option.sub.options, *aliases])
        self.check(option.sub, values)
        self._context.pop()
        return {name: values[name] for name in option.sub.options}
