# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A report as one HTML page that needs nothing but itself. The same report gives the same text.

Style and script stand in assets/ and are put into the page. Without script everything is shown, nothing is folded away.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from .picture import pictures
from .sections import CHANGES, Change, Part, Report, Row, Section, anchors, change_totals, counts
from .words import headline, pieces, separator_of, verdict

_ASSETS = Path(__file__).with_name("assets")
# More agents than this begin folded, so that the page opens at once.
_OPEN_AGENTS = 12


def render(report: Report) -> str:
    style, script = ((_ASSETS / name).read_text(encoding="utf-8").strip() for name in ("page.css", "page.js"))
    title = headline(report)
    pieces = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>\n<style>\n{style}\n</style>\n</head>",
        f'<body class="{"compared" if report.against else "single"}">',
        *_bar(report),
        *_contents(report),
        f"<main>\n<h1>{escape(title)}</h1>",
        *_summary(report),
        *(_part(report.findings, folded=False) if report.findings else ()),
        *_pictures(report),
        *(text for part in report.parts for text in _part(part, folded=len(report.agents) > _OPEN_AGENTS)),
        f'<p id="nothing" hidden>Nothing on this page matches.</p>\n</main>\n<script>\n{script}\n</script>\n</body>\n</html>\n',
    ]
    return "\n".join(pieces)


def _bar(report: Report) -> Iterator[str]:
    options = "".join(f"<option>{escape(name)}</option>" for name in report.agents)
    yield '<header id="bar" hidden>'
    yield '<input id="search" type="search" placeholder="Search names, values, rules" aria-label="Search" autocomplete="off" spellcheck="false">'
    yield f'<select id="agent" aria-label="Agent"><option value="">All agents</option>{options}</select>'
    if report.against is not None:
        yield '<label><input id="changes" type="checkbox"> Only changes</label>'
    yield '<button id="unfold" type="button">Unfold all</button><button id="fold" type="button">Fold all</button>'
    yield '<button id="theme" type="button" title="Dark or light">◐</button>'
    yield '<output id="found" aria-live="polite"></output>\n</header>'


def _contents(report: Report) -> Iterator[str]:
    yield '<nav id="contents" aria-label="Contents">\n<ul>\n<li><a href="#summary">Summary</a></li>'
    if report.findings:
        place = report.findings.anchor
        yield f'<li data-part="{place}"><a href="#{place}">{report.findings.name}</a> <small>{report.findings.detail}</small></li>'
    yield '<li><a href="#flows">Picture of the flows</a></li>'
    for part in report.parts:
        mark = f' <span class="mark {part.change.value}">{_amount(part)}</span>' if part.changed else ""
        yield f'<li data-part="{escape(part.anchor)}"><a href="#{escape(part.anchor)}">{escape(part.name)}</a>{mark}'
        links = (_link(section) for section in part.sections if section.rows)
        yield f"<details><summary>sections</summary><ul>{''.join(links)}</ul></details></li>"
    yield "</ul>\n</nav>"


def _link(section: Section) -> str:
    style = ' class="changed"' if section.changed else ""
    return f'<li><a href="#{section.anchor}"{style}>{escape(section.title)}</a></li>'


def _amount(part: Part) -> str:
    if part.change is not Change.SAME:
        return str(part.change.value)
    return str(sum(row.change is not Change.SAME for section in part.sections for row in section.rows))


def _summary(report: Report) -> Iterator[str]:
    yield f'<section id="summary">\n<dl><dt>Configuration</dt><dd>{escape(str(report.origin))}</dd>'
    if report.against is not None:
        yield f"<dt>Compared with</dt><dd>{escape(str(report.against))}</dd>"
    yield "</dl>"
    yield from (f'<p class="note">{escape(note)}</p>' for note in report.notes)
    if report.against is not None:
        yield f'<p class="verdict {"modified" if report.different else "added"}" id="verdict">{escape(verdict(report))}</p>'
    yield from _list_of_changes(report)
    yield from _counts(report)
    yield "</section>"


def _counts(report: Report) -> Iterator[str]:
    heads = "".join(f'<th class="number">{change.value}</th>' for change in CHANGES) if report.against else ""
    yield f'<table class="counts"><thead><tr><th>What</th><th class="number">now</th>{heads}</tr></thead>\n<tbody>'
    for count in counts(report):
        numbers = "".join(f'<td class="number {change.value}">{count.changes[change] or ""}</td>' for change in CHANGES) if report.against else ""
        still = ' class="still"' if report.against and not any(count.changes.values()) else ""
        yield f'<tr{still}><td>{escape(count.title)}</td><td class="number">{count.total}</td>{numbers}</tr>'
    yield "</tbody></table>"


def _list_of_changes(report: Report) -> Iterator[str]:
    if not report.different:
        return
    yield f'<details open id="all-changes"><summary>All changes ({sum(change_totals(report).values())})</summary><ul>'
    for part in report.parts:
        if part.change is not Change.SAME:
            name = f"agent {part.name}" if part.is_agent else part.name
            yield f'<li class="{part.change.value}"><a href="#{part.anchor}">{escape(name)}</a> {part.change.value}</li>'
            continue
        places = anchors(part)
        for index, section in enumerate(part.sections):
            for row, anchor in zip(section.rows, places[index], strict=True):
                if row.change is not Change.SAME and section.counted:
                    text = f"{part.name}: {section.title}: {row.title}"
                    yield f'<li class="{row.change.value}"><a href="#{anchor}">{escape(text)}</a> {row.change.value}</li>'
    yield "</ul></details>"


def _pictures(report: Report) -> Iterator[str]:
    drawn = pictures(report)
    yield '<section id="flows">\n<h2>Picture of the flows</h2>'
    if not drawn:
        yield '<p class="empty">No flows.</p>'
    else:
        yield '<p class="hint">Agents that give stand on the left, agents that take on the right. Point at an attribute to follow it; click to keep it.</p>'
    for number, (mv_type, svg) in enumerate(drawn):
        yield f"<details{' open' if number == 0 else ''}><summary>{escape(mv_type)}</summary>\n{svg}\n</details>"
    yield "</section>"


def _part(part: Part, *, folded: bool) -> Iterator[str]:
    badge = f' <span class="mark {part.change.value}">{part.change.value}</span>' if part.change is not Change.SAME else ""
    detail = f" <small>{escape(part.detail)}</small>" if part.detail else ""
    agent = f' data-agent="{escape(part.name)}"' if part.is_agent else ""
    opening = "" if folded and part.is_agent else " open"
    yield f'<details class="part"{agent} id="{part.anchor}"{opening}>\n<summary><h2>{escape(part.name)}{detail}{badge}</h2></summary>'
    places = anchors(part)
    for index, section in enumerate(part.sections):
        yield from _section(section, places[index])
    yield "</details>"


def _section(section: Section, places: list[str]) -> Iterator[str]:
    count = f" <small>{len(section.rows)}</small>" if section.rows else ""
    opening = "" if _is_folded(section) else " open"
    yield f'<details class="section" id="{section.anchor}"{opening}>\n<summary><h3>{escape(section.title)}{count}</h3></summary>'
    if not section.rows:
        yield f'<p class="empty">{escape(section.empty)}</p>\n</details>'
        return
    if section.note:
        yield f'<p class="note">{escape(section.note)}</p>'
    heads = "".join(f"<th>{escape(column.title)}</th>" for column in section.columns)
    yield f"<table><thead><tr>{heads}</tr></thead>\n<tbody>"
    for row, anchor in zip(section.rows, places, strict=True):
        yield _row(row, anchor)
    yield "</tbody></table>\n</details>"


def _is_folded(section: Section) -> bool:
    """A metaverse has some hundred attributes, which few come to read."""
    return section.kind == "Metaverse attributes" and not section.changed


def _row(row: Row, anchor: str) -> str:
    cells = "".join(map(_cell, row.cells, row.before or row.cells))
    change = f' class="{row.change.value}" title="{row.change.value}"' if row.change is not Change.SAME else ""
    agent = f' data-agent="{escape(row.agent)}"' if row.agent else ""
    return f'<tr id="{anchor}"{change}{agent}>{cells}</tr>'


def _cell(text: str, before: str) -> str:
    if text == before:
        return f"<td>{escape(text)}</td>"
    separator = separator_of(before, text)
    return f"<td>{separator.join(_piece(change, old, new) for change, old, new in pieces(before, text))}</td>"


def _piece(change: Change, before: str, after: str) -> str:
    if change is Change.SAME:
        return escape(after)
    old = f"<del>{escape(before)}</del>" if before else ""
    return " ".join(text for text in (old, f"<ins>{escape(after)}</ins>" if after or change is Change.MODIFIED else "") if text)
