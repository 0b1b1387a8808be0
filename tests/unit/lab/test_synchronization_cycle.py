# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The standard cycle on the lab, from the forest's people to the farm's profiles, without Ansible."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.directory_entry import Entry
from mim_estate import PNP_FOLDER, STAFF, MimEstate, built_in_files, configure, make_mim_estate, pnp_files

Files = Callable[[MimEstate], dict[str, bytes]]
SOLUTIONS = [
    pytest.param(built_in_files, id="built-in"),
    pytest.param(pnp_files, id="pnp", marks=pytest.mark.skipif(not PNP_FOLDER.is_dir(), reason="the PnP configuration lies in ../shared, which is absent")),
]


@pytest.fixture(scope="module", params=SOLUTIONS)
def cycled(request: pytest.FixtureRequest) -> MimEstate:
    made = make_mim_estate(people=150)
    files: Files = request.param
    configure(made, files(made))
    # The farm has no profiles yet, which the service tells in its own way.
    assert made.cycle() == ["success", "success", "completed-no-objects", "success", "success", "success", "success"]
    return made


def people_of(made: MimEstate) -> list[str]:
    """Account names below OU=Staff, linked accounts of another forest left out."""
    found = made.estate.directory.search(STAFF, query="(objectClass=user)")
    return sorted(entry.text("sAMAccountName") for entry in found if not entry.get("msDS-SourceObjectDN"))


def test_every_person_in_scope_has_a_profile_under_the_netbios_name(cycled: MimEstate) -> None:
    store = cycled.farm.service_application.store
    assert sorted(profile.account for profile in store.live("user")) == [f"EXAMPLE\\{name}" for name in people_of(cycled)]


# Profile property -> attribute of the directory, where nothing is computed
PLAIN = {
    "WorkEmail": "mail",
    "UserName": "sAMAccountName",
    "FirstName": "givenName",
    "LastName": "sn",
    "WorkPhone": "telephoneNumber",
    "Office": "physicalDeliveryOfficeName",
    "Title": "title",
    "SPS-JobTitle": "title",
    "Department": "department",
    "SPS-Department": "department",
    "PublicSiteRedirect": "wWWHomePage",
    "SPS-UserPrincipalName": "userPrincipalName",
    "SPS-PhoneticDisplayName": "msDS-PhoneticDisplayName",
    "SPS-PhoneticFirstName": "msDS-PhoneticFirstName",
    "SPS-PhoneticLastName": "msDS-PhoneticLastName",
}


def expected(entry: Entry) -> dict[str, object]:
    """What a profile must hold, computed straight from the person; managers and pictures apart."""
    values: dict[str, object] = {name: entry.values(attribute) for name, attribute in PLAIN.items()}
    addresses = [str(value) for value in entry.values("proxyAddresses")]
    sip = next((address[4:] for address in addresses if address[:4].lower() == "sip:"), "")
    values |= {
        "SPS-DistinguishedName": (entry.dn,),
        "SPS-ClaimProviderID": ("Windows",),
        "SPS-ClaimProviderType": ("Windows",),
        "PreferredName": (entry.text("displayName").strip() or entry.name,),
        "SPS-SipAddress": (sip,) if sip else (),
    }
    return {name: value for name, value in values.items() if value != ()}


def test_profiles_hold_the_values_of_the_directory(cycled: MimEstate) -> None:
    store = cycled.farm.service_application.store
    for name in people_of(cycled):
        entry = cycled.estate.directory.resolve(name)
        profile = store.by_account(f"EXAMPLE\\{name}")
        assert entry is not None and profile is not None
        found = {key: value for key, value in profile.values.items() if key not in ("Manager", "PictureURL")}
        assert found == expected(entry)
        assert profile.sid == entry.values("objectSid")[0]
        assert bool(profile.get("PictureURL")) == bool(entry.get("thumbnailPhoto"))


def test_managers_are_accounts_of_profiles(cycled: MimEstate) -> None:
    directory = cycled.estate.directory
    seen = 0
    for profile in cycled.farm.service_application.store.live("user"):
        entry = directory.resolve(profile.account)
        assert entry is not None
        manager = directory.find(entry.text("manager")) if entry.get("manager") else None
        if manager is not None:
            assert profile.get("Manager") == (f"EXAMPLE\\{manager.text('sAMAccountName')}",)
            seen += 1
    assert seen > 10


def test_pictures_have_an_address_and_thumbnails_only_after_the_photo_job(cycled: MimEstate) -> None:
    store = cycled.farm.service_application.store
    with_picture = [profile for profile in store.live("user") if profile.get("PictureURL")]
    assert with_picture
    assert all(str(profile.get("PictureURL")[0]).endswith("_MThumb.jpg") for profile in with_picture)


def test_a_second_cycle_exports_nothing(cycled: MimEstate) -> None:
    before = cycled.farm.service_application.store.change_number
    assert cycled.cycle()[:4] == ["success"] * 4
    assert cycled.farm.service_application.store.change_number == before
    assert cycled.service.counts(cycled.admin, "SPMA")["NumExportUpdate"] == 0
