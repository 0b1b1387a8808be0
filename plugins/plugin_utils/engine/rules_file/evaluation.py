# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values and conditions of rules as functions of the objects at work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...rules.model import Attributes, Condition, Group, Mode, Operand, Placeholder, Side, Template, Test, Value
from ..extension import CsEntry, Entry, MvEntry, NoSuchAttributeError, text_of
from ..objects import guid
from . import dates
from .functions import Transform, compile_step
from .letters import check_text, integer, truth, upper
from .matching import first, machine
from .names import comparable, component
from .problems import RuleProblem
from .surroundings import Surroundings

Texts = tuple[str, ...]


@dataclass(frozen=True)
class Scene:
    """The objects of one call. `agent` is the name of the agent concerned, empty for none."""

    cs: CsEntry | None = None
    mv: MvEntry | None = None
    agent: str = ""


Reader = Callable[[Scene], Texts]
Check = Callable[[Scene], bool]


class Evaluation:
    """Compiles the parts of a rules file; named values once."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.scene = Scene()
        self.limit = around.rules.text_length
        self.named: dict[str, Reader] = {}
        around.named = lambda name: self._named(name)(self.scene)

    def _named(self, name: str) -> Reader:
        if name not in self.named:
            self.named[name] = self.value(self.around.rules.values[name])
        return self.named[name]

    # Values

    def value(self, value: Value) -> Reader:
        source = self._template(value.source) if isinstance(value.source, Template) else self._attributes(value.source)
        steps = [compile_step(step, self.around) for step in value.steps]
        return self._pipeline(source, steps) if steps else source

    def _pipeline(self, source: Reader, steps: list[Transform]) -> Reader:
        def run(scene: Scene) -> Texts:
            self.scene = scene
            texts = source(scene)
            for step in steps:
                texts = step(texts)
            return texts

        return run

    def _attributes(self, source: Attributes) -> Reader:
        readers = [self.operand(operand) for operand in source.operands]
        return readers[0] if len(readers) == 1 else lambda scene: tuple(text for reader in readers for text in reader(scene))

    def _template(self, template: Template) -> Reader:
        parts = [part if isinstance(part, str) else self._placeholder(part) for part in template.parts]

        def run(scene: Scene) -> Texts:
            out = []
            for part in parts:
                text = part if isinstance(part, str) else part(scene)
                if text is None:
                    return ()
                out.append(text)
            return (check_text("".join(out), self.limit),)

        return run

    def _placeholder(self, part: Placeholder) -> Callable[[Scene], str | None]:
        """One text, empty for an optional operand without a value, None for another."""
        reader = self.value(Value(Attributes((part.operand,)), part.steps))

        def run(scene: Scene) -> str | None:
            texts = reader(scene)
            if len(texts) > 1:
                raise RuleProblem(f"holds {len(texts)} values where a template takes one; use first or join", part.operand.name)
            if texts and texts[0]:
                return texts[0]
            return "" if part.optional else None

        return run

    def operand(self, operand: Operand) -> Reader:
        name = operand.name
        if operand.side is Side.VALUE:
            return self._at_use(name)
        if operand.side is Side.PSEUDO:
            return lambda scene: pseudo(name, scene)
        if operand.side is Side.CS:
            return lambda scene: self.read(scene.cs, name)
        return lambda scene: self.read(scene.mv, name)

    def _at_use(self, name: str) -> Reader:
        """A named value, compiled when it is wanted first: it may be one that comes later in the file."""

        def run(scene: Scene) -> Texts:
            return self._named(name)(scene)

        return run

    def read(self, entry: Entry | None, name: str) -> Texts:
        if entry is None:
            raise RuleProblem("belongs to an object that this rule does not see", name)
        try:
            texts = tuple(text_of(value) for value in entry.values(name))
            for text in texts:
                if len(text) > self.limit or not text.isascii():
                    check_text(text, self.limit)
        except NoSuchAttributeError:
            raise RuleProblem("is not in the schema, or not selected on the agent", name) from None
        except RuleProblem as problem:
            raise RuleProblem(problem.message, name) from None
        return texts

    # Conditions

    def condition(self, condition: Condition) -> Check:
        if isinstance(condition, Test):
            return self.test(condition)
        members = [self.condition(member) for member in condition.members]
        return group_check(condition, members)

    def test(self, test: Test) -> Check:
        if test.kind == "connected":
            agent = test.arguments["agent"]
            return lambda scene: scene.mv is not None and len(scene.mv.connectors(agent)) > 0
        value = self.value(test.value)
        if test.kind in ("present", "absent"):
            wanted = test.kind == "present"
            return lambda scene: bool([text for text in value(scene) if text]) is wanted
        other = self.value(test.other) if test.other is not None else None
        passes = self.single(test)

        def run(scene: Scene) -> bool:
            texts = value(scene)
            others = other(scene) if other is not None else ("",)
            if not texts or not others:
                return test.absent
            results = (any(passes(text, item) for item in others) for text in texts)
            return all(results) if test.every else any(results)

        return run

    def single(self, test: Test) -> Callable[[str, str], bool]:
        """Whether one value passes against one of the other's."""
        if test.kind in TEXT_TESTS:
            compare = TEXT_TESTS[test.kind]
            return (lambda text, item: compare(upper(text), upper(item))) if test.ignore_case else compare
        if test.kind == "matches":
            wanted, limit = machine(test.arguments["pattern"], test.ignore_case), self.around.rules.pattern_steps
            return lambda text, item: first(wanted, text, limit) is not None
        if test.kind == "bits":
            mask = integer(test.arguments["mask"])
            return lambda text, item: integer(text) & mask == mask
        if test.kind in ("past", "future"):
            form, past = test.arguments["format"], test.kind == "past"
            return lambda text, item: self._passed(text, form, past)
        return OTHER_TESTS[test.kind]

    def _passed(self, text: str, form: str, past: bool) -> bool:
        """A date that means never lies in the future."""
        ticks = dates.read_date(text, form)
        return (ticks is not None and ticks < self.around.now()) is past


TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "equals": lambda text, item: text == item,
    "contains": lambda text, item: item in text,
    "starts_with": lambda text, item: text.startswith(item),
    "ends_with": lambda text, item: text.endswith(item),
}
OTHER_TESTS: dict[str, Callable[[str, str], bool]] = {
    "is_true": lambda text, item: truth(text),
    "is_false": lambda text, item: not truth(text),
    "less": lambda text, item: integer(text) < integer(item),
    "greater": lambda text, item: integer(text) > integer(item),
    "same_dn": lambda text, item: comparable(text) == comparable(item),
}


def group_check(group: Group, members: list[Check]) -> Check:
    """Members are asked in their order until the answer is known; an empty group of `all` or `none` holds."""
    if group.mode is Mode.ALL:
        return lambda scene: all(member(scene) for member in members)
    if group.mode is Mode.ANY:
        return lambda scene: any(member(scene) for member in members)
    if group.mode is Mode.NONE:
        return lambda scene: not any(member(scene) for member in members)
    return lambda scene: sum(member(scene) for member in members) == 1


def pseudo(name: str, scene: Scene) -> Texts:
    """What belongs to the objects themselves; nothing where there is no such object."""
    if name == "dn":
        return (scene.cs.dn,) if scene.cs is not None else ()
    if name == "rdn":
        found = component(scene.cs.dn, 1) if scene.cs is not None else None
        return () if found is None else (found,)
    if name == "object_type":
        entry: Entry | None = scene.cs if scene.cs is not None else scene.mv
        return () if entry is None else (entry.object_type,)
    if name == "object_id":
        return () if scene.mv is None else (guid("mv", scene.mv.id),)
    return (scene.agent,) if scene.agent else ()
