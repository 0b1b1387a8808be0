# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The user's YAML as a rules file, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from ..desired.problems import Node, Problems, suggestion
from .checks import Checker, needs
from .model import PATTERN_STEPS, TEXT_LENGTH, FlowRule, Lookup, RulesFile, Value
from .rule_reader import RuleReader, scalar
from .walk import values_of

DESCRIPTIONS = Path(__file__).parent / "description"
INCLUDES = ("sharepoint", "several_domains")
_KEYS = ("include", "limits", "lookups", "values", "flows", "filters", "projections", "join_resolutions", "provisioning", "cleanups", "deletions")
_LIMITS = {"text_length": (1000, 100_000_000, TEXT_LENGTH), "pattern_steps": (500_000, 1_000_000_000, PATTERN_STEPS)}


def read_rules(data: Any) -> RulesFile:
    """`data` is parsed YAML. Raises InputError; with several faults, its `details` list all, each with its path."""
    problems = Problems()
    rules = Reading(data, problems).finish()
    problems.stop()
    return rules


class Reading:
    """A rules file while it is read: flows of a declaration can join its own before it is finished."""

    def __init__(self, data: Any, problems: Problems, path: str = "") -> None:
        """`path`: where `data` stands in what the user wrote."""
        self.path = path
        self.checker = Checker(problems)
        self.reader = RuleReader(self.checker)
        top = Node(data, path, problems)
        top.only(_KEYS)
        self.limits = _limits(top)
        own = _rules(top, self.checker)
        included = [described(name) for path, name in top.texts("include") or () if _known_include(path, name, problems)]
        self.rules = _together([own, *included, standard()])

    def flow(self, content: Mapping[str, Any], path: str) -> FlowRule | None:
        """A rule in the form of those below `flows`; None for one that is wrong, which the problems tell."""
        return self.reader.flow(Node(content, path, self.checker.problems))

    def finish(self, flows: Sequence[FlowRule] = ()) -> RulesFile:
        """With further flows. Names that nothing bears become problems; while there are any, the rules are not to be used."""
        whole = replace(self.rules, flows=(*self.rules.flows, *flows))
        self.checker.names(whole.lookups, whole.values, f"{self.path}.values" if self.path else "values")
        if self.checker.problems.found:
            return whole
        return replace(_needed(whole), text_length=self.limits["text_length"], pattern_steps=self.limits["pattern_steps"])


def _known_include(path: str, name: str, problems: Problems) -> bool:
    if name not in INCLUDES:
        problems.add(path, f"is {name!r}, but must be one of {', '.join(INCLUDES)}{suggestion(name, INCLUDES)}")
    return name in INCLUDES


@lru_cache(maxsize=1)
def standard() -> RulesFile:
    """The named values that every rules file knows (`rule: sip_address`)."""
    return described("standard")


@lru_cache(maxsize=4)
def described(name: str) -> RulesFile:
    problems = Problems()
    data = yaml.safe_load((DESCRIPTIONS / f"{name}.yml").read_text(encoding="utf-8"))
    rules = _rules(Node(data, name, problems), Checker(problems))
    problems.stop()
    return rules


def _rules(top: Node, checker: Checker) -> RulesFile:
    reader = RuleReader(checker)
    return RulesFile(
        lookups=_lookups(top, checker),
        values=_values(top, reader),
        flows=reader.each(top, "flows", reader.flow),
        filters=reader.each(top, "filters", reader.filter),
        projections=reader.each(top, "projections", reader.projection),
        resolutions=reader.each(top, "join_resolutions", reader.resolution),
        provisioning=reader.each(top, "provisioning", reader.provisioning),
        cleanups=reader.each(top, "cleanups", reader.cleanup),
        deletions=reader.each(top, "deletions", reader.deletion),
    )


def _together(files: list[RulesFile]) -> RulesFile:
    """The first file's rules come first and its names hide those of the later ones."""
    first, *others = files
    for other in others:
        lists: dict[str, Any] = {name: (*getattr(first, name), *getattr(other, name)) for name in _LISTS}
        first = replace(first, lookups={**other.lookups, **first.lookups}, values={**other.values, **first.values}, **lists)
    return first


_LISTS = ("flows", "filters", "projections", "resolutions", "provisioning", "cleanups", "deletions")


def _needed(rules: RulesFile) -> RulesFile:
    """Without the standard values that no rule reads; the user's own all stay."""
    wanted = {name for value in values_of(rules) for name in needs(value)} | (rules.values.keys() - standard().values.keys())
    waiting = list(wanted)
    while waiting:
        more = needs(rules.values[waiting.pop()]) - wanted
        wanted |= more
        waiting += more
    return replace(rules, values={name: value for name, value in rules.values.items() if name in wanted})


def _limits(top: Node) -> dict[str, int]:
    found = {name: default for name, (_least, _most, default) in _LIMITS.items()}
    node = top.node("limits")
    if node is None:
        return found
    node.only(tuple(_LIMITS))
    for name, (least, most, _default) in _LIMITS.items():
        value = node.value.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            node.problems.add(node.at(name), f"is {value!r}, but must be a number from {least} to {most}")
        else:
            found[name] = value
    return found


def _lookups(top: Node, checker: Checker) -> dict[str, Lookup]:
    node = top.node("lookups")
    found = {}
    for name, content in (node.value if node else {}).items():
        table = Node(content, f"{top.at('lookups')}.{name}", top.problems)
        # A table is written out, or has a switch beside its entries.
        whole = isinstance(table.value.get("entries"), dict)
        entries = table.value["entries"] if whole else table.value
        ignore_case = bool(whole and table.value.get("ignore_case"))
        found[str(name)] = Lookup(tuple(_entries(table.path, entries, checker)), ignore_case)
    return found


def _entries(path: str, entries: Mapping[Any, Any], checker: Checker) -> list[tuple[str, str]]:
    found = []
    for key, value in entries.items():
        texts = scalar(key), scalar(value)
        if texts[0] is None or texts[1] is None:
            checker.add(f"{path}.{key}", "must be one text for another")
        else:
            found.append((checker.text(path, texts[0]), checker.text(path, texts[1])))
    return found


def _values(top: Node, reader: RuleReader) -> dict[str, Value]:
    node = top.node("values")
    found = {}
    for name, content in (node.value if node else {}).items():
        value = reader.value(content, f"{top.at('values')}.{name}", None)
        if value is not None:
            found[str(name)] = value
    return found
