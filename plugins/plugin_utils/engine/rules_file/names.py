# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Distinguished names in rules."""

from __future__ import annotations

import re

from ..text import name_from_dn
from ..values import split_dn
from .letters import shortened, upper
from .problems import RuleProblem

_SPECIAL = ',+"\\<>;='
_HEX_PAIR = re.compile("[0-9A-Fa-f]{2}")


def component(dn: str, number: int) -> str | None:
    """The n-th component, counted from 1; None beyond the end."""
    parts = split_dn(dn)
    return parts[number - 1].strip(" ") if 1 <= number <= len(parts) and dn else None


def part(dn: str, number: int) -> str | None:
    """The component's value without its escapes."""
    found = component(dn, number)
    if found is None:
        return None
    return unescaped(found[found.find("=") + 1 :])


def parent(dn: str) -> str | None:
    parts = split_dn(dn)
    return dn[len(parts[0]) + 1 :] if len(parts) > 1 else None


def shown(dn: str) -> str | None:
    return name_from_dn(dn) or None


def unescaped(text: str) -> str:
    """RFC 4514; RuleProblem for bytes that are no UTF-8."""
    out = bytearray()
    at = 0
    while at < len(text):
        if text[at] != "\\":
            out += text[at].encode()
            at += 1
        elif _HEX_PAIR.match(text, at + 1):
            out.append(int(text[at + 1 : at + 3], 16))
            at += 3
        else:
            out += text[at + 1 : at + 2].encode()
            at += 2
    try:
        return out.decode()
    except UnicodeDecodeError:
        raise RuleProblem(f"{shortened(text)} holds escaped bytes that are no UTF-8") from None


def escaped(text: str) -> str:
    """A value as it stands inside of a distinguished name."""
    out = [_escaped(char) for char in text]
    if text[:1] in ("#", " ") and text:
        out[0] = "\\" + text[0]
    if text[-1:] == " " and len(text) > 1:
        out[-1] = "\\ "
    return "".join(out)


def _escaped(char: str) -> str:
    if char in _SPECIAL:
        return "\\" + char
    return f"\\{ord(char):02X}" if char in "\0\r\n" else char


def comparable(dn: str) -> str:
    """Two names are the same if this is: letter case and blanks around components do not count."""
    return ",".join(upper(item.strip(" ")) for item in split_dn(dn))
