# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sentences that all forms of a report share."""

from __future__ import annotations

from .sections import Change, Report, change_totals

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


def pieces(before: str, after: str) -> list[tuple[Change, str, str]]:
    """What became of a cell, (change, before, after) for each member where it is a list: only what changed needs to be marked.

    >>> [(change.value, old, new) for change, old, new in pieces("a = 1; b = 2", "a = 1; b = 3")]
    [('same', 'a = 1', 'a = 1'), ('modified', 'b = 2', 'b = 3')]
    """
    separator = separator_of(before, after)
    if not separator or not before or not after:
        return [(Change.SAME if before == after else Change.MODIFIED, before, after)]
    old, new = before.split(separator), after.split(separator)
    left = {piece.partition(" = ")[0]: piece for piece in old if piece not in new}
    found: list[tuple[Change, str, str]] = []
    for piece in new:
        name = piece.partition(" = ")[0]
        if piece in old:
            found.append((Change.SAME, piece, piece))
        else:
            found.append((Change.MODIFIED, left.pop(name), piece) if name in left else (Change.ADDED, "", piece))
    return found + [(Change.REMOVED, piece, "") for piece in left.values()]


def separator_of(before: str, after: str) -> str:
    """What parts the members of a list in these cells; empty when they are none."""
    return next((separator for separator in ("; ", ", ") if separator in before or separator in after), "")
