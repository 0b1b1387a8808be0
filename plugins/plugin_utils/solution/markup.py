# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A small tree of elements that becomes the text of a configuration document.

Namespace prefixes are written as given: the documents differ in them (`dsml:` in most, none in the AD agent's schema).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

INDENT = "    "


@dataclass(frozen=True)
class Element:
    """`attributes` in the order in which they are written; either `children` or `text`."""

    tag: str
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[Element, ...] = ()
    text: str = ""
    # A comment that stands before the first child.
    comment: str = field(default="", kw_only=True)


def element(tag: str, *children: Element, attributes: dict[str, str] | None = None) -> Element:
    """An element with child elements, or an empty one."""
    return Element(tag, tuple((attributes or {}).items()), children)


def leaf(tag: str, text: str | int | bool = "", attributes: dict[str, str] | None = None) -> Element:
    """An element with text; a boolean is written as 0 or 1, as the server does it in most places."""
    value = str(int(text)) if isinstance(text, bool) else str(text)
    return Element(tag, tuple((attributes or {}).items()), text=value)


def names(tag: str, values: Sequence[str]) -> tuple[Element, ...]:
    """One element with text a value."""
    return tuple(leaf(tag, value) for value in values)


def to_text(root: Element) -> str:
    """The document without an XML declaration, as the server exports it; lines end in a line feed."""
    lines: list[str] = []
    _write(root, "", lines)
    return "\n".join(lines) + "\n"


def _write(node: Element, lead: str, lines: list[str]) -> None:
    opening = node.tag + "".join(f" {name}={quoteattr(value)}" for name, value in node.attributes)
    if node.text:
        lines.append(f"{lead}<{opening}>{escape(node.text)}</{node.tag}>")
    elif not node.children and not node.comment:
        lines.append(f"{lead}<{opening} />")
    else:
        lines.append(f"{lead}<{opening}>")
        if node.comment:
            lines.append(f"{lead}{INDENT}<!--{node.comment}-->")
        for child in node.children:
            _write(child, lead + INDENT, lines)
        lines.append(f"{lead}</{node.tag}>")
