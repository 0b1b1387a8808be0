# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""reverse_photos.yml on a lab where pictures came from the directory: rehearsed, turned, unchanged, turned back; and what stops it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.mimsync.sharepoint.lab.estate.directory_entry import Entry
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import PASSWORD, STAFF, MimEstate, make_mim_estate

from .site_run import PLAYBOOKS, Outcome, play, start

PLAYBOOK = PLAYBOOKS / "reverse_photos.yml"
EXAMPLE = PLAYBOOKS / "examples" / "photos_reversed.yml"
FOLDER = r"C:\SharePointSync"
OLD, NEW, LATER = (f"a picture, {age}".encode() for age in ("old", "new", "later"))
ASKED = "'Delete connector space only'"


@pytest.fixture(scope="module")
def mim() -> MimEstate:
    made = make_mim_estate(people=12)
    files = made.service.host.files
    files.make_folder(FOLDER)
    for name, content in build_files().items():
        files.write(f"{FOLDER}\\{name}", content)
    had, had_none = people(made)[:2]
    made.estate.directory.set(had, {"thumbnailPhoto": [OLD]})
    made.estate.directory.set(had_none, {"thumbnailPhoto": []})
    return made


@pytest.fixture(scope="module")
def lab(mim: MimEstate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Configured and scheduled by the roles, one cycle run."""
    folder = tmp_path_factory.mktemp("lab")
    with running_lab(folder, estate=mim.estate) as running:
        path = folder / "prepare.yml"
        roles = [{"role": f"mimsync.sharepoint.{name}"} for name in ("sync_configuration", "sync_schedule")]
        path.write_text(yaml.safe_dump([{"hosts": "sync_servers", "gather_facts": False, "roles": roles}]), encoding="utf-8")
        play(path, running.inventory, *extra(mim)).succeeded()
        mim.cycle()
        yield running


def people(mim: MimEstate) -> list[Entry]:
    """0 had a picture before, 1 had none."""
    query = "(&(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))"
    leavers = f"OU=Leavers,{STAFF}"
    found = mim.estate.directory.search(STAFF, query=query)
    return [entry for entry in found if not entry.get("msDS-SourceObjectDN") and not entry.dn.endswith(leavers)]


def extra(mim: MimEstate, **variables: Any) -> list[str]:
    accounts = {
        "mimsync_ad_agent_account": {"name": "svc-adma", "password": PASSWORD},
        "mimsync_sharepoint_agent_account": {"name": "svc-spma", "password": PASSWORD},
        "mimsync_verify_people": [entry.text("sAMAccountName") for entry in people(mim)[:2]],
        "reverse_photos_poll_seconds": 1,
    }
    return ["-e", json.dumps({**accounts, **variables})]


def upload(lab: Lab, entry: Entry, content: bytes) -> None:
    lab.call("upload_picture", account=f"EXAMPLE\\{entry.text('sAMAccountName')}", content=base64.b64encode(content).decode())


def turned(lab: Lab, playbook: Path, *options: str) -> Outcome:
    """Runs the playbook and plays the administrator when it asks for one."""
    lines = []
    running = start(playbook, lab.inventory, "--diff", *options)
    assert running.stdout is not None
    for line in running.stdout:
        lines.append(line)
        if ASKED in line:
            lab.call("delete_connector_space", agent="SPMA")
    return Outcome(running.wait(), "".join(lines))


def unchanged(lab: Lab, mim: MimEstate, direction: str) -> Outcome:
    return play(PLAYBOOK, lab.inventory, *extra(mim, mimsync_picture_direction=direction)).succeeded()


def picture_in_sharepoint(mim: MimEstate, entry: Entry) -> bytes:
    profile = mim.farm.service_application.store.by_account(f"EXAMPLE\\{entry.text('sAMAccountName')}")
    assert profile is not None and profile.picture is not None
    return profile.picture.original


def enabled_tasks(mim: MimEstate) -> list[bool]:
    return [task.settings["Enabled"] for task in mim.service.host.scheduled_tasks.values()]


def test_pictures_turned_round_and_back(lab: Lab, mim: MimEstate) -> None:
    had, had_none = people(mim)[:2]
    for entry in (had, had_none):
        upload(lab, entry, NEW)

    rehearsed = play(PLAYBOOK, lab.inventory, "--check", "--diff", *extra(mim, mimsync_picture_direction="from_sharepoint")).succeeded()
    assert "Picture Flow Direction Export only" in rehearsed.output and "connector space of SPMA" in rehearsed.output
    assert "Objects of the types contact, group are not joined again" in rehearsed.output
    assert (had.get("thumbnailPhoto"), had_none.get("thumbnailPhoto")) == (OLD, None)

    outcome = turned(lab, EXAMPLE, *extra(mim)).succeeded()
    assert ASKED in outcome.output and "2 people checked" in outcome.output and "have their picture of SharePoint" in outcome.output
    assert (had.get("thumbnailPhoto"), had_none.get("thumbnailPhoto")) == (NEW, NEW)
    assert enabled_tasks(mim) == [True, True]
    assert unchanged(lab, mim, "from_sharepoint").counts["changed"] == 0

    upload(lab, had, LATER)
    assert [mim.run(*step) for step in (("SPMA", "FullImport"), ("SPMA", "FullSync"), ("ADMA", "Export"))] == ["success"] * 3
    assert had.get("thumbnailPhoto") == LATER, "a full import sees it now"
    assert [mim.run(*step) for step in (("ADMA", "DeltaImport"), ("ADMA", "DeltaSync"))] == ["success"] * 2

    mim.estate.directory.set(had, {"thumbnailPhoto": [OLD]})
    assert "Picture Flow Direction Import only" in turned(lab, PLAYBOOK, *extra(mim, mimsync_picture_direction="to_sharepoint")).succeeded().output
    assert picture_in_sharepoint(mim, had) == OLD
    assert unchanged(lab, mim, "to_sharepoint").counts["changed"] == 0


def test_a_picture_that_the_directory_would_refuse_is_named_before_anything_is_done(lab: Lab, mim: MimEstate) -> None:
    large = people(mim)[2]
    upload(lab, large, b"x" * 102401)
    before = dict(mim.service.state.documents)
    stopped = play(PLAYBOOK, lab.inventory, *extra(mim, mimsync_picture_direction="from_sharepoint"))
    assert stopped.code != 0 and f"Larger pictures in SharePoint have EXAMPLE\\{large.text('sAMAccountName')}" in " ".join(stopped.output.split())
    assert mim.service.state.documents == before


def test_a_run_without_an_administrator_gives_up_and_the_next_one_goes_on(lab: Lab, mim: MimEstate) -> None:
    had, _unused, large = people(mim)[:3]
    upload(lab, had, NEW)
    upload(lab, large, b"x" * 102401)
    given_up = play(
        PLAYBOOK, lab.inventory, *extra(mim, mimsync_picture_direction="from_sharepoint", reverse_photos_skip_too_large=True, reverse_photos_timeout=0)
    )
    assert given_up.code != 0 and "still holds" in given_up.output
    assert enabled_tasks(mim) == [True, True], "they are turned on again, whatever comes"
    lab.call("delete_connector_space", agent="SPMA")
    goes_on = turned(lab, PLAYBOOK, *extra(mim, mimsync_picture_direction="from_sharepoint", reverse_photos_skip_too_large=True)).succeeded()
    assert ASKED not in goes_on.output
    assert had.get("thumbnailPhoto") == NEW
    assert large.get("thumbnailPhoto") != b"x" * 102401 and "constraint-violation" in goes_on.output
