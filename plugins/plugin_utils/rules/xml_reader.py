# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A rules file's text as rules. What the file holds is checked as YAML is, so that a file made elsewhere is no less safe."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..configuration.document import parse
from ..configuration.element import Element
from ..desired.problems import Problems
from ..errors import DocumentError, InputError
from .catalogue import TESTS
from .checks import Checker
from .model import (
    ALWAYS,
    FORMAT_VERSION,
    Assignment,
    Attributes,
    CleanupRule,
    Condition,
    DeletionRule,
    Empty,
    FilterRule,
    FlowRule,
    Group,
    Leave,
    Lookup,
    Mode,
    Operand,
    Placeholder,
    ProjectionRule,
    ProvisioningRule,
    ResolutionRule,
    RulesFile,
    Selector,
    Side,
    Step,
    Template,
    Test,
    Value,
)
from .xml_writer import ROOT

Made = TypeVar("Made")
_MODES = {mode.value: mode for mode in Mode}


def parse_rules(data: bytes, name: str = "rules file") -> RulesFile:
    """Raises DocumentError for what is no rules file, InputError for rules that are wrong."""
    root = parse(data, name).root
    if root.local != ROOT:
        raise DocumentError(f"{name} is no rules file: its root is {root.local}, not {ROOT}.")
    if root.get("version") != FORMAT_VERSION:
        raise DocumentError(f"{name} has version {root.get('version') or '(none)'}; this program reads version {FORMAT_VERSION}.")
    problems = Problems()
    try:
        rules = _Reader(Checker(problems)).file(root)
    except (ValueError, KeyError) as problem:
        raise DocumentError(f"{name} holds a value that no rules file has: {problem}.") from None
    problems.stop()
    return rules


class _Reader:
    def __init__(self, checker: Checker) -> None:
        self.checker = checker

    def file(self, root: Element) -> RulesFile:
        rules = RulesFile(
            lookups={item.get("name"): _lookup(item) for item in root.find_all("lookup")},
            values={item.get("name"): self.value(item, f"value {item.get('name')}") for item in root.find_all("value")},
            flows=self.each(root, "flow", self.flow),
            filters=self.each(root, "filter", lambda item, select: FilterRule(item.get("name"), select)),
            projections=self.each(root, "projection", lambda item, select: ProjectionRule(item.get("name"), select, item.get("to"))),
            resolutions=self.each(root, "resolution", lambda item, select: ResolutionRule(item.get("name"), item.get("context"), select)),
            provisioning=self.each(root, "provisioning", self.provisioning),
            cleanups=self.each(root, "cleanup", lambda item, select: CleanupRule(item.get("name"), select, item.get("action"))),
            deletions=self.each(root, "deletion", lambda item, select: DeletionRule(item.get("name"), select, item.get("delete") == "true")),
            text_length=int(root.get("text-length")),
            pattern_steps=int(root.get("pattern-steps")),
        )
        self.checker.names(rules.lookups, rules.values)
        return rules

    def each(self, root: Element, tag: str, make: Callable[[Element, Selector], Made]) -> tuple[Made, ...]:
        return tuple(make(item, self.select(item)) for item in root.find_all(tag))

    def select(self, item: Element) -> Selector:
        when = item.find("when")
        condition = ALWAYS if when is None else self.condition(when.children[0], f"{item.local} {item.get('name')}")
        return Selector(item.get("agent"), item.get("object-type"), item.get("mv-type"), condition)

    def flow(self, item: Element, select: Selector) -> FlowRule:
        name, direction = item.get("name"), item.get("direction")
        if direction not in ("import", "export", "join"):
            raise InputError(f"flow {name} has the direction '{direction}'; it is import, export or join")
        return FlowRule(name, direction, item.get("target"), self.value(item, f"flow {name}"), select, Empty(item.get("when-empty")), item.get("default"))

    def provisioning(self, item: Element, select: Selector) -> ProvisioningRule:
        where = f"provisioning {item.get('name')}"
        select = Selector(select.agent, "", select.mv_type, select.when)
        return ProvisioningRule(
            item.get("name"),
            select,
            item.get("object-type"),
            self.value(item.require("name"), where),
            item.get("anchor"),
            self.assignments(item, "initial", where),
            item.get("changed"),
            item.get("exact") == "true",
            item.get("conflict"),
            self.leave(item.find("leave"), where),
        )

    def leave(self, item: Element | None, where: str) -> Leave | None:
        if item is None:
            return None
        move = item.find("move")
        return Leave(self.assignments(item, "set", where), None if move is None else self.value(move, where), item.get("deprovision"))

    def assignments(self, item: Element, tag: str, where: str) -> tuple[Assignment, ...]:
        self.checker.initial = tag == "initial"
        made = tuple(Assignment(child.get("target"), self.value(child, where)) for child in item.find_all(tag))
        self.checker.initial = False
        return made

    def condition(self, item: Element, where: str) -> Condition:
        if item.local in _MODES:
            return Group(_MODES[item.local], tuple(self.condition(member, where) for member in item.children))
        other = item.find("other")
        arguments = _arguments(item)
        kind, ignore_case = item.get("kind"), item.get("ignore-case") == "true"
        self.checker.test(where, kind, arguments, ignore_case)
        wants_other = kind in TESTS and any(parameter.kind == "other" for parameter in TESTS[kind].parameters)
        if wants_other != (other is not None):
            self.checker.add(where, f"the test {kind} {'needs' if wants_other else 'takes no'} other value")
        value = self.value(item.require("of"), where)
        compared = None if other is None else self.value(other, where)
        return Test(kind, value, compared, arguments, ignore_case, item.get("absent") == "true", item.get("every") == "true")

    def value(self, item: Element, where: str) -> Value:
        template = item.find("template")
        steps = tuple(_step(child) for child in item.find_all("step"))
        if template is not None:
            value = Value(Template(tuple(_part(child) for child in template.children)), steps)
        else:
            value = Value(Attributes(tuple(_operand(child) for child in item.find_all("attribute"))), steps)
        self.checker.value(where, value)
        return value


def _lookup(item: Element) -> Lookup:
    return Lookup(tuple((entry.get("key"), entry.get("value")) for entry in item.find_all("entry")), item.get("ignore-case") == "true")


def _part(item: Element) -> str | Placeholder:
    if item.local == "text":
        return item.get("value")
    return Placeholder(_operand(item), item.get("optional") == "true", tuple(_step(child) for child in item.find_all("step")))


def _operand(item: Element) -> Operand:
    return Operand(Side(item.get("side")), item.get("name"))


def _step(item: Element) -> Step:
    return Step(item.get("function"), _arguments(item))


def _arguments(item: Element) -> dict[str, str]:
    return {argument.get("name"): argument.get("value") for argument in item.find_all("argument")}
