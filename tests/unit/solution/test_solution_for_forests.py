# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The built-in solution with an Active Directory agent for each of several forests."""

from __future__ import annotations

import re

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution import build_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.files import built_in

AGENTS = ("ADMA", "AD PARTNER")


@pytest.fixture(scope="module")
def server() -> ServerConfiguration:
    return read_folder(build_files(AGENTS)).model()


def test_each_forest_has_an_agent_with_the_same_rules_and_identities_of_its_own(server: ServerConfiguration) -> None:
    first, second = (server.agent(name) for name in AGENTS)
    assert first is not None and second is not None
    assert {profile.name for profile in first.run_profiles} == {profile.name for profile in second.run_profiles}
    assert [(item.object_type, item.type, item.mv_object_type) for item in first.projections] == [
        (item.object_type, item.type, item.mv_object_type) for item in second.projections
    ]
    assert first.included_attributes == second.included_attributes
    assert {one.id for one in first.partitions}.isdisjoint(one.id for one in second.partitions)
    assert all(step.partition_id in {one.id for one in second.partitions} for profile in second.run_profiles for step in profile.steps)


def test_every_attribute_comes_from_both_in_the_order_of_their_names(server: ServerConfiguration) -> None:
    identifiers = [agent.id for name in AGENTS if (agent := server.agent(name)) is not None]
    from_directories = [flows for flows in server.metaverse.import_flows if flows.flows[0].agent_id in identifiers]
    assert len(from_directories) > 30
    assert all([flow.agent_id for flow in flows.flows] == identifiers for flows in from_directories)


def test_people_go_with_the_last_of_their_accounts(server: ServerConfiguration) -> None:
    store = server.agent("SPMA")
    assert store is not None
    assert {(rule.mv_object_type, rule.type, rule.agent_ids) for rule in server.metaverse.deletion_rules} == {
        ("person", "declared-last", (store.id,)),
        ("group", "declared-last", (store.id,)),
    }


def test_no_rule_has_the_identity_of_another() -> None:
    found = [item for content in build_files(AGENTS).values() for item in re.findall(rb' id="(\{[^"]+\})"', content)]
    assert len(found) == len(set(found))


def test_one_agent_is_as_ever() -> None:
    assert build_files(("ADMA",)) == build_files()


def test_the_task_scripts_name_all_agents() -> None:
    scripts = {file.name: (file.content or b"").decode() for file in built_in(AGENTS).files}
    assert "\nStart-SharePointSync -DirectoryAgent 'ADMA', 'AD PARTNER' -WhatIf:" in scripts["MIMSharePointSyncTask.ps1"]
    assert "\nStart-SharePointSync -DirectoryAgent 'ADMA', 'AD PARTNER' -Delta " in scripts["MIMSharePointSyncDelta.ps1"]
    assert "-DirectoryAgent" not in next((file.content or b"").decode() for file in built_in().files if file.name == "MIMSharePointSyncTask.ps1")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "no Active Directory agent is named"),
        (("ADMA", "adma"), "'adma', which names another agent already"),
        (("ADMA", "SPMA"), "'SPMA', which names another agent already"),
        (("AD'MA",), "letters, digits"),
        (("..\\evil",), "letters, digits"),
    ],
)
def test_names_that_cannot_be(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        build_files(names)
