# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module server_configuration."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.apply.backup import check_build, check_files, listing
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.apply.copies import Copies, Found, chosen, copy_at
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.apply.enforcement import Enforcement, Order, Report, Settings
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.apply.journal import JOURNAL_FILE
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.apply.recovery import order_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.apply.restoration import Accounts
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.encoding import text_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired import Declaration, read_declaration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.new_agent import can_be_made
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.wishes import ServerWish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.words import STATES
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.lint.checking import finding_notes
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import adopt, render
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.change import Change, Plan
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.facts import questions_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.refresh import awaited, instructions, outstanding, refusal
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.rules import rule_notes, say_rules
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.secrets import complete_plan
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.server import (
    STATE_FILE,
    Server,
    expected_later,
    notes_for,
    plan_for,
    server_of,
    without_forest,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import first_part, needs_whole_language
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.controller_files import differing, exported_files, write_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.secrets import secrets_in
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.declared import declared, declared_wish

# No agent of this name exists: the source folder's files are answered in any case.
ALL_OF_SOURCE = "\\"
LATER = "Nothing can be predicted yet: the service, an agent's account or its file in the source folder is made by earlier tasks, which check mode has not run."


class ActionModule(ActionFace):
    required_if: ClassVar[Sequence[Sequence[Any]]] = (
        *(("state", state, ("config",)) for state in (*STATES, "rendered")),
        ("state", "parsed", ("folder",)),
    )

    def perform(self, arguments: dict[str, Any]) -> Outcome:
        self.arguments = arguments
        if arguments["state"] in ("gathered", "parsed"):
            return self._adopted()
        if arguments["state"] == "rendered":
            return self._rendered()
        if arguments["state"] == "restored":
            return self._restored()
        return self._enforced(arguments)

    def _enforced(self, arguments: dict[str, Any]) -> Outcome:
        config, state = arguments["config"], arguments["state"]
        self.wish: ServerWish | None = None
        if needs_whole_language(config, state):
            self.declared, self.wish = declared_wish(config, arguments["rules"])
        else:
            self.declared = declared(config, arguments["rules"])
        declaration = read_declaration(config if self.wish is None else first_part(self.declared.config, state))
        server = self._read(declaration)
        if self.check_mode and self._too_early(declaration, server):
            return Outcome(changed=True, values={"changes": [], "run_needed": {}, "notes": [LATER]})
        server.check()
        order = Order(
            read=lambda: self._read(declaration),
            plan=lambda server: self._plan(declaration, server),
            notes=lambda: [*notes_for(declaration, server), *self.secrets_left, *self.rule_notes, *self.finding_notes],
            declaration=lambda: declaration,
            by_hand=lambda plan: self._by_hand(plan, declaration),
        )
        return _outcome(self._enforcement().run(order, server))

    def _restored(self) -> Outcome:
        """Brings back the backup that is named; without a name it tells which there are."""
        if not self.arguments["backup"]:
            found = sorted(self._backups()[0], key=lambda one: one.name, reverse=True)
            shown = [one.as_dict() for one in found]
            return Outcome(False, {"backups": shown, "changes": [], "notes": listing(found) or ["There is no backup."]})
        wanted, on_controller = self.arguments["backup"], self.arguments["backup_from"] == "controller"
        backup, files = copy_at(wanted) if on_controller and "/" in wanted else chosen(wanted, self._backups)
        check_files(backup, files)
        server = self._read(Declaration())
        server.check()
        check_build(backup, server)
        order = order_of(backup, files, self._accounts(), lambda: self._read(Declaration()))
        return _outcome(self._enforcement().run(order, server), restored=backup.as_dict())

    def _backups(self, name: str = "") -> Found:
        return self._copies().all(name) if self.arguments["backup_from"] == "controller" else self._enforcement().backups(name)

    def _accounts(self) -> Accounts:
        """Whose secrets are declared; what else is declared does not count for a restoration."""
        config = self.arguments["config"]
        if not config or not needs_whole_language(config, "merged"):
            return Accounts(read_declaration(config) if config else Declaration())
        found, wish = declared_wish(config, self.arguments["rules"])
        return Accounts(read_declaration(first_part(found.config, "merged")), wish)

    def _enforcement(self) -> Enforcement:
        given = self.arguments
        names = ("backup_folder", "wait", "stop_agents", "take_over", "take_over_after", "allow_scope_loss")
        settings = Settings(self._host(), **{name: given[name] for name in names}, rehearsal=self.check_mode)
        return Enforcement(settings, self.run_verb, self.say, self._copies().keep)

    def _host(self) -> str:
        return str(self.task_vars.get("inventory_hostname", "host"))

    def _copies(self) -> Copies:
        return Copies(self.arguments["backup_copy"] or "", self._host())

    def _validated(self, hidden: set[str]) -> dict[str, Any]:
        values = super()._validated(hidden)
        hidden |= set(secrets_in(values["config"]))
        return values

    def _read(self, declaration: Declaration, *, source: bool = False) -> Server:
        on_host = self.arguments["source"] if self.arguments["source_from"] == "host" else None
        parameters = {
            "Agents": [ALL_OF_SOURCE] if source else [agent.name for agent in declaration.agents],
            "SourceFolder": on_host,
            "StateFile": f"{self.arguments['backup_folder']}\\{STATE_FILE}",
            "JournalFile": f"{self.arguments['backup_folder']}\\{JOURNAL_FILE}",
            "Questions": json.dumps(questions_of(declaration)),
        }
        passwords = {agent.name: agent.credentials.password for agent in declaration.agents if agent.credentials}
        server = server_of(self.run_verb("configuration_read", parameters, {"Passwords": json.dumps(passwords)} if passwords else None))
        if self.arguments["source"] and on_host is None:
            return replace(server, source=_controller_files(self.arguments["source"]), source_exists=True)
        return server

    def _too_early(self, declaration: Declaration, server: Server) -> bool:
        if not server.installed:
            return True
        if not self.arguments["source"] or server.service.casefold() != "running":
            return False
        if server.source_exists:
            return bool(without_forest(declaration, server)) or any(not can_be_made(self.wish, name) for name in expected_later(declaration, server))
        return any(server.folder().agent(agent.name) is None for agent in declaration.agents)

    def _plan(self, declaration: Declaration, server: Server) -> Plan:
        if server.source is None and server.source_exists and server.lacks_rules():
            server = replace(server, source=self._read(declaration, source=True).source)
        always = self.arguments["update_password"] == "always"
        plan = plan_for(declaration, server, self.arguments["source"] or "", always_password=always, made_elsewhere=self.wish is not None)
        self.secrets_left = []
        if self.wish is not None:
            self.secrets_left = complete_plan(plan, self.wish, self.arguments["state"], declaration, server, always=always)
        self.rule_notes = rule_notes(self.declared, plan.planned.model(), self.arguments["rules_assembly"])
        say_rules(plan, self.declared)
        self.finding_notes = finding_notes(plan.planned)
        return plan

    def _adopted(self) -> Outcome:
        """The configuration of a server, or of exported files, as a declaration; written to `dest` if that is given."""
        folder, rules = self.arguments["folder"], b""
        if folder:
            files = exported_files(folder, "folder")
        else:
            server = self._read(Declaration())
            server.check()
            files = dict(server.files)
            rules = server.rules
        found = adopt(files, rules)
        values: dict[str, Any] = {self.arguments["state"]: found.declaration, "kept_as_it_is": dict(found.kept), "secrets_needed": list(found.secrets)}
        values["rules"] = dict(found.rules)
        values["findings"] = [finding.as_dict() for finding in found.findings]
        return self._written({name: text.encode() for name, text in found.files.items()}, values)

    def _rendered(self) -> Outcome:
        """Files that hold what is declared, made out of those in `folder` or out of nothing."""
        folder = self.arguments["folder"]
        plan, files = render(exported_files(folder, "folder") if folder else {}, self.arguments["config"], rules=self.arguments["rules"])
        values = {"rendered": {name: text_of(content) for name, content in files.items()}, "changes": [change.as_dict() for change in plan.changes]}
        return self._written(files, values)

    def _written(self, files: Mapping[str, bytes], values: dict[str, Any]) -> Outcome:
        dest = self.arguments["dest"]
        if not dest:
            return Outcome(changed=False, values=values)
        before = differing(dest, files)
        if before and not self.check_mode:
            write_files(dest, {name: files[name] for name in before}, "dest")
        values["files"] = sorted(files)
        return Outcome(bool(before), values, _joined(before), _joined({name: files[name] for name in before}))

    def _by_hand(self, plan: Plan, declaration: Declaration) -> bool:
        """Waits for what an administrator has to do first; True if there was something."""
        refreshes = awaited(plan)
        if refreshes:
            self._wait_for_refresh(declaration, refreshes)
        return bool(refreshes)

    def _wait_for_refresh(self, declaration: Declaration, refreshes: Sequence[Change]) -> None:
        """Until an administrator has refreshed the schemas; raises LimitError after `refresh_timeout` seconds."""
        timeout, left = self.arguments["refresh_timeout"], list(refreshes)
        for sentence in instructions(left, timeout) if timeout else ():
            self.say(sentence)
        limit = time.monotonic() + timeout
        while left and (remaining := limit - time.monotonic()) > 0:
            time.sleep(min(self.arguments["refresh_poll_seconds"], remaining))
            left = outstanding(left, self._read(declaration).folder().model())
        if left:
            raise refusal(left)


def _outcome(report: Report, **more: Any) -> Outcome:
    return Outcome(report.changed, {**report.values, **more}, report.before, report.after)


def _joined(files: Mapping[str, bytes]) -> str:
    """Several files as one text for a diff."""
    return "".join(f"=== {name}\n{text_of(content)}" for name, content in files.items() if content)


def _controller_files(folder: str) -> dict[str, bytes]:
    path = Path(folder)
    if not path.is_dir():
        raise InputError(f"the folder {folder} does not exist on the controller", path="source")
    return {item.name: item.read_bytes() for item in sorted(path.iterdir()) if item.suffix.lower() == ".xml"}
