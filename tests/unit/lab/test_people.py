# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The generated people: many scripts, sound references, the same from the same seed."""

from __future__ import annotations

import io
import unicodedata
from functools import cache

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.directory import Directory, Entry
from ansible_collections.mimsync.sharepoint.lab.estate.directory_forest import create_forest
from ansible_collections.mimsync.sharepoint.lab.estate.people import populate
from PIL import Image

STAFF = "OU=Staff,DC=corp,DC=example,DC=com"
COUNT = 300


@cache
def forest(seed: int = 20160101, count: int = COUNT) -> Directory:
    directory = create_forest(seed=1)
    populate(directory, people=count, seed=seed)
    return directory


def people(directory: Directory) -> list[Entry]:
    linked = f"OU=Linked,{STAFF}"
    return [entry for entry in directory.search(STAFF, query="(objectClass=user)") if not entry.dn.endswith(linked)]


def test_there_are_as_many_as_asked_for() -> None:
    assert len(people(forest())) == COUNT


def test_logon_names_are_short_plain_and_unique() -> None:
    logons = [entry.text("sAMAccountName") for entry in people(forest(count=2000))]
    assert len(set(logons)) == len(logons) == 2000
    assert all(len(logon) <= 20 and logon.isascii() and logon.isalnum() for logon in logons)


@pytest.mark.parametrize("script", ["LATIN", "GREEK", "CYRILLIC", "CJK", "KATAKANA", "HIRAGANA", "HANGUL", "ARABIC", "HEBREW", "DEVANAGARI"])
def test_names_come_in_many_scripts(script: str) -> None:
    letters = "".join(entry.text("displayName") + entry.text("msDS-PhoneticFirstName") for entry in people(forest(count=2000)))
    assert any(unicodedata.name(char, "").startswith(script) for char in letters)


def test_managers_make_a_tree() -> None:
    directory = forest()
    tops = 0
    for entry in people(directory):
        seen = {entry.guid}
        current = entry
        while current.get("manager"):
            current = directory.get(current.text("manager"))
            assert current.guid not in seen
            seen.add(current.guid)
        tops += entry.get("manager") is None
    assert 1 <= tops <= 20


def test_portraits_are_real_and_differ() -> None:
    photos = [bytes(entry.get("thumbnailPhoto")) for entry in people(forest()) if entry.get("thumbnailPhoto")]  # type: ignore[arg-type]  # bytes
    assert 0.5 < len(photos) / COUNT < 0.7
    assert len(set(photos)) == len(photos)
    for photo in photos[:20]:
        picture = Image.open(io.BytesIO(photo))
        picture.load()
        assert (picture.format, picture.size) == ("JPEG", (96, 96))
    assert max(map(len, photos)) < 5000


def test_there_is_one_of_every_kind() -> None:
    directory = forest()
    found = people(directory)
    addresses = [str(value) for entry in found for value in entry.values("proxyAddresses")]
    assert any(value.startswith("sip:") for value in addresses)
    assert any(value.startswith("SIP:") for value in addresses)
    assert any("proxyAddresses" in entry.attributes and not any("sip:" in str(v).lower() for v in entry.values("proxyAddresses")) for entry in found)
    assert any(entry.get("mail") is None for entry in found)
    assert any(entry.number("userAccountControl") & 2 for entry in found)
    assert any(entry.get("wWWHomePage") for entry in found)
    assert all(entry.number("userAccountControl") & 2 for entry in found if f"OU=Leavers,{STAFF}" in entry.dn)
    assert any(f"OU=Leavers,{STAFF}" in entry.dn for entry in found)
    assert list(directory.search(STAFF, query="(objectClass=contact)"))
    assert list(directory.search(STAFF, query="(msDS-SourceObjectDN=*)"))
    assert list(directory.search(f"OU=Service Accounts,{directory.domain_dn}", query="(objectClass=user)"))


@pytest.mark.parametrize("part", ["CN=O'Hara\\, Scarlett", "\\+", '\\"Bob\\"', "CN=\\#Grace", "CN=\\ Linus Blank\\ ", "\\<x\\=1\\>", "OU=R\\+D\\, Labs"])
def test_some_names_need_escaping_and_are_found_again(part: str) -> None:
    directory = forest()
    entry = next(entry for entry in people(directory) if part in entry.dn)
    assert directory.find(entry.dn) is entry


def test_groups_nest() -> None:
    directory = forest()
    reader = directory.get(f"CN=Intranet Readers,OU=Groups,{STAFF}")
    query = f"(&(objectClass=user)(memberOf:1.2.840.113556.1.4.1941:={reader.dn}))"
    assert len(list(directory.search(STAFF, query=query))) == COUNT
    kinds = {entry.number("groupType") for entry in directory.search(STAFF, query="(objectClass=group)")}
    assert kinds == {2 - 2**31, 4 - 2**31, 8 - 2**31, 8}


def test_the_same_seed_gives_the_same_people() -> None:
    def picture(directory: Directory) -> list[tuple[str, ...]]:
        names = ("sAMAccountName", "displayName", "mail", "manager", "title", "telephoneNumber")
        return [(entry.dn, *(entry.text(name) for name in names)) for entry in people(directory)]

    again = create_forest(seed=1)
    populate(again, people=COUNT, seed=20160101)
    assert picture(again) == picture(forest())
    assert picture(forest(seed=5)) != picture(forest())


def test_a_large_forest_is_light() -> None:
    """Portraits are shared, so that memory grows by text alone."""
    photos = {id(entry.get("thumbnailPhoto")) for entry in people(forest(count=5000)) if entry.get("thumbnailPhoto")}
    assert len(photos) <= 512
