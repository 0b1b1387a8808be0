# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""playbooks/examples/forest_migration.yml: people move and keep their profiles; a second run changes nothing; the old accounts may go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.directory import Entry
from ansible_collections.mimsync.sharepoint.lab.estate.farm_profiles import Profile
from ansible_collections.mimsync.sharepoint.lab.estate.people_photos import portrait
from ansible_collections.mimsync.sharepoint.tests.lab.forest_lab import ForestLab, account_of, forest_lab

EXAMPLE = "forest_migration.yml"
KEY = "msDS-cloudExtensionAttribute20"
MYSITE = "https://my.corp.example.com"


@pytest.fixture(scope="module")
def forests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForestLab]:
    with forest_lab(tmp_path_factory.mktemp("lab"), second_forest=True) as made:
        made.variables["forest_migration_people"] = [entry.text("sAMAccountName") for entry in wave_of(made)]
        store = made.mim.farm.service_application.store
        for number, profile in enumerate(profiles(made, "EXAMPLE")):
            # What only SharePoint holds: typed by the person, uploaded by the person.
            store.set_values(profile, {"AboutMe": (f"I collect stamps, {number}.",)})
            store.set_picture(profile, portrait(900 + number), MYSITE)
        yield made


def wave_of(forests: ForestLab) -> list[Entry]:
    """Three people without a picture of the directory, whose account names nobody has over there."""
    taken = {entry.text("sAMAccountName") for entry in forests.staff("PARTNER")}
    numbers = {entry.text("employeeID") for entry in forests.staff("PARTNER")}
    free = [entry for entry in forests.staff("EXAMPLE") if entry.text("sAMAccountName") not in taken and entry.text("employeeID") not in numbers]
    return [entry for entry in free if not entry.get("thumbnailPhoto")][:3]


def profiles(forests: ForestLab, domain: str) -> list[Profile]:
    found = [forests.profile(f"{domain}\\{name}") for name in forests.variables["forest_migration_people"]]
    return [profile for profile in found if profile is not None]


def kept(profile: Profile) -> tuple[object, ...]:
    """What makes it the same profile, and what only SharePoint holds."""
    return (profile.record, profile.guid, profile.anchor, profile.get("AboutMe"), profile.get("PictureURL"), profile.picture)


def test_a_rehearsal_moves_nobody(forests: ForestLab) -> None:
    before = forests.state()
    forests.run(EXAMPLE, "--check").succeeded()
    assert forests.state() == before


def test_people_keep_their_profiles_under_their_new_accounts(forests: ForestLab) -> None:
    before, accounts = [kept(profile) for profile in profiles(forests, "EXAMPLE")], forests.accounts()
    assert len(before) == 3
    forests.run(EXAMPLE).succeeded()
    assert [kept(profile) for profile in profiles(forests, "PARTNER")] == before
    moved = set(forests.variables["forest_migration_people"])
    assert forests.accounts("EXAMPLE") == {account for account in accounts if account.partition("\\")[2] not in moved}, (
        "nobody else has changed, nobody is deleted"
    )
    assert forests.accounts("PARTNER") == {account_of("PARTNER", entry) for entry in forests.staff("PARTNER")}
    provisioning = forests.configuration().metaverse.provisioning
    assert provisioning == "scripted"


def test_values_come_from_the_new_account(forests: ForestLab) -> None:
    target = forests.domain("PARTNER")
    for profile in profiles(forests, "PARTNER"):
        entry = target.resolve(profile.account)
        assert entry is not None
        assert ",OU=Migrated," in entry.dn
        assert profile.sid == entry.values("objectSid")[0]
        assert profile.get("WorkEmail") == entry.values("mail")


def test_namesakes_do_not_join(forests: ForestLab) -> None:
    chief = next(entry for entry in forests.staff("EXAMPLE") if entry.get("title") == "Managing Director")
    first, second = (forests.profile(account_of(name, chief)) for name in ("EXAMPLE", "PARTNER"))
    assert first is not None and second is not None
    assert first.get("PreferredName") == (chief.text("displayName"),) != second.get("PreferredName")


def test_a_second_run_changes_nothing(forests: ForestLab) -> None:
    before = forests.state()
    assert forests.run(EXAMPLE).succeeded().counts["changed"] == 0
    assert forests.state() == before


def test_the_first_accounts_may_go(forests: ForestLab) -> None:
    before, source = [kept(profile) for profile in profiles(forests, "PARTNER")], forests.mim.estate.directory
    for name in forests.variables["forest_migration_people"]:
        source.delete(source.get(source.resolve(f"EXAMPLE\\{name}").dn))
    for agent, profile in (("ADMA", "DeltaImport"), ("ADMA", "DeltaSync"), ("SPMA", "Export"), ("SPMA", "DeltaImport"), ("SPMA", "DeltaSync")):
        assert forests.mim.run(agent, profile) == "success"
    assert [kept(profile) for profile in profiles(forests, "PARTNER")] == before
