# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module server_configuration."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import unpack
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired import Declaration, read_declaration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.declaration import AGENT_TYPES
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.kinds import kind_of_agent
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.wanted import Wanted
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.wishes import ServerWish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.words import STATES
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError, LimitError, MimSyncError, RemoteError, VerificationError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import adopt, render
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.change import Change, Plan
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.facts import questions_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.refresh import awaited, instructions, outstanding, refusal
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.server import (
    STATE_FILE,
    Application,
    Server,
    application_of,
    notes_for,
    plan_for,
    restoration_of,
    server_of,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.verification import verify
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import extend_plan, first_part, needs_whole_language
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.controller_files import differing, exported_files, write_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome

# No agent of this name exists: the source folder's files are answered in any case.
ALL_OF_SOURCE = "\\"
LATER = "Nothing can be predicted yet: the service or the source folder is made by earlier tasks, which check mode has not run."


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
        return self._enforced(arguments)

    def _enforced(self, arguments: dict[str, Any]) -> Outcome:
        config, state = arguments["config"], arguments["state"]
        self.wish: ServerWish | None = read_wish(config) if needs_whole_language(config, state) else None
        declaration = read_declaration(config if self.wish is None else first_part(config, state))
        server = self._read(declaration)
        if self.check_mode and self._too_early(declaration, server):
            return Outcome(changed=True, values={"changes": [], "run_needed": {}, "notes": [LATER]})
        server.check()
        plan = self._plan(declaration, server)
        plan.check_risk(allow_scope_loss=arguments["allow_scope_loss"])
        values: dict[str, Any] = {"changes": [change.as_dict() for change in plan.changes], "run_needed": plan.run_needed()}
        values["notes"] = [*notes_for(declaration, server), *self.secrets_left]
        before, after = plan.text()
        if not plan.changes or self.check_mode:
            return Outcome(bool(plan.changes), values, before, after)
        if refreshes := awaited(plan):
            self._wait_for_refresh(declaration, refreshes)
            return self._enforced(arguments)
        if server.running:
            self._wait(declaration)
            return self._enforced({**arguments, "wait": 0})
        applied = self._apply(declaration, server, plan)
        values |= {**applied, "notes": [*values["notes"], *applied["notes"]]}
        return Outcome(changed=True, values=values, before=before, after=after)

    def _validated(self, hidden: set[str]) -> dict[str, Any]:
        values = super()._validated(hidden)
        hidden |= set(_passwords(values["config"]))
        return values

    def _read(self, declaration: Declaration, *, source: bool = False) -> Server:
        on_host = self.arguments["source"] if self.arguments["source_from"] == "host" else None
        parameters = {
            "Agents": [ALL_OF_SOURCE] if source else [agent.name for agent in declaration.agents],
            "SourceFolder": on_host,
            "StateFile": self._state_file(),
            "Questions": json.dumps(questions_of(declaration)),
        }
        passwords = {agent.name: agent.credentials.password for agent in declaration.agents if agent.credentials}
        server = server_of(self.run_verb("configuration_read", parameters, {"Passwords": json.dumps(passwords)} if passwords else None))
        if self.arguments["source"] and on_host is None:
            return replace(server, source=_controller_files(self.arguments["source"]), source_exists=True)
        return server

    def _state_file(self) -> str:
        return f"{self.arguments['backup_folder']}\\{STATE_FILE}"

    def _too_early(self, declaration: Declaration, server: Server) -> bool:
        if not server.installed:
            return True
        missing = bool(self.arguments["source"]) and not server.source_exists
        return missing and server.service.casefold() == "running" and any(server.folder().agent(agent.name) is None for agent in declaration.agents)

    def _plan(self, declaration: Declaration, server: Server) -> Plan:
        if server.source is None and server.source_exists and server.lacks_rules():
            server = self._read(declaration, source=True)
        always = self.arguments["update_password"] == "always"
        plan = plan_for(declaration, server, self.arguments["source"] or "", always_password=always)
        self.secrets_left = [] if self.wish is None else _left_to_type(extend_plan(plan, self.wish, self.arguments["state"]))
        return plan

    def _adopted(self) -> Outcome:
        """The configuration of a server, or of exported files, as a declaration; written to `dest` if that is given."""
        folder = self.arguments["folder"]
        if folder:
            files = exported_files(folder, "folder")
        else:
            server = self._read(Declaration())
            server.check()
            files = dict(server.files)
        found = adopt(files)
        values = {self.arguments["state"]: found.declaration, "kept_as_it_is": dict(found.kept), "secrets_needed": list(found.secrets)}
        return self._written({name: text.encode() for name, text in found.files.items()}, values)

    def _rendered(self) -> Outcome:
        """Files that hold what is declared, made out of those in `folder` or out of nothing."""
        folder = self.arguments["folder"]
        plan, files = render(exported_files(folder, "folder") if folder else {}, self.arguments["config"])
        values = {"rendered": {name: content.decode() for name, content in files.items()}, "changes": [change.as_dict() for change in plan.changes]}
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

    def _wait(self, declaration: Declaration) -> None:
        """Until no agent runs; raises LimitError after `wait` seconds."""
        limit = time.monotonic() + self.arguments["wait"]
        while (running := self._read(declaration).running) and time.monotonic() < limit:
            self.say(f"waiting for {', '.join(running)} to end")
            time.sleep(min(10, max(0, limit - time.monotonic())))
        if running:
            raise LimitError(f"{', '.join(running)} still runs after {self.arguments['wait']} seconds; nothing was changed.")

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

    def _apply(self, declaration: Declaration, server: Server, plan: Plan) -> dict[str, Any]:
        now = datetime.datetime.now(datetime.UTC)
        application = application_of(plan, declaration, server, self.arguments["backup_folder"], now)
        copy = self._copy_backup(server, application)
        self.say(f"importing the configuration: {len(plan.changes)} changes")
        try:
            answer = self.run_verb("configuration_apply", application.parameters, application.secrets)
        except RemoteError as error:
            if error.message.endswith("nothing was changed."):
                raise
            raise self._restored(server, application, error) from error
        verdict = verify(plan.planned, server.folder(), unpack(answer["files"]))
        if verdict.wrong:
            wrong = VerificationError("After the import the server does not hold what was planned.", details=verdict.wrong)
            raise self._restored(server, application, wrong)
        return {"backup": application.backup, "notes": list(verdict.notes), **({"backup_copy": copy} if copy else {})}

    def _copy_backup(self, server: Server, application: Application) -> str:
        if not self.arguments["backup_copy"]:
            return ""
        folder = Path(self.arguments["backup_copy"]) / self.task_vars.get("inventory_hostname", "host") / application.backup.rpartition("\\")[2]
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name, content in server.files.items():
                (folder / name).write_bytes(content)
        except OSError as error:
            raise InputError(f"the backup cannot be written to {folder}: {error.strerror}", path="backup_copy") from None
        return str(folder)

    def _restored(self, server: Server, application: Application, error: MimSyncError) -> MimSyncError:
        """The error to raise, telling what became of the configuration from before."""
        lead = "The import failed: " if isinstance(error, RemoteError) else ""
        message = f"{lead}{error.message} The configuration from before lies in {application.backup}{self._restore(server)}"
        if isinstance(error, RemoteError):
            return RemoteError(message, verb=error.verb, details=error.details)
        return VerificationError(message, details=error.details)

    def _restore(self, server: Server) -> str:
        """Imports it again; the end of the sentence that says so."""
        if not server.folder().agents:
            return "; it held no agent, so nothing was brought back. Run again when the cause is mended."
        try:
            answer = self.run_verb("configuration_apply", restoration_of(server))
            left = verify(server.folder(), server.folder(), unpack(answer["files"])).wrong
        except MimSyncError as error:
            return f"; bringing it back failed too: {error.message}"
        return " and was brought back." if not left else f" and was brought back, but the server differs from it: {left[0]}"


def _left_to_type(wanted: Wanted) -> list[str]:
    """Secrets of new agents that no cmdlet sets; those of Active Directory and SharePoint agents are set with the plan."""
    typed = {agent.name for agent in wanted.model.agents if kind_of_agent(agent).word in AGENT_TYPES}
    left = sorted((agent, name) for agent, name in wanted.secrets if agent in wanted.new_agents and agent not in typed)
    return [f"{agent}: an import sets no secret; type {name!r} into the agent's properties" for agent, name in left]


_SECRET_WORDS = ("password", "secret", "passphrase", "api key", "apikey", "token")


def _passwords(config: Any) -> list[str]:
    """Every value in a declaration whose key speaks of a secret (accounts, parameters of connectors); nothing has been checked yet."""
    if isinstance(config, dict):
        own = [value for key, value in config.items() if isinstance(value, str) and value and any(word in str(key).casefold() for word in _SECRET_WORDS)]
        return own + [found for value in config.values() for found in _passwords(value)]
    return [found for item in config for found in _passwords(item)] if isinstance(config, list) else []


def _joined(files: Mapping[str, bytes]) -> str:
    """Several files as one text for a diff."""
    return "".join(f"=== {name}\n{content.decode(errors='replace')}" for name, content in files.items() if content)


def _controller_files(folder: str) -> dict[str, bytes]:
    path = Path(folder)
    if not path.is_dir():
        raise InputError(f"the folder {folder} does not exist on the controller", path="source")
    return {item.name: item.read_bytes() for item in sorted(path.iterdir()) if item.suffix.lower() == ".xml"}
