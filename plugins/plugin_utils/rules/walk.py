# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All the values in a rules file, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator

from .model import Condition, Group, RulesFile, Selector, Test, Value


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
