# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which objects are behind the counters of a step."""

from __future__ import annotations

import pickle

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.details import step_object_details
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.history import StepDetails
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.objects import guid
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.switches import Switches
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from engine_support import APP, HR, World, filter_on, hr, world

pytestmark = pytest.mark.usefixtures("every_store")


def last_step(made: World, run: str) -> StepDetails:
    return made.run(run).details.steps[0]


def behind(made: World, step: StepDetails, counter: str, agent: str = "") -> list[str]:
    return [item.dn for item in made.engine.objects_behind(step, counter, agent)]


def test_each_counter_of_a_step_names_its_objects() -> None:
    made = world(hr_agent=hr(filters=(filter_on("title", "equality", "robot"),)))
    for number, title in ((1, "clerk"), (2, "robot"), (3, "clerk")):
        made.person(number, title=title)
    step = last_step(made, "HR FI")
    assert behind(made, step, "stage-add") == [World.dn(number) for number in (1, 2, 3)]
    step = last_step(made, "HR FS")
    assert behind(made, step, "disconnector-projected-flow") == [World.dn(1), World.dn(3)]
    assert behind(made, step, "disconnector-filtered") == [World.dn(2)]
    assert behind(made, step, "provisioned-add-flow", "app") == ["u1", "u3"]
    assert behind(made, last_step(made, "APP EX"), "export-add") == ["u1", "u3"]


def test_as_many_objects_stand_behind_a_counter_as_it_counts() -> None:
    made = world()
    for number in range(1, 6):
        made.person(number, manager=World.dn(number % 5 + 1))
    made.cycle()
    made.hr.delete("hr-3")
    made.person(4, title="new")
    made.cycle("D")
    for run in made.store.runs:
        for step in run.steps:
            counters = step.counters
            for name, count in (*counters.staging.items(), *counters.inbound.items(), *counters.export.items()):
                if name not in ("stage-no-change", "disconnector-remains"):
                    assert len(counters.objects.get(("", name), ())) == count, (run.profile, name)
            for agent_id, counts in counters.outbound.items():
                assert {name: len(counters.objects.get((agent_id, name), ())) for name in counts} == counts


def test_an_object_that_is_gone_is_named_as_it_was() -> None:
    made = world()
    made.person(1)
    made.cycle()
    made.hr.delete("hr-1")
    imported = last_step(made, "HR DI")
    synchronized = last_step(made, "HR DS")
    made.run("APP EX", "APP DI", "APP DS")
    assert behind(made, imported, "stage-delete") == [World.dn(1)]
    assert behind(made, synchronized, "connector-delete-remove-mv") == [World.dn(1)]
    assert behind(made, synchronized, "provisioned-disconnect", "APP") == ["u1"]
    assert all(item.placeholder for agent in (HR, APP) for item in made.store.space(agent).all())


def test_the_document_holds_number_and_name() -> None:
    made = world()
    made.person(1)
    step = last_step(made, "HR FI")
    number = made.cs(HR, World.dn(1)).id
    text = step_object_details(made.engine.objects_behind(step, "stage-add"))
    assert text == f'<step-object-details><cs-object id="{guid("cs", number)}" cs-dn="{World.dn(1)}" /></step-object-details>'


def test_more_than_the_limit_is_counted_and_not_remembered() -> None:
    made = world(switches=Switches(detail_limit=2))
    for number in range(1, 5):
        made.person(number)
    step = last_step(made, "HR FI")
    assert step.counters.staging["stage-add"] == 4 and len(behind(made, step, "stage-add")) == 2


def test_what_is_no_counter_and_what_is_not_kept_is_told() -> None:
    made = world()
    made.person(1)
    step = last_step(made, "HR FI")
    with pytest.raises(InputError, match="no counter 'stage-apples'"):
        made.engine.objects_behind(step, "stage-apples")
    with pytest.raises(InputError, match="keeps no objects behind the counter 'stage-no-change'"):
        made.engine.objects_behind(step, "stage-no-change")
    with pytest.raises(InputError, match="no management agent 'X'"):
        made.engine.objects_behind(step, "connector-flow", "X")


def test_the_objects_outlive_a_pickled_history() -> None:
    made = world()
    made.person(1)
    step = last_step(made, "HR FI")
    again = pickle.loads(pickle.dumps(step))
    assert again.counters.objects == step.counters.objects and again.counters.staging == step.counters.staging
