# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values on their way between syntaxes, and parts of distinguished names."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from ..configuration.model import Syntax
from .extension import text_of
from .failures import ObjectFailure
from .objects import NOTHING
from .systems.base import Value, Values

TRUTH = {"true": True, "1": True, "false": False, "0": False}


def _to_integer(value: Value) -> Value:
    return value if isinstance(value, int) else int(str(value))


def _to_boolean(value: Value) -> Value:
    return value if isinstance(value, bool) else TRUTH[str(value).lower()]


def _to_binary(value: Value) -> Value:
    return value if isinstance(value, bytes) else base64.b64decode(str(value), validate=True)


CONVERSIONS: dict[Syntax, Callable[[Value], Value]] = {
    Syntax.STRING: text_of,
    Syntax.INTEGER: _to_integer,
    Syntax.BOOLEAN: _to_boolean,
    Syntax.BINARY: _to_binary,
}


def converter(have: Syntax, wanted: Syntax) -> Callable[[Values], Values] | None:
    """A function between two syntaxes; None if nothing is to be done. Values that do not fit raise ObjectFailure."""
    if have is wanted:
        return None
    convert = CONVERSIONS.get(wanted)

    def apply(values: Values) -> Values:
        if not values:
            return NOTHING
        if convert is None:
            raise ObjectFailure("cs-attribute-type-mismatch", "import-flow")
        try:
            return tuple(convert(value) for value in values)
        except (ValueError, KeyError, binascii.Error) as problem:
            raise ObjectFailure("cs-attribute-type-mismatch", "import-flow") from problem

    return apply


def constant(text: str, wanted: Syntax) -> Values:
    """A constant of a flow in the target's syntax; text that does not fit stays text."""
    convert = CONVERSIONS.get(wanted, text_of)
    try:
        return (convert(text),)
    except (ValueError, KeyError, binascii.Error):
        return (text,)


def split_dn(dn: str) -> list[str]:
    """The components of a distinguished name, leftmost first; escaped commas do not part."""
    parts: list[str] = []
    start = index = 0
    while index < len(dn):
        if dn[index] == "\\":
            index += 2
            continue
        if dn[index] == ",":
            parts.append(dn[start:index])
            start = index + 1
        index += 1
    parts.append(dn[start:])
    return parts


def dn_part(dn: str, part: int) -> str:
    """The value of a component, counted from 1 at the left, without its type; raises ObjectFailure beyond the end."""
    parts = split_dn(dn)
    if not 1 <= part <= len(parts):
        raise ObjectFailure("dn-index-out-of-bounds", "import-flow")
    _unused, equals, value = parts[part - 1].partition("=")
    return unescape(value if equals else parts[part - 1]).strip()


def unescape(text: str) -> str:
    """An attribute value of a distinguished name without its escapes (RFC 4514)."""
    if "\\" not in text:
        return text
    out = bytearray()
    index = 0
    while index < len(text):
        if text[index] != "\\":
            out += text[index].encode("utf-8", "surrogatepass")
            index += 1
            continue
        pair = text[index + 1 : index + 3]
        try:
            out += bytes([int(pair, 16)]) if len(pair) == 2 else pair[:1].encode()
            index += 3 if len(pair) == 2 else 2
        except ValueError:
            out += pair[:1].encode("utf-8", "surrogatepass")
            index += 2
    return out.decode("utf-8", "replace")


def depth(dn: str) -> int:
    """How deep an object lies: the number of components, well enough for an order."""
    return dn.count(",") if "\\" not in dn else len(split_dn(dn)) - 1


def parent_of(dn: str) -> str:
    """The distinguished name of the container; empty at the top and for names that are no distinguished names."""
    if "\\" not in dn:
        return dn.partition(",")[2]
    parts = split_dn(dn)
    return ",".join(parts[1:])


def below(dn: str, ancestor: str) -> bool:
    """Whether `dn` is the ancestor or lies below it."""
    lower, top = dn.casefold(), ancestor.casefold()
    return lower == top or lower.endswith("," + top) or not top
