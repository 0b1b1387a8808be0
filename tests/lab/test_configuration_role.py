# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The role sync_configuration on a host where MIM and the solution are: rehearsed, applied, unchanged, drifted and mended, and in the way of mistakes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ManagementAgent
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files
from ansible_collections.mimsync.sharepoint.tests.lab.site_run import Outcome, play
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import PASSWORD, PNP_FOLDER, STAFF, MimEstate, make_mim_estate

FOLDER = r"C:\SharePointSync"
# The first import of an empty profile store finds nothing.
RESULTS = {"success", "completed-no-objects"}
LEAVERS = f"OU=Leavers,{STAFF}"
VARIABLES: dict[str, Any] = {
    "mimsync_domain": "corp.example.com",
    "mimsync_netbios": "EXAMPLE",
    "mimsync_ad_agent_account": {"name": "svc-adma", "password": PASSWORD},
    "mimsync_sharepoint_agent_account": {"name": "svc-spma", "password": PASSWORD},
    "mimsync_sharepoint_url": "https://sp1.corp.example.com:5555",
    "mimsync_scope": {"include": [STAFF], "exclude": [LEAVERS]},
}


@pytest.fixture
def mim() -> MimEstate:
    made = make_mim_estate(people=10)
    files = made.service.host.files
    files.make_folder(FOLDER)
    for name, content in build_files().items():
        files.write(f"{FOLDER}\\{name}", content)
    return made


@pytest.fixture
def lab(mim: MimEstate, tmp_path: Path) -> Iterator[Lab]:
    with running_lab(tmp_path / "lab", estate=mim.estate) as running:
        yield running


@pytest.fixture
def playbook(tmp_path: Path) -> Path:
    path = tmp_path / "configure.yml"
    content = [{"hosts": "sync_servers", "gather_facts": False, "vars": VARIABLES, "roles": [{"role": "mimsync.sharepoint.sync_configuration"}]}]
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def apply(playbook: Path, lab: Lab, *options: str, **variables: Any) -> Outcome:
    extra = ["-e", json.dumps(variables)] if variables else []
    outcome = play(playbook, lab.inventory, *options, *extra)
    assert PASSWORD not in outcome.output
    return outcome


def agent(mim: MimEstate, name: str) -> ManagementAgent:
    found = read_folder(mim.service.export_files(mim.admin)).model().agent(name)
    assert found is not None
    return found


def test_from_rehearsal_to_profiles(playbook: Path, lab: Lab, mim: MimEstate) -> None:
    empty = dict(mim.service.state.documents)
    rehearsed = apply(playbook, lab, "--check", "--diff").succeeded()
    assert rehearsed.counts["changed"] == 1
    assert mim.service.state.documents == empty
    applied = apply(playbook, lab, "-vvv").succeeded()
    assert "ADMA: forest forest.invalid -> corp.example.com" in rehearsed.output
    assert "ADMA: forest forest.invalid -> corp.example.com" in applied.output
    directory = agent(mim, "ADMA")
    domain = next(partition for partition in directory.partitions if partition.is_domain)
    assert (domain.name, domain.inclusions) == ("DC=corp,DC=example,DC=com", (STAFF,))
    assert domain.exclusions == ("CN=Configuration,DC=corp,DC=example,DC=com", LEAVERS)
    assert domain.guid.strip("{}").lower() == mim.estate.directory.get(domain.name).guid
    assert set(mim.cycle()) <= RESULTS
    lab.reset_executions()
    assert apply(playbook, lab).succeeded().counts["changed"] == 0
    assert lab.executions() == 1


def test_drift_by_hand_is_mended(playbook: Path, lab: Lab, mim: MimEstate) -> None:
    apply(playbook, lab).succeeded()
    mim.service.set_ecma2(mim.admin, "SPMA", "connectivity", {"HostName": "elsewhere.example.com"}, username="EXAMPLE\\svc-adma", password=PASSWORD)
    mended = apply(playbook, lab).succeeded()
    assert "SPMA: Host Name elsewhere.example.com -> sp1.corp.example.com" in mended.output
    assert "SPMA: User Name svc-adma -> svc-spma" in mended.output
    assert {parameter.name: parameter.value for parameter in agent(mim, "SPMA").parameters}["Host Name"] == "sp1.corp.example.com"
    assert mim.run("SPMA", "FullImport") in RESULTS
    assert apply(playbook, lab).succeeded().counts["changed"] == 0


def test_backup_holds_the_configuration_from_before(playbook: Path, lab: Lab, mim: MimEstate, tmp_path: Path) -> None:
    apply(playbook, lab).succeeded()
    before = mim.service.export_files(mim.admin)
    apply(playbook, lab, sync_configuration_pictures="from_sharepoint", sync_configuration_backup_copy=str(tmp_path / "copies")).succeeded()
    files = mim.service.host.files
    folders = [node.name for node in files.children(f"{FOLDER}\\Backup") if node.is_folder]
    newest = f"{FOLDER}\\Backup\\{max(folders)}"
    names = {node.name for node in files.children(newest)}
    assert names == {*before, "manifest.json"}
    # The role sync_run takes this time for that of the last change of rules.
    backups, last = files.get(f"{FOLDER}\\Backup"), files.get(newest)
    assert backups is not None and last is not None and backups.modified >= last.created
    manifest = json.loads(files.read(f"{newest}\\manifest.json"))
    assert any("Picture Flow Direction" in sentence for sentence in manifest["followed_by"])
    assert {path.name for path in (tmp_path / "copies" / "MIM1" / max(folders)).iterdir()} == names


def test_container_that_does_not_exist_is_told_before_anything_is_changed(playbook: Path, lab: Lab, mim: MimEstate) -> None:
    empty = dict(mim.service.state.documents)
    scope = {"include": [STAFF, f"OU=Nowhere,{STAFF.partition(',')[2]}"], "exclude": [f"OU=Gone,{STAFF}"]}
    outcome = apply(playbook, lab, mimsync_scope=scope)
    assert outcome.code != 0
    assert "agents[0].partitions[0].include[1]: 'OU=Nowhere,DC=corp,DC=example,DC=com' does not exist in corp.example.com" in outcome.output
    assert "agents[0].partitions[0].exclude[0]" in outcome.output
    assert mim.service.state.documents == empty


def test_forest_that_does_not_answer_and_wrong_password_are_told(playbook: Path, lab: Lab) -> None:
    outcome = apply(playbook, lab, sync_configuration_forest="corp.example.org")
    assert "agents[0].forest: the forest 'corp.example.org' cannot be asked: The specified domain either does not exist" in outcome.output.replace("\\n", "\n")
    wrong = apply(playbook, lab, sync_configuration_directory_account={"name": "svc-adma", "password": "not-this-one"})
    assert "the forest 'corp.example.com' cannot be asked: The user name or password is incorrect." in wrong.output
    assert "not-this-one" not in wrong.output


def test_loss_of_scope_needs_a_word(playbook: Path, lab: Lab, mim: MimEstate) -> None:
    apply(playbook, lab).succeeded()
    narrow = {"include": [f"OU=Leavers,{STAFF}"], "exclude": []}
    refused = apply(playbook, lab, mimsync_scope=narrow)
    assert refused.code != 0
    assert "set allow_scope_loss to true" in refused.output
    assert "objects that leave the scope are deleted" in refused.output
    assert next(partition for partition in agent(mim, "ADMA").partitions if partition.is_domain).inclusions == (STAFF,)
    apply(playbook, lab, mimsync_scope=narrow, sync_configuration_allow_scope_loss=True).succeeded()
    assert next(partition for partition in agent(mim, "ADMA").partitions if partition.is_domain).inclusions == (LEAVERS,)


def test_refused_import_is_taken_back_and_the_backup_named(playbook: Path, lab: Lab, mim: MimEstate) -> None:
    apply(playbook, lab).succeeded()
    before = dict(mim.service.state.documents)
    extension = mim.service.path(r"Extensions\Microsoft.IdentityManagement.Connector.Sharepoint.dll")
    connector = mim.service.host.files.read(extension)
    mim.service.host.files.remove(extension)
    outcome = apply(playbook, lab, sync_configuration_disabled_users="synchronize")
    assert outcome.code != 0
    assert "the management agent type has not yet been implemented" in outcome.output
    assert f"The configuration from before lies in {FOLDER}\\Backup\\".replace("\\", "\\\\") in outcome.output.replace("\\\\\\\\", "\\\\")
    assert mim.service.state.documents == before
    mim.service.host.files.write(extension, connector)
    apply(playbook, lab, sync_configuration_disabled_users="synchronize").succeeded()


def test_wrong_declaration_costs_no_execution(playbook: Path, lab: Lab) -> None:
    lab.reset_executions()
    declaration = {"agents": [{"name": "ADMA", "type": "active_directory", "forrest": "x"}, {"name": "ADMA", "type": "sharepoint", "url": 5}]}
    outcome = apply(playbook, lab, sync_configuration_declaration=declaration)
    assert "agents[0].forrest: is not a key of the configuration (did you mean 'forest'?)" in outcome.output
    assert "agents[1].type: is 'sharepoint', but must be one of active_directory, sharepoint_profile_store" in outcome.output
    assert lab.executions() == 0


def test_changed_password_is_set_again(playbook: Path, lab: Lab, mim: MimEstate) -> None:
    apply(playbook, lab).succeeded()
    directory = mim.estate.directory
    directory.set_password(directory.resolve("svc-spma"), "Another-Horse.7")
    changed = apply(playbook, lab, mimsync_sharepoint_agent_account={"name": "svc-spma", "password": "Another-Horse.7"}).succeeded()
    assert "SPMA: password of EXAMPLE\\\\svc-spma set" in changed.output
    assert "Another-Horse.7" not in changed.output
    assert b"Another-Horse.7" not in mim.service.host.files.read(f"{FOLDER}\\Backup\\passwords.json")
    assert set(mim.cycle()) <= RESULTS


def test_running_agent_is_not_disturbed(playbook: Path, lab: Lab, mim: MimEstate) -> None:
    apply(playbook, lab).succeeded()
    before = dict(mim.service.state.documents)
    mim.service.board.running_agents = lambda: ("ADMA",)  # type: ignore[method-assign]  # a run that does not end
    outcome = apply(playbook, lab, sync_configuration_disabled_users="synchronize", sync_configuration_wait=1)
    assert "ADMA still runs after 1 seconds; nothing was changed." in outcome.output
    assert mim.service.state.documents == before


def test_real_configuration_is_fitted_like_the_built_in_one(playbook: Path, lab: Lab, mim: MimEstate) -> None:
    if not PNP_FOLDER.is_dir():
        pytest.skip("the real configuration lies in ../shared/fixtures, which is absent")
    for path in PNP_FOLDER.glob("*.XML"):
        mim.service.host.files.write(f"{FOLDER}\\{path.name}", path.read_bytes())
    assert "ADMA: forest litware.com -> corp.example.com" in apply(playbook, lab).succeeded().output
    assert set(mim.cycle()) <= RESULTS
    assert apply(playbook, lab).succeeded().counts["changed"] == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<saved-mv-configuration><mv-data>", "MV.XML is cut off: it ends inside of <mv-data>"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "MV.XML holds a document type declaration"),
        ("<saved-mv-configuration>\u00e9</saved-mv-configuration>".encode("latin-1"), "MV.XML is not UTF-8: byte 0xE9"),
        (b"<x>" + b" " * 100_000_000 + b"</x>", "MV.XML has more than the limit of 67,108,864 bytes"),
    ],
    ids=["cut", "entities", "encoding", "huge"],
)
def test_broken_file_of_the_solution_is_named(playbook: Path, lab: Lab, mim: MimEstate, content: bytes, message: str) -> None:
    empty = dict(mim.service.state.documents)
    mim.service.host.files.write(f"{FOLDER}\\MV.XML", content)
    outcome = apply(playbook, lab)
    assert outcome.code != 0
    assert message in outcome.output
    assert "Traceback" not in outcome.output
    assert mim.service.state.documents == empty
    mim.service.host.files.write(f"{FOLDER}\\MV.XML", build_files()["MV.XML"])
    apply(playbook, lab).succeeded()


def test_first_import_with_a_wrong_password_is_gone_on_with(playbook: Path, lab: Lab, mim: MimEstate) -> None:
    outcome = apply(playbook, lab, mimsync_sharepoint_agent_account={"name": "svc-spma", "password": "mistyped"})
    if outcome.code == 0:
        assert mim.run("SPMA", "FullImport") not in RESULTS
    apply(playbook, lab).succeeded()
    assert set(mim.cycle()) <= RESULTS
