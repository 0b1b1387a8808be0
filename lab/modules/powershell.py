# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of ansible.windows.win_powershell: runs the twins of this collection's verbs, refuses every other script.

Error records have Windows PowerShell 5.1's form of `output` (message, category, identifier).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ..estate.files import FileProblem
from ..verbs.registry import UNLOCKED, VERBS, Credential, ScriptError, VerbCall
from .powershell_answer import Emission, ErrorRecord, ExceptionInfo, answer, skipped
from .powershell_parameters import BindingProblem, SecureText, bind, supports_should_process
from .protocol import first_line
from .registry import ModuleCall, ModuleFailure, twin

FOLDER = Path(__file__).resolve().parents[2] / "plugins" / "plugin_utils" / "remote" / "verbs"
_BINDING = "System.Management.Automation.ParentContainsErrorRecordException"
_OPTIONS = ("script", "path", "remote_src", "parameters", "sensitive_parameters", "depth", "error_action", "creates", "removes", "chdir")


@twin("ansible.windows.win_powershell", implements=frozenset(_OPTIONS), locked=False)
def win_powershell(call: ModuleCall) -> dict[str, Any]:
    options = call.arguments
    if options["creates"] and call.host.files.exists(options["creates"]):
        return skipped(f"skipped, since {options['creates']} exists")
    if options["removes"] and not call.host.files.exists(options["removes"]):
        return skipped(f"skipped, since {options['removes']} does not exist")
    script = _script(call)
    verb = verb_of(script)
    if verb is None or verb not in VERBS:
        raise ModuleFailure(f"lab: this script is not simulated: {f'the verb {verb} has no twin' if verb else first_line(script)}")
    if call.check_mode and not supports_should_process(script):
        return skipped("skipped, running in check mode", changed=True)
    return answer(_run(call, verb, script), options["depth"])


def _script(call: ModuleCall) -> str:
    if call.arguments["script"]:
        return str(call.arguments["script"])
    path = call.arguments["path"]
    try:
        return call.host.files.read(path).decode("utf-8-sig")
    except FileProblem:
        raise ModuleFailure(f"Could not find or access '{path}' on Windows host") from None


def verb_of(script: str) -> str | None:
    """The name of the verb whose script this is, to the letter (line ends and blanks at the ends apart)."""
    return _verbs_by_text().get(_normal(script)) or _fresh_verbs().get(_normal(script))


@cache
def _verbs_by_text() -> Mapping[str, str]:
    return _fresh_verbs()


def _fresh_verbs() -> Mapping[str, str]:
    # Read again for a script that is not known: a verb may be edited while a lab runs.
    return {_normal(path.read_text(encoding="utf-8-sig")): path.stem for path in FOLDER.glob("*.ps1")}


def _normal(script: str) -> str:
    return script.replace("\r\n", "\n").strip()


def _run(call: ModuleCall, verb: str, script: str) -> Emission:
    missing = _missing_folder(call)
    try:
        parameters = bind(script, {**(call.arguments["parameters"] or {}), **_sensitive(call)})
    except BindingProblem as problem:
        return Emission(errors=[*missing, binding_error(problem)], terminated=True)
    if missing and call.arguments["error_action"] == "stop":
        return Emission(errors=missing, terminated=True)
    estate = call.host.estate
    lock = estate.lock if estate is not None and verb not in UNLOCKED else contextlib.nullcontext()
    try:
        with lock:
            found = VERBS[verb](VerbCall(verb, parameters, call.host, call.session, call.check_mode))
    except ScriptError as error:
        return Emission(errors=[*missing, script_error(error)], terminated=True)
    text = json.dumps(found.result, ensure_ascii=False, separators=(",", ":"))
    return Emission(result={"answer": text}, changed=found.changed, errors=missing)


def _sensitive(call: ModuleCall) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in call.arguments["sensitive_parameters"] or ():
        username, value = each.get("username"), each.get("value")
        found[each["name"]] = Credential(username, each.get("password") or "") if username else SecureText(value or "")
    return found


def _missing_folder(call: ModuleCall) -> list[ErrorRecord]:
    """`chdir` to a folder that is not there is an error, but no end."""
    folder = call.arguments["chdir"]
    if not folder or call.host.files.is_folder(folder):
        return []
    text = f"Cannot find path '{folder}' because it does not exist."
    record = ErrorRecord(
        output=error_text(text, "ObjectNotFound", f"{folder}:String", "ItemNotFoundException", "PathNotFound,Microsoft.PowerShell.Commands.SetLocationCommand"),
        exception=ExceptionInfo(text, "System.Management.Automation.ItemNotFoundException", "System.Management.Automation"),
        error_id="PathNotFound,Microsoft.PowerShell.Commands.SetLocationCommand",
        category="ObjectNotFound",
        reason="ItemNotFoundException",
        activity="Set-Location",
        target=folder,
        target_name=folder,
        target_type="String",
        pipeline=(0, 1),
    )
    return [record]


def script_error(error: ScriptError) -> ErrorRecord:
    """The record of what a script throws."""
    reason = error.exception_type.rpartition(".")[2]
    return ErrorRecord(
        output=error_text(error.message, error.category, ":", reason, error.error_id),
        exception=ExceptionInfo(error.message, error.exception_type),
        error_id=error.error_id,
        category=error.category,
        reason=reason,
        stack_trace="at <ScriptBlock>, <No file>: line 1",
    )


def binding_error(problem: BindingProblem) -> ErrorRecord:
    """The record of a script that does not start."""
    return ErrorRecord(
        output=error_text(str(problem), problem.category, ":", "ParentContainsErrorRecordException", problem.error_id),
        exception=ExceptionInfo(str(problem), _BINDING),
        error_id=problem.error_id,
        category=problem.category,
        reason="ParentContainsErrorRecordException",
    )


def error_text(message: str, category: str, target: str, reason: str, error_id: str) -> str:
    """Out-String of an error record as Windows PowerShell 5.1 formats it."""
    return f"{message}\r\n    + CategoryInfo          : {category}: ({target}) [], {reason}\r\n    + FullyQualifiedErrorId : {error_id}\r\n \r\n"
