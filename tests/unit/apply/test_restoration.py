# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backups are listed, checked, foretold and brought back; secrets that are lost are set or named."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.apply.restoration import Accounts, Restoration, restoration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import STAFF
from ansible_collections.mimsync.sharepoint.tests.unit.plan.server_support import files_of
from apply_support import BACKUPS, CONFIG, Site, make_site, turned


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, dict[str, bytes], Path]:
    """A server that was configured and then changed, what it held before, and the folder of copies on the controller."""
    site, copies = make_site(), tmp_path_factory.mktemp("copies")
    site.made(CONFIG)
    before = site.holds()
    site.made(turned(), backup_copy=str(copies))
    return site, before, copies


@pytest.fixture
def site(changed: tuple[Site, dict[str, bytes], Path]) -> Site:
    return copy.deepcopy(changed[0])


def test_without_a_name_the_backups_are_listed(site: Site) -> None:
    site.happens("write_file", host="MIM1", path=f"{BACKUPS}\\{site.backups()[0]}\\manifest.json", text="{")
    result = site.made(state="restored")
    newest, oldest = result["backups"]
    assert (result["changed"], newest["build"], newest["agents"], newest["purpose"]) == (False, "4.6.34.0", ["ADMA", "SPMA"], "change")
    assert oldest["problem"] == "its manifest.json is damaged"
    assert f"{newest['name']}: made {newest['created']} UTC, build 4.6.34.0, agents ADMA, SPMA, before: SPMA" in result["notes"][0]


def test_it_is_foretold_made_and_made_once(changed: tuple[Site, dict[str, bytes], Path], site: Site) -> None:
    held = site.holds()
    foretold = site.made(state="restored", backup="latest", check=True, diff=True)
    assert site.holds() == held
    sentences = [change["sentence"] for change in foretold["changes"]]
    assert any(sentence.startswith("SPMA: parameter Picture Flow Direction: ") for sentence in sentences)
    assert {change["risk"] for change in foretold["changes"]} <= {"none", "recalculates"}
    assert "Picture Flow Direction" in foretold["diff"]["before"]
    made = site.made(state="restored", backup="latest")
    assert [change["sentence"] for change in made["changes"]] == sentences
    assert site.holds() == changed[1]
    assert made["restored"]["name"] in site.backups()
    count = len(site.backups())
    again = site.made(state="restored", backup="latest")
    assert (again["changed"], again["notes"], len(site.backups())) == (False, [], count)


def test_its_own_backup_brings_the_later_state_back(site: Site) -> None:
    held = site.holds()
    made = site.made(state="restored", backup="latest")
    site.made(state="restored", backup=made["backup"].rpartition("\\")[2])
    assert site.holds() == held


@pytest.mark.parametrize("source", ["latest", "path"])
def test_a_copy_on_the_controller(changed: tuple[Site, dict[str, bytes], Path], site: Site, source: str) -> None:
    folder = min((changed[2] / "MIM1").iterdir())
    backup = "latest" if source == "latest" else str(folder)
    site.made(state="restored", backup=backup, backup_from="controller", backup_copy=str(changed[2]))
    assert site.holds() == changed[1]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ({"text": "<mv-data/>"}, "MV.XML is damaged: its content is not that of the backup"),
        (None, "MV.XML is missing"),
        ({"path": "MA-NEW.XML", "text": "<ma-data/>"}, "MA-NEW.XML does not belong to it"),
    ],
)
def test_a_damaged_backup_is_refused_by_the_file(site: Site, damage: dict[str, str] | None, message: str) -> None:
    held, folder = site.holds(), f"{BACKUPS}\\{site.backups()[-1]}"
    if damage is None:
        site.happens("remove_file", host="MIM1", path=f"{folder}\\MV.XML")
    else:
        site.happens("write_file", host="MIM1", path=f"{folder}\\{damage.get('path', 'MV.XML')}", text=damage["text"])
    assert message in site.refused(state="restored", backup="latest")
    assert site.holds() == held


def test_incomplete_unknown_and_strange_names_are_refused(site: Site) -> None:
    name = site.backups()[-1]
    assert f"there is no backup '{name[:-2]}' (did you mean '{name}'?)" in site.refused(state="restored", backup=name[:-2])
    assert "is not the name of a backup" in site.refused(state="restored", backup="..\\other")
    site.happens("remove_file", host="MIM1", path=f"{BACKUPS}\\{name}\\manifest.json")
    assert "it is not complete: it has no manifest.json" in site.refused(state="restored", backup=name)


def test_backup_of_a_later_build_is_refused(site: Site) -> None:
    path = f"{BACKUPS}\\{site.backups()[-1]}\\manifest.json"
    manifest = json.loads(site.mim.service.host.files.read(path))
    site.happens("write_file", host="MIM1", path=path, text=json.dumps({**manifest, "build": "4.6.540.0"}))
    assert "was made by build 4.6.540.0, but the server is of build 4.6.34.0" in site.refused(state="restored", backup="latest")


def test_an_agent_that_comes_back_gets_its_password_or_is_named(site: Site) -> None:
    name = site.backups()[-1]
    site.made({"agents": [{"name": "SPMA", "type": "sharepoint_profile_store", "state": "absent", "confirm": "SPMA"}]}, allow_scope_loss=True)
    without = copy.deepcopy(site)
    result = without.made(state="restored", backup=name)
    assert any("SPMA: the password of EXAMPLE\\svc-spma is lost by the import; declare it in config" in note for note in result["notes"])
    assert without.mim.run("SPMA", "FullImport") == "no-start-credentials"
    result = site.made(CONFIG, state="restored", backup=name)
    assert "SPMA: password of EXAMPLE\\svc-spma set" in [change["sentence"] for change in result["changes"]]
    assert site.mim.run("SPMA", "FullImport") in {"success", "completed-no-objects"}
    assert site.made(CONFIG, state="restored", backup=name)["changed"] is False


def test_an_agent_that_was_made_later_goes(site: Site) -> None:
    empty = site.backups()[0]
    result = site.made(state="restored", backup=empty, check=True, allow_scope_loss=True)
    assert "ADMA: management agent removed" in [change["sentence"] for change in result["changes"]]
    site.made(state="restored", backup=empty, allow_scope_loss=True)
    assert list(site.holds()) == ["MV.XML"]


def test_private_settings_come_back_too(site: Site) -> None:
    """What no declaration speaks of is one change a document."""
    name = site.made(turned() | {"provisioning": "none"})["backup"].rpartition("\\")[2]
    files = {file: content.replace(b"<retry-interval>60", b"<retry-interval>61") for file, content in site.mim.service.export_files(site.mim.admin).items()}
    site.mim.service.import_files(site.mim.admin, files)
    result = site.made(state="restored", backup=name)
    assert any("ADMA: private settings as in the backup" in change["sentence"] for change in result["changes"])
    assert STAFF.encode() in b"".join(site.holds().values())
    assert b"<retry-interval>61" not in b"".join(site.holds().values())


def every_kind_comes_back(config: dict[str, Any]) -> Restoration:
    """A server that has lost all its agents gets them back, one of every kind."""
    files = files_of("every kind")
    metaverse = {name: content for name, content in files.items() if b"<mv-data" in content}
    return restoration(metaverse, files, Accounts(wish=read_wish(config)), keeps_partitions=True)


def test_secrets_of_every_kind_are_set_or_named() -> None:
    config = {
        "agents": [
            {"name": "MIM Service", "type": "mim_service", "credentials": {"username": "EXAMPLE\\svc-mimma", "password": "Canary-1"}},
            {"name": "Home Folders", "type": "powershell_granfeldt", "parameters": {"Password": "Canary-2"}},
        ]
    }
    nothing, given = every_kind_comes_back({"agents": []}), every_kind_comes_back(config)
    assert any(
        note.startswith("HR-SQL: the password of ") and note.endswith("is lost by the import; type it into the agent's properties") for note in nothing.notes
    )
    assert any(note.startswith("Home Folders: the secret 'Password' is lost by the import; declare it in config") for note in nothing.notes)
    assert {change.kind for change in nothing.plan.changes} == {"agent"}
    left = set(nothing.notes) - set(given.notes)
    assert {note.partition(":")[0] for note in left} == {order.agent for order in given.plan.secrets} == {"MIM Service", "Home Folders"}
    assert "Canary" not in repr(given)
