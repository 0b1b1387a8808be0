# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is adopted says the same as the server it came from."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.compare_models import compare_models
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.gathering import gather
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.variables import declaration_of, variable_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.wanted import wanted_model
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import adopt
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import plan_on_files

KINDS = {
    "Badges": "ecma2",
    "Branch": "ldif_file",
    "GAL": "global_address_list",
    "Home Folders": "powershell_granfeldt",
    "HR-SQL": "sql_server",
    "LDS": "ad_lds",
    "Mailboxes": "powershell",
    "MIM Service": "mim_service",
    "Notes": "other",
    "Old Connector": "ecma1",
    "Payroll": "delimited_file",
}


@pytest.mark.parametrize("state", ["merged", "replaced", "overridden"])
def test_adopted_and_wanted_again_is_the_same_model(files: dict[str, bytes], state: str) -> None:
    model = read_folder(files).model()
    wanted = wanted_model(model, read_wish(gather(model)), state)
    assert [str(item) for item in compare_models(model, wanted.model)] == []


def test_files_of_variables_give_the_declaration_back(files: dict[str, bytes]) -> None:
    declaration = gather(read_folder(files).model())
    assert declaration_of(variable_files(declaration)) == declaration


def test_adopted_and_planned_shows_no_change_and_touches_no_byte(files: dict[str, bytes]) -> None:
    plan, _unused = plan_on_files(read_folder(files), read_wish(declaration_of(adopt(files).files)), "merged")
    assert [change.sentence for change in plan.changes] == []
    assert plan.planned.write() == files


def test_adopting_twice_gives_the_same_bytes(files: dict[str, bytes]) -> None:
    assert adopt(files).files == adopt(dict(reversed(files.items()))).files


def test_every_kind_of_agent_is_known(samples: ServerConfiguration) -> None:
    assert {agent["name"]: agent["type"] for agent in gather(samples)["agents"]} == KINDS


def test_secrets_become_references_to_a_vault(samples: ServerConfiguration) -> None:
    agents = {agent["name"]: agent for agent in gather(samples)["agents"]}
    assert agents["LDS"]["credentials"] == {"username": "EXAMPLE\\svc-lds", "password": "{{ vault_lds_password }}"}
    assert agents["Badges"]["parameters"]["Password"] == "{{ vault_badges_password }}"


def test_parameters_of_one_name_on_two_pages_are_told_apart(samples: ServerConfiguration) -> None:
    badges = next(agent for agent in gather(samples)["agents"] if agent["name"] == "Badges")
    assert badges["parameters"]["connectivity/Server"] == "badges.corp.example.com"
    assert badges["parameters"]["schema/Server"] == "badges-schema.corp.example.com"


def test_one_line_says_both_ends(samples: ServerConfiguration) -> None:
    branch = next(agent for agent in gather(samples)["agents"] if agent["name"] == "Branch")
    assert {"from": "Branch/inetOrgPerson/<dn>", "through": "person/accountName", "to": "Badges/badge/Owner", "nulls": "ignore"} in branch["flows"]


def test_a_profile_with_the_same_step_everywhere_is_one_line(samples: ServerConfiguration) -> None:
    agents = {agent["name"]: agent["run_profiles"] for agent in gather(samples)["agents"] if "run_profiles" in agent}
    assert {"name": "Full Import", "type": "full-import", "input_file": "payroll.txt"} in agents["Payroll"]
    assert [step["type"] for step in agents["LDS"][0]["steps"]] == ["delta-import", "delta-sync"]


def test_what_is_not_modelled_is_listed(files: dict[str, bytes]) -> None:
    kept = adopt(files).kept
    if "Notes" in kept:
        assert kept["Notes"] == ["private-configuration/notesma-configuration"]
        assert "private-configuration/oledbma-configuration/mms-info/column-info" in kept["HR-SQL"]
    assert all(path.startswith("private-configuration/") for paths in kept.values() for path in paths)


def test_a_way_of_deprovisioning_that_nobody_knows_is_kept(files: dict[str, bytes]) -> None:
    odd = {name: content.replace(b'<provisioning-cleanup type="declared">', b'<provisioning-cleanup type="other">') for name, content in files.items()}
    assert odd != files
    plan, _unused = plan_on_files(read_folder(odd), read_wish(declaration_of(adopt(odd).files)), "overridden")
    assert [change.sentence for change in plan.changes] == []
