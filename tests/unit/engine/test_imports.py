# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import ImportRequest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.memory import in_containers
from engine_support import HR, ROOT, World, hr, world

pytestmark = pytest.mark.usefixtures("every_store")


def staged(made: World) -> World:
    for number in range(3):
        made.person(number)
    made.run("HR FI", "HR FS")
    return made


def test_the_staging_counters_tell_what_changed() -> None:
    made = staged(world())
    made.person(0, title="New")
    made.hr.move("hr-1", f"CN=Moved,{ROOT}")
    made.hr.delete("hr-2")
    made.person(5)
    assert made.counters(made.run("HR FI")) == {"stage-update": 1, "stage-rename": 1, "stage-delete": 1, "stage-add": 1}
    assert made.counters(made.run("HR FI")) == {"stage-no-change": 3}, "what is pending already is no change"


def test_a_delta_import_brings_only_what_changed() -> None:
    made = staged(world())
    made.hr.set("hr-0", {"title": ("New",), "name": ()})
    made.hr.delete("hr-2")
    assert made.counters(made.run("HR DI")) == {"stage-update": 1, "stage-delete": 1}
    made.run("HR DS")
    assert made.mv(0).values["title"] == ("New",) and "name" not in made.mv(0).values


def test_a_change_that_is_taken_back_before_the_synchronization_leaves_nothing_pending() -> None:
    made = staged(world())
    made.hr.set("hr-0", {"title": ("New",)})
    made.run("HR DI")
    made.hr.set("hr-0", {"title": ()})
    made.run("HR DI")
    assert made.cs(HR, made.dn(0)).import_op == ""


def test_an_object_that_comes_back_before_the_synchronization_is_not_deleted() -> None:
    made = staged(world())
    entries = dict(made.hr.entries)
    del made.hr.entries["hr-0"]
    made.run("HR FI")
    assert made.engine.counts("HR")["NumImportDelete"] == 1
    made.hr.entries = entries
    made.run("HR FI")
    assert made.engine.counts("HR")["NumImportDelete"] == 0


def test_an_object_that_goes_before_it_was_synchronized_was_never_there() -> None:
    made = world()
    made.person(0)
    made.run("HR FI")
    made.hr.delete("hr-0")
    made.run("HR DI")
    assert made.engine.counts("HR")["NumCSObjects"] == 0


def test_a_deletion_of_a_stranger_is_counted_and_nothing_else() -> None:
    made = staged(world())
    made.person(7)
    made.hr.delete("hr-7")
    assert made.counters(made.run("HR DI")) == {"filtered-deletions": 1}


def test_more_deletions_than_allowed_stop_the_import() -> None:
    made = staged(world())
    profile = made.configuration.agents[0].run_profiles[1]
    made.configure(
        replace(
            made.configuration, agents=(hr(run_profiles=(replace(profile, steps=(replace(profile.steps[0], delete_limit=1),)),)), made.configuration.agents[1])
        )
    )
    made.hr.delete("hr-0")
    made.hr.delete("hr-1")
    assert made.run("HR DI").status == "stopped-deletion-limit"
    assert made.engine.counts("HR")["NumImportDelete"] == 1


def test_an_object_that_is_delivered_twice_is_a_discovery_error() -> None:
    made = world()
    made.person(0)
    made.hr.entries["again"] = made.hr.entries["hr-0"]
    result = made.run("HR FI")
    assert result.status == "completed-discovery-errors"
    assert [error.error_type for error in result.details.steps[0].discovery_errors] == ["duplicate-object"]


def test_attributes_that_are_not_selected_do_not_enter() -> None:
    made = world(hr_agent=hr(included_attributes=("account", "NAME")))
    made.person(0, mail="a@x", title="Chief")
    made.run("HR FI")
    assert sorted(made.cs(HR, made.dn(0)).view()) == ["account", "name"]


def test_an_object_that_leaves_the_containers_is_deleted_here() -> None:
    partition = replace(hr().partitions[0], inclusions=(f"OU=Staff,{ROOT}",), exclusions=(f"OU=Leavers,OU=Staff,{ROOT}",))
    made = staged(world(hr_agent=hr(partitions=(partition,))))
    made.hr.move("hr-0", f"CN=Person 0,OU=Leavers,OU=Staff,{ROOT}")
    assert made.counters(made.run("HR DI")) == {"stage-delete": 1, "filtered-objects": 1}


@pytest.mark.parametrize(
    ("dn", "inside"),
    [
        (f"CN=a,OU=Staff,{ROOT}", True),
        (f"CN=a,OU=Leavers,OU=Staff,{ROOT}", False),
        (f"CN=a,OU=Back,OU=Leavers,OU=Staff,{ROOT}", True),
        (f"CN=a,OU=Other,{ROOT}", False),
        (ROOT, True),
        ("DC=example,DC=com", False),
        (f"cn=A,ou=STAFF,{ROOT.lower()}", True),
        (f"CN=a,OU=NotStaff,{ROOT}", False),
    ],
)
def test_the_nearest_container_decides(dn: str, inside: bool) -> None:
    staff = f"OU=Staff,{ROOT}"
    request = ImportRequest(ROOT, (), (), (staff, f"OU=Back,OU=Leavers,{staff}"), (f"OU=Leavers,{staff}",))
    assert in_containers(dn, request) is inside


def test_references_follow_a_renamed_target() -> None:
    made = world()
    made.person(1)
    made.person(2, manager=World.dn(1))
    made.cycle()
    made.hr.move("hr-1", f"CN=New name,{ROOT}")
    made.cycle("D")
    assert made.mv(2).values["manager"] == (made.mv(1).id,)
    assert made.profile(2)["manager"] == ("u1",)


def test_a_reference_to_a_new_name_that_comes_before_the_rename_means_the_renamed_object() -> None:
    made = world()
    made.person(1, manager=World.dn(2))
    made.person(2)
    made.cycle()
    made.hr.move("hr-2", f"CN=New name,{ROOT}")
    made.hr.entries["hr-1"].stamps["manager"] = made.hr.change
    made.cycle("D")
    assert made.mv(1).values["manager"] == (made.mv(2).id,)
    assert made.engine.counts("HR")["NumPlaceholders"] == 2  # the two containers


def test_somebody_who_is_his_own_manager_can_move() -> None:
    made = world()
    made.person(1, manager=World.dn(1))
    made.cycle()
    made.hr.move("hr-1", f"CN=New name,{ROOT}")
    made.cycle("D")
    assert made.profile(1)["manager"] == ("u1",)
