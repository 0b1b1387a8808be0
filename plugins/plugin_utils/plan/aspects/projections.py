# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Projection rules: which object types make metaverse objects (`projection` of an agent)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace

from ...configuration.folder import Folder
from ...configuration.model import ManagementAgent, Projection
from .. import fragments, words
from ..change import Change, Edit
from ..comparison import Comparison, agent_change, section
from ..editing import Items, Listing, paired, set_text

_PORTAL = "sync-rule"
_RULES = Listing("class-mapping", lambda element: (element.get("cd-object-type").casefold(), element.get("type") == _PORTAL))
_PROJECTED = "objects without a connection are projected by the next full synchronization"
_STAYS = "what is projected already stays; new objects must join"


def _key(rule: Projection) -> Hashable:
    return (rule.object_type.casefold(), rule.type == _PORTAL)


def _meaning(rule: Projection) -> Hashable:
    return (rule.type, rule.mv_object_type.casefold())


def changes(comparison: Comparison) -> Iterator[Change]:
    for present, wanted in comparison.pairs():
        if present.projections is wanted.projections:
            continue
        before, after = ([rule for rule in side.projections if rule.type != _PORTAL] for side in (present, wanted))
        for old, new in paired(before, after, _key):
            if old is None or new is None or _meaning(old) != _meaning(new):
                yield _change(comparison, present, (old, new), wanted)


def _change(comparison: Comparison, agent: ManagementAgent, rules: tuple[Projection | None, Projection | None], wanted: ManagementAgent) -> Change:
    old, new = rules
    items: Items[Projection] = Items(_RULES, lambda folder: section(folder, agent.name, "projection"), _key, fragments.projection)
    values = ("" if old is None else words.projection(old), "" if new is None else words.projection(new))
    some = old or new
    if some is None:
        raise AssertionError("some is there by construction")
    title = f"projection of {some.object_type}"
    item = ("projection", agent.name.casefold(), some.object_type.casefold())
    if new is None:
        edits = (items.take(some), items.put(some, agent.projections))
        return agent_change(agent, "projection", f"{title} {values[0]} removed", values=values, edits=edits, reason=_STAYS, item=item)
    named = replace(new, id=(old.id if old else new.id) or comparison.guid("projection", agent.id, new.object_type))
    if old is None:
        edits = (items.put(named, wanted.projections), items.take(named))
        return agent_change(agent, "projection", f"{title} {values[1]} added", values=values, edits=edits, reason=_PROJECTED, item=item)
    edits = (_set(agent, named), _set(agent, old))
    return agent_change(agent, "projection", f"{title} changed: {values[0]} -> {values[1]}", values=values, edits=edits, reason=_PROJECTED, item=item)


def _set(agent: ManagementAgent, rule: Projection) -> Edit:
    def edit(folder: Folder) -> None:
        element = _RULES.find(section(folder, agent.name, "projection"), _key(rule))
        if element is None:
            return
        element.set_attribute("type", rule.type)
        if rule.mv_object_type:
            set_text(element, "mv-object-type", rule.mv_object_type)
        elif (named := element.find("mv-object-type")) is not None:
            element.remove(named)

    return edit
