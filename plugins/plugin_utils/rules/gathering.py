# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A rules file at hand when a configuration is adopted: flows that `declared` made say what they compute again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..errors import InputError
from .declared import Declared, declared
from .model import FlowRule, RulesFile
from .reader import described, read_rules
from .yaml_writer import as_data, said_by, when_of

Line = dict[str, Any]
_SOLUTION = "sharepoint"
_LISTS = ("flows", "filters", "projections", "resolutions", "provisioning", "cleanups", "deletions")


def with_rules(declaration: Mapping[str, Any], rules: RulesFile) -> tuple[dict[str, Any], dict[str, Any]]:
    """The declaration with rules on their lines, and what else the file holds as YAML. Both together are what was there."""
    taken: list[FlowRule] = []
    made = dict(declaration)
    if made.get("flows"):
        made["flows"] = [_spoken(line, rules, taken) for line in made["flows"]]
    agents = made.get("agents") or []
    made["agents"] = [{**agent, "flows": [_spoken(line, rules, taken) for line in agent["flows"]]} if agent.get("flows") else agent for agent in agents]
    return made, rest_of(replace(rules, flows=tuple(flow for flow in rules.flows if flow not in taken)))


def rest_of(rules: RulesFile) -> dict[str, Any]:
    """Rules as YAML, those of the solution by `include` where all of them are there."""
    solution = described(_SOLUTION)
    if any(item not in getattr(rules, name) for name in _LISTS for item in getattr(solution, name)):
        return _own(rules)
    lists: dict[str, Any] = {name: tuple(item for item in getattr(rules, name) if item not in getattr(solution, name)) for name in _LISTS}
    made = {"include": [_SOLUTION], **_own(replace(rules, **lists))}
    return made if read_rules(made) == rules else _own(rules)


def _own(rules: RulesFile) -> dict[str, Any]:
    """Without the named values that every file knows."""
    standard = described("standard").values
    return as_data(replace(rules, values={name: value for name, value in rules.values.items() if standard.get(name) != value}))


def _spoken(line: Line, rules: RulesFile, taken: list[FlowRule]) -> Line:
    """The line with what its rule computes; as it is where that would not be the same."""
    end = next((key for key in ("from", "through") if isinstance(line.get(key), dict) and line[key].get("rule")), "")
    standing = [flow for flow in rules.flows if end and flow.name == line[end]["rule"] and flow.direction == ("import" if end == "from" else "export")]
    for flow in standing:
        short = _short(line, end, flow)
        found = _again(short, rules)
        if found is not None and found.config["flows"][0] == line and list(found.own.values()) == [flow]:
            taken.append(flow)
            return short
    return line


def _short(line: Line, end: str, flow: FlowRule) -> Line:
    """With the attribute where the rule reads one and does nothing but take it through functions."""
    said, given = said_by(flow), line[end]
    place = [given["agent"], given["object_type"]] if end == "from" else [given["object_type"]]
    if isinstance(said.get("from"), str):
        place.append(said.pop("from"))
    elif "from" in said:
        return {**line, end: {**{key: value for key, value in given.items() if key != "rule"}, "attributes": said.pop("from")}, **said, **when_of(flow)}
    return {**line, end: "/".join(place), **said, **when_of(flow)}


def _again(line: Line, rules: RulesFile) -> Declared | None:
    """The line as it would be read; None for one that would be refused."""
    bare = RulesFile(lookups=rules.lookups, values=rules.values, text_length=rules.text_length, pattern_steps=rules.pattern_steps)
    try:
        return declared({"flows": [line]}, _own(bare) or {"flows": []})
    except InputError:
        return None
