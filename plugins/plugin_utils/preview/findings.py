# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with a configuration or with the objects that a preview is made of."""

from __future__ import annotations

from dataclasses import dataclass

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Finding:
    """`kind` is a short name (MIM's own where there is one), `place` where it is: a file with its line, or a part of the configuration.

    `subject` is the object meant, by its distinguished name as far as it is known.
    """

    severity: str
    kind: str
    place: str
    message: str
    subject: str = ""
    attribute: str = ""

    def __str__(self) -> str:
        subject = f"{self.subject}: " if self.subject else ""
        attribute = f"{self.attribute}: " if self.attribute else ""
        return f"{self.place}: {subject}{attribute}{self.message} ({self.kind})"


class Findings:
    """Collects findings; the reading of everything else goes on."""

    def __init__(self) -> None:
        self.all: list[Finding] = []

    def error(self, kind: str, place: str, message: str, *, subject: str = "", attribute: str = "") -> None:
        self.all.append(Finding(ERROR, kind, place, message, subject, attribute))

    def warning(self, kind: str, place: str, message: str, *, subject: str = "", attribute: str = "") -> None:
        self.all.append(Finding(WARNING, kind, place, message, subject, attribute))

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.all if finding.severity == ERROR]


def printable(text: str) -> str:
    """Text that any encoding can hold: halves of character pairs and stray bytes show as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
