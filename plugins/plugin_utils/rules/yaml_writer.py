# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules as a user would write them. Read again they are the same rules."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .catalogue import FUNCTIONS, WITHOUT_VALUE
from .model import (
    ALWAYS,
    PATTERN_STEPS,
    TEXT_LENGTH,
    Assignment,
    Attributes,
    Condition,
    Empty,
    FlowRule,
    Group,
    Leave,
    Mode,
    Operand,
    Placeholder,
    ProvisioningRule,
    RulesFile,
    Selector,
    Side,
    Step,
    Template,
    Value,
)

Data = dict[str, Any]
_SIDES = {"import": Side.CS, "export": Side.MV, "join": Side.CS}


def as_data(rules: RulesFile) -> Data:
    """What `read_rules` reads; included rules are written out, for a rules file does not tell where they came from."""
    limits = {"text_length": (rules.text_length, TEXT_LENGTH), "pattern_steps": (rules.pattern_steps, PATTERN_STEPS)}
    made: Data = {
        "limits": {name: value for name, (value, default) in limits.items() if value != default},
        "lookups": {name: {"ignore_case": table.ignore_case, "entries": dict(table.entries)} for name, table in rules.lookups.items()},
        "values": {name: value_data(value, None) for name, value in rules.values.items()},
        "flows": [flow_data(flow) for flow in rules.flows],
        "filters": [{"name": rule.name, **_select(rule.select, Side.CS)} for rule in rules.filters],
        "projections": [{"name": rule.name, **_select(rule.select, Side.CS), "to": rule.mv_type or False} for rule in rules.projections],
        "join_resolutions": [{"name": rule.name, "context": rule.context, **_select(rule.select, Side.MV)} for rule in rules.resolutions],
        "provisioning": [_provisioning(rule) for rule in rules.provisioning],
        "cleanups": [{"name": rule.name, **_select(rule.select, Side.CS), "action": rule.action} for rule in rules.cleanups],
        "deletions": [{"name": rule.name, **_select(rule.select, Side.MV), "delete": rule.delete} for rule in rules.deletions],
    }
    return {key: value for key, value in made.items() if value}


def listing(rules: RulesFile) -> Iterator[str]:
    """One line a rule, for a diff."""
    for key, content in as_data(rules).items():
        named: list[tuple[str, Any]] = list(content.items()) if isinstance(content, dict) else [_apart(item) for item in content]
        yield from (f"{key} {name}: {said if isinstance(said, (str, int)) else json.dumps(said, ensure_ascii=False)}" for name, said in named)


def _apart(item: Data) -> tuple[str, Data]:
    """A rule's name, and the rest of it."""
    return item["name"], {name: value for name, value in item.items() if name != "name"}


def flow_data(flow: FlowRule) -> Data:
    target = {"to": flow.target} if flow.target else {}
    return {"name": flow.name, "direction": flow.direction, **target, **_select(flow.select, _SIDES[flow.direction]), **said_by(flow)}


def said_by(flow: FlowRule) -> Data:
    """What a flow computes, without its ends and its condition."""
    side = _SIDES[flow.direction]
    empty: Data = {"default": flow.default} if flow.empty is Empty.DEFAULT else {"when_empty": flow.empty.value} if flow.empty is not Empty.NONE else {}
    return {**_parts(flow.value, side), **empty}


def when_of(flow: FlowRule) -> Data:
    """`when` of a flow that has one."""
    when = flow.select.when
    return {} if when == ALWAYS else {"when": _condition(when, _SIDES[flow.direction])}


def value_data(value: Value, side: Side | None) -> Any:
    """A template alone as text, anything else as a dictionary."""
    parts = _parts(value, side)
    return parts["value"] if set(parts) == {"value"} else parts


def _parts(value: Value, side: Side | None) -> Data:
    then = {"then": [_step(step) for step in value.steps]} if value.steps else {}
    if isinstance(value.source, Template):
        return {"value": _template(value.source, side), **then}
    operands = value.source.operands
    if len(operands) == 1 and operands[0].side is Side.VALUE:
        return {"rule": operands[0].name, **then}
    return {"from": _operands(value.source, side), **then}


def _operands(source: Attributes, side: Side | None) -> Any:
    names = [_operand(operand, side) for operand in source.operands]
    return names[0] if len(names) == 1 else names


def _template(template: Template, side: Side | None) -> str:
    return "".join(part.replace("{", "{{").replace("}", "}}") if isinstance(part, str) else _placeholder(part, side) for part in template.parts)


def _placeholder(part: Placeholder, side: Side | None) -> str:
    functions = "".join(f"|{step.function}" for step in part.steps)
    return f"{{{_operand(part.operand, side)}{'?' if part.optional else ''}{functions}}}"


def _operand(operand: Operand, side: Side | None) -> str:
    if operand.side is Side.PSEUDO:
        return f"[{operand.name}]"
    if operand.side is Side.VALUE:
        return f"${operand.name}"
    return operand.name if operand.side is side else f"{operand.side.value}:{operand.name}"


def _step(step: Step) -> Any:
    if not step.arguments:
        return step.function
    function = FUNCTIONS.get(step.function)
    first = function.parameters[0].name if function is not None and function.parameters else ""
    only = dict(step.arguments)
    return {step.function: only[first] if list(only) == [first] else only}


def _select(select: Selector, side: Side) -> Data:
    names = {"agent": select.agent, "object_type": select.object_type, "mv_type": select.mv_type}
    when = {} if select.when == ALWAYS else {"when": _condition(select.when, side)}
    return {**{key: name for key, name in names.items() if name}, **when}


def _condition(condition: Condition, side: Side) -> Any:
    if isinstance(condition, Group):
        members = [_condition(member, side) for member in condition.members]
        return members if condition.mode is Mode.ALL else {condition.mode.value: members}
    arguments: Mapping[str, Any] = condition.arguments
    if condition.kind in WITHOUT_VALUE:
        return {condition.kind: dict(arguments)}
    of = _parts(condition.value, side)
    made: Data = {"of": of["from"] if set(of) == {"from"} else of, **arguments}
    if condition.other is not None:
        made["to"] = value_data(condition.other, side)
    made |= {flag: True for flag in ("ignore_case", "absent", "every") if getattr(condition, flag)}
    return {condition.kind: made["of"] if set(made) == {"of"} and not isinstance(made["of"], dict) else made}


def _provisioning(rule: ProvisioningRule) -> Data:
    name = value_data(rule.name_value, Side.MV)
    made: Data = {"name": rule.name, **_select(rule.select, Side.MV), "object_type": rule.object_type}
    made |= {"anchor": {rule.anchor: name}} if rule.anchor else {"dn": name}
    if rule.initial:
        made["initial"] = _assignments(rule.initial)
    made |= {"when_changed": rule.changed} if rule.changed != "keep" else {}
    made |= {"exact": True} if rule.exact else {}
    made |= {"conflict": rule.conflict} if rule.conflict != "fail" else {}
    return {**made, **({"leave": _leave(rule.leave)} if rule.leave is not None else {})}


def _leave(leave: Leave) -> Data:
    made: Data = {"set": _assignments(leave.assignments)} if leave.assignments else {}
    made |= {"move": value_data(leave.move, Side.MV)} if leave.move is not None else {}
    return {**made, **({"deprovision": leave.deprovision} if leave.deprovision else {})}


def _assignments(items: tuple[Assignment, ...]) -> Data:
    return {item.target: value_data(item.value, Side.MV) for item in items}
