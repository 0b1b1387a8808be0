# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`metaverse.precedence`: whose flows come first, for all attributes of an object type at once."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.wanted import wanted_model
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import plan_on_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution import build_files

FILES = build_files(("SOURCE", "TARGET"))
TARGET_FIRST = {"metaverse": {"precedence": {"person": ["TARGET", "SOURCE"]}}}


def wanted(config: dict[str, Any]) -> ServerConfiguration:
    return wanted_model(read_folder(FILES).model(), read_wish(config)).model


def order(server: ServerConfiguration, object_type: str, attribute: str) -> list[str]:
    names = {agent.id: agent.name for agent in server.agents}
    group = next(one for one in server.metaverse.import_flows if (one.mv_object_type, one.mv_attribute) == (object_type, attribute))
    return [names[flow.agent_id] for flow in group.flows]


def test_every_attribute_of_the_type_gets_the_order() -> None:
    server = wanted(TARGET_FIRST)
    assert {tuple(order(server, "person", group.mv_attribute)) for group in server.metaverse.import_flows if group.mv_object_type == "person"} == {
        ("TARGET", "SOURCE")
    }
    assert order(server, "group", "displayName") == ["SOURCE", "TARGET"]


def test_a_line_with_a_rank_of_its_own_keeps_it() -> None:
    line = {"from": "SOURCE/user/title", "through": "person/title", "precedence": "first"}
    server = wanted({**TARGET_FIRST, "flows": [line]})
    assert (order(server, "person", "title"), order(server, "person", "mail")) == (["SOURCE", "TARGET"], ["TARGET", "SOURCE"])


def test_the_plan_says_what_moves_and_is_empty_afterwards() -> None:
    folder = read_folder(FILES)
    plan, _unused = plan_on_files(folder, read_wish(TARGET_FIRST), "merged")
    assert any("person/title" in change.sentence and "precedence" in change.sentence for change in plan.changes)
    again, _unused = plan_on_files(read_folder({document.name: document.write() for document in plan.planned.documents()}), read_wish(TARGET_FIRST), "merged")
    assert again.changes == []


def test_an_agent_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match=r"metaverse\.precedence\.person\[0\].*'TARGTE'"):
        wanted({"metaverse": {"precedence": {"person": ["TARGTE"]}}})
