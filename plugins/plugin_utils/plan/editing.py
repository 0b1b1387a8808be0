# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Edits of lists of elements: put in, taken out, replaced and set in order, by what names an element.

Nothing here remembers an element: an edit finds its place anew in whatever documents it is made in.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ..configuration.element import Element
from ..configuration.folder import Folder
from ..configuration.markup import Fragment
from .change import Edit

T = TypeVar("T")
# When what is new was made and changed: servers put their own times there.
NEW_TIMES = {"creation-time": "1601-01-01 00:00:00.000", "last-modification-time": "1601-01-01 00:00:00.000"}
Locate = Callable[[Folder], Element]


@dataclass(frozen=True)
class Listing:
    """Children with one local name below a parent; `key` tells what names one of them."""

    local: str
    key: Callable[[Element], Hashable]

    def members(self, parent: Element) -> list[Element]:
        return [child for child in parent.children if child.local == self.local]

    def find(self, parent: Element, key: Hashable) -> Element | None:
        return next((child for child in parent.children if child.local == self.local and self.key(child) == key), None)

    def insert(self, parent: Element, new: Fragment | Element, earlier: Sequence[Hashable]) -> Element:
        """Behind the last of `earlier` that is there; in front of all when none of them is."""
        return parent.insert(self._place(parent, earlier), new)

    def _place(self, parent: Element, earlier: Sequence[Hashable]) -> int:
        children = list(parent.children)
        where: dict[Hashable, list[int]] = {}
        for index, child in enumerate(children):
            if child.local == self.local:
                where.setdefault(self.key(child), []).append(index)
        last = next((key for key in reversed(earlier) if key in where), None)
        if last is None:
            return min((places[0] for places in where.values()), default=_behind_names(children))
        # Two elements may have one key: rules of the portal that say the same.
        return where[last][min(list(earlier).count(last), len(where[last])) - 1] + 1

    def remove(self, parent: Element, key: Hashable) -> None:
        child = self.find(parent, key)
        if child is not None:
            parent.remove(child)

    def reorder(self, parent: Element, order: Sequence[Hashable]) -> None:
        """The members in this order, moving no more than needed; what is not named stays behind them."""
        for index, key in enumerate(order):
            members = self.members(parent)
            if index < len(members) and self.key(members[index]) == key:
                continue
            moved = next((one for one in members[index:] if self.key(one) == key), None)
            if moved is not None:
                copy = moved.copy()
                parent.remove(moved)
                parent.insert(list(parent.children).index(self.members(parent)[index]), copy)


def _behind_names(children: Sequence[Element]) -> int:
    """Where the first of a list stands: what names the parent comes before it."""
    return next((index for index, child in enumerate(children) if child.local not in ("id", "name")), len(children))


def by_attributes(*names: str) -> Callable[[Element], Hashable]:
    """Names an element by attributes, without regard to letter case."""
    return lambda element: tuple(element.get(name).casefold() for name in names)


def by_text(element: Element) -> Hashable:
    return element.text.strip().casefold()


def by_child(name: str) -> Callable[[Element], Hashable]:
    return lambda element: element.find_text(name).casefold()


def set_text(parent: Element, path: str, text: str) -> None:
    """Sets the text at `path`, making the elements that are missing; an empty text makes none, and takes out what was made."""
    found = parent.find(path)
    if found is None:
        if not text:
            return
        found = parent
        for name in path.split("/"):
            found = found.find(name) or found.append(Fragment(name))
    if not text and found.is_added and not found.children:
        _take_out(found, parent)
    else:
        found.set_value(text)


def _take_out(element: Element, top: Element) -> None:
    """An element that was made for a text goes with it, and so do those that were made to hold it."""
    holder = element.parent
    if holder is None:
        return
    holder.remove(element)
    if holder is not top and holder.is_added and not holder.children:
        _take_out(holder, top)


def earlier(keys: Sequence[Hashable], key: Hashable) -> Sequence[Hashable]:
    """The keys in front of `key`."""
    return keys[: keys.index(key)] if key in keys else keys


@dataclass(frozen=True)
class Items(Generic[T]):
    """A list in the documents whose elements are written from values of the model.

    What is taken out is remembered as it was written, so that putting it back writes the same. `prune` counts the
    elements, from the list up, that go when they are left empty.
    """

    listing: Listing
    parent: Locate
    key: Callable[[T], Hashable]
    write: Callable[[T], Fragment]
    prune: int = 0
    taken: dict[Hashable, Element] = field(default_factory=dict, compare=False, repr=False)

    def put(self, item: T, side: Sequence[T]) -> Edit:
        """Puts it where it stands among the values of its side."""
        name = self.key(item)
        keys = earlier([self.key(one) for one in side], name)

        def edit(folder: Folder) -> None:
            known = self.taken.get(name)
            self.listing.insert(self.parent(folder), self.write(item) if known is None else known.copy(), keys)

        return edit

    def take(self, item: T) -> Edit:
        name = self.key(item)

        def edit(folder: Folder) -> None:
            parent = self.parent(folder)
            child = self.listing.find(parent, name)
            if child is not None:
                self.taken[name] = child.copy()
                parent.remove(child)
                remove_empty(parent, self.prune)

        return edit

    def order(self, side: Sequence[T]) -> Edit:
        keys = [self.key(one) for one in side]
        return lambda folder: self.listing.reorder(self.parent(folder), keys)


def remove_empty(element: Element, levels: int) -> None:
    """Takes the element out when nothing is left in it, then what holds it, and so on."""
    parent = element.parent
    if levels and parent is not None and not element.children:
        parent.remove(element)
        remove_empty(parent, levels - 1)


def paired(before: Sequence[T], after: Sequence[T], key: Callable[[T], Hashable]) -> Iterator[tuple[T | None, T | None]]:
    """Values of both sides that have the same key; what is gone comes first, then the others in the order of `after`."""
    old, new = {key(item): item for item in before}, {key(item): item for item in after}
    yield from ((item, None) for name, item in old.items() if name not in new)
    yield from ((old.get(name), item) for name, item in new.items())


def set_value(parent: Element, path: str, value: str) -> None:
    """Sets a text (`extension/assembly-name`) or an attribute (`provisioning@type`)."""
    place, _unused, attribute = path.partition("@")
    if not attribute:
        set_text(parent, place, value)
        return
    element = parent.find(place) or parent.append(Fragment(place))
    if element.get(attribute) != value:
        element.set_attribute(attribute, value)
