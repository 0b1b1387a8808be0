# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The twin of win_powershell answers as the real module did (../shared/fixtures/win_powershell).

First its answer-forming, fed with what each recorded script emits; then the whole twin, for what happens before a
script runs. The recordings are of PowerShell 7; what Windows PowerShell 5.1 does otherwise is taken off where it is named.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.estate import Estate, EstateOptions
from ansible_collections.mimsync.sharepoint.lab.estate.host import Host
from ansible_collections.mimsync.sharepoint.lab.estate.standard_host import make_host
from ansible_collections.mimsync.sharepoint.lab.modules import powershell
from ansible_collections.mimsync.sharepoint.lab.modules.powershell_answer import answer, empty_answer
from ansible_collections.mimsync.sharepoint.lab.modules.registry import ModuleFailure
from ansible_collections.mimsync.sharepoint.lab.verbs.registry import VERBS, Credential, VerbAnswer, VerbCall
from module_sender import FIXTURES, send
from script_standins import STANDINS

RECORDINGS = FIXTURES / "win_powershell" / "answers.json"
# TimeSpan has these since .NET 7.
NEWER = ("Microseconds", "Nanoseconds", "TotalMicroseconds", "TotalNanoseconds")
# Objects of PowerShell's own that no verb returns, and whose properties differ from version to version.
NOT_SIMULATED = ("script", "uri")
# Ansible's own sentence for a failed result without a message.
CONTROLLER_MESSAGE = "Task failed: Module failed: Unknown error."


def load() -> dict[str, Any]:
    return {case["name"]: case for case in json.loads(RECORDINGS.read_text(encoding="utf-8"))} if RECORDINGS.exists() else {}


CASES = load()
pytestmark = pytest.mark.skipif(not CASES, reason=f"{RECORDINGS} is not here")


def on_5_1(expected: dict[str, Any]) -> dict[str, Any]:
    """The recorded answer without what is PowerShell 7's alone, and without what the controller adds."""
    found = json.loads(json.dumps(expected))
    if found.get("msg") == CONTROLLER_MESSAGE:
        del found["msg"]
    result = found.get("result") or {}
    for name in NOT_SIMULATED:
        result.pop(name, None)
    for name in NEWER:
        result.get("span", {}).pop(name, None)
    return found


def normal(found: dict[str, Any]) -> dict[str, Any]:
    """Times and very long texts as the recordings hold them; the diff goes to the controller's display."""
    found = json.loads(json.dumps(found))
    found.pop("diff", None)
    for record in found.get("information", ()):
        record["time_generated"] = "(time)"
    found["output"] = [
        {"(text of this many characters)": len(each)} if isinstance(each, str) and len(each) > 10000 else each for each in found.get("output", ())
    ]
    return found


@pytest.mark.parametrize("name", sorted(STANDINS))
def test_what_a_script_emits_becomes_the_recorded_answer(name: str) -> None:
    case = CASES[name]
    try:
        found = normal(answer(STANDINS[name], case["arguments"].get("depth", 2)))
    except ModuleFailure as failure:
        found = {"changed": False, "failed": True, "msg": failure.message}
    assert found == on_5_1(case["answer"])


def test_every_recording_is_replayed() -> None:
    before_the_script = {"missing mandatory parameter", "wrong parameter type", "check mode without support", "syntax error", "creates that exists"}
    # A later set of recordings may hold more; those are replayed once they have a stand-in here.
    missing = set(CASES) - set(STANDINS) - before_the_script
    if missing:
        pytest.skip(f"no stand-in for: {', '.join(sorted(missing))}")


@pytest.fixture
def host() -> Host:
    estate = Estate(EstateOptions(), None)  # type: ignore[arg-type]  # no script here asks the directory
    made = make_host("MIM1", "corp.example.com", "sync_server", "127.20.0.12", "2016")
    made.estate = estate
    return made


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[VerbCall]:
    """Any script counts as the verb `probe`, which notes its call."""
    noted: list[VerbCall] = []

    def probe(call: VerbCall) -> VerbAnswer:
        noted.append(call)
        return VerbAnswer({"ran": True})

    monkeypatch.setattr(powershell, "verb_of", lambda script: "probe")
    monkeypatch.setitem(VERBS, "probe", probe)
    return noted


def without_texts(found: dict[str, Any]) -> dict[str, Any]:
    """5.1 words and places error texts in its own way."""
    found = on_5_1(found)
    for record in found["error"]:
        record["output"] = record["script_stack_trace"] = ""
    return found


@pytest.mark.parametrize("name", ["missing mandatory parameter", "wrong parameter type"])
def test_a_script_that_cannot_start_gives_the_recorded_error(host: Host, calls: list[VerbCall], name: str) -> None:
    case = CASES[name]
    found = send(host, "ansible.windows.win_powershell", case["arguments"])
    assert without_texts(found) == without_texts(case["answer"])
    assert not calls


def test_check_mode_without_support_is_skipped_and_changed(host: Host, calls: list[VerbCall]) -> None:
    case = CASES["check mode without support"]
    assert {"failed": False, **send(host, "ansible.windows.win_powershell", case["arguments"], check_mode=True)} == case["answer"]
    assert not calls


def test_creates_skips(host: Host, calls: list[VerbCall]) -> None:
    expected = {**empty_answer(), "msg": "skipped, since C:\\Windows exists"}
    assert send(host, "ansible.windows.win_powershell", {"script": "'ran'", "creates": "C:\\Windows"}) == expected
    assert not calls


def test_removes_skips(host: Host, calls: list[VerbCall]) -> None:
    found = send(host, "ansible.windows.win_powershell", {"script": "'ran'", "removes": "C:\\nope"})
    assert found["msg"] == "skipped, since C:\\nope does not exist"
    assert not calls


def test_a_missing_folder_is_an_error_but_no_end(host: Host, calls: list[VerbCall]) -> None:
    expected = without_texts(CASES["chdir that does not exist"]["answer"])
    found = without_texts(send(host, "ansible.windows.win_powershell", {"script": "'ran'", "chdir": "/nope"}))
    assert found["error"] == expected["error"]
    assert not found["failed"]
    assert len(calls) == 1


def test_undeclared_parameters_are_ignored(host: Host, calls: list[VerbCall]) -> None:
    case = CASES["parameter that the script does not have"]
    send(host, "ansible.windows.win_powershell", case["arguments"])
    assert dict(calls[0].parameters) == {"Name": ""}


def test_parameters_are_bound_by_the_declared_types(host: Host, calls: list[VerbCall]) -> None:
    case = CASES["parameters"]
    send(host, "ansible.windows.win_powershell", case["arguments"])
    bound = calls[0].parameters
    assert (bound["Name"], bound["N"], bound["List"], bound["Flag"], bound["S"]) == ("Zoë 'quoted' \"too\" $x", 5, ["a", "b"], True, True)


def test_sensitive_parameters_arrive_as_secrets(host: Host, calls: list[VerbCall]) -> None:
    send(host, "ansible.windows.win_powershell", CASES["sensitive parameters"]["arguments"])
    assert calls[0].parameters["Secret"] == "hush"
    assert calls[0].parameters["Cred"] == Credential("CORP\\u", "p")


def test_a_secret_for_a_plain_text_parameter_is_the_name_of_its_type(host: Host, calls: list[VerbCall]) -> None:
    arguments = {"script": "param([string]$Word) $Word", "sensitive_parameters": [{"name": "Word", "value": "hush"}]}
    send(host, "ansible.windows.win_powershell", arguments)
    assert calls[0].parameters["Word"] == "System.Security.SecureString"


def test_any_other_script_is_refused_by_its_first_line(host: Host) -> None:
    found = send(host, "ansible.windows.win_powershell", {"script": "# a comment\nGet-Process | Stop-Process\n"})
    assert found["failed"]
    assert found["msg"] == "lab: this script is not simulated: Get-Process | Stop-Process"
