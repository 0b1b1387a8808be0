# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The attributes that an agent reads and writes (`attribute-inclusion`)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from ...configuration.markup import Fragment
from ...configuration.model import ManagementAgent
from ..change import Change, Edit
from ..comparison import Comparison, agent_change, section
from ..editing import Items, Listing, by_text

_NAMES = Listing("attribute", by_text)
_READ = "its values are read from now on"
_LOST = "its values are read no longer, and leave the metaverse where flows bring them in"


def changes(comparison: Comparison) -> Iterator[Change]:
    """Attributes that come; see `removals` for those that go."""
    for present, wanted in comparison.pairs():
        known = {name.casefold() for name in present.included_attributes}
        for name in wanted.included_attributes:
            if name.casefold() not in known:
                items = _items(present)
                side = _sorted_side(present.included_attributes, wanted.included_attributes)
                yield _change(present, name, "selected", ("", name), (items.put(name, side), items.take(name)), reason=_READ)


def removals(comparison: Comparison) -> Iterator[Change]:
    """They come after the flows that no longer need them."""
    for present, wanted in comparison.pairs():
        left = {name.casefold() for name in wanted.included_attributes}
        for name in present.included_attributes:
            if name.casefold() not in left:
                items = _items(present)
                yield _change(present, name, "no longer selected", (name, ""), (items.take(name), items.put(name, present.included_attributes)), reason=_LOST)


def _sorted_side(present: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Servers write the names sorted; a file that is not stays in its own order."""
    tidy = sorted(present, key=str.casefold) == list(present)
    return tuple(sorted(wanted, key=str.casefold)) if tidy else wanted


def _key(name: str) -> Hashable:
    return name.casefold()


def _items(agent: ManagementAgent) -> Items[str]:
    return Items(_NAMES, lambda folder: section(folder, agent.name, "attribute-inclusion"), _key, lambda name: Fragment("attribute", text=name))


def _change(agent: ManagementAgent, name: str, done: str, values: tuple[str, str], edits: tuple[Edit, Edit], *, reason: str) -> Change:
    item = ("selected attribute", agent.name.casefold(), name.casefold())
    return agent_change(agent, "attribute", f"attribute {name} {done}", values=values, edits=edits, reason=reason, imports=True, item=item)
