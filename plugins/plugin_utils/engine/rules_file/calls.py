# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What all rules share: which one is for an object, how its failure is told, how its outcome is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar

from ...configuration.model import Syntax
from ...rules.model import Selector
from ..extension import EntryPointNotImplementedError, NoSuchAttributeError, UnexpectedDataError
from ..systems.base import Value
from .conversions import binary
from .evaluation import Check, Evaluation, Scene
from .letters import integer, truth, upper
from .matching import PatternLimitError
from .problems import RuleProblem
from .surroundings import Texts

Outcome = TypeVar("Outcome")


class Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def select(self) -> Selector: ...


Rule = TypeVar("Rule", bound=Named)
EVERYTHING = Selector()


class Target(Protocol):
    """Where values are written: an entry of a flow, or a connector."""

    def kind_of(self, name: str) -> tuple[Syntax, bool]:
        """Syntax, and whether there is one value at most. Raises NoSuchAttributeError."""

    def set(self, name: str, *values: Value) -> None: ...


def selector(select: Selector, evaluation: Evaluation) -> Check:
    """Whether a rule is for the objects of a scene."""
    if select == EVERYTHING:
        return lambda scene: True
    when = evaluation.condition(select.when)
    agent, object_type, mv_type = upper(select.agent), upper(select.object_type), upper(select.mv_type)

    def fits(scene: Scene) -> bool:
        if agent and upper(scene.agent) != agent:
            return False
        if object_type and (scene.cs is None or upper(scene.cs.object_type) != object_type):
            return False
        if mv_type and (scene.mv is None or upper(scene.mv.object_type) != mv_type):
            return False
        return when(scene)

    return fits


class Table(Generic[Rule]):
    """Rules of one kind in the order in which they are tried."""

    def __init__(self, rules: Iterable[Rule], evaluation: Evaluation) -> None:
        self.rules = [(rule, selector(rule.select, evaluation)) for rule in rules]

    def first(self, scene: Scene) -> Rule | None:
        for rule, fits in self.rules:
            if guarded(rule.name, scene, lambda fits=fits: fits(scene)):  # type: ignore[misc]  # the loop's own function
                return rule
        return None

    def wanted(self, what: str) -> Table[Rule]:
        """Raises EntryPointNotImplementedError when there are none."""
        if not self.rules:
            raise EntryPointNotImplementedError(f"the rules file has no {what}")
        return self


def guarded(rule: str, scene: Scene, work: Callable[[], Outcome]) -> Outcome:
    """The work's outcome; its problems become UnexpectedDataError that names rule, object and attribute."""
    try:
        return work()
    except (RuleProblem, PatternLimitError) as problem:
        raise told(rule, scene, problem) from problem


def told(rule: str, scene: Scene, problem: RuleProblem | PatternLimitError) -> UnexpectedDataError:
    name = problem.attribute if isinstance(problem, RuleProblem) else ""
    attribute = f", attribute '{name}'" if name else ""
    return UnexpectedDataError(f"rule '{rule}', object '{object_name(scene)}'{attribute}: {problem}")


def object_name(scene: Scene) -> str:
    """The connector's name; for a metaverse object its display name or account, where it has one, and its type."""
    if scene.cs is not None and scene.cs.dn:
        return scene.cs.dn
    if scene.mv is None:
        return ""
    for name in ("displayName", "accountName", "cn"):
        try:
            texts = scene.mv.values(name)
        except NoSuchAttributeError:
            continue
        if texts:
            return f"{scene.mv.object_type} {texts[0]!s}"
    return scene.mv.object_type


def write(target: Target, name: str, texts: Texts) -> None:
    """Gives the attribute the values in its syntax; nothing clears it. RuleProblem for what does not fit."""
    try:
        syntax, single = target.kind_of(name)
    except NoSuchAttributeError:
        raise RuleProblem("is not in the schema, or not selected on the agent", name) from None
    if single and len(texts) > 1:
        raise RuleProblem(f"takes one value, and the rule has {len(texts)}", name)
    try:
        target.set(name, *(typed(text, syntax) for text in texts))
    except RuleProblem as problem:
        raise RuleProblem(problem.message, name) from None


def typed(text: str, syntax: Syntax) -> Value:
    if syntax is Syntax.INTEGER:
        return integer(text)
    if syntax is Syntax.BOOLEAN:
        return truth(text)
    if syntax is Syntax.BINARY:
        return binary(text)
    if syntax is Syntax.REFERENCE:
        raise RuleProblem("is a reference; give it a direct flow")
    return text
