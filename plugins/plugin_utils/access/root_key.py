# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Root keys of the Group Key Distribution Service: is there one, when does it count.

A domain controller takes a key ten hours after its effective time, so that all others have it by then
(reference/sharepoint-and-setup.md 1.5; Microsoft, "Create the Key Distribution Services KDS Root Key").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..errors import InputError

WAIT = timedelta(hours=10)
_FORM = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class RootKey:
    id: str
    effective: datetime


@dataclass(frozen=True)
class RootKeyState:
    """`now` is the host's time."""

    now: datetime
    keys: tuple[RootKey, ...]


@dataclass(frozen=True)
class RootKeyPlan:
    """Times as ISO 8601 in UTC; `key_id` is empty for a key that is still to be made."""

    changed: bool
    key_id: str
    effective_at: str
    usable_at: str
    usable: bool


def read_state(answer: Mapping[str, Any]) -> RootKeyState:
    """The answer of the verb kds_root_key_read."""
    keys = tuple(RootKey(item["id"], _moment(item["effective"])) for item in answer["keys"] or ())
    return RootKeyState(_moment(answer["now"]), keys)


def plan_root_key(state: RootKeyState, effective_time: str = "", *, skip_wait: bool = False) -> RootKeyPlan:
    """Keeps the key that counts first; a new one takes effect now, at the time given, or ten hours ago. Raises InputError."""
    if effective_time and skip_wait:
        raise InputError("'effective_time' and 'skip_replication_wait' exclude each other.")
    if state.keys:
        first = min(state.keys, key=lambda key: key.effective)
        return _plan(state.now, first.effective, first.id)
    effective = _moment(effective_time) if effective_time else state.now - (WAIT if skip_wait else timedelta())
    return _plan(state.now, effective, "")


def _plan(now: datetime, effective: datetime, key_id: str) -> RootKeyPlan:
    usable = effective + WAIT
    return RootKeyPlan(not key_id, key_id, effective.strftime(_FORM), usable.strftime(_FORM), usable <= now)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise InputError(f"'{text}' is not a time; write it as 2026-01-31T08:00:00Z.", path="effective_time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
