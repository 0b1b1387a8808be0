# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Forms of dates: `filetime`, `iso`, `generalized`, or a text of yyyy MM dd HH mm ss with anything between."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

FILE_TIME = "filetime"
_NAMED = {"iso": "yyyy-MM-ddTHH:mm:ssZ", "generalized": "yyyyMMddHHmmss.0Z"}
_TOKEN = re.compile("yyyy|MM|dd|HH|mm|ss")


@dataclass(frozen=True)
class Token:
    """A part of a date with its width in characters, or a literal text."""

    name: str = ""
    literal: str = ""

    @property
    def width(self) -> int:
        return len(self.literal or self.name)


@lru_cache(maxsize=128)
def date_tokens(form: str) -> tuple[Token, ...]:
    text = _NAMED.get(form, form)
    tokens = []
    at = 0
    for found in _TOKEN.finditer(text):
        if found.start() > at:
            tokens.append(Token(literal=text[at : found.start()]))
        tokens.append(Token(name=found.group()))
        at = found.end()
    if at < len(text):
        tokens.append(Token(literal=text[at:]))
    return tuple(tokens)


def is_date_form(form: str) -> bool:
    """Whether it names at least a year, and no part twice."""
    names = [token.name for token in date_tokens(form) if token.name]
    return form == FILE_TIME or ("yyyy" in names and len(set(names)) == len(names))
