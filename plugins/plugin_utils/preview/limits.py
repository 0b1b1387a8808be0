# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Limits of a preview: what a pipeline does not let through."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from .groups import Count
from .rows import ADDED, CHANGED, DELETED, DISCONNECTED, FAILED, FILTERED, JOINED_OTHERWISE, LEFT, METAVERSE, RENAMED, REPLACED

LIMITED = {
    "deleted": DELETED,
    "replaced": REPLACED,
    "left_scope": LEFT,
    "filtered": FILTERED,
    "disconnected": DISCONNECTED,
    "joined_otherwise": JOINED_OTHERWISE,
    "errors": FAILED,
    "added": ADDED,
    "changed": CHANGED,
    "renamed": RENAMED,
}
AMOUNT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(%?)\s*")


@dataclass(frozen=True)
class Limit:
    """At most `amount` objects of a type in one system, or percent of those that were there."""

    transition: str
    amount: float
    percent: bool


def read_limits(given: Mapping[str, Any]) -> list[Limit]:
    """From `{"deleted": "1 %", "errors": 0}`; raises InputError."""
    return [_read(name, value) for name, value in given.items() if value is not None]


def _read(name: str, value: Any) -> Limit:
    path = f"limits.{name}"
    if name not in LIMITED:
        raise InputError(f"there is no limit {name!r}; there are {', '.join(LIMITED)}", path=path)
    found = AMOUNT.fullmatch(str(value)) if not isinstance(value, bool) else None
    if found is None:
        raise InputError(f"{value!r} is neither a number of objects nor a percentage as in '1 %'", path=path)
    amount, percent = float(found[1]), bool(found[2])
    if percent and amount > 100:
        raise InputError(f"{value} is more than 100 %", path=path)
    return Limit(LIMITED[name], amount, percent)


def exceeded(limits: Sequence[Limit], counts: Sequence[Count]) -> list[str]:
    """A sentence for each count beyond its limit. The metaverse is not counted: what happens there shows in the systems."""
    return [_sentence(count, limit) for limit in limits for count in counts if _beyond(limit, count)]


def _beyond(limit: Limit, count: Count) -> bool:
    if count.transition != limit.transition or count.agent == METAVERSE:
        return False
    return count.percent > limit.amount if limit.percent else count.objects > limit.amount


def _sentence(count: Count, limit: Limit) -> str:
    allowed = f"{limit.amount:g} %" if limit.percent else f"{limit.amount:g}"
    share = f" of {count.of:,} ({count.percent:.1f} %)" if count.of else ""
    return f"{count.agent}, {count.object_type}: {count.objects:,}{share} {count.transition}; the limit is {allowed}"
