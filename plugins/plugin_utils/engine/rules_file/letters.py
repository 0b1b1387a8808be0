# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Letter case, white space and numbers, the same in Python and in rules_extension/RuleText.cs."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from .problems import RuleProblem

# Latin, Greek, Cyrillic and Armenian letters have a case here; .NET's and Python's tables differ elsewhere.
CASED = ((0x41, 0x556), (0x1E00, 0x1EFF))
# Letters that are not a plain one with a mark.
LIGATURES = {
    "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "ß": "ss", "ẞ": "SS", "Ð": "D", "ð": "d", "Þ": "Th", "þ": "th",
    "Đ": "D", "đ": "d", "ı": "i", "Ł": "L", "ł": "l", "Œ": "OE", "œ": "oe",
}  # fmt: skip
WORD_STARTS = " -'"
_NUMBER = re.compile(r"[ \t]*([+-]?)(?:0[xX]([0-9A-Fa-f]{1,16})|([0-9]{1,19}))[ \t]*")
LOWEST, HIGHEST = -(2**63), 2**63 - 1


def _cased(char: str) -> bool:
    return len(char) == 1 and any(low <= ord(char) <= high for low, high in CASED)


def capital(char: str) -> str:
    """The capital of a letter if that has it as its small letter."""
    up = char.upper()
    return up if _cased(char) and _cased(up) and up.lower() == char else char


def small(char: str) -> str:
    low = char.lower()
    return low if _cased(char) and _cased(low) and low.upper() == char else char


def upper(text: str) -> str:
    return text.upper() if text.isascii() else "".join(map(capital, text))


def lower(text: str) -> str:
    return text.lower() if text.isascii() else "".join(map(small, text))


def title(text: str) -> str:
    out = []
    starts = True
    for char in text:
        out.append(capital(char) if starts else small(char))
        starts = char in WORD_STARTS
    return "".join(out)


def without_diacritics(text: str) -> str:
    """Latin letters without their marks; those that are no letter with a mark by two."""
    return text if text.isascii() else "".join(map(_unmarked, text))


@lru_cache(maxsize=4096)
def _unmarked(char: str) -> str:
    if char in LIGATURES:
        return LIGATURES[char]
    if "\u0300" <= char <= "\u036f":
        return ""
    if not ("\u00c0" <= char <= "\u024f" or "\u1e00" <= char <= "\u1eff"):
        return char
    letter = unicodedata.normalize("NFD", char)[0]
    return letter if letter.isascii() and letter.isalpha() else char


def integer(text: str) -> int:
    """A number of 64 bits, decimal or 0x...; RuleProblem for other text."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise RuleProblem(f"{shortened(text)} is no whole number")
    sign, hexadecimal, decimal = found.groups()
    number = (int(hexadecimal, 16) if hexadecimal else int(decimal)) * (-1 if sign == "-" else 1)
    return within(number)


def within(number: int) -> int:
    if not LOWEST <= number <= HIGHEST:
        raise RuleProblem(f"{number} does not fit into 64 bits")
    return number


def truth(text: str) -> bool:
    """`true` or `1`, `false` or `0`; RuleProblem for other text."""
    if text in ("true", "True", "1"):
        return True
    if text in ("false", "False", "0"):
        return False
    raise RuleProblem(f"{shortened(text)} is neither true nor false")


def flag(value: bool) -> str:
    return "true" if value else "false"


def shortened(text: str) -> str:
    """The text for a message."""
    return repr(text if len(text) <= 60 else text[:60] + "...")


def check_text(text: str, limit: int) -> str:
    """RuleProblem for a text that is too long or holds half of a character."""
    if len(text) > limit:
        raise RuleProblem(f"holds {len(text)} characters; rules take {limit} at most")
    if not text.isascii() and any(0xD800 <= ord(char) <= 0xDFFF for char in text):
        raise RuleProblem("is not valid UTF-16: half of a surrogate pair stands alone")
    return text
