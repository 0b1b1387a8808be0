# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's life: started once, saved, found again, stopped, and clear about a state it cannot use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.lab import daemon
from ansible_collections.mimsync.sharepoint.lab.admin import Client
from ansible_collections.mimsync.sharepoint.lab.cli import main
from ansible_collections.mimsync.sharepoint.lab.estate.estate import EstateOptions
from ansible_collections.mimsync.sharepoint.lab.harness import running_lab
from ansible_collections.mimsync.sharepoint.lab.operations import OperationProblem
from ansible_collections.mimsync.sharepoint.lab.state import StateFolder, StateProblem, is_running, load_estate, read_process, save_estate
from small_estate import build_small_estate

BUILDER = "small_estate:build_small_estate"
OPTIONS = EstateOptions(first_address="127.20.8.10")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StateFolder]:
    # The daemon is another process, which needs to find the tests' builder.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    place = StateFolder(tmp_path / "lab")
    yield place
    daemon.stop(place)


def up(folder: StateFolder, *more: str) -> int:
    return main(["up", "--state", str(folder.path), "--builder", BUILDER, "--first-address", OPTIONS.first_address, *more])


def test_up_status_change_down(folder: StateFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert up(folder) == 0
    process = read_process(folder)
    assert process is not None
    assert main(["status", "--state", str(folder.path)]) == 0
    assert f"127.20.8.10:{process.port}" in capsys.readouterr().out
    assert main(["change", "--state", str(folder.path), "set_service", "host=ONE", "service=Spooler", "state=stopped"]) == 0
    assert main(["down", "--state", str(folder.path)]) == 0
    assert not is_running(folder)
    assert os.waitpid(process.pid, 0) == (process.pid, 0)


def test_what_was_changed_is_there_after_the_next_start(folder: StateFolder) -> None:
    up(folder)
    secrets = folder.secrets.read_bytes()
    Client(folder).call("write_file", host="ONE", path="C:\\Users\\note.txt", text="kept")
    daemon.stop(folder)
    up(folder)
    assert Client(folder).call("read_file", host="ONE", path="C:\\Users\\note.txt") == "a2VwdA=="
    assert folder.secrets.read_bytes() == secrets


def test_fail_a_second_start_is_refused(folder: StateFolder, capsys: pytest.CaptureFixture[str]) -> None:
    up(folder)
    assert up(folder) == 1
    assert "runs in" in capsys.readouterr().err


def test_down_without_a_lab_says_so(folder: StateFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["down", "--state", str(folder.path)]) == 0
    assert "No lab runs" in capsys.readouterr().out
    assert main(["status", "--state", str(folder.path)]) == 3


def test_fail_a_broken_state_gives_one_message_and_reset_mends_it(folder: StateFolder, capsys: pytest.CaptureFixture[str]) -> None:
    up(folder)
    daemon.stop(folder)
    folder.estate.write_bytes(folder.estate.read_bytes()[:-20])
    assert up(folder) == 1
    error = capsys.readouterr().err
    assert "is damaged" in error
    assert "python -m lab reset" in error
    assert "Traceback" not in error
    assert main(["reset", "--state", str(folder.path)]) == 0
    assert up(folder) == 0


def test_fail_a_state_of_another_version(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path)
    folder.estate.write_bytes(b"something else")
    with pytest.raises(StateProblem, match="not of this version"):
        load_estate(folder)


def test_fail_lost_secrets(folder: StateFolder, capsys: pytest.CaptureFixture[str]) -> None:
    up(folder)
    daemon.stop(folder)
    folder.secrets.unlink()
    assert up(folder) == 1
    assert "secrets.yml is gone" in capsys.readouterr().err


def test_fail_a_port_that_is_taken(folder: StateFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    up(folder)
    process = read_process(folder)
    assert process is not None
    other = StateFolder(tmp_path / "other")
    assert up(other, "--port", str(process.port)) == 1
    assert f":{process.port}" in capsys.readouterr().err
    assert not is_running(other)


@pytest.mark.parametrize("arguments", [["up", "--people", "none"], ["up", "--port", "70000"], ["fly"], []])
def test_fail_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_saving_replaces_the_file_as_a_whole(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path)
    estate = build_small_estate(OPTIONS)
    save_estate(folder, estate)
    save_estate(folder, estate)
    assert [path.name for path in tmp_path.iterdir()] == ["estate.state"]
    loaded = load_estate(folder)
    assert loaded is not None
    assert set(loaded.hosts) == {"ONE", "TWO"}


def test_the_harness_stops_what_it_started(tmp_path: Path) -> None:
    with running_lab(tmp_path, OPTIONS, builder=build_small_estate) as lab:
        assert lab.call("counters") == {}
        with pytest.raises(StateProblem), running_lab(tmp_path, OPTIONS, builder=build_small_estate):
            pass
    assert not is_running(StateFolder(tmp_path))


@pytest.mark.parametrize(
    ("operation", "values", "message"),
    [
        ("fly", {}, "no operation fly"),
        ("set_service", {"host": "NONE", "service": "x"}, "no host NONE"),
        ("set_service", {"host": "ONE", "service": "x"}, "no service x"),
        ("set_attributes", {"account": "nobody", "attributes": {}}, "no object nobody"),
        ("read_file", {"host": "ONE", "path": "C:\\none"}, "Could not find file"),
        ("read_file", {"host": "ONE"}, "path"),
    ],
)
def test_fail_operations_say_what_is_wrong(tmp_path: Path, operation: str, values: dict[str, object], message: str) -> None:
    with running_lab(tmp_path, OPTIONS, builder=build_small_estate) as lab, pytest.raises(OperationProblem, match=message.replace("\\", "\\\\")):
        lab.call(operation, **values)
