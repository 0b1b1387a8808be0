# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a scheduled task runs next, for triggers by the clock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from .scheduled_task import ScheduledTask, Trigger

_DURATION = re.compile(r"^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$")
_TIME, _DAILY, _WEEKLY = 1, 2, 3
# A weekly trigger shows all its days within this many days.
_HORIZON = 15


def next_run(task: ScheduledTask, now: float) -> datetime | None:
    """The next start after `now` (seconds since 1970, UTC); None when no trigger by the clock gives one."""
    if not task.settings.get("Enabled", True):
        return None
    moment = datetime.fromtimestamp(now, tz=UTC).replace(tzinfo=None, microsecond=0)
    found = [start for trigger in task.triggers if trigger.values.get("Enabled", True) for start in _starts_after(trigger, moment)]
    return min(found, default=None)


def _starts_after(trigger: Trigger, now: datetime) -> Iterator[datetime]:
    """The first start after `now` of each occurrence that is near enough."""
    for occurrence in _occurrences(trigger, now):
        interval, duration = _repetition(trigger)
        if occurrence > now:
            yield occurrence
        elif interval and (not duration or now < occurrence + duration):
            following = occurrence + interval * ((now - occurrence) // interval + 1)
            if not duration or following < occurrence + duration:
                yield following


def _occurrences(trigger: Trigger, now: datetime) -> Iterator[datetime]:
    boundary = trigger.values.get("StartBoundary")
    if trigger.type not in (_TIME, _DAILY, _WEEKLY) or not boundary:
        return
    start = datetime.fromisoformat(boundary).replace(tzinfo=None)
    if trigger.type == _TIME:
        yield start
        return
    first = max(0, (now - start).days - 1)
    for day in range(first, first + _HORIZON):
        moment = start + timedelta(days=day)
        if _is_due(trigger, day, moment):
            yield moment


def _is_due(trigger: Trigger, day: int, moment: datetime) -> bool:
    if trigger.type == _DAILY:
        return day % int(trigger.values.get("DaysInterval") or 1) == 0
    # Bit 0 is Sunday; Python's week begins on Monday.
    return bool(int(trigger.values.get("DaysOfWeek") or 0) & 1 << (moment.weekday() + 1) % 7)


def _repetition(trigger: Trigger) -> tuple[timedelta, timedelta]:
    values = trigger.values.get("Repetition") or {}
    return _length(values.get("Interval")), _length(values.get("Duration"))


def _length(text: str | None) -> timedelta:
    found = _DURATION.match(text or "")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0)
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
