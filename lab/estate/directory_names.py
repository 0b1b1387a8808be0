# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Distinguished names: taking apart, escaping, comparing as Active Directory does."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_SPECIAL = frozenset(',+"\\<>;=')
_HEX = frozenset("0123456789abcdefABCDEF")
# Katakana letters and the hiragana that the comparison takes them for lie 0x60 apart.
_KATAKANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


class NameProblem(ValueError):
    """A text that is no distinguished name."""


@lru_cache(maxsize=65536)
def comparison_key(text: str) -> str:
    """The form in which two names are equal: without case, accents, width and kana type ([MS-ADTS] 3.1.1.2.2.4)."""
    if text.isascii():
        return text.casefold()
    # Composing again joins the vowel parts of Korean syllables, but accents are gone by then.
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", plain).casefold().translate(_KATAKANA)


def split_dn(dn: str) -> list[str]:
    """The relative names of a DN, leaf first, still escaped; raises NameProblem."""
    plain = "\\" not in dn and '"' not in dn
    parts = [part.strip(" ") for part in dn.replace(";", ",").split(",")] if plain else _split_escaped(dn)
    if not all("=" in part for part in parts):
        raise NameProblem(f"'{dn}' is not a distinguished name.")
    return parts


def _split_escaped(dn: str) -> list[str]:
    parts: list[str] = []
    start = position = 0
    quoted = False
    while position < len(dn):
        char = dn[position]
        if char == "\\":
            position += 1
        elif char == '"':
            quoted = not quoted
        elif char in ",;" and not quoted:
            parts.append(_trim(dn[start:position]))
            start = position + 1
        position += 1
    if quoted:
        raise NameProblem(f"'{dn}' has a quotation mark that is not closed.")
    parts.append(_trim(dn[start:]))
    return parts


def _trim(part: str) -> str:
    """Without white space around; an escaped last space stays."""
    text = part.lstrip(" ")
    bare = text.rstrip(" ")
    slashes = len(bare) - len(bare.rstrip("\\"))
    return bare + " " if len(bare) < len(text) and slashes % 2 else bare


def split_rdn(rdn: str) -> tuple[str, str]:
    """Attribute and plain value of a relative name."""
    attribute, separator, value = rdn.partition("=")
    if not separator or not attribute.strip():
        raise NameProblem(f"'{rdn}' is not a relative distinguished name.")
    return attribute.strip(" "), unescape_value(value.strip(" ") if "\\" not in value else _trim(value))


def unescape_value(value: str) -> str:
    """The value as it is stored; `\\XX` are bytes of UTF-8."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    if "\\" not in value:
        return value
    found = bytearray()
    position = 0
    while position < len(value):
        char = value[position]
        if char != "\\":
            found += char.encode()
            position += 1
        elif len(pair := value[position + 1 : position + 3]) == 2 and set(pair) <= _HEX:
            found.append(int(pair, 16))
            position += 3
        else:
            found += value[position + 1 : position + 2].encode()
            position += 2
    return found.decode(errors="replace")


def escape_value(value: str) -> str:
    """The value as Active Directory writes it in a DN."""
    if value.isalnum():
        return value
    text = "".join(_escaped_char(char) for char in value)
    if value[:1] in (" ", "#"):
        text = "\\" + text
    if value[-1:] == " " and len(value) > 1:
        text = text[:-1] + "\\ "
    return text


def _escaped_char(char: str) -> str:
    if char in _SPECIAL:
        return "\\" + char
    return f"\\{ord(char):02X}" if char in "\n\r\0" else char


def rdn_key(rdn: str) -> str:
    """The relative name as an index key."""
    attribute, value = split_rdn(rdn)
    return f"{attribute.casefold()}={comparison_key(value)}"


def dn_key(dn: str) -> str:
    """The whole name as a key."""
    return ",".join(rdn_key(part) for part in split_dn(dn))


def parent_of(dn: str) -> str:
    """The DN without its first part, escapes untouched; empty for a single part."""
    return ",".join(split_dn(dn)[1:])


def domain_dn(dns_name: str) -> str:
    """`corp.example.com` -> `DC=corp,DC=example,DC=com`."""
    return ",".join(f"DC={label}" for label in dns_name.split("."))
