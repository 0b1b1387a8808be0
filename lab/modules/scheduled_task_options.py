# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options of community.windows.win_scheduled_task (3.1.0): what the module checks and how it converts them.

Numbers are those of the Task Scheduler's enumerations (Microsoft: Task Scheduler reference).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from .registry import ModuleFailure

LOGON_TYPES = {
    "none": 0, "password": 1, "s4u": 2, "interactive_token": 3, "group": 4, "service_account": 5, "interactive_token_or_password": 6,
}  # fmt: skip
RUN_LEVELS = {"limited": 0, "highest": 1}
TRIGGER_TYPES = {
    "event": 0, "time": 1, "daily": 2, "weekly": 3, "monthly": 4, "monthlydow": 5, "idle": 6, "registration": 7, "boot": 8,
    "logon": 9, "session_state_change": 11,
}  # fmt: skip
BUILTIN_ACCOUNTS = frozenset({"S-1-5-18", "S-1-5-19", "S-1-5-20"})

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_STATE_CHANGES = {"console_connect": 1, "console_disconnect": 2, "remote_connect": 3, "remote_disconnect": 4, "session_lock": 7, "session_unlock": 8}
_DURATION = re.compile(r"^P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$")
_INVALID_NAME = '\\/:*?"<>|'


def enum_name(kind: str, number: int) -> str:
    """`TASK_LOGON_S4U` and the like; `kind` is LOGON, RUNLEVEL, TRIGGER or ACTION."""
    names = {"LOGON": LOGON_TYPES, "RUNLEVEL": {"lua": 0, "highest": 1}, "TRIGGER": TRIGGER_TYPES, "ACTION": {"exec": 0}}[kind]
    return next((f"TASK_{kind}_{name.upper()}" for name, value in names.items() if value == number), str(number))


def flag_names(kind: str, number: int) -> str:
    """Days or months of a bit field, as win_scheduled_task_stat lists them."""
    names = _DAYS if kind == "days" else _MONTHS
    return ",".join(name for index, name in enumerate(names) if number & 1 << index)


def day_numbers(number: int) -> str:
    return ",".join(str(index + 1) for index in range(31) if number & 1 << index)


def week_numbers(number: int) -> str:
    """The stat module reads the bit of the third week as the fourth too, and never that of the fourth."""
    return ",".join(name for name, bit in (("1", 1), ("2", 2), ("3", 4), ("4", 4)) if number & bit)


def seconds(duration: str) -> float | None:
    """Length of an ISO 8601 duration, a year being 365 days and a month 30; None if it is none."""
    found = _DURATION.match(duration)
    if found is None:
        return None
    years, months, days, hours, minutes, rest = (float(part or 0) for part in found.groups())
    return ((years * 365 + months * 30 + days) * 24 + hours) * 3600 + minutes * 60 + rest


def check_name(name: str) -> None:
    if any(character in _INVALID_NAME for character in name):
        raise ModuleFailure(f"Invalid task name '{name}'. The following characters are not valid: {_INVALID_NAME}")


def check_logon(options: Mapping[str, Any], user_sid: str | None) -> None:
    """What the module asks for together; raises ModuleFailure in its words."""
    if options.get("username") is not None and options.get("group") is not None:
        raise ModuleFailure("username and group can not be set at the same time")
    logon = options.get("logon_type")
    if logon == "s4u" and options.get("password") is None:
        raise ModuleFailure("password must be set when logon_type=s4u")
    if logon == "group" and options.get("group") is None:
        raise ModuleFailure("group must be set when logon_type=group")
    if logon == "service_account" and user_sid not in BUILTIN_ACCOUNTS:
        raise ModuleFailure("username must be SYSTEM, LOCAL SERVICE or NETWORK SERVICE when logon_type=service_account")


def actions_of(options: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The actions with the type that the module adds; None when none were given."""
    given = options.get("actions")
    if given is None:
        return None
    for action in given:
        if "path" not in action:
            raise ModuleFailure("action entry must contain the key 'path'")
    return [{**action, "type": 0} for action in given]


def triggers_of(options: Mapping[str, Any], now: float) -> list[dict[str, Any]] | None:
    """The triggers with types, dates and bit fields converted."""
    given = options.get("triggers")
    return None if given is None else [_trigger(dict(trigger), now) for trigger in given]


def _trigger(trigger: dict[str, Any], now: float) -> dict[str, Any]:
    kinds = "', '".join(TRIGGER_TYPES)
    if "type" not in trigger:
        raise ModuleFailure(f"a trigger entry must contain a key 'type' with a value of '{kinds}'")
    kind = str(trigger["type"]).lower()
    if kind not in TRIGGER_TYPES:
        raise ModuleFailure(f"the specified trigger type '{trigger['type']}' is not valid, type must be a value of '{kinds}'")
    trigger["type"] = TRIGGER_TYPES[kind]
    for name in ("start_boundary", "end_boundary"):
        if name in trigger:
            trigger[name] = _boundary(name, str(trigger[name]), now)
    for name in ("execution_time_limit", "delay", "random_delay"):
        if name in trigger:
            _duration(name, str(trigger[name]))
    if "repetition" in trigger:
        _check_repetition(trigger["repetition"])
    for name, convert in _FIELDS.items():
        if name in trigger:
            trigger[name] = convert(trigger[name]) or None
    if "state_change" in trigger:
        trigger["state_change"] = _state_change(trigger["state_change"])
    return trigger


def _boundary(name: str, text: str, now: float) -> str:
    """Local time without a zone; with a zone converted to the host's, which is UTC. A time alone means today."""
    today = datetime.fromtimestamp(now, tz=UTC).date().isoformat()
    try:
        moment = datetime.fromisoformat(f"{today}T{text}" if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", text) else text)
    except ValueError:
        raise ModuleFailure(f"trigger option '{name}' must be in the format 'YYYY-MM-DDThh:mm:ss' format but was '{text}'") from None
    if moment.tzinfo is None:
        return moment.strftime("%Y-%m-%dT%H:%M:%S")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _duration(name: str, text: str) -> timedelta:
    length = seconds(text)
    if length is None:
        raise ModuleFailure(f"trigger option '{name}' must be in the XML duration format but was '{text}'")
    return timedelta(seconds=length)


def _check_repetition(repetition: Mapping[str, Any]) -> None:
    lengths = {name: _duration(name, str(repetition[name])) for name in ("interval", "duration") if repetition.get(name) is not None}
    if len(lengths) == 2 and lengths["interval"] > lengths["duration"]:
        raise ModuleFailure(
            f"trigger repetition option 'interval' value '{repetition['interval']}' must be less than or equal to 'duration' value '{repetition['duration']}'"
        )


def _items(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _days_of_week(value: Any) -> int:
    return _bits(value, _DAYS, "invalid day of week '{}', check the spelling matches the full day name")


def _days_of_month(value: Any) -> int:
    return _bits(value, tuple(str(day) for day in range(1, 32)), "invalid day of month '{}', please specify numbers from 1-31")


def _weeks_of_month(value: Any) -> int:
    return _bits(value, ("1", "2", "3", "4"), "invalid week of month '{}', please specify weeks from 1-4")


def _months_of_year(value: Any) -> int:
    return _bits(value, _MONTHS, "invalid month name '{}', please specify full month name")


def _bits(value: Any, names: tuple[str, ...], message: str) -> int:
    total = 0
    for item in _items(value):
        if item.lower() not in names:
            raise ModuleFailure(message.format(item))
        total |= 1 << names.index(item.lower())
    return total


def _state_change(value: Any) -> int:
    number = _STATE_CHANGES.get(str(value).lower())
    if number is None:
        raise ModuleFailure(f"invalid state_change '{value}'")
    return number


_FIELDS = {
    "days_of_week": _days_of_week,
    "days_of_month": _days_of_month,
    "weeks_of_month": _weeks_of_month,
    "months_of_year": _months_of_year,
}
