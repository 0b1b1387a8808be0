# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run profiles and their steps (`ma-run-data` of an agent)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace

from ...configuration.element import Element
from ...configuration.folder import Folder
from ...configuration.markup import Fragment
from ...configuration.model import ManagementAgent, RunProfile, RunStep, ServerConfiguration, StepKind
from ...configuration.reader import read_step
from .. import words
from ..change import Change, Edit, Risk
from ..comparison import Comparison, agent_change, section
from ..editing import NEW_TIMES, Items, Listing, by_child, paired, set_text

_PROFILES = Listing("run-configuration", by_child("name"))
# What the document says for a kind of step: its type, its subtype's element and text.
TYPES: dict[StepKind, tuple[str, str, str]] = {
    StepKind.FULL_IMPORT: ("full-import", "import-subtype", "to-cs"),
    StepKind.DELTA_IMPORT: ("delta-import", "import-subtype", "to-cs"),
    StepKind.FULL_IMPORT_DELTA_SYNC: ("full-import", "", ""),
    StepKind.DELTA_IMPORT_DELTA_SYNC: ("delta-import", "", ""),
    StepKind.FULL_IMPORT_FULL_SYNC: ("full-import-reevaluate-rules", "", ""),
    StepKind.FULL_SYNC: ("apply-rules", "apply-rules-subtype", "reevaluate-flow-connectors"),
    StepKind.DELTA_SYNC: ("apply-rules", "apply-rules-subtype", "apply-pending"),
    StepKind.EXPORT: ("export", "", ""),
}

SUBTYPES = {"apply-rules": "apply-rules-subtype", "export": "export-subtype"}


@dataclass(frozen=True)
class _Data:
    """An element below `custom-data`: the name of the time limit in it, and whether it holds the batch size in every step."""

    tag: str
    limit: str
    batch: bool = True
    parameters: bool = False


_DIRECTORY = _Data("adma-step-data", "time-limit")
# Category of an agent -> where its steps keep their numbers. Others have nothing but thresholds, unless a step says so.
_DATA = {
    **dict.fromkeys(("ad", "adgal", "ad gal", "adam", "ad lds"), _DIRECTORY),
    "extensible2": _Data("extensible2-step-data", "timeout", parameters=True),
    "fim": _Data("fimma-step-data", "time-limit", batch=False),
}
_ELSEWHERE = _Data("extensible-step-data", "timeout", batch=False)


def step_key(step: RunStep) -> Hashable:
    kind = (step.kind,) if step.kind is not StepKind.OTHER else (step.kind, step.type, step.subtypes)
    limits = (step.object_limit, step.delete_limit, step.batch_size, step.page_size, step.timeout)
    return (*kind, step.partition_id, limits, tuple(sorted(step.data)), step.drop_file)


def _profile_key(profile: RunProfile) -> Hashable:
    return profile.name.casefold()


_STEPS = Listing("step", lambda element: step_key(read_step(element)))


def changes(comparison: Comparison) -> Iterator[Change]:
    for present, wanted in comparison.pairs():
        if present.run_profiles is wanted.run_profiles:
            continue
        for old, new in paired(present.run_profiles, wanted.run_profiles, _profile_key):
            difference = _Difference(comparison, present, wanted)
            if old is None and new is not None:
                yield difference.added(new)
            elif old is not None and new is None:
                yield difference.removed(old)
            elif old is not None and new is not None and list(map(step_key, old.steps)) != list(map(step_key, new.steps)):
                yield difference.changed(old, new)


def write_profile(agent: ManagementAgent, profile: RunProfile) -> Fragment:
    """A run profile as the document of its agent holds it."""
    alone = ServerConfiguration(agents=(agent,))
    return _Difference(Comparison(alone, alone), agent, agent)._write(profile)


@dataclass(frozen=True)
class _Difference:
    comparison: Comparison
    agent: ManagementAgent
    wanted: ManagementAgent

    def _items(self) -> Items[RunProfile]:
        return Items(_PROFILES, lambda folder: section(folder, self.agent.name, "ma-run-data"), _profile_key, self._write)

    def _change(self, name: str, done: str, values: tuple[str, str], edits: tuple[Edit, Edit]) -> Change:
        item = ("run profile", self.agent.name.casefold(), name.casefold())
        return agent_change(self.agent, "run profile", f"run profile {name} {done}", values=values, edits=edits, risk=Risk.NONE, item=item)

    def added(self, profile: RunProfile) -> Change:
        named = replace(profile, id=profile.id or self.comparison.guid("run profile", self.agent.id, profile.name))
        items = self._items()
        told = f" with {'; '.join(self._shown(profile).splitlines())}" if profile.steps else ""
        edits = (items.put(named, self.wanted.run_profiles), items.take(named))
        return self._change(profile.name, f"added{told}", ("", self._shown(profile)), edits)

    def removed(self, profile: RunProfile) -> Change:
        items = self._items()
        return self._change(profile.name, "removed", (self._shown(profile), ""), (items.take(profile), items.put(profile, self.agent.run_profiles)))

    def changed(self, old: RunProfile, new: RunProfile) -> Change:
        values = (self._shown(old), self._shown(new))
        before, after = values[0].splitlines(), values[1].splitlines()
        told = [f"no longer {line}" for line in before if line not in after] + [f"now {line}" for line in after if line not in before]
        taken: dict[Hashable, Element] = {}
        edits = (self._reach(old, new, taken), self._reach(old=new, new=old, taken=taken))
        return self._change(old.name, f"changed: {'; '.join(told) or 'steps in another order'}", values, edits)

    def _shown(self, profile: RunProfile) -> str:
        names = {one.id: one.name for one in (*self.agent.partitions, *self.wanted.partitions)}
        return "\n".join(words.step(step, names.get(step.partition_id, step.partition_id)) for step in profile.steps)

    def _write(self, profile: RunProfile) -> Fragment:
        steps = tuple(map(self._step, profile.steps))
        body = Fragment("configuration", children=steps)
        made, changed = (Fragment(name, text=text) for name, text in NEW_TIMES.items())
        named = (Fragment("id", text=profile.id), Fragment("name", text=profile.name))
        return Fragment("run-configuration", children=(*named, made, Fragment("version", text="1"), changed, body))

    def _step(self, step: RunStep) -> Fragment:
        kind, subtype, text = TYPES.get(step.kind, (step.type, "", ""))
        subtypes = step.subtypes or ((text,) if text else ())
        name = subtype or SUBTYPES.get(kind, "import-subtype")
        parts = [Fragment("step-type", {"type": kind}, children=tuple(Fragment(name, text=one) for one in subtypes))]
        data = _DATA.get(self.agent.category.casefold(), _ELSEWHERE)
        own_batch = data.batch and (kind != "apply-rules" or bool(step.page_size or step.timeout))
        limits = (("batch-size", 0 if own_batch else step.batch_size), ("delete", step.delete_limit), ("object", step.object_limit))
        threshold = tuple(Fragment(path, text=str(number)) for path, number in limits if number)
        further = [Fragment("partition", text=step.partition_id)]
        further += [Fragment("dropfile-name", text=step.drop_file)] if step.drop_file else []
        further.append(Fragment("custom-data", children=tuple(_custom_data(step, data, batch=own_batch))))
        return Fragment("step", children=(*parts, Fragment("threshold", children=threshold), *further))

    def _reach(self, old: RunProfile, new: RunProfile, taken: dict[Hashable, Element]) -> Edit:
        def edit(folder: Folder) -> None:
            root = section(folder, self.agent.name, "ma-run-data")
            profile = _PROFILES.find(root, _profile_key(old))
            if profile is None:
                return
            body = profile.find("configuration") or profile.append(Fragment("configuration"))
            self._set(body, new, taken)

        return edit

    def _set(self, body: Element, new: RunProfile, taken: dict[Hashable, Element]) -> None:
        wanted = [step_key(step) for step in new.steps]
        gone = _surplus(body, wanted)
        models = {}
        for child in gone:
            taken[_STEPS.key(child)] = child.copy()
            models[read_step(child).kind] = child.copy()
        for child in _STEPS.members(body):
            models.setdefault(read_step(child).kind, child)
        for child in gone:
            body.remove(child)
        for index, step in enumerate(new.steps):
            if sum(_STEPS.key(child) == wanted[index] for child in _STEPS.members(body)) < wanted[: index + 1].count(wanted[index]):
                known, model = taken.get(wanted[index]), models.get(step.kind)
                made = known.copy() if known is not None else self._like(model, step) if model is not None else self._step(step)
                _STEPS.insert(body, made, wanted[:index])
        _STEPS.reorder(body, wanted)

    def _like(self, model: Element, step: RunStep) -> Element | Fragment:
        """A step after one of its kind, which keeps what is not modelled; else one from nothing."""
        made = model.copy()
        made.require("partition").set_text(step.partition_id)
        present = read_step(made)
        for field, path in _paths_in(made).items():
            if getattr(present, field) != getattr(step, field):
                set_text(made, path, str(getattr(step, field)))
        for path, value in step.data:
            set_text(made, f"custom-data/{path}", value)
        if step.drop_file != present.drop_file:
            set_text(made, "dropfile-name", step.drop_file)
        return made if step_key(read_step(made)) == step_key(step) else self._step(step)


def _surplus(body: Element, wanted: list[Hashable]) -> list[Element]:
    """Steps that shall not be there; a profile may have one step several times: export, import, synchronize, export."""
    left, found = Counter(wanted), []
    for child in _STEPS.members(body):
        key = _STEPS.key(child)
        if left[key]:
            left[key] -= 1
        else:
            found.append(child)
    return found


def _custom_data(step: RunStep, data: _Data, *, batch: bool) -> Iterator[Fragment]:
    numbers = {"batch-size": str(step.batch_size)} if batch else {}
    numbers |= {"page-size": str(step.page_size)} if step.page_size else {}
    numbers |= {data.limit: str(step.timeout)} if batch or step.timeout else {}
    found: dict[str, dict[str, str]] = {data.tag: numbers} if numbers else {}
    for path, value in step.data:
        holder, _unused, leaf = path.partition("/")
        found.setdefault(holder, {})[leaf] = value
    for holder, leaves in found.items():
        yield Fragment(holder, children=tuple(Fragment(leaf, text=value) for leaf, value in leaves.items()))
    if batch and data.parameters:
        yield Fragment("parameter-values")


def _paths_in(step: Element) -> dict[str, str]:
    """Where the numbers of this step stand: a batch size in the connector's own data where it has one."""
    paths = {"delete_limit": "threshold/delete", "object_limit": "threshold/object", "batch_size": "threshold/batch-size"}
    custom = next((child for data in step.find_all("custom-data") for child in data.children if child.local.endswith("-step-data")), None)
    if custom is None:
        return paths
    place = f"custom-data/{custom.local}"
    if custom.find("batch-size") is not None:
        paths["batch_size"] = f"{place}/batch-size"
    limit = "time-limit" if custom.find("time-limit") is not None else "timeout"
    return {**paths, "page_size": f"{place}/page-size", "timeout": f"{place}/{limit}"}
