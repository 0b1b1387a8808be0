# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deletion rules of the metaverse, and what becomes of an agent's values when its connector goes (recall)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace

from ...configuration.element import Element
from ...configuration.folder import Folder
from ...configuration.markup import Fragment
from ...configuration.model import DeletionRule
from ..change import Change, Edit, Risk
from ..comparison import Comparison
from ..context import metaverse_of
from ..editing import Items, Listing, by_attributes, paired, set_text

_RULES = Listing("mv-deletion-rule", by_attributes("mv-object-type"))
_OPTIONS = Listing("ma-options", lambda element: element.get("ma-id").upper())
_AGENTS = Listing("src-ma", lambda element: element.text.strip().upper())
_DELETES = "metaverse objects go by this rule at the next synchronization that disconnects them, and with them objects in other systems"
_WORDS = {"declared-last": "when the last connector goes", "scripted": "by the rules extension", "declared-any": "when a connector goes of"}


def _key(rule: DeletionRule) -> Hashable:
    return (rule.mv_object_type.casefold(),)


def _write(rule: DeletionRule) -> Fragment:
    attributes = {"mv-object-type": rule.mv_object_type, "id": rule.id, "type": rule.type}
    return Fragment("mv-deletion-rule", attributes, children=tuple(Fragment("src-ma", text=agent) for agent in rule.agent_ids))


def _place(folder: Folder) -> Element:
    data = metaverse_of(folder)
    return data.find("mv-deletion") or data.append(Fragment("mv-deletion"))


def _meaning(rule: DeletionRule) -> Hashable:
    return (rule.type, frozenset(rule.agent_ids))


def deletion_changes(comparison: Comparison) -> Iterator[Change]:
    before, after = comparison.present.metaverse.deletion_rules, comparison.wanted.metaverse.deletion_rules
    items: Items[DeletionRule] = Items(_RULES, _place, _key, _write)
    for old, new in paired(before, after, _key):
        values = ("" if old is None else _shown(comparison, old), "" if new is None else _shown(comparison, new))
        if new is None and old is not None:
            edits = (items.take(old), items.put(old, before))
            yield _deletion(old, f"removed; it was {values[0]}", values, edits, (Risk.NONE, ""))
        elif new is not None and old is None:
            named = replace(new, id=new.id or comparison.guid("deletion rule", new.mv_object_type))
            edits = (items.put(named, after), items.take(named))
            yield _deletion(named, f"added: {values[1]}", values, edits, (Risk.CAN_DELETE, _DELETES))
        elif old is not None and new is not None and _meaning(old) != _meaning(new):
            yield _deletion(new, f"changed: {values[0]} -> {values[1]}", values, (_set(new), _set(old)), (Risk.CAN_DELETE, _DELETES))


def _shown(comparison: Comparison, rule: DeletionRule) -> str:
    names = ", ".join(comparison.name_of(agent) for agent in rule.agent_ids)
    return f"{_WORDS.get(rule.type, rule.type)} {names}".strip()


def _deletion(rule: DeletionRule, done: str, values: tuple[str, str], edits: tuple[Edit, Edit], risk: tuple[Risk, str]) -> Change:
    item = ("deletion rule", rule.mv_object_type.casefold())
    return Change("", "deletion rule", f"metaverse: deletion rule of {rule.mv_object_type} {done}", *values, edits[0], *risk, undo=edits[1], item=item)


def _set(rule: DeletionRule) -> Edit:
    def edit(folder: Folder) -> None:
        element = _RULES.find(_place(folder), _key(rule))
        if element is None:
            return
        if element.get("type") != rule.type:
            element.set_attribute("type", rule.type)
        for child in _AGENTS.members(element):
            if _AGENTS.key(child) not in rule.agent_ids:
                element.remove(child)
        for index, agent in enumerate(rule.agent_ids):
            if _AGENTS.find(element, agent) is None:
                _AGENTS.insert(element, Fragment("src-ma", text=agent), rule.agent_ids[:index])

    return edit


def recall_changes(comparison: Comparison) -> Iterator[Change]:
    """An agent without an option recalls; `enable-recall` false keeps the values of a connector that goes."""
    before, after = comparison.present.metaverse.recall, comparison.wanted.metaverse.recall
    for agent in dict.fromkeys((*before, *after)):
        old, new = before.get(agent, True), after.get(agent, True)
        if old == new or comparison.name_of(agent) == agent:
            continue
        name = comparison.name_of(agent)
        told = "recalled" if new else "kept"
        sentence = f"metaverse: values of {name} are {told} when its connector goes"
        item = ("recall", name.casefold())
        edits = (_set_recall(agent, recalled=new), _unset_recall(agent, recalled=old, known=agent in before))
        yield Change("", "recall", sentence, "recalled" if old else "kept", told, edits[0], undo=edits[1], item=item)


def _set_recall(agent: str, *, recalled: bool) -> Edit:
    def edit(folder: Folder) -> None:
        root = metaverse_of(folder).require("import-attribute-flow")
        parent = root.find("per-ma-options") or root.append(Fragment("per-ma-options"))
        option = _OPTIONS.find(parent, agent) or parent.append(Fragment("ma-options", {"ma-id": agent}))
        set_text(option, "enable-recall", "true" if recalled else "false")

    return edit


def _unset_recall(agent: str, *, recalled: bool, known: bool) -> Edit:
    """The option as it was; taken out where it was not there."""
    if known:
        return _set_recall(agent, recalled=recalled)

    def edit(folder: Folder) -> None:
        parent = metaverse_of(folder).find("import-attribute-flow/per-ma-options")
        if parent is not None:
            _OPTIONS.remove(parent, agent)

    return edit
