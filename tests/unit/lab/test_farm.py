# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's farm: builds and the relationships job, typed profiles, pictures, deletion marks."""

from __future__ import annotations

import io

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.build import build_estate
from ansible_collections.mimsync.sharepoint.lab.estate.estate import Estate, EstateOptions
from ansible_collections.mimsync.sharepoint.lab.estate.farm import FULL_CONTROL, RELATIONSHIPS_JOB, Farm, farm_of, find_farm
from ansible_collections.mimsync.sharepoint.lab.estate.farm_photos import PhotoProblem, update_photo_store
from ansible_collections.mimsync.sharepoint.lab.estate.farm_profiles import KEPT_AFTER_DELETION, Profile, ProfileProblem, ProfileStore
from ansible_collections.mimsync.sharepoint.lab.estate.farm_properties import CoreProperty
from PIL import Image

SITE = "https://my.corp.example.com"
OLD_2016, NEW_2016 = "16.0.4456.1003", "16.0.4498.1002"


@pytest.fixture(scope="module")
def estate() -> Estate:
    return build_estate(EstateOptions(people=6))


@pytest.fixture
def store() -> ProfileStore:
    return ProfileStore()


@pytest.fixture
def anna(store: ProfileStore) -> Profile:
    return store.add("user", "anna", "EXAMPLE\\anna", now=1.0)


def farm_on(estate: Estate, build: str, *, no_ilm_used: bool) -> Farm:
    """A fresh farm with two profiles, one of whom manages the other."""
    found = farm_of(estate.hosts["SP1"])
    assert found is not None
    farm = Farm("2016", build, found.host, "SQL1", "EXAMPLE\\svc-spfarm", type(found.service_application)("UPA", "UPA Proxy", "Pool", SITE))
    farm.service_application.no_ilm_used = no_ilm_used
    farm.provision()
    store = farm.service_application.store
    for name in ("anna", "ben"):
        store.add("user", name, f"EXAMPLE\\{name}", now=1.0)
    ben = store.by_account("EXAMPLE\\ben")
    assert ben is not None
    store.set_reference(ben, "Manager", ("anna",))
    return farm


def manager_of_ben(farm: Farm) -> tuple[object, ...]:
    ben = farm.service_application.store.by_account("EXAMPLE\\ben")
    assert ben is not None
    return ben.get("Manager")


@pytest.mark.parametrize(
    ("build", "no_ilm_used", "resolved"),
    [
        (OLD_2016, True, True),
        (OLD_2016, False, False),
        (NEW_2016, False, True),
        (NEW_2016, True, False),
        ("16.0.10337.12109", False, True),
        ("16.0.14326.20450", True, False),
    ],
)
def test_managers_need_the_value_that_suits_the_build(estate: Estate, build: str, no_ilm_used: bool, resolved: bool) -> None:
    farm = farm_on(estate, build, no_ilm_used=no_ilm_used)
    farm.run_relationships_job(now=2.0)
    assert manager_of_ben(farm) == (("EXAMPLE\\anna",) if resolved else ())


def test_an_updated_farm_has_no_job_until_it_is_provisioned(estate: Estate) -> None:
    farm = farm_on(estate, OLD_2016, no_ilm_used=False)
    farm.upgrade(NEW_2016)
    farm.run_relationships_job(now=2.0)
    assert farm.job(RELATIONSHIPS_JOB) is None and manager_of_ben(farm) == ()
    farm.provision()
    farm.run_relationships_job(now=3.0)
    assert manager_of_ben(farm) == ("EXAMPLE\\anna",)


def test_a_disabled_job_resolves_nothing(estate: Estate) -> None:
    farm = farm_on(estate, NEW_2016, no_ilm_used=False)
    job = farm.job(RELATIONSHIPS_JOB)
    assert job is not None
    job.enabled = False
    assert farm.run_relationships_job(now=2.0) == 0


def test_without_the_timer_service_no_job_runs(estate: Estate) -> None:
    farm = farm_on(estate, NEW_2016, no_ilm_used=False)
    timer = farm.host.service("SPTimerV4")
    assert timer is not None
    timer.state = "stopped"
    try:
        assert farm.run_relationships_job(now=2.0) == 0
    finally:
        timer.state = "running"
    assert farm.run_relationships_job(now=3.0) == 1


def test_farms_are_found_by_the_addresses_of_their_web_applications(estate: Estate) -> None:
    assert find_farm(estate, "https://SP1.corp.example.com:5555/") is farm_of(estate.hosts["SP1"])
    assert find_farm(estate, "http://sp1.corp.example.com:5555") is None


def test_synchronizing_takes_full_control_in_both_lists(estate: Estate) -> None:
    farm = farm_on(estate, NEW_2016, no_ilm_used=False)
    application = farm.service_application
    application.administrators["S-1"] = {FULL_CONTROL}
    assert not farm.may_synchronize({"S-1"})
    application.sharing["S-1"] = {FULL_CONTROL}
    assert farm.may_synchronize({"S-1", "S-2"})
    assert not farm.may_synchronize({"S-2"})


# --- profiles


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("Nowhere", "x", "schema-violation"),
        ("SPS-DisplayOrder", "first", "type-mismatch"),
        ("OfficeGraphEnabled", "perhaps", "type-mismatch"),
        ("SID", "text", "type-mismatch"),
        ("CostCenter", "12345678901", "constraint-violation"),
    ],
)
def test_values_that_do_not_fit_are_refused(store: ProfileStore, anna: Profile, name: str, value: str, kind: str) -> None:
    store.properties["costcenter"] = CoreProperty("CostCenter", "stringsinglevalue", 10)
    with pytest.raises(ProfileProblem) as refused:
        store.set_values(anna, {"Office": ("7",), name: (value,)})
    assert refused.value.kind == kind
    assert anna.get("Office") == ()


def test_two_values_for_one_are_refused(store: ProfileStore, anna: Profile) -> None:
    with pytest.raises(ProfileProblem, match="takes one value"):
        store.set_values(anna, {"Office": ("7", "8")})
    store.set_values(anna, {"SPS-Skills": ("7", "8")})


def test_types_are_converted_and_unchanged_values_touch_nothing(store: ProfileStore, anna: Profile) -> None:
    store.set_values(anna, {"SPS-DisplayOrder": ("7",), "OfficeGraphEnabled": ("true",)})
    assert (anna.get("sps-displayorder"), anna.get("OfficeGraphEnabled")) == ((7,), (True,))
    number = store.change_number
    store.set_values(anna, {"SPS-DisplayOrder": (7,)})
    assert store.change_number == number


def test_an_account_and_an_anchor_have_one_profile(store: ProfileStore, anna: Profile) -> None:
    for anchor, account in (("anna", "EXAMPLE\\other"), ("other", "example\\ANNA")):
        with pytest.raises(ProfileProblem, match="already exists"):
            store.add("user", anchor, account, now=1.0)
    assert store.add("contact", "anna", "EXAMPLE\\linked", now=1.0).kind == "contact"


def test_deleted_profiles_are_marked_free_their_name_and_go_after_thirty_days(store: ProfileStore, anna: Profile) -> None:
    store.delete(anna, now=10.0)
    assert list(store.live()) == [] and anna.account == f"EXAMPLE\\anna{anna.record}"
    again = store.add("user", "anna", "EXAMPLE\\anna", now=11.0)
    assert [profile.deleted for profile in store.changed_since(0)] == [True, False]
    assert store.clean_up(now=10.0 + KEPT_AFTER_DELETION) == 0
    assert store.clean_up(now=11.0 + KEPT_AFTER_DELETION) == 1
    assert list(store.live()) == [again]


def test_changes_are_told_since_a_number(store: ProfileStore, anna: Profile) -> None:
    number = store.change_number
    ben = store.add("user", "ben", "EXAMPLE\\ben", now=1.0)
    assert list(store.changed_since(number)) == [ben]
    store.set_values(anna, {"Office": ("7",)})
    assert list(store.changed_since(number)) == [anna, ben]


# --- pictures


def jpeg(width: int = 400, height: int = 200, colour: str = "red") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(target, "JPEG")
    return target.getvalue()


def test_a_new_picture_keeps_the_address(store: ProfileStore, anna: Profile) -> None:
    store.set_picture(anna, jpeg(), SITE)
    address = anna.get("PictureURL")
    assert address == (f"{SITE}/User%20Photos/Profile%20Pictures/example_anna_MThumb.jpg",)
    store.set_picture(anna, jpeg(colour="blue"), SITE)
    assert anna.get("PictureURL") == address
    store.clear_picture(anna)
    assert anna.get("PictureURL") == () and store.photos == {}


def test_thumbnails_come_with_the_photo_job_and_are_never_cropped(estate: Estate) -> None:
    farm = farm_on(estate, NEW_2016, no_ilm_used=False)
    store = farm.service_application.store
    anna = store.by_account("EXAMPLE\\anna")
    assert anna is not None
    store.set_picture(anna, jpeg(), SITE)
    assert not store.has_thumbnail(anna)
    farm.administrators.add("S-1")
    assert update_photo_store(farm, {"S-1"}, SITE) == 1
    sizes = {kind: Image.open(io.BytesIO(store.photos[path])).size for kind, path in store.thumbnail_paths(anna).items()}
    assert sizes == {"LThumb": (300, 150), "MThumb": (72, 36), "SThumb": (48, 24)}
    assert update_photo_store(farm, {"S-1"}, SITE) == 0


def test_the_photo_job_needs_rights_and_the_right_host(estate: Estate) -> None:
    farm = farm_on(estate, NEW_2016, no_ilm_used=False)
    with pytest.raises(PhotoProblem, match="Access"):
        update_photo_store(farm, {"S-2"}, SITE)
    farm.administrators.add("S-1")
    with pytest.raises(PhotoProblem, match="My Site"):
        update_photo_store(farm, {"S-1"}, "https://portal.corp.example.com")
