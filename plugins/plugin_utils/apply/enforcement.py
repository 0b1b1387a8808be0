# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run from the reading to the verified change, whatever it is that makes the plan."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..configuration.folder import unpack
from ..desired import Declaration
from ..errors import LimitError
from ..plan.change import Plan
from ..plan.server import Server
from .application import application_of
from .backup import BROKEN_OFF, CHANGE, Backup, check_files, read_manifest
from .journal import obstacle, read_journal, this_process
from .preparation import Beginning, Rules, begin
from .sequence import Sequence as Steps
from .sequence import Verbs

# Seconds between two looks at running agents, and for agents to end once they were asked to.
_GLANCE, _TO_STOP = 10.0, 300.0


@dataclass(frozen=True)
class Settings:
    """What the user decided. Times in seconds; `rehearsal`: nothing is changed."""

    host: str
    backup_folder: str
    wait: int = 300
    stop_agents: bool = False
    take_over: bool = False
    take_over_after: int = 3600
    allow_scope_loss: bool = False
    rehearsal: bool = False


@dataclass(frozen=True)
class Order:
    """What a state of the module wants. `plan` and `notes` belong together; `by_hand` does what people must do first, True if it had to.

    `declaration` tells whose passwords are set; `purpose` stands in the backup's manifest, `what` in the journal.
    """

    read: Callable[[], Server]
    plan: Callable[[Server], Plan]
    notes: Callable[[], Sequence[str]]
    declaration: Callable[[], Declaration]
    by_hand: Callable[[Plan], bool] = field(default=lambda plan: False)
    texts: Callable[[Plan], tuple[str, str]] = field(default=lambda plan: plan.text())
    purpose: str = CHANGE
    what: str = "change"


@dataclass(frozen=True)
class Report:
    """What the module answers."""

    changed: bool
    values: Mapping[str, Any]
    before: str = ""
    after: str = ""


class Enforcement:
    """Raises MimSyncError; every message after a failed step names the backup and says what became of it."""

    def __init__(self, settings: Settings, verbs: Verbs, say: Callable[[str], None], keep_copy: Callable[[str, Mapping[str, bytes]], str]) -> None:
        self.settings, self.verbs, self.say, self.keep_copy = settings, verbs, say, keep_copy

    def run(self, order: Order, server: Server) -> Report:
        """`server` as `order.read` gave it; it is read again where something has to be waited for."""
        beginning = begin(server, order.plan, self._rules())
        plan = beginning.plan
        plan.check_risk(allow_scope_loss=self.settings.allow_scope_loss)
        values: dict[str, Any] = {"changes": [change.as_dict() for change in plan.changes], "run_needed": plan.run_needed()}
        values["notes"] = [*beginning.notes, *order.notes()]
        before, after = order.texts(plan)
        if self.settings.rehearsal:
            return Report(bool(plan.changes), values, before, after)
        if not plan.changes:
            self._close(order, beginning)
            return Report(False, values, before, after)
        if order.by_hand(plan):
            return self.run(order, order.read())
        if server.running:
            self._wait(server.running)
            # Who begins to run meanwhile is not waited for again.
            return Enforcement(replace(self.settings, wait=0), self.verbs, self.say, self.keep_copy).run(order, order.read())
        made = self._make(order, beginning)
        values |= {**made, "notes": [*values["notes"], *made["notes"]]}
        return Report(True, values, before, after)

    def backups(self, name: str = "") -> tuple[list[Backup], dict[str, bytes]]:
        """All backups on the host, and the files of the named one."""
        answer = self.verbs("backup_read", {"BackupFolder": self.settings.backup_folder, "Name": name})
        return [read_manifest(str(item["name"]), item.get("manifest")) for item in answer.get("backups") or []], unpack(answer.get("files") or {})

    def files_of(self, name: str) -> Mapping[str, bytes]:
        """The files of a backup on the host; raises DocumentError for a damaged one."""
        found, files = self.backups(name)
        check_files(next((backup for backup in found if backup.name == name), Backup(name, problem="it is not there")), files)
        return files

    def _rules(self) -> Rules:
        one = self.settings
        return Rules(one.host, one.take_over_after, one.take_over, one.rehearsal, self.files_of)

    def _make(self, order: Order, beginning: Beginning) -> dict[str, Any]:
        now = datetime.datetime.now(datetime.UTC)
        purpose = BROKEN_OFF if beginning.backup else order.purpose
        application = application_of(beginning.plan, order.declaration(), beginning.present, self.settings.backup_folder, now, purpose=purpose)
        holder = this_process(order.what, application.backup, now.strftime("%Y-%m-%d %H:%M:%S UTC"))
        return self._steps(order).carry_out(beginning, application, holder)

    def _close(self, order: Order, beginning: Beginning) -> None:
        if beginning.seen:
            self._steps(order).close(beginning.seen)

    def _steps(self, order: Order) -> Steps:
        return Steps(self.verbs, self.settings.backup_folder, self.say, self.keep_copy, lambda: self._who_has_it(order.read()))

    def _who_has_it(self, server: Server) -> str:
        journal = read_journal(server.journal, server.journal_age, server.journal_open)
        return "" if journal is None else obstacle(journal, self.settings.host, self.settings.take_over_after, take_over=False)

    def _wait(self, running: Sequence[str]) -> None:
        """Until no agent runs; raises LimitError."""
        left = self._until_idle(running, self.settings.wait)
        if left and self.settings.stop_agents:
            self.say(f"stopping {', '.join(left)}")
            refused = self.verbs("agents_state", {"Stop": list(left)})["refused"]
            if refused:
                raise LimitError(f"{refused[0]['agent']} runs and cannot be stopped: {refused[0]['answer']}; nothing was changed.")
            left = self._until_idle(left, _TO_STOP)
        if left:
            hint = "" if self.settings.stop_agents else " Wait longer, or set stop_agents to true."
            raise LimitError(f"{', '.join(left)} still runs after {self.settings.wait} seconds; nothing was changed.{hint}")

    def _until_idle(self, running: Sequence[str], seconds: float) -> Sequence[str]:
        """The agents that still run after that time."""
        limit = time.monotonic() + seconds
        while True:
            running = [str(name) for name in self.verbs("agents_state", {})["running"]]
            remaining = limit - time.monotonic()
            if not running or remaining <= 0:
                return running
            self.say(f"waiting for {', '.join(running)} to end")
            time.sleep(min(_GLANCE, remaining))
