# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Several domains in one agent, an agent for each of several forests: partitions, steps, pictures, credentials, rehearsals."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.apply.application import application_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired import read_declaration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import PlanError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan import DirectoryFacts, Plan, Present, facts_of, make_plan
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.facts import questions_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.server import Server, expected_later, without_forest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution import build_files
from plan_support import CONFIG, DOMAIN, EMPTY, LEAVERS, STAFF, Planner, config, scope

SUB, PARTNER = f"DC=sub,{DOMAIN}", "DC=partner,DC=example,DC=net"
SUB_SCOPE = {"domain": "sub.corp.example.com", "include": [f"OU=Staff,{SUB}"], "exclude": []}
SECOND = {
    "name": "ADPARTNER",
    "type": "active_directory",
    "forest": "partner.example.net",
    "credentials": {"username": "PARTNER\\svc", "password": "p3"},
    "partitions": [{"domain": "partner.example.net", "include": [PARTNER]}],
}
BOTH: dict[str, Any] = {**CONFIG, "agents": [CONFIG["agents"][0], SECOND, CONFIG["agents"][1]]}


@pytest.fixture(scope="module")
def both_forests() -> DirectoryFacts:
    def answer(dns: str, root: str, netbios: str, digit: str) -> dict[str, Any]:
        guids = {f"CN=Configuration,{root}": "", root: netbios}
        contexts = [
            {"dn": dn, "guid": f"{digit}0000000-0000-4000-8000-00000000000{number}", "dns": dns, "netbios": name}
            for number, (dn, name) in enumerate(guids.items())
        ]
        containers = [{"dn": dn, "exists": True} for dn in (root, STAFF, LEAVERS)]
        return {"forest": dns, "root": root, "contexts": contexts, "containers": containers}

    return facts_of([answer("corp.example.com", DOMAIN, "EXAMPLE", "a"), answer("partner.example.net", PARTNER, "PARTNER", "b")])


@pytest.fixture
def both(both_forests: DirectoryFacts) -> Plan:
    source = read_folder(build_files(("ADMA", "ADPARTNER")))
    return make_plan(read_declaration(BOTH), Present(EMPTY, both_forests, source, "C:\\SharePointSync"))


# --- domains -------------------------------------------------------------------------------------------------------


def test_a_domain_comes_with_its_own_containers_and_its_steps(later: Planner) -> None:
    plan = later(config(partitions=[*scope(), SUB_SCOPE]))
    assert [change.sentence for change in plan.changes] == [f"ADMA: partition {SUB} added, with a step in every run profile"]
    plan.check_risk(allow_scope_loss=False)
    agent = plan.planned.model().agent("ADMA")
    assert agent is not None
    partition = next(one for one in agent.partitions if one.name == SUB)
    assert (partition.inclusions, partition.exclusions) == ((f"OU=Staff,{SUB}",), ())
    for profile in agent.run_profiles:
        kinds = {step.partition_id: step.kind for step in profile.steps}
        assert len(kinds) == 3 and len(set(kinds.values())) == 1


def test_a_container_is_looked_for_in_its_own_domain() -> None:
    (question,) = questions_of(read_declaration(config(partitions=[*scope(), SUB_SCOPE])))
    assert {item["dn"]: item["domain"] for item in question["containers"]} == {
        STAFF: "corp.example.com",
        LEAVERS: "corp.example.com",
        f"OU=Staff,{SUB}": "sub.corp.example.com",
    }


# --- forests -------------------------------------------------------------------------------------------------------


def test_each_agent_gets_the_partitions_of_its_forest(both: Plan) -> None:
    model = both.planned.model()
    found = {agent.name: (agent.forest.forest, [one.name for one in agent.partitions]) for agent in model.agents if agent.forest is not None}
    assert found == {
        "ADMA": ("corp.example.com", [f"CN=Configuration,{DOMAIN}", DOMAIN]),
        "ADPARTNER": ("partner.example.net", [f"CN=Configuration,{PARTNER}", PARTNER]),
    }


def test_each_agent_is_given_its_own_account(both: Plan) -> None:
    server = Server(installed=True, service="Running", build="4.6.34.0", files=EMPTY)
    application = application_of(both, read_declaration(BOTH), server, "C:\\B", datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC))
    orders = {
        order["agent"]: (order["forest"], order["account"], order["partitions"])
        for order in json.loads(application.parameters["Orders"])
        if order["kind"] == "ad"
    }
    assert orders == {
        "ADMA": ("corp.example.com", "EXAMPLE\\svc-adma", f"CN=Configuration,{DOMAIN};{DOMAIN}"),
        "ADPARTNER": ("partner.example.net", "PARTNER\\svc", f"CN=Configuration,{PARTNER};{PARTNER}"),
    }
    assert json.loads(application.secrets["Passwords"]) == {"ADMA": "p1", "ADPARTNER": "p3", "SPMA": "p2"}


def test_pictures_turn_round_in_every_forest(both: Plan, both_forests: DirectoryFacts) -> None:
    turned = {**BOTH, "agents": [*BOTH["agents"][:2], {**BOTH["agents"][2], "pictures": "from_sharepoint"}]}
    known = frozenset({"adma", "adpartner", "spma"})
    plan = make_plan(read_declaration(turned), Present(both.planned.write(), both_forests, known_credentials=known))
    model = plan.planned.model()
    for name in ("ADMA", "ADPARTNER"):
        agent = model.agent(name)
        assert agent is not None
        assert [flow.attribute for flows in agent.export_flows for flow in flows.flows] == ["thumbnailPhoto"]
        assert any(profile.name == "Export" for profile in agent.run_profiles)
    back = make_plan(read_declaration(BOTH), Present(plan.planned.write(), both_forests, known_credentials=known)).planned.model()
    assert not [flows for agent in back.agents if agent.forest is not None for flows in agent.export_flows if flows.flows]


def test_an_agent_of_a_forest_that_says_no_is_named(both_forests: DirectoryFacts) -> None:
    refused = replace(both_forests.forests["partner.example.net"], error="The user name or password is incorrect.", contexts=())
    facts = DirectoryFacts({**both_forests.forests, "partner.example.net": refused})
    with pytest.raises(PlanError, match=r"agents\[1\]\.forest: the forest 'partner\.example\.net' cannot be asked: The user name"):
        make_plan(read_declaration(BOTH), Present(EMPTY, facts, read_folder(build_files(("ADMA", "ADPARTNER"))), "C:\\SharePointSync"))


# --- rehearsals ----------------------------------------------------------------------------------------------------


def server(files: dict[str, bytes], facts: DirectoryFacts | None = None) -> Server:
    return Server(installed=True, service="Running", files=files, source=build_files(), source_exists=True, facts=facts or DirectoryFacts())


@pytest.mark.parametrize(("name", "awaited"), [("ADPARTNER", ["ADPARTNER"]), ("ADMAA", []), ("ADMA", [])])
def test_an_agent_may_come_with_files_that_an_earlier_task_writes_a_slip_does_not(name: str, awaited: list[str]) -> None:
    declaration = read_declaration(config(name=name))
    assert expected_later(declaration, server(EMPTY)) == awaited


def test_a_new_agent_whose_account_is_yet_to_be_made_cannot_be_foretold(both_forests: DirectoryFacts) -> None:
    refused = replace(both_forests.forests["partner.example.net"], error="The user name or password is incorrect.")
    facts = DirectoryFacts({"partner.example.net": refused})
    assert without_forest(read_declaration(BOTH), server(EMPTY, facts)) == ["ADPARTNER"]
    assert without_forest(read_declaration(BOTH), server(build_files(("ADMA", "ADPARTNER")), facts)) == []
