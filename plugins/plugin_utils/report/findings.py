# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What lint finds, as a part of the report. Of two configurations it is said which findings are new and which are gone.

Findings are no differences of their own: verdict and exit code speak of the configurations alone.
"""

from __future__ import annotations

from collections import Counter

from ..configuration.folder import Folder
from ..lint.checking import lint_folder
from ..lint.findings import Finding, by_severity
from .sections import Change, Column, Part, Row, Section, anchored, folded

FINDINGS = "Findings"
_COLUMNS = (Column("Severity", folded), Column("Where", folded), Column("What is wrong"), Column("Rule", folded))


def findings_part(given: Folder, against: Folder | None) -> Part:
    """The findings on `given`; with `against` those that are gone since, too."""
    now = lint_folder(given)
    before = now if against is None else lint_folder(against)
    gone = [finding for finding in before if finding not in now]
    rows = tuple(_row(finding, before, now) for finding in by_severity([*now, *gone]))
    count = Counter(finding.severity.value for finding in now)
    detail = ", ".join(f"{number} {word}{'s' if number > 1 else ''}" for word, number in count.items()) or "none"
    section = Section(FINDINGS, FINDINGS, _COLUMNS, rows, empty="None.", note="What an import refuses, what never works, what misleads.")
    return anchored([Part(FINDINGS, detail, (section,), is_agent=False)])[0]


def _row(finding: Finding, before: list[Finding], now: list[Finding]) -> Row:
    change = Change.REMOVED if finding not in now else Change.SAME if finding in before else Change.ADDED
    return Row((finding.rule, finding.place, finding.message), (finding.severity.value, finding.place, finding.message, finding.rule), change)
