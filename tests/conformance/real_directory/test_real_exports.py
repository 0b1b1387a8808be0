# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Exports to a real directory, and what it refuses, in MIM's words: the same words as the lab's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.active_directory import ActiveDirectorySystem
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.active_directory_search import SearchedDirectorySystem
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import ChangeType, ExportedChange, ExportResult, Values
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap import names
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.connection import EVERYTHING, Connection
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.records import Record
from real_people import ACCOUNT_PASSWORD, lab_forest
from samba_server import DOMAIN_DN
from side_by_side import STAFF, LabSide, Pair, RealSide

pytestmark = pytest.mark.xdist_group("real_directory")
LEAVERS = f"OU=Leavers,{STAFF}"


@pytest.fixture
def system(admin: Connection) -> ActiveDirectorySystem:
    return ActiveDirectorySystem(admin)


@pytest.fixture
def people(admin: Connection) -> list[Record]:
    """The demo's people by their numbers."""
    found = [record for page in admin.search_pages(STAFF, "(employeeID=*)", ("objectGUID", "employeeID", "sAMAccountName")) for record in page]
    return sorted(found, key=lambda record: record.text("employeeID"))


def export(system: ActiveDirectorySystem, change: ChangeType, record: Record | str, dn: str = "", **attributes: Values) -> ExportResult:
    """One change; `record` says which object, or is the name of a new one."""
    from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.active_directory_objects import anchor_of

    anchor, name = ("", record) if isinstance(record, str) else (anchor_of(record), record.dn)
    given: Mapping[str, Values] = {key.replace("__", "-"): values for key, values in attributes.items()}
    (result,) = system.export([ExportedChange(change, "1", anchor, dn or name, "user", given)])
    return result


def present(connection: Connection, dn: str, *attributes: str) -> Record:
    return next(connection.search(dn, EVERYTHING, attributes, scope="base"))


def test_a_new_account_can_log_on(system: ActiveDirectorySystem, log_on: Callable[[str, str], Connection]) -> None:
    dn = f"CN=New\\, Person,{LEAVERS}"
    given = {"sAMAccountName": ("newperson",), "userAccountControl": (512,), "unicodePwd": (ACCOUNT_PASSWORD,), "displayName": ("Née Ünïcode",)}
    result = export(system, ChangeType.ADD, dn, **given)
    assert (result.error, names.key(result.dn)) == ("", names.key(dn))
    assert len(result.anchor) == 36
    assert present(log_on("newperson", ACCOUNT_PASSWORD), f"<GUID={result.anchor}>", "displayName").texts("displayName") == ("Née Ünïcode",)


def test_values_are_written_read_and_cleared(system: ActiveDirectorySystem, people: list[Record]) -> None:
    person = people[0]
    given: dict[str, Values] = {"title": ("Clerk",), "thumbnailPhoto": (b"\xff\xd8\0\x01",), "manager": (people[1].dn,), "msNPAllowDialin": (True,)}
    assert export(system, ChangeType.UPDATE, person, **given).error == ""
    read = present(system.connection, person.dn, *given)
    assert read.values("thumbnailPhoto") == (b"\xff\xd8\0\x01",)
    assert (read.text("title"), read.text("manager"), read.text("msNPAllowDialin")) == ("Clerk", people[1].dn, "TRUE")
    assert export(system, ChangeType.UPDATE, person, title=(), manager=(), thumbnailPhoto=()).error == ""
    assert not present(system.connection, person.dn, "title", "manager", "thumbnailPhoto").attributes


def test_many_values_are_changed_one_by_one(system: ActiveDirectorySystem, people: list[Record]) -> None:
    team = present(system.connection, f"CN=Managers,OU=Groups,{STAFF}", "objectGUID", "member", "uSNChanged")
    members = [*team.texts("member")]
    wanted = (*members[1:], people[20].dn.upper().replace("CN=", "cn="))
    assert export(system, ChangeType.UPDATE, team, member=wanted).error == ""
    after = present(system.connection, team.dn, "member")
    assert {names.key(dn) for dn in after.texts("member")} == {names.key(dn) for dn in (*members[1:], people[20].dn)}
    assert export(system, ChangeType.UPDATE, team, member=wanted).error == ""
    assert export(system, ChangeType.UPDATE, team, member=()).error == ""
    assert present(system.connection, team.dn, "member").values("member") == ()


def test_an_object_is_renamed_and_moved_and_changed_at_once(system: ActiveDirectorySystem, people: list[Record]) -> None:
    dn = f"CN=Someone \\+ Else,{LEAVERS}"
    result = export(system, ChangeType.UPDATE, people[0], dn, title=("Moved",))
    assert (result.error, result.dn) == ("", dn)
    assert present(system.connection, dn, "title").text("title") == "Moved"
    assert export(system, ChangeType.DELETE, people[0]).error == ""
    assert export(system, ChangeType.DELETE, people[0]).error == "cd-missing-object"


WEAK: Values = ("short",)
REFUSALS: dict[str, tuple[ChangeType, str, dict[str, Values], str]] = {
    "a name that is taken": (ChangeType.ADD, "{first}", {"sAMAccountName": ("brandnew",)}, "cd-existing-object"),
    "an account that is taken": (ChangeType.ADD, f"CN=New,{STAFF}", {"sAMAccountName": ("{account}",)}, "cd-existing-object"),
    "no such place": (ChangeType.ADD, f"CN=New,OU=Nowhere,{STAFF}", {"sAMAccountName": ("brandnew",)}, "cd-missing-object"),
    "a rename to a name that is taken": (ChangeType.UPDATE, "{second}", {}, "rename-to-existing-dn"),
    "an unknown attribute": (ChangeType.UPDATE, "{first}", {"noSuchAttribute": ("x",)}, "cd-error"),
}


def _filled(text: str, pair: Pair) -> str:
    found = list(pair.lab.directory.search(f"OU=Hanoi,{STAFF}", query="(objectClass=user)"))
    return text.format(first=found[0].dn, second=found[1].dn, account=found[1].text("sAMAccountName"))


@pytest.mark.parametrize("name", REFUSALS)
def test_both_refuse_an_export_with_the_same_word(admin: Connection, system: ActiveDirectorySystem, name: str) -> None:
    pair = Pair(LabSide(lab_forest()), RealSide(admin, system))
    kind, dn, attributes, word = REFUSALS[name]
    given = {key: tuple(_filled(value, pair) if isinstance(value, str) else value for value in values) for key, values in attributes.items()}
    first = _filled("{first}", pair)
    lab = pair.lab.directory.get(first).guid
    real = present(admin, first, "objectGUID")
    change = ExportedChange(kind, "1", lab, _filled(dn, pair), "user", given)
    (ours,) = pair.lab.system.export([change])
    theirs = export(system, kind, real if kind is ChangeType.UPDATE else change.dn, change.dn, **given)
    assert (ours.error, theirs.error) == (word, word), (ours.detail, theirs.detail)


def test_further_refusals_have_words_of_their_own(system: ActiveDirectorySystem, people: list[Record]) -> None:
    person = people[0]
    new = {"sAMAccountName": ("weak",), "userAccountControl": (512,), "unicodePwd": WEAK}
    assert export(system, ChangeType.ADD, f"CN=Weak,{LEAVERS}", **new).error == "password-policy-violation"
    assert export(system, ChangeType.UPDATE, person, cn=("Other",)).error == "modify-naming-attribute"
    # MEANT: Samba calls a value that is too long a wrong syntax; Active Directory, as the lab, a violated constraint.
    assert export(system, ChangeType.UPDATE, person, title=("x" * 129,)).error == "syntax-violation"
    assert export(system, ChangeType.UPDATE, person, printerName=("x",)).error == "schema-violation"


def test_an_account_without_rights_may_change_nothing(people: list[Record], log_on: Callable[[str, str], Connection]) -> None:
    system = ActiveDirectorySystem(log_on(people[2].text("sAMAccountName"), ACCOUNT_PASSWORD))
    person = people[0]
    changes = [(ChangeType.UPDATE, person, {"title": ("x",)}), (ChangeType.DELETE, person, {}), (ChangeType.ADD, f"CN=N,{STAFF}", {"sAMAccountName": ("n",)})]
    assert [export(system, kind, record, **given).error for kind, record, given in changes] == ["permission-issue"] * 3


def test_the_reader_for_previews_changes_nothing(admin: Connection, people: list[Record]) -> None:
    change = ExportedChange(ChangeType.DELETE, "7", "", people[0].dn, "user")
    (result,) = SearchedDirectorySystem(admin).export([change])
    assert (result.object_id, result.error) == ("7", "permission-issue")
    assert present(admin, people[0].dn, "cn")


def test_one_bad_change_does_not_keep_the_others(system: ActiveDirectorySystem, people: list[Record]) -> None:
    good = ExportedChange(ChangeType.UPDATE, "1", "", people[0].dn, "user", {"title": ("One",)})
    bad = replace(good, object_id="2", dn=f"CN=Nobody,{STAFF}")
    results = system.export([good, bad, replace(good, object_id="3", dn=people[1].dn)])
    assert [(item.object_id, item.error) for item in results] == [("1", ""), ("2", "cd-missing-object"), ("3", "")]
    assert DOMAIN_DN in results[2].dn
