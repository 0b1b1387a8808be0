# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The states of network resource modules: what becomes of what is there."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ManagementAgent, ServerConfiguration, StepKind
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.kinds import kind_of_agent
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.wanted import Wanted, wanted_model
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError


def want(model: ServerConfiguration, data: dict[str, Any], state: str = "merged") -> Wanted:
    return wanted_model(model, read_wish(data), state)


def agent_of(wanted: Wanted, name: str) -> ManagementAgent:
    found = wanted.model.agent(name)
    assert found is not None
    return found


def imports(wanted: Wanted, attribute: str) -> list[str]:
    group = next((item for item in wanted.model.metaverse.import_flows if item.mv_attribute == attribute), None)
    names = {agent.id: agent.name for agent in wanted.model.agents}
    return [names[flow.agent_id] for flow in group.flows] if group else []


NEW = {"from": "LDS/user/cn", "through": "person/employeeID"}


def test_merged_adds_a_flow_last(samples: ServerConfiguration) -> None:
    assert imports(want(samples, {"flows": [NEW]}), "employeeID") == ["HR-SQL", "LDS"]


@pytest.mark.parametrize(("rank", "order"), [("first", ["LDS", "HR-SQL"]), (1, ["LDS", "HR-SQL"]), (2, ["HR-SQL", "LDS"]), ("last", ["HR-SQL", "LDS"])])
def test_precedence_says_the_place(samples: ServerConfiguration, rank: Any, order: list[str]) -> None:
    assert imports(want(samples, {"flows": [{**NEW, "precedence": rank}]}), "employeeID") == order


def test_replaced_makes_the_flows_of_a_named_attribute_exactly_so(samples: ServerConfiguration) -> None:
    wanted = want(samples, {"flows": [NEW]}, "replaced")
    assert imports(wanted, "employeeID") == ["LDS"]
    assert imports(wanted, "manager") == ["HR-SQL"]


def test_overridden_leaves_nothing_else_but_what_the_portal_made(samples: ServerConfiguration) -> None:
    agents = [{"name": agent.name, "type": kind, "confirm": agent.name} for agent, kind in _kinds(samples)]
    wanted = want(samples, {"agents": agents, "flows": [NEW]}, "overridden")
    assert {group.mv_attribute: len(group.flows) for group in wanted.model.metaverse.import_flows} == {"employeeID": 1, "displayName": 1}
    assert agent_of(wanted, "HR-SQL").filters == ()


def test_deleted_takes_away_what_is_named(samples: ServerConfiguration) -> None:
    line = {"from": "HR-SQL/person/EmployeeID", "through": "person/employeeID"}
    wanted = want(samples, {"flows": [line], "agents": [{"name": "HR-SQL", "type": "sql_server", "filters": {"person": []}}]}, "deleted")
    assert imports(wanted, "employeeID") == []
    assert agent_of(wanted, "HR-SQL").filters == ()
    assert len(wanted.model.agents) == len(samples.agents)


def test_an_agent_goes_only_with_its_name_repeated(samples: ServerConfiguration) -> None:
    agent = {"name": "LDS", "type": "ad_lds", "state": "absent"}
    with pytest.raises(InputError, match="would be deleted with its connector space") as caught:
        want(samples, {"agents": [agent]})
    assert caught.value.path == "agents[0].confirm"
    wanted = want(samples, {"agents": [{**agent, "confirm": "LDS"}]})
    assert wanted.model.agent("LDS") is None
    assert imports(wanted, "displayName") == ["HR-SQL", "MIM Service"]


def test_overridden_refuses_to_lose_an_agent_that_nobody_named(samples: ServerConfiguration) -> None:
    with pytest.raises(InputError, match="does not name the agent"):
        want(samples, {"agents": []}, "overridden")


def test_a_changed_line_keeps_the_flows_id_and_place(samples: ServerConfiguration) -> None:
    line = {"from": "HR-SQL/person/Surname", "through": "person/manager"}
    before = next(item for item in samples.metaverse.import_flows if item.mv_attribute == "manager").flows[0]
    wanted = want(samples, {"flows": [line]})
    after = next(item for item in wanted.model.metaverse.import_flows if item.mv_attribute == "manager").flows
    assert [flow.id for flow in after] == [before.id]
    assert wanted.path_of("import-flow", before.id) == "flows[0]"


def test_the_order_of_lines_does_not_matter(samples: ServerConfiguration) -> None:
    lines = [{"from": f"{agent}/{kind}", "through": "person/badge"} for agent, kind in (("LDS", "user/cn"), ("Branch", "inetOrgPerson/cn"), ("GAL", "user/cn"))]
    assert want(samples, {"flows": lines}).model == want(samples, {"flows": lines[::-1]}).model


def test_flows_of_the_portal_are_not_made_here(samples: ServerConfiguration) -> None:
    line = {"from": {"agent": "LDS", "object_type": "user", "attributes": ["cn"], "sync_rule": True}, "through": "person/badge"}
    with pytest.raises(InputError, match="made and changed in the portal"):
        want(samples, {"flows": [line]})


def test_standard_profiles_cover_each_selected_partition(samples: ServerConfiguration) -> None:
    profiles = {
        item.name: item for item in agent_of(want(samples, {"run_profiles": "standard", "agents": [{"name": "LDS", "type": "ad_lds"}]}), "LDS").run_profiles
    }
    assert {"FullImport", "FullSync", "DeltaImport", "DeltaSync", "Export"} <= set(profiles)
    assert [step.kind for step in profiles["FullImport"].steps] == [StepKind.FULL_IMPORT]


def test_a_step_keeps_what_is_not_said_of_it(samples: ServerConfiguration) -> None:
    agent = {"name": "LDS", "type": "ad_lds", "run_profiles": [{"name": "Export", "type": "export", "delete_limit": 5}]}
    step = next(item for item in agent_of(want(samples, {"agents": [agent]}), "LDS").run_profiles if item.name == "Export").steps[0]
    assert (step.delete_limit, step.batch_size, step.page_size, step.timeout) == (5, 100, 500, 120)


def test_parameters_are_checked_against_the_connectors_definitions(samples: ServerConfiguration) -> None:
    agent = {"name": "Badges", "type": "ecma2", "parameters": {"Regoin": "North", "Region": "East"}}
    with pytest.raises(InputError) as caught:
        want(samples, {"agents": [agent]})
    assert "did you mean 'Region'?" in caught.value.details[0]
    assert "the connector takes North, South" in caught.value.details[1]


def test_a_secret_parameter_stays_out_of_the_model(samples: ServerConfiguration) -> None:
    wanted = want(samples, {"agents": [{"name": "Badges", "type": "ecma2", "parameters": {"Password": "hunter2"}}]})
    assert wanted.model == samples
    assert wanted.secrets == {("Badges", "Password"): "hunter2"}
    assert "hunter2" not in repr(wanted)


def test_unknown_agents_and_kinds_are_refused_together(samples: ServerConfiguration) -> None:
    with pytest.raises(InputError) as caught:
        want(samples, {"agents": [{"name": "LDS", "type": "active_directory"}], "flows": [{"from": "LSD/user/cn", "through": "person/badge"}]})
    assert "did you mean 'LDS'?" in " ".join(caught.value.details)
    assert "agents[0].type" in " ".join(caught.value.details)


def test_a_new_agent_gets_the_same_id_each_time(samples: ServerConfiguration) -> None:
    data = {"agents": [{"name": "New", "type": "delimited_file", "columns": ["Number"], "anchor": "Number"}]}
    assert want(samples, data).new_agents == ("New",)
    assert agent_of(want(samples, data), "New").id == agent_of(want(samples, data), "New").id


def _kinds(model: ServerConfiguration) -> list[tuple[ManagementAgent, str]]:
    return [(agent, kind_of_agent(agent).word) for agent in model.agents]
