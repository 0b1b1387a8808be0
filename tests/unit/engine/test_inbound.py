# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import (
    DeletionRule,
    DnPartMapping,
    FilterSet,
    Projection,
    Source,
    SyncRuleMapping,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.extension import DeclineMappingError, EntryPointNotImplementedError, UnexpectedDataError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.switches import Switches
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from engine_support import APP, HR, OTHER, World, agent, app, filter_on, fixed, flows, hr, join_on, metaverse, script, world

pytestmark = pytest.mark.usefixtures("every_store")

NO_APP: dict[str, Any] = {"provisioning": "none"}


def loaded(made: World) -> World:
    made.run("HR FI", "HR FS")
    return made


# Connector filter


@pytest.mark.parametrize(
    ("operator", "value", "filtered"),
    [
        ("bit-on", "2", {2, 3}),
        ("bit-on", "0x2", {2, 3}),
        ("bit-off", "2", {1}),
        ("greater-than", "1", {2, 3}),
        ("less-than-or-equal", "2", {1, 2}),
        ("equality", "3", {3}),
        ("inequality", "3", {1, 2}),
        ("present", "", {1, 2, 3}),
        ("not-present", "", set()),
    ],
)
def test_numbers_in_filters(operator: str, value: str, filtered: set[int]) -> None:
    made = world(hr_agent=hr(filters=(filter_on("flags", operator, value),)), mv=metaverse(**NO_APP))
    for number in (1, 2, 3):
        made.person(number, flags=number)
    loaded(made)
    assert {number for number in (1, 2, 3) if made.cs(HR, made.dn(number)).state == 2} == filtered
    assert made.engine.counts("HR")["NumFilteredDisconnectors"] == len(filtered)


@pytest.mark.parametrize(
    ("operator", "value", "matches"),
    [
        ("equality", "PERSON 1", True),
        ("substring-start", "per", True),
        ("substring-end", "N 1", True),
        ("substring-any", "son", True),
        ("not-substring-any", "son", False),
        ("starts-with", "1", False),
    ],
)
def test_text_in_filters_is_compared_without_case(operator: str, value: str, matches: bool) -> None:
    made = world(hr_agent=hr(filters=(filter_on("name", operator, value),)), mv=metaverse(**NO_APP))
    made.person(1)
    assert (made.counters(made.run("HR FI", "HR FS")) == {"disconnector-filtered": 1}) is matches


@pytest.mark.parametrize(("operator", "value"), [("resembles", "x"), ("bit-on", "two")])
def test_a_filter_that_cannot_be_is_refused_by_name(operator: str, value: str) -> None:
    with pytest.raises(InputError, match=operator if operator == "resembles" else value):
        world(hr_agent=hr(filters=(filter_on("flags", operator, value),)))


def test_a_connector_that_falls_under_the_filter_is_disconnected_and_deleted_in_the_target() -> None:
    made = world(hr_agent=hr(filters=(filter_on("flags", "bit-on", "2"),)))
    made.person(1, flags=0)
    made.cycle()
    made.person(1, flags=2)
    made.run("HR DI")
    assert made.counters(made.run("HR DS")) == {"connector-filtered-remove-mv": 1}
    made.run("APP EX", "APP DI", "APP DS")
    assert made.app.entries == {}


def test_a_filtered_object_comes_back_when_the_filter_no_longer_matches() -> None:
    made = world(hr_agent=hr(filters=(filter_on("flags", "bit-on", "2"),)))
    made.person(1, flags=2)
    made.cycle()
    made.person(1, flags=0)
    made.cycle("D")
    assert sorted(made.app.entries) == ["u1"]


def test_a_scripted_filter_asks_the_extension() -> None:
    made = world(hr_agent=hr(filters=(FilterSet("user", "scripted"),)), mv=metaverse(**NO_APP))
    made.hooks["filter"] = lambda cs: cs.text("account") == "u1"
    made.person(1)
    made.person(2)
    assert made.counters(made.run("HR FI", "HR FS")) == {"disconnector-filtered": 1, "disconnector-projected-flow": 1}


def test_an_import_filter_takes_objects_out_of_the_space_at_a_full_synchronization() -> None:
    rule = replace(filter_on("flags", "bit-on", "2"), import_filter=True)
    made = world(hr_agent=hr(filters=(rule,)), mv=metaverse(**NO_APP))
    made.person(1, flags=2)
    made.run("HR FI", "HR DS")
    assert made.engine.counts("HR")["NumFilteredDisconnectors"] == 1
    made.run("HR FS")
    numbers = made.engine.counts("HR")
    assert numbers["NumCSObjects"] - numbers["NumPlaceholders"] == 0


# Join and projection


def two_of_a_kind(switches: Switches, *, scripted: bool = False) -> World:
    made = world(
        app_agent=app(joins=join_on("mail", "mail", scripted=scripted), projections=(Projection("{P}", "user", "declared", "person"),)), mv=metaverse(**NO_APP)
    )
    made.switches = switches
    made.configure(made.configuration)
    made.person(1, mail="same@x")
    made.person(2, mail="SAME@x")
    made.app.put("x", "x", "user", {"Id": ("x",), "mail": ("same@X",)})
    loaded(made).run("APP FI")
    return made


@pytest.mark.parametrize(
    ("after", "bucket"), [("stop", "disconnector-remains"), ("next", "disconnector-projected-no-flow"), ("project", "disconnector-projected-no-flow")]
)
def test_an_ambiguous_search_joins_nothing_and_a_switch_says_what_follows(after: str, bucket: str) -> None:
    made = two_of_a_kind(Switches(ambiguous_join=after))
    assert made.counters(made.run("APP FS")) == {bucket: 1}


def test_a_resolver_chooses_among_the_found() -> None:
    made = two_of_a_kind(Switches(), scripted=True)
    made.hooks["resolve"] = lambda cs, found: [entry.text("account") for entry in found].index("u2")
    assert made.counters(made.run("APP FS")) == {"disconnector-joined-no-flow": 1}
    assert made.cs(APP, "x").mv_id == made.mv(2).id


def test_a_resolver_that_answers_nonsense_is_an_object_error() -> None:
    made = two_of_a_kind(Switches(), scripted=True)
    made.hooks["resolve"] = lambda cs, found: 7
    assert made.errors(made.run("APP FS")) == ["extension-join-resolution-index-out-of-bounds"]


@pytest.mark.parametrize(("answer", "error"), [("", ""), ("Person", ""), ("robot", "extension-projection-invalid-object-type")])
def test_scripted_projection(answer: str, error: str) -> None:
    made = world(hr_agent=hr(projections=(Projection("{P}", "user", "scripted"),)), mv=metaverse(**NO_APP))
    made.hooks["project"] = lambda cs: answer
    made.person(1)
    result = made.run("HR FI", "HR FS")
    assert made.errors(result) == ([error] if error else [])
    assert len(made.store.metaverse) == (1 if answer == "Person" else 0)


# Import flow


def value_of(mapping: Any, target: str = "title", hooks: dict[str, Any] | None = None, **attributes: Any) -> tuple[Any, list[str]]:
    made = world(mv=metaverse(flows("account", (HR, "account")), flows(target, (HR, mapping)), **NO_APP), hooks=hooks or {})
    made.person(1, **attributes)
    result = made.run("HR FI", "HR FS")
    found = list(made.store.metaverse.all())
    return (found[0].values.get(target) if found else None), made.errors(result)


def test_a_constant_and_a_part_of_the_name() -> None:
    assert value_of(fixed("Staff")) == (("Staff",), [])
    assert value_of(fixed("7"), "flags") == ((7,), [])
    assert value_of(DnPartMapping(2)) == (("Staff",), [])
    assert value_of(DnPartMapping(9)) == (None, ["dn-index-out-of-bounds"])


def test_several_values_do_not_fit_into_one() -> None:
    assert value_of("tags", tags=("a", "b")) == (None, ["flow-multi-values-to-single-value"])
    assert value_of("tags", tags=("a",)) == (("a",), [])


def test_a_scripted_flow_writes_its_target() -> None:
    hooks = {"up": lambda cs, mv: mv.set("title", cs.text("name").upper())}
    assert value_of(script("up", "name"), hooks=hooks) == (("PERSON 1",), [])


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        (ValueError("no"), "extension-dll-exception"),
        (UnexpectedDataError("no"), "extension-unexpected-attribute-value"),
        (EntryPointNotImplementedError(), "extension-entry-point-not-implemented"),
    ],
)
def test_what_a_script_throws_is_told_in_the_services_words(problem: Exception, error: str) -> None:
    def throw(cs: Any, mv: Any) -> None:
        raise problem

    assert value_of(script("throw", "name"), hooks={"throw": throw}) == (None, [error])


def test_a_scripted_flow_without_any_source_value_is_not_called_and_its_value_goes() -> None:
    calls: list[int] = []
    hooks = {"copy": lambda cs, mv: calls.append(1) or mv.set("title", cs.text("mail"))}
    made = world(mv=metaverse(flows("account", (HR, "account")), flows("title", (HR, script("copy", "mail"))), **NO_APP), hooks=hooks)
    made.person(1, mail="a@x")
    loaded(made)
    made.person(1)
    made.run("HR DI", "HR DS")
    assert "title" not in made.mv(1).values and calls == [1]


def test_a_declined_mapping_lets_the_next_one_flow() -> None:
    def decline(cs: Any, mv: Any) -> None:
        raise DeclineMappingError

    made = world(mv=metaverse(flows("account", (HR, "account")), flows("title", (HR, script("no", "name")), (HR, "name")), **NO_APP), hooks={"no": decline})
    made.person(1)
    assert loaded(made).mv(1).values["title"] == ("Person 1",)


def three(precedence: str, **mv: Any) -> World:
    other = agent(OTHER, "OTHER", joins=join_on("account", "account"))
    sources = (flows("account", (HR, "account")), flows("mail", (HR, "mail"), (OTHER, "mail"), precedence=precedence))
    sources += (flows("tags", (HR, "tags"), (OTHER, "tags"), precedence=precedence),)
    rule = DeletionRule("{D}", "person", "declared-last")
    return world(mv=metaverse(*sources, **{**NO_APP, "deletion_rules": (rule,), **mv}), agents=(other,))


def test_with_equal_precedence_the_last_writer_wins_and_many_values_are_merged() -> None:
    made = three("equal")
    made.person(1, mail="hr@x", tags=("a", "b"))
    made.other.put("o", "CN=o,DC=hr,DC=example,DC=com", "user", {"account": ("u1",), "mail": ("other@x",), "tags": ("b", "c")})
    made.run("HR FI", "HR FS", "OTHER FI", "OTHER FS")
    assert made.mv(1).values["mail"] == ("other@x",)
    assert set(made.mv(1).values["tags"]) == {"a", "b", "c"}
    made.person(1, mail="hr2@x", tags=("a",))
    made.run("HR DI", "HR DS")
    assert made.mv(1).values["mail"] == ("hr2@x",)
    assert set(made.mv(1).values["tags"]) == {"a", "b", "c"}
    made.other.set("o", {"tags": ()})
    made.run("OTHER DI", "OTHER DS")
    assert made.mv(1).values["tags"] == ("a",)


def test_manual_precedence_leaves_the_choice_to_the_extension() -> None:
    hooks = {"longest": lambda cs, mv: mv.set("title", max(cs.text("name"), mv.text("title") if mv.present("title") else "", key=len))}
    made = world(mv=metaverse(flows("account", (HR, "account")), flows("title", (HR, script("longest", "name")), precedence="manual"), **NO_APP), hooks=hooks)
    made.person(1, name="Long name")
    loaded(made)
    made.person(1, name="Short")
    made.run("HR DI", "HR DS")
    assert made.mv(1).values["title"] == ("Long name",)


@pytest.mark.parametrize(("recall", "left"), [(True, ("other@x",)), (False, ("hr@x",))])
def test_a_lost_connectors_values_are_recalled_unless_the_agent_keeps_them(recall: bool, left: tuple[str, ...]) -> None:
    made = three("ranked", recall={HR: recall})
    made.person(1, mail="hr@x")
    made.other.put("o", "CN=o,DC=hr,DC=example,DC=com", "user", {"account": ("u1",), "mail": ("other@x",)})
    made.run("HR FI", "HR FS", "OTHER FI", "OTHER FS")
    made.hr.delete("hr-1")
    made.run("HR DI")
    assert made.counters(made.run("HR DS")) == {"connector-delete-leave-mv": 1}
    assert next(iter(made.store.metaverse.all())).values["mail"] == left
    made.other.set("o", {"mail": ("new@x",)})
    made.run("OTHER DI", "OTHER DS")
    assert next(iter(made.store.metaverse.all())).values["mail"] == (("new@x",) if recall else ("hr@x",))


def test_two_connectors_of_one_agent_are_ambiguous_for_a_declared_flow() -> None:
    made = world(hr_agent=hr(joins=join_on("mail", "mail")), mv=metaverse(flows("account", (HR, "account")), flows("mail", (HR, "mail")), **NO_APP))
    made.person(1, mail="a@x")
    made.person(2, mail="a@x")
    assert made.errors(made.run("HR FI", "HR FS")) == ["ambiguous-import-flow-from-multiple-connectors"]


# Deletion rules


@pytest.mark.parametrize(
    ("rule", "agents", "gone"),
    [("declared-last", (), False), ("declared-any", (HR,), True), ("declared-any", (OTHER,), False), ("declared-last", (OTHER,), True)],
)
def test_deletion_rules_when_one_of_two_connectors_is_lost(rule: str, agents: tuple[str, ...], gone: bool) -> None:
    made = three("ranked", deletion_rules=(DeletionRule("{D}", "person", rule, agents),))
    made.person(1)
    made.other.put("o", "CN=o,DC=hr,DC=example,DC=com", "user", {"account": ("u1",)})
    made.run("HR FI", "HR FS", "OTHER FI", "OTHER FS")
    made.hr.delete("hr-1")
    made.run("HR DI", "HR DS")
    assert (len(made.store.metaverse) == 0) is gone
    assert made.cs(OTHER, "CN=o,DC=hr,DC=example,DC=com").connector is not gone


def test_an_error_leaves_nothing_behind_but_itself_and_others_go_on() -> None:
    made = world()
    for number in (1, 2, 3):
        made.person(number)

    def fail(mv: Any) -> None:
        if mv.text("account") == "u2":
            mv.connectors("APP").new("user").set("Id", "u2")
            raise ValueError("not this one")

    made.hooks["provision"] = fail
    result = made.run("HR FI", "HR FS")
    assert result.status == "completed-sync-errors"
    assert made.counters(result) == {"disconnector-projected-flow": 2, "flow-failure": 1}
    assert len(made.store.metaverse) == 2 and made.cs(HR, made.dn(2)).import_op == "add"
    assert made.run("HR DS").details.steps[0].import_errors[0].error.retries == 1
    del made.hooks["provision"]
    made.run("HR DS", "HR FS")
    assert made.engine.counts("APP")["NumExportAdd"] == 3


def test_provision_is_called_ten_times_at_most() -> None:
    made = three("ranked")
    calls: list[int] = []

    def restless(mv: Any) -> None:
        calls.append(1)
        mv.set("title", str(len(calls)))
        connectors = mv.connectors("APP")
        connector = connectors.new("user")
        connector.set("Id", f"x{len(calls)}")
        connector.commit()
        connectors.deprovision_all()

    made.hooks["provision"] = restless
    made.configure(replace(made.configuration, metaverse=replace(made.configuration.metaverse, provisioning="scripted")))
    made.person(1)
    assert made.run("HR FI", "HR FS").status == "success"
    assert calls == [1], "a call that changes no value of the metaverse object is the last"


def test_a_flow_that_was_removed_takes_its_value_along_at_the_next_full_synchronization() -> None:
    made = world()
    made.person(1, title="Chief")
    made.cycle()
    mv = made.configuration.metaverse
    left = tuple(item for item in mv.import_flows if item.mv_attribute != "title")
    made.configure(replace(made.configuration, metaverse=replace(mv, import_flows=left)))
    made.run("HR DS")
    assert made.mv(1).values["title"] == ("Chief",)
    made.run("HR FS", "APP EX")
    assert "title" not in made.mv(1).values and "title" not in made.profile(1)


PORTAL = {"direct": SyncRuleMapping((Source("title"),), kind="direct"), "constant": SyncRuleMapping(kind="constant", value="fixed")}


@pytest.mark.parametrize(
    ("kind", "evaluated", "held"),
    [("direct", "inbound", ("clerk",)), ("constant", "inbound", ("fixed",)), ("direct", "none", None), ("constant", "none", None)],
)
def test_inbound_flows_of_the_portal_are_evaluated_where_the_document_holds_all_of_them(kind: str, evaluated: str, held: tuple[str, ...] | None) -> None:
    made = world(mv=metaverse(flows("account", (HR, "account")), flows("title", (HR, PORTAL[kind]))), switches=Switches(portal_flows=evaluated))
    made.person(1, title="clerk")
    made.run("HR FI", "HR FS")
    assert made.mv(1).values.get("title") == held


@pytest.mark.parametrize(
    "mapping",
    [
        SyncRuleMapping((Source("title"),), kind="expression"),
        SyncRuleMapping((Source("title"),), kind="direct", existence_test=True),
        SyncRuleMapping((Source("title"), Source("name")), kind="direct"),
        SyncRuleMapping(kind="constant"),
        SyncRuleMapping(known=False),
    ],
)
def test_other_flows_of_the_portal_say_nothing(mapping: SyncRuleMapping) -> None:
    made = world(mv=metaverse(flows("account", (HR, "account")), flows("title", (HR, mapping), (HR, "name"))))
    made.person(1, title="clerk")
    assert made.run("HR FI", "HR FS").status == "success"
    assert made.mv(1).values["title"] == ("Person 1",)
