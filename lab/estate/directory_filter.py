# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""LDAP search filters (RFC 4515) as functions of an entry."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .directory_entry import Entry, Value
from .directory_errors import DirectoryError
from .directory_names import comparison_key, dn_key

if TYPE_CHECKING:
    from .directory import Directory

Matcher = Callable[[Entry], bool]
_BIT_AND, _BIT_OR, _IN_CHAIN = "1.2.840.113556.1.4.803", "1.2.840.113556.1.4.804", "1.2.840.113556.1.4.1941"
_ITEM = re.compile(r"\s*([A-Za-z0-9.;-]+)(?::([0-9.]+):)?\s*(>=|<=|~=|=)(.*)", re.DOTALL)
_HEX = re.compile(r"\\([0-9a-fA-F]{2})")


def parse_filter(text: str, directory: Directory) -> Matcher:
    """Raises DirectoryError 87 for what is no filter."""
    matcher, rest = _parse(text.strip(), directory)
    if rest.strip():
        raise _bad(text)
    return matcher


def _bad(text: str) -> DirectoryError:
    return DirectoryError(87, f"The search filter cannot be recognized: {text}")


def _parse(text: str, directory: Directory) -> tuple[Matcher, str]:
    if not text.startswith("("):
        # A bare comparison is accepted as the cmdlets do.
        return _item(text, directory), ""
    body = text[1:].lstrip()
    if body[:1] in ("&", "|"):
        return _combined(body[0], body[1:].lstrip(), directory)
    if body[:1] == "!":
        inner, rest = _parse(body[1:].lstrip(), directory)
        return (lambda entry: not inner(entry)), _closed(rest, text)
    end = _closing(body)
    return _item(body[:end], directory), body[end + 1 :]


def _closing(body: str) -> int:
    end = body.find(")")
    if end < 0:
        raise _bad(body)
    return end


def _closed(rest: str, text: str) -> str:
    rest = rest.lstrip()
    if not rest.startswith(")"):
        raise _bad(text)
    return rest[1:]


def _combined(operator: str, body: str, directory: Directory) -> tuple[Matcher, str]:
    parts: list[Matcher] = []
    while body.startswith("("):
        matcher, body = _parse(body, directory)
        parts.append(matcher)
        body = body.lstrip()
    rest = _closed(body, body)
    check = all if operator == "&" else any
    return (lambda entry: check(part(entry) for part in parts)), rest


def _item(text: str, directory: Directory) -> Matcher:
    found = _ITEM.fullmatch(text)
    if found is None:
        raise _bad(text)
    name, rule, operator, raw = found.groups()
    if rule:
        return _by_rule(name, rule, raw.strip(), directory)
    if operator == "=" and raw.strip() == "*":
        return lambda entry: bool(entry.values(name))
    if operator in (">=", "<="):
        return _ordered(name, operator, raw.strip())
    if "*" in raw:
        return _substrings(name, raw)
    return _equal(name, raw, directory)


def _unescape(text: str) -> str:
    return _HEX.sub(lambda found: chr(int(found[1], 16)), text)


def _raw_bytes(text: str) -> bytes:
    """`\\01\\05...` as bytes, for GUIDs and SIDs."""
    return _unescape(text).encode("latin-1", "replace")


def _equal(name: str, raw: str, directory: Directory) -> Matcher:
    known = directory.schema.attribute(name)
    text = _utf8(_unescape(raw))
    if name.casefold() == "anr":
        wanted = comparison_key(text)
        return lambda entry: any(comparison_key(entry.text(part)).startswith(wanted) for part in ("name", "sAMAccountName", "displayName", "mail"))
    if known is not None and known.syntax == "dn":
        # The short form (objectCategory=person) names a class.
        key = dn_key(text) if "=" in text else comparison_key(text)
        return lambda entry: any(_reference_key(str(value), "=" in text) == key for value in entry.values(name))
    if known is not None and known.syntax in ("binary", "sid"):
        return lambda entry: _raw_bytes(raw) in entry.values(name) or (known.syntax == "sid" and entry.sid == text)
    wanted = comparison_key(text)
    return lambda entry: any(_key(value) == wanted for value in entry.values(name))


def _utf8(text: str) -> str:
    """Escaped bytes above 127 are UTF-8."""
    try:
        return text.encode("latin-1").decode() if any("\x7f" < char < "\u0100" for char in text) else text
    except UnicodeError:
        return text


def _reference_key(dn: str, whole: bool) -> str:
    return dn_key(dn) if whole else comparison_key(dn.split(",", 1)[0].partition("=")[2])


def _key(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return comparison_key(value.decode("latin-1") if isinstance(value, bytes) else str(value))


def _ordered(name: str, operator: str, raw: str) -> Matcher:
    def compare(value: Value) -> bool:
        if isinstance(value, int):
            return value >= int(raw) if operator == ">=" else value <= int(raw)
        return _key(value) >= comparison_key(raw) if operator == ">=" else _key(value) <= comparison_key(raw)

    return lambda entry: any(compare(value) for value in entry.values(name))


def _substrings(name: str, raw: str) -> Matcher:
    pattern = re.compile(".*".join(re.escape(comparison_key(_utf8(_unescape(part)))) for part in raw.split("*")), re.DOTALL)
    return lambda entry: any(pattern.fullmatch(_key(value)) is not None for value in entry.values(name))


def _by_rule(name: str, rule: str, raw: str, directory: Directory) -> Matcher:
    if rule == _IN_CHAIN:
        target = directory.find(_unescape(raw))
        return lambda entry: target is not None and _chained(directory, entry, name, target)
    bits = int(raw)
    if rule == _BIT_AND:
        return lambda entry: any(isinstance(value, int) and value & bits == bits for value in entry.values(name))
    if rule == _BIT_OR:
        return lambda entry: any(isinstance(value, int) and value & bits != 0 for value in entry.values(name))
    raise _bad(f"{name}:{rule}:={raw}")


def _chained(directory: Directory, entry: Entry, name: str, target: Entry) -> bool:
    seen: set[str] = set()
    waiting = [entry]
    while waiting:
        for dn in waiting.pop().values(name):
            found = directory.find(str(dn))
            if found is target:
                return True
            if found is not None and found.guid not in seen:
                seen.add(found.guid)
                waiting.append(found)
    return False
