# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Steps that fail: the message names the backup and says what became of the configuration; nothing stays half imported."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.synchronization_state import SynchronizationProblem
from apply_support import BACKUPS, CONFIG, FOLDER, LEAVERS, Site, make_site, turned, without_scope

BACKUP_NAMED = re.escape(f"The configuration from before lies in {BACKUPS}\\") + r"\S+Z"


@pytest.fixture(scope="module")
def configured() -> Site:
    site = make_site()
    site.made(CONFIG)
    return site


@pytest.fixture
def site(configured: Site) -> Site:
    return copy.deepcopy(configured)


@pytest.mark.parametrize("step", ["imported", "credentials of ADMA", "imported after ADMA", "credentials of SPMA", "recorded", "exported"])
def test_a_step_that_is_refused_is_taken_back(site: Site, step: str) -> None:
    before = site.holds()
    site.happens("interrupt_change", step=step, how="refuse", message="The operation failed for a reason of its own.")
    message = site.refused(turned(), update_password="always")
    assert "The import failed: The operation failed for a reason of its own." in message
    assert re.search(BACKUP_NAMED + " and was brought back", message)
    assert (site.holds(), site.journal()) == (before, "")
    site.happens("mend_host")
    assert site.made(turned(), update_password="always")["changed"] is True


@pytest.mark.parametrize("step", ["begun", "backed up", "importing"])
def test_a_step_before_the_import_changes_nothing(site: Site, step: str) -> None:
    before = site.holds()
    site.happens("interrupt_change", step=step, how="refuse", message="There is a reason.")
    assert site.refused(turned()) == "There is a reason; nothing was changed."
    assert (site.holds(), site.journal()) == (before, "")


def test_wrong_password_is_taken_back_and_the_backup_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    before = site.holds()
    config = without_scope()
    config["agents"][0]["forest"] = "corp.example.com"
    service = site.mim.service

    def refuses(*_given: Any, **_more: Any) -> None:
        raise SynchronizationProblem("Logon failure: the user name or password is incorrect.", "0x8007052E")

    monkeypatch.setattr(service, "set_ad_credentials", refuses)  # the controller of the domain says no
    message = site.refused(config, update_password="always")
    assert "0x8007052E" in message
    assert re.search(BACKUP_NAMED + " and was brought back", message)
    assert site.holds() == before


def test_what_differs_from_the_plan_is_taken_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that imports something else than it was given."""
    before = site.holds()
    service = site.mim.service
    original, calls = service.import_files, []

    def alters(session: Any, files: dict[str, bytes], **more: Any) -> None:
        calls.append(1)
        other = {name: content.replace(b"<selected>1</selected>", b"<selected>0</selected>") for name, content in files.items()} if len(calls) == 1 else files
        original(session, other, **more)

    monkeypatch.setattr(service, "import_files", alters)
    message = site.refused(turned())
    assert "After the import the server does not hold what was planned." in message
    assert re.search(BACKUP_NAMED + " and was brought back", message)
    assert "selected changed" in message
    assert (site.holds(), site.journal()) == (before, "")


def test_backup_that_cannot_be_written_changes_nothing(site: Site) -> None:
    before = site.holds()
    site.happens("set_full", full=True)
    assert site.refused(turned()) == "There is not enough space on the disk; nothing was changed."
    assert site.holds() == before
    site.happens("set_full", full=False)
    assert site.made(turned())["changed"] is True


def test_file_in_the_place_of_the_backup_folder(site: Site) -> None:
    before = site.holds()
    site.happens("write_file", host="MIM1", path=f"{FOLDER}\\taken", text="a file")
    result = site.caller.call("server_configuration", backup_folder=f"{FOLDER}\\taken", config=turned())
    assert result["failed"]
    assert "a file or directory with the same name already exists; nothing was changed." in result["msg"]
    assert site.holds() == before


def test_taking_back_that_fails_is_said_and_the_next_run_goes_on(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    service, original, calls = site.mim.service, site.mim.service.import_files, []

    def fails_from_the_second_on(session: Any, files: dict[str, bytes], **more: Any) -> None:
        calls.append(1)
        if len(calls) > 1:
            raise SynchronizationProblem("The database is full.")
        original(session, files, **more)

    monkeypatch.setattr(service, "import_files", fails_from_the_second_on)
    message = site.refused(turned(), update_password="always")
    assert "bringing it back failed too: The database is full." in message
    assert re.search(BACKUP_NAMED, message)
    assert site.journal()
    monkeypatch.setattr(service, "import_files", original)
    result = site.made(turned(), update_password="always")
    assert any("broke off" in note for note in result["notes"])
    assert site.journal() == ""


def test_changes_that_can_delete_need_their_word_in_a_restoration_too(site: Site) -> None:
    wider = copy.deepcopy(CONFIG)
    wider["agents"][0]["partitions"][0]["exclude"] = []
    site.made(wider)
    message = site.refused(state="restored", backup="latest")
    assert "set allow_scope_loss to true" in message
    assert LEAVERS in message
    assert site.made(state="restored", backup="latest", allow_scope_loss=True)["changed"] is True
