# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Join rules: for each object type searches in their order (`join` of an agent)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace

from ...configuration.element import Element
from ...configuration.folder import Folder
from ...configuration.markup import Fragment
from ...configuration.model import JoinCriterion, JoinProfile, ManagementAgent
from ...configuration.reader import read_join_criterion, read_mapping
from .. import fragments, words
from ..change import Change, Edit
from ..comparison import Comparison, agent_change, mapping_key, section
from ..editing import Items, Listing, by_attributes, earlier, set_text


def _profile_key(element: Element) -> Hashable:
    """Object type, and whether the profile is one that synchronization rules have to themselves."""
    criteria = [child for child in element.children if child.local == "join-criterion"]
    portal = bool(criteria) and all(child.get("join-cri-type") == "sync-rule" for child in criteria)
    return (element.get("cd-object-type").casefold(), portal)


_PROFILES = Listing("join-profile", _profile_key)
_MAPPINGS = Listing("attribute-mapping", by_attributes("mv-attribute", "intrinsic-attribute"))
_JOINED = "connectors are searched for again; what is joined already stays"


def criterion_key(value: JoinCriterion) -> Hashable:
    mappings = tuple((one.mv_attribute.casefold(), one.intrinsic, mapping_key(one.mapping)) for one in value.mappings)
    return (value.mv_object_type.casefold(), mappings, value.resolution, value.resolution_context, value.sync_rule)


_CRITERIA = Listing("join-criterion", lambda element: criterion_key(read_join_criterion(element)))


@dataclass(frozen=True)
class _Side:
    agent: ManagementAgent
    profile: JoinProfile
    all: tuple[JoinProfile, ...]

    def parent(self, folder: Folder) -> Element:
        root, name = section(folder, self.agent.name, "join"), self.profile.object_type
        types = [(one.object_type.casefold(), False) for one in self.all]
        key = (name.casefold(), False)
        return _PROFILES.find(root, key) or _PROFILES.insert(root, Fragment("join-profile", {"cd-object-type": name}), earlier(types, key))

    @property
    def items(self) -> Items[JoinCriterion]:
        return Items(_CRITERIA, self.parent, criterion_key, fragments.join_criterion, prune=1)

    def set(self, old: JoinCriterion, new: JoinCriterion) -> Edit:
        def edit(folder: Folder) -> None:
            element = _CRITERIA.find(self.parent(folder), criterion_key(old))
            if element is not None:
                _set_criterion(element, new)

        return edit


def changes(comparison: Comparison) -> Iterator[Change]:
    for present, wanted in comparison.pairs():
        if present.joins is wanted.joins:
            continue
        before = {one.object_type.casefold(): _changeable(one) for one in present.joins}
        after = {one.object_type.casefold(): _changeable(one) for one in wanted.joins}
        for name in dict.fromkeys((*before, *after)):
            empty = JoinProfile((before.get(name) or after[name]).object_type, ())
            old, new = _Side(present, before.get(name, empty), present.joins), _Side(present, after.get(name, empty), wanted.joins)
            if old.profile != new.profile:
                yield from _profile_changes(comparison, old, new)


def _changeable(profile: JoinProfile) -> JoinProfile:
    """Without what the portal has made."""
    return replace(profile, criteria=tuple(one for one in profile.criteria if not one.sync_rule))


def _profile_changes(comparison: Comparison, old: _Side, new: _Side) -> Iterator[Change]:
    before = {criterion_key(one): one for one in old.profile.criteria}
    after = {criterion_key(one): one for one in new.profile.criteria}
    gone, come = [one for key, one in before.items() if key not in after], [one for key, one in after.items() if key not in before]
    changed = list(_matched(gone, come))
    for one in gone:
        title, items = words.criterion(one), old.items
        edits = (items.take(one), items.put(one, old.profile.criteria))
        yield _change(old, f"join rule of {old.profile.object_type} removed: {title}", (title, ""), edits)
    for first, second in changed:
        values = (words.criterion(first), words.criterion(second))
        edits = (old.set(first, second), old.set(second, first))
        yield _change(old, f"join rule of {old.profile.object_type} changed: {values[0]} -> {values[1]}", values, edits)
    now = {criterion_key(first): criterion_key(second) for first, second in changed}
    kept = [now.get(key, key) for key in before if key in after or key in now]
    order = [key for key in after if key in kept]
    if kept != order:
        yield _moved(old, new, [after[key] for key in kept], [after[key] for key in order])
    for one in come:
        named = one if one.id else replace(one, id=comparison.guid("join", new.agent.id, new.profile.object_type, words.criterion(one)))
        title, items = words.criterion(one), new.items
        place = f" as the {words.ordinal(list(after).index(criterion_key(one)))}" if len(after) > 1 else ""
        yield _change(
            new, f"join rule of {new.profile.object_type} added{place}: {title}", ("", title), (items.put(named, new.profile.criteria), items.take(named))
        )


def _matched(gone: list[JoinCriterion], come: list[JoinCriterion]) -> Iterator[tuple[JoinCriterion, JoinCriterion]]:
    """A search that goes and one that comes for the same attributes are one that is changed; it keeps its id."""
    for one in list(gone):
        attributes = {part.mv_attribute.casefold() for part in one.mappings}
        other = next((new for new in come if attributes & {part.mv_attribute.casefold() for part in new.mappings}), None)
        if other is not None:
            gone.remove(one)
            come.remove(other)
            yield one, replace(other, id=one.id)


def _moved(old: _Side, new: _Side, kept: list[JoinCriterion], order: list[JoinCriterion]) -> Change:
    values = ("\n".join(map(words.criterion, kept)), "\n".join(map(words.criterion, order)))
    sentence = f"order of the join rules of {new.profile.object_type} changed: {'; '.join(map(words.criterion, order))}"
    return _change(new, sentence, values, (old.items.order(order), old.items.order(kept)))


def _change(side: _Side, sentence: str, values: tuple[str, str], edits: tuple[Edit, Edit]) -> Change:
    item = ("join", side.agent.name.casefold(), side.profile.object_type.casefold())
    return agent_change(side.agent, "join rule", sentence, values=values, edits=edits, reason=_JOINED, item=item)


def _set_criterion(element: Element, new: JoinCriterion) -> None:
    """Writes what differs; mappings that stay are left as they are written."""
    search, resolution = element.require("search"), element.require("resolution")
    if search.get("mv-object-type") != new.mv_object_type:
        search.set_attribute("mv-object-type", new.mv_object_type or None)
    wanted = {(one.mv_attribute.casefold(), "true" if one.intrinsic else ""): one for one in new.mappings}
    for child in _MAPPINGS.members(search):
        if _MAPPINGS.key(child) not in wanted:
            search.remove(child)
    for index, (key, one) in enumerate(wanted.items()):
        found = _MAPPINGS.find(search, key)
        if found is None:
            _MAPPINGS.insert(search, fragments.join_mapping(one), list(wanted)[:index])
        elif mapping_key(read_mapping(found)) != mapping_key(one.mapping):
            fragments.replace_mapping(found, one.mapping)
    if resolution.get("type", "none") != new.resolution:
        resolution.set_attribute("type", new.resolution)
    set_text(resolution, "script-context", new.resolution_context)
