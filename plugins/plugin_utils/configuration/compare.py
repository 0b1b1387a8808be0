# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where two configurations differ, element by element.

Left out is what a server changes by itself (reference page `server-configuration`), white space, comments, the
order of attributes, the letter case of GUIDs, and the order of elements where it means nothing. Order that means
something stays: flows of one metaverse attribute (precedence), join criteria, run steps, parts of an anchor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .document import Document
from .element import Element
from .folder import Folder
from .unread import Unread

VOLATILE_ELEMENTS = frozenset(
    {
        "creation-time",
        "last-modification-time",
        "version",
        "internal-version",
        "batch-number",
        "sequence-number",
        "last-successful-batch",
        "water-mark",
        # Bits that tell what changed since the last run (reference `sync-engine`, 2): state, not configuration.
        "allowed-operations",
    }
)
# Attributes of the outermost element, and the counter that the designer keeps beside a partition.
_VOLATILE_ATTRIBUTES = frozenset({"server", "export-date"})
_COUNTED = frozenset({"partition"})

# Elements whose children stand in no order.
_UNORDERED = frozenset(
    {
        "directory-schema",
        "class",
        "dit-content-rule",
        "attribute-inclusion",
        "stay-disconnector",
        "filter-set",
        "filter-alternative",
        "join",
        "projection",
        "export-attribute-flow",
        "export-flow-set",
        "import-attribute-flow",
        "import-flow-set",
        "per-ma-options",
        "mv-deletion",
        "mv-deletion-rule",
        "ma-partition-data",
        "object-classes",
        "inclusions",
        "exclusions",
        "ma-run-data",
        "parameter-values",
        "ma-data",
        "mv-data",
    }
)
# What tells one child from its neighbours of the same name, in this order of preference.
_KEY_ATTRIBUTES = ("mv-object-type", "cd-object-type", "mv-attribute", "cd-attribute", "ma-id", "ref", "name", "use")
_KEY_CHILDREN = ("name", "id")
# Stands alone, and is not looked into for a name.
_SCHEMA = "directory-schema"
_GUID = re.compile(r"\{[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}")


@dataclass(frozen=True)
class Difference:
    """`kind` is added, removed, changed or moved; `path` names the place; `before`/`after` are texts or whole elements."""

    file: str
    path: str
    kind: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        lead = f"{self.file}: {self.path}"
        if self.kind == "changed":
            return f"{lead} changed from {self.before!r} to {self.after!r}"
        return f"{lead} {self.kind}"


def compare_folders(before: Folder, after: Folder) -> list[Difference]:
    """Differences of two whole configurations; agents are matched by name."""
    found = list(_compare_optional("metaverse", before.metaverse, after.metaverse))
    for name in dict.fromkeys((*before.agents, *after.agents)):
        found += _compare_optional(name, before.agents.get(name), after.agents.get(name))
    return found


def _compare_optional(name: str, before: Document | None, after: Document | None) -> Iterator[Difference]:
    if before is None and after is None:
        return
    if before is None or after is None:
        yield Difference(name, "/", "added" if before is None else "removed")
        return
    yield from compare_elements(before.root, after.root, name)


def compare_elements(before: Element, after: Element, file: str = "") -> list[Difference]:
    return list(_compare(before, after, file, ""))


def _compare(before: Element, after: Element, file: str, path: str) -> Iterator[Difference]:
    if before.write() == after.write():
        return
    here = f"{path}/{_label(before)}" if path else before.local
    old, new = _attributes(before), _attributes(after)
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield Difference(file, f"{here}/@{name}", "changed", old.get(name, ""), new.get(name, ""))
    if _same_stretch(before, after):
        return
    text, changed = _text(before), _text(after)
    if text != changed:
        yield Difference(file, here, "changed", text, changed)
    yield from _compare_children(before, after, file, here)


def _same_stretch(before: Element, after: Element) -> bool:
    """True for schemas that nobody has looked into and that differ in white space at most."""
    return isinstance(before, Unread) and isinstance(after, Unread) and before.untouched and after.untouched and before.stretch.says_what(after.stretch)


def _compare_children(before: Element, after: Element, file: str, here: str) -> Iterator[Difference]:
    old, new = _keyed(before), _keyed(after)
    for key, element in old.items():
        if key not in new:
            yield Difference(file, f"{here}/{_label(element)}", "removed", before=_shown(element))
        else:
            yield from _compare(element, new[key], file, here)
    for key, element in new.items():
        if key not in old:
            yield Difference(file, f"{here}/{_label(element)}", "added", after=_shown(element))
    if before.local not in _UNORDERED:
        kept = [key for key in old if key in new]
        if kept != [key for key in new if key in old]:
            yield Difference(file, here, "moved", ", ".join(_order(old)), ", ".join(_order(new)))


Key = tuple[str, ...]


def _keyed(element: Element) -> dict[Key, Element]:
    """The children that count, each under a key of its own; equal neighbours are numbered."""
    found: dict[Key, Element] = {}
    for child in element.children:
        if child.local in VOLATILE_ELEMENTS:
            continue
        key = _key(child)
        number = 1
        while key in found:
            number += 1
            key = (*_key(child), str(number))
        found[key] = child
    return found


def _key(element: Element) -> Key:
    named = [f"{name}={value}" for name in _KEY_ATTRIBUTES if (value := element.get(name))]
    if named:
        # Several flows may serve one attribute: their ids tell them apart.
        return (element.local, *named, _upper(element.get("id"))) if element.local in ("import-flow", "export-flow") else (element.local, *named)
    if element.get("id"):
        return (element.local, _upper(element.get("id")))
    if element.local == _SCHEMA:
        return (element.local,)
    for name in _KEY_CHILDREN:
        if text := element.find_text(name):
            return (element.local, _upper(text))
    return (element.local, _upper(_text(element))) if _is_value(element) else (element.local,)


def _is_value(element: Element) -> bool:
    """A list's entry, known by its text alone (an attribute's name, a container)."""
    parent = element.parent
    return not element.children and parent is not None and (parent.local in _UNORDERED or len(parent.children) > 1) and _repeats(element, parent)


def _repeats(element: Element, parent: Element) -> bool:
    return parent.local in ("attribute-inclusion", "object-classes", "inclusions", "exclusions", "mv-deletion-rule", "hierarchy") or (
        sum(child.local == element.local for child in parent.children) > 1
    )


def _order(keyed: dict[Key, Element]) -> Sequence[str]:
    return [_label(element) for element in keyed.values()]


def _label(element: Element) -> str:
    key = _key(element)
    return element.local if len(key) == 1 else f"{element.local}[{', '.join(part for part in key[1:] if part)}]"


def _attributes(element: Element) -> dict[str, str]:
    left_out = _VOLATILE_ATTRIBUTES if element.parent is None else (frozenset({"version"}) if element.local in _COUNTED else frozenset())
    return {name: _upper(value) for name, value in element.attributes.items() if name not in left_out and not name.startswith("xmlns")}


def _text(element: Element) -> str:
    return _upper(element.text.strip())


def _upper(text: str) -> str:
    return _GUID.sub(lambda match: match.group().upper(), text) if "{" in text else text


def _shown(element: Element) -> str:
    return element.text.strip() if not element.children else element.write().decode()
