# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Dates as text: UTC, without a culture, the same in Python and in rules_extension/RuleDates.cs. Ticks are units of 100 ns since 1601."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...rules.formats import FILE_TIME, Token, date_tokens
from .letters import integer, shortened
from .problems import RuleProblem

EPOCH = datetime(1601, 1, 1)  # all dates of rules are UTC
SECOND = 10_000_000
LAST = 2_650_467_743_999_999_999
MOST_DAYS = 4_000_000
# "Never" in attributes such as accountExpires.
NEVER = (0, 0x7FFFFFFFFFFFFFFF)


def read_date(text: str, form: str) -> int | None:
    """Ticks; None for a file time that means never. Raises RuleProblem."""
    if form == FILE_TIME:
        ticks = integer(text)
        if ticks in NEVER:
            return None
        return _within(ticks)
    found: dict[str, int] = {}
    at = 0
    for token in date_tokens(form):
        part = text[at : at + token.width]
        at += token.width
        if token.literal:
            if part != token.literal:
                raise _no_date(text, form)
        elif not (part.isascii() and part.isdigit() and len(part) == token.width):
            raise _no_date(text, form)
        else:
            found[token.name] = int(part)
    if at != len(text):
        raise _no_date(text, form)
    return _ticks(found, text, form)


def _ticks(found: dict[str, int], text: str, form: str) -> int:
    try:
        date = datetime(  # all dates of rules are UTC
            found.get("yyyy", 1601), found.get("MM", 1), found.get("dd", 1), found.get("HH", 0), found.get("mm", 0), found.get("ss", 0)
        )
    except ValueError:
        raise _no_date(text, form) from None
    passed = date - EPOCH
    return _within((passed.days * 86400 + passed.seconds) * SECOND)


def write_date(ticks: int, form: str) -> str:
    if form == FILE_TIME:
        return str(ticks)
    date = EPOCH + timedelta(seconds=ticks // SECOND)
    return "".join(_written(token, date) for token in date_tokens(form))


def _written(token: Token, date: datetime) -> str:
    if token.literal:
        return token.literal
    number = {"yyyy": date.year, "MM": date.month, "dd": date.day, "HH": date.hour, "mm": date.minute, "ss": date.second}[token.name]
    return str(number).zfill(token.width)


def add(ticks: int, days: int, seconds: int) -> int:
    if abs(days) > MOST_DAYS or abs(seconds) > MOST_DAYS * 86400:
        raise _outside()
    return _within(ticks + (days * 86400 + seconds) * SECOND)


def _within(ticks: int) -> int:
    if not 0 <= ticks <= LAST:
        raise _outside()
    return ticks


def _outside() -> RuleProblem:
    return RuleProblem("the date lies outside of the years 1601 to 9999")


def _no_date(text: str, form: str) -> RuleProblem:
    return RuleProblem(f"{shortened(text)} is no date of the form {form}")
