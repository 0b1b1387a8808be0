# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pictures from the directory first, from SharePoint later: what a full and a delta import see, with and without the cure."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.mimsync.sharepoint.lab import by_hand
from ansible_collections.mimsync.sharepoint.lab.estate.directory_entry import Entry
from ansible_collections.mimsync.sharepoint.lab.operations import OperationProblem
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired import read_declaration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.planner import Present, make_plan
from mim_estate import STAFF, MimEstate, built_in_files, configure, make_mim_estate

THUMBNAIL = "8d3bca50-1d7e-11d0-a081-00aa006c33ed"
NEW = b"a picture from SharePoint"
LATER = b"another picture from SharePoint"


@pytest.fixture
def mim() -> MimEstate:
    """Twelve people in SharePoint, pictures from the directory; one of two has had none. Then the direction is turned."""
    made = make_mim_estate(people=12)
    configure(made, built_in_files(made))
    directory = made.estate.directory
    directory.set(person(made, 0), {"thumbnailPhoto": [b"a picture from the directory"]})
    directory.set(person(made, 1), {"thumbnailPhoto": []})
    made.cycle()
    turn(made, "from_sharepoint")
    allow_pictures(made)
    return made


def turn(made: MimEstate, direction: str) -> None:
    """What server_configuration plans and imports."""
    declared = {"agents": [{"name": "ADMA", "type": "active_directory"}, {"name": "SPMA", "type": "sharepoint_profile_store", "pictures": direction}]}
    plan = make_plan(read_declaration(declared), Present(made.service.export_files(made.admin)))
    made.service.import_files(made.admin, plan.planned.write())


def allow_pictures(made: MimEstate) -> None:
    directory = made.estate.directory
    account = directory.resolve("svc-adma")
    assert account is not None
    head = directory.get(STAFF)
    owner, _unused, rest = directory.security_descriptor(head).partition("D:")
    flags, bracket, entries = rest.partition("(")
    rule = f"(OA;CIIO;RPWP;{THUMBNAIL};bf967aba-0de6-11d0-a285-00aa003049e2;{account.sid})"
    directory.set_security_descriptor(head, f"{owner}D:{flags}{rule}{bracket}{entries}")


def person(made: MimEstate, number: int) -> Entry:
    """0 had a picture before, 1 had none."""
    people = [entry for entry in made.estate.directory.search(STAFF, query="(objectClass=user)") if not entry.get("msDS-SourceObjectDN")]
    return people[number]


def upload(made: MimEstate, entry: Entry, content: bytes = NEW) -> str:
    return by_hand.upload_picture(made.estate, f"EXAMPLE\\{entry.text('sAMAccountName')}", base64.b64encode(content).decode())


def bring(made: MimEstate, kind: str) -> list[str]:
    """Pictures to the directory by a full or a delta import of SharePoint."""
    runs = (("SPMA", f"{kind}Import"), ("SPMA", f"{kind}Sync"), ("ADMA", "Export"), ("ADMA", "DeltaImport"), ("ADMA", "DeltaSync"))
    return [made.run(agent, profile) for agent, profile in runs]


def cure(made: MimEstate) -> None:
    by_hand.delete_connector_space(made.estate, "SPMA")
    assert set(bring(made, "Full")) == {"success"}
    assert [made.run("SPMA", profile) for profile in ("Export", "DeltaImport", "DeltaSync")] == ["success"] * 3


@pytest.mark.parametrize("content", ["", "***"])
def test_a_picture_that_is_none_is_refused_by_hand(mim: MimEstate, content: str) -> None:
    account = f"EXAMPLE\\{person(mim, 0).text('sAMAccountName')}"
    with pytest.raises(OperationProblem, match="content is"):
        by_hand.upload_picture(mim.estate, account, content)


def test_a_new_picture_keeps_its_address(mim: MimEstate) -> None:
    entry = person(mim, 0)
    assert upload(mim, entry) == upload(mim, entry, LATER)


def test_without_the_cure_a_full_import_misses_the_pictures_of_those_who_had_one(mim: MimEstate) -> None:
    had, had_none = person(mim, 0), person(mim, 1)
    upload(mim, had)
    upload(mim, had_none)
    assert set(bring(mim, "Full")) == {"success"}
    assert had.get("thumbnailPhoto") == b"a picture from the directory"
    assert had_none.get("thumbnailPhoto") == NEW


def test_without_the_cure_a_delta_import_sees_all_pictures(mim: MimEstate) -> None:
    had, had_none = person(mim, 0), person(mim, 1)
    upload(mim, had)
    upload(mim, had_none)
    assert set(bring(mim, "Delta")) == {"success"}
    assert had.get("thumbnailPhoto") == NEW
    assert had_none.get("thumbnailPhoto") == NEW
    upload(mim, had, LATER)
    bring(mim, "Full")
    assert had.get("thumbnailPhoto") == NEW, "the next full import is as blind as the first"


@pytest.mark.parametrize("kind", ["Full", "Delta"])
def test_with_the_cure_both_kinds_of_import_see_every_picture(mim: MimEstate, kind: str) -> None:
    upload(mim, person(mim, 0))
    cure(mim)
    assert person(mim, 0).get("thumbnailPhoto") == NEW
    for number in (0, 1):
        upload(mim, person(mim, number), LATER)
    assert set(bring(mim, kind)) == {"success"}
    assert [person(mim, number).get("thumbnailPhoto") for number in (0, 1)] == [LATER, LATER]


def test_the_cure_changes_nothing_else(mim: MimEstate) -> None:
    store = mim.farm.service_application.store

    def profiles() -> list[tuple[str, str, object, object]]:
        return [(profile.kind, profile.account, profile.values, profile.picture and profile.picture.original) for profile in store.live()]

    before = profiles()
    pictures = {entry.guid: entry.get("thumbnailPhoto") for entry in mim.estate.directory.search(STAFF)}
    cure(mim)
    assert profiles() == before
    assert {entry.guid: entry.get("thumbnailPhoto") for entry in mim.estate.directory.search(STAFF)} == pictures
    counts = mim.service.counts(mim.admin, "SPMA")
    contacts = sum(1 for _unused in store.live("contact"))
    assert (counts["NumTotalConnectors"], counts["NumTotalDisconnectors"]) == (12, contacts), "the solution has no join rule for contacts"
    assert counts["NumExportAdd"] == counts["NumExportUpdate"] == counts["NumExportDelete"] == 0


def test_turned_back_and_emptied_again_the_directory_rules(mim: MimEstate) -> None:
    entry = person(mim, 0)
    upload(mim, entry)
    cure(mim)
    turn(mim, "to_sharepoint")
    mim.estate.directory.set(entry, {"thumbnailPhoto": [b"the directory's own"]})
    by_hand.delete_connector_space(mim.estate, "SPMA")
    runs = [mim.run(agent, profile) for agent, profile in (("SPMA", "FullImport"), ("SPMA", "FullSync"), ("ADMA", "FullImport"), ("ADMA", "FullSync"))]
    assert [*runs, mim.run("SPMA", "Export")] == ["success"] * 5
    profile = mim.farm.service_application.store.by_account(f"EXAMPLE\\{entry.text('sAMAccountName')}")
    assert profile is not None and profile.picture is not None and profile.picture.original == b"the directory's own"


def test_without_the_right_to_write_the_attribute_the_export_says_so() -> None:
    made = make_mim_estate(people=5)
    configure(made, built_in_files(made))
    made.estate.directory.set(person(made, 1), {"thumbnailPhoto": []})
    made.cycle()
    turn(made, "from_sharepoint")
    upload(made, person(made, 1))
    assert bring(made, "Delta")[2] == "completed-export-errors"
    exports = [record for record in made.service.history(made.admin, "ADMA") if record.profile == "Export"]
    assert "permission-issue" in made.service.run_details(made.admin, "ADMA", exports[0].number)


def test_a_picture_beyond_the_limit_of_the_attribute_is_refused_for_that_person_alone(mim: MimEstate) -> None:
    upload(mim, person(mim, 0), b"x" * 102401)
    upload(mim, person(mim, 1))
    assert bring(mim, "Delta")[2] == "completed-export-errors"
    assert person(mim, 1).get("thumbnailPhoto") == NEW
    assert person(mim, 0).get("thumbnailPhoto") == b"a picture from the directory"


# --- what the client's command does


def test_emptying_the_directory_agent_deletes_by_the_deletion_rule() -> None:
    made = make_mim_estate(people=5)
    configure(made, built_in_files(made))
    made.cycle()
    emptied = by_hand.delete_connector_space(made.estate, "ADMA")
    assert emptied["deleted"] >= 5, "declared-any on this agent"
    assert made.service.counts(made.admin, "ADMA")["NumCSObjects"] == 0
    assert made.service.counts(made.admin, "SPMA")["NumExportDelete"] >= 5
    assert made.run("ADMA", "DeltaImport") == "no-start-full-import-required"


def test_an_empty_space_and_an_unknown_agent(mim: MimEstate) -> None:
    by_hand.delete_connector_space(mim.estate, "SPMA")
    assert by_hand.delete_connector_space(mim.estate, "spma") == {"objects": 0, "disconnected": 0, "deleted": 0}
    with pytest.raises(OperationProblem, match="could not be found"):
        by_hand.delete_connector_space(mim.estate, "NOPE")


def test_nothing_is_deleted_while_an_agent_runs(mim: MimEstate) -> None:
    with mim.estate.lock:
        mim.service.start_run(mim.admin, "ADMA", "FullImport")
        with pytest.raises(OperationProblem, match="'ADMA' is running"):
            by_hand.delete_connector_space(mim.estate, "SPMA")
    assert mim.service.wait("ADMA", 30)
