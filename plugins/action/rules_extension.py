# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module rules_extension."""

from __future__ import annotations

import hashlib
import json
import ntpath
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError, MimSyncError, PlanError, RemoteError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.packing import pack, unpack
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.secrets import secrets_in
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.declared import declared
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.model import RulesFile
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.reader import read_rules
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.xml_reader import parse_rules
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.xml_writer import write_rules
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.yaml_writer import listing
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.extension import (
    RULES_NAME,
    ExtensionState,
    Source,
    check_publishable,
    described,
    load_failures,
    read_state,
    reason_to_publish,
    wanted_record,
)

SERVICE = "FIMSynchronizationService"
READER = "rulefileextension.cs"
ABANDONED = (
    f"{RULES_NAME} stays, but the assembly that takes the place of the present one does not read it: flows that call its rules decline in silence. "
    "Declare the rules (sync_solution_rules, or the lines of the flows) to keep them."
)


class ActionModule(ActionFace):
    def perform(self, arguments: dict[str, Any]) -> Outcome:
        sources = [Source(item["path"], item.get("sha256") or "") for item in arguments["sources"] or []]
        name = arguments["assembly"]
        if not name.lower().endswith(".dll") or "\\" in name or "/" in name:
            raise InputError(f"'{name}' is no file name of an assembly; it ends in .dll and has no folder", path="assembly")
        if not sources and arguments["state"] == "present":
            raise InputError("at least one C# file is needed", path="sources")
        rules = self._rules(arguments)
        state = read_state(self.run_verb("extension_read", {"Sources": [source.path for source in sources], "AssemblyName": name, "RulesName": RULES_NAME}))
        if arguments["state"] == "rolled_back":
            return self._rolled_back(state)
        return self._published(state, sources, rules, restart=arguments["restart"] == "when_needed")

    def _validated(self, hidden: set[str]) -> dict[str, Any]:
        values = super()._validated(hidden)
        hidden |= set(secrets_in(values["config"]))
        return values

    @staticmethod
    def _rules(arguments: dict[str, Any]) -> RulesFile | None:
        """The rules of the option and those that flows of the declaration say; None to leave the file alone."""
        found = declared(arguments["config"], arguments["rules"]).rules
        return read_rules({}) if found is None and arguments["rules"] is not None else found

    def _published(self, state: ExtensionState, sources: list[Source], wanted: RulesFile | None, *, restart: bool) -> Outcome:
        reason = reason_to_publish(state, sources)
        rules = None if wanted is None else write_rules(wanted)
        rules_hash = state.rules_hash if rules is None else hashlib.sha256(rules).hexdigest()
        new_rules = rules is not None and rules_hash != state.rules_hash
        values: dict[str, Any] = {
            "assembly": state.assembly,
            "reason": reason,
            "rules_changed": new_rules,
            "restarted": restart and new_rules and state.loaded,
            "load_failures": load_failures(state),
            "notes": [ABANDONED] if reason and wanted is None and state.rules_hash and not reads_rules(sources) else [],
        }
        for note in values["notes"]:
            self.say(note)
        present = present_rules(state)
        before = described(state.record, state.rules_hash, present)
        if not reason and not new_rules:
            return Outcome(changed=False, values=values, before=before, after=before)
        record = json.dumps(wanted_record(state, sources)) if reason else state.record
        if not self.check_mode:
            check_publishable(state, sources)
            if rules is not None and new_rules:
                self._publish_rules(state, rules, values)
            if reason:
                self._compile(state, sources, record, values, keep_rules=not new_rules)
            if values["restarted"]:
                self._restart()
        return Outcome(changed=True, values=values, before=before, after=described(record, rules_hash, present if wanted is None else list(listing(wanted))))

    def _publish_rules(self, state: ExtensionState, rules: bytes, values: dict[str, Any]) -> None:
        path = rules_path(state)
        self.say(f"publishing {RULES_NAME}")
        answer = self.run_verb("rules_publish", {"Rules": path, "Content": pack(rules), "Assembly": state.assembly})
        if answer["backup"]:
            values["rules_backup"] = answer["backup"]

    def _compile(self, state: ExtensionState, sources: list[Source], record: str, values: dict[str, Any], *, keep_rules: bool) -> None:
        """Former assembly, record and rules file are kept as a set that belongs together."""
        self.say(f"compiling {ntpath.basename(state.assembly)}: {values['reason']}")
        parameters: dict[str, Any] = {
            "Sources": [source.path for source in sources],
            "Reference": state.reference,
            "Assembly": state.assembly,
            "Record": record,
        }
        parameters["Keep"] = [rules_path(state)] if keep_rules else []
        answer = self.run_verb("extension_publish", parameters)
        if answer["backup"]:
            values["backup"] = answer["backup"]

    def _restart(self) -> None:
        """The service holds the assembly with the rules that it read when it was loaded."""
        self.say(f"restarting {SERVICE}: it holds the former rules")
        result = self.run_module("ansible.windows.win_service", {"name": SERVICE, "state": "restarted"})
        if result.get("failed"):
            raise RemoteError(f"the service {SERVICE} does not start again: {result.get('msg', '')}", verb="win_service")

    def _rolled_back(self, state: ExtensionState) -> Outcome:
        """The former files come back if the last runs say that the present ones cannot be loaded."""
        failures = load_failures(state)
        values: dict[str, Any] = {"assembly": state.assembly, "reason": "", "load_failures": failures, "restarted": False, "rules_changed": False}
        if not failures or not state.kept:
            return Outcome(changed=False, values=values)
        if state.running:
            raise PlanError(f"a run of {', '.join(state.running)} is under way, and a change of the extension would end it; wait or stop it first")
        values["reason"] = f"it cannot be loaded ({', '.join(failures)})"
        paths = [state.assembly, f"{state.assembly}.json", rules_path(state)]
        if not self.check_mode:
            self.say(f"putting the former extension back: {values['reason']}")
            values["restored"] = self.run_verb("extension_restore", {"Paths": paths})["restored"]
        return Outcome(changed=True, values=values, before=f"{state.assembly_hash}\n", after="the former assembly\n")


def reads_rules(sources: list[Source]) -> bool:
    """Whether the extension that is made of these files reads a rules file."""
    return any(ntpath.basename(source.path).casefold() == READER for source in sources)


def rules_path(state: ExtensionState) -> str:
    return ntpath.join(ntpath.dirname(state.assembly), RULES_NAME)


def present_rules(state: ExtensionState) -> list[str]:
    """The published rules, one a line, for a diff."""
    if not state.rules:
        return []
    try:
        return list(listing(parse_rules(unpack(state.rules, name=RULES_NAME), RULES_NAME)))
    except MimSyncError:
        return ["a rules file that cannot be read"]
