# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ConstantMapping, DirectMapping, Projection, Source
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.extension import DeclineMappingError
from engine_support import APP, World, app, export, filter_on, hr, join_on, metaverse, script, world

pytestmark = pytest.mark.usefixtures("every_store")


def exporting(*flows: Any, **app_changes: Any) -> World:
    flow_set = replace(app().export_flows[0], flows=flows)
    return world(app_agent=app(export_flows=(flow_set,), **app_changes))


def test_a_new_person_is_provisioned_exported_and_confirmed() -> None:
    made = world()
    made.person(1, mail="a@x", photo=b"jpeg")
    made.run("APP FI", "HR FI")
    result = made.run("HR FS")
    assert result.details.steps[0].counters.outbound[APP]["provisioned-add-flow"] == 1
    assert made.engine.counts("APP")["NumExportAdd"] == 1
    assert made.counters(made.run("APP EX")) == {"export-add": 1}
    assert made.profile(1) == {"Id": ("u1",), "name": ("Person 1",), "mail": ("a@x",), "photo": (b"jpeg",)}
    assert made.counters(made.run("APP DI")) == {"stage-add": 1}
    assert made.counters(made.run("APP DS")) == {"connector-no-flow": 1}


def test_only_differences_are_exported() -> None:
    made = world()
    made.person(1, mail="a@x", title="Chief")
    made.cycle()
    made.person(1, mail="b@x", title="Chief")
    made.run("HR DI", "HR DS")
    assert dict(made.cs(APP, "u1").export) == {"mail": ("b@x",)}
    made.person(1, mail="a@x", title="Chief")
    made.run("HR DI", "HR DS")
    assert made.cs(APP, "u1").export_op == "", "a change that is taken back leaves nothing to export"


def test_an_export_only_attribute_is_sent_once() -> None:
    made = world()
    made.person(1, photo=b"one")
    made.cycle()
    made.cycle()
    made.app.entries["u1"].attributes.pop("photo")
    assert made.counters(made.cycle()) == {}
    assert "photo" not in made.profile(1), "what no import shows cannot be missed"


def test_what_the_target_changed_is_set_right_again() -> None:
    made = world()
    made.person(1, mail="a@x")
    made.cycle()
    made.app.set("u1", {"mail": ("theirs@x",)})
    made.cycle("D")
    assert made.profile(1)["mail"] == ("a@x",)


@pytest.mark.parametrize(
    ("action", "left", "bucket"),
    [("make-normal-disconnector", 1, "NumDisconnectors"), ("make-explicit-disconnector", 1, "NumExplicitDisconnectors"), ("delete-object", 0, "NumCSObjects")],
)
def test_deprovisioning_does_what_the_agent_says(action: str, left: int, bucket: str) -> None:
    made = world(app_agent=app(deprovisioning=action))
    made.person(1)
    made.cycle()
    made.hr.delete("hr-1")
    made.cycle("D")
    assert len(made.app.entries) == left
    assert made.engine.counts("APP")[bucket] == left


def test_scripted_deprovisioning_is_asked_and_nonsense_is_an_error() -> None:
    made = world(app_agent=app(deprovisioning_type="scripted"))
    made.hooks["deprovision"] = lambda cs: "shred"
    made.person(1)
    made.cycle()
    made.hr.delete("hr-1")
    made.run("HR DI")
    assert made.errors(made.run("HR DS")) == ["extension-deprovisioning-invalid-result"]
    made.hooks["deprovision"] = lambda cs: "delete-object"
    assert made.counters(made.run("HR DS")) == {"connector-delete-remove-mv": 1}


def test_a_person_that_goes_before_the_export_was_never_there() -> None:
    made = world()
    made.person(1)
    made.run("HR FI", "HR FS")
    made.hr.delete("hr-1")
    made.run("HR DI", "HR DS")
    assert made.engine.counts("APP")["NumCSObjects"] == 0
    assert made.counters(made.run("APP EX")) == {}


def test_a_failed_export_stays_pending_with_its_count() -> None:
    made = world()
    made.person(1)
    made.app.refuses["u1"] = "permission-issue"
    made.run("HR FI", "HR FS")
    result = made.run("APP EX")
    assert (result.status, made.errors(result)) == ("completed-export-errors", ["permission-issue"])
    error = made.run("APP EX").details.steps[0].export_errors[0].error
    assert error.retries == 1 and error.first < error.last
    made.app.refuses.clear()
    assert made.run("APP EX").status == "success"
    assert made.cs(APP, "u1").export_error is None


def test_thresholds_stop_an_export_before_the_object_too_many() -> None:
    made = world()
    for number in range(5):
        made.person(number)
    made.run("HR FI", "HR FS")
    profile = made.configuration.agents[1].run_profiles[4]
    limited = replace(profile, steps=(replace(profile.steps[0], object_limit=3),))
    made.configure(replace(made.configuration, agents=(hr(), app(run_profiles=(limited,)))))
    result = made.run("APP EX")
    assert result.status == "stopped-object-limit"
    assert len(made.app.entries) == 3 and made.engine.counts("APP")["NumExportAdd"] == 2


def test_several_mappings_and_a_declined_one() -> None:
    def decline(mv: Any, cs: Any) -> None:
        raise DeclineMappingError

    made = exporting(export("name", mapping=script("no", "name")), export("title", mapping=ConstantMapping("fixed")), export("mail", "phone"))
    made.hooks |= {"no": decline}
    made.person(1, phone="42")
    made.cycle()
    assert made.profile(1) == {"Id": ("u1",), "title": ("fixed",), "mail": ("42",)}


def test_the_metaverse_objects_own_id_can_be_exported() -> None:
    made = exporting(export("title", mapping=DirectMapping(Source("object-id", intrinsic=True))))
    made.person(1)
    made.cycle()
    assert str(made.profile(1)["title"][0]).startswith("{A0000000-")


def test_a_reference_to_somebody_without_a_connector_is_left_out_until_there_is_one() -> None:
    made = world()
    made.hooks["provision"] = lambda mv: None if mv.text("account") == "u1" else _provision(mv)
    made.person(1)
    made.person(2, manager=World.dn(1))
    made.cycle()
    assert "manager" not in made.profile(2)
    del made.hooks["provision"]
    made.run("HR FS", "APP EX")
    assert made.profile(2)["manager"] == ("u1",)


def _provision(mv: Any) -> None:
    connector = mv.connectors("APP").new("user")
    connector.set("Id", mv.text("account"))
    if not len(mv.connectors("APP")):
        connector.commit()


def test_managers_in_a_circle_arrive() -> None:
    made = world()
    made.person(1, manager=World.dn(2))
    made.person(2, manager=World.dn(1))
    made.cycle()
    assert (made.profile(1)["manager"], made.profile(2)["manager"]) == (("u2",), ("u1",))
    assert made.engine.counts("APP")["NumExportUpdate"] == 0


def test_a_result_that_the_targets_filter_would_catch_is_an_error() -> None:
    made = world(app_agent=app(filters=(filter_on("mail", "present"),)))
    made.person(1, mail="a@x")
    assert made.errors(made.run("HR FI", "HR FS")) == ["connector-filter-rule-violation"]


def test_a_value_does_not_flow_back_to_where_it_came_from() -> None:
    back = replace(app().export_flows[0], flows=(export("title"),))
    made = world(hr_agent=hr(export_flows=(back,)), mv=metaverse(provisioning="none"))
    made.person(1, title="Chief")
    made.run("HR FI", "HR FS")
    made.hr.set("hr-1", {"title": ("Boss",)})
    made.run("HR DI", "HR DS")
    assert made.engine.counts("HR")["NumExportUpdate"] == 0


def test_an_existing_object_of_the_same_name_stops_provisioning_until_it_is_joined() -> None:
    made = world(app_agent=app(joins=join_on("Id", "account")))
    made.app.put("u1", "u1", "user", {"Id": ("u1",)})
    made.run("APP FI")
    made.person(1)
    assert made.errors(made.run("HR FI", "HR FS")) == ["extension-dll-exception"]


def test_an_object_of_its_own_takes_the_place_of_one_that_was_never_exported() -> None:
    made = world(app_agent=app(joins=join_on("Id", "account")))
    made.person(1, mail="a@x")
    made.run("HR FI", "HR FS")
    made.app.put("u1", "u1", "user", {"Id": ("u1",)})
    made.run("APP FI")
    assert made.counters(made.run("APP DS")) == {"disconnector-joined-no-flow": 1}
    assert made.counters(made.run("APP EX")) == {"export-update": 1}
    assert made.profile(1)["mail"] == ("a@x",)


def test_an_accepted_add_that_no_full_import_shows_is_sent_again() -> None:
    made = world()
    made.person(1)
    made.app.forgets = frozenset({"u1"})
    made.app.put("else", "else", "user", {"Id": ("else",)})
    made.run("HR FI", "HR FS", "APP EX")
    made.app.forgets = frozenset()
    assert made.errors(made.run("APP FI")) == ["exported-change-not-reimported"]
    made.run("APP EX")
    assert "u1" in made.app.entries


def test_a_deletion_that_the_target_did_not_do_is_sent_again() -> None:
    made = world()
    made.person(1)
    made.cycle()
    made.hr.delete("hr-1")
    made.app.forgets = frozenset({"u1"})
    made.run("HR DI", "HR DS", "APP EX")
    made.app.forgets = frozenset()
    made.run("APP FI")
    assert made.engine.counts("APP")["NumExportDelete"] == 1
    made.run("APP EX", "APP DI", "APP DS")
    assert made.engine.counts("APP")["NumCSObjects"] == 0


def test_projection_in_the_target_makes_people_of_its_own() -> None:
    made = world(app_agent=app(projections=(Projection("{P}", "user", "declared", "person"),)))
    made.app.put("x", "x", "user", {"Id": ("x",)})
    made.run("APP FI", "APP FS")
    assert len(made.store.metaverse) == 1
