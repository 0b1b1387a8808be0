# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Import attribute flows with their precedence (`import-attribute-flow` of the metaverse)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...configuration.element import Element
from ...configuration.folder import Folder
from ...configuration.markup import Fragment
from ...configuration.model import ImportFlow, ImportFlows
from ...configuration.reader import read_mapping
from .. import fragments, words
from ..change import FULL_SYNC, Change, Edit, Risk
from ..comparison import Comparison, mapping_key
from ..context import metaverse_of
from ..editing import Items, Listing, by_attributes, earlier

_SETS = Listing("import-flow-set", by_attributes("mv-object-type"))
_GROUPS = Listing("import-flows", by_attributes("mv-attribute"))
_VALUES = "values of the attribute are computed anew"
_MODES = {"ranked": "by rank", "equal": "equal", "manual": "manual, decided by the rules extension"}


def flow_key(flow: ImportFlow) -> Hashable:
    return (flow.agent_id, flow.object_type.casefold(), mapping_key(flow.mapping))


def _element_key(element: Element) -> Hashable:
    return (element.get("src-ma").upper(), element.get("cd-object-type").casefold(), mapping_key(read_mapping(element)))


_FLOWS = Listing("import-flow", _element_key)


def _group_key(group: ImportFlows) -> tuple[str, str]:
    return (group.mv_object_type.casefold(), group.mv_attribute.casefold())


@dataclass(frozen=True)
class _Side:
    """One attribute's flows within all of that side's, which say where it stands."""

    group: ImportFlows
    all: Sequence[ImportFlows]

    def parent(self, folder: Folder) -> Element:
        """The attribute's `import-flows`, made where it is missing."""
        root = metaverse_of(folder).require("import-attribute-flow")
        types = list(dict.fromkeys(one.mv_object_type.casefold() for one in self.all))
        mv_type, attribute = _group_key(self.group)
        flow_set = _SETS.find(root, (mv_type,)) or _SETS.insert(
            root, Fragment("import-flow-set", {"mv-object-type": self.group.mv_object_type}), [(name,) for name in earlier(types, mv_type)]
        )
        names = [one.mv_attribute.casefold() for one in self.all if one.mv_object_type.casefold() == mv_type]
        new = Fragment("import-flows", {"mv-attribute": self.group.mv_attribute, "type": self.group.precedence})
        return _GROUPS.find(flow_set, (attribute,)) or _GROUPS.insert(flow_set, new, [(name,) for name in earlier(names, attribute)])

    @property
    def items(self) -> Items[ImportFlow]:
        return Items(_FLOWS, self.parent, flow_key, fragments.import_flow, prune=2)


def changes(comparison: Comparison) -> Iterator[Change]:
    """Removed and changed flows first, then their order, then what is new; attribute by attribute."""
    present, wanted = comparison.present.metaverse.import_flows, comparison.wanted.metaverse.import_flows
    if present is wanted:
        return
    before, after = {_group_key(group): group for group in present}, {_group_key(group): group for group in wanted}
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        if old != new:
            some = old or new
            if some is None:
                raise AssertionError("some is there by construction")
            empty = replace(some, flows=())
            yield from _Group(
                comparison, _Side(old or replace(empty, precedence=new.precedence if new else "ranked"), present), _Side(new or empty, wanted)
            ).changes()


@dataclass(frozen=True)
class _Group:
    comparison: Comparison
    old: _Side
    new: _Side

    def changes(self) -> Iterator[Change]:
        gone, come = self._difference()
        changed = self._matched(gone, come)
        if self.old.group.flows and self.new.group.flows and self.old.group.precedence != self.new.group.precedence:
            yield self._mode()
        for flow in gone:
            yield self._removed(flow)
        for before, after in changed:
            yield self._changed(before, after)
        now = {flow_key(before): flow_key(after) for before, after in changed}
        kept = [now.get(flow_key(flow), flow_key(flow)) for flow in self.old.group.flows if flow not in gone]
        order = [flow_key(flow) for flow in self.new.group.flows]
        if kept != [key for key in order if key in kept]:
            yield self._moved(kept, order)
        for flow in come:
            yield self._added(flow)

    def _difference(self) -> tuple[list[ImportFlow], list[ImportFlow]]:
        """Flows that are only in the present, and only wanted."""
        old, new = self.old.group.flows, self.new.group.flows
        too_many, missing = Counter(map(flow_key, old)), Counter(map(flow_key, new))
        gone, come = too_many - missing, missing - too_many
        return [flow for flow in old if _drawn(gone, flow)], [flow for flow in new if _drawn(come, flow)]

    @staticmethod
    def _matched(gone: list[ImportFlow], come: list[ImportFlow]) -> list[tuple[ImportFlow, ImportFlow]]:
        """A flow of the same agent and type that goes and one that comes are one that is changed; both are taken from the lists."""
        found = []
        for flow in list(gone):
            other = next((one for one in come if (one.agent_id, one.object_type.casefold()) == (flow.agent_id, flow.object_type.casefold())), None)
            if other is not None:
                gone.remove(flow)
                come.remove(other)
                found.append((flow, replace(other, id=flow.id)))
        return found

    def _target(self) -> str:
        return f"{self.new.group.mv_object_type}/{self.new.group.mv_attribute}"

    def _title(self, flow: ImportFlow) -> str:
        return f"import flow {flow.object_type}/{words.mapping(flow.mapping)} -> {self._target()}"

    def _change(self, flow: ImportFlow, sentence: str, values: tuple[str, str], edits: tuple[Edit, Edit]) -> Change:
        agent = self.comparison.name_of(flow.agent_id)
        item = ("import flow", agent.casefold(), *_group_key(self.new.group))
        return Change(agent, "import flow", f"{agent}: {sentence}", *values, edits[0], Risk.RECALCULATES, _VALUES, (FULL_SYNC,), undo=edits[1], item=item)

    def _added(self, flow: ImportFlow) -> Change:
        key = (flow.agent_id, flow.object_type, self._target(), words.mapping(flow.mapping))
        flow = flow if flow.id else replace(flow, id=self.comparison.guid("import flow", *key))
        items, flows = self.new.items, self.new.group.flows
        rank = [flow_key(one) for one in flows].index(flow_key(flow))
        place = f", {words.ordinal(rank)} in precedence" if len(flows) > 1 and self.new.group.precedence == "ranked" else ""
        title = self._title(flow)
        return self._change(flow, f"{title} added{place}", ("", title), (items.put(flow, flows), items.take(flow)))

    def _removed(self, flow: ImportFlow) -> Change:
        title, items = self._title(flow), self.old.items
        return self._change(flow, f"{title} removed", (title, ""), (items.take(flow), items.put(flow, self.old.group.flows)))

    def _changed(self, before: ImportFlow, after: ImportFlow) -> Change:
        old, new = words.mapping(before.mapping), words.mapping(after.mapping)
        sentence = f"import flow to {self._target()} from {before.object_type} changed: {old} -> {new}"
        edits = (_remap(self.old, before, after), _remap(self.old, after, before))
        return self._change(before, sentence, (self._title(before), self._title(after)), edits)

    def _moved(self, kept: list[Hashable], order: list[Hashable]) -> Change:
        before = replace(self.old.group, flows=tuple(sorted(self.new.group.flows, key=lambda flow: _rank(kept, flow))))
        agents = tuple(dict.fromkeys(self.comparison.name_of(flow.agent_id) for flow in self.new.group.flows))
        texts = [
            ", ".join(f"{self.comparison.name_of(one.agent_id)} {one.object_type}/{words.mapping(one.mapping)}" for one in group.flows if flow_key(one) in kept)
            for group in (before, self.new.group)
        ]
        return Change(
            "",
            "precedence",
            f"metaverse: precedence of {self._target()} changed: {texts[1]}",
            texts[0],
            texts[1],
            lambda folder: _FLOWS.reorder(self.new.parent(folder), [key for key in order if key in kept]),
            Risk.RECALCULATES,
            _VALUES,
            (FULL_SYNC,),
            agents,
            _Side(before, self.old.all).items.order(before.flows),
            ("precedence", *_group_key(self.new.group)),
        )

    def _mode(self) -> Change:
        old, new = self.old.group.precedence, self.new.group.precedence
        agents = tuple(dict.fromkeys(self.comparison.name_of(flow.agent_id) for flow in (*self.old.group.flows, *self.new.group.flows)))
        sentence = f"metaverse: precedence of {self._target()} is now {_MODES.get(new, new)} (was {_MODES.get(old, old)})"
        item = ("precedence", *_group_key(self.new.group))
        return Change("", "precedence", sentence, old, new, self._set_mode(new), Risk.RECALCULATES, _VALUES, (FULL_SYNC,), agents, self._set_mode(old), item)

    def _set_mode(self, mode: str) -> Edit:
        return lambda folder: self.old.parent(folder).set_attribute("type", mode)


def _drawn(counts: Counter[Hashable], flow: ImportFlow) -> bool:
    key = flow_key(flow)
    if counts[key] < 1:
        return False
    counts[key] -= 1
    return True


def _rank(keys: list[Hashable], flow: ImportFlow) -> int:
    key = flow_key(flow)
    return keys.index(key) if key in keys else len(keys)


def _remap(side: _Side, old: ImportFlow, new: ImportFlow) -> Edit:
    """Gives the flow another mapping; its id stays."""

    def edit(folder: Folder) -> None:
        element = _FLOWS.find(side.parent(folder), flow_key(old))
        if element is not None:
            fragments.replace_mapping(element, new.mapping)

    return edit
