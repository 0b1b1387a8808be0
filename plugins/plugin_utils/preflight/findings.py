# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a preflight finds, and how it is reported: one list, worst first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any


class Severity(str, Enum):
    """`error` stops the installation, `warning` deserves a look, `info` is only told."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True)
class Finding:
    """`host` is empty for what concerns the whole estate; `message` names the value at fault, `remedy` what to do."""

    host: str
    severity: Severity
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        lead = f"{self.host}: " if self.host else ""
        return f"{lead}{self.message}{' ' + self.remedy if self.remedy else ''}"

    def as_dict(self) -> dict[str, str]:
        return {**asdict(self), "severity": self.severity.value}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Finding:
        return cls(str(data["host"]), Severity(data["severity"]), str(data["message"]), str(data.get("remedy", "")))


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each once, errors first, otherwise in the order given."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: _RANK[finding.severity]))


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


def as_json(findings: Iterable[Finding], hosts: Iterable[str]) -> str:
    found = ordered(findings)
    document = {"ready": not errors(found), "hosts": list(hosts), "findings": [finding.as_dict() for finding in found]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_markdown(findings: Iterable[Finding], hosts: Iterable[str]) -> str:
    """A page with a verdict, the hosts looked at and one table row a finding."""
    found = ordered(findings)
    wrong = len(errors(found))
    verdict = "Ready: nothing stands in the way." if not wrong else f"Not ready: {wrong} {'thing is' if wrong == 1 else 'things are'} missing or wrong."
    lines = ["# Preflight", "", verdict, "", f"Hosts: {', '.join(hosts) or 'none'}", ""]
    if found:
        lines += ["| severity | host | finding | what to do |", "|---|---|---|---|"]
        lines += [f"| {finding.severity.value} | {finding.host or 'estate'} | {_cell(finding.message)} | {_cell(finding.remedy)} |" for finding in found]
    return "\n".join(lines).rstrip() + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
