# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The core of run_cycle against the twins of its scripts, on an estate with MIM in place."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.verbs import run_cycle as twins
from ansible_collections.mimsync.sharepoint.lab.verbs.registry import ScriptError, VerbCall
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.cycle.plan import Limits, Names, ServerCycleState, reason_to_run, standard_cycle
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.cycle.run import COUNTERS, CycleReport, CycleRunner, read_server
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import LimitError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.packing import unpack
from mim_estate import STAFF, MimEstate, built_in_files, configure, make_mim_estate

FULL = standard_cycle("full", Names())
VERBS = {"cycle_read": twins.cycle_read, "run_profile": twins.run_profile}


@pytest.fixture
def made() -> Iterator[MimEstate]:
    estate = make_mim_estate()
    configure(estate, built_in_files(estate))
    yield estate
    estate.service.board.stop_all()


def ask(made: MimEstate, verb: str, parameters: dict[str, Any]) -> Any:
    return VERBS[verb](VerbCall(verb, parameters, made.service.host, made.admin)).result


def state_of(made: MimEstate, *paths: str) -> ServerCycleState:
    return read_server(lambda verb, parameters: ask(made, verb, parameters), paths)


def profiles(made: MimEstate) -> int:
    return sum(1 for _unused in made.farm.service_application.store.live("user"))


def cycle(made: MimEstate, limits: Limits | None = None) -> CycleReport:
    runner = CycleRunner(lambda verb, parameters: ask(made, verb, parameters), lambda text: None, unpack, limits or Limits())
    return runner.run(FULL, state_of(made))


def test_the_first_cycle_is_needed_and_the_second_is_not(made: MimEstate) -> None:
    assert reason_to_run(state_of(made), FULL) == "ADMA FullImport has never run"
    report = cycle(made)
    assert report.changed and not report.stopped
    assert [run.status for run in report.runs] == ["success", "success", "completed-no-objects", "success", "success", "success", "success"]
    exported = report.runs[4].values()
    contacts = sum(1 for _unused in made.farm.service_application.store.live("contact"))
    assert exported["adds"] == profiles(made) + contacts > 20
    assert reason_to_run(state_of(made), FULL) == ""
    assert not cycle(made).changed


def test_a_changed_file_asks_for_another_cycle(made: MimEstate) -> None:
    cycle(made)
    path = made.service.path(r"Extensions\SharePointSynchronization.dll")
    assert reason_to_run(state_of(made, path), FULL) == ""
    made.service.host.files.write(path, b"MZ new", now=made.service.now())
    assert reason_to_run(state_of(made, path, r"C:\nowhere"), FULL).startswith("the rules changed at")


def test_leavers_beyond_the_limit_stop_the_cycle_before_the_export(made: MimEstate) -> None:
    cycle(made)
    directory = made.estate.directory
    people = [entry for entry in directory.search(STAFF, query="(objectClass=user)") if not entry.get("msDS-SourceObjectDN")]
    for entry in people[:12]:
        directory.delete(entry)
    before = profiles(made)
    with pytest.raises(LimitError, match=r"SPMA would delete \d+ of"):
        cycle(made)
    assert profiles(made) == before
    cycle(made, Limits(deletes_percent=100))
    assert profiles(made) == before - 12


def test_a_step_that_fails_is_the_last(made: MimEstate) -> None:
    made.service.state.secrets.clear()
    report = cycle(made)
    assert report.stopped == "ADMA FullImport ended with no-start-credentials"


def test_a_run_is_waited_for_by_its_number_and_not_started_again(made: MimEstate) -> None:
    parameters: dict[str, Any] = {"Agent": "ADMA", "RunProfile": "FullImport", "RunNumber": "", "WaitSeconds": 30, "Counters": list(COUNTERS)}
    first = ask(made, "run_profile", parameters)
    again = ask(made, "run_profile", {**parameters, "RunNumber": first["number"]})
    assert (again["number"], again["status"], again["details"]) == (first["number"], "success", first["details"])
    assert len(made.service.history(made.admin, "ADMA")) == 1


def test_strangers_and_names_that_are_not_there_are_refused(made: MimEstate) -> None:
    parameters: dict[str, Any] = {"Agent": "XX", "RunProfile": "FullImport", "Counters": []}
    with pytest.raises(ScriptError, match="no management agent 'XX'"):
        ask(made, "run_profile", parameters)
    nobody = dataclasses.replace(made.admin, sid="S-1-5-21-9-9-9-9", groups=frozenset())
    with pytest.raises(ScriptError, match="Access is denied"):
        twins.cycle_read(VerbCall("cycle_read", {"Counters": list(COUNTERS)}, made.service.host, nobody))
    with pytest.raises(ScriptError, match="Invalid namespace"):
        twins.cycle_read(VerbCall("cycle_read", {"Counters": []}, made.estate.hosts["SP1"], made.admin))
