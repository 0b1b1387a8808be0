# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan names every change in words, knows its risk, and applied it leaves nothing to plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.compare import compare_folders
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import Condition, ManagementAgent, Partition, StepKind
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired import read_declaration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import LimitError, PlanError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan import DirectoryFacts, Plan, Present, Risk, facts_of, make_plan
from plan_support import CONFIG, DOMAIN, EMPTY, LEAVERS, OTHERS, STAFF, config, scope

Planner = Callable[..., Plan]


def agent(plan: Plan, name: str) -> ManagementAgent:
    found = plan.planned.model().agent(name)
    assert found is not None
    return found


def domain(plan: Plan) -> Partition:
    return next(partition for partition in agent(plan, "ADMA").partitions if partition.name == DOMAIN)


def sentences(plan: Plan) -> list[str]:
    return [change.sentence for change in plan.changes]


def test_first_plan_takes_the_solution_and_fits_it_to_the_forest(first: Planner) -> None:
    plan = first()
    assert sentences(plan)[:3] == [
        "ADMA: management agent added from C:\\SharePointSync\\MA-ADMA.XML",
        "SPMA: management agent added from C:\\SharePointSync\\MA-SPMA.XML",
        "metaverse: schema, flows and rules taken from C:\\SharePointSync\\MV.XML",
    ]
    directory = agent(plan, "ADMA")
    assert directory.forest is not None
    assert (directory.forest.forest, directory.forest.domain, directory.forest.user) == ("corp.example.com", "EXAMPLE", "svc-adma")
    by_name = {partition.name: partition for partition in directory.partitions}
    assert by_name[f"CN=Configuration,{DOMAIN}"].inclusions == (f"CN=Partitions,CN=Configuration,{DOMAIN}",)
    assert by_name[f"CN=Configuration,{DOMAIN}"].guid == "{B0B0B0B0-0000-4000-8000-000000000002}"
    assert (by_name[DOMAIN].inclusions, by_name[DOMAIN].exclusions) == ((STAFF,), (f"CN=Configuration,{DOMAIN}", LEAVERS))
    assert by_name[DOMAIN].guid == "{A0A0A0A0-0000-4000-8000-000000000001}"
    assert {step.partition_id for profile in directory.run_profiles for step in profile.steps} == {partition.id for partition in directory.partitions}
    assert all(change.risk is Risk.NONE for change in plan.changes)


def test_filter_of_disabled_accounts_selects_the_attribute(first: Planner) -> None:
    directory = agent(first(), "ADMA")
    assert "userAccountControl" in directory.included_attributes
    [filter_set] = directory.filters
    assert filter_set.alternatives == ((Condition("userAccountControl", "bit-on", "0x2"),),)


def test_store_gets_its_address_and_account(first: Planner) -> None:
    values = {parameter.name: parameter.value for parameter in agent(first(), "SPMA").parameters}
    assert (values["HTTP Protocol"], values["Host Name"], values["Port"]) == ("HTTPS", "sp1.corp.example.com", "5555")
    assert (values["Domain"], values["User Name"]) == ("EXAMPLE", "svc-spma")


def test_only_what_was_planned_differs_from_the_solution(first: Planner, solution: dict[str, bytes]) -> None:
    found = compare_folders(read_folder(solution), first().planned)
    places = {difference.path.rpartition("/")[2].partition("[")[0] for difference in found}
    assert places <= {
        "attribute", "filter-set", "forest-name", "forest-login-domain", "forest-login-user", "partition", "parameter",
    }, found  # fmt: skip


def test_planned_configuration_leaves_nothing_to_plan(later: Planner) -> None:
    assert later().changes == []


def test_plan_made_again_on_the_same_files_gives_the_same_bytes(first: Planner) -> None:
    one, two = first(), first()
    assert one.changes == two.changes
    assert one.planned.write() == two.planned.write()


def test_changes_apply_to_other_documents_with_the_same_content(first: Planner) -> None:
    plan = first()
    fresh = read_folder(EMPTY)
    for change in plan.changes:
        change.apply(fresh)
    assert fresh.write() == plan.planned.write()


def test_order_of_declaring_does_not_matter(first: Planner) -> None:
    turned = {**CONFIG, "agents": list(reversed(CONFIG["agents"]))}
    assert first(turned).planned.write() == first().planned.write()


@pytest.mark.parametrize(
    ("number", "values", "sentence", "risk"),
    [
        (0, {"partitions": scope(include=[STAFF, OTHERS])}, f"ADMA: {DOMAIN}: inclusions: {OTHERS}", Risk.RECALCULATES),
        (0, {"partitions": scope(include=[DOMAIN])}, f"ADMA: {DOMAIN}: inclusions: {STAFF} no longer; {DOMAIN}", Risk.RECALCULATES),
        (0, {"partitions": scope(include=[OTHERS], exclude=None)}, f"ADMA: {DOMAIN}: inclusions: {STAFF} no longer; {OTHERS}", Risk.CAN_DELETE),
        (0, {"partitions": scope(exclude=[])}, f"ADMA: {DOMAIN}: exclusions: {LEAVERS} no longer", Risk.RECALCULATES),
        (0, {"partitions": scope(object_types=["user"])}, f"ADMA: {DOMAIN}: object types: contact no longer; group no longer", Risk.CAN_DELETE),
        (0, {"disabled_users": "synchronize"}, "ADMA: connector filter of user: no longer userAccountControl bit-on 2", Risk.RECALCULATES),
        (
            0,
            {"filters": {"user": [{"attribute": "department", "operator": "equals", "value": "None"}]}},
            "ADMA: connector filter of user: department equality None",
            Risk.CAN_DELETE,
        ),
        (1, {"url": "https://sp2.corp.example.com:5555"}, "SPMA: Host Name sp1.corp.example.com -> sp2.corp.example.com", Risk.RECALCULATES),
        (1, {"url": "http://sp1.corp.example.com:5555"}, "SPMA: HTTP Protocol HTTPS -> HTTP", Risk.NONE),
    ],
)
def test_single_change_is_one_sentence_with_its_risk(later: Planner, number: int, values: dict[str, Any], sentence: str, risk: Risk) -> None:
    [change] = later(config(number, **values)).changes
    assert (change.sentence, change.risk) == (sentence, risk)
    assert bool(change.reason) == (risk is not Risk.NONE)


def test_what_must_run_is_told(later: Planner) -> None:
    plan = later(config(partitions=scope(include=[STAFF, OTHERS])))
    assert plan.run_needed() == {"ADMA": ["full import", "full synchronization"]}


def test_dangerous_change_needs_a_word(later: Planner) -> None:
    plan = later(config(partitions=scope(include=[OTHERS], exclude=[])))
    with pytest.raises(LimitError, match="set allow_scope_loss to true") as caught:
        plan.check_risk(allow_scope_loss=False)
    assert "and with it the objects in the other systems" in caught.value.details[0]
    plan.check_risk(allow_scope_loss=True)


def test_diff_shows_before_and_after(later: Planner) -> None:
    before, after = later(config(1, url="https://sp2.corp.example.com:5555")).text()
    assert (before, after) == ("SPMA: Host Name sp1.corp.example.com\n", "SPMA: Host Name sp2.corp.example.com\n")


def test_password_that_is_not_known_is_set(later: Planner) -> None:
    plan = later(known=frozenset({"spma"}))
    assert sentences(plan) == ["ADMA: password of EXAMPLE\\svc-adma set"]
    assert not plan.imports
    assert "p1" not in repr(plan.changes)


def test_another_account_brings_its_password(later: Planner) -> None:
    """Also when the declared one was set last: someone may have changed the account by hand since."""
    plan = later(config(credentials={"username": "EXAMPLE\\other", "password": "x"}))
    assert sentences(plan) == ["ADMA: account svc-adma -> other", "ADMA: password of EXAMPLE\\other set"]


def test_further_domain_gets_a_partition_and_a_step_in_every_run_profile(later: Planner) -> None:
    more = [*scope(), {"domain": "sub.corp.example.com", "include": [f"OU=Staff,DC=sub,{DOMAIN}"]}]
    plan = later(config(partitions=more))
    directory = agent(plan, "ADMA")
    added = next(partition for partition in directory.partitions if partition.name == f"DC=sub,{DOMAIN}")
    assert (added.guid, added.inclusions, added.exclusions) == ("{C0C0C0C0-0000-4000-8000-000000000003}", (f"OU=Staff,DC=sub,{DOMAIN}",), ())
    assert added.id == added.id.upper()
    for profile in directory.run_profiles:
        assert [step.partition_id for step in profile.steps].count(added.id) == 1


def test_pictures_turned_round_and_back(later: Planner, facts: DirectoryFacts) -> None:
    plan = later(config(1, pictures="from_sharepoint"))
    assert {
        "SPMA: export flow person/photo -> user/Picture removed",
        "ADMA: import flow user/thumbnailPhoto -> person/photo removed",
        "SPMA: import flow user/Picture -> person/photo added",
        "ADMA: export flow person/photo -> user/thumbnailPhoto added",
        "ADMA: run profile Export added",
    } <= set(sentences(plan))
    assert "Picture" in agent(plan, "SPMA").schema.classes["user"].import_only
    [export] = [profile for profile in agent(plan, "ADMA").run_profiles if profile.name == "Export"]
    assert [(step.kind, step.partition_id) for step in export.steps] == [(StepKind.EXPORT, domain(plan).id)]
    turned = plan.planned.write()
    again = make_plan(read_declaration(config(1, pictures="from_sharepoint")), Present(turned, facts, known_credentials={"adma", "spma"}))
    assert again.changes == []
    back = make_plan(read_declaration(CONFIG), Present(turned, facts, known_credentials={"adma", "spma"}))
    flows = {flow.attribute for flow_set in agent(back, "SPMA").export_flows for flow in flow_set.flows}
    assert "Picture" in flows and agent(back, "ADMA").export_flows == ()


def test_lower_case_partition_ids_of_run_steps_are_mended(solution: dict[str, bytes], facts: DirectoryFacts) -> None:
    directory = read_folder(solution)
    element = directory.agent_element("ADMA").find_all("ma-run-data/run-configuration/configuration/step")[0].require("partition")
    element.set_text(element.text.lower())
    plan = make_plan(read_declaration(CONFIG), Present(EMPTY, facts, directory, "S"))
    assert "ADMA: partition ids of 1 run steps written in capitals" in sentences(plan)
    assert all(
        step.find_text("partition").isupper() for step in plan.planned.agent_element("ADMA").find_all("ma-run-data/run-configuration/configuration/step")
    )


def test_agent_that_went_missing_comes_back_with_its_flows(first: Planner, later: Planner) -> None:
    files = first().planned.write()
    del files["MA-SPMA.XML"]
    plan = first(files=files)
    assert sentences(plan)[0] == "SPMA: management agent added from C:\\SharePointSync\\MA-SPMA.XML"
    assert "metaverse: schema, flows and rules taken from" not in " ".join(sentences(plan))


def test_first_import_that_ended_half_way_is_gone_on_with(first: Planner) -> None:
    half = {**first().planned.write(), **EMPTY}
    plan = first(files=half)
    assert "metaverse: schema, flows and rules taken from C:\\SharePointSync\\MV.XML" in sentences(plan)


@pytest.mark.parametrize(
    ("number", "values", "reason"),
    [
        (0, {"name": "ADMM"}, "agents[0].name: there is no management agent 'ADMM' (did you mean 'ADMA'?); the server has"),
        (0, {"partitions": scope(include=[STAFF, f"OU=Nowhere,{DOMAIN}"])}, f"agents[0].partitions[0].include[1]: 'OU=Nowhere,{DOMAIN}' does not exist"),
        (
            0,
            {"partitions": [{"domain": "corp.example.org", "include": ["DC=corp,DC=example,DC=org"]}]},
            "agents[0].partitions[0].domain: the forest corp.example.com has no domain 'corp.example.org' (did you mean 'corp.example.com'?)",
        ),
        (0, {"partitions": scope(object_types=["users"])}, "agents[0].partitions[0].object_types[0]: the schema of 'ADMA' has no object type 'users'"),
        (
            0,
            {"filters": {"user": [{"attribute": "departmant", "operator": "present"}]}},
            "agents[0].filters.user[0].attribute: the object type user of 'ADMA' has no attribute 'departmant' (did you mean 'department'?)",
        ),
        (0, {"filters": {"user": [{"attribute": "mail", "operator": "bit-on", "value": 2}]}}, "bit-on needs an integer"),
        (0, {"filters": {"person_": []}}, "agents[0].filters.person_: the schema of 'ADMA' has no object type 'person_'"),
    ],
)
def test_what_cannot_be_reached_is_told_with_its_place(later: Planner, number: int, values: dict[str, Any], reason: str) -> None:
    with pytest.raises(PlanError) as caught:
        later(config(number, **values))
    assert reason in f"{caught.value.path}: {caught.value.message}\n" + "\n".join(caught.value.details)


def test_everything_that_cannot_be_reached_comes_at_once(later: Planner) -> None:
    wrong = config(partitions=scope(include=[f"OU=A,{DOMAIN}", f"OU=B,{DOMAIN}"], exclude=[]), filters={"users": []})
    wrong["agents"][1]["name"] = "SPMB"
    with pytest.raises(PlanError, match="for 4 reasons") as caught:
        later(wrong)
    assert [detail.partition(":")[0] for detail in caught.value.details] == [
        "agents[1].name",
        "agents[0].partitions[0].include[0]",
        "agents[0].partitions[0].include[1]",
        "agents[0].filters.users",
    ]


def test_forest_that_does_not_answer_is_one_fault(first: Planner, solution: dict[str, bytes]) -> None:
    silent = facts_of([{"forest": "corp.example.com", "error": "The server is not operational."}])
    with pytest.raises(PlanError) as caught:
        make_plan(read_declaration(CONFIG), Present(EMPTY, silent, read_folder(solution), "S"))
    assert caught.value.path == "agents[0].forest"
    assert "cannot be asked: The server is not operational." in caught.value.message


def test_agent_of_another_kind_is_told(later: Planner) -> None:
    wrong = config(1, type="active_directory", url=None, pictures=None, credentials=None)
    with pytest.raises(PlanError, match=r"'SPMA' is of category Extensible2, not AD"):
        later(wrong)
