# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the run history tells of objects that failed, and when they are tried again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.history import run_history
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.importflow import origins
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.switches import Switches
from engine_support import APP, HR, ROOT, RunResult, World, app, export, flows, hr, join_on, metaverse, script, world

pytestmark = pytest.mark.usefixtures("every_store")


def document(result: RunResult) -> ET.Element:
    return ET.fromstring(run_history([result.details]).split("?>", 1)[1])


def failing(switch: dict[str, bool]) -> World:
    """The import rule of titles fails while the switch is on."""

    def rule(cs: Any, mv: Any) -> None:
        if switch["on"]:
            raise ValueError("no title today")
        mv.set("title", "Chief")

    made = world(mv=metaverse(flows("account", (HR, "account")), flows("title", (HR, script("titles", "name", "mail")))))
    made.hooks["titles"] = rule
    return made


def test_a_failed_import_flow_names_its_rule() -> None:
    made = failing({"on": True})
    made.person(1)
    error = document(made.run("HR FI", "HR FS")).find(".//import-error")
    assert error is not None and error.findtext("error-type") == "extension-dll-exception"
    context = error.find("rules-error-info/context")
    assert context is not None and (context.get("ma-name"), context.get("dn")) == ("HR", World.dn(1))
    mapping = context.find("attribute-mapping")
    assert mapping is not None and (mapping.get("dest-attr"), mapping.get("context-id")) == ("title", "{I-title-0}")
    assert [item.text for item in mapping.findall("scripted-mapping/*")] == ["name", "mail", "titles"]


def test_a_failed_export_flow_names_its_rule() -> None:
    scripted = (replace(app().export_flows[0], flows=(export("title", mapping=script("out", "name")),)),)
    made = world(app_agent=app(export_flows=scripted))
    made.person(1)
    context = document(made.run("HR FI", "HR FS")).find(".//rules-error-info/context")
    assert context is not None and context.get("ma-id") == APP
    mapping = context.find("attribute-mapping")
    assert mapping is not None and mapping.get("dest-attr") == "title"


def test_a_change_that_is_not_reimported_is_told_with_both_values() -> None:
    made = world()
    made.person(1, title="Old")
    made.cycle()
    made.person(1, title="New")
    made.app.forgets = frozenset({"u1"})
    made.run("HR DI", "HR DS", "APP EX")
    element = document(made.run("APP FI")).find(".//change-not-reimported")
    assert element is not None
    assert [(item.get("name"), item.get("operation"), item.findtext("value")) for item in element.findall("delta/attr")] == [("title", "replace", "New")]
    assert [(item.get("name"), item.findtext("value")) for item in element.findall("entry/attr")] == [("title", "Old")]


def test_what_failed_in_a_full_synchronization_is_tried_again_by_the_next_delta_one() -> None:
    switch = {"on": False}
    made = failing(switch)
    made.person(1)
    made.run("HR FI", "HR FS")
    switch["on"] = True
    assert made.errors(made.run("HR FS")) == ["extension-dll-exception"]
    result = made.run("HR DS")
    assert [item.error.retries for item in result.details.steps[0].import_errors] == [1]
    switch["on"] = False
    assert made.counters(made.run("HR DS")) == {"connector-no-flow": 1}
    assert made.counters(made.run("HR DS")) == {}


def test_a_reference_that_could_not_flow_at_the_end_of_a_step_is_tried_again() -> None:
    made = world()
    made.person(1)
    made.person(2, manager=World.dn(1))
    made.cycle()
    calls = {"fail": True}

    def provision(mv: Any) -> None:
        connectors = mv.connectors("APP")
        if not len(connectors):
            connector = connectors.new("user")
            connector.set("Id", mv.text("account"))
            connector.commit()
        if calls["fail"] and mv.text("account") == "u2":
            raise ValueError("not now")

    made.hooks["provision"] = provision
    made.hr.delete("hr-1")
    made.run("HR DI", "HR DS")
    made.person(1)
    made.hr.set("hr-2", {"manager": (World.dn(1),)})
    made.run("HR DI", "HR DS")
    calls["fail"] = False
    # u1 is deleted and added anew: the system drops the reference with it, the second cycle brings it back.
    made.cycle("D")
    made.cycle("D")
    assert made.profile(2)["manager"] == ("u1",)


def test_too_many_errors_stop_the_step() -> None:
    made = failing({"on": True})
    made.switches = Switches(error_limit=2)
    made.configure(made.configuration)
    for number in range(5):
        made.person(number)
    result = made.run("HR FI", "HR FS")
    assert (result.status, len(made.errors(result))) == ("stopped-error-limit", 2)


def test_a_circle_of_references_and_a_reference_to_oneself_are_exported() -> None:
    made = world()
    made.person(1, manager=World.dn(2))
    made.person(2, manager=World.dn(3))
    made.person(3, manager=World.dn(1))
    made.person(4, manager=World.dn(4))
    made.cycle()
    assert [made.profile(number)["manager"] for number in (1, 2, 3, 4)] == [("u2",), ("u3",), ("u1",), ("u4",)]
    assert made.cycle("D").status == "success" and made.engine.counts("APP")["NumExportUpdate"] == 0


def test_lineage_tells_agent_flow_and_date_of_each_value() -> None:
    made = world()
    made.person(1, mail="a@x", title="Chief")
    made.run("HR FI", "HR FS")
    first = made.mv(1)
    assert origins(first.lineage["mail"]) == ((HR, "user", "{I-mail-0}"),)
    before = first.date_of("mail")
    made.person(1, mail="b@x", title="Chief")
    made.run("HR DI", "HR DS")
    after = made.mv(1)
    assert after.date_of("mail") > before == after.date_of("title") > 0
    assert made.cs(HR, World.dn(1)).link_date > 0


def test_export_batches_are_numbered() -> None:
    made = world()
    made.person(1)
    made.cycle()
    made.app.refuses = {"u1": "permission-issue"}
    made.person(1, title="x")
    result = made.run("HR DI", "HR DS", "APP EX")
    assert (result.status, made.errors(result)) == ("completed-export-errors", ["permission-issue"])
    step = document(result).find(".//step-details")
    assert step is not None
    assert (step.findtext("current-export-step-counter"), step.findtext("last-successful-export-step-counter")) == ("2", "1")


def manual(*writers: str) -> World:
    """Titles come from HR or APP by rules that decide themselves: whoever holds the longer name wins."""

    def rule(cs: Any, mv: Any) -> None:
        if not mv.present("title") or len(cs.text("name")) > len(mv.text("title")):
            mv.set("title", cs.text("name"))

    pairs = [(HR, script("decide", "name")), (APP, script("decide", "name"))]
    mv = metaverse(flows("account", (HR, "account"), (APP, "account")), flows("title", *pairs, precedence="manual"), provisioning="none", deletion_rules=())
    join = {"joins": join_on("account", "account"), "projections": hr().projections}
    made = world(hr(**join), app(export_flows=(), **join), mv)
    made.hooks["decide"] = rule
    made.hr.put("1", f"CN=1,{ROOT}", "user", {"account": ("u1",), "name": ("short",)})
    made.app.put("u1", "u1", "user", {"Id": ("u1",), "account": ("u1",), "name": ("much longer",)})
    for writer in writers:
        made.run(f"{writer} FI", f"{writer} FS")
    return made


@pytest.mark.parametrize("order", [("HR", "APP"), ("APP", "HR")])
def test_manual_precedence_is_what_the_rules_decide(order: tuple[str, str]) -> None:
    assert manual(*order).mv(1).values["title"] == ("much longer",)


def test_manual_precedence_recalls_what_a_lost_connector_supplied_and_asks_the_others() -> None:
    made = manual("HR", "APP")
    made.app.delete("u1")
    made.run("APP FI") if made.app.entries else None
    made.app.put("other", "other", "user", {"Id": ("other",), "account": ("other",)})
    made.run("APP FI", "APP FS")
    assert made.mv(1).values["title"] == ("short",)


@pytest.mark.parametrize("order", [("HR", "APP"), ("APP", "HR")])
def test_equal_precedence_takes_the_last_writer_and_falls_back_when_that_has_nothing(order: tuple[str, str]) -> None:
    mv = metaverse(flows("account", (HR, "account"), (APP, "account")), flows("mail", (HR, "mail"), (APP, "mail"), precedence="equal"), provisioning="none")
    join = {"joins": join_on("account", "account"), "projections": hr().projections}
    made = world(hr(**join), app(export_flows=(), **join), mv)
    made.hr.put("1", f"CN=1,{ROOT}", "user", {"account": ("u1",), "mail": ("hr@x",)})
    made.app.put("u1", "u1", "user", {"Id": ("u1",), "account": ("u1",), "mail": ("app@x",)})
    for writer in order:
        made.run(f"{writer} FI", f"{writer} FS")
    last, first = order[1], order[0]
    assert made.mv(1).values["mail"] == (f"{last.lower()}@x",)
    {"HR": made.hr, "APP": made.app}[last].set({"HR": "1", "APP": "u1"}[last], {"mail": ()})
    made.run(f"{last} DI", f"{last} DS")
    assert made.mv(1).values["mail"] == (f"{first.lower()}@x",)
