# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All the values in a rules file, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator

from .model import Attributes, Condition, FlowRule, Group, Operand, Placeholder, RulesFile, Selector, Side, Step, Test, Value


def values_of(rules: RulesFile) -> Iterator[Value]:
    """Values of the rules and of their conditions; named values are left out."""
    for flow in rules.flows:
        yield flow.value
    for rule in rules.provisioning:
        yield rule.name_value
        leave = rule.leave
        for assignment in (*rule.initial, *(leave.assignments if leave else ())):
            yield assignment.value
        if leave and leave.move:
            yield leave.move
    for select in selectors_of(rules):
        yield from _tested(select.when)


def selectors_of(rules: RulesFile) -> Iterator[Selector]:
    lists = (rules.flows, rules.filters, rules.projections, rules.resolutions, rules.provisioning, rules.cleanups, rules.deletions)
    return (rule.select for items in lists for rule in items)  # type: ignore[attr-defined]  # all kinds of rules have one


def _tested(condition: Condition) -> Iterator[Value]:
    if isinstance(condition, Group):
        for member in condition.members:
            yield from _tested(member)
    elif isinstance(condition, Test):
        yield condition.value
        if condition.other is not None:
            yield condition.other


def operands_of(flow: FlowRule, rules: RulesFile) -> tuple[Operand, ...]:
    """What a flow reads, its condition and named values included, each once, in the order of reading."""
    found: dict[Operand, None] = {}
    for value in (flow.value, *_tested(flow.select.when)):
        _read(value, rules, found, set())
    return tuple(found)


def _read(value: Value, rules: RulesFile, found: dict[Operand, None], seen: set[str]) -> None:
    """Names that nothing bears are left out: the checker reports them."""
    if isinstance(value.source, Attributes):
        for operand in value.source.operands:
            _read_operand(operand, rules, found, seen)
    else:
        for part in value.source.parts:
            if isinstance(part, Placeholder):
                _read_operand(part.operand, rules, found, seen)
                _read_steps(part.steps, rules, found, seen)
    _read_steps(value.steps, rules, found, seen)


def _read_operand(operand: Operand, rules: RulesFile, found: dict[Operand, None], seen: set[str]) -> None:
    if operand.side is Side.VALUE:
        _read_named(operand.name, rules, found, seen)
    else:
        found.setdefault(operand)


def _read_steps(steps: tuple[Step, ...], rules: RulesFile, found: dict[Operand, None], seen: set[str]) -> None:
    for step in steps:
        if step.function == "fallback":
            _read_named(step.arguments.get("value", ""), rules, found, seen)


def _read_named(name: str, rules: RulesFile, found: dict[Operand, None], seen: set[str]) -> None:
    value = rules.values.get(name)
    if value is not None and name not in seen:
        seen.add(name)
        _read(value, rules, found, seen)
