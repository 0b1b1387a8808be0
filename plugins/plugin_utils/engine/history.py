# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run history: what a run did, and its XML as the service tells it.

Source of the form: reference page `sync-engine` section 4 (RunHistory.xsd of lithnet/miis-client, a real sample in
PoShMon's tests): steps newest first, dates in UTC, counters with `detail`, GUIDs upper-case in braces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from ..configuration.model import RunStep, StepKind
from .confirmation import NOT_REIMPORTED
from .counters import WITHOUT_DETAIL, Counters
from .objects import ObjectError
from .refusals import DiscoveryError

# step-type/@type, the element of the subtype, its text (MS-UPSDBDAP 2.2.6.2).
STEP_TYPES: dict[StepKind, tuple[str, str, str]] = {
    StepKind.FULL_IMPORT: ("full-import", "import-subtype", "to-cs"),
    StepKind.DELTA_IMPORT: ("delta-import", "import-subtype", "to-cs"),
    StepKind.FULL_IMPORT_DELTA_SYNC: ("full-import", "", ""),
    StepKind.DELTA_IMPORT_DELTA_SYNC: ("delta-import", "", ""),
    StepKind.FULL_IMPORT_FULL_SYNC: ("full-import-reevaluate-rules", "", ""),
    StepKind.DELTA_SYNC: ("apply-rules", "apply-rules-subtype", "apply-pending"),
    StepKind.FULL_SYNC: ("apply-rules", "apply-rules-subtype", "reevaluate-flow-connectors"),
    StepKind.EXPORT: ("export", "", ""),
    StepKind.OTHER: ("other", "", ""),
}
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
PROLOG = '<?xml version="1.0" encoding="utf-16"?>\n'


@dataclass(frozen=True)
class ReportedError:
    """An import or export error of a step, with the object that it belongs to."""

    object_id: str
    dn: str
    error: ObjectError


@dataclass(frozen=True)
class Incident:
    """A connection that failed. `code` and `literal` are the server's own error."""

    connection_result: str
    date: float
    server: str
    code: str = ""
    literal: str = ""


@dataclass
class StepDetails:
    """One step of a run. Dates are seconds since 1970, UTC; `end` 0 while it runs."""

    number: int
    id: str
    step: RunStep
    partition: str
    start: float
    end: float = 0.0
    result: str = "in-progress"
    connection_result: str = ""
    server: str = ""
    incidents: list[Incident] = field(default_factory=list)
    counters: Counters = field(default_factory=Counters)
    discovery_errors: list[DiscoveryError] = field(default_factory=list)
    import_errors: list[ReportedError] = field(default_factory=list)
    export_errors: list[ReportedError] = field(default_factory=list)
    retry_errors: list[ReportedError] = field(default_factory=list)
    progress: str = ""
    # Of an export: the number of its batch, and of the last one that went through whole.
    batch: int = 0
    last_successful: int = 0
    # Agent id -> name, of the agents in the outbound counters.
    agents: Mapping[str, str] = field(default_factory=dict)


@dataclass
class RunDetails:
    """One run. `status` is the last step's result, `in-progress` until the run ends."""

    agent_id: str
    agent_name: str
    number: int
    profile: str
    user: str
    start: float
    end: float = 0.0
    status: str = "in-progress"
    steps: list[StepDetails] = field(default_factory=list)


def date_text(seconds: float) -> str:
    """`yyyy-MM-dd HH:mm:ss.fff` in UTC; empty for 0."""
    if not seconds:
        return ""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}"


def run_history(runs: Iterable[RunDetails]) -> str:
    """The `<run-history>` document of the runs; of none, an empty element."""
    root = ET.Element("run-history")
    for run in runs:
        root.append(_run(run))
    ET.indent(root, " ")
    return PROLOG + ET.tostring(root, encoding="unicode") + "\n"


def _run(run: RunDetails) -> ET.Element:
    element = ET.Element("run-details")
    _leaves(
        element,
        {"ma-id": run.agent_id, "ma-name": run.agent_name, "run-number": str(run.number), "run-profile-name": run.profile, "security-id": run.user},
    )
    for step in reversed(run.steps):
        element.append(_step(step))
    return element


def _step(step: StepDetails) -> ET.Element:
    element = ET.Element("step-details", {"step-number": str(step.number), "step-id": step.id})
    _leaves(element, {"start-date": date_text(step.start), "end-date": date_text(step.end)})
    result = _leaf(element, "step-result", step.result)
    if step.progress:
        result.set("progress", step.progress)
    element.append(_description(step))
    _leaves(element, {"current-export-step-counter": str(step.batch), "last-successful-export-step-counter": str(step.last_successful)})
    element.append(_connection(step))
    element.append(_discovery(step.discovery_errors))
    _counters(element, "ma-discovery-counters", {name: count for name, count in step.counters.discovery.items() if count}, detail=False)
    element.append(_errors("synchronization-errors", step.import_errors, step.export_errors))
    element.append(_retry_errors(step.retry_errors))
    for agent_id, counts in step.counters.outbound.items():
        outbound = _counters(element, "outbound-flow-counters", {name: count for name, count in counts.items() if count})
        outbound.set("ma", step.agents.get(agent_id, ""))
        outbound.set("ma-id", agent_id)
    _counters(element, "staging-counters", step.counters.staging)
    _counters(element, "inbound-flow-counters", step.counters.inbound)
    _counters(element, "export-counters", step.counters.export)
    return element


def _description(step: StepDetails) -> ET.Element:
    kind, subtype, text = STEP_TYPES[step.step.kind]
    element = ET.Element("step-description")
    step_type = ET.SubElement(element, "step-type", {"type": kind})
    if subtype:
        _leaf(step_type, subtype, text)
    limits = {"object": step.step.object_limit, "delete": step.step.delete_limit, "batch-size": step.step.batch_size}
    if any(limits.values()):
        threshold = ET.SubElement(element, "threshold")
        _leaves(threshold, {name: str(value) for name, value in limits.items() if value})
    _leaf(element, "partition", step.partition)
    ET.SubElement(element, "custom-data")
    return element


def _connection(step: StepDetails) -> ET.Element:
    element = ET.Element("ma-connection")
    if step.connection_result:
        _leaves(element, {"connection-result": step.connection_result, "server": step.server})
    if step.incidents:
        log = ET.SubElement(element, "connection-log")
        for incident in step.incidents:
            entry = ET.SubElement(log, "incident")
            _leaves(entry, {"connection-result": incident.connection_result, "date": date_text(incident.date), "server": incident.server})
            if incident.code or incident.literal:
                _leaves(ET.SubElement(entry, "cd-error"), {"error-code": incident.code, "error-literal": incident.literal})
    return element


def _discovery(errors: Iterable[DiscoveryError]) -> ET.Element:
    element = ET.Element("ma-discovery-errors")
    for error in errors:
        entry = ET.SubElement(element, "ma-object-error")
        line = str(error.line) if error.line else ""
        _leaves(
            entry,
            {"error-type": error.error_type, "line-number": line, "dn": error.dn, "anchor": error.anchor, "attribute-name": error.attribute},
            skip_empty=True,
        )
    return element


def _errors(name: str, import_errors: Iterable[ReportedError], export_errors: Iterable[ReportedError]) -> ET.Element:
    element = ET.Element(name)
    for reported in import_errors:
        entry = ET.SubElement(element, "import-error", {"cs-guid": reported.object_id, "dn": clean(reported.dn)})
        _error_dates(entry, reported.error)
        _leaves(entry, {"error-type": reported.error.error_type, "algorithm-step": reported.error.step})
        _not_reimported(entry, reported)
        _extension_info(entry, reported.error)
        _rules_info(entry, reported.error)
    for reported in export_errors:
        entry = ET.SubElement(element, "export-error", {"cs-guid": reported.object_id, "dn": clean(reported.dn)})
        _error_dates(entry, reported.error)
        _leaf(entry, "error-type", reported.error.error_type)
        literal = reported.error.detail.get("error-literal", "")
        if literal:
            _leaf(ET.SubElement(entry, "cd-error"), "error-literal", literal)
    return element


def _error_dates(entry: ET.Element, error: ObjectError) -> None:
    _leaves(entry, {"first-occurred": date_text(error.first), "retry-count": str(error.retries), "date-occurred": date_text(error.last)})


def _extension_info(entry: ET.Element, error: ObjectError) -> None:
    if "extension-name" in error.detail:
        info = ET.SubElement(entry, "extension-error-info")
        names = ("extension-name", "extension-callsite", "extension-context", "call-stack")
        _leaves(info, {name: error.detail.get(name, "") for name in names})


def _not_reimported(entry: ET.Element, reported: ReportedError) -> None:
    """What was exported (delta) and what the import brought instead (entry)."""
    if reported.error.error_type != NOT_REIMPORTED:
        return
    element = ET.SubElement(entry, "change-not-reimported")
    dn = clean(reported.dn)
    delta = ET.SubElement(element, "delta", {"operation": "update" if reported.error.changes else "delete", "dn": dn})
    whole = ET.SubElement(element, "entry", {"dn": dn})
    for name, wanted, have in reported.error.changes:
        several = {"multivalued": "true" if max(len(wanted), len(have)) > 1 else "false"}
        _attribute(delta, {"name": name, **several, "operation": "replace" if wanted else "delete"}, wanted)
        if have:
            _attribute(whole, {"name": name, **several}, have)


def _attribute(parent: ET.Element, about: Mapping[str, str], values: Iterable[str]) -> None:
    element = ET.SubElement(parent, "attr", dict(about))
    for value in values:
        _leaf(element, "value", value)


def _rules_info(entry: ET.Element, error: ObjectError) -> None:
    """Which rule it was: the object of the context, the target, the mapping with its sources."""
    detail = error.detail
    if "rules-dest-attr" not in detail:
        return
    context = {"ma-id": "rules-ma-id", "ma-name": "rules-ma-name", "cs-object-id": "rules-cs-object-id", "dn": "rules-dn"}
    element = ET.SubElement(ET.SubElement(entry, "rules-error-info"), "context", {name: clean(detail[key]) for name, key in context.items()})
    mapping = ET.SubElement(element, "attribute-mapping", {"dest-attr": detail["rules-dest-attr"], "context-id": detail["rules-context-id"]})
    kind = ET.SubElement(mapping, detail["rules-mapping"])
    for source in filter(None, detail["rules-sources"].split("\n")):
        _leaf(kind, "src-attribute", source)
    if detail["rules-script"]:
        _leaf(kind, "script-context", detail["rules-script"])


def _retry_errors(errors: Iterable[ReportedError]) -> ET.Element:
    element = ET.Element("mv-retry-errors")
    for reported in errors:
        entry = ET.SubElement(element, "retry-error", {"mv-guid": reported.object_id, "display-name": clean(reported.dn)})
        _leaves(entry, {"date-occurred": date_text(reported.error.last), "error-type": reported.error.error_type, "algorithm-step": reported.error.step})
        _extension_info(entry, reported.error)
        _rules_info(entry, reported.error)
    return element


def _counters(parent: ET.Element, name: str, counts: Mapping[str, int], *, detail: bool = True) -> ET.Element:
    element = ET.SubElement(parent, name)
    for counter, count in counts.items():
        leaf = _leaf(element, counter, str(count))
        if detail:
            leaf.set("detail", "false" if counter in WITHOUT_DETAIL else "true")
    return element


def _leaf(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = clean(text)
    return element


def _leaves(parent: ET.Element, texts: Mapping[str, str], *, skip_empty: bool = False) -> None:
    for name, text in texts.items():
        if text or not skip_empty:
            _leaf(parent, name, text)


def clean(text: str) -> str:
    """Characters that XML cannot hold become question marks."""
    return NOT_XML.sub("?", text)
