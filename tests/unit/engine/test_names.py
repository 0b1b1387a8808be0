# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names of objects: renames by provisioning, delete-adds, containers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import DeletionRule, ExportFlowSet
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.history import run_history
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.switches import Switches
from engine_support import HR, OTHER, ROOT, World, agent, export, flows, metaverse, world

pytestmark = pytest.mark.usefixtures("every_store")
TARGET = f"OU=Target,{ROOT}"


def into_directory(**more: Any) -> World:
    """OTHER is a directory that receives people; the name of a connector is made of the person's title."""

    def provision(mv: Any) -> None:
        connectors = mv.connectors("OTHER")
        if not mv.present("title"):
            connectors.deprovision_all()
            return
        dn = f"CN={mv.text('title')},{TARGET}"
        for held in connectors:
            if mv.present("phone"):
                held.deprovision()
                break
            held.rename(dn)
        if not len(connectors):
            fresh = connectors.new("user")
            fresh.dn = dn
            fresh.set("account", mv.text("account"))
            fresh.commit()

    sets = (ExportFlowSet("user", "person", (export("name"), export("manager"))),)
    other = agent(OTHER, "OTHER", export_flows=sets, deprovisioning="delete-object")
    flowing = (flows(name, (HR, name)) for name in ("account", "name", "title", "phone", "manager"))
    mv = metaverse(
        *flowing,
        deletion_rules=(DeletionRule("{D}", "person", "declared-any", (HR,)),),
    )
    made = world(mv=mv, agents=(other,), **more)
    made.hooks["provision"] = provision
    return made


def cycle(made: World) -> None:
    made.run("HR FI", "HR FS", "OTHER FI", "OTHER FS", "OTHER EX", "OTHER FI", "OTHER FS")


def names(made: World) -> list[str]:
    return sorted(entry.dn for entry in made.other.entries.values())


def test_a_new_name_is_exported_as_a_rename_and_confirmed() -> None:
    made = into_directory()
    made.person(1, title="Old")
    made.person(2, title="Boss")
    cycle(made)
    before = made.mv(1).id
    made.person(1, title="New", manager=World.dn(2))
    result = made.run("HR DI", "HR DS")
    assert result.details.steps[0].counters.outbound[OTHER]["provisioned-rename-flow"] == 1
    item = made.cs(OTHER, f"CN=New,{TARGET}")
    assert (item.system_dn, item.export_op) == (f"CN=Old,{TARGET}", "update")
    assert made.counters(made.run("OTHER EX")) == {"export-rename": 1}
    assert names(made) == [f"CN=Boss,{TARGET}", f"CN=New,{TARGET}"]
    assert made.counters(made.run("OTHER FI")) == {"stage-update": 1, "stage-no-change": 1}
    assert (item.system_dn, item.unconfirmed_dn, made.mv(1).id) == ("", "", before)
    made.run("OTHER DS")
    assert made.counters(made.run("OTHER EX")) == {}


def test_a_rename_that_is_taken_back_before_its_export_leaves_nothing() -> None:
    made = into_directory()
    made.person(1, title="Old")
    cycle(made)
    for title in ("New", "Old"):
        made.person(1, title=title)
        made.run("HR DI", "HR DS")
    item = made.cs(OTHER, f"CN=Old,{TARGET}")
    assert (item.export_op, item.system_dn) == ("", "")


def test_an_import_before_the_export_keeps_the_rename_pending() -> None:
    made = into_directory()
    made.person(1, title="Old")
    cycle(made)
    made.person(1, title="New")
    made.run("HR DI", "HR DS")
    assert made.counters(made.run("OTHER FI")) == {"stage-no-change": 1}
    assert made.counters(made.run("OTHER EX")) == {"export-rename": 1}


def test_a_rename_that_is_not_reimported_is_told_and_sent_again() -> None:
    made = into_directory()
    made.person(1, title="Old")
    cycle(made)
    made.person(1, title="New")
    made.run("HR DI", "HR DS")
    made.other.forgets = frozenset(made.other.entries)
    made.run("OTHER EX")
    result = made.run("OTHER FI")
    assert made.errors(result) == ["exported-change-not-reimported"]
    document = run_history([result.details])
    assert "<change-not-reimported>" in document and f"CN=Old,{TARGET}" in document
    made.other.forgets = frozenset()
    assert made.counters(made.run("OTHER EX")) == {"export-rename": 1}
    assert names(made) == [f"CN=New,{TARGET}"]


def test_a_name_that_the_system_refuses_is_an_export_error_and_tried_again() -> None:
    made = into_directory()
    made.person(1, title="Old")
    cycle(made)
    made.other.put("stranger", f"CN=New,{TARGET}", "user", {})
    made.person(1, title="New")
    made.run("HR DI", "HR DS")
    assert made.errors(made.run("OTHER EX")) == ["rename-to-existing-dn"]
    made.other.delete("stranger")
    assert made.counters(made.run("OTHER EX")) == {"export-rename": 1}


def test_a_name_of_another_connector_is_refused_by_the_engine() -> None:
    made = into_directory()
    made.person(1, title="A")
    made.person(2, title="B")
    cycle(made)
    made.person(1, title="B")
    result = made.run("HR DI", "HR DS")
    assert made.errors(result) == ["extension-dll-exception"]
    assert made.cs(OTHER, f"CN=A,{TARGET}").mv_id == made.mv(1).id


def test_a_connector_that_is_made_anew_under_its_name_is_a_delete_add() -> None:
    made = into_directory()
    made.person(1, title="Same")
    cycle(made)
    made.person(1, title="Same", phone="1")
    result = made.run("HR DI", "HR DS")
    assert result.details.steps[0].counters.outbound[OTHER]["provisioned-delete-add-flow"] == 1
    assert made.cs(OTHER, f"CN=Same,{TARGET}").export_op == "delete-add"
    made.hooks["provision"] = lambda mv: None
    assert made.counters(made.run("OTHER EX")) == {"export-delete-add": 1}
    assert names(made) == [f"CN=Same,{TARGET}"]
    assert made.run("OTHER FI", "OTHER FS", "OTHER EX").status == "success"
    assert made.engine.counts("OTHER")["NumExportUpdate"] == 0


def test_containers_that_are_not_imported_have_placeholders_and_keep_them_while_something_lies_in_them() -> None:
    made = world()
    made.person(1)
    made.run("HR FI", "HR FS")
    assert made.cs(HR, f"OU=Staff,{ROOT}").placeholder and made.cs(HR, ROOT).placeholder
    made.hr.put("ou", f"OU=Staff,{ROOT}", "user", {"account": ("ou",)})
    assert made.counters(made.run("HR FI")) == {"stage-add": 1, "stage-no-change": 1}
    made.run("HR FS")
    made.hr.delete("ou")
    made.run("HR FI", "HR FS")
    assert made.cs(HR, f"OU=Staff,{ROOT}").placeholder
    made.hr.move("hr-1", f"CN=Person 1,{ROOT}")
    made.run("HR FI", "HR FS")
    assert made.store.space(HR).by_dn(f"OU=Staff,{ROOT}") is None


def test_a_container_with_children_is_neither_deleted_nor_renamed_by_provisioning() -> None:
    made = into_directory()
    made.person(1, title="Box")
    cycle(made)
    made.other.put("inner", f"CN=Inner,CN=Box,{TARGET}", "user", {})
    made.run("OTHER FI", "OTHER FS")
    made.person(1, title="Crate")
    assert made.errors(made.run("HR DI", "HR DS")) == ["unsupported-container-rename"]
    made.person(1)
    assert made.errors(made.run("HR DI", "HR DS")) == ["unsupported-container-delete"]


def test_a_parent_that_is_not_known_is_refused_where_the_switch_says_so() -> None:
    made = into_directory(switches=Switches(parent_required=True))
    made.person(1, title="New")
    result = made.run("HR FI", "HR FS")
    assert made.errors(result) == ["extension-dll-exception"]
    assert "MissingParentObject" in str(result.details.steps[0].import_errors[0].error.detail)


def test_a_name_outside_of_the_partitions_is_refused() -> None:
    made = into_directory()
    partitions = tuple(replace(item, dn=f"DC=elsewhere,{ROOT}") for item in made.configuration.agents[2].partitions)
    agents = (*made.configuration.agents[:2], replace(made.configuration.agents[2], partitions=partitions))
    made.configure(replace(made.configuration, agents=agents))
    made.person(1, title="New")
    result = made.run("HR FI", "HR FS")
    assert "NoCompatiblePartitionFound" in str(result.details.steps[0].import_errors[0].error.detail)
