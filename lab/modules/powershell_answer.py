# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The answer of ansible.windows.win_powershell, given what a script emitted."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .powershell_values import UnserializableKey, convert, round_trip
from .registry import ModuleFailure

# System.Management.Automation.ErrorCategory
CATEGORIES = {
    "NotSpecified": 0, "OpenError": 1, "CloseError": 2, "DeviceError": 3, "DeadlockDetected": 4, "InvalidArgument": 5, "InvalidData": 6,
    "InvalidOperation": 7, "InvalidResult": 8, "InvalidType": 9, "MetadataError": 10, "NotImplemented": 11, "NotInstalled": 12,
    "ObjectNotFound": 13, "OperationStopped": 14, "OperationTimeout": 15, "SyntaxError": 16, "ParserError": 17, "PermissionDenied": 18,
    "ResourceBusy": 19, "ResourceExists": 20, "ResourceUnavailable": 21, "ReadError": 22, "WriteError": 23, "FromStdErr": 24,
    "SecurityError": 25, "ProtocolError": 26, "ConnectionError": 27, "AuthenticationError": 28, "LimitsExceeded": 29, "QuotaExceeded": 30,
    "NotEnabled": 31,
}  # fmt: skip
# HResult of an exception that sets none (COR_E_EXCEPTION).
DEFAULT_HRESULT = -2146233087


@dataclass(frozen=True)
class ExceptionInfo:
    message: str
    type_name: str
    source: str | None = None
    hresult: int = DEFAULT_HRESULT
    inner: ExceptionInfo | None = None
    help_link: str | None = None


@dataclass(frozen=True)
class ErrorRecord:
    """`output` is what Out-String makes of it; `exception` is None for a native command's standard error."""

    output: str
    exception: ExceptionInfo | None
    error_id: str
    category: str = "NotSpecified"
    reason: str = ""
    activity: str = ""
    target: Any = None
    target_name: str = ""
    target_type: str = ""
    stack_trace: str = ""
    pipeline: Sequence[int] = ()
    # (message, recommended action)
    details: tuple[str, str] | None = None


@dataclass(frozen=True)
class InformationRecord:
    message_data: Any
    source: str
    generated: datetime.datetime
    tags: Sequence[str] = ()


@dataclass(frozen=True)
class Emission:
    """All that a script leaves behind; `terminated` if a terminating error ended it. The defaults are `$Ansible`'s."""

    output: Sequence[Any] = ()
    result: Any = field(default_factory=dict)
    changed: Any = True
    failed: bool = False
    diff: Any = field(default_factory=dict)
    errors: Sequence[ErrorRecord] = ()
    warning: Sequence[str] = ()
    verbose: Sequence[str] = ()
    debug: Sequence[str] = ()
    information: Sequence[InformationRecord] = ()
    host_out: str = ""
    host_err: str = ""
    terminated: bool = False


def empty_answer() -> dict[str, Any]:
    """What the module returns before a script has run."""
    lists: dict[str, Any] = {name: [] for name in ("output", "error", "warning", "verbose", "debug", "information")}
    return {"changed": False, "result": {}, "host_out": "", "host_err": "", **lists}


def skipped(message: str, *, changed: bool = False) -> dict[str, Any]:
    """creates, removes, and check mode of a script that does not support it."""
    return {**empty_answer(), "changed": changed, "msg": message}


def answer(emission: Emission, depth: int) -> dict[str, Any]:
    """Raises ModuleFailure where the real module's ExitJson breaks."""
    try:
        return _answer(emission, depth)
    except UnserializableKey as problem:
        reason = f"The type '{problem}' is not supported for serialization or deserialization of a dictionary. Keys must be strings."
        raise ModuleFailure(f'Unhandled exception while executing module: Exception calling "ExitJson" with "0" argument(s): "{reason}"') from None


def _answer(emission: Emission, depth: int) -> dict[str, Any]:
    found = {
        "changed": emission.changed,
        "failed": emission.terminated or emission.failed,
        "result": convert(emission.result, depth),
        "host_out": emission.host_out,
        "host_err": emission.host_err,
        "output": convert(list(emission.output), depth),
        "error": [_error(record, depth) for record in emission.errors],
        "warning": list(emission.warning),
        "verbose": list(emission.verbose),
        "debug": list(emission.debug),
        "information": [_information(record, depth) for record in emission.information],
    }
    if isinstance(emission.diff, Mapping) and emission.diff:
        found["diff"] = {name: convert(value, depth) for name, value in emission.diff.items()}
    return found


def _error(record: ErrorRecord, depth: int) -> dict[str, Any]:
    return {
        "output": record.output,
        "error_details": {"message": record.details[0], "recommended_action": record.details[1]} if record.details else None,
        "exception": _exception(record.exception),
        "target_object": convert(record.target, depth),
        "category_info": {
            "category": record.category,
            "category_id": CATEGORIES[record.category],
            "activity": record.activity,
            "reason": record.reason,
            "target_name": record.target_name,
            "target_type": record.target_type,
        },
        "fully_qualified_error_id": record.error_id,
        "script_stack_trace": record.stack_trace,
        "pipeline_iteration_info": list(record.pipeline),
    }


def _exception(info: ExceptionInfo | None) -> dict[str, Any] | None:
    if info is None:
        return None
    return {
        "message": info.message,
        "type": info.type_name,
        "help_link": info.help_link,
        "source": info.source,
        "hresult": info.hresult,
        "inner_exception": _exception(info.inner),
    }


def _information(record: InformationRecord, depth: int) -> dict[str, Any]:
    generated = round_trip(record.generated.astimezone(datetime.UTC))
    return {"message_data": convert(record.message_data, depth), "source": record.source, "time_generated": generated, "tags": list(record.tags)}
