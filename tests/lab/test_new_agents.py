# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The examples of docs/agents.md on the lab: foretold, made, made once, run; a file's value arrives in a profile; renamed, deleted, secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.tests.lab.site_run import Outcome, play
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import PASSWORD, MimEstate, built_in_files, configure, make_mim_estate
from ansible_collections.mimsync.sharepoint.tests.unit.plan.guide import SECRET, block_of, examples

CONNECTORS = ("Microsoft.IAM.Connector.PowerShell.dll", "Granfeldt.PowerShell.ManagementAgent.dll", "Example.Doors.Connector.dll")
EXAMPLES = examples(filled=False)
METAVERSE = next(iter(EXAMPLES.values()))["metaverse"]
ALL: dict[str, Any] = {"agents": [one["agents"][0] for one in EXAMPLES.values()], "metaverse": METAVERSE}
VAULT = {"vault_adma": PASSWORD, "vault_spma": PASSWORD, "vault_mailboxes": SECRET, "vault_homes": SECRET, "vault_doors": SECRET}
HEADER = "EmployeeID;FirstName;LastName;Skill;Skill;Department;Account\r\n"


@dataclass
class Made:
    """The lab after the examples were made, and what the runs of the playbook said."""

    lab: Lab
    mim: MimEstate
    folder: Path
    foretold: Outcome
    applied: Outcome
    again: Outcome
    executions: int

    def apply(self, config: dict[str, Any], *options: str, **more: Any) -> Outcome:
        return apply(self.lab, self.folder, config, *options, **more)

    def put(self, path: str, text: str) -> None:
        self.mim.service.host.files.write(self.mim.service.path(f"MaData\\{path}"), text.encode())

    def count(self, agent: str) -> int:
        return self.mim.service.counts(self.mim.admin, agent)["NumCSObjects"]

    def names(self) -> set[str]:
        return {agent.name for agent in read_folder(self.mim.service.export_files(self.mim.admin)).model().agents}


def apply(lab: Lab, folder: Path, config: dict[str, Any], *options: str, **more: Any) -> Outcome:
    playbook = folder / "agents.yml"
    task = {"mimsync.sharepoint.server_configuration": {"config": config, "backup_folder": "C:\\Backup", **more}, "register": "done"}
    tell = {"ansible.builtin.debug": {"msg": "{{ done.changes | map(attribute='sentence') | list + done.notes }}"}}
    playbook.write_text(yaml.safe_dump([{"hosts": "sync_servers", "gather_facts": False, "tasks": [task, tell]}]), encoding="utf-8")
    vault = folder / "vault.json"
    vault.write_text(json.dumps(VAULT), encoding="utf-8")
    outcome = play(playbook, lab.inventory, "--limit", "MIM1", "-e", f"@{vault}", *options)
    assert SECRET not in outcome.output and PASSWORD not in outcome.output
    return outcome


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("agents")
    mim = make_mim_estate(people=8)
    configure(mim, built_in_files(mim))
    for name in CONNECTORS:
        mim.service.host.files.write(mim.service.path(f"Extensions\\{name}"), b"MZ")
    with running_lab(folder / "lab", estate=mim.estate) as lab:
        before = dict(mim.service.state.documents)
        foretold = apply(lab, folder, ALL, "--check", "--diff").succeeded()
        assert mim.service.state.documents == before
        applied = apply(lab, folder, ALL, "-vvv").succeeded()
        lab.reset_executions()
        again = apply(lab, folder, ALL).succeeded()
        yield Made(lab, mim, folder, foretold, applied, again, lab.executions())


def test_check_mode_foretells_what_is_made_and_made_once(made: Made) -> None:
    assert made.foretold.counts["changed"] == made.applied.counts["changed"] == 1
    assert made.again.counts["changed"] == 0 and made.executions == 1
    for name in EXAMPLES:
        assert f"{name}: management agent added" in made.foretold.output
        assert f"{name}: management agent added" in made.applied.output
    assert set(EXAMPLES) < made.names()
    assert "Mailboxes: parameter Password set (secret)" in made.foretold.output
    assert "Mailboxes: its schema and capabilities are as declared" in made.applied.output


def test_a_value_from_a_file_arrives_in_the_profile(made: Made) -> None:
    made.mim.cycle()
    profile = next(made.mim.farm.service_application.store.live("user"))
    account = profile.account.partition("\\")[2]
    made.put(r"HR\hr.csv", f"{HEADER}7;Ada;Byron;Logic;Looms;Difference Engines;{account}\r\n8;;;;;X;nobody\r\n")
    assert [made.mim.run("HR", name) for name in ("FullImport", "FullSync")] == ["success", "success"]
    found = next(iter(made.mim.service.state.store.metaverse.find("accountName", account)))
    assert found.values["department"] == ("Difference Engines",)
    assert made.mim.run("SPMA", "Export") == "success"
    assert profile.get("Department") == ("Difference Engines",)


def agent_id(made: Made, name: str) -> str:
    agent = read_folder(made.mim.service.export_files(made.mim.admin)).model().agent(name)
    assert agent is not None
    return agent.id


def test_what_was_kept_in_a_drop_file_is_read_in_place_of_the_source(made: Made) -> None:
    space = made.mim.service.state.store.space(agent_id(made, "HR"))
    made.put(r"HR\hr.csv", f"{HEADER}kept;A;B;one;two;C;d\r\n")
    assert made.mim.run("HR", "Keep") == "success"
    assert space.by_anchor("kept") is None
    assert b"<delta" in made.mim.service.host.files.read(made.mim.service.path(r"MaData\HR\kept.xml"))
    made.mim.service.host.files.remove(made.mim.service.path(r"MaData\HR\hr.csv"))
    assert made.mim.run("HR", "Resume") == "success"
    held = space.by_anchor("kept")
    assert held is not None and held.staged is not None and held.staged["Skill"] == ("one", "two")


def test_faults_of_files_are_told_in_the_words_of_the_service(made: Made) -> None:
    made.mim.service.host.files.remove(made.mim.service.path(r"MaData\HR\hr.csv"))
    assert made.mim.run("HR", "FullImport") == "no-start-file-not-found"
    made.put(r"HR\hr.csv", "EmployeeID;Nonsense\r\n1;2\r\n")
    assert made.mim.run("HR", "FullImport") == "no-start-header-row-mismatch"


def test_ldif_and_systems_whose_schema_comes_along_are_read(made: Made) -> None:
    made.put(r"Branch\branch.ldif", "dn: cn=Ada,o=branch\nobjectClass: inetOrgPerson\ncn: Ada\nuid: ada\nmail: a@x\nmail: b@x\n")
    assert made.mim.run("Branch", "FullImport") == "success" and made.count("Branch") >= 1
    assert made.mim.run("Staff", "FullImport") == "success" and made.count("Staff") > 8
    assert made.mim.run("Profiles", "FullImport") in ("success", "completed-no-objects")


@pytest.mark.parametrize(("agent", "kind", "anchor"), [("Doors", "door", "Id"), ("Mailboxes", "mailbox", "Guid"), ("Homes", "home", "Path")])
def test_connectors_read_what_their_systems_hold_once_they_have_their_secrets(made: Made, agent: str, kind: str, anchor: str) -> None:
    made.lab.call("put_row", host="MIM1", agent=agent, anchor="1", kind=kind, values={anchor: "1"})
    assert made.mim.run(agent, "FullImport") == "success"
    assert made.count(agent) == 1
    if agent != "Homes":
        return
    kept = made.mim.service.state.parameter_secrets.pop(agent_id(made, agent))
    assert made.mim.run(agent, "FullImport") == "no-start-credentials"
    told = made.apply({"agents": [EXAMPLES[agent]["agents"][0]], "metaverse": METAVERSE}).succeeded()
    assert told.counts["changed"] == 1 and f"{agent}: parameter Password set (secret)" in told.output
    assert made.mim.service.state.parameter_secrets[agent_id(made, agent)] == kept
    assert made.mim.run(agent, "FullImport") == "success"


def test_secrets_are_set_at_every_run_when_that_is_asked_for(made: Made) -> None:
    config = {"agents": [EXAMPLES["Doors"]["agents"][0]]}
    assert made.apply(config).succeeded().counts["changed"] == 0
    assert made.apply(config, update_password="always").succeeded().counts["changed"] == 1


def test_an_agent_of_another_name_keeps_its_connector_space(made: Made) -> None:
    made.put(r"HR\hr.csv", f"{HEADER}1;A;B;;;C;d\r\n")
    made.mim.run("HR", "FullImport")
    config, identifier, objects = block_of("Personnel"), agent_id(made, "HR"), made.count("HR")
    assert "HR: management agent renamed to Personnel" in made.apply(config, "--check", "--diff").succeeded().output
    assert "HR: management agent renamed to Personnel" in made.apply(config).succeeded().output
    assert (agent_id(made, "Personnel"), made.count("Personnel")) == (identifier, objects) and "HR" not in made.names()
    assert made.apply(config).succeeded().counts["changed"] == 0
    files = made.mim.service.export_files(made.mim.admin)
    made.mim.service.import_files(made.mim.admin, {name: content.replace(b"<name>Personnel</name>", b"<name>HR</name>") for name, content in files.items()})
    assert agent_id(made, "HR") == identifier


def test_a_deletion_needs_its_word_and_goes_with_the_connector_space(made: Made) -> None:
    made.put(r"Badges\badges.txt", "00000001Ada Byron           blue      \r\n")
    assert made.mim.run("Badges", "FullImport") == "success" and made.count("Badges") == 1
    config = block_of("Badges")
    silent = {"agents": [{key: value for key, value in config["agents"][0].items() if key != "confirm"}]}
    refused = made.apply(silent)
    assert refused.code != 0 and "agents[0].confirm" in refused.output
    refused = made.apply(config)
    assert refused.code != 0 and "allow_scope_loss" in refused.output and "Badges: management agent removed" in refused.output
    assert "Badges" in made.names()
    assert made.apply(config, allow_scope_loss=True).succeeded().counts["changed"] == 1
    assert "Badges" not in made.names()
    assert made.apply(config, allow_scope_loss=True).succeeded().counts["changed"] == 0
