# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of ansible.windows.win_eventlog (3.3.0) and community.windows.win_eventlog_entry (3.1.0)."""

from __future__ import annotations

import re
from typing import Any

from ..estate.event_log import EventLog
from ..estate.host import Host
from .failures import administrators_only
from .registry import ModuleCall, ModuleFailure, twin

_UNITS = {"KB": 1, "MB": 1024, "GB": 1024 * 1024}
_SMALLEST, _LARGEST = 64, 4 * 1024 * 1024
_FILES = ("category_file", "message_file", "parameter_file")


@twin(
    "community.windows.win_eventlog_entry",
    implements=frozenset({"log", "source", "event_id", "message", "entry_type", "category", "raw_data"}),
)
def win_eventlog_entry(call: ModuleCall) -> dict[str, Any]:
    options, host = call.arguments, call.host
    log, source, event_id = options["log"], options["source"], options["event_id"]
    if _find(host, log) is None:
        raise ModuleFailure(f"Log {log} does not exist and cannot be written to")
    owner = _owner(host, source)
    if owner is None:
        raise ModuleFailure(f"Source {source} does not exist")
    if owner.name.casefold() != log.casefold():
        raise ModuleFailure(f"Source {source} does not belong to log {log} and cannot be written to")
    if not 0 <= event_id <= 65535:
        raise ModuleFailure("Event ID must be between 0 and 65535")
    if not call.check_mode:
        data = bytes(int(part, 0) for part in str(options.get("raw_data") or "").split(",") if part.strip())
        kind = options.get("entry_type") or "Information"
        host.log_event(owner.name, source, event_id, options["message"], entry_type=kind, category=options.get("category") or 1, data=data)
    return {"changed": True, "msg": f"Entry added to log {log} from source {source}"}


@twin(
    "ansible.windows.win_eventlog",
    implements=frozenset({"name", "state", "sources", *_FILES, "maximum_size", "overflow_action", "retention_days"}),
)
def win_eventlog(call: ModuleCall) -> dict[str, Any]:
    options, host = call.arguments, call.host
    name, sources = options["name"], [str(source) for source in options.get("sources") or ()]
    administrators_only(call, "Requested registry access is not allowed.", name=name, sources_changed=[])
    log = _find(host, name)
    _check(call, log, sources)
    if options["state"] == "present":
        changed, touched = _present(call, log, sources)
    elif options["state"] == "clear":
        changed, touched = _clear(call), []
    else:
        changed, touched = _absent(call, log, sources)
    return {"changed": changed, "sources_changed": [] if call.check_mode else touched, **_details(host, name)}


def _find(host: Host, name: str) -> EventLog | None:
    return next((log for log in host.event_logs.values() if log.name.casefold() == name.casefold()), None)


def _owner(host: Host, source: str) -> EventLog | None:
    return next((log for log in host.event_logs.values() if source.casefold() in log.sources), None)


def _check(call: ModuleCall, log: EventLog | None, sources: list[str]) -> None:
    options = call.arguments
    name, state = options["name"], options["state"]
    result = {"name": name, "sources_changed": []}
    if state == "present" and log is None and not sources:
        raise ModuleFailure("You must specify one or more sources when creating a log for the first time", **result)
    if state == "present" and log is not None and name in sources and any(options.get(each) for each in _FILES):
        raise ModuleFailure(f"Cannot modify default source {name} of log {name} - you must remove the log", **result)
    if state == "clear" and log is None:
        raise ModuleFailure(f"Cannot clear log {name} as it does not exist", **result)
    if state == "absent" and name in sources:
        raise ModuleFailure(f"Cannot remove default source {name} from log {name} - you must remove the log", **result)
    for source in sources:
        owner = _owner(call.host, source)
        if owner is not None and state == "present" and log is None:
            raise ModuleFailure(f"Source {source} already exists and cannot be created", **result)
        if owner is not None and owner is not log:
            raise ModuleFailure(f"Source {source} does not belong to log {name} and cannot be modified", **result)


def _present(call: ModuleCall, log: EventLog | None, sources: list[str]) -> tuple[bool, list[str]]:
    options = call.arguments
    limits = {name: value for name, value in _limits(call).items() if log is None or getattr(log, name) != value}
    touched = [source for source in sources if log is None or _differs(call, log, source)]
    if not call.check_mode:
        target = log or call.host.event_logs.setdefault(options["name"], _new_log(options["name"]))
        for source in touched:
            made = target.add(source)
            for option in _FILES:
                setattr(made, option, options.get(option) or getattr(made, option))
        for name, value in limits.items():
            setattr(target, name, value)
    return bool(touched or limits), touched


def _new_log(name: str) -> EventLog:
    """A log has a source of its own name from the start."""
    log = EventLog(name)
    log.add(name)
    return log


def _differs(call: ModuleCall, log: EventLog, source: str) -> bool:
    known = log.sources.get(source.casefold())
    if known is None:
        return True
    return any(call.arguments.get(option) and getattr(known, option) != call.arguments[option] for option in _FILES)


def _limits(call: ModuleCall) -> dict[str, Any]:
    options = call.arguments
    found: dict[str, Any] = {}
    if options.get("maximum_size"):
        found["maximum_size"] = _kilobytes(options["maximum_size"])
    if options.get("overflow_action"):
        found["overflow_action"] = options["overflow_action"]
    if options.get("retention_days"):
        found["retention_days"] = options["retention_days"]
    return found


def _kilobytes(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(KB|MB|GB)", text, re.IGNORECASE)
    if match is None:
        raise ModuleFailure(f"Maximum size {text} is not properly specified")
    size = float(match[1]) * _UNITS[match[2].upper()]
    if not _SMALLEST <= size < _LARGEST:
        raise ModuleFailure("Maximum size must be between 64KB and 4GB")
    if size % _SMALLEST:
        raise ModuleFailure("Maximum size must be divisible by 64KB")
    return int(size)


def _clear(call: ModuleCall) -> bool:
    name = call.arguments["name"].casefold()
    kept = [event for event in call.host.events if event["log"].casefold() != name]
    changed = len(kept) != len(call.host.events)
    if not call.check_mode:
        call.host.events[:] = kept
    return changed


def _absent(call: ModuleCall, log: EventLog | None, sources: list[str]) -> tuple[bool, list[str]]:
    if log is None:
        return False, []
    gone = [source for source in sources if source.casefold() in log.sources]
    if sources:
        if not call.check_mode:
            for source in gone:
                del log.sources[source.casefold()]
        return bool(gone), gone
    if not call.check_mode:
        call.host.event_logs = {key: other for key, other in call.host.event_logs.items() if other is not log}
        _clear(call)
    return True, [source.name for source in log.sources.values()]


def _details(host: Host, name: str) -> dict[str, Any]:
    log = _find(host, name)
    if log is None:
        return {"name": name, "exists": False}
    return {
        "name": name,
        "exists": True,
        "maximum_size_kb": log.maximum_size,
        "overflow_action": log.overflow_action,
        "retention_days": log.retention_days,
        "entries": sum(event["log"].casefold() == name.casefold() for event in host.events),
        "sources": sorted(source.name for source in log.sources.values()),
    }
