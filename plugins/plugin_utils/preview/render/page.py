# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A preview as one HTML page without anything from elsewhere. Every text is escaped; rows are searched in the page itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from ..answer import Answer
from ..findings import printable
from ..groups import Group
from ..rows import TRANSITIONS
from .data import moment, row_values, summary

STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --warn: #9a6700; --bad: #cf222e; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
input { font: inherit; padding: .3rem .6rem; width: 100%; box-sizing: border-box; }
"""
SCRIPT = """
const rows = JSON.parse(document.getElementById("rows").textContent);
const shown = 500, body = document.getElementById("found"), field = document.getElementById("search"), said = document.getElementById("said");
const texts = rows.map(row => Object.values(row).flat().join("\\n").toLowerCase());
function find() {
  const words = field.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let count = 0;
  body.replaceChildren();
  rows.forEach((row, index) => {
    if (!words.every(word => texts[index].includes(word))) return;
    if (++count > shown) return;
    const line = body.insertRow();
    for (const text of row) line.insertCell().textContent = text;
  });
  said.textContent = count > shown ? `${count} rows, the first ${shown} are shown` : `${count} rows`;
}
field.addEventListener("input", find);
find();
"""
FLOW_COLUMNS = ("attribute", "value", "source", "rule", "reads", "gives", "verdict")
BAD = frozenset(list(TRANSITIONS)[:7])


def as_html(answer: Answer) -> str:
    """The page. Order: what stands in the way, what happens, groups, rows."""
    told = summary(answer)
    parts = [
        f"<h1>{_text(answer.title or 'Preview')}</h1><p>Made {_text(moment(answer.made_at))}. Nothing was changed.</p>",
        f'<p class="bad"><strong>{_text(answer.stopped)}</strong></p>' if answer.stopped else "",
        _list("Limits that are exceeded", answer.broken, "bad"),
        _findings(told["findings"]),
        _list("What happens", [] if answer.stopped else answer.headline),
        _table("How old the data is", ("agent", "source", "read", "objects", "estimate"), [tuple(map(str, origin.values())) for origin in told["data"]]),
        _list("What is an estimate", answer.notes),
        _table("Runs", ("agent", "run", "result"), [(run["agent"], run["profile"], run["status"]) for run in told["runs"]]),
        _counts(told["counts"]),
        _groups(answer.groups),
        *(_person(trace) for trace in answer.traces),
        _rows(answer),
    ]
    head = f'<meta charset="utf-8"><title>{_text(answer.title or "Preview")}</title><style>{STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body>\n' + "\n".join(part for part in parts if part) + "\n</body></html>\n"


def _text(value: object) -> str:
    return escape(printable(str(value)))


def _list(title: str, items: Iterable[str], tone: str = "") -> str:
    lines = "".join(f"<li>{_text(item)}</li>" for item in items)
    return f'<h2>{_text(title)}</h2><ul class="{tone}">{lines}</ul>' if lines else ""


def _table(title: str, header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    if not lines:
        return ""
    head = "".join(f"<th>{_text(name)}</th>" for name in header)
    body = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in line) + "</tr>" for line in lines)
    return (f"<h2>{_text(title)}</h2>" if title else "") + f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _findings(findings: Sequence[Mapping[str, Any]]) -> str:
    lines = [(item["severity"], item["kind"], item["place"], item["subject"], item["attribute"], item["message"]) for item in findings]
    return _table("Validation", ("", "kind", "place", "object", "attribute", "what is wrong"), lines)


def _counts(counts: Sequence[Mapping[str, Any]]) -> str:
    if not counts:
        return ""
    lines = []
    for item in counts:
        tone = "bad" if item["transition"] in BAD else ""
        cells = f'<td>{_text(item["agent"])}</td><td>{_text(item["object_type"])}</td><td class="{tone}">{_text(TRANSITIONS[item["transition"]])}</td>'
        lines.append(f'<tr>{cells}<td class="number">{item["objects"]:,}</td><td class="number">{item["of"]:,}</td></tr>')
    head = "<th>where</th><th>type</th><th>what happens to an object</th><th>objects</th><th>there are</th>"
    return f"<h2>Counts</h2><table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _groups(groups: Sequence[Group]) -> str:
    lines = []
    for group in groups:
        pairs = "; ".join(f"{old or '(empty)'} -> {new or '(empty)'} ({count})" if group.attribute else f"{old} ({count})" for old, new, count in group.pairs)
        lines.append((group.agent, group.object_type, group.transition, group.attribute, f"{group.rows:,}", group.pattern, pairs))
    return _table("Groups", ("where", "type", "transition", "attribute", "rows", "all of them", "old -> new"), lines)


def _person(trace: Mapping[str, Any]) -> str:
    lines = []
    for attribute in trace["attributes"]:
        lines += [_flow_line(attribute, flow) for flow in attribute["flows"]]
    parts = [
        f"<h2>{_text(trace['name'])} ({_text(trace['object_type'])})</h2>",
        _table("", FLOW_COLUMNS, lines),
    ]
    for connector in trace["connectors"]:
        found = [_flow_line(attribute, flow) for attribute in connector["flows"] for flow in attribute["flows"]]
        state = ", ".join(filter(None, (f"linked by {connector['link']}", connector["export"], connector["error"])))
        parts.append(f"<h3>{_text(connector['agent'])}: {_text(connector['dn'])}</h3><p>{_text(state)}</p>")
        parts.append(_table("", FLOW_COLUMNS, found))
    return "\n".join(parts)


def _flow_line(attribute: Mapping[str, Any], flow: Mapping[str, Any]) -> tuple[str, ...]:
    joined = [" | ".join(values) for values in (attribute["values"], flow["read"], flow["values"])]
    return (attribute["attribute"], joined[0], flow["source"], flow["rule"], joined[1], joined[2], flow["verdict"])


def _rows(answer: Answer) -> str:
    if not answer.rows:
        return ""
    content = json.dumps([_cells(row_values(row)) for row in answer.rows], ensure_ascii=True).replace("<", "\\u003c")
    head = "".join(f"<th>{name}</th>" for name in ("transition", "where", "type", "name", "object", "attribute", "old", "new", "detail"))
    return (
        '<h2>Rows</h2><input id="search" type="search" placeholder="words that a row must hold" aria-label="search"><p id="said"></p>'
        f'<table><thead><tr>{head}</tr></thead><tbody id="found"></tbody></table>'
        f'<script type="application/json" id="rows">{content}</script><script>{SCRIPT}</script>'
    )


def _cells(row: Mapping[str, Any]) -> list[str]:
    detail = row["detail"] or "; ".join(f"{name} = {text}" for name, text in row["values"].items())
    waiting = " (was waiting for its export already)" if row["pending"] else ""
    texts = (row["transition"], row["agent"], row["object_type"], row["name"], row["dn"], row["attribute"], " | ".join(row["old"]), " | ".join(row["new"]))
    return [*map(printable, texts), printable(detail + waiting)]
