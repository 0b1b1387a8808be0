# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sentences that all forms of a report share."""

from __future__ import annotations

from .sections import Report, change_totals

NO_DIFFERENCES = "No differences."


def headline(report: Report) -> str:
    name = report.origin.server or report.origin.label
    return f"Synchronization configuration of {name}" if report.against is None else f"Changes of the synchronization configuration of {name}"


def verdict(report: Report) -> str:
    """`4 differences: 1 added, 3 modified.`, or that there are none."""
    totals = {change.value: number for change, number in change_totals(report).items() if number}
    if not totals:
        return NO_DIFFERENCES
    number = sum(totals.values())
    words = ", ".join(f"{amount} {name}" for name, amount in totals.items())
    return f"{number} {'difference' if number == 1 else 'differences'}: {words}."
