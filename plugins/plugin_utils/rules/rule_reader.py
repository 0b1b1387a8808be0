# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Single rules out of the user's YAML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..desired.problems import Node, kind_of, suggestion
from .catalogue import FUNCTIONS, TESTS, WITHOUT_VALUE, Function
from .checks import Checker
from .model import (
    ALWAYS,
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
    Mode,
    Operand,
    ProjectionRule,
    ProvisioningRule,
    ResolutionRule,
    Selector,
    Side,
    Step,
    Test,
    Value,
)
from .templates import TemplateError, parse_operand, parse_template

_SELECT = ("name", "enabled", "agent", "object_type", "mv_type", "when")
_VALUE = ("value", "from", "rule", "then")
_SIDES = {"import": Side.CS, "export": Side.MV, "join": Side.CS}
_MODES = {mode.value: mode for mode in Mode}
_TEST_OPTIONS = ("of", "to", "ignore_case", "absent", "every")
Made = TypeVar("Made")


def scalar(value: Any) -> str | None:
    """A text, number or truth value as text; None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int)) else None


class RuleReader:
    """Every reader reports what is wrong and gives None then."""

    def __init__(self, checker: Checker) -> None:
        self.checker = checker

    def each(self, top: Node, key: str, read: Callable[[Node], Made | None]) -> tuple[Made, ...]:
        nodes = [Node(item, path, top.problems) for path, item in top.items(key) or ()]
        made = [(read(node), node.value.get("enabled", True)) for node in nodes if node.value]
        return tuple(rule for rule, enabled in made if rule is not None and enabled)

    # Rules

    def flow(self, node: Node) -> FlowRule | None:
        node.only((*_SELECT, *_VALUE, "direction", "to", "when_empty", "default"))
        direction = node.choice("direction", tuple(_SIDES)) if node.given("direction") else None
        if not node.given("direction"):
            self.checker.add(node.at("direction"), f"is missing; it is one of {', '.join(_SIDES)}")
        target = node.text("to", required=direction in ("import", "export"))
        empty = node.choice("when_empty", [item.value for item in Empty]) or ("default" if node.given("default") else "none")
        name, default = node.text("name", required=True), scalar(node.value.get("default"))
        if empty == "default" and default is None:
            self.checker.add(node.at("default"), "is missing; when_empty is default")
        value = self.value({key: node.value[key] for key in _VALUE if key in node.value}, node.path, _SIDES.get(direction or ""))
        select = self.select(node, _SIDES.get(direction or "", Side.CS))
        if value is None or name is None or direction is None:
            return None
        return FlowRule(name, direction, target or "", value, select, Empty(empty), self.checker.text(node.at("default"), default or ""))

    def filter(self, node: Node) -> FilterRule | None:
        node.only(_SELECT)
        return FilterRule(self.name(node), self.select(node, Side.CS))

    def projection(self, node: Node) -> ProjectionRule | None:
        node.only((*_SELECT, "to"))
        refuses = node.value.get("to") is False
        target = "" if refuses else node.text("to", required=True)
        return None if target is None else ProjectionRule(self.name(node), self.select(node, Side.CS), target)

    def resolution(self, node: Node) -> ResolutionRule | None:
        node.only((*_SELECT, "context"))
        return ResolutionRule(self.name(node), node.text("context") or "", self.select(node, Side.MV))

    def cleanup(self, node: Node) -> CleanupRule | None:
        node.only((*_SELECT, "action"))
        action = self.required_choice(node, "action", ("disconnect", "explicit_disconnect", "delete"))
        return None if action is None else CleanupRule(self.name(node), self.select(node, Side.CS), action)

    def deletion(self, node: Node) -> DeletionRule | None:
        node.only((*_SELECT, "delete"))
        delete = node.value.get("delete", True)
        if not isinstance(delete, bool):
            self.checker.add(node.at("delete"), f"must be true or false, not {kind_of(delete)}")
        return DeletionRule(self.name(node), self.select(node, Side.MV), bool(delete))

    def provisioning(self, node: Node) -> ProvisioningRule | None:
        node.only((*_SELECT, "dn", "anchor", "initial", "when_changed", "exact", "conflict", "leave"))
        for key in ("agent", "mv_type", "object_type"):
            node.text(key, required=True)
        anchor, name_value = self.name_value(node)
        changed = node.choice("when_changed", ("keep", "rename", "reprovision")) or "keep"
        if changed == "rename" and anchor:
            self.checker.add(node.at("when_changed"), "is 'rename', but an anchor never changes; use reprovision")
        select = self.select(node, Side.MV)
        self.checker.initial = True
        initial = self.assignments(node.value.get("initial"), node.at("initial"))
        self.checker.initial = False
        leave = self.leave(node)
        conflict = node.choice("conflict", ("fail", "ignore")) or "fail"
        if name_value is None:
            return None
        kind = str(node.value.get("object_type") or "")
        select = Selector(select.agent, "", select.mv_type, select.when)
        return ProvisioningRule(self.name(node), select, kind, name_value, anchor, initial, changed, node.value.get("exact") is True, conflict, leave)

    def name_value(self, node: Node) -> tuple[str, Value | None]:
        """The anchor's attribute, empty for a distinguished name, and the template."""
        if node.given("dn") == node.given("anchor"):
            self.checker.add(node.path, "needs either dn or anchor")
            return "", None
        if node.given("dn"):
            return "", self.value(node.value["dn"], node.at("dn"), Side.MV)
        found = self.assignments(node.value["anchor"], node.at("anchor"))
        if len(found) != 1:
            self.checker.add(node.at("anchor"), "must name one attribute with its template")
            return "", None
        return found[0].target, found[0].value

    def leave(self, node: Node) -> Leave | None:
        given = node.node("leave")
        if given is None:
            return None
        given.only(("set", "move", "deprovision"))
        move = self.value(given.value["move"], given.at("move"), Side.MV) if given.given("move") else None
        if move is not None and node.given("anchor"):
            self.checker.add(given.at("move"), "is given, but an agent with an anchor names its objects itself")
        deprovision = given.choice("deprovision", ("connector", "agent", "all")) or ""
        return Leave(self.assignments(given.value.get("set"), given.at("set")), move, deprovision)

    def assignments(self, content: Any, path: str) -> tuple[Assignment, ...]:
        """`{attribute: value}`."""
        if content is None:
            return ()
        node = Node(content, path, self.checker.problems)
        read = [(str(name), self.value(item, node.at(str(name)), Side.MV)) for name, item in node.value.items()]
        return tuple(Assignment(self.checker.text(path, name), value) for name, value in read if value is not None)

    def name(self, node: Node) -> str:
        return node.text("name") or node.path

    def required_choice(self, node: Node, key: str, choices: tuple[str, ...]) -> str | None:
        if not node.given(key):
            self.checker.add(node.at(key), f"is missing; it is one of {', '.join(choices)}")
            return None
        return node.choice(key, choices)

    def select(self, node: Node, side: Side) -> Selector:
        when = self.condition(node.value["when"], node.at("when"), side) if node.given("when") else ALWAYS
        return Selector(node.text("agent") or "", node.text("object_type") or "", node.text("mv_type") or "", when or ALWAYS)

    # Values

    def value(self, content: Any, path: str, side: Side | None) -> Value | None:
        """A template, or a dictionary of value, from or rule, with then."""
        text = scalar(content)
        if text is not None:
            return self.checked(lambda: Value(parse_template(text, side)), path)
        node = Node(content, path, self.checker.problems)
        if not isinstance(content, dict):
            return None
        node.only(_VALUE)
        sources = [key for key in ("value", "from", "rule") if key in node.value]
        if len(sources) != 1:
            self.checker.add(path, f"needs one of value, from and rule{', not ' + ' and '.join(sources) if sources else ''}")
            return None
        steps = tuple(self.steps(node))
        for index, step in enumerate(steps):
            self.checker.step(f"{node.at('then')}[{index}]", step)
        source = self.checked(lambda: self.source(node, sources[0], side), node.at(sources[0]))
        return None if source is None else Value(source.source, steps)

    def checked(self, make: Callable[[], Value], path: str) -> Value | None:
        try:
            value = make()
        except TemplateError as problem:
            self.checker.add(path, str(problem))
            return None
        self.checker.value(path, value)
        return value

    def source(self, node: Node, key: str, side: Side | None) -> Value:
        content = node.value[key]
        if key == "rule":
            return Value(Attributes((Operand(Side.VALUE, str(content)),)))
        if key == "from":
            names = content if isinstance(content, list) else [content]
            return Value(Attributes(tuple(parse_operand(str(name), side) for name in names)))
        text = scalar(content)
        if text is None:
            raise TemplateError(f"must be a template, not {kind_of(content)}")
        return Value(parse_template(text, side))

    def steps(self, node: Node) -> list[Step]:
        found = []
        content = node.value.get("then")
        for index, item in enumerate(content if isinstance(content, list) else [] if content is None else [content]):
            path = f"{node.at('then')}[{index}]"
            if isinstance(item, str):
                found.append(Step(item))
            elif isinstance(item, dict) and len(item) == 1:
                name, given = next(iter(item.items()))
                found.append(Step(str(name), self.arguments(given, path, FUNCTIONS.get(str(name)))))
            else:
                self.checker.add(path, "must be a function's name, or one name with its arguments")
        return found

    def arguments(self, given: Any, path: str, function: Function | None) -> dict[str, str]:
        """A dictionary of arguments, or the first one alone."""
        if function is None or given is None:
            return {}
        if not isinstance(given, dict):
            given = {function.parameters[0].name if function.parameters else "argument": given}
        found = {}
        for name, value in given.items():
            text = scalar(value)
            if text is None:
                self.checker.add(f"{path}.{name}", f"must be text, not {kind_of(value)}")
            else:
                found[str(name)] = text
        return found

    # Conditions

    def condition(self, content: Any, path: str, side: Side) -> Condition | None:
        """`{all|any|none|one: [...]}` or `{test: ...}`; a list stands for all."""
        if isinstance(content, list):
            return self.group(Mode.ALL, content, path, side)
        node = Node(content, path, self.checker.problems)
        if not isinstance(content, dict):
            return None
        if len(content) != 1:
            self.checker.add(path, "must hold one test, or one of all, any, none and one")
            return None
        kind, given = next(iter(content.items()))
        if kind in _MODES:
            return self.group(_MODES[kind], given if isinstance(given, list) else [given], f"{path}.{kind}", side)
        if kind not in TESTS:
            self.checker.add(node.at(str(kind)), f"is no test of rules{suggestion(str(kind), [*TESTS, *_MODES])}")
            return None
        return self.test(str(kind), given, f"{path}.{kind}", side)

    def group(self, mode: Mode, members: list[Any], path: str, side: Side) -> Group:
        made = [self.condition(item, f"{path}[{index}]", side) for index, item in enumerate(members)]
        return Group(mode, tuple(item for item in made if item is not None))

    def test(self, kind: str, given: Any, path: str, side: Side) -> Test | None:
        function = TESTS[kind]
        if kind in WITHOUT_VALUE:
            arguments = self.arguments(given, path, function)
            self.checker.test(path, kind, arguments, ignore_case=False)
            return Test(kind, Value(Attributes(())), arguments=arguments)
        if not isinstance(given, dict):
            given = {"of": given}
        options: Mapping[str, Any] = {key: value for key, value in given.items() if key in _TEST_OPTIONS}
        arguments = self.arguments({key: value for key, value in given.items() if key not in _TEST_OPTIONS}, path, function)
        wants_other = any(item.kind == "other" for item in function.parameters)
        self.checker.test(path, kind, arguments, ignore_case=options.get("ignore_case") is True)
        if ("to" in options) != wants_other:
            self.checker.add(f"{path}.to", "is missing" if wants_other else f"is no argument of {kind}")
            return None
        if "of" not in options:
            self.checker.add(f"{path}.of", "is missing")
            return None
        of = options["of"]
        value = self.value({"from": of} if isinstance(of, (str, list)) else of, f"{path}.of", side)
        other = self.value(options["to"], f"{path}.to", side) if wants_other else None
        if value is None or (wants_other and other is None):
            return None
        flags = {name: options.get(name) is True for name in ("ignore_case", "absent", "every")}
        return Test(kind, value, other, arguments, **flags)
