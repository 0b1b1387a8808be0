# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""playbooks/examples/two_agents_one_sharepoint.yml: rehearsed, run, unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.lab.estate.directory import Entry
from ansible_collections.mimsync.sharepoint.tests.lab.forest_lab import ForestLab, account_of, forest_lab
from ansible_collections.mimsync.sharepoint.tests.lab.site_run import play

EXAMPLE = "two_agents_one_sharepoint.yml"


@pytest.fixture(scope="module")
def forests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForestLab]:
    with forest_lab(tmp_path_factory.mktemp("lab"), second_forest=True) as made:
        yield made


def in_both(forests: ForestLab) -> list[tuple[Entry, Entry]]:
    """Accounts of one person: in the first forest, in the second."""
    numbers = {entry.text("employeeID"): entry for entry in forests.staff("PARTNER") if entry.text("employeeID")}
    return [(entry, numbers[entry.text("employeeID")]) for entry in forests.staff("EXAMPLE") if entry.text("employeeID") in numbers]


def test_a_rehearsal_foretells_the_second_agent(forests: ForestLab) -> None:
    before = forests.state()
    told = forests.run(EXAMPLE, "--check").succeeded().output
    assert "ADPARTNER" in told
    assert forests.state() == before


def test_people_of_both_forests_have_profiles(forests: ForestLab) -> None:
    forests.run(EXAMPLE).succeeded()
    seconded = {second.guid for _unused, second in in_both(forests)}
    assert len(seconded) == 2
    assert forests.accounts("EXAMPLE") == {account_of("EXAMPLE", entry) for entry in forests.staff("EXAMPLE")}
    assert forests.accounts("PARTNER") == {account_of("PARTNER", entry) for entry in forests.staff("PARTNER") if entry.guid not in seconded}


def test_precedence_decides_where_both_hold_a_person(forests: ForestLab) -> None:
    for first, second in in_both(forests):
        profile = forests.profile(account_of("EXAMPLE", first))
        assert profile is not None
        assert profile.get("WorkPhone") == (second.text("telephoneNumber"),)
        assert profile.get("Title") == (first.text("title"),) != (second.text("title"),)


def test_namesakes_in_two_forests_are_two_people(forests: ForestLab) -> None:
    chief = next(entry for entry in forests.staff("EXAMPLE") if entry.get("title") == "Managing Director")
    first, second = (forests.profile(account_of(name, chief)) for name in ("EXAMPLE", "PARTNER"))
    assert first is not None and second is not None
    assert first.get("PreferredName") == (chief.text("displayName"),)
    assert second.get("PreferredName")[0] == f"Namesake {chief.text('sAMAccountName')}"


def test_a_second_run_changes_nothing(forests: ForestLab) -> None:
    before = forests.state()
    assert forests.run(EXAMPLE).succeeded().counts["changed"] == 0
    assert forests.state() == before


def test_a_preview_knows_both_agents(forests: ForestLab, tmp_path: Path) -> None:
    partner_first = {"metaverse": {"precedence": {"person": ["ADPARTNER", "ADMA"]}}}
    told = {}
    for name, config in (("now", {}), ("turned", partner_first)):
        options = {"connector_spaces": True, "dest": [str(tmp_path / f"{name}.json")], **({"config": config} if config else {})}
        tasks = [{"name": "Preview", "mimsync.sharepoint.preview": options}]
        (tmp_path / "preview.yml").write_text(yaml.safe_dump([{"hosts": "sync_servers", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
        play(tmp_path / "preview.yml", forests.lab.inventory).succeeded()
        told[name] = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
    assert told["now"]["rows"] == []
    titles = {second.text("title") for _unused, second in in_both(forests)}
    assert titles == {"Secondee"}
    changed = [row for row in told["turned"]["rows"] if "Secondee" in json.dumps(row)]
    assert {row["agent"] for row in changed} >= {"SPMA"}
