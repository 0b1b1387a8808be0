# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Export attribute flows (`export-attribute-flow` of an agent)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...configuration.element import Element
from ...configuration.folder import Folder
from ...configuration.markup import Fragment
from ...configuration.model import ExportFlow, ExportFlowSet, ManagementAgent, SyncRuleMapping
from .. import fragments, words
from ..change import Change, Edit
from ..comparison import Comparison, agent_change, mapping_key, section
from ..editing import Items, Listing, by_attributes, earlier

_SETS = Listing("export-flow-set", by_attributes("cd-object-type", "mv-object-type"))
# Flows of synchronization rules stand beside the others, several for one attribute; they are never touched.
_FLOWS = Listing("export-flow", lambda element: (element.get("cd-attribute").casefold(), element.find("sync-rule-mapping") is not None))
_EXPORTED = "values in the connected system are written anew by the next export"

SetKey = tuple[str, str]


def _set_key(flows: ExportFlowSet) -> SetKey:
    return (flows.object_type.casefold(), flows.mv_object_type.casefold())


def _key(flow: ExportFlow) -> Hashable:
    return (flow.attribute.casefold(), isinstance(flow.mapping, SyncRuleMapping))


@dataclass(frozen=True)
class _Side:
    agent: ManagementAgent
    flows: ExportFlowSet
    all: Sequence[ExportFlowSet]

    def parent(self, folder: Folder) -> Element:
        root = section(folder, self.agent.name, "export-attribute-flow")
        key = _set_key(self.flows)
        new = Fragment("export-flow-set", {"cd-object-type": self.flows.object_type, "mv-object-type": self.flows.mv_object_type})
        return _SETS.find(root, key) or _SETS.insert(root, new, earlier([_set_key(one) for one in self.all], key))

    @property
    def items(self) -> Items[ExportFlow]:
        return Items(_FLOWS, self.parent, _key, fragments.export_flow, prune=1)

    def set(self, flow: ExportFlow, *, mapping: bool, nulls: bool) -> Edit:
        """Gives the flow to that attribute the mapping and the handling of nulls of `flow`."""

        def edit(folder: Folder) -> None:
            element = _FLOWS.find(self.parent(folder), _key(flow))
            if element is None:
                return
            if mapping:
                fragments.replace_mapping(element, flow.mapping)
            if nulls:
                element.set_attribute("suppress-deletions", "false" if flow.allow_nulls else "true")

        return edit


def changes(comparison: Comparison) -> Iterator[Change]:
    for present, wanted in comparison.pairs():
        if present.export_flows is wanted.export_flows:
            continue
        before = {_set_key(one): one for one in present.export_flows}
        after = {_set_key(one): one for one in wanted.export_flows}
        for key in dict.fromkeys((*before, *after)):
            some = before.get(key) or after[key]
            empty = replace(some, flows=())
            old = _Side(present, before.get(key, empty), present.export_flows)
            new = _Side(present, after.get(key, empty), wanted.export_flows)
            yield from _set_changes(comparison, old, new)


def _set_changes(comparison: Comparison, old: _Side, new: _Side) -> Iterator[Change]:
    before = {_key(flow): flow for flow in old.flows.flows if not isinstance(flow.mapping, SyncRuleMapping)}
    after = {_key(flow): flow for flow in new.flows.flows if not isinstance(flow.mapping, SyncRuleMapping)}
    for key, flow in before.items():
        if key not in after:
            title, items = _title(old, flow), old.items
            yield _change(old, flow, f"{title} removed", (title, ""), (items.take(flow), items.put(flow, old.flows.flows)))
    for key, flow in after.items():
        if key not in before:
            yield _added(comparison, new, flow)
        elif change := _changed(new, before[key], flow):
            yield change


def _added(comparison: Comparison, side: _Side, flow: ExportFlow) -> Change:
    flow = flow if flow.id else replace(flow, id=comparison.guid("export flow", side.agent.id, *_set_key(side.flows), flow.attribute))
    title, items = _title(side, flow), side.items
    nulls = ", nulls allowed" if flow.allow_nulls else ""
    return _change(side, flow, f"{title} added{nulls}", ("", title + nulls), (items.put(flow, side.flows.flows), items.take(flow)))


def _changed(side: _Side, before: ExportFlow, after: ExportFlow) -> Change | None:
    mapping, nulls = mapping_key(before.mapping) != mapping_key(after.mapping), before.allow_nulls != after.allow_nulls
    if not mapping and not nulls:
        return None
    told = [f"{words.mapping(before.mapping)} -> {words.mapping(after.mapping)}"] if mapping else []
    told += [f"nulls {'allowed' if after.allow_nulls else 'not exported'}"] if nulls else []
    sentence = f"export flow to {side.flows.object_type}/{after.attribute} from {side.flows.mv_object_type} changed: {'; '.join(told)}"
    edit, undo = side.set(after, mapping=mapping, nulls=nulls), side.set(before, mapping=mapping, nulls=nulls)
    return _change(side, after, sentence, (_shown(side, before), _shown(side, after)), (edit, undo))


def _title(side: _Side, flow: ExportFlow) -> str:
    return f"export flow {side.flows.mv_object_type}/{words.mapping(flow.mapping)} -> {side.flows.object_type}/{flow.attribute}"


def _shown(side: _Side, flow: ExportFlow) -> str:
    return _title(side, flow) + (", nulls allowed" if flow.allow_nulls else "")


def _change(side: _Side, flow: ExportFlow, sentence: str, values: tuple[str, str], edits: tuple[Edit, Edit]) -> Change:
    item = ("export flow", side.agent.name.casefold(), *_set_key(side.flows), flow.attribute.casefold())
    return agent_change(side.agent, "export flow", sentence, values=values, edits=edits, reason=_EXPORTED, item=item)
