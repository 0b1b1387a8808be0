# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's directory: names, links, renames, tombstones, schema and saving."""

from __future__ import annotations

import pickle

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.directory import DirectoryError, Modification
from ansible_collections.mimsync.sharepoint.lab.estate.directory_forest import create_forest
from ansible_collections.mimsync.sharepoint.lab.estate.directory_names import comparison_key, escape_value, rdn_key, split_dn, split_rdn
from ansible_collections.mimsync.sharepoint.lab.estate.directory_sids import nt_hash, sid_bytes, sid_text
from directory_support import DOMAIN, PASSWORD, STAFF, add_user, forest
from hypothesis import given
from hypothesis import strategies as st

names = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30)


@given(names)
def test_an_escaped_name_is_read_back(name: str) -> None:
    dn = f"CN={escape_value(name)},OU=x,DC=y"
    assert len(split_dn(dn)) == 3
    assert split_rdn(split_dn(dn)[0]) == ("CN", name)


@pytest.mark.parametrize(
    ("one", "other"), [("Müller", "MULLER"), ("ＡＢＣ", "abc"), ("タロウ", "たろう"), ("Straße", "STRASSE"), ("Łukasz", "łukasz"), ("김민준", "김민준")]
)
def test_names_that_the_directory_takes_for_one(one: str, other: str) -> None:
    assert comparison_key(one) == comparison_key(other)


def test_other_spellings_of_a_dn_find_the_same_object() -> None:
    directory = forest()
    entry = directory.create(f"CN=Doe\\, Jane,{STAFF}", "user", {"sAMAccountName": "jdoe"})
    for dn in (f"cn=doe\\2C jane,ou=STAFF,{DOMAIN}", f'CN="Doe, Jane" , {STAFF}', f"<GUID={entry.guid}>", f"<SID={entry.sid}>"):
        assert directory.find(dn) is entry
    assert rdn_key("CN=Doe\\, Jane") == rdn_key('cn="doe, jane"')


def test_hashes_and_sids_have_their_known_forms() -> None:
    assert nt_hash("password").hex() == "8846f7eaee8fb117ad06bdd830b7586c"
    assert sid_text(sid_bytes("S-1-5-21-397955417-626881126-188441444-512")) == "S-1-5-21-397955417-626881126-188441444-512"
    assert sid_bytes("S-1-5-32-544").hex() == "01020000000000052000000020020000"


def test_links_follow_renames_and_end_with_a_delete() -> None:
    directory = forest()
    boss, clerk = add_user(directory, "boss"), add_user(directory, "clerk")
    directory.set(clerk, {"manager": boss.dn})
    group = directory.create(f"CN=Team,{STAFF}", "group", {"sAMAccountName": "Team", "member": [boss.dn, clerk.dn]})
    directory.move(boss, name="Chief, The")
    assert clerk.get("manager") == f"CN=Chief\\, The,{STAFF}"
    assert boss.values("directReports") == (clerk.dn,)
    assert boss.values("memberOf") == (group.dn,)
    directory.delete(boss)
    assert clerk.values("manager") == ()
    assert group.values("member") == (clerk.dn,)


def test_moving_an_ou_moves_everybody_below() -> None:
    directory = forest()
    inner = directory.create(f"OU=Inner,{STAFF}", "organizationalUnit")
    person = directory.create(f"CN=p,{inner.dn}", "user", {"sAMAccountName": "p"})
    directory.move(inner, directory.get(DOMAIN), "Outer")
    assert person.dn == f"CN=p,OU=Outer,{DOMAIN}"
    assert directory.find(f"CN=p,OU=Inner,{STAFF}") is None


def test_a_tombstone_keeps_little_and_frees_the_names() -> None:
    directory = forest()
    entry = add_user(directory, "gone", mail="gone@example.com")
    directory.delete(entry)
    assert entry.dn == f"CN=gone\\0ADEL:{entry.guid},CN=Deleted Objects,{DOMAIN}"
    assert (entry.get("isDeleted"), entry.get("mail"), entry.get("lastKnownParent")) == (True, None, STAFF)
    assert directory.resolve("gone") is None
    assert add_user(directory, "gone").sid != entry.sid


def test_the_recycle_bin_keeps_attributes() -> None:
    directory = forest()
    directory.recycle_bin = True
    entry = add_user(directory, "gone", mail="gone@example.com")
    directory.delete(entry)
    assert entry.get("mail") == "gone@example.com"


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"shoeSize": "44"}, "does not exist"),
        ({"drink": "tea"}, "constraints associated with the class"),
        ({"title": ["a", "b"]}, "only one value"),
        ({"department": "x" * 65}, "acceptable range"),
        ({"thumbnailPhoto": b"x" * 102401}, "acceptable range"),
        ({"mail": 5}, "syntax"),
        ({"manager": f"CN=nobody,{STAFF}"}, "not found"),
        ({"sAMAccountName": "mimsetup"}, "account already exists"),
        ({"sAMAccountName": "x" * 21}, "not a properly formed account name"),
        ({"memberOf": "CN=x"}, "owned by the Security Accounts Manager"),
        ({"cn": "other"}, "RDN attribute"),
    ],
)
def test_the_schema_refuses(attributes: dict[str, object], reason: str) -> None:
    directory = forest()
    entry, before = add_user(directory, "victim"), directory.usn
    with pytest.raises(DirectoryError, match=reason):
        directory.set(entry, attributes)
    assert directory.usn == before


def test_a_schema_administrator_may_allow_an_attribute() -> None:
    directory = forest()
    directory.schema.allow("user", "drink")
    entry = add_user(directory, "thirsty")
    directory.set(entry, {"drink": ["tea", "water"]})
    assert entry.values("drink") == ("tea", "water")


@pytest.mark.parametrize(
    ("dn", "reason"),
    [(f"CN=victim,{STAFF}", "name that is already in use"), (f"CN=x,OU=Nowhere,{DOMAIN}", "not found"), ("nonsense", "invalid dn syntax")],
)
def test_a_place_that_cannot_be_is_refused(dn: str, reason: str) -> None:
    directory = forest()
    add_user(directory, "victim")
    with pytest.raises(DirectoryError, match=reason):
        directory.create(dn, "user", {"sAMAccountName": "new"})


def test_containers_with_children_and_critical_objects_stay() -> None:
    directory = forest()
    add_user(directory, "p")
    with pytest.raises(DirectoryError, match="leaf object"):
        directory.delete(directory.get(STAFF))
    with pytest.raises(DirectoryError, match="unwilling"):
        directory.delete(directory.get(f"CN=Users,{DOMAIN}"), recursive=True)


@pytest.mark.parametrize(("outer", "inner", "reason"), [(2, 8, "global group cannot have a universal"), (2, 4, "local group"), (8, 4, "local group")])
def test_groups_nest_by_scope(outer: int, inner: int, reason: str) -> None:
    directory = forest()
    inside = directory.create(f"CN=in,{STAFF}", "group", {"sAMAccountName": "in", "groupType": inner - 2**31})
    around = directory.create(f"CN=out,{STAFF}", "group", {"sAMAccountName": "out", "groupType": outer - 2**31})
    with pytest.raises(DirectoryError, match=reason):
        directory.modify(around, [Modification("add", "member", (inside.dn,))])


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("(&(objectCategory=person)(objectClass=user)(!(department=*)))", 1),
        ("(mail=*@example.com)", 2),
        ("(userAccountControl:1.2.840.113556.1.4.803:=512)", 2),
        ("(|(sAMAccountName=ann)(sAMAccountName=bob))", 2),
        ("(cn=a\\6e*)", 1),
        ("(memberOf=CN=Team,OU=Staff,DC=corp,DC=example,DC=com)", 1),
        ("(memberOf:1.2.840.113556.1.4.1941:=CN=All,OU=Staff,DC=corp,DC=example,DC=com)", 2),
        ("(anr=an)", 1),
    ],
)
def test_searches(query: str, count: int) -> None:
    directory = forest()
    ann = add_user(directory, "ann", mail="ann@example.com", department="Sales")
    add_user(directory, "bob", mail="bob@example.com")
    team = directory.create(f"CN=Team,{STAFF}", "group", {"sAMAccountName": "Team", "member": ann})
    directory.create(f"CN=All,{STAFF}", "group", {"sAMAccountName": "All", "groupType": 8 - 2**31, "member": team})
    assert len(list(directory.search(STAFF, query=query))) == count
    assert sum(len(page) for page in directory.search_pages(STAFF, page_size=1, query=query)) == count


@pytest.mark.parametrize("query", ["(", "(a=b", "((a=b))x", "(&(a=b)", "mail"])
def test_what_is_no_filter_is_refused(query: str) -> None:
    with pytest.raises(DirectoryError, match="search filter cannot be recognized"):
        list(forest().search(DOMAIN, query=query))


def test_a_saved_directory_is_the_same_again() -> None:
    directory = forest()
    boss = add_user(directory, "boss")
    add_user(directory, "clerk", manager=boss)
    directory.delete(add_user(directory, "gone"))
    again = pickle.loads(pickle.dumps(directory))
    assert [(entry.dn, entry.usn_changed) for entry in again.entries()] == [(entry.dn, entry.usn_changed) for entry in directory.entries()]
    assert again.resolve("boss").values("directReports") == (f"CN=clerk,{STAFF}",)
    assert again.verify("EXAMPLE", "mimsetup", PASSWORD).guid == directory.resolve("mimsetup").guid  # type: ignore[union-attr]  # it exists
    assert again.next_usn() == directory.usn + 1


def test_the_same_seed_makes_the_same_forest() -> None:
    one, other = create_forest(seed=3), create_forest(seed=3)
    assert [(entry.guid, entry.sid) for entry in one.entries()] == [(entry.guid, entry.sid) for entry in other.entries()]
    assert create_forest(seed=4).domain_sid != one.domain_sid


def test_the_partition_names_the_netbios_domain() -> None:
    directory = forest()
    found = next(directory.search(directory.configuration_dn, query="(&(objectClass=crossRef)(nETBIOSName=*))"))
    assert (found.get("nETBIOSName"), found.get("nCName")) == ("EXAMPLE", DOMAIN)


@pytest.mark.parametrize("name", ["EXAMPLE\\ann", "corp.example.com\\ann", "ann@corp.example.com", "ANN", "{sid}", "{dn}", "{guid}"])
def test_a_principal_is_found_by_any_of_its_names(name: str) -> None:
    directory = forest()
    entry = add_user(directory, "ann")
    assert directory.resolve(name.format(sid=entry.sid, dn=entry.dn, guid=entry.guid)) is entry


@pytest.mark.parametrize("name", ["OTHER\\ann", "ann@elsewhere.example", "nobody", "EXAMPLE\\Administrators", ""])
def test_nobody_is_found_by_a_wrong_name(name: str) -> None:
    directory = forest()
    add_user(directory, "ann")
    assert directory.resolve(name) is None


def test_well_known_principals_have_their_authority() -> None:
    directory = forest()
    assert directory.account_name("S-1-5-18") == "NT AUTHORITY\\SYSTEM"
    assert directory.account_name("S-1-5-32-544") == "BUILTIN\\Administrators"
    assert directory.account_name("S-1-1-0") == "Everyone"
    assert directory.account_name("S-1-5-21-9-9-9-9") == "S-1-5-21-9-9-9-9"


def test_an_account_without_a_name_gets_one_and_a_class_demands_its_own() -> None:
    directory = forest()
    made = directory.create(f"CN=nameless,{STAFF}", "user").text("sAMAccountName")
    assert len(made) == 20
    assert made.startswith("$")
    with pytest.raises(DirectoryError, match="required attribute is missing") as caught:
        directory.create(f"CN=x,CN=Partitions,{directory.configuration_dn}", "crossRef")
    assert caught.value.detail == "dnsRoot, nCName"
