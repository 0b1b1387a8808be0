# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""playbooks/examples/domain_added.yml: rehearsed, run, unchanged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.mimsync.sharepoint.tests.lab.forest_lab import ForestLab, account_of, forest_lab

EXAMPLE = "domain_added.yml"
EMEA = "DC=emea,DC=corp,DC=example,DC=com"


@pytest.fixture(scope="module")
def forest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForestLab]:
    with forest_lab(tmp_path_factory.mktemp("lab"), child_domain=True) as made:
        yield made


def test_a_rehearsal_foretells_the_partition_and_its_steps(forest: ForestLab) -> None:
    before = forest.state()
    told = forest.run(EXAMPLE, "--check").succeeded().output
    assert f"partition {EMEA} added, with a step in every run profile" in told
    assert forest.state() == before


def test_people_of_the_new_domain_have_profiles(forest: ForestLab) -> None:
    before = {account: forest.profile(account) for account in forest.accounts()}
    forest.run(EXAMPLE).succeeded()
    agent = forest.configuration().agent("ADMA")
    assert agent is not None
    partition = next(one for one in agent.partitions if one.name == EMEA)
    assert partition.selected and list(partition.inclusions) == [f"OU=Staff,{EMEA}"]
    assert all(partition.id in {step.partition_id for step in profile.steps} for profile in agent.run_profiles)
    assert forest.accounts("EMEA") == {account_of("EMEA", entry) for entry in forest.staff("EMEA")}
    assert {account: forest.profile(account) for account in before} == before, "those of the first domain are what they were"


def test_managers_and_namesakes_cross_the_domains(forest: ForestLab) -> None:
    manager = {account_of(name, entry): str(entry.get("manager") or "") for name in ("EXAMPLE", "EMEA") for entry in forest.staff(name)}
    for account, dn in manager.items():
        profile = forest.profile(account)
        assert profile is not None
        expected = forest.mim.estate.directory.find(dn) if dn else None
        name = forest.mim.estate.directory.account_name(expected.sid) if expected is not None else ""
        assert "".join(str(value) for value in profile.get("Manager")) == (name if name in forest.accounts() else "")
    chief = next(entry for entry in forest.staff("EXAMPLE") if entry.get("title") == "Managing Director")
    first, second = (forest.profile(account_of(name, chief)) for name in ("EXAMPLE", "EMEA"))
    assert first is not None and second is not None
    assert first.get("PreferredName") != second.get("PreferredName")


def test_a_second_run_changes_nothing(forest: ForestLab) -> None:
    before = forest.state()
    assert forest.run(EXAMPLE).succeeded().counts["changed"] == 0
    assert forest.state() == before
