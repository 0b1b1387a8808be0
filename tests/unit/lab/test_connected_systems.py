# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's forest and profile store behind the engine: scope, delta imports, deletions, renames, pictures, both solutions alike."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.directory_entry import Entry
from ansible_collections.mimsync.sharepoint.lab.estate.farm_profiles import Profile
from ansible_collections.mimsync.sharepoint.lab.estate.system_directory import ContainerScope, DirectorySystem
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import ChangeType, ExportedChange, ImportRequest
from hypothesis import given
from hypothesis import strategies as st
from mim_estate import PNP_FOLDER, STAFF, MimEstate, built_in_files, configure, make_mim_estate, pnp_files

DELTA = (
    ("ADMA", "DeltaImport"),
    ("ADMA", "DeltaSync"),
    ("SPMA", "DeltaImport"),
    ("SPMA", "DeltaSync"),
    ("SPMA", "Export"),
    ("SPMA", "DeltaImport"),
    ("SPMA", "DeltaSync"),
)
BASE = "DC=corp,DC=example,DC=com"


@pytest.fixture
def mim() -> MimEstate:
    """Ten people who have arrived in SharePoint."""
    made = make_mim_estate(people=10)
    configure(made, built_in_files(made))
    made.cycle()
    return made


def delta(mim: MimEstate) -> list[str]:
    return [mim.run(agent, profile) for agent, profile in DELTA]


def somebody(mim: MimEstate, number: int = 0) -> Entry:
    people = [entry for entry in mim.estate.directory.search(STAFF, query="(objectClass=user)") if not entry.get("msDS-SourceObjectDN")]
    return people[number]


def profile_of(mim: MimEstate, entry: Entry) -> Profile | None:
    return mim.farm.service_application.store.by_account(f"EXAMPLE\\{entry.text('sAMAccountName')}")


def container(mim: MimEstate, dn: str) -> Entry:
    return mim.estate.directory.create(dn, "organizationalUnit")


# --- scope


SCOPE = ContainerScope([f"OU=Staff,{BASE}", f"OU=Back,OU=Leavers,OU=Staff,{BASE}"], [f"OU=Leavers,OU=Staff,{BASE}"])


@pytest.mark.parametrize(
    ("dn", "inside"),
    [
        (f"CN=a,OU=Staff,{BASE}", True),
        (f"cn=A,ou=STAFF,{BASE}", True),
        (f"OU=Staff,{BASE}", True),
        (f"CN=a,OU=Leavers,OU=Staff,{BASE}", False),
        (f"CN=a,OU=Back,OU=Leavers,OU=Staff,{BASE}", True),
        (BASE, True),
        (f"CN=a,{BASE}", False),
        (f"CN=a,OU=MyOU=Staff,{BASE}", False),
        (f"CN=a\\,OU=Staff,{BASE}", False),
        ("DC=com", True),
    ],
)
def test_the_longest_matching_container_decides(dn: str, inside: bool) -> None:
    assert SCOPE.holds(dn) is inside


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=5))
def test_without_exclusions_everything_below_an_inclusion_is_in_scope(path: list[str]) -> None:
    dn = ",".join([*(f"OU={part}" for part in path), STAFF])
    assert ContainerScope([STAFF], []).holds(dn)


# --- delta imports from the directory


def test_a_changed_value_arrives_and_an_unselected_one_does_not_show(mim: MimEstate) -> None:
    person = somebody(mim)
    mim.estate.directory.set(person, {"physicalDeliveryOfficeName": "Basement", "info": "not selected"})
    mim.estate.directory.set(somebody(mim, 1), {"info": "not selected"})
    assert delta(mim)[0] == "success"
    staged = mim.service.run_details(mim.admin, "ADMA", number=3)
    assert '<stage-update detail="true">1</stage-update>' in staged
    found = profile_of(mim, person)
    assert found is not None and found.get("Office") == ("Basement",)


def test_a_new_person_and_one_who_left(mim: MimEstate) -> None:
    directory = mim.estate.directory
    gone = somebody(mim)
    name = gone.text("sAMAccountName")
    directory.create(f"CN=New Person,{STAFF}", "user", {"sAMAccountName": "newperson", "mail": "new@example.com"})
    directory.delete(gone)
    delta(mim)
    store = mim.farm.service_application.store
    assert store.by_account("EXAMPLE\\newperson") is not None
    assert store.by_account(f"EXAMPLE\\{name}") is None
    assert [profile.deleted for profile in store.profiles.values()].count(True) == 1


def test_who_moves_out_of_scope_leaves_and_comes_back(mim: MimEstate) -> None:
    directory = mim.estate.directory
    person = somebody(mim)
    home = person.parent
    directory.move(person, directory.get(f"CN=Users,{BASE}"))
    delta(mim)
    assert profile_of(mim, person) is None
    directory.move(person, home)
    delta(mim)
    back = profile_of(mim, person)
    assert back is not None and back.get("WorkEmail") == person.values("mail")


def test_a_moved_container_takes_its_people_along(mim: MimEstate) -> None:
    directory = mim.estate.directory
    office = container(mim, f"OU=Office,{STAFF}")
    person = somebody(mim)
    directory.move(person, office)
    delta(mim)
    directory.move(office, None, "Branch")
    delta(mim)
    found = profile_of(mim, person)
    assert found is not None and str(found.get("SPS-DistinguishedName")[0]).endswith(f",OU=Branch,{STAFF}")
    directory.move(office, directory.get(BASE))
    delta(mim)
    assert profile_of(mim, person) is None


def test_a_renamed_account_keeps_its_profile(mim: MimEstate) -> None:
    person = somebody(mim)
    before = profile_of(mim, person)
    assert before is not None
    mim.estate.directory.move(person, None, "Another Name")
    delta(mim)
    assert profile_of(mim, person) is before
    assert str(before.get("SPS-DistinguishedName")[0]).startswith("CN=Another Name,")


def test_an_excluded_container_deletes_profiles_at_the_next_full_cycle(mim: MimEstate) -> None:
    person = somebody(mim)
    assert person.parent is not None
    files = built_in_files(mim)
    excluded = f"<exclusion>{person.parent.dn}</exclusion></exclusions>".encode()
    last = files["MA-ADMA.XML"].rindex(b"</exclusions>")
    files["MA-ADMA.XML"] = files["MA-ADMA.XML"][:last] + excluded + files["MA-ADMA.XML"][last + len(b"</exclusions>") :]
    configure(mim, files)
    mim.cycle()
    assert profile_of(mim, person) is None


# --- exports to the directory


def directory_change(kind: ChangeType, entry: Entry | None, dn: str = "", **values: str) -> ExportedChange:
    anchor = entry.guid if entry is not None else ""
    return ExportedChange(kind, "1", anchor, dn or (entry.dn if entry is not None else ""), "user", {name: (value,) for name, value in values.items()})


def test_writing_takes_the_right_to_that_attribute(mim: MimEstate) -> None:
    directory = mim.estate.directory
    person, account = somebody(mim), directory.resolve("svc-adma")
    assert account is not None
    system = mim.service.board.engine(mim.service).connector.connect("ADMA")
    change = directory_change(ChangeType.UPDATE, person, mobile="+1 2")
    assert system.export([change])[0].error == "permission-issue"
    staff = directory.get(STAFF)
    owner, _unused, rest = directory.security_descriptor(staff).partition("D:")
    flags, bracket, entries = rest.partition("(")
    mobile = "(OA;CIIO;RPWP;f0f8ffa3-1191-11d0-a060-00aa006c33ed;bf967aba-0de6-11d0-a285-00aa003049e2;"
    directory.set_security_descriptor(staff, f"{owner}D:{flags}{mobile}{account.sid}){bracket}{entries}")
    result = system.export([change, directory_change(ChangeType.UPDATE, person, title="Chief")])
    assert [one.error for one in result] == ["", "permission-issue"]
    assert (result[0].anchor, person.text("mobile")) == (person.guid, "+1 2")


def test_what_the_directory_refuses_has_mims_names(mim: MimEstate) -> None:
    directory = mim.estate.directory
    administrator = directory.resolve("mimsetup")
    assert administrator is not None
    system = DirectorySystem(mim.estate, "dc1:389", administrator.sid)
    person = somebody(mim)
    results = system.export(
        [
            directory_change(ChangeType.ADD, None, person.dn, sAMAccountName="another"),
            directory_change(ChangeType.UPDATE, None, f"CN=Nobody,{STAFF}", title="x"),
            directory_change(ChangeType.UPDATE, person, employeeID="12345678901234567"),
            directory_change(ChangeType.ADD, None, f"CN=Fresh,{STAFF}", sAMAccountName="fresh"),
        ]
    )
    assert [result.error for result in results] == ["cd-existing-object", "cd-missing-object", "constraint-violation", ""]
    fresh = directory.resolve("fresh")
    assert fresh is not None and results[3].anchor == fresh.guid
    assert system.export([directory_change(ChangeType.DELETE, fresh)])[0].error == ""
    assert directory.resolve("fresh") is None


# --- the profile store


def request(*attributes: str, watermark: str = "") -> ImportRequest:
    return ImportRequest("default", ("user", "group", "contact"), attributes, watermark=watermark, page_size=3)


def test_profiles_come_in_pages_and_export_only_values_do_not(mim: MimEstate) -> None:
    system = mim.service.board.engine(mim.service).connector.connect("SPMA")
    pages = list(system.import_pages(request("WorkEmail", "PreferredName", "AccountName", "domain", "Picture", "SID")))
    assert {len(page.objects) for page in pages[:-1]} <= {1, 2, 3} and pages[-1].watermark
    people = [item for page in pages for item in page.objects if item.object_type == "user"]
    assert len(people) == 10
    assert {name for item in people for name in item.attributes} == {"WorkEmail", "AccountName", "domain"}
    assert people[0].attributes["domain"] == ("EXAMPLE",)


def test_a_delta_import_delivers_what_changed_in_sharepoint(mim: MimEstate) -> None:
    system = mim.service.board.engine(mim.service).connector.connect("SPMA")
    token = list(system.import_pages(request("CellPhone")))[-1].watermark
    found = profile_of(mim, somebody(mim))
    assert found is not None
    mim.farm.service_application.store.set_values(found, {"CellPhone": ("+1",)})
    changed = [item for page in system.import_pages(request("CellPhone", watermark=token)) for item in page.objects]
    assert [(item.anchor, item.attributes) for item in changed] == [(found.anchor, {"CellPhone": ("+1",)})]


def test_exports_are_answered_one_by_one(mim: MimEstate) -> None:
    system = mim.service.board.engine(mim.service).connector.connect("SPMA")
    anchor = next(mim.farm.service_application.store.live("user")).anchor

    def change(kind: ChangeType, name: str, **attributes: str) -> ExportedChange:
        values = {key.replace("_", "-"): (value,) for key, value in attributes.items()}
        return ExportedChange(kind, name, name, name, "user", values)

    results = system.export(
        [
            change(ChangeType.UPDATE, anchor, Office="1"),
            change(ChangeType.UPDATE, "nobody", Office="1"),
            change(ChangeType.UPDATE, anchor, Nowhere="1"),
            change(ChangeType.ADD, anchor, ProfileIdentifier="EXAMPLE\\again"),
            change(ChangeType.ADD, "fresh"),
            change(ChangeType.ADD, "fresh", ProfileIdentifier="EXAMPLE\\fresh", SPS_DisplayOrder="first"),
            change(ChangeType.ADD, "fresh", ProfileIdentifier="EXAMPLE\\fresh"),
            change(ChangeType.DELETE, "fresh"),
        ]
    )
    assert [result.error for result in results] == [
        "",
        "cd-missing-object",
        "schema-violation",
        "cd-existing-object",
        "missing-provisioning-attribute",
        "type-mismatch",
        "",
        "",
    ]


def test_a_deleted_profile_comes_back_with_the_next_cycle(mim: MimEstate) -> None:
    person = somebody(mim)
    store = mim.farm.service_application.store
    found = profile_of(mim, person)
    assert found is not None
    store.delete(found, now=1.0)
    for agent, profile in (("SPMA", "DeltaImport"), ("SPMA", "DeltaSync"), ("ADMA", "FullSync"), ("SPMA", "Export")):
        mim.run(agent, profile)
    assert profile_of(mim, person) is not None


# --- both solutions


@pytest.mark.skipif(not PNP_FOLDER.is_dir(), reason="the PnP configuration lies in ../shared, which is absent")
def test_both_solutions_end_with_the_same_profiles() -> None:
    ends = []
    for files in (built_in_files, pnp_files):
        made = make_mim_estate(people=40)
        configure(made, files(made))
        made.cycle()
        store = made.farm.service_application.store
        ends.append({(profile.kind, profile.account): (profile.sid, profile.values, bool(profile.picture)) for profile in store.live()})
    assert len(ends[0]) > 40
    assert ends[0] == ends[1]
