# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The adapter of a real directory against the lab's, holding the same people: full imports, changes, random histories."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.directory_names import dn_key
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.active_directory import ActiveDirectorySystem
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.active_directory_search import SearchedDirectorySystem
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import ChangeType, ImportRequest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap import names
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.connection import Connection
from real_people import account, lab_forest
from samba_server import DOMAIN_DN, NETBIOS
from security_over_ldap import access_rule, take_ownership
from side_by_side import REQUEST, STAFF, LabSide, Pair, RealSide, Space, differences

pytestmark = pytest.mark.xdist_group("real_directory")
AGENT, PASSWORD = "svc-reader", "Reader-of-the-test-1"
LEAVERS, GROUPS, SERVICES = f"OU=Leavers,{STAFF}", f"OU=Groups,{STAFF}", f"OU=Service Accounts,{DOMAIN_DN}"
TOMBSTONES = f"CN=Deleted Objects,{DOMAIN_DN}"
PEOPLE, CONTACTS, TEAMS, PLACES = "(objectClass=user)", "(objectClass=contact)", "(objectClass=group)", "(objectClass=organizationalUnit)"


@pytest.fixture
def agent(admin: Connection, log_on: Callable[[str, str], Connection]) -> Connection:
    """A connection as an account that has Replicating Directory Changes and no other right of its own."""
    dn = f"CN={AGENT},{SERVICES}"
    admin.add(dn, {"objectClass": (b"user",), "sAMAccountName": (AGENT.encode(),), **account(password=PASSWORD)})
    for context in ("domain", "configuration"):
        access_rule(admin, naming_context=context, trustee=f"{NETBIOS}\\{AGENT}", rights=["Replicating Directory Changes"])
    # MEANT: Samba shows in its change tracking only what the account may read besides; Active Directory asks for the replication right alone.
    take_ownership(admin, TOMBSTONES)
    access_rule(admin, path=TOMBSTONES, trustee=f"{NETBIOS}\\{AGENT}", rights=["list_children", "read_property"], applies_to="this_object_and_descendants")
    return log_on(AGENT, PASSWORD)


@pytest.fixture
def pair(admin: Connection, agent: Connection) -> Pair:
    """Both directories after a full import each, which were the same."""
    made = Pair(LabSide(lab_forest()), RealSide(admin, ActiveDirectorySystem(agent)))
    made.run()
    return made


def below(dn: str, parent: str) -> str:
    """The same relative name at another place."""
    return f"{names.split(dn)[0]},{parent}"


# --- full imports


def test_a_full_import_holds_people_pictures_managers_and_members(pair: Pair) -> None:
    assert len(pair.real_space.objects) > 80
    attributes = [item.attributes for item in pair.real_space.objects.values()]
    assert any(isinstance(values["thumbnailPhoto"][0], bytes) for values in attributes if "thumbnailPhoto" in values)
    assert sum("manager" in values for values in attributes) > 40
    assert max(len(values.get("member", ())) for values in attributes) > 5


def test_the_partitions_of_the_forest_are_the_same(pair: Pair) -> None:
    head = f"CN=Configuration,{DOMAIN_DN}"
    request = ImportRequest(head, ("crossRef",), ("nCName", "nETBIOSName", "name", "dnsRoot"), inclusions=(f"CN=Partitions,{head}",))
    ours, theirs = Space(), Space()
    ours.run(pair.lab.system, request)
    theirs.run(pair.real.system, request)
    assert len(theirs.objects) == 3
    assert differences(ours.facts(), theirs.facts()) == []


@pytest.mark.parametrize("page_size", [7, 500])
def test_the_reader_for_previews_sees_what_the_import_sees(pair: Pair, agent: Connection, page_size: int) -> None:
    read = Space()
    read.run(SearchedDirectorySystem(agent), replace(REQUEST, page_size=page_size))
    assert differences(pair.real_space.facts(), read.facts()) == []


def test_excluded_containers_and_types_stay_out(pair: Pair) -> None:
    request = replace(REQUEST, object_types=("user", "organizationalUnit"), exclusions=(LEAVERS, f"OU=Berlin,{STAFF}"), inclusions=(STAFF, f"OU=Labs,{STAFF}"))
    ours, theirs = Space(), Space()
    ours.run(pair.lab.system, request)
    theirs.run(pair.real.system, request)
    assert 0 < len(theirs.objects) < len(pair.real_space.objects)
    assert differences(ours.facts(), theirs.facts()) == []


# --- changes


def test_nothing_changed_brings_nothing(pair: Pair) -> None:
    assert pair.run() == {}


def test_a_changed_value_brings_this_attribute_alone(pair: Pair) -> None:
    person = pair.found(PEOPLE)[3]
    pair.do("set", person, "title", ["Clerk"])
    pages = list(pair.real.system.import_pages(replace(REQUEST, watermark=pair.real_space.watermark)))
    (item,) = [item for page in pages for item in page.objects]
    assert (item.change, dict(item.attributes)) == (ChangeType.UPDATE, {"title": ("Clerk",)})
    assert item.object_type == "user"


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        ("title", ["Clerk"]),
        ("department", []),
        ("thumbnailPhoto", [b"\xff\xd8\0\xff"]),
        ("proxyAddresses", ["SMTP:a@example.com", "smtp:b@example.com"]),
        ("manager", []),
        ("userAccountControl", [0x202]),
    ],
)
def test_both_deliver_the_same_change_of_a_value(pair: Pair, attribute: str, values: list[object]) -> None:
    person = pair.found(PEOPLE)[3]
    pair.do("set", person, attribute, values)
    assert pair.run() == {dn_key(person): "there"}
    assert pair.run() == {}


def test_an_attribute_that_is_not_selected_brings_nothing(pair: Pair) -> None:
    pair.do("set", pair.found(PEOPLE)[3], "info", ["nothing"])
    assert pair.run() == {}


def test_members_come_and_go(pair: Pair) -> None:
    team = pair.found(TEAMS)[0]
    pair.do("set", team, "member", pair.found(PEOPLE)[:9])
    assert pair.run() == {dn_key(team): "there"}
    pair.do("set", team, "member", pair.found(PEOPLE)[5:7])
    assert pair.run() == {dn_key(team): "there"}


def test_new_objects_arrive_whole(pair: Pair) -> None:
    boss = pair.found(PEOPLE)[0]
    person, team = f"CN=Nguyen\\, New,{LEAVERS}", f"CN=New team,{GROUPS}"
    pair.do("add", person, "user", {"sAMAccountName": ["newnguyen"], "displayName": ["Nguyen, New"], "manager": [boss]})
    pair.do("add", team, "group", {"sAMAccountName": ["New team"], "member": [person, boss]})
    pair.do("add", f"CN=Outside,{SERVICES}", "contact", {"displayName": ["Outside"]})
    assert pair.run() == {dn_key(person): "there", dn_key(team): "there"}


def test_a_deleted_person_goes_and_others_do_not_move(pair: Pair) -> None:
    boss = pair.found("(&(objectClass=user)(directReports=*))")[-1]
    pair.do("delete", boss)
    assert pair.run() == {dn_key(boss): "gone"}


def test_an_object_that_came_and_went_between_two_imports_is_not_seen(pair: Pair) -> None:
    contact = f"CN=Short visit,{LEAVERS}"
    pair.do("add", contact, "contact", {"displayName": ["Short visit"]})
    pair.do("delete", contact)
    assert pair.run() == {}


def test_a_move_within_the_scope_keeps_the_anchor(pair: Pair) -> None:
    person = pair.found(PEOPLE)[10]
    anchors = set(pair.real_space.objects)
    pair.do("move", person, below(person, LEAVERS))
    assert pair.run() == {dn_key(below(person, LEAVERS)): "there"}
    assert set(pair.real_space.objects) == anchors


def test_a_move_out_of_the_scope_is_a_deletion_and_back_an_object(pair: Pair) -> None:
    person = pair.found(PEOPLE)[10]
    pair.do("move", person, below(person, SERVICES))
    assert pair.run() == {dn_key(person): "gone"}
    pair.do("set", below(person, SERVICES), "title", ["Not seen"])
    assert pair.run() == {}
    pair.do("move", below(person, SERVICES), person)
    assert pair.run() == {dn_key(person): "there"}


def test_a_moved_container_takes_everything_below_along(pair: Pair) -> None:
    place = f"OU=Partners,{STAFF}"
    pair.do("move", place, f"OU=Friends,{STAFF}")
    contacts = pair.found(CONTACTS, f"OU=Friends,{STAFF}")
    assert set(pair.run()) == {dn_key(dn) for dn in (*contacts, f"OU=Friends,{STAFF}")}
    pair.do("move", f"OU=Friends,{STAFF}", f"OU=Friends,{SERVICES}")
    assert set(pair.run().values()) == {"gone"}
    pair.do("move", f"OU=Friends,{SERVICES}", place)
    assert len(pair.run()) == len(contacts) + 1


def test_a_renamed_person_is_renamed_where_others_refer_to_it(pair: Pair) -> None:
    boss = pair.found("(&(objectClass=user)(directReports=*))")[0]
    pair.do("move", boss, f"CN=Someone \\+ Else,{names.split(boss)[1]}")
    assert "there" in pair.run().values()


# --- random histories


class History:
    """Random changes that both directories take."""

    def __init__(self, pair: Pair, seed: int) -> None:
        self.pair, self.random, self.count = pair, random.Random(seed), 0

    def step(self) -> None:
        self.count += 1
        actions = [self._set, self._set, self._refer, self._join, self._move, self._rename, self._delete, self._add]
        self.random.choice(actions)()

    def _person(self) -> str:
        # The built-in accounts are the domain controller's own.
        return self.random.choice([dn for dn in self.pair.found(PEOPLE, STAFF) + self.pair.found(PEOPLE, SERVICES) if AGENT not in dn])

    def _set(self) -> None:
        attribute = self.random.choice(("title", "department", "telephoneNumber", "description", "wWWHomePage"))
        self.pair.do("set", self._person(), attribute, self.random.choice(([], [f"value {self.count}"])))

    def _refer(self) -> None:
        self._link(self._person(), "manager", self.random.choice(([], [self._person()])))

    def _join(self) -> None:
        team = self.random.choice(self.pair.found("(&(objectClass=group)(sAMAccountName=Dept*))"))
        self._link(team, "member", sorted({self._person() for _unused in range(self.random.randrange(6))}))

    def _link(self, dn: str, attribute: str, values: list[str]) -> None:
        # MEANT: Samba counts a link that is set to what it is as changed; the lab takes it as nothing.
        if {dn_key(value) for value in values} != {dn_key(str(value)) for value in self.pair.lab.directory.get(dn).values(attribute)}:
            self.pair.do("set", dn, attribute, values)

    def _move(self) -> None:
        person, place = self._person(), self.random.choice([*self.pair.found(PLACES), SERVICES])
        if self.pair.lab.directory.find(below(person, place)) is None:
            self.pair.do("move", person, below(person, place))

    def _rename(self) -> None:
        person = self._person()
        self.pair.do("move", person, f"CN=Renamed {self.count},{names.split(person)[1]}")

    def _delete(self) -> None:
        self.pair.do("delete", self._person())

    def _add(self) -> None:
        name = f"hist{self.count}"
        self.pair.do("add", f"CN={name},{self.random.choice(self.pair.found(PLACES))}", "user", {"sAMAccountName": [name], "manager": [self._person()]})


@pytest.mark.parametrize("seed", range(4))
def test_random_histories_end_alike_import_by_import(pair: Pair, seed: int) -> None:
    history = History(pair, seed)
    for _unused in range(6):
        for _unused in range(history.random.randrange(1, 7)):
            history.step()
        pair.run()
    ours, theirs = Space(), Space()
    ours.run(pair.lab.system)
    theirs.run(pair.real.system)
    assert differences(ours.facts(), theirs.facts()) == []
    # What points to an object that is gone is told by full imports alone.
    assert differences(theirs.facts(links=False), pair.real_space.facts(links=False)) == []
