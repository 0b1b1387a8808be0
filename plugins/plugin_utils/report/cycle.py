# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One self-contained HTML page about a cycle: what each step did, for people who look at the Operations tab today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --warn: #9a6700; --bad: #cf222e; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
"""
GROUPS = ("staged", "synchronized", "exported")


@dataclass(frozen=True)
class StepReport:
    """One run of a profile. `counters` by group (staged, synchronized, exported), then by MIM's own name; `seconds` of run time."""

    agent: str
    profile: str
    result: str
    started: str = ""
    seconds: float = 0.0
    counters: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    errors: Sequence[str] = ()


@dataclass(frozen=True)
class CycleReport:
    """`outcome` is one sentence; `stopped` says why the cycle ended early, empty when it did not."""

    server: str
    kind: str
    outcome: str
    steps: Sequence[StepReport]
    stopped: str = ""


def tone(result: str) -> str:
    """CSS class of a run result: only `success` is a success, `completed-` did its work, the rest did not (reference: WMI)."""
    if result == "success":
        return "good"
    return "warn" if result.startswith("completed-") else "bad"


def counted(counters: Mapping[str, int]) -> str:
    """`12 add, 3 update`: what is not zero, without the group's lead.

    >>> counted({"stage-add": 12, "stage-update": 0})
    'add 12'
    """
    return ", ".join(f"{name.partition('-')[2] or name} {count}" for name, count in counters.items() if count)


def rows(steps: Iterable[StepReport]) -> str:
    return "\n".join(row(number, step) for number, step in enumerate(steps, start=1))


def row(number: int, step: StepReport) -> str:
    cells = "".join(f"<td>{escape(counted(step.counters.get(group, {})))}</td>" for group in GROUPS)
    errors = "".join(f"<br>{escape(error)}" for error in step.errors)
    return (
        f'<tr id="step-{number}"><td>{number}</td><td>{escape(step.agent)}</td><td>{escape(step.profile)}</td>'
        f'<td class="{tone(step.result)}">{escape(step.result)}{errors}</td><td>{escape(step.started)}</td>'
        f'<td class="number">{step.seconds:.1f}</td>{cells}</tr>'
    )


def render(report: CycleReport) -> str:
    """The page; the same input gives the same text."""
    heads = "".join(f"<th>{head}</th>" for head in ("", "agent", "run profile", "result", "started (UTC)", "seconds", *GROUPS))
    stopped = f'<p class="bad">{escape(report.stopped)}</p>' if report.stopped else ""
    title = f"{report.kind.capitalize()} cycle on {report.server}"
    return f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style></head>
<body>
<h1>{escape(title)}</h1>
<p>{escape(report.outcome)}</p>
{stopped}
<table>
<thead><tr>{heads}</tr></thead>
<tbody>
{rows(report.steps)}
</tbody>
</table>
</body>
</html>
"""
