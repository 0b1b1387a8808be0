# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run did, read out of its run-history document.

Source of the form: reference page `sync-engine` section 4. Steps come newest first in the document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

from ..errors import DocumentError

SUCCESS, WARNINGS, FAILED = "success", "warnings", "failed"
IN_PROGRESS = "in-progress"
# Errors of a step that are told one by one; the count says how many there were.
SHOWN_ERRORS = 20

PROLOG = re.compile(r"^\s*<\?xml[^>]*\?>")
# Counters of objects that were met and not changed.
UNCHANGED = frozenset(
    "stage-no-change stage-failure disconnector-remains disconnector-filtered connector-no-flow flow-failure export-failure "
    "filtered-objects filtered-deletions".split()
)
PROVISIONED = ("provisioned-add-flow", "provisioned-add-no-flow")


@dataclass(frozen=True)
class StepReport:
    """One step. `counters`: what is not zero, outbound ones as `<agent>: <name>`."""

    number: int
    type: str
    partition: str
    result: str
    start: str
    end: str
    counters: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    error_count: int = 0

    @property
    def changes(self) -> int:
        """Objects that were staged, flowed or exported."""
        return sum(count for name, count in self.counters.items() if _plain(name) not in UNCHANGED)

    def values(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "type": self.type,
            "partition": self.partition,
            "result": self.result,
            "start": self.start,
            "end": self.end,
            **_summary(self.counters),
            "errors": self.error_count,
            "error_details": list(self.errors),
            "counters": dict(self.counters),
        }


@dataclass(frozen=True)
class RunReport:
    """A run; `steps` in their order."""

    agent: str
    profile: str
    number: int
    status: str
    steps: tuple[StepReport, ...] = ()

    @property
    def changes(self) -> int:
        return sum(step.changes for step in self.steps)

    @property
    def verdict(self) -> str:
        """The worst of the status and the steps' results."""
        verdicts = [verdict(self.status), *(verdict(step.result) for step in self.steps)]
        return next((worst for worst in (FAILED, WARNINGS) if worst in verdicts), SUCCESS)

    def values(self) -> dict[str, Any]:
        numbers = [step.values() for step in self.steps]
        totals = {name: sum(step[name] for step in numbers) for name in ("adds", "updates", "deletes", "errors")}
        return {"agent": self.agent, "profile": self.profile, "run_number": self.number, "result": self.status, **totals, "steps": numbers}


def verdict(result: str) -> str:
    """Only `success` is a success; `completed-...` did its work with something to look at; all else did not do its work."""
    if result == SUCCESS:
        return SUCCESS
    return WARNINGS if result.startswith("completed-") else FAILED


def parse_run(text: str, *, agent: str, profile: str, status: str) -> RunReport:
    """The newest run of a run-history document; a run without steps when it holds none. Raises DocumentError."""
    details = _root(text).find("run-details")
    if details is None:
        return RunReport(agent, profile, 0, status)
    steps = sorted((_step(step) for step in details.findall("step-details")), key=lambda step: step.number)
    return RunReport(
        details.findtext("ma-name") or agent, details.findtext("run-profile-name") or profile, _number(details.findtext("run-number")), status, tuple(steps)
    )


def _root(text: str) -> ET.Element:
    if "<!DOCTYPE" in text:
        raise DocumentError("The run history holds a document type definition, which the service never writes.")
    try:
        return ET.fromstring(PROLOG.sub("", text, count=1) or "<run-history/>")  # noqa: S314  # no DTD, so no entities
    except ET.ParseError as problem:
        raise DocumentError(f"The run history that the service gave is not well formed: {problem}.") from problem


def _step(element: ET.Element) -> StepReport:
    errors = [_error(entry) for entry in _errors(element)]
    return StepReport(
        number=_number(element.get("step-number")),
        type=_type(element),
        partition=element.findtext("step-description/partition") or "",
        result=(element.findtext("step-result") or "").strip(),
        start=element.findtext("start-date") or "",
        end=element.findtext("end-date") or "",
        counters=_counters(element),
        errors=tuple(errors[:SHOWN_ERRORS] + _incidents(element)),
        error_count=len(errors),
    )


def _type(element: ET.Element) -> str:
    step_type = element.find("step-description/step-type")
    if step_type is None:
        return ""
    subtypes = [(child.text or "").strip() for child in step_type]
    return " ".join([step_type.get("type", ""), *subtypes])


def _counters(element: ET.Element) -> dict[str, int]:
    found: dict[str, int] = {}
    for group in ("staging-counters", "inbound-flow-counters", "export-counters", "ma-discovery-counters"):
        for counter in element.iterfind(f"{group}/*"):
            _put(found, counter.tag, counter.text)
    for outbound in element.findall("outbound-flow-counters"):
        for counter in outbound:
            _put(found, f"{outbound.get('ma', '')}: {counter.tag}", counter.text)
    return found


def _put(found: dict[str, int], name: str, text: str | None) -> None:
    count = _number(text)
    if count:
        found[name] = count


def _errors(element: ET.Element) -> list[ET.Element]:
    paths = ("synchronization-errors/*", "mv-retry-errors/*", "ma-discovery-errors/ma-object-error")
    return [entry for path in paths for entry in element.iterfind(path)]


def _error(entry: ET.Element) -> str:
    name = entry.get("dn") or entry.findtext("dn") or entry.get("display-name") or entry.get("mv-guid") or "(unknown object)"
    detail = entry.findtext("cd-error/error-literal") or entry.findtext("extension-error-info/call-stack") or ""
    return f"{name}: {entry.findtext('error-type') or 'unknown error'}" + (f" ({detail.strip()})" if detail.strip() else "")


def _incidents(element: ET.Element) -> list[str]:
    found = []
    for incident in element.iterfind("ma-connection/connection-log/incident"):
        code, literal = incident.findtext("cd-error/error-code") or "", incident.findtext("cd-error/error-literal") or ""
        tail = " ".join(part for part in (code, literal) if part)
        found.append(f"{incident.findtext('server') or 'connection'}: {incident.findtext('connection-result') or ''}" + (f" ({tail})" if tail else ""))
    return found


def _summary(counters: Mapping[str, int]) -> dict[str, int]:
    """Adds, updates and deletes in one step's own sense: staged by an import, exported by an export, provisioned by a synchronization."""

    def total(*names: str) -> int:
        return sum(count for name, count in counters.items() if _plain(name) in names)

    return {
        "adds": total("stage-add", "export-add", *PROVISIONED),
        "updates": total("stage-update", "stage-rename", "stage-delete-add", "export-update", "export-rename", "export-delete-add")
        + _outbound_updates(counters),
        "deletes": total("stage-delete", "export-delete", "provisioned-disconnect"),
    }


def _outbound_updates(counters: Mapping[str, int]) -> int:
    """`connector-flow` is an inbound counter, too; only another agent's counts as an update that will be exported."""
    return sum(count for name, count in counters.items() if ": " in name and _plain(name) == "connector-flow")


def _plain(name: str) -> str:
    return name.rpartition(": ")[2]


def _number(text: str | None) -> int:
    try:
        return int((text or "").strip() or 0)
    except ValueError:
        return 0
