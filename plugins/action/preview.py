# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module preview. Reads, works everything out on the controller, and changes nothing on any server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder, unpack
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired import Declaration, read_declaration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.wishes import ServerWish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError, LimitError, PlanError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import RULES_FILE
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.change import Plan
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.facts import questions_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.planner import Present, make_plan
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.rules import rule_notes, rule_texts
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.server import Server, plan_for, server_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import extend_plan, first_part, needs_whole_language
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.answer import Answer
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.extensions import extensions_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.render.data import as_csv, as_json, summary
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.render.page import as_html
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.render.terminal import as_lines
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.request import Request
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.secrets import secrets_in
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.declared import Declared, declared, declared_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.model import RulesFile
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.xml_reader import parse_rules

RENDERERS = {".html": as_html, ".json": as_json, ".csv": as_csv}
ALL_OF_SOURCE = "\\"
MERGED = "merged"
SERVERS_RULES = f"The present rules are those of {RULES_FILE} on the server; an extension that reads no rules file would do otherwise."


@dataclass(frozen=True)
class Asked:
    present: ServerConfiguration
    wanted: ServerConfiguration | None
    rules: RulesFile | None
    wanted_rules: RulesFile | None


class ActionModule(ActionFace):
    secrets: ClassVar[frozenset[str]] = frozenset({"objects.ldap.password"})
    mutually_exclusive: ClassVar[list[list[str]]] = [["config", "desired_files"]]

    def perform(self, arguments: dict[str, Any]) -> Outcome:
        targets = [(Path(path).expanduser(), renderer_of(path)) for path in arguments["dest"]]
        asked = self._asked(arguments)
        assembly = arguments["rules_assembly"]
        spaces, read = self._spaces() if arguments["connector_spaces"] else ({}, 0.0)
        request = Request(
            asked.present,
            extensions_of(asked.rules, assembly),
            asked.wanted,
            arguments["objects"],
            spaces,
            read,
            arguments["cycle"],
            arguments["steps"],
            arguments["limits"] or {},
            arguments["people"],
            arguments["title"] or f"Preview for {self.task_vars.get('inventory_hostname', 'a server')}",
            self.say,
            extensions_of(asked.wanted_rules, assembly) if asked.wanted_rules is not None else None,
            [SERVERS_RULES] if asked.rules is not None and not arguments["rules"] else [],
            rule_texts=rule_texts(asked.wanted_rules or asked.rules),
        )
        answer = request.answer()
        for path, render in targets:
            write(path, render(answer))
        return self._outcome(answer, targets)

    def _validated(self, hidden: set[str]) -> dict[str, Any]:
        values = super()._validated(hidden)
        hidden |= set(secrets_in(values["config"]))
        return values

    def _outcome(self, answer: Answer, targets: list[Any]) -> Outcome:
        """Raises PlanError for an answer that is none, LimitError for one beyond its limits; reports are written before."""
        hint = f" The report lies in {', '.join(str(path) for path, _unused in targets)}." if targets else ""
        if answer.stopped:
            faults = [str(finding) for finding in answer.findings if finding.severity == "error"]
            raise PlanError(f"The preview is not whole: {answer.stopped}.{hint}", details=faults)
        if answer.broken:
            raise LimitError(f"The preview exceeds its limits; nothing was changed.{hint}", details=answer.broken)
        told = [*as_lines(answer), *([hint.strip()] if hint else [])]
        values = {**summary(answer), "rows": len(answer.rows), "reports": [str(path) for path, _unused in targets], "told": told}
        return Outcome(changed=False, values=values, before="", after="\n".join(answer.headline) + "\n")

    # Configurations

    def _asked(self, arguments: dict[str, Any]) -> Asked:
        """Configurations and rules as they are and as they shall be; wanted ones are None where nothing else is declared."""
        config = arguments["config"]
        found, declaration, wish = Declared(None, None, {}), None, None
        if config and needs_whole_language(config, MERGED):
            found, wish = declared_wish(config, arguments["desired_rules"])
            declaration = read_declaration(first_part(found.config, MERGED))
        elif config or arguments["desired_rules"]:
            found = declared(config or {}, arguments["desired_rules"])
            declaration = read_declaration(config) if config else None
        rules = rules_file(arguments["rules"])
        if arguments["present_files"]:
            files = files_of(arguments["present_files"], "present_files")
            present = read_folder(files).model()
            plan = make_plan(declaration, Present(files)) if declaration is not None else None
        else:
            server = self._server(declaration, arguments)
            server.check()
            present = server.folder().model()
            plan = plan_for(declaration, server, arguments["source"] or "") if declaration is not None else None
            rules = rules or (parse_rules(server.rules, RULES_FILE) if server.rules else None)
        wanted = self._planned(plan, wish) if plan is not None else None
        if arguments["desired_files"]:
            wanted = read_folder(files_of(arguments["desired_files"], "desired_files")).model()
        rule_notes(found, wanted or present, arguments["rules_assembly"])
        return Asked(present, wanted, rules, found.rules)

    @staticmethod
    def _planned(plan: Plan, wish: ServerWish | None) -> ServerConfiguration:
        if wish is not None:
            extend_plan(plan, wish, MERGED)
        return plan.planned.model()

    def _server(self, declaration: Declaration | None, arguments: dict[str, Any]) -> Server:
        parameters: dict[str, Any] = {"Agents": [ALL_OF_SOURCE] if arguments["source"] else [], "SourceFolder": arguments["source"]}
        if declaration is None:
            return server_of(self.run_verb("configuration_read", parameters))
        parameters["Questions"] = json.dumps(questions_of(declaration))
        passwords = {agent.name: agent.credentials.password for agent in declaration.agents if agent.credentials}
        return server_of(self.run_verb("configuration_read", parameters, {"Passwords": json.dumps(passwords)} if passwords else None))

    def _spaces(self) -> tuple[dict[str, bytes], float]:
        answer = self.run_verb("connector_space_read", {})
        if answer["running"]:
            raise PlanError(f"{', '.join(answer['running'])} runs, so the connector spaces are changing; preview again when it has ended.")
        return unpack(answer["spaces"]), float(answer["read"])


def renderer_of(path: str) -> Any:
    suffix = Path(path).suffix.casefold()
    if suffix not in RENDERERS:
        raise InputError(f"{path} does not end with {', '.join(RENDERERS)}", path="dest")
    return RENDERERS[suffix]


def rules_file(path: str | None) -> RulesFile | None:
    if not path:
        return None
    try:
        content = Path(path).expanduser().read_bytes()
    except OSError as problem:
        raise InputError(f"{path} cannot be read: {problem.strerror}", path="rules") from problem
    return parse_rules(content, path)


def files_of(folder: str, option: str) -> dict[str, bytes]:
    path = Path(folder).expanduser()
    if not path.is_dir():
        raise InputError(f"the folder {folder} does not exist on the controller", path=option)
    return {item.name: item.read_bytes() for item in sorted(path.iterdir()) if item.suffix.casefold() == ".xml"}


def write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        # It holds names and addresses of people.
        path.chmod(0o600)
    except OSError as problem:
        raise InputError(f"the report cannot be written to {path}: {problem.strerror}", path="dest") from problem
