# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The faces' base class: arguments by the documentation, errors as results, verbs through one module."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import DocumentError, InputError, RemoteError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote import documentation
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Credential, Outcome
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.packing import pack, unpack
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.runner import answer_of, run_verb, script_of
from hypothesis import given
from hypothesis import strategies as st

DOCUMENTED = {
    "options": {
        "name": {"type": "str", "required": True},
        "count": {"type": "int", "default": 3},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "credentials": {"type": "dict", "suboptions": {"username": {"type": "str", "required": True}, "password": {"type": "str"}}},
    }
}


class Face(ActionFace):
    secrets = frozenset({"credentials.password"})
    required_if = (("state", "absent", ("count",)),)
    work: Callable[[Face, dict[str, Any]], Outcome]

    def perform(self, arguments: dict[str, Any]) -> Outcome:
        return type(self).work(self, arguments)


@pytest.fixture(autouse=True)
def _documented(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documentation, "documented", lambda noun: DOCUMENTED)


def run(work: Callable[[Face, dict[str, Any]], Outcome], *, check: bool = False, diff: bool = False, **arguments: Any) -> dict[str, Any]:
    """One task as Ansible runs it, with a connection that is never used."""
    Face.work = staticmethod(work)  # type: ignore[assignment]
    task = SimpleNamespace(args=arguments, check_mode=check, diff=diff, async_val=0, action="mimsync.sharepoint.face", delegate_to=None, environment=None)
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
    face = Face(task=task, connection=connection, play_context=None, loader=None, templar=None, shared_loader_obj=None)
    face.validate_argument_spec = None
    return face.run(task_vars={"inventory_hostname": "MIM1"})


def test_arguments_are_completed_and_the_outcome_is_the_result() -> None:
    seen: list[dict[str, Any]] = []

    def work(face: Face, arguments: dict[str, Any]) -> Outcome:
        seen.append(arguments)
        return Outcome(changed=True, values={"found": 1}, before="a\n", after="b\n")

    assert run(work, name="x") == {"changed": True, "found": 1}
    assert (seen[0]["count"], seen[0]["state"]) == (3, "present")
    assert run(work, name="x", diff=True)["diff"] == {"before": "a\n", "after": "b\n"}


def test_check_and_diff_reach_the_work() -> None:
    assert run(lambda face, arguments: Outcome(False, {"modes": [face.check_mode, face.diff_mode]}), name="x", check=True)["modes"] == [True, False]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "missing required arguments: name"),
        ({"name": "x", "nme": 1}, "Unsupported parameters for (mimsync.sharepoint.test_face) module: nme"),
        ({"name": "x", "count": "many"}, "count"),
        ({"name": "x", "state": "gone"}, "value of state must be one of: present, absent, got: gone"),
        ({"name": "x", "credentials": {"password": "p"}}, "missing required arguments: username found in credentials"),
    ],
)
def test_fail_wrong_arguments(arguments: dict[str, Any], message: str) -> None:
    result = run(lambda face, arguments: Outcome(True), **arguments)
    assert result["failed"]
    assert message in result["msg"]


def test_an_error_becomes_one_message_with_path_and_details() -> None:
    def work(face: Face, arguments: dict[str, Any]) -> Outcome:
        raise InputError("is no name; give one", path="agents[0].name", details=["first", "second"])

    result = run(work, name="x")
    assert (result["failed"], result["path"], result["details"]) == (True, "agents[0].name", ["first", "second"])
    assert result["msg"] == "agents[0].name: is no name; give one\n  - first\n  - second"
    assert "exception" not in result


def test_secrets_are_hidden_in_results_and_errors() -> None:
    def say(face: Face, arguments: dict[str, Any]) -> Outcome:
        return Outcome(False, {"said": f"it is {arguments['credentials']['password']}"})

    def fail(face: Face, arguments: dict[str, Any]) -> Outcome:
        raise InputError(f"{arguments['credentials']['password']} is wrong")

    for work in (say, fail):
        assert "open-sesame" not in json.dumps(run(work, name="x", credentials={"username": "u", "password": "open-sesame"}))


def test_a_verb_is_one_call_of_win_powershell(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, dict[str, Any]]] = []

    def module(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        calls.append((name, arguments))
        return {"changed": False, "result": {"answer": '{"rights": ["a"]}'}, "error": []}

    found = run_verb(module, "user_rights", {"Account": "u", "Other": None}, {"Secret": "hush", "Cred": Credential("u", "p")})
    assert found == {"rights": ["a"]}
    name, arguments = calls[0]
    assert name == "ansible.windows.win_powershell"
    assert arguments["script"] == script_of("user_rights")
    assert arguments["parameters"] == {"Account": "u"}
    assert arguments["error_action"] == "stop"
    assert arguments["sensitive_parameters"] == [{"name": "Secret", "value": "hush"}, {"name": "Cred", "username": "u", "password": "p"}]


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ({"failed": True, "error": [{"exception": {"message": "no such thing"}}]}, "no such thing"),
        ({"failed": True, "error": [{"exception": None, "output": "err\n"}]}, "err"),
        ({"failed": True, "msg": "lab: refused"}, "lab: refused"),
        ({"failed": True}, "the host gave no reason"),
        ({"result": {}}, "not what its script promises"),
        ({"result": {"answer": "{"}}, "not what its script promises"),
    ],
)
def test_fail_a_verb_with_the_hosts_own_message(result: dict[str, Any], message: str) -> None:
    with pytest.raises(RemoteError, match=message) as caught:
        answer_of("user_rights", result)
    assert caught.value.verb == "user_rights"


@given(st.binary(max_size=2000))
def test_what_is_packed_is_unpacked(content: bytes) -> None:
    assert unpack(pack(content)) == content
    assert pack(content) == pack(content)


@pytest.mark.parametrize("text", ["", "???", "aGVsbG8=", pack(b"x" * 1000)[:20]])
def test_fail_damaged_documents_are_named(text: str) -> None:
    with pytest.raises(DocumentError, match=r"MV\.XML arrived damaged"):
        unpack(text, name="MV.XML")


def test_fail_documents_that_are_too_large() -> None:
    with pytest.raises(DocumentError, match="larger than"):
        unpack(pack(b"x" * 2000), limit=1999)


def test_documentation_becomes_the_specification() -> None:
    found = documentation.argument_spec("any", frozenset({"credentials.password"}))
    assert found["credentials"]["options"]["password"]["no_log"] is True
    assert found["credentials"]["options"]["username"]["no_log"] is False
    assert found["state"]["choices"] == ["present", "absent"]
