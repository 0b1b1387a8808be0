# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Distinguished names as a directory writes them: taking apart and comparing."""

from __future__ import annotations

_HEX = frozenset("0123456789abcdefABCDEF")


def split(dn: str) -> tuple[str, str]:
    """(relative name, DN of the parent), escapes untouched; the parent of a single part is empty."""
    escaped = False
    for index, char in enumerate(dn):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == ",":
            return dn[:index], dn[index + 1 :].lstrip(" ")
    return dn, ""


def name_of(dn: str) -> tuple[str, str]:
    """(attribute, value without escapes) of the relative name: `CN`, `Smith, Jo`."""
    parts = split(dn)[0].partition("=")
    return parts[0].strip(), _plain(parts[2])


def _plain(value: str) -> str:
    if "\\" not in value:
        return value
    found = bytearray()
    position = 0
    while position < len(value):
        pair = value[position + 1 : position + 3]
        if value[position] != "\\":
            found += value[position].encode()
            position += 1
        elif len(pair) == 2 and set(pair) <= _HEX:
            found.append(int(pair, 16))
            position += 3
        else:
            found += pair[:1].encode()
            position += 2
    return found.decode("utf-8", errors="replace")


def key(dn: str) -> str:
    """The form in which two names are equal: without regard to case, escapes and space after a comma."""
    parts = []
    while dn:
        attribute, value = name_of(dn)
        parts.append(f"{attribute.casefold()}={value.casefold()}")
        dn = split(dn)[1]
    # No name holds this character: a comma inside of a value stays apart from one between two parts.
    return "\0".join(parts)
