# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a value gets from one attribute to another, in words."""

from __future__ import annotations

from dataclasses import dataclass

from ..configuration.element import Element
from .leaves import rest


@dataclass(frozen=True)
class MappingText:
    """`sources` are the attributes read; `rule` is `direct`, or what happens instead."""

    sources: tuple[str, ...]
    rule: str

    @property
    def source(self) -> str:
        return ", ".join(self.sources)


def read_mapping_text(parent: Element) -> MappingText:
    """The mapping inside of a flow or join criterion. A kind that nobody knows is named as it is written."""
    element = next((child for child in parent.children if child.local.endswith("-mapping")), None)
    if element is None:
        return MappingText((), "no mapping")
    sources = tuple(_source(source) for source in element.find_all("src-attribute"))
    return MappingText(sources, _rule(element))


def _source(element: Element) -> str:
    name = element.text.strip()
    return f"<{name}>" if element.get("intrinsic") == "true" else name


def _rule(element: Element) -> str:
    match element.local:
        case "direct-mapping":
            return "direct"
        case "constant-mapping":
            return f'constant "{element.find_text("constant-value")}"'
        case "scripted-mapping":
            return f"rule {element.find_text('script-context')}"
        case "dn-part-mapping":
            return f"part {element.find_text('dn-part')} of the distinguished name"
    more = rest(element, {"src-attribute"})
    name = element.local.removesuffix("-mapping").replace("-", " ")
    return f"{name} ({more})" if more else name
