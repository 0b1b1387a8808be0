# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan and the rules file that goes with it: what its sentences call a rule, and whether both fit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..configuration.model import ServerConfiguration
from ..errors import PlanError
from ..rules.declared import Declared
from ..rules.lint import lint
from ..rules.model import FlowRule, RulesFile
from ..rules.yaml_writer import said_by, when_of
from .change import Change, Plan
from .completion import ASSEMBLY


def say_rules(plan: Plan, found: Declared) -> None:
    """Sentences tell what a rule of the declaration computes instead of the name it gets."""
    names = {f"rule {rule.name}(": _said(rule) for rule in found.own.values()}
    if names:
        plan.changes[:] = [_reworded(change, names) for change in plan.changes]


def rule_notes(found: Declared, planned: ServerConfiguration, assembly: str = ASSEMBLY) -> list[str]:
    """What will not be noticed in time. Raises PlanError listing all rules that cannot work in the planned configuration."""
    if found.rules is None:
        return []
    places = {rule.name: path for path, rule in found.own.items()}
    findings = lint(found.rules, planned, assembly)
    wrong = [f"{places.get(item.rule, f'rule {item.rule}')}: {item.message}" for item in findings if item.severity == "error"]
    if wrong:
        raise PlanError(f"The rules and the configuration do not fit, for {len(wrong)} reasons." if len(wrong) > 1 else "A rule does not fit.", details=wrong)
    return [f"rule {item.rule}: {item.message}" for item in findings if item.rule in places]


def rule_texts(rules: RulesFile | None) -> dict[str, str]:
    """What each flow rule computes, by its name; the first of a name, which is tried first."""
    found: dict[str, str] = {}
    for rule in rules.flows if rules is not None else ():
        found.setdefault(rule.name, _said(rule))
    return found


def _reworded(change: Change, names: Mapping[str, str]) -> Change:
    sentence, before, after = (_replaced(text, names) for text in (change.sentence, change.before, change.after))
    return replace(change, sentence=sentence, before=before, after=after)


def _replaced(text: str, names: Mapping[str, str]) -> str:
    """Without the list of attributes behind the rule's name: the template shows them."""
    for name, said in names.items():
        start = text.find(name)
        while start >= 0:
            end = text.find(")", start + len(name))
            text = text[:start] + said + text[end + 1 :]
            start = text.find(name, start + len(said))
    return text


def _said(rule: FlowRule) -> str:
    said: Mapping[str, Any] = {**said_by(rule), **when_of(rule)}
    head = next(key for key in ("value", "rule", "from") if key in said)
    value = f'"{said[head]}"' if head == "value" else f"rule {said[head]}" if head == "rule" else str(said[head])
    rest = {key: part for key, part in said.items() if key != head}
    return value + "".join(f", {key} {part if isinstance(part, str) else json.dumps(part, ensure_ascii=False)}" for key, part in rest.items())
