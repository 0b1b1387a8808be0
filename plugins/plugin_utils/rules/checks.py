# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the parts of rules must be, whether they come from YAML or from the rules file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..desired.problems import Problems, suggestion
from .catalogue import BOOLEAN, BY_CHANCE, COUNT, FORMAT, FUNCTIONS, INTEGER, LOOKUP, PASSWORD_LENGTHS, PATTERN, TESTS, Function, Parameter
from .formats import is_date_form
from .model import Attributes, Operand, Placeholder, Side, Step, Template, Value
from .pattern import PatternError, parse_pattern, parse_replacement

MOST_COUNT = 1_000_000
_INTEGER = re.compile(r"[+-]?(?:0[xX][0-9A-Fa-f]{1,16}|[0-9]{1,19})")
# What XML 1.0 cannot hold, halves of surrogate pairs among it.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Checker:
    """Collects problems; names of lookups and values are looked up at the end."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.wanted: list[tuple[str, str, str]] = []
        # While initial values of provisioning are read.
        self.initial = False

    def add(self, path: str, message: str) -> None:
        self.problems.add(path, message)

    def text(self, path: str, text: str) -> str:
        """Reports characters that no rules file can hold."""
        found = _UNWRITABLE.search(text)
        if found is not None:
            self.add(path, f"holds the character U+{ord(found.group()):04X}, which a rules file cannot hold")
        return text

    def step(self, path: str, step: Step) -> None:
        function = FUNCTIONS.get(step.function)
        if function is None:
            self.add(path, f"{step.function!r} is no function of rules{suggestion(step.function, FUNCTIONS)}")
            return
        self.arguments(path, function, step.arguments)
        self.chance(path, step)

    def chance(self, path: str, step: Step) -> None:
        """Values by chance belong where they are given once."""
        if step.function not in BY_CHANCE:
            return
        if not self.initial:
            self.add(path, f"{step.function} gives another value each time, so it can stand in the initial values of provisioning only")
        length = step.arguments.get("length", "")
        if length.isdigit() and not PASSWORD_LENGTHS[0] <= int(length) <= PASSWORD_LENGTHS[1]:
            self.add(f"{path}.length", f"is {length}, but must be from {PASSWORD_LENGTHS[0]} to {PASSWORD_LENGTHS[1]}")

    def test(self, path: str, kind: str, arguments: Mapping[str, str], ignore_case: bool) -> None:
        function = TESTS.get(kind)
        if function is None:
            self.add(path, f"{kind!r} is no test of rules{suggestion(kind, TESTS)}")
            return
        self.arguments(path, function, arguments, ignore_case=ignore_case)

    def arguments(self, path: str, function: Function, given: Mapping[str, str], *, ignore_case: bool = False) -> None:
        known = [item.name for item in function.parameters if item.kind != "other"]
        for name in given:
            if name not in known:
                takes = f"takes {', '.join(known)}" if known else "takes no arguments"
                self.add(f"{path}.{name}", f"is no argument of {function.name}{suggestion(name, known) or f'; it {takes}'}")
        for item in function.parameters:
            if item.kind == "other":
                continue
            if item.name in given:
                self.argument(f"{path}.{item.name}", item, given[item.name], function)
            elif item.default is None:
                self.add(path, f"{function.name} needs the argument {item.name}")
        if "pattern" in given:
            self.pattern(path, given, ignore_case or given.get("ignore_case") == "true")

    def argument(self, path: str, item: Parameter, text: str, function: Function) -> None:
        self.text(path, text)
        message = _argument_problem(item, text)
        if not message and not text and function.name in _NOT_EMPTY and item.name in ("find", "at", "separators", "text", "with") and item.default != "":
            message = "is empty"
        if message:
            self.add(path, message)
        elif item.kind in (LOOKUP, "value"):
            self.wanted.append((path, item.kind, text))

    def pattern(self, path: str, given: Mapping[str, str], ignore_case: bool) -> None:
        try:
            pattern = parse_pattern(given["pattern"], str if ignore_case else None)
        except PatternError as problem:
            self.add(f"{path}.pattern", str(problem))
            return
        try:
            parse_replacement(given.get("with", ""), pattern.groups)
        except PatternError as problem:
            self.add(f"{path}.with", str(problem))
        group = given.get("group", "0")
        if group.isdigit() and int(group) > pattern.groups:
            self.add(f"{path}.group", f"is {group}, and the pattern has {pattern.groups} groups")

    def operand(self, path: str, operand: Operand) -> None:
        self.text(path, operand.name)
        if operand.side is Side.VALUE:
            self.wanted.append((path, "value", operand.name))

    def value(self, path: str, value: Value, steps: str = "") -> None:
        """`steps`: where its steps stand."""
        if isinstance(value.source, Attributes):
            for operand in value.source.operands:
                self.operand(path, operand)
        else:
            self.template(path, value.source)
        for index, step in enumerate(value.steps):
            self.step(f"{steps or path}[{index}]", step)

    def template(self, path: str, template: Template) -> None:
        for part in template.parts:
            if isinstance(part, Placeholder):
                self.operand(path, part.operand)
                for step in part.steps:
                    self.step(path, step)
            else:
                self.text(path, part)

    def names(self, lookups: Iterable[str], values: Mapping[str, Value], place: str = "values") -> None:
        """Reports names that nothing bears, and values that need themselves. `place`: where the values stand."""
        known = {LOOKUP: set(lookups), "value": set(values)}
        for path, kind, name in self.wanted:
            if name not in known[kind]:
                what = "lookup table" if kind == LOOKUP else "value or rule"
                self.add(path, f"there is no {what} named {name!r}{suggestion(name, known[kind])}")
        for cycle in cycles(values):
            self.add(f"{place}.{cycle[0]}", f"needs itself: {' -> '.join(cycle)}")


_NOT_EMPTY = frozenset({"replace_text", "split", "word", "before", "after", "with_prefix", "pad_left", "pad_right"})


def _argument_problem(item: Parameter, text: str) -> str:
    if item.kind == BOOLEAN and text not in ("true", "false"):
        return f"is {text!r}, but must be true or false"
    if item.kind == INTEGER and (not _INTEGER.fullmatch(text) or not -(2**63) <= int(text, 0) < 2**63):
        return f"is {text!r}, but must be a whole number of 64 bits"
    if item.kind == COUNT and not (text.isascii() and text.isdigit() and int(text) <= MOST_COUNT):
        return f"is {text!r}, but must be a whole number from 0 to {MOST_COUNT}"
    if item.kind == FORMAT and not is_date_form(text):
        return f"is {text!r}, but must be filetime, iso, generalized, or a text of yyyy, MM, dd, HH, mm, ss, each once"
    if "|" in item.kind and text not in item.kind.split("|"):
        return f"is {text!r}, but must be one of {', '.join(item.kind.split('|'))}{suggestion(text, item.kind.split('|'))}"
    if item.kind in (PATTERN, LOOKUP, "value") and not text:
        return "is empty"
    return ""


def needs(value: Value) -> set[str]:
    """The named values that a value reads."""
    found = set()
    if isinstance(value.source, Attributes):
        operands = list(value.source.operands)
        steps = list(value.steps)
    else:
        places = [part for part in value.source.parts if isinstance(part, Placeholder)]
        operands = [part.operand for part in places]
        steps = [*value.steps, *(step for part in places for step in part.steps)]
    found |= {operand.name for operand in operands if operand.side is Side.VALUE}
    return found | {step.arguments["value"] for step in steps if step.function == "fallback" and "value" in step.arguments}


def cycles(values: Mapping[str, Value]) -> list[tuple[str, ...]]:
    """Chains of names that end where they begin; one for each that lies on one."""
    found = []
    done: set[str] = set()

    def follow(name: str, chain: tuple[str, ...]) -> None:
        if name in chain:
            found.append((*chain[chain.index(name) :], name))
            return
        if name in done or name not in values:
            return
        for other in sorted(needs(values[name])):
            follow(other, (*chain, name))
        done.add(name)

    for name in values:
        follow(name, ())
    return found
