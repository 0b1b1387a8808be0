# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""playbooks/examples/own_rules.yml on a host where MIM is configured: rehearsed, run, unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab
from ansible_collections.mimsync.sharepoint.tests.lab.site_run import PLAYBOOKS, play
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import MimEstate, built_in_files, configure, make_mim_estate

RULES = r"Extensions\MimSync.Rules.xml"


@pytest.fixture
def mim() -> MimEstate:
    made = make_mim_estate(people=12)
    configure(made, built_in_files(made))
    return made


@pytest.fixture
def lab(mim: MimEstate, tmp_path: Path) -> Iterator[Lab]:
    with running_lab(tmp_path / "lab", estate=mim.estate) as running:
        yield running


def expected(shown: str) -> str:
    first, _unused, last = shown.strip().rpartition(" ")
    return f"{last}, {first}" if first else last


def test_a_rule_of_ones_own_changes_what_profiles_show(lab: Lab, mim: MimEstate) -> None:
    files = mim.service.host.files
    playbook = PLAYBOOKS / "examples" / "own_rules.yml"
    rehearsed = play(playbook, lab.inventory, "--check", "--diff").succeeded()
    assert "rules file: " in rehearsed.output and "would run ADMA FullSync" in rehearsed.output
    assert not files.exists(mim.service.path(RULES))
    play(playbook, lab.inventory).succeeded()
    directory, shown = mim.estate.directory, {}
    for profile in mim.farm.service_application.store.live("user"):
        entry = directory.resolve(profile.account)
        if entry is not None and entry.text("displayName"):
            shown[expected(entry.text("displayName"))] = profile.get("PreferredName")[0]
    assert len(shown) > 5
    assert all(wanted == name for wanted, name in shown.items())
    assert play(playbook, lab.inventory).succeeded().counts["changed"] == 0


def test_flows_that_say_rules_bring_both_sides_and_the_values_arrive(lab: Lab, mim: MimEstate) -> None:
    playbook = PLAYBOOKS / "examples" / "rules_in_flows.yml"
    before = dict(mim.service.state.documents)
    rehearsed = play(playbook, lab.inventory, "--check", "--diff").succeeded()
    assert '"{lastName}, {firstName}"' in rehearsed.output and "would run ADMA FullSync" in rehearsed.output
    assert mim.service.state.documents == before
    assert not mim.service.host.files.exists(mim.service.path(RULES))
    play(playbook, lab.inventory).succeeded()
    directory, checked = mim.estate.directory, 0
    for profile in mim.farm.service_application.store.live("user"):
        entry = directory.resolve(profile.account)
        if entry is not None and entry.text("sn") and entry.text("givenName") and entry.text("department"):
            assert profile.get("PreferredName")[0] == f"{entry.text('sn')}, {entry.text('givenName')}"
            assert profile.get("Title")[0] == f"{entry.text('title')} ({entry.text('department')})"
            checked += 1
    assert checked > 5
    assert play(playbook, lab.inventory).succeeded().counts["changed"] == 0


def test_passwords_of_a_declaration_that_says_rules_are_shown_nowhere(lab: Lab, tmp_path: Path) -> None:
    secret = "Sesame-open-7"
    agent = {"name": "ADMA", "type": "active_directory", "credentials": {"username": "EXAMPLE\\svc-adma", "password": secret}}
    declaration = {"agents": [agent], "flows": [{"through": "person", "to": "SPMA/user/PreferredName", "value": "{lastName}, {firstName}"}]}
    roles = [{"role": "mimsync.sharepoint.sync_solution"}]
    content = [{"hosts": "sync_servers", "gather_facts": False, "vars": {"sync_configuration_declaration": declaration}, "roles": roles}]
    playbook = tmp_path / "play.yml"
    playbook.write_text(yaml.safe_dump(content), encoding="utf-8")
    outcome = play(playbook, lab.inventory, "--check", "--diff", "-vvv").succeeded()
    assert "cd.user:PreferredName<-mv.person:lastName,firstName" in outcome.output
    assert secret not in outcome.output
