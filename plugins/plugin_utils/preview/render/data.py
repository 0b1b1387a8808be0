# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A preview as plain data, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ..answer import Answer
from ..cycle import LEAD
from ..findings import printable
from ..rows import Row

COLUMNS = ("transition", "agent", "object_type", "name", "dn", "attribute", "old", "new", "detail", "pending")
# A spreadsheet takes a field that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def moment(seconds: float) -> str:
    """`2026-01-31 08:15 UTC`; `not known` for 0."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC" if seconds else "not known"


def summary(answer: Answer) -> dict[str, Any]:
    """Everything but the rows."""
    return {
        "title": answer.title,
        "made": moment(answer.made_at),
        "stopped": answer.stopped,
        "headline": list(answer.headline) if not answer.stopped else [],
        "broken_limits": list(answer.broken),
        "findings": [asdict(finding) for finding in answer.findings],
        "data": [{**asdict(origin), "read_at": moment(origin.read_at)} for origin in answer.origins],
        "notes": list(answer.notes),
        "runs": [{"agent": run.agent, "profile": run.profile.removeprefix(LEAD), "status": run.status, "errors": list(run.errors)} for run in answer.runs],
        "counts": [{**asdict(count), "percent": round(count.percent, 2)} for count in answer.counts],
        "groups": [{**asdict(group), "pairs": [{"old": old, "new": new, "rows": count} for old, new, count in group.pairs]} for group in answer.groups],
        "people": list(answer.traces),
    }


def row_values(row: Row) -> dict[str, Any]:
    return {**asdict(row), "old": list(row.old), "new": list(row.new), "values": dict(row.values)}


def as_json(answer: Answer) -> str:
    content: Mapping[str, Any] = {**summary(answer), "rows": [row_values(row) for row in answer.rows]}
    return printable(json.dumps(content, ensure_ascii=False, indent=1)) + "\n"


def as_csv(answer: Answer) -> str:
    """One line a row; several values are parted by ` | `."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in answer.rows:
        fields = (row.transition, row.agent, row.object_type, row.name, row.dn, row.attribute, " | ".join(row.old), " | ".join(row.new), row.detail)
        writer.writerow([*(harmless(printable(text)) for text in fields), "yes" if row.pending else ""])
    return out.getvalue()


def harmless(text: str) -> str:
    return "'" + text if text.startswith(FORMULA) else text
