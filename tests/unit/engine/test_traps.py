# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ten traps at the end of the reference page `sync-engine`, each as a test."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import DirectMapping, ImportFlow, Source
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.history import run_history
from engine_support import APP, HR, ROOT, World, app, export, flows, hr, join_on, metaverse, world

pytestmark = pytest.mark.usefixtures("every_store")


def synced(people: int = 3, **more: object) -> World:
    made = world(**more)  # type: ignore[arg-type]
    for number in range(people):
        made.person(number)
    made.cycle()
    return made


def test_trap_1_a_delta_synchronization_tries_every_normal_disconnector_again() -> None:
    made = world(
        hr_agent=hr(projections=(), joins=join_on("account", "account")),
        app_agent=app(projections=hr().projections),
        mv=metaverse(flows("account", (APP, "Id"))),
    )
    made.person(1)
    made.run("HR FI")
    assert made.counters(made.run("HR DS")) == {"disconnector-remains": 1}
    made.app.put("u1", "u1", "user", {"Id": ("u1",)})
    made.run("APP FI", "APP DS")
    assert made.counters(made.run("HR DS")) == {"disconnector-joined-no-flow": 1}


def test_trap_2_an_empty_or_stopped_full_import_deletes_nothing() -> None:
    made = synced()
    people, made.hr.entries = made.hr.entries, {}
    assert made.run("HR FI").status == "completed-no-objects"
    made.hr.entries = people
    del made.hr.entries["hr-0"]
    steps = replace(made.configuration.agents[0].run_profiles[0].steps[0], object_limit=1)
    profiles = (replace(made.configuration.agents[0].run_profiles[0], steps=(steps,)),)
    made.configure(replace(made.configuration, agents=(hr(run_profiles=profiles), app())))
    assert made.run("HR FI").status == "stopped-object-limit"
    assert made.engine.counts("HR")["NumImportDelete"] == 0


def test_trap_2_discovery_errors_neither_delete_nor_let_the_next_step_run() -> None:
    made = synced()
    made.hr.put("", "CN=No anchor," + ROOT, "user", {})
    del made.hr.entries["hr-0"]
    result = made.run("HR FI,FS")
    assert (result.status, len(result.details.steps)) == ("completed-discovery-errors", 1)
    assert made.counters(result) == {"stage-no-change": 2, "stage-failure": 1}


def test_trap_3_an_export_waits_for_an_import_that_shows_it() -> None:
    made = world()
    made.person(1)
    made.run("HR FI", "HR FS", "APP EX")
    exported = made.cs(APP, "u1")
    assert exported.export_op == "" and exported.unconfirmed_op == "add"
    made.run("APP FI")
    assert exported.unconfirmed_op == "" and not exported.unconfirmed


def test_trap_3_a_change_that_is_not_reimported_is_an_error_and_exported_again() -> None:
    made = synced(1)
    made.person(0, title="Director")
    made.app.forgets = frozenset({"u0"})
    made.run("HR DI", "HR DS", "APP EX")
    result = made.run("APP FI")
    assert result.status == "completed-warnings"
    assert made.errors(result) == ["exported-change-not-reimported"]
    made.app.forgets = frozenset()
    assert made.counters(made.run("APP EX")) == {"export-update": 1}
    assert made.run("APP FI").status == "success"
    assert made.profile(0)["title"] == ("Director",)


def test_trap_4_the_history_tells_the_last_step_first() -> None:
    made = world()
    made.person(1)
    document = run_history([made.run("HR FI,FS").details])
    numbers = [step.get("step-number") for step in ET.fromstring(document.split("?>", 1)[1]).iter("step-details")]
    assert numbers == ["2", "1"]


def test_trap_5_a_lost_hr_connector_cascades_to_a_deletion_in_app() -> None:
    made = synced(2)
    made.hr.delete("hr-0")
    made.run("HR DI")
    assert made.counters(made.run("HR DS")) == {"connector-delete-remove-mv": 1}
    assert made.engine.counts("APP")["NumExportDelete"] == 1
    made.run("APP EX", "APP DI", "APP DS")
    assert sorted(made.app.entries) == ["u1"] and made.engine.counts("APP")["NumCSObjects"] == 1


def test_trap_5_a_provisioning_disconnect_asks_no_deletion_rule_but_the_last_connector_takes_the_object_along() -> None:
    made = synced(1)
    asked: list[bool] = []
    rules = (replace(metaverse().deletion_rules[0], type="scripted"),)
    made.hooks |= {"provision": lambda mv: mv.connectors("APP").deprovision_all(), "delete": lambda cs, mv: asked.append(True) or True}
    made.configure(replace(made.configuration, metaverse=metaverse(deletion_rules=rules)))
    made.run("HR FS")
    assert asked == [] and len(made.store.metaverse) == 1
    made.hooks["provision"] = lambda mv: mv.connectors("HR").deprovision_all()
    assert made.counters(made.run("HR FS")) == {"connector-flow-remove-mv": 1}
    assert asked == [] and len(made.store.metaverse) == 0


def test_trap_6_a_new_rule_reaches_unchanged_objects_by_a_full_synchronization_only() -> None:
    made = synced(1)
    made.person(0, phone="1")
    made.run("HR DI", "HR DS")
    mv = metaverse()
    changed = [
        replace(item, flows=(ImportFlow("{new}", HR, "user", DirectMapping(Source("phone"))),)) if item.mv_attribute == "title" else item
        for item in mv.import_flows
    ]
    made.configure(replace(made.configuration, metaverse=replace(mv, import_flows=tuple(changed))))
    made.run("HR FI", "HR DS")
    assert "title" not in made.mv(0).values
    made.run("HR FS")
    assert made.mv(0).values["title"] == ("1",)


def test_trap_6_a_combined_step_synchronizes_what_was_delivered_unchanged() -> None:
    made = synced(2)
    assert made.counters(made.run("HR FIDS")) == {"stage-no-change": 2, "connector-no-flow": 2}
    made.run("HR FI")
    assert made.counters(made.run("HR DS")) == {}


def test_trap_7_a_lower_source_does_not_replace_a_higher_one_and_takes_over_when_that_has_nothing() -> None:
    made = world(
        app_agent=app(joins=join_on("Id", "account"), export_flows=()),
        mv=metaverse(flows("account", (HR, "account")), flows("mail", (HR, "mail"), (APP, "mail"))),
    )
    made.person(1, mail="hr@x")
    made.run("HR FI", "HR FS")
    made.app.put("u1", "u1", "user", {"Id": ("u1",), "mail": ("app@x",)})
    made.run("APP EX", "APP FI", "APP FS")
    assert made.mv(1).values["mail"] == ("hr@x",)
    made.person(1)
    made.run("HR DI", "HR DS")
    assert made.mv(1).values["mail"] == ("app@x",)
    made.person(1, mail="hr2@x")
    made.run("HR DI", "HR DS")
    assert made.mv(1).values["mail"] == ("hr2@x",)


def test_trap_8_a_vanished_value_clears_the_target_only_where_nulls_are_allowed() -> None:
    made = world(app_agent=app(export_flows=(replace(app().export_flows[0], flows=(export("mail", nulls=True), export("title", nulls=False))),)))
    made.person(1, mail="a@x", title="Chief")
    made.cycle()
    made.person(1)
    made.cycle("D")
    assert "mail" not in made.profile(1) and made.profile(1)["title"] == ("Chief",)


def test_trap_9_references_wait_for_their_target_and_go_in_a_second_pass() -> None:
    made = world()
    made.person(2, manager=World.dn(1))
    made.run("HR FI")
    assert made.engine.counts("HR")["NumPlaceholders"] == 3  # the two containers and the manager
    made.run("HR FS")
    assert "manager" not in made.mv(2).values
    made.person(1)
    made.run("HR DI", "HR DS")
    assert made.mv(2).values["manager"] == (made.mv(1).id,)
    assert made.counters(made.run("APP EX")) == {"export-add": 2}
    assert made.profile(2)["manager"] == ("u1",)


def test_trap_9_a_deleted_target_leaves_a_placeholder_and_the_reference_goes() -> None:
    made = world()
    made.person(1)
    made.person(2, manager=World.dn(1))
    made.cycle()
    del made.hr.entries["hr-1"]
    made.run("HR FI", "HR DS")
    assert made.cs(HR, World.dn(1)).placeholder
    assert "manager" not in made.mv(2).values
    made.run("APP EX", "APP DI", "APP DS")
    assert "manager" not in made.profile(2)


def test_trap_10_identity_is_the_anchor_first() -> None:
    made = synced(1)
    before = made.mv(0).id
    made.hr.move("hr-0", f"CN=Renamed,OU=Elsewhere,{ROOT}")
    assert made.counters(made.run("HR DI")) == {"stage-rename": 1}
    made.run("HR DS")
    assert made.mv(0).id == before


def test_trap_10_an_object_that_takes_another_ones_name_makes_that_one_transient() -> None:
    made = synced(1)
    made.hr.move("hr-0", f"CN=Old,{ROOT}")
    made.hr.put("hr-9", World.dn(0), "user", {"account": ("u9",)})
    entries = made.hr.entries
    made.hr.entries = {"hr-9": entries["hr-9"]}
    assert made.run("HR DI").status == "completed-transient-objects"
    made.hr.entries = entries
    assert made.run("HR FI").status == "success"
    assert made.cs(HR, f"CN=Old,{ROOT}").anchor == "hr-0"


def test_trap_10_another_type_under_the_same_anchor_is_a_delete_add() -> None:
    two_types = replace(hr().partitions[0], object_types=("user", "contact"))
    made = synced(1, hr_agent=hr(partitions=(two_types,)))
    made.hr.entries["hr-0"].object_type = "contact"
    assert made.counters(made.run("HR FI")) == {"stage-delete-add": 1}
    assert made.counters(made.run("HR DS")) == {"connector-delete-add-processed": 1}
    assert len(made.store.metaverse) == 0
