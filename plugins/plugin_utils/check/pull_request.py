# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a declaration would change on the server whose export is given, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..configuration.folder import read_export
from ..desired.variables import declaration_of, rules_of
from ..errors import MimSyncError
from ..lint.checking import lint_folder
from ..lint.findings import Finding
from ..plan.change import Change, Risk
from ..plan.rules import rule_notes, say_rules
from ..plan.whole_server import plan_on_files
from ..rules.declared import declared_wish

SAME, CHANGES, WRONG = 0, 2, 1
_MOST_FINDINGS = 50
_SIGNS = {Risk.NONE: "", Risk.RECALCULATES: "recalculates", Risk.DISCONNECTS: "**disconnects**", Risk.CAN_DELETE: "**can delete**"}


@dataclass(frozen=True)
class Verdict:
    """`code` is the exit code: 0 nothing would change, 2 something would, 1 the declaration is wrong. Findings do not change it."""

    code: int
    markdown: str


def check_declaration(export: Mapping[str, bytes], texts: Mapping[str, str], state: str = "merged") -> Verdict:
    """`export` holds a server's files, `texts` YAML files, both by name. Never raises for bad input."""
    try:
        found, wish = declared_wish(declaration_of(texts), rules_of(texts))
        folder = read_export(export)
        before = lint_folder(folder)
        plan, _unused = plan_on_files(folder, wish, state)
        rule_notes(found, plan.planned.model())
        say_rules(plan, found)
    except MimSyncError as error:
        return Verdict(WRONG, _refusal(error))
    listing = _listing(plan.changes, plan.run_needed())
    return Verdict(CHANGES if plan.changes else SAME, listing + _findings(before, lint_folder(plan.planned)))


def _refusal(error: MimSyncError) -> str:
    faults = error.details or (f"{error.path}: {error.message}" if error.path else error.message,)
    lines = "\n".join(f"- {_escaped(fault)}" for fault in faults)
    return f"## Synchronization configuration: {len(faults)} {'fault' if len(faults) == 1 else 'faults'}\n\n{lines}\n"


def _listing(changes: Sequence[Change], needed: Mapping[str, Sequence[str]]) -> str:
    if not changes:
        return "## Synchronization configuration: no change\n\nThe server already holds what is declared.\n"
    dangerous = sum(change.risk is Risk.CAN_DELETE for change in changes)
    lines = [f"## Synchronization configuration: {len(changes)} {'change' if len(changes) == 1 else 'changes'}", ""]
    if dangerous:
        lines += [f"> {dangerous} of them can delete objects; they are refused until `allow_scope_loss` is set.", ""]
    lines += ["| # | Change | Before | After | Risk |", "|---|---|---|---|---|"]
    lines += [_row(number, change) for number, change in enumerate(changes, 1)]
    if needed:
        lines += ["", "To run afterwards:", ""]
        lines += [f"- {_escaped(agent or 'metaverse')}: {', '.join(steps)}" for agent, steps in needed.items()]
    return "\n".join(lines) + "\n"


def _findings(before: Sequence[Finding], after: Sequence[Finding]) -> str:
    """What is wrong with the configuration as it would be, and what would no longer be."""
    if not before and not after:
        return ""
    new = [finding for finding in after if finding not in before]
    lines = ["", f"### Findings: {len(after)}, {len(new)} of them new, {sum(finding not in after for finding in before)} gone", ""]
    lines += ["| Severity | Where | What is wrong | |", "|---|---|---|---|"]
    shown = [*new, *(finding for finding in after if finding in before)][:_MOST_FINDINGS]
    for finding in shown:
        lines.append(f"| {finding.severity.value} | {_escaped(finding.place)} | {_escaped(finding.message)} | {'new' if finding in new else ''} |")
    lines += ["", f"and {len(after) - len(shown)} more; a report of the export lists them."] if len(after) > len(shown) else []
    return "\n".join(lines) + "\n" if after else "\n".join(lines[:2]) + "\n"


def _row(number: int, change: Change) -> str:
    risk = _SIGNS[change.risk] + (f" ({_escaped(change.reason)})" if change.reason else "")
    return f"| {number} | {_escaped(change.sentence)} | {_cell(change.before)} | {_cell(change.after)} | {risk} |"


def _cell(text: str) -> str:
    return "<br>".join(_escaped(line) for line in text.splitlines()[:20])


def _escaped(text: str) -> str:
    """Text that Markdown and HTML take as it is."""
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\\", "\\\\"), ("|", "\\|"), ("`", "\\`"), ("*", "\\*"), ("_", "\\_")):
        text = text.replace(sign, written)
    return text.replace("\n", " ")
