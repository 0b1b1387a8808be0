# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Everything below an element as (place, value), for what the sections do not know by name.

Agents of any kind keep private settings; a report that left them out would say "no differences" where there are some.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from ..configuration.compare import VOLATILE_ELEMENTS
from ..configuration.element import Element

# What tells an element from its neighbours of the same name.
_NAMES = ("id", "name", "cd_name", "ref", "object-type", "object_class", "cd-attribute", "cd-object-type", "mv-attribute", "mv-object-type")
_SECRET = re.compile(r"(?:^|[^a-z])(?:password|passphrase|pwd|secret|credential)s?$", re.IGNORECASE)
HIDDEN = "(not shown)"

Leaf = tuple[str, str]


def shown(name: str, value: str, *, encrypted: bool = False) -> str:
    """The value, unless its name says that it is a secret."""
    return HIDDEN if value and (encrypted or _SECRET.search(name)) else value


def leaves(element: Element, skip: Collection[str] = frozenset(), place: str = "") -> Iterator[Leaf]:
    """All values below an element that are not empty, in document order; `skip` holds places that are left out."""
    groups: dict[str, list[Element]] = {}
    for child in element.children:
        if child.local not in VOLATILE_ELEMENTS:
            groups.setdefault(child.local, []).append(child)
    for name, children in groups.items():
        here = f"{place}/{name}" if place else name
        if here not in skip:
            yield from _group(here, children, skip)


def _group(here: str, children: list[Element], skip: Collection[str]) -> Iterator[Leaf]:
    if len(children) > 1 and all(not child.children and not child.attributes for child in children):
        yield here, ", ".join(child.text.strip() for child in children)
        return
    if len(children) == 1:
        yield from _element(here, children[0], skip, "")
        return
    for index, child in enumerate(children, start=1):
        name = _name(child)
        yield from _element(f"{here}[{name or index}]", child, skip, name)


def _element(here: str, element: Element, skip: Collection[str], named: str) -> Iterator[Leaf]:
    """`named` is the value that tells the element from its neighbours; the place says it already."""
    encrypted = element.get("encrypted") == "1"
    for name, value in element.attributes.items():
        local = name.rpartition(":")[2]
        if value and value != named and not name.startswith("xmlns") and f"{here}/@{local}" not in skip:
            yield f"{here}/@{local}", shown(local, value)
    if element.children:
        yield from leaves(element, skip, here)
    elif text := element.text.strip():
        yield here, shown(here.rpartition("/")[2].partition("[")[0], text, encrypted=encrypted)


def _name(element: Element) -> str:
    attributes = element.attributes
    named = next((attributes[name] for name in _NAMES if attributes.get(name)), "")
    return named or next((child.text.strip() for child in element.children if child.local in ("name", "id")), "")


def rest(element: Element, known: Collection[str]) -> str:
    """What an element says besides the places `known`, in one text; an element's own attributes included."""
    own = [(f"@{name.rpartition(':')[2]}", value) for name, value in element.attributes.items() if value]
    found = [(place, value) for place, value in own if place not in known]
    return "; ".join(f"{place.lstrip('@')} = {value}" for place, value in (*found, *leaves(element, known)))
