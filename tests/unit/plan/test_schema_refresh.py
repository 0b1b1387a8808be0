# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Attributes that are new in a connected system: foretold as if the schema had been refreshed, waited for, refused in words."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError, PlanError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.change import Plan
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.refresh import awaited, instructions, outstanding, refusal
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import plan_on_files
from server_support import files_of, model_of

FLOW = {"from": "ADMA/user/employeeType", "through": "person/employeeType", "to": "SPMA/user/EmployeeType", "nulls": "export"}


def declaration(*flows: dict[str, str], **refresh: Any) -> dict[str, Any]:
    agent: dict[str, Any] = {"name": "SPMA", "type": "sharepoint_profile_store"}
    return {"agents": [{**agent, "schema_refresh": refresh} if refresh else agent], "flows": list(flows)}


def plan(config: dict[str, Any], name: str = "built-in") -> Plan:
    return plan_on_files(read_folder(files_of(name)), read_wish(config), "merged")[0]


def test_without_the_refresh_the_flow_is_refused_with_its_place() -> None:
    with pytest.raises(PlanError) as caught:
        plan(declaration(FLOW))
    assert caught.value.path == "flows[0]"
    assert "the schema of 'SPMA' has no attribute 'EmployeeType'" in caught.value.message
    assert "refresh the agent's schema" in caught.value.message


@pytest.mark.parametrize("name", ["built-in", "pnp-usermimsync"])
def test_a_refresh_is_the_first_change_and_the_rest_is_planned_on_it(name: str) -> None:
    made = plan(declaration(FLOW, user={"EmployeeType": "string"}), name)
    sentences = [change.sentence for change in made.changes]
    assert sentences[0] == "SPMA: schema to be refreshed by hand, for user/EmployeeType"
    assert [change.item for change in awaited(made)] == [("user/EmployeeType",)]
    text = "\n".join(sentences)
    for part in ("employeeType", "attribute EmployeeType selected", "import flow user/employeeType -> person/employeeType", "user/EmployeeType"):
        assert part in text


def test_what_the_schema_holds_needs_no_refresh() -> None:
    assert not awaited(plan(declaration(user={"WorkPhone": "string"})))
    assert not plan(declaration(user={"WorkPhone": "string"})).changes


def test_another_type_than_the_schema_has_is_named() -> None:
    with pytest.raises(InputError) as caught:
        plan(declaration(user={"SPS-Skills": "string"}))
    assert "agents[0].schema_refresh.user.SPS-Skills: is multi-valued string in the agent's schema, not single-valued string" in str(caught.value)


def test_an_object_type_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match=r"is no object type of the agent.*did you mean 'user'"):
        plan(declaration(usr={"EmployeeType": "string"}))


def test_a_refresh_is_outstanding_until_the_schema_holds_all_of_it() -> None:
    changes = awaited(plan(declaration(FLOW, user={"EmployeeType": "string"})))
    assert outstanding(changes, model_of("built-in")) == changes
    assert "Actions, Refresh Schema" in " ".join(instructions(changes, 60))
    error = refusal(changes)
    assert error.message == "The schema is to be refreshed by hand first: SPMA lacks user/EmployeeType. Nothing was changed."
    assert "Management Agents, SPMA, Actions, Refresh Schema" in error.details[0]


@pytest.mark.parametrize("name", ["built-in", "pnp-usermimsync"])
def test_the_planned_documents_hold_the_attributes_in_the_files_own_spelling(name: str) -> None:
    many = {"ADMA": ("active_directory", {"user": {"drink": {"type": "string", "multivalued": True}, "shoeSize": "integer"}})}
    agents = [{"name": agent, "type": kind, "schema_refresh": refresh} for agent, (kind, refresh) in many.items()]
    agents.append({"name": "SPMA", "type": "sharepoint_profile_store", "schema_refresh": {"user": {"EmployeeType": "string"}}})
    made = plan_on_files(read_folder(files_of(name)), read_wish({"agents": agents}), "merged")[0]
    before, after = model_of(name), read_folder(made.planned.write()).model()
    for agent in before.agents:
        now = after.agent(agent.name)
        assert now is not None
        added = {one for kind in now.schema.classes.values() for one in kind.attributes if one not in agent.schema.classes[kind.name.lower()].attributes}
        assert added == ({"drink", "shoeSize"} if agent.name == "ADMA" else {"EmployeeType"})
        assert set(agent.schema.attributes) <= set(now.schema.attributes)
    directory = after.agent("ADMA")
    assert directory is not None
    assert not directory.schema.attributes["drink"].single_value
    assert (directory.schema.attributes["shoesize"].syntax.value, directory.schema.attributes["shoesize"].single_value) == ("integer", True)
    assert outstanding(awaited(made), after) == []
