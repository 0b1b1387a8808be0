# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Distinguished names as text: parts, comparison, and their DNS form (RFC 4514, RFC 2247)."""

from __future__ import annotations

import re

_PART = re.compile(r"(?:\\.|[^,\\])+")
_TYPE = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)\s*=\s*\S")


def split(dn: str) -> list[str]:
    """The parts as written, from the object up. Raises ValueError, saying what is wrong, for what is no DN."""
    if not dn.strip():
        raise ValueError("it is empty")
    parts = _PART.findall(dn)
    if ",".join(parts) != dn:
        raise ValueError("a comma stands without a part beside it")
    for part in parts:
        if not _TYPE.match(part):
            raise ValueError(f"the part {part.strip()!r} is not of the form type=value")
    return parts


def comparable(dn: str) -> str:
    """One text for all spellings that differ in letter case or white space around parts."""
    parts = []
    for part in _PART.findall(dn):
        kind, _unused, value = part.partition("=")
        parts.append(f"{kind.strip()}={value.strip()}".casefold())
    return ",".join(parts)


def same(first: str, second: str) -> bool:
    return comparable(first) == comparable(second)


def is_inside(dn: str, container: str) -> bool:
    """True for the container itself and all below it."""
    inner, outer = comparable(dn), comparable(container)
    return inner == outer or inner.endswith("," + outer)


def of_domain(dns_name: str) -> str:
    """`corp.example.com` -> `DC=corp,DC=example,DC=com`."""
    return ",".join(f"DC={label}" for label in dns_name.strip(".").split("."))


def moved(dn: str, old_end: str, new_end: str) -> str:
    """`dn` with its end `old_end` replaced; unchanged when it does not end so."""
    if not is_inside(dn, old_end):
        return dn
    kept = _PART.findall(dn)[: len(_PART.findall(dn)) - len(_PART.findall(old_end))]
    return ",".join((*kept, new_end))
