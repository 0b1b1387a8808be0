# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A preview as lines for a terminal: what happens, how old the data is, what is wrong with it, and each traced person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..answer import Answer
from ..findings import printable
from .data import moment

SHOWN_FINDINGS = 10
LONGEST = 300


def as_lines(answer: Answer) -> list[str]:
    """Groups and rows are left to the reports."""
    lines = [
        *([] if answer.stopped else answer.headline),
        *(f"Data of {origin.agent}: {origin.source}, {origin.objects:,} objects, read {moment(origin.read_at)}." for origin in answer.origins),
        *_findings(answer),
        *dict.fromkeys(answer.notes),
        *(line for trace in answer.traces for line in _person(trace)),
    ]
    return [printable(line if len(line) <= LONGEST else f"{line[:LONGEST]}...") for line in lines]


def _findings(answer: Answer) -> list[str]:
    lines = [f"{finding.severity.capitalize()}: {finding}" for finding in answer.findings[:SHOWN_FINDINGS]]
    more = len(answer.findings) - len(lines)
    return [*lines, f"{more:,} more findings are in the reports."] if more > 0 else lines


def _person(trace: Mapping[str, Any]) -> Iterable[str]:
    names = {connector["dn"] for connector in trace["connectors"]}
    yield f"{trace['name']} ({trace['object_type']}):"
    yield from _attributes(trace["attributes"], names)
    for connector in trace["connectors"]:
        state = ", ".join(filter(None, (f"linked by {connector['link']}", connector["export"], connector["error"])))
        yield f"{connector['agent']} {connector['dn']}, {state}:"
        yield from _attributes(connector["flows"], names)


def _attributes(attributes: Iterable[Mapping[str, Any]], names: set[str]) -> Iterable[str]:
    """Each flow of an attribute with its verdict; attributes that no flow has a value for share one line."""
    empty = []
    for attribute in attributes:
        if not attribute["values"] and not any(flow["values"] for flow in attribute["flows"]):
            empty.append(attribute["attribute"])
            continue
        yield f"  {attribute['attribute']} = {_joined(attribute['values'])}"
        for flow in attribute["flows"]:
            gives = f", gives {_joined(flow['values'])}" if flow["values"] != attribute["values"] else ""
            yield f"    {flow['verdict']}: {_source(flow['source'], names)} {flow['rule']}{gives}"
    if empty:
        yield f"  without a value: {', '.join(empty)}"


def _joined(values: Iterable[str]) -> str:
    return " | ".join(values) or "(none)"


def _source(source: str, names: set[str]) -> str:
    """The agent alone, where the object is one of the person's own connectors."""
    return next((source.removesuffix(f" {name}") for name in names if source.endswith(f" {name}")), source)
