# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a value gets from one attribute to another, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..configuration.element import Element
from .leaves import HIDDEN, rest

# Attributes that hold passwords: what flows there is never shown.
_SECRET = re.compile("passw(?:or)?d|pwd|passphrase|secret", re.IGNORECASE)
_OPERATORS = frozenset({"+", "-", "*", "/"})
# Identifiers of the portal's own objects say nothing to a reader, and are no difference.
_PORTAL = {"@mapping-type", "@sync-rule-id", "@sync-rule-mapping-id", "@initial-flow-only", "@is-existence-test", "src-attribute", "sync-rule-value"}


@dataclass(frozen=True)
class MappingText:
    """`sources` are the attributes read; `rule` is `direct`, or what happens instead."""

    sources: tuple[str, ...]
    rule: str

    @property
    def source(self) -> str:
        return ", ".join(self.sources)


def read_mapping_text(parent: Element, target: str = "") -> MappingText:
    """The mapping inside of a flow (to the attribute `target`) or join criterion. A kind that nobody knows is named as it is written."""
    element = next((child for child in parent.children if child.local.endswith("-mapping")), None)
    if element is None:
        return MappingText((), "no mapping")
    sources = tuple(_source(source) for source in element.find_all("src-attribute"))
    return MappingText(sources, _rule(element, hidden=_SECRET.search(target) is not None))


def _source(element: Element) -> str:
    name = element.text.strip()
    return f"<{name}>" if element.get("intrinsic") == "true" else name


def _rule(element: Element, *, hidden: bool) -> str:
    match element.local:
        case "direct-mapping":
            return "direct"
        case "constant-mapping":
            return f"constant {_quoted(element.find_text('constant-value'), hidden=hidden)}"
        case "scripted-mapping":
            return f"rule {element.find_text('script-context')}"
        case "dn-part-mapping":
            return f"part {element.find_text('dn-part')} of the distinguished name"
        case "sync-rule-mapping":
            return _portal_rule(element, hidden=hidden)
    more = rest(element, {"src-attribute"})
    name = element.local.removesuffix("-mapping").replace("-", " ")
    return f"{name} ({more})" if more else name


def _quoted(text: str, *, hidden: bool) -> str:
    return HIDDEN if hidden and text else f'"{text}"'


def _portal_rule(element: Element, *, hidden: bool) -> str:
    """A flow of a synchronization rule: what the portal computes, and when."""
    value = element.find("sync-rule-value")
    what = element.get("mapping-type") or "direct"
    if value is not None and (function := next((one for one in value.walk() if one.local == "fn"), None)) is not None:
        what = HIDDEN if hidden else _function(function)
    elif value is not None:
        what = f"{what} {_quoted(value.text.strip(), hidden=hidden)}"
    told = [f"synchronization rule: {what}"]
    told += ["only when the object is made"] if element.get("initial-flow-only") == "true" else []
    told += ["tells whether the object exists"] if element.get("is-existence-test") == "true" else []
    more = rest(element, _PORTAL)
    return ", ".join((*told, more) if more else told)


def _function(element: Element) -> str:
    """`<fn id="Left"><arg>sn</arg><arg>1</arg></fn>` as `Left(sn, 1)`."""
    arguments = [_argument(one) for one in element.find_all("arg")]
    name = element.get("id")
    return f" {name} ".join(arguments) if name in _OPERATORS and len(arguments) > 1 else f"{name}({', '.join(arguments)})"


def _argument(element: Element) -> str:
    function = element.find("fn")
    if function is None:
        return element.text.strip()
    text = _function(function)
    return f"({text})" if function.get("id") in _OPERATORS else text
