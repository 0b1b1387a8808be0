# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The entry points of an extension whose rules are those of a rules file. Twin of rules_extension/RuleFileExtension.cs."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

from ...rules.model import Empty, FlowRule, RulesFile
from ..extension import (
    CsEntry,
    DeclineMappingError,
    EntryPointNotImplementedError,
    ExportRule,
    ImportRule,
    MvEntry,
    RulesExtension,
    UnexpectedDataError,
    Utilities,
)
from ..functions import SharePointRules
from ..systems.base import Values
from .calls import Table, Target, guarded, selector, told, write
from .dates import EPOCH, SECOND
from .evaluation import Check, Evaluation, Reader, Scene
from .matching import PatternLimitError
from .problems import RuleProblem
from .provisioning import Provisioner
from .surroundings import Surroundings, Texts

ACTIONS = {"disconnect": "make-normal-disconnector", "explicit_disconnect": "make-explicit-disconnector", "delete": "delete-object"}
UNIX_EPOCH = (datetime(1970, 1, 1) - EPOCH).days * 86400 * SECOND  # all dates of rules are UTC
Flow = tuple[FlowRule, Check, Reader]


def ticks_now() -> int:
    return UNIX_EPOCH + int(time.time() * SECOND)


class RuleFileExtension(RulesExtension):
    """One for the agents and the metaverse, made anew when the assembly is loaded."""

    def __init__(self, utilities: Utilities, rules: RulesFile, now: Callable[[], int] = ticks_now) -> None:
        super().__init__(utilities)
        evaluation = Evaluation(Surroundings(rules, utilities, SharePointRules(utilities).domain_of, now))
        self.flows: dict[tuple[str, str], list[Flow]] = {}
        for rule in rules.flows:
            flow = (rule, selector(rule.select, evaluation), evaluation.value(rule.value))
            self.flows.setdefault((rule.direction, rule.name), []).append(flow)
        self.filters = Table(rules.filters, evaluation)
        self.projections = Table(rules.projections, evaluation)
        self.resolutions = [(rule, selector(rule.select, evaluation)) for rule in rules.resolutions]
        self.cleanups = Table(rules.cleanups, evaluation)
        self.deletions = Table(rules.deletions, evaluation)
        self.provisioner = Provisioner(rules.provisioning, evaluation)

    # Flows

    def map_for_join(self, context: str, cs: CsEntry) -> Values:
        outcome = self._outcome("join", context, Scene(cs, None, cs.agent_name))
        return outcome[1] if outcome is not None else ()

    def import_rule(self, context: str) -> ImportRule:
        self._named("import", context)
        return lambda cs, mv: self._flow("import", context, Scene(cs, mv, cs.agent_name), mv)

    def export_rule(self, context: str) -> ExportRule:
        self._named("export", context)
        return lambda mv, cs: self._flow("export", context, Scene(cs, mv, cs.agent_name), cs)

    def _named(self, direction: str, context: str) -> list[Flow]:
        found = self.flows.get((direction, context))
        if found is None:
            raise EntryPointNotImplementedError(f"the rules file has no rule '{context}' for {direction} flows")
        return found

    def _flow(self, direction: str, context: str, scene: Scene, target: Target) -> None:
        outcome = self._outcome(direction, context, scene)
        if outcome is not None:
            guarded(context, scene, lambda: write(target, outcome[0].target, outcome[1]))

    def _outcome(self, direction: str, context: str, scene: Scene) -> tuple[FlowRule, Texts] | None:
        """What the first rule that fits says, without empty texts; None: nothing. Raises DeclineMappingError."""
        try:
            for rule, fits, value in self._named(direction, context):
                if fits(scene):
                    texts = tuple(text for text in value(scene) if text)
                    return (rule, texts) if texts else self._of_nothing(rule)
        except (RuleProblem, PatternLimitError) as problem:
            raise told(context, scene, problem) from problem
        raise DeclineMappingError(f"no rule '{context}' is for this object")

    @staticmethod
    def _of_nothing(rule: FlowRule) -> tuple[FlowRule, Texts] | None:
        if rule.empty is Empty.DECLINE:
            raise DeclineMappingError(f"the rule '{rule.name}' has no value for this object")
        if rule.empty is Empty.NONE:
            return None
        return rule, ((rule.default,) if rule.empty is Empty.DEFAULT else ())

    # Other entry points

    def filter_for_disconnection(self, cs: CsEntry) -> bool:
        return self.filters.wanted("filters").first(Scene(cs, None, cs.agent_name)) is not None

    def should_project(self, cs: CsEntry) -> str:
        rule = self.projections.wanted("projection rules").first(Scene(cs, None, cs.agent_name))
        return rule.mv_type if rule is not None else ""

    def resolve_join(self, context: str, cs: CsEntry, found: list[MvEntry]) -> int | None:
        rules = [(rule, fits) for rule, fits in self.resolutions if rule.context in ("", context)]
        if not rules:
            raise EntryPointNotImplementedError(f"the rules file has no resolution for '{context}'")
        scenes = [Scene(cs, mv, cs.agent_name) for mv in found]
        for rule, fits in rules:
            held = [guarded(rule.name, scene, partial(fits, scene)) for scene in scenes]
            fitting = [index for index, holds in enumerate(held) if holds]
            if len(fitting) == 1:
                return fitting[0]
        return None

    def provision(self, mv: MvEntry) -> None:
        self.provisioner.run(mv)

    def deprovision(self, cs: CsEntry) -> str:
        rule = self.cleanups.wanted("cleanup rules").first(Scene(cs, None, cs.agent_name))
        if rule is None:
            raise UnexpectedDataError(f"no cleanup rule is for the object '{cs.dn}' of type {cs.object_type} in {cs.agent_name}")
        return ACTIONS[rule.action]

    def should_delete(self, cs: CsEntry, mv: MvEntry) -> bool:
        rule = self.deletions.wanted("deletion rules").first(Scene(cs, mv, cs.agent_name))
        return rule is not None and rule.delete
