# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connector filters: which objects stay apart from the metaverse (`stay-disconnector` of an agent)."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property

from ...configuration.element import Element
from ...configuration.folder import Folder
from ...configuration.markup import Fragment
from ...configuration.model import Condition, FilterSet, ManagementAgent, Syntax
from ...configuration.reader import read_condition
from ...desired.operators import comparable_operator
from .. import words
from ..change import Change, Edit, Risk
from ..comparison import Comparison, agent_change, section
from ..editing import Items, Listing, by_attributes, paired

_FILTERED = "objects that match become disconnectors at the next synchronization"
_FREED = "objects that no longer match are joined or projected"
_HEX = re.compile(r"-?0[xX][0-9a-fA-F]+")
_SETS = Listing("filter-set", by_attributes("cd-object-type"))

Alternative = tuple[Condition, ...]


def _number(text: str) -> str:
    """Numbers in one spelling: documents write them in hexadecimal, people as they like."""
    return str(int(text, 16)) if _HEX.fullmatch(text) else text


def alternative_key(conditions: Alternative) -> Hashable:
    return frozenset((one.attribute.casefold(), comparable_operator(one.operator), _number(one.value), one.intrinsic) for one in conditions)


_ALTERNATIVES = Listing("filter-alternative", lambda element: alternative_key(tuple(read_condition(one) for one in element.find_all("condition"))))


def _key(filters: FilterSet) -> Hashable:
    return (filters.object_type.casefold(),)


def _meaning(filters: FilterSet) -> Hashable:
    return (filters.type, filters.import_filter, frozenset(map(alternative_key, filters.alternatives)))


def changes(comparison: Comparison) -> Iterator[Change]:
    for present, wanted in comparison.pairs():
        if present.filters is wanted.filters:
            continue
        for old, new in paired(present.filters, wanted.filters, _key):
            if old is None or new is None or _meaning(old) != _meaning(new):
                yield _Difference(comparison, present, old, new).change()


@dataclass(frozen=True)
class _Difference:
    comparison: Comparison
    agent: ManagementAgent
    old: FilterSet | None
    new: FilterSet | None

    def change(self) -> Change:
        some = self.old or self.new
        if some is None:
            raise AssertionError("some is there by construction")
        values = (_shown(self.old), _shown(self.new))
        edits = (self._reach(self.old, self.new), self._reach(self.new, self.old))
        item = ("filter", self.agent.name.casefold(), some.object_type.casefold())
        sentence = f"connector filter of {some.object_type}: {'; '.join(self._told())}"
        risk, reason = self._risk()
        return agent_change(self.agent, "connector filter", sentence, values=values, edits=edits, risk=risk, reason=reason, item=item)

    @cached_property
    def items(self) -> Items[FilterSet]:
        return Items(_SETS, lambda folder: section(folder, self.agent.name, "stay-disconnector"), _key, self._fragment)

    @cached_property
    def taken(self) -> dict[Hashable, Element]:
        """Alternatives that were taken out, as they were written."""
        return {}

    def _alternatives(self) -> tuple[dict[Hashable, Alternative], dict[Hashable, Alternative]]:
        old, new = (({alternative_key(one): one for one in side.alternatives} if side else {}) for side in (self.old, self.new))
        return old, new

    def _told(self) -> list[str]:
        old, new = self._alternatives()
        told = [f"no longer {words.alternative(one)}" for key, one in old.items() if key not in new]
        told += [f"{words.alternative(one)} added" for key, one in new.items() if key not in old]
        if _type(self.old) != _type(self.new):
            told += ["decided by the rules extension" if _type(self.new) == "scripted" else "no longer decided by the rules extension"]
        if bool(self.old and self.old.import_filter) != bool(self.new and self.new.import_filter):
            told += ["applied at import" if self.new and self.new.import_filter else "no longer applied at import"]
        return told or ["added" if self.new else "removed"]

    def _risk(self) -> tuple[Risk, str]:
        old, new = self._alternatives()
        grows = any(key not in old for key in new) or (_type(self.new) == "scripted" and _type(self.old) != "scripted")
        return self.comparison.losing(self.agent, _FILTERED) if grows else (Risk.RECALCULATES, _FREED)

    def _reach(self, old: FilterSet | None, new: FilterSet | None) -> Edit:
        if old is None and new is not None:
            return self.items.put(new, self.agent.filters)
        if old is not None and new is None:
            return self.items.take(old)

        def edit(folder: Folder) -> None:
            found = None if new is None else _SETS.find(section(folder, self.agent.name, "stay-disconnector"), _key(new))
            if found is not None and new is not None:
                self._set(found, new)

        return edit

    def _set(self, element: Element, new: FilterSet) -> None:
        if element.get("type", "declared") != new.type:
            element.set_attribute("type", new.type)
        if (element.get("import-filter") == "1") != new.import_filter:
            element.set_attribute("import-filter", "1" if new.import_filter else "0")
        keys = [alternative_key(one) for one in new.alternatives]
        for child in _ALTERNATIVES.members(element):
            if _ALTERNATIVES.key(child) not in keys:
                self.taken[_ALTERNATIVES.key(child)] = child.copy()
                element.remove(child)
        for index, fragment in enumerate(self._fragment(new).children):
            if _ALTERNATIVES.find(element, keys[index]) is None:
                known = self.taken.get(keys[index])
                _ALTERNATIVES.insert(element, fragment if known is None else known.copy(), keys[:index])

    def _fragment(self, filters: FilterSet) -> Fragment:
        attributes = {"import-filter": "1" if filters.import_filter else "0", "cd-object-type": filters.object_type, "type": filters.type}
        if filters.id or filters.type == "scripted":
            attributes["id"] = filters.id or self.comparison.guid("filter", self.agent.id, filters.object_type)
        ids = [*filters.alternative_ids, *[""] * len(filters.alternatives)]
        children = tuple(self._alternative(filters, one, ids[index]) for index, one in enumerate(filters.alternatives))
        return Fragment("filter-set", attributes, children=children)

    def _alternative(self, filters: FilterSet, conditions: Alternative, identifier: str) -> Fragment:
        identifier = identifier or self.comparison.guid("filter", self.agent.id, filters.object_type, words.alternative(conditions))
        return Fragment("filter-alternative", {"id": identifier}, children=tuple(map(self._condition, conditions)))

    def _condition(self, one: Condition) -> Fragment:
        """Servers write the numbers of integer attributes in hexadecimal, and note how the designer shows them."""
        attributes = {"cd-attribute": one.attribute, **({"intrinsic-attribute": "true"} if one.intrinsic else {}), "operator": one.operator}
        kind = self.agent.schema.attributes.get(one.attribute.casefold())
        number = kind is not None and kind.syntax is Syntax.INTEGER and one.value.isascii() and one.value.isdigit()
        value = hex(int(one.value)) if number else one.value
        return Fragment("condition", attributes, children=(Fragment("value", {"ui-radix": "10"} if _HEX.fullmatch(value) else {}, value),))


def _type(filters: FilterSet | None) -> str:
    return filters.type if filters is not None else "declared"


def _shown(filters: FilterSet | None) -> str:
    if filters is None:
        return ""
    lines = ["rules extension"] if filters.type == "scripted" else []
    return "\n".join([*lines, *map(words.alternative, filters.alternatives)])
