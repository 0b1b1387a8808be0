# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's directory as a connected system, in what a real directory showed (docs/real_directory.md)."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.directory import Directory, Entry
from ansible_collections.mimsync.sharepoint.lab.estate.directory_forest import create_forest
from ansible_collections.mimsync.sharepoint.lab.estate.system_directory import DirectorySystem
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import ChangeType, ExportedChange, ImportedObject, ImportRequest, Values

BASE = "DC=corp,DC=example,DC=com"
STAFF, LEAVERS = f"OU=Staff,{BASE}", f"OU=Leavers,{BASE}"
REQUEST = ImportRequest(BASE, ("user",), ("title", "department", "manager", "name"), inclusions=(STAFF,))


@pytest.fixture
def directory() -> Directory:
    made = create_forest()
    for place in (STAFF, LEAVERS):
        made.create(place, "organizationalUnit")
    for number in range(3):
        made.create(f"CN=Person {number},{STAFF}", "user", {"sAMAccountName": f"p{number}", "title": "Clerk"})
    return made


@pytest.fixture
def system(directory: Directory) -> DirectorySystem:
    return DirectorySystem(SimpleNamespace(directory=directory, lock=threading.RLock()), "dc1:389", None)  # type: ignore[arg-type]


def person(directory: Directory, number: int) -> Entry:
    return directory.get(f"CN=Person {number},{STAFF}")


def delivered(system: DirectorySystem, watermark: str = "") -> tuple[list[ImportedObject], str]:
    pages = list(system.import_pages(ImportRequest(**{**REQUEST.__dict__, "watermark": watermark})))
    return [item for page in pages for item in page.objects], pages[-1].watermark


def update(system: DirectorySystem, entry: Entry, dn: str, **attributes: Values) -> tuple[str, str]:
    (result,) = system.export([ExportedChange(ChangeType.UPDATE, "1", entry.guid, dn, "user", attributes)])
    return result.error, result.dn


def test_a_delta_carries_changed_attributes_alone(directory: Directory, system: DirectorySystem) -> None:
    watermark = delivered(system)[1]
    directory.set(person(directory, 0), {"department": "Legal", "title": None})
    ((item,), watermark) = delivered(system, watermark)
    assert (item.change, dict(item.attributes)) == (ChangeType.UPDATE, {"department": ("Legal",), "title": ()})
    assert delivered(system, watermark)[0] == []


def test_a_deleted_manager_leaves_reports_untouched(directory: Directory, system: DirectorySystem) -> None:
    boss = person(directory, 0)
    directory.set(person(directory, 1), {"manager": boss.dn})
    watermark = delivered(system)[1]
    directory.delete(boss)
    assert [(item.change, item.anchor) for item in delivered(system, watermark)[0]] == [(ChangeType.DELETE, boss.guid)]
    assert person(directory, 1).values("manager") == ()


def test_an_export_renames_moves_and_changes_at_once(directory: Directory, system: DirectorySystem) -> None:
    entry, dn = person(directory, 0), f"CN=Someone\\, Else,{LEAVERS}"
    assert update(system, entry, dn, title=("Boss",)) == ("", dn)
    assert (entry.dn, entry.name, entry.text("title")) == (dn, "Someone, Else", "Boss")


@pytest.mark.parametrize(
    ("dn", "error"), [(f"CN=Person 1,{STAFF}", "rename-to-existing-dn"), (f"CN=x,OU=Nowhere,{BASE}", "cd-missing-object"), ("no name", "cd-error")]
)
def test_an_export_to_a_place_that_is_none_is_refused(directory: Directory, system: DirectorySystem, dn: str, error: str) -> None:
    entry = person(directory, 0)
    assert update(system, entry, dn, title=("Boss",))[0] == error
    assert (entry.dn, entry.text("title")) == (f"CN=Person 0,{STAFF}", "Clerk")
