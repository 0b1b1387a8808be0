# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wanted against existing parts of a scheduled task: the new parts and the lines of win_scheduled_task's diff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..estate.scheduled_task import Action, Trigger
from .registry import ModuleFailure
from .scheduled_task_options import enum_name

_COMMON = ("enabled", "end_boundary", "execution_time_limit")


@dataclass(frozen=True)
class Kind:
    """Options of one kind of action or trigger, in the module's order; `defaults` are the COM object's own values."""

    mandatory: tuple[str, ...]
    optional: tuple[str, ...]
    defaults: Mapping[str, Any] = field(default_factory=dict)

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.mandatory, *self.optional)


ACTION = Kind(("path",), ("arguments", "working_directory"))
TRIGGERS: Mapping[int, Kind] = {
    0: Kind(("subscription",), ("delay", *_COMMON, "start_boundary", "repetition"), {"Delay": None, "Subscription": None, "ValueQueries": {}}),
    1: Kind(("start_boundary",), (*_COMMON, "random_delay", "repetition"), {"RandomDelay": None}),
    2: Kind(("start_boundary",), ("days_interval", *_COMMON, "random_delay", "repetition"), {"DaysInterval": 1, "RandomDelay": None}),
    3: Kind(
        ("days_of_week", "start_boundary"),
        (*_COMMON, "random_delay", "weeks_interval", "repetition"),
        {"DaysOfWeek": 0, "WeeksInterval": 1, "RandomDelay": None},
    ),
    4: Kind(
        ("days_of_month", "start_boundary"),
        (*_COMMON, "months_of_year", "random_delay", "run_on_last_day_of_month", "start_boundary", "repetition"),
        {"DaysOfMonth": 0, "MonthsOfYear": 4095, "RandomDelay": None, "RunOnLastDayOfMonth": False},
    ),
    5: Kind(
        ("start_boundary",),
        ("days_of_week", *_COMMON, "months_of_year", "random_delay", "weeks_of_month", "run_on_last_week_of_month", "repetition"),
        {"DaysOfWeek": 0, "MonthsOfYear": 4095, "RandomDelay": None, "RunOnLastWeekOfMonth": False, "WeeksOfMonth": 0},
    ),
    6: Kind((), (*_COMMON, "start_boundary", "repetition")),
    7: Kind((), ("delay", *_COMMON, "start_boundary", "repetition"), {"Delay": None}),
    8: Kind((), ("delay", *_COMMON, "start_boundary", "repetition"), {"Delay": None}),
    9: Kind((), ("delay", *_COMMON, "start_boundary", "user_id", "repetition"), {"Delay": None, "UserId": None}),
    11: Kind((), ("delay", *_COMMON, "repetition", "start_boundary", "state_change", "user_id"), {"Delay": None, "StateChange": 0, "UserId": None}),
}


@dataclass
class Comparison:
    """What came out of a comparison; `warnings` as the module gives them."""

    changes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def pascal(name: str) -> str:
    """`working_directory` -> `WorkingDirectory`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def shown(value: Any) -> str:
    """A value as PowerShell writes it into a text."""
    return "" if value is None else str(value)


def compare_values(existing: dict[str, Any], wanted: Mapping[str, Any], enums: Mapping[str, str] | None = None) -> list[str]:
    """Sets the wanted values that are given (not None) and differ; the lines of the diff."""
    changes = []
    for name, value in wanted.items():
        before = existing.get(name)
        if value is None or before == value:
            continue
        existing[name] = value
        kind = (enums or {}).get(name)
        texts = [enum_name(kind, int(each)) if kind and each is not None else shown(each) for each in (before, value)]
        changes.append(f"-{name}={texts[0]}\n+{name}={texts[1]}")
    return changes


def new_trigger(kind: int) -> Trigger:
    """A trigger as `Triggers.Create` gives it out."""
    repetition = {"Duration": None, "Interval": None, "StopAtDurationEnd": False}
    common = {"Enabled": True, "EndBoundary": None, "ExecutionTimeLimit": None, "Id": None, "StartBoundary": None, "Repetition": repetition}
    return Trigger(kind, {**common, **TRIGGERS[kind].defaults})


def compare_actions(existing: Sequence[Action], wanted: Sequence[Mapping[str, Any]], found: Comparison) -> list[Action]:
    """The new actions; adds to `found` what differs."""
    present = [{"Type": 0, "Path": each.path, "Arguments": each.arguments, "WorkingDirectory": each.working_directory} for each in existing]
    _compare_lists("action", "ACTION", present, wanted, found)
    return [Action(each["path"], each.get("arguments"), each.get("working_directory")) for each in wanted]


def compare_triggers(existing: Sequence[Trigger], wanted: Sequence[Mapping[str, Any]], found: Comparison) -> list[Trigger]:
    """The new triggers; adds to `found` what differs."""
    _compare_lists("trigger", "TRIGGER", [{"Type": each.type, **each.values} for each in existing], wanted, found)
    return [_build_trigger(each) for each in wanted]


def _build_trigger(wanted: Mapping[str, Any]) -> Trigger:
    made = new_trigger(wanted["type"])
    for name in TRIGGERS[made.type].all:
        value = wanted.get(name)
        if isinstance(value, Mapping):
            made.values[pascal(name)] |= {pascal(key): each for key, each in value.items() if each is not None}
        elif value is not None:
            made.values[pascal(name)] = value
    return made


def _compare_lists(label: str, enum: str, existing: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]], found: Comparison) -> None:
    for index, new in enumerate(wanted):
        kind = _checked_kind(label, new, found)
        if index >= len(existing):
            lines = _lines("+", kind, new)
            found.changes.append(f"+{label}[{index}] = {{\n  +Type={enum_name(enum, new['type'])}\n  {_joined(lines)}\n+}}")
            continue
        lines = _differences(kind, enum, existing[index], new)
        if lines:
            found.changes.append(f"{label}[{index}] = {{\n  {_joined(lines)}\n}}")
    for index in range(len(wanted), len(existing)):
        old = existing[index]
        kind = _kind(label, old["Type"])
        lines = [f"-{pascal(name)}={shown(old.get(pascal(name)))}" for name in kind.all if old.get(pascal(name)) is not None]
        found.changes.append(f"-{label}[{index}] = {{\n  {_joined(lines)}\n-}}")


def _kind(label: str, number: int) -> Kind:
    return ACTION if label == "action" else TRIGGERS[number]


def _checked_kind(label: str, new: Mapping[str, Any], found: Comparison) -> Kind:
    kind = _kind(label, new["type"])
    for name in kind.mandatory:
        if name not in new:
            raise ModuleFailure(f"mandatory key '{name}' for {label} is not set, mandatory keys are '{_quoted(kind.mandatory)}'")
    for name in new:
        if name not in kind.all and name != "type":
            found.warnings.append(f"key '{name}' for {label} entry is not valid and will be ignored, valid keys are '{_quoted(kind.all)}'")
    return kind


def _quoted(names: Sequence[str]) -> str:
    return "', '".join(names)


def _joined(lines: Sequence[str]) -> str:
    return ",\n  ".join(lines)


def _lines(sign: str, kind: Kind, values: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for name in kind.all:
        value = values.get(name)
        if isinstance(value, Mapping):
            lines.extend(f"{sign}{pascal(name)}.{pascal(key)}={shown(each)}" for key, each in value.items())
        elif name in values:
            lines.append(f"{sign}{pascal(name)}={shown(value)}")
    return lines


def _differences(kind: Kind, enum: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    if old["Type"] != new["type"]:
        return [f"-Type={enum_name(enum, old['Type'])}", f"+Type={enum_name(enum, new['type'])}", *_lines("+", kind, new)]
    lines: list[str] = []
    for name in kind.all:
        value, before = new.get(name), old.get(pascal(name))
        if isinstance(value, Mapping):
            for key, each in value.items():
                lines.extend(_pair(f"{pascal(name)}.{pascal(key)}", (before or {}).get(pascal(key)), each))
        else:
            lines.extend(_pair(pascal(name), before, value))
    return lines


def _pair(name: str, before: Any, value: Any) -> list[str]:
    return [] if value is None or value == before else [f"-{name}={shown(before)}", f"+{name}={shown(value)}"]
