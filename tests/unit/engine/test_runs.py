# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pickle
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import StepKind
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.counters import EXPORT, INBOUND, STAGING
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.history import PROLOG, run_history
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.runs import CONCURRENT, STOPPED_BY_USER, SYNC_ELSEWHERE
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.sqlite_store import SqliteStore
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import SystemConnectionError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from engine_support import World, app, hr, metaverse, world

pytestmark = pytest.mark.usefixtures("every_store")


def populated(people: int = 3) -> World:
    made = world()
    for number in range(people):
        made.person(number)
    return made


def document(*texts: str, made: World) -> ET.Element:
    return ET.fromstring(run_history([made.run(*texts).details]).removeprefix(PROLOG))


def test_names_that_are_not_there_are_refused() -> None:
    made = populated()
    with pytest.raises(InputError, match="no management agent 'XX'"):
        made.run("XX FI")
    with pytest.raises(InputError, match="no run profile 'Nonsense'; it has FI, DI"):
        made.run("HR Nonsense")


def test_names_are_found_without_regard_to_case() -> None:
    assert populated().run("hr fi").status == "success"


def test_a_delta_import_needs_a_full_one_before() -> None:
    assert populated().run("HR DI").status == "no-start-full-import-required"


@pytest.mark.parametrize(
    ("changes", "result"),
    [({"partition_id": "{gone}"}, "no-start-missing-partition-for-run-step"), ({"kind": StepKind.OTHER}, "no-start-bad-ma-configuration")],
)
def test_steps_that_cannot_start(changes: dict[str, object], result: str) -> None:
    made = populated()
    profile = made.configuration.agents[0].run_profiles[0]
    broken = replace(profile, steps=(replace(profile.steps[0], **changes),))
    made.configure(replace(made.configuration, agents=(hr(run_profiles=(broken,)), app())))
    assert made.run("HR FI").status == result


def test_a_partition_that_is_not_selected_and_a_profile_without_steps() -> None:
    made = populated()
    partition = replace(made.configuration.agents[0].partitions[0], selected=False)
    empty = replace(made.configuration.agents[0].run_profiles[0], name="None", steps=())
    made.configure(replace(made.configuration, agents=(hr(partitions=(partition,), run_profiles=(*hr().run_profiles, empty)), app())))
    assert made.run("HR FI").status == "no-start-partition-not-configured"
    assert made.run("HR None").status == "no-start-no-steps-in-profile"


def test_a_system_that_cannot_be_reached_ends_the_profile_and_is_told() -> None:
    made = populated()
    made.hr.broken = SystemConnectionError("stopped-connectivity", "failed-search", server="hr:389", code="8453", literal="Replication access was denied.")
    result = made.run("HR FI,FS")
    assert (result.status, len(result.details.steps)) == ("stopped-connectivity", 1)
    root = ET.fromstring(run_history([result.details]).removeprefix(PROLOG))
    assert root.findtext(".//incident/connection-result") == "failed-search"
    assert root.findtext(".//cd-error/error-code") == "8453"


@pytest.mark.parametrize(
    ("extension", "result"), [("Missing.dll", "stopped-extension-dll-file-not-found"), ("", "stopped-extension-dll-not-configured-for-mv")]
)
def test_an_extension_that_cannot_be_loaded_stops_the_step(extension: str, result: str) -> None:
    made = world(mv=metaverse(extension=extension))
    made.person(1)
    before = made.digest()
    made.run("HR FI")
    staged = made.digest()
    assert made.run("HR FS").status == result
    assert made.digest() == staged != before, "the object at hand was put back"


def test_who_runs_already_is_refused_and_only_a_second_synchronization_elsewhere() -> None:
    made = populated(600)
    made.run("HR FI")
    running = made.engine.run_steps("HR", "FS")
    next(running)
    assert made.run("HR FI").status == CONCURRENT
    assert made.run("APP FS").status == SYNC_ELSEWHERE
    assert made.run("APP FI").status == "completed-no-objects"
    list(running)
    assert made.engine.refusal("APP", "FS") == ""


def test_a_run_can_be_stopped_and_taken_up_again() -> None:
    made = populated(600)
    made.run("HR FI")
    running = made.engine.run_steps("HR", "FS")
    assert next(running).total == 600
    assert made.engine.stop("HR") == "success"
    list(running)
    assert made.store.runs[-1].status == STOPPED_BY_USER
    assert 0 < len(made.store.metaverse) < 600
    assert made.engine.stop("HR") == "ma-not-running"
    made.run("HR DS")
    assert len(made.store.metaverse) == 600


def test_a_run_that_is_left_counts_as_stopped_and_the_state_goes_on() -> None:
    made = populated(600)
    made.run("HR FI")
    running = made.engine.run_steps("HR", "FS")
    next(running)
    running.close()  # type: ignore[attr-defined]
    assert made.store.runs[-1].status == "stopped-server"
    whole = populated(600)
    whole.run("HR FI", "HR FS")
    made.run("HR DS")
    assert made.digest() == whole.digest()


def test_the_state_can_be_kept_and_taken_up() -> None:
    made = populated()
    made.run("HR FI", "HR FS")
    digest = made.digest()
    if isinstance(made.store, SqliteStore):
        return  # see test_sqlite_store
    made.store = pickle.loads(pickle.dumps(made.store))
    made.configure(made.configuration)
    assert made.digest() == digest
    made.run("APP FI", "APP EX", "APP DI", "APP DS")
    assert len(made.app.entries) == 3
    assert made.counters(made.cycle()).keys() <= {"stage-no-change", "connector-no-flow"}


def test_the_history_of_a_run_has_the_services_form() -> None:
    made = populated()
    root = document("HR FI,FS", made=made)
    run = root.find("run-details")
    assert run is not None
    assert [child.tag for child in run] == ["ma-id", "ma-name", "run-number", "run-profile-name", "security-id", "step-details", "step-details"]
    step = run.findall("step-details")[1]
    assert [child.tag for child in step] == [
        "start-date",
        "end-date",
        "step-result",
        "step-description",
        "current-export-step-counter",
        "last-successful-export-step-counter",
        "ma-connection",
        "ma-discovery-errors",
        "ma-discovery-counters",
        "synchronization-errors",
        "mv-retry-errors",
        "staging-counters",
        "inbound-flow-counters",
        "export-counters",
    ]
    assert [child.tag for child in step.findall("staging-counters/*")] == list(STAGING)
    assert [child.tag for child in step.findall("inbound-flow-counters/*")] == list(INBOUND)
    assert [child.tag for child in step.findall("export-counters/*")] == list(EXPORT)
    assert step.find("staging-counters/stage-add").attrib == {"detail": "true"}  # type: ignore[union-attr]
    assert step.find("staging-counters/stage-no-change").attrib == {"detail": "false"}  # type: ignore[union-attr]
    assert step.findtext("start-date", "").startswith("2023-11-14 22:13:2")
    assert step.findtext("step-description/step-type/import-subtype") == "to-cs"


def test_outbound_counters_name_their_agent_and_only_what_is_there() -> None:
    made = populated()
    outbound = document("HR FI,FS", made=made).find(".//outbound-flow-counters")
    assert outbound is not None and outbound.get("ma") == "APP"
    assert {child.tag: child.text for child in outbound} == {"provisioned-add-flow": "3"}


def test_the_history_of_nothing_is_empty() -> None:
    assert ET.fromstring(run_history([]).removeprefix(PROLOG)).tag == "run-history"


def test_characters_that_xml_cannot_hold_do_no_harm() -> None:
    made = world()
    made.hr.put("x", "CN=bell\x07\ufffe,DC=hr,DC=example,DC=com", "user", {"account": ("u1",)})
    made.hooks["provision"] = lambda mv: 1 / 0
    error = document("HR FI,FS", made=made).find(".//import-error")
    assert error is not None and error.get("dn") == "CN=bell??,DC=hr,DC=example,DC=com"
    assert "ZeroDivisionError" in error.findtext("extension-error-info/call-stack", "")


def test_run_numbers_count_for_each_agent() -> None:
    made = populated()
    made.run("HR FI", "APP FI", "HR FS")
    assert [(run.agent_name, run.number) for run in made.store.runs] == [("HR", 1), ("APP", 1), ("HR", 2)]
