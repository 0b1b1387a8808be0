# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A rules file's text. All texts are attributes, so that blanks at their ends survive every parser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import quoteattr

from .model import ALWAYS, Attributes, Condition, Group, Operand, Placeholder, ProvisioningRule, RulesFile, Selector, Step, Value

ROOT = "mimsync-rules"
Lines = Iterator[str]


def write_rules(rules: RulesFile) -> bytes:
    """UTF-8 without a byte order mark; the same bytes for the same rules."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', *_element(ROOT, _head(rules), _body(rules))]
    return ("\n".join(lines) + "\n").encode()


def _head(rules: RulesFile) -> dict[str, str]:
    from .model import FORMAT_VERSION

    return {"version": FORMAT_VERSION, "text-length": str(rules.text_length), "pattern-steps": str(rules.pattern_steps)}


def _element(tag: str, attributes: Mapping[str, str], inside: Lines | None = None) -> Lines:
    """Empty attributes are left out, but for those that carry a user's text."""
    opening = tag + "".join(f" {name}={quoteattr(text)}" for name, text in attributes.items() if text or name == "value")
    children = list(inside or ())
    if not children:
        yield f"<{opening}/>"
        return
    yield f"<{opening}>"
    yield from (f"  {line}" for line in children)
    yield f"</{tag}>"


def _body(rules: RulesFile) -> Lines:
    for name, table in rules.lookups.items():
        entries = (line for key, value in table.entries for line in _element("entry", {"key": key, "value": value}))
        yield from _element("lookup", {"name": name, "ignore-case": _flag(table.ignore_case)}, entries)
    for name, value in rules.values.items():
        yield from _element("value", {"name": name}, _value(value))
    for flow in rules.flows:
        traits = {"name": flow.name, "direction": flow.direction, "target": flow.target, **_selected(flow.select)}
        traits |= {"when-empty": flow.empty.value, "default": flow.default}
        yield from _element("flow", traits, _chain(_when(flow.select), _value(flow.value)))
    for item in rules.filters:
        yield from _element("filter", {"name": item.name, **_selected(item.select)}, _when(item.select))
    for projection in rules.projections:
        yield from _element("projection", {"name": projection.name, "to": projection.mv_type, **_selected(projection.select)}, _when(projection.select))
    for resolution in rules.resolutions:
        yield from _element("resolution", {"name": resolution.name, "context": resolution.context, **_selected(resolution.select)}, _when(resolution.select))
    for rule in rules.provisioning:
        yield from _provisioning(rule)
    for cleanup in rules.cleanups:
        yield from _element("cleanup", {"name": cleanup.name, "action": cleanup.action, **_selected(cleanup.select)}, _when(cleanup.select))
    for deletion in rules.deletions:
        traits = {"name": deletion.name, "delete": "true" if deletion.delete else "false", **_selected(deletion.select)}
        yield from _element("deletion", traits, _when(deletion.select))


def _provisioning(rule: ProvisioningRule) -> Lines:
    traits = {"name": rule.name, **_selected(rule.select), "object-type": rule.object_type, "anchor": rule.anchor}
    traits |= {"changed": rule.changed, "exact": _flag(rule.exact), "conflict": rule.conflict}
    inside = [*_when(rule.select), *_element("name", {}, _value(rule.name_value))]
    for item in rule.initial:
        inside += _element("initial", {"target": item.target}, _value(item.value))
    if rule.leave is not None:
        parting = [line for item in rule.leave.assignments for line in _element("set", {"target": item.target}, _value(item.value))]
        if rule.leave.move is not None:
            parting += _element("move", {}, _value(rule.leave.move))
        inside += _element("leave", {"deprovision": rule.leave.deprovision}, iter(parting))
    yield from _element("provisioning", traits, iter(inside))


def _selected(select: Selector) -> dict[str, str]:
    return {"agent": select.agent, "object-type": select.object_type, "mv-type": select.mv_type}


def _when(select: Selector) -> Lines:
    if select.when != ALWAYS:
        yield from _element("when", {}, _condition(select.when))


def _condition(condition: Condition) -> Lines:
    if isinstance(condition, Group):
        yield from _element(condition.mode.value, {}, (line for member in condition.members for line in _condition(member)))
        return
    traits = {"kind": condition.kind, "ignore-case": _flag(condition.ignore_case), "absent": _flag(condition.absent), "every": _flag(condition.every)}
    inside = [*_element("of", {}, _value(condition.value))]
    if condition.other is not None:
        inside += _element("other", {}, _value(condition.other))
    yield from _element("test", traits, iter([*inside, *_arguments(condition.arguments)]))


def _value(value: Value) -> Lines:
    if isinstance(value.source, Attributes):
        for operand in value.source.operands:
            yield from _element("attribute", _operand(operand))
    else:
        yield from _element("template", {}, (line for part in value.source.parts for line in _part(part)))
    yield from _steps(value.steps)


def _part(part: str | Placeholder) -> Lines:
    if isinstance(part, str):
        yield from _element("text", {"value": part})
    else:
        yield from _element("attribute", {**_operand(part.operand), "optional": _flag(part.optional)}, _steps(part.steps))


def _operand(operand: Operand) -> dict[str, str]:
    return {"side": operand.side.value, "name": operand.name}


def _steps(steps: tuple[Step, ...]) -> Lines:
    for step in steps:
        yield from _element("step", {"function": step.function}, _arguments(step.arguments))


def _arguments(arguments: Mapping[str, str]) -> Lines:
    for name, text in arguments.items():
        yield from _element("argument", {"name": name, "value": text})


def _flag(value: bool) -> str:
    return "true" if value else ""


def _chain(*parts: Lines) -> Lines:
    for part in parts:
        yield from part
