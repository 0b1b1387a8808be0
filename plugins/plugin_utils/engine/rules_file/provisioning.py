# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Provisioning rules: connectors that come, change their name, and go. Twin of rules_extension/RuleProvisioning.cs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from ...rules.model import Assignment, ProvisioningRule
from ..extension import Connectors, HeldConnector, MvEntry, NoSuchAttributeError, ObjectAlreadyExistsError, text_of
from .calls import guarded, selector, write
from .evaluation import Check, Evaluation, Reader, Scene
from .letters import upper
from .problems import RuleProblem
from .surroundings import Texts

# An attribute and what is written to it.
Assignments = tuple[tuple[str, Reader], ...]


@dataclass(frozen=True)
class Prepared:
    """A rule with its parts as functions. `holds` looks at the metaverse object alone."""

    rule: ProvisioningRule
    of_type: str
    holds: Check
    name: Reader
    initial: Assignments
    parting: Assignments
    move: Reader | None

    @property
    def object_type(self) -> str:
        return upper(self.rule.object_type)


class Provisioner:
    """The provisioning rules of a file, agent by agent.

    In each agent the first rule whose conditions hold governs: it makes the connector, or gives it its new name. When none
    holds, the connectors are parted with by the first rule of their type that says how.
    """

    def __init__(self, rules: Iterable[ProvisioningRule], evaluation: Evaluation) -> None:
        self.by_agent: dict[str, list[Prepared]] = {}
        for rule in rules:
            self.by_agent.setdefault(upper(rule.select.agent), []).append(self._prepared(rule, evaluation))

    @staticmethod
    def _prepared(rule: ProvisioningRule, evaluation: Evaluation) -> Prepared:
        leave = rule.leave
        return Prepared(
            rule,
            upper(rule.select.mv_type),
            selector(rule.select, evaluation),
            evaluation.value(rule.name_value),
            _assignments(rule.initial, evaluation),
            _assignments(leave.assignments if leave else (), evaluation),
            evaluation.value(leave.move) if leave and leave.move else None,
        )

    def run(self, mv: MvEntry) -> None:
        for rules in self.by_agent.values():
            own = [prepared for prepared in rules if prepared.of_type == upper(mv.object_type)]
            if own:
                self._in_agent(own, mv)

    def _in_agent(self, rules: list[Prepared], mv: MvEntry) -> None:
        agent = rules[0].rule.select.agent
        connectors = mv.connectors(agent)
        scene = Scene(None, mv, agent)
        governing = next((item for item in rules if guarded(item.rule.name, scene, partial(item.holds, scene))), None)
        if governing is None:
            self._part(rules, connectors, mv)
        elif not len(connectors):
            self._create(governing, connectors, scene)
        elif governing.rule.changed != "keep":
            for held in [held for held in connectors if upper(held.entry.object_type) == governing.object_type]:
                self._follow(governing, connectors, held, scene)

    def _create(self, prepared: Prepared, connectors: Connectors, scene: Scene) -> None:
        rule = prepared.rule
        name = guarded(rule.name, scene, lambda: one(prepared.name(scene)))
        if not name:
            return
        connector = connectors.new(rule.object_type)
        for target, reader in prepared.initial:
            texts = filled(guarded(rule.name, scene, lambda reader=reader: reader(scene)))  # type: ignore[misc]  # the loop's own
            if texts:
                guarded(rule.name, scene, lambda target=target, texts=texts: write(connector, target, texts))  # type: ignore[misc]  # the loop's own
        if rule.anchor:
            guarded(rule.name, scene, lambda: write(connector, rule.anchor, (name,)))
        else:
            connector.dn = name
        try:
            connector.commit()
        except ObjectAlreadyExistsError:
            if rule.conflict == "fail":
                raise

    def _follow(self, prepared: Prepared, connectors: Connectors, held: HeldConnector, scene: Scene) -> None:
        """Renames or makes anew a connector whose name comes out otherwise."""
        rule = prepared.rule
        name = guarded(rule.name, scene, lambda: one(prepared.name(scene)))
        present = held.entry.dn
        if rule.anchor:
            texts = guarded(rule.name, scene, lambda: anchor_of(rule.anchor, held))
            present = texts[0] if texts else ""
        if not name or not present or name == present or (not rule.exact and upper(name) == upper(present)):
            return
        if rule.changed == "rename":
            held.rename(name)
            return
        held.deprovision()
        if not len(connectors):
            self._create(prepared, connectors, scene)

    def _part(self, rules: list[Prepared], connectors: Connectors, mv: MvEntry) -> None:
        agent = rules[0].rule.select.agent
        for held in list(connectors):
            prepared = next((item for item in rules if item.rule.leave is not None and item.object_type == upper(held.entry.object_type)), None)
            if prepared is None or prepared.rule.leave is None:
                continue
            self._change_parting(prepared, held, Scene(held.entry, mv, agent))
            if prepared.rule.leave.deprovision == "connector":
                held.deprovision()
            elif prepared.rule.leave.deprovision == "agent":
                connectors.deprovision_all()
                return
            elif prepared.rule.leave.deprovision == "all":
                for name in mv.agent_names:
                    mv.connectors(name).deprovision_all()
                return

    @staticmethod
    def _change_parting(prepared: Prepared, held: HeldConnector, scene: Scene) -> None:
        rule = prepared.rule
        for target, reader in prepared.parting:
            texts = filled(guarded(rule.name, scene, lambda reader=reader: reader(scene)))  # type: ignore[misc]  # the loop's own
            guarded(rule.name, scene, lambda target=target, texts=texts: write(held, target, texts))  # type: ignore[misc]  # the loop's own
        if prepared.move is not None:
            move = prepared.move
            name = guarded(rule.name, scene, lambda: one(move(scene)))
            if name and upper(name) != upper(held.entry.dn):
                held.rename(name)


def _assignments(items: tuple[Assignment, ...], evaluation: Evaluation) -> Assignments:
    return tuple((item.target, evaluation.value(item.value)) for item in items)


def filled(texts: Texts) -> Texts:
    return tuple(text for text in texts if text)


def one(texts: Texts) -> str:
    """The single text; empty without one. RuleProblem for several."""
    if len(texts) > 1:
        raise RuleProblem(f"{len(texts)} values are no name")
    return texts[0] if texts else ""


def anchor_of(name: str, held: HeldConnector) -> Texts:
    try:
        return tuple(text_of(value) for value in held.entry.values(name))
    except NoSuchAttributeError:
        raise RuleProblem("is not in the schema, or not selected on the agent", name) from None
