# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A report as JSON, for programs: every part, section and row, each with what became of it."""

from __future__ import annotations

import json
from typing import Any

from .sections import Count, Origin, Part, Report, Row, Section, anchors, change_totals, counts
from .words import headline, verdict

FORMAT = 1


def render(report: Report) -> str:
    return json.dumps(as_dict(report), ensure_ascii=False, indent=1) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    """`different`, `verdict` and `changes` are there only when two configurations were compared."""
    found: dict[str, Any] = {"format": FORMAT, "title": headline(report), "configuration": _origin(report.origin)}
    if report.against is not None:
        totals = {change.value: number for change, number in change_totals(report).items()}
        found |= {"against": _origin(report.against), "different": report.different, "verdict": verdict(report), "changes": totals}
    found["notes"] = list(report.notes)
    if report.findings is not None:
        found["findings"] = [_finding(row) for section in report.findings.sections for row in section.rows]
    found["counts"] = [_count(count) for count in counts(report)]
    found["parts"] = [_part(part) for part in report.parts]
    return found


def _finding(row: Row) -> dict[str, str]:
    severity, place, message, rule = row.cells
    return {"severity": severity, "rule": rule, "place": place, "message": message, "change": row.change.value}


def _count(count: Count) -> dict[str, Any]:
    return {"what": count.title, "now": count.total, **{change.value: number for change, number in count.changes.items()}}


def _origin(origin: Origin) -> dict[str, str]:
    return {"label": origin.label, "server": origin.server, "exported": origin.exported}


def _part(part: Part) -> dict[str, Any]:
    places = anchors(part)
    sections = [_section(section, places[index]) for index, section in enumerate(part.sections) if section.counted]
    return {"name": part.name, "kind": part.detail or part.name.lower(), "anchor": part.anchor, "change": part.change.value, "sections": sections}


def _section(section: Section, places: list[str]) -> dict[str, Any]:
    titles = [column.title for column in section.columns]
    return {"title": section.title, "kind": section.kind, "rows": [_row(row, anchor, titles) for row, anchor in zip(section.rows, places, strict=True)]}


def _row(row: Row, anchor: str, titles: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"anchor": anchor, "change": row.change.value, "values": dict(zip(titles, row.cells, strict=True))}
    if row.before:
        found["before"] = dict(zip(titles, row.before, strict=True))
    return found
