# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""playbooks/examples/accounts_to_other_forest.yml: accounts made in an OU of the other forest, followed, left alone on a second run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.directory import Entry
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import StepKind
from ansible_collections.mimsync.sharepoint.tests.lab.forest_lab import ForestLab, forest_lab

EXAMPLE = "accounts_to_other_forest.yml"
PLACE = "OU=From EXAMPLE,OU=Staff,DC=partner,DC=example,DC=net"


@pytest.fixture(scope="module")
def forests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForestLab]:
    with forest_lab(tmp_path_factory.mktemp("lab"), second_forest=True) as made:
        yield made


def made_accounts(forests: ForestLab) -> dict[str, Entry]:
    found = forests.domain("PARTNER").search(PLACE, query="(objectClass=user)")
    return {entry.text("employeeID"): entry for entry in found}


def wanted(forests: ForestLab) -> dict[str, Entry]:
    return {entry.text("employeeID"): entry for entry in forests.staff("EXAMPLE") if entry.get("employeeID") and entry.get("displayName")}


def test_a_rehearsal_makes_nothing(forests: ForestLab) -> None:
    before = forests.state()
    forests.run(EXAMPLE, "--check").succeeded()
    assert forests.state() == before


def test_everybody_has_an_account_over_there(forests: ForestLab) -> None:
    natives = {entry.dn for entry in forests.staff("PARTNER")}
    forests.run(EXAMPLE).succeeded()
    accounts, people = made_accounts(forests), wanted(forests)
    assert accounts.keys() == people.keys()
    for number, entry in accounts.items():
        person = people[number]
        assert (entry.text("sAMAccountName"), entry.number("userAccountControl")) == (number, 514)
        assert entry.name == f"{person.text('displayName')} ({number})"
        for theirs, ours in (("givenName", "givenName"), ("sn", "sn"), ("mail", "mail"), ("title", "title"), ("telephoneNumber", "telephoneNumber")):
            assert entry.text(theirs) == person.text(ours)
    assert natives <= {entry.dn for entry in forests.staff("PARTNER")}, "nobody else was touched"


def test_the_target_alone_is_exported_to(forests: ForestLab) -> None:
    server = forests.configuration()
    for name, exported in (("ADMA", False), ("ADTARGET", True)):
        agent = server.agent(name)
        assert agent is not None
        assert any(step.kind is StepKind.EXPORT for profile in agent.run_profiles for step in profile.steps) is exported
        assert bool(agent.projections) is not exported


def test_the_agents_account_may_write_there_and_nowhere_else(forests: ForestLab) -> None:
    partner = forests.domain("PARTNER")
    agent = partner.resolve("svc-adma-partner")
    assert agent is not None
    token, user = partner.directory_token(agent.sid), partner.schema.classes["user"].guid
    assert partner.has_access(token, partner.get(PLACE), "CC", user)
    assert not partner.has_access(token, partner.get("OU=Staff,DC=partner,DC=example,DC=net"), "CC", user)


def test_a_second_run_changes_nothing(forests: ForestLab) -> None:
    before = forests.state()
    assert forests.run(EXAMPLE).succeeded().counts["changed"] == 0
    assert forests.state() == before


def test_the_accounts_follow(forests: ForestLab) -> None:
    number, person = next(iter(wanted(forests).items()))
    forests.mim.estate.directory.set(person, {"displayName": "Renamed Person", "title": "Chief of everything"})
    for agent, profile in (("ADMA", "DeltaImport"), ("ADMA", "DeltaSync"), ("ADTARGET", "Export"), ("ADTARGET", "DeltaImport"), ("ADTARGET", "DeltaSync")):
        assert forests.mim.run(agent, profile) == "success"
    entry = made_accounts(forests)[number]
    assert (entry.name, entry.text("displayName"), entry.text("title")) == (f"Renamed Person ({number})", "Renamed Person", "Chief of everything")
