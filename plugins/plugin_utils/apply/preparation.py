# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run begins with: may it begin, did another one break off, and from which configuration is planned."""

from __future__ import annotations

import ntpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ..errors import LimitError, MimSyncError
from ..plan.change import Change, Plan
from ..plan.server import Server
from ..plan.verification import verify
from .journal import Journal, finding, obstacle, read_journal

Planner = Callable[[Server], Plan]
# A backup's files by the name of its folder; raises MimSyncError for one that is damaged.
BackupReader = Callable[[str], Mapping[str, bytes]]


@dataclass(frozen=True)
class Beginning:
    """`before` is the server as it is brought back when a step fails; `present` as it was read.

    `seen` is the first line of the journal that is taken over, empty without one; `backup` the folder that holds `before`
    already, empty where one is to be made.
    """

    plan: Plan
    before: Server
    present: Server
    seen: str = ""
    backup: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rules:
    """When somebody else's journal stands in the way: `limit` in seconds without a step."""

    host: str
    limit: int
    take_over: bool = False
    rehearsal: bool = False
    read_backup: BackupReader = field(default=lambda name: {}, repr=False)


def begin(server: Server, planner: Planner, rules: Rules) -> Beginning:
    """Raises LimitError where somebody else is at work (a rehearsal is told instead)."""
    journal = read_journal(server.journal, server.journal_age, server.journal_open)
    if journal is None:
        return Beginning(planner(server), server, server)
    reason = obstacle(journal, rules.host, rules.limit, take_over=rules.take_over)
    if reason and not rules.rehearsal:
        raise LimitError(reason)
    if reason:
        return Beginning(planner(server), server, server, notes=(reason,))
    return _after(journal, server, planner, rules)


def _after(journal: Journal, server: Server, planner: Planner, rules: Rules) -> Beginning:
    """Goes on where a run broke off: from its backup, because what it left may be half a change."""
    note = finding(journal)
    if not journal.touched:
        return Beginning(planner(server), server, server, journal.header, notes=(note,))
    try:
        files = rules.read_backup(ntpath.basename(journal.holder.backup)) if journal.holder.backup else {}
    except MimSyncError as error:
        files, note = {}, f"{note} It cannot be used: {error.message} So what the server holds now is the start."
    if not files:
        return Beginning(planner(server), server, server, journal.header, notes=(note,))
    before = replace(server, files=files)
    nothing_left, plan = _holds_all(server, planner), planner(before)
    if nothing_left and not verify(plan.planned, server.folder(), server.files).wrong:
        return Beginning(Plan(plan.planned), server, server, journal.header, notes=(f"{note} The server holds all that was planned.",))
    if not plan.changes:
        plan.changes.append(_back(journal))
    return Beginning(plan, before, server, journal.header, journal.holder.backup, notes=(f"{note} It is gone on with from there.",))


def _holds_all(server: Server, planner: Planner) -> bool:
    """False also where half a change cannot even be planned on."""
    try:
        return not planner(server).changes
    except MimSyncError:
        return False


def _back(journal: Journal) -> Change:
    holder = journal.holder
    sentence = f"metaverse and agents: configuration of {holder.backup} brought back"
    return Change("", "broken off", sentence, f"what a {holder.what} by {holder} left", holder.backup, edit=lambda folder: None)
