# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Functions that read a value as something else than text: numbers, bits, dates, identifiers."""

from __future__ import annotations

import hashlib
import re
import uuid
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Union

from ...rules.model import Lookup
from ..text import sid_text
from . import dates
from .letters import flag, integer, shortened, truth, upper, within
from .problems import RuleProblem
from .surroundings import Surroundings

Arguments = Mapping[str, str]
Each = Callable[[str], Union[str, tuple[str, ...], None]]
_BASE64 = re.compile("[A-Za-z0-9+/]*={0,2}")
# groupType, as Active Directory keeps it.
SCOPES = ((2, "global"), (4, "domain_local"), (8, "universal"))
SECURITY = 0x80000000


def binary(text: str) -> bytes:
    """Base64 without blanks; RuleProblem for other text."""
    if len(text) % 4 or not _BASE64.fullmatch(text):
        raise RuleProblem(f"{shortened(text)} is no Base64")
    return b64decode(text)


def _lookup(a: Arguments, around: Surroundings) -> Each:
    table = around.rules.lookups[a["table"]]
    entries = _entries(table)

    def run(text: str) -> str | None:
        found = entries.get(upper(text) if table.ignore_case else text)
        if found is None and a["missing"] == "error":
            raise RuleProblem(f"{shortened(text)} is not in the lookup table '{a['table']}'")
        return text if found is None and a["missing"] == "keep" else found

    return run


def _entries(table: Lookup) -> dict[str, str]:
    return {upper(key) if table.ignore_case else key: value for key, value in table.entries}


def _number(work: Callable[[int, int], int], name: str) -> Callable[[Arguments, Surroundings], Each]:
    def prepare(a: Arguments, around: Surroundings) -> Each:
        other = integer(a[name])
        return lambda text: str(within(work(integer(text), other)))

    return prepare


def _bit_test(a: Arguments, around: Surroundings) -> Each:
    mask = integer(a["mask"])
    return lambda text: flag(integer(text) & mask == mask)


def _scope(text: str) -> str | None:
    number = integer(text)
    return next((name for bit, name in SCOPES if number & bit), None)


def _choose(a: Arguments, around: Surroundings) -> Each:
    return lambda text: a["yes"] if truth(text) else a["no"]


def _date(a: Arguments, around: Surroundings) -> Each:
    def run(text: str) -> str | None:
        ticks = dates.read_date(text, a["from"])
        return None if ticks is None else dates.write_date(ticks, a["to"])

    return run


def _date_add(a: Arguments, around: Surroundings) -> Each:
    days, seconds, form = integer(a["days"]), integer(a["seconds"]), a["format"]

    def run(text: str) -> str | None:
        ticks = dates.read_date(text, form)
        return None if ticks is None else dates.write_date(dates.add(ticks, days, seconds), form)

    return run


def _sid(text: str) -> str:
    try:
        return sid_text(binary(text))
    except ValueError as problem:
        raise RuleProblem(str(problem)) from None


def _guid(text: str) -> str:
    value = binary(text)
    if len(value) != 16:
        raise RuleProblem(f"{len(value)} bytes are no GUID")
    return str(uuid.UUID(bytes_le=value))


def _from_hex(text: str) -> str:
    if len(text) % 2 or not re.fullmatch("[0-9A-Fa-f]*", text):
        raise RuleProblem(f"{shortened(text)} are no hexadecimal digits of whole bytes")
    return b64encode(bytes.fromhex(text)).decode()


CONVERSIONS: Mapping[str, Callable[[Arguments, Surroundings], Each]] = {
    "lookup": _lookup,
    "integer": lambda a, c: lambda text: str(integer(text)),
    "add": _number(lambda number, other: number + other, "number"),
    "bit_test": _bit_test,
    "bit_set": _number(lambda number, other: number | other, "mask"),
    "bit_clear": _number(lambda number, other: number & ~other, "mask"),
    "group_scope": lambda a, c: _scope,
    "group_kind": lambda a, c: lambda text: "security" if integer(text) & SECURITY else "distribution",
    "not": lambda a, c: lambda text: flag(not truth(text)),
    "choose": _choose,
    "date": _date,
    "date_add": _date_add,
    "sid_text": lambda a, c: _sid,
    "guid_text": lambda a, c: _guid,
    "hex": lambda a, c: lambda text: binary(text).hex(),
    "from_hex": lambda a, c: _from_hex,
    "base64": lambda a, c: lambda text: b64encode(text.encode()).decode(),
    "sha256": lambda a, c: lambda text: hashlib.sha256(text.encode()).hexdigest(),
}
