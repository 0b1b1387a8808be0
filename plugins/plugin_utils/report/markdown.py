# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A report as Markdown, for a pull request: of a difference only what differs, of a configuration everything."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .sections import CHANGES, Change, Part, Report, Row, Section, counts
from .words import headline, pieces, separator_of, verdict

# Text that means nothing to Markdown; what else there is stands as code, so that no value can format, link or mention.
_PLAIN = re.compile(r"[\w .,;:/()=+-]*", re.ASCII)
_SIGNS = {Change.SAME: "", Change.ADDED: "➕ added", Change.REMOVED: "➖ removed", Change.MODIFIED: "✏️ modified", Change.MOVED: "↕️ moved"}


def render(report: Report) -> str:
    return "\n".join(_lines(report)).rstrip() + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# {_text(headline(report))}"
    yield ""
    yield f"Configuration: {_text(str(report.origin))}  "
    if report.against is not None:
        yield f"Compared with: {_text(str(report.against))}"
        yield f"\n**{verdict(report)}**"
    yield ""
    yield from (f"> {_text(note)}\n" for note in report.notes)
    if report.against is not None and not report.different:
        return
    yield from _counts(report)
    if report.findings is not None and any(section.changed or report.against is None for section in report.findings.sections):
        yield from _part(report.findings, only_changes=report.against is not None)
    for part in report.parts:
        if report.against is None or part.changed:
            yield from _part(part, only_changes=report.against is not None)


def _counts(report: Report) -> Iterator[str]:
    compared = report.against is not None
    heads = ["What", "now", *(change.value for change in CHANGES if compared)]
    yield from _table_head(heads)
    for count in counts(report):
        if not compared or any(count.changes.values()):
            yield _table_row([count.title, str(count.total), *(str(count.changes[change] or "") for change in CHANGES if compared)])
    yield ""


def _part(part: Part, *, only_changes: bool) -> Iterator[str]:
    detail = f" ({_text(part.detail)})" if part.detail else ""
    badge = f": {part.change.value}" if part.change is not Change.SAME else ""
    yield f"## {_text(part.name)}{detail}{badge}\n"
    for section in part.sections:
        if section.rows and (section.changed or not only_changes) and (section.counted or not only_changes):
            yield from _section(section, only_changes=only_changes)


def _section(section: Section, *, only_changes: bool) -> Iterator[str]:
    yield f"### {_text(section.title)}\n"
    yield from _table_head(["", *(column.title for column in section.columns)] if only_changes else [column.title for column in section.columns])
    for row in section.rows:
        if not only_changes:
            yield _table_row(row.cells)
        elif row.change is not Change.SAME:
            yield _table_row_as_is([_SIGNS[row.change], *_cells(row)])
    yield ""


def _cells(row: Row) -> list[str]:
    return [_cell(cell, before) for cell, before in zip(row.cells, row.before or row.cells, strict=True)]


def _cell(cell: str, before: str) -> str:
    return separator_of(before, cell).join(_piece(change, old, new) for change, old, new in pieces(before, cell))


def _piece(change: Change, before: str, after: str) -> str:
    if change is Change.SAME:
        return _text(after)
    return f"{_text(before) or '(empty)'} → {_text(after) or '(empty)'}"


def _table_head(heads: list[str]) -> Iterator[str]:
    yield _table_row(heads)
    yield "|" + " --- |" * len(heads)


def _table_row(cells: tuple[str, ...] | list[str]) -> str:
    return _table_row_as_is([_text(cell) for cell in cells])


def _table_row_as_is(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _text(text: str) -> str:
    """One line that shows as written.

    >>> _text("a|b")
    '`a\\\\|b`'
    """
    line = " ".join(text.split())
    if _PLAIN.fullmatch(line) and "_" not in line and "://" not in line:
        return line
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}".replace("|", "\\|")
