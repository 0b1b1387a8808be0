# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a finding is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(str, Enum):
    """error: an import fails or a rule never works; warning: it works, but hardly as meant; note: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """`place` is the agent or `metaverse`, with the item in it."""

    severity: Severity
    rule: str
    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.severity.value}: {self.place}: {self.message}"

    def as_dict(self) -> dict[str, str]:
        return {"severity": self.severity.value, "rule": self.rule, "place": self.place, "message": self.message}


def error(rule: str, place: str, message: str) -> Finding:
    return Finding(Severity.ERROR, rule, place, message)


def warning(rule: str, place: str, message: str) -> Finding:
    return Finding(Severity.WARNING, rule, place, message)


def note(rule: str, place: str, message: str) -> Finding:
    return Finding(Severity.NOTE, rule, place, message)


_ORDER = {severity: number for number, severity in enumerate(Severity)}


def by_severity(findings: list[Finding]) -> list[Finding]:
    """Each finding once, the grave ones first, else in their order."""
    return sorted(dict.fromkeys(findings), key=lambda finding: _ORDER[finding.severity])
