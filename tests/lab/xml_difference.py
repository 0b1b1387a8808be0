# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which elements differ between two exports, found by lxml alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from lxml import etree

# What an export writes anew: versions, in the agent and beside a partition.
_COUNTED = frozenset({"version"})


def touched(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[str]:
    """`<name of the agent, or metaverse>: <local names from the data element down>`, for each place that differs; sorted, each once."""
    found: set[str] = set()
    for name in {*before, *after}:
        if name not in before or name not in after:
            found.add(f"{name}: whole file")
            continue
        old, new = _data(before[name]), _data(after[name])
        label = old.findtext("name") or "metaverse"
        found |= {f"{label}: {path}" for path in _touched(old, new, ())}
    return sorted(found)


def _data(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, remove_blank_text=True, remove_comments=True)
    return next(child for child in etree.fromstring(content, parser) if _local(child).endswith("-data"))


def _touched(before: etree._Element, after: etree._Element, path: tuple[str, ...]) -> Iterator[str]:
    if _form(before) == _form(after) or (_local(before) in _COUNTED and len(path) == 1):
        return
    if dict(before.attrib) != dict(after.attrib) or (before.text or "").strip() != (after.text or "").strip():
        yield "/".join(path)
    old, new = list(before), list(after)
    matcher = SequenceMatcher(None, [_form(child) for child in old], [_form(child) for child in new], autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            continue
        left, right = old[a:b], new[c:d]
        paired = min(len(left), len(right)) if kind == "replace" else 0
        for one, other in zip(left[:paired], right[:paired], strict=True):
            if _local(one) == _local(other):
                yield from _touched(one, other, (*path, _local(one)))
            else:
                yield from ("/".join((*path, _local(item))) for item in (one, other))
        yield from ("/".join((*path, _local(item))) for item in (*left[paired:], *right[paired:]))


def _form(element: etree._Element) -> bytes:
    """Canonical bytes: attribute order, prefixes' places and empty elements' forms do not count."""
    return bytes(etree.tostring(element, method="c14n"))


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)
