# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who has a picture, who is over the directory's limit, whose picture did not arrive."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.farm_photos import update_photo_store
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.profiles.pictures import (
    NEWER,
    THUMBNAIL_LIMIT,
    picture_failures,
    pictures_of,
    stem_of,
    too_large,
    without_picture,
)
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import MimEstate, built_in_files, configure, make_mim_estate
from ansible_collections.mimsync.sharepoint.tests.unit.solution.face_support import Caller
from hypothesis import given
from hypothesis import strategies as st

SITE = "https://my.corp.example.com"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def answer(files: dict[str, int], *accounts: str) -> dict[str, Any]:
    return {
        "profiles": [{"account": account, "address": f"{SITE}/x_MThumb.jpg"} for account in accounts],
        "files": [{"name": name, "bytes": size, "sha256": ""} for name, size in files.items()],
    }


def test_the_largest_of_a_persons_own_files_counts() -> None:
    files = {"example_anna.jpg": 9, "EXAMPLE_anna_MThumb.jpg": 5, "example_anna_b.png": 70, "example_annabel_LThumb.jpg": 80}
    sizes = {person.account: person.bytes for person in pictures_of(answer(files, r"EXAMPLE\Anna", r"EXAMPLE\anna_b", r"EXAMPLE\annabel", r"EXAMPLE\none"))}
    assert sizes == {r"EXAMPLE\Anna": 9, r"EXAMPLE\anna_b": 70, r"EXAMPLE\annabel": 80, r"EXAMPLE\none": 0}


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.integers(0, 3 * THUMBNAIL_LIMIT)), st.integers(1, 3 * THUMBNAIL_LIMIT))
def test_exactly_those_over_the_limit_are_named(sizes: dict[str, int], limit: int) -> None:
    found = pictures_of(answer({f"{stem_of('D' + chr(92) + name)}.jpg": size for name, size in sizes.items()}, *(f"D\\{name}" for name in sizes)))
    assert {account.rpartition("\\")[2] for account in too_large(found, limit)} == {name for name, size in sizes.items() if size > limit}


def test_each_way_in_which_a_picture_does_not_arrive_has_its_sentence() -> None:
    people = [{"account": rf"EXAMPLE\{name}", "digests": [digest(name.encode())]} for name in ("anna", "ben", "cleo", "dora")]
    directory = [
        {"sAMAccountName": "ANNA", "thumbnailPhoto": base64.b64encode(b"anna").decode()},
        {"sAMAccountName": "ben", "thumbnailPhoto": base64.b64encode(b"old").decode()},
        {"sAMAccountName": "cleo", "thumbnailPhoto": None},
    ]
    assert picture_failures(["anna", r"EXAMPLE\ben", "cleo", "dora", "nobody"], people, directory) == [
        rf"EXAMPLE\ben: the directory has another picture than SharePoint. {NEWER}",
        f"cleo: SharePoint has a picture, the directory has none. {NEWER}",
        "dora: there is no such account in the directory.",
    ]
    assert without_picture(people, directory[:2]) == [r"EXAMPLE\cleo", r"EXAMPLE\dora"]


@pytest.fixture(scope="module")
def mim() -> MimEstate:
    made = make_mim_estate(people=30)
    configure(made, built_in_files(made))
    made.cycle()
    return made


def test_the_module_reads_sizes_and_digests_of_the_farm(mim: MimEstate) -> None:
    store = mim.farm.service_application.store
    update_photo_store(mim.farm, mim.admin.groups | {mim.admin.sid}, SITE)
    with_picture = [profile for profile in store.live("user") if profile.picture is not None]
    first, second = with_picture[:2]
    assert first.picture is not None and second.picture is not None
    caller = Caller(mim.estate.hosts["SP1"], mim.admin)
    found = caller.call("picture_info", my_site=SITE, names=[first.account.rpartition("\\")[2]], domain="EXAMPLE", limit_bytes=len(second.picture.original) - 1)
    assert not found.get("failed"), found
    assert len(caller.executions) == 1 and found["changed"] is False
    people = {person["account"]: person for person in found["people"]}
    assert sorted(people) == sorted(profile.account for profile in with_picture)
    assert digest(first.picture.original) in people[first.account]["digests"] and people[second.account]["digests"] == []
    assert second.account in found["too_large"]
    assert all(people[account]["bytes"] >= len(second.picture.original) for account in found["too_large"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"my_site": "https://elsewhere.example.com"}, "Cannot find an SPSite object"),
        ({"my_site": SITE, "limit_bytes": 0}, "limit_bytes: 0 bytes is no size of a picture"),
        ({"my_site": SITE, "names": ["anna"]}, "names[0]: 'anna' has no domain"),
        ({}, "missing required arguments: my_site"),
    ],
)
def test_mistakes_are_named(mim: MimEstate, arguments: dict[str, Any], message: str) -> None:
    assert message in Caller(mim.estate.hosts["SP1"], mim.admin).call("picture_info", **arguments)["msg"]
