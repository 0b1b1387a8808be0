# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Text as the .NET Framework handles it, where Python differs, for twins of rules extensions.

Source: reference page `rules-extension` section 3.6.
"""

from __future__ import annotations

import struct
import unicodedata

HEX = "0123456789abcdefABCDEF"
# What String.Trim() takes away: Unicode white space with U+0085 and U+00A0, without the separators U+001C to U+001F.
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"


def trim(text: str) -> str:
    return text.strip(WHITE_SPACE)


def upper_invariant(text: str) -> str:
    """One character to one character and back: `ß`, `ı` and `µ` stay."""
    if text.isascii():
        return text.upper()
    return "".join(char.upper() if char.upper().lower() == char else char for char in text)


def fold(text: str) -> str:
    """For comparison with text of ASCII letters: only these change."""
    if text.isascii():
        return text.lower()
    return "".join(chr(ord(char) + 32) if "A" <= char <= "Z" else char for char in text)


def equals_ignoring_case(left: str, right: str) -> bool:
    """Ordinal, any case: character by character in the invariant upper case."""
    return upper_invariant(left) == upper_invariant(right)


def sid_text(sid: bytes) -> str:
    """`S-1-5-21-...`: revision, 48-bit big-endian authority, 32-bit little-endian sub-authorities. Raises ValueError."""
    if len(sid) < 8 or len(sid) != 8 + 4 * sid[1]:
        raise ValueError(f"a security identifier of {len(sid)} bytes is none")
    parts = struct.unpack(f"<{sid[1]}I", sid[8:])
    return "-".join(["S", str(sid[0]), str(int.from_bytes(sid[2:8], "big")), *map(str, parts)])


def name_from_dn(dn: str) -> str | None:
    """The value of the leftmost component with its escapes undone; None for an empty name."""
    if not dn:
        return None
    start = dn.find("=") + 1
    out: list[str] = []
    held = bytearray()
    high: int | None = None
    escaped = False
    for char in dn[start:]:
        if escaped:
            escaped, high = _escape(char, high, held, out)
        elif char == ",":
            break
        elif char == "\\":
            escaped = True
        else:
            _flush(held, out)
            out.append(char)
    _flush(held, out)
    return trim("".join(out))


def _escape(char: str, high: int | None, held: bytearray, out: list[str]) -> tuple[bool, int | None]:
    """One character after a backslash (`high` None) or after its first hex digit; answers the next state."""
    digit = int(char, 16) if char in HEX else None
    if digit is not None and high is None:
        return True, digit
    if digit is not None and high is not None:
        held.append(16 * high + digit)
        return False, None
    if high is not None:
        held.append(16 * high)
    _flush(held, out)
    out.append(char)
    return False, None


def _flush(held: bytearray, out: list[str]) -> None:
    if held:
        decoded = held.decode("utf-8", "replace")
        out.append("".join(" " if unicodedata.category(char) == "Cc" else char for char in decoded))
        held.clear()


def domain_key(dn: str) -> str | None:
    """The text from the first unescaped `,DC=` on, without the comma; None if there is none."""
    folded = fold(dn)
    start = folded.find(",dc=")
    while start >= 0:
        slashes = start - len(dn[:start].rstrip("\\"))
        if slashes % 2 == 0:
            return dn[start + 1 :]
        start = folded.find(",dc=", start + 1)
    return None
