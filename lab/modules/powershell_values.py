# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values that a script emits, and what win_powershell makes of them: JSON, cut at a depth into texts.

Python's own values stand for .NET's: dict a hashtable, list an array, bytes a byte array, datetime, timedelta, UUID,
Decimal. `CustomObject`, `EnumValue` and `Thing` stand for the rest.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class UnserializableKey(Exception):
    """A hashtable has a key that is no text: ExitJson breaks on it."""


@dataclass(frozen=True)
class CustomObject:
    """`[pscustomobject]`."""

    properties: Mapping[str, Any]


@dataclass(frozen=True)
class EnumValue:
    type_name: str
    name: str
    value: int


@dataclass(frozen=True)
class Thing:
    """Any other object: what ToString() gives, and its properties. A value type is kept whole below the depth."""

    text: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    value_type: bool = False


def convert(value: Any, depth: int) -> Any:
    """Convert-OutputObject of the module: JSON values, cut where `depth` falls below zero. Raises UnserializableKey."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    scalar = _scalar(value, depth)
    if scalar is not None:
        return scalar
    if depth < 0:
        return text_of(value)
    if isinstance(value, bytes):
        return list(value)
    if isinstance(value, (list, tuple)):
        return [convert(each, depth - 1) for each in value]
    properties = value if isinstance(value, dict) else value.properties
    _check_keys(properties)
    return {name: convert(each, depth - 1) for name, each in properties.items()}


def text_of(value: Any) -> str:
    """`[string]$value`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, dict):
        return "System.Collections.Hashtable"
    if isinstance(value, (list, tuple, bytes)):
        return " ".join("System.Object[]" if isinstance(each, (list, tuple)) else text_of(each) for each in value)
    if isinstance(value, CustomObject):
        return "@{" + "; ".join(f"{name}={text_of(each)}" for name, each in value.properties.items()) + "}"
    if isinstance(value, EnumValue):
        return value.name
    return value.text if isinstance(value, Thing) else str(value)


def _scalar(value: Any, depth: int) -> Any:
    """What is shown whole at any depth; None for all else."""
    if isinstance(value, EnumValue):
        # Below the depth it is a value type like any number.
        return {"Type": value.type_name, "String": value.name, "Value": value.value} if depth >= 0 else value.value
    if isinstance(value, datetime.datetime):
        return round_trip(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime.timedelta):
        return time_span(value)
    if isinstance(value, Thing) and value.value_type:
        return {name: convert(each, depth - 1) for name, each in value.properties.items()} or value.text
    return None


def _check_keys(properties: Mapping[Any, Any]) -> None:
    if not all(isinstance(name, str) for name in properties):
        raise UnserializableKey("System.Collections.Hashtable")


def round_trip(value: datetime.datetime) -> str:
    """DateTime.ToString('o'): seven digits, `Z` for UTC, nothing for an unspecified kind."""
    text = value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond:06d}0"
    offset = value.utcoffset()
    if offset is None:
        return text
    if not offset:
        return text + "Z"
    sign, minutes = "-" if offset.days < 0 else "+", abs(int(offset.total_seconds())) // 60
    return f"{text}{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def time_span(value: datetime.timedelta) -> dict[str, Any]:
    """The properties of a TimeSpan under .NET Framework (later ones have Microseconds and Nanoseconds too)."""
    ticks = (value.days * 86400 + value.seconds) * 10_000_000 + value.microseconds * 10
    size, sign = abs(ticks), -1 if ticks < 0 else 1
    seconds = ticks / 10_000_000
    return {
        "Ticks": ticks,
        "Days": sign * (size // 864_000_000_000),
        "Hours": sign * (size // 36_000_000_000 % 24),
        "Milliseconds": sign * (size // 10_000 % 1000),
        "Minutes": sign * (size // 600_000_000 % 60),
        "Seconds": sign * (size // 10_000_000 % 60),
        "TotalDays": seconds / 86400,
        "TotalHours": seconds / 3600,
        "TotalMilliseconds": seconds * 1000,
        "TotalMinutes": seconds / 60,
        "TotalSeconds": seconds,
    }
