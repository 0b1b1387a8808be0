# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Agents made from nothing: every example of the guide is planned, taken by the lab's server, exported, gathered back, and not planned again."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.document import parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.gathering import gather
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError, MimSyncError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.change import Plan
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.facts import DirectoryFacts, Domain, ForestFacts
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import extend_plan, plan_on_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import MimEstate, built_in_files, configure, make_mim_estate
from guide import SECRET, examples

EXAMPLES = examples()
CONNECTORS = ("Microsoft.IAM.Connector.PowerShell.dll", "Granfeldt.PowerShell.ManagementAgent.dll", "Example.Doors.Connector.dll")
ROOT = "DC=corp,DC=example,DC=com"
FACTS = DirectoryFacts(
    {
        "corp.example.com": ForestFacts(
            "corp.example.com",
            ROOT,
            f"CN=Configuration,{ROOT}",
            (Domain(ROOT, "{0F3F6C2A-5B0E-4D55-9E4C-2A1B3C4D5E6F}", "corp.example.com", "EXAMPLE"),),
            {f"ou=staff,{ROOT.lower()}": True},
        )
    }
)


def plan(files: dict[str, bytes], config: dict[str, Any], facts: DirectoryFacts | None = FACTS) -> Plan:
    made = Plan(read_folder(files))
    extend_plan(made, read_wish(config), "merged", facts)
    return made


@pytest.fixture(scope="module")
def mim() -> MimEstate:
    made = make_mim_estate(people=3)
    configure(made, built_in_files(made))
    for name in CONNECTORS:
        made.service.host.files.write(made.service.path(f"Extensions\\{name}"), b"MZ")
    return made


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_taken_by_the_server_and_there_for_good(name: str, mim: MimEstate) -> None:
    made = plan(mim.service.export_files(mim.admin), EXAMPLES[name])
    assert any(change.sentence.startswith(f"{name}: management agent added") for change in made.changes)
    mim.service.import_files(mim.admin, made.planned.write())
    exported = mim.service.export_files(mim.admin)
    assert [change.sentence for change in plan(exported, EXAMPLES[name]).changes] == []
    assert SECRET.encode() not in b"".join(exported.values())


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_gathered_says_what_was_declared_and_can_be_made_again(name: str) -> None:
    files = plan(build_files(), EXAMPLES[name]).planned.write()
    declaration = gather(read_folder(files).model())
    found = next(agent for agent in declaration["agents"] if agent["name"] == name)
    for key, value in EXAMPLES[name]["agents"][0].items():
        if key in ("columns", "anchor", "forest", "connector", "type", "joins", "projections") or (key == "schema" and name != "Staff"):
            assert found[key] == value, key
    assert not plan_on_files(read_folder(files), read_wish(declaration), "merged")[0].changes


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_second_run_in_state_replaced_has_nothing_to_do(name: str) -> None:
    wish = read_wish({"agents": [{key: value for key, value in EXAMPLES[name]["agents"][0].items() if key not in ("joins", "flows")}]})
    first = plan_on_files(read_folder(build_files()), wish, "replaced")[0]
    assert first.changes
    assert [change.sentence for change in plan_on_files(read_folder(first.planned.write()), wish, "replaced")[0].changes] == []


def test_what_the_forest_says_stands_in_the_document() -> None:
    agent = read_folder(plan(build_files(), EXAMPLES["Staff"]).planned.write()).model().agent("Staff")
    assert agent is not None and agent.partitions[0].guid == "{0F3F6C2A-5B0E-4D55-9E4C-2A1B3C4D5E6F}"
    assert "costcode" in agent.schema.attributes and "costCode" in agent.schema.classes["user"].attributes


def test_a_forest_without_that_domain_refuses() -> None:
    config = {"agents": [{"name": "New", "type": "active_directory", "forest": "corp.example.com", "partitions": [{"domain": "child.corp.example.com"}]}]}
    with pytest.raises(MimSyncError) as caught:
        plan(build_files(), config)
    assert caught.value.path == "agents[0].partitions[0]" and "no naming context DC=child" in caught.value.message


def faults(config: dict[str, Any], files: dict[str, bytes] | None = None) -> str:
    with pytest.raises(InputError) as caught:
        plan(files or build_files(), {"agents": [config]}, None)
    return str(caught.value)


@pytest.mark.parametrize(
    ("agent", "parts"),
    [
        ({"name": "X", "type": "delimited_file"}, ["agents[0].columns: is missing", "agents[0].anchor: is missing"]),
        ({"name": "../X", "type": "delimited_file", "columns": ["A"], "anchor": "A"}, ["'../X' cannot be a new agent's name", "which takes no /"]),
        ({"name": "X", "type": "delimited_file", "columns": ["Name"], "anchor": "Nme"}, ["'Nme' is no column of the file (did you mean 'Name'?)"]),
        ({"name": "X", "type": "delimited_file", "columns": ["A", "B", "A"], "anchor": "B"}, ["'a' twice, with others between"]),
        ({"name": "X", "type": "delimited_file", "columns": ["A"], "anchor": "A", "object_types": ["a", "b"]}, ["a column must say which of the object types"]),
        ({"name": "X", "type": "text_file", "columns": ["A"], "anchor": "A"}, ["'A' needs a width"]),
        ({"name": "X", "type": "ldif_file"}, ["agents[0].schema: is missing"]),
        (
            {"name": "X", "type": "ldif_file", "schema": {"a": {"attributes": {"x": "string"}}, "b": {"attributes": {"X": "integer"}}}},
            ["agents[0].schema.b.attributes.X: is string with one value in a; an attribute has one type in all object types"],
        ),
        (
            {
                "name": "X",
                "type": "active_directory",
                "forest": "f.example",
                "partitions": [{"domain": "f.example"}],
                "schema": {"user": {"attributes": {"mail": "integer"}}},
            },
            ["agents[0].schema.user.attributes.mail: is known as string with one value"],
        ),
        ({"name": "X", "type": "active_directory"}, ["agents[0].forest: is missing", "agents[0].partitions: is missing"]),
        (
            {"name": "SPM", "type": "sharepoint_profile_store"},
            ["agents[0].url: is missing: the agent 'SPM' is not there", "(did you mean 'SPMA'?)"],
        ),
        ({"name": "X", "type": "ecma2"}, ["agents[0].connector: is missing"]),
        ({"name": "X", "type": "sql_server"}, ["agents of this kind are adopted, not made from nothing"]),
        (
            {"name": "X", "type": "powershell_granfeldt", "parameters": {"Schema Script": "s.ps1", "Imprt Script": "i.ps1", "PowerShell Version": "7"}},
            [
                "has no parameter 'Imprt Script' (did you mean 'Import Script'?)",
                "agents[0].parameters.PowerShell Version: is '7', but the connector takes Windows PowerShell 5.1, PowerShell 7",
                "agents[0].parameters.Import Script: is missing",
                "agents[0].parameters.Export Script: is missing",
            ],
        ),
        (
            {"name": "X", "type": "powershell", "parameters": {"Schema Script": "a", "Import Script": "b", "Enable Export": "perhaps", "Server": "a\nb"}},
            ["is 'perhaps', but the connector takes true or false", "is not one line"],
        ),
    ],
)
def test_everything_that_is_missing_or_wrong_is_told_at_once(agent: dict[str, Any], parts: list[str]) -> None:
    told = faults(agent)
    for part in parts:
        assert part in told


def test_a_choice_is_taken_in_any_letter_case_and_a_box_from_a_truth() -> None:
    config = {"agents": [{**EXAMPLES["Doors"]["agents"][0], "parameters": {"Zone": "south", "Audit": False}}]}
    agent = read_folder(plan(build_files(), config).planned.write()).model().agent("Doors")
    assert agent is not None and {one.name: one.value for one in agent.parameters} == {"Server": "", "Zone": "South", "Audit": "0", "Password": "", "Level": ""}


def test_capabilities_are_those_that_were_declared() -> None:
    model = read_folder(plan(build_files(), EXAMPLES["Doors"]).planned.write())
    data = model.agent_element("Doors")
    # Full and delta import and export, several at once, no hierarchy, no partitions, objects named by their anchor.
    assert data.find_text("capabilities-mask") == "83069009"
    assert data.find_text("private-configuration/MAConfig/extension-config/capability-bits") == str(0x83069008)
    assert data.find_text("export-type") == "3"


def test_granfeldts_agent_is_the_one_that_its_author_exports() -> None:
    data = read_folder(plan(build_files(), EXAMPLES["Homes"]).planned.write()).agent_element("Homes")
    assert (data.find_text("capabilities-mask"), data.find_text("export-type")) == ("82079831", "3")
    assert len(data.find_all("private-configuration/MAConfig/parameter-definitions/parameter")) == 16


def test_names_of_further_parameters_make_parameters() -> None:
    agent = read_folder(plan(build_files(), EXAMPLES["Mailboxes"]).planned.write()).model().agent("Mailboxes")
    assert agent is not None
    assert {one.name: one.use for one in agent.definitions if one.name.startswith("PageSize")} == {
        "PageSize_Global": "global",
        "PageSize_Partition": "partition",
        "PageSize_RunStep": "run-step",
    }
    assert next(one.value for one in agent.parameters if one.name == "PageSize_Global") == "500"


def test_columns_that_an_agent_does_not_have_are_named() -> None:
    files = plan(build_files(), EXAMPLES["HR"]).planned.write()
    told = faults({**EXAMPLES["HR"]["agents"][0], "flows": [], "columns": ["EmployeeID", "Departmnt"]}, files)
    assert "names 'Departmnt', which the agent 'HR' does not read (did you mean 'Department'?)" in told


def test_a_document_that_lacks_a_part_is_refused_by_the_server(mim: MimEstate) -> None:
    made = plan(mim.service.export_files(mim.admin), {"agents": [{**EXAMPLES["HR"]["agents"][0], "name": "Other HR", "flows": []}]})
    files = made.planned.write()
    name = next(name for name, content in files.items() if b"<name>Other HR</name>" in content)
    for path in ("schema", "capabilities-mask", "private-configuration/MAConfig/delimited_format"):
        document = parse(files[name], name)
        found = document.root.require(f"ma-data/{path}")
        assert found.parent is not None
        found.parent.remove(found)
        with pytest.raises(Exception, match=r"cannot be created|does not exist"):
            mim.service.import_files(mim.admin, {**files, name: document.write()})
