# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Security descriptors of the lab's directory: inherited, honoured, and what DirSync tells."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.directory import ChangePage, Directory, DirectoryChange, DirectoryError
from ansible_collections.mimsync.sharepoint.lab.estate.directory_security import add_aces, protect
from directory_support import DOMAIN, STAFF, add_user, forest

PHOTO, USER, TITLE = "8d3bca50-1d7e-11d0-a081-00aa006c33ed", "bf967aba-0de6-11d0-a285-00aa003049e2", "bf967a55-0de6-11d0-a285-00aa003049e2"
REPLICATE = "1131f6aa-9c07-11d1-f79f-00c04fc2dcd2"


def changes(directory: Directory, cookie: str, **options: object) -> tuple[list[DirectoryChange], str]:
    pages: list[ChangePage] = list(directory.changes_since(cookie, DOMAIN, **options))  # type: ignore[arg-type]  # options of the call
    return [change for page in pages for change in page.changes], pages[-1].cookie


def test_an_entry_for_one_class_reaches_that_class_alone() -> None:
    directory = forest()
    agent, person = add_user(directory, "agent"), add_user(directory, "ann")
    group = directory.create(f"CN=g,{STAFF}", "group", {"sAMAccountName": "g"})
    add_aces(directory, directory.get(STAFF), f"(OA;CIIO;RPWP;{PHOTO};{USER};{agent.sid})")
    token = directory.token(agent.sid)
    assert directory.has_access(token, person, "WP", PHOTO)
    assert not directory.has_access(token, person, "WP", TITLE)
    assert not directory.has_access(token, group, "WP", PHOTO)
    assert not directory.has_access(token, directory.get(STAFF), "WP", PHOTO)
    assert f"(OA;CIID;RPWP;{PHOTO};{USER};{agent.sid})" in directory.security_descriptor(person)


def test_a_property_set_covers_its_attributes() -> None:
    directory = forest()
    agent, person = add_user(directory, "agent"), add_user(directory, "ann")
    add_aces(directory, person, f"(OA;;WP;77b5b886-944a-11d1-aebd-0000f80367c1;;{agent.sid})")
    directory.set(person, {"telephoneNumber": "1", "thumbnailPhoto": b"x"}, token=directory.token(agent.sid))
    with pytest.raises(DirectoryError, match="Insufficient access rights"):
        directory.set(person, {"title": "x"}, token=directory.token(agent.sid))


def test_deny_comes_first_and_a_protected_list_takes_nothing_from_above() -> None:
    directory = forest()
    agent, person = add_user(directory, "agent"), add_user(directory, "ann")
    token = directory.token(agent.sid)
    add_aces(directory, directory.get(STAFF), f"(A;CI;WP;;;{agent.sid})")
    assert directory.has_access(token, person, "WP", TITLE)
    directory.set_security_descriptor(person, f"D:(D;;WP;;;{agent.sid})")
    assert not directory.has_access(token, person, "WP", TITLE)
    directory.set_security_descriptor(person, "D:P(A;;RP;;;AU)")
    assert not directory.has_access(token, person, "WP", TITLE)
    assert directory.security_descriptor(person).endswith("D:P(A;;RP;;;AU)")


def test_children_are_created_and_deleted_by_right() -> None:
    directory = forest()
    agent = add_user(directory, "agent")
    token = directory.token(agent.sid)
    with pytest.raises(DirectoryError, match="denied"):
        directory.create(f"CN=new,{STAFF}", "user", {"sAMAccountName": "new"}, token=token)
    add_aces(directory, directory.get(STAFF), f"(OA;CI;CCDC;{USER};;{agent.sid})")
    made = directory.create(f"CN=new,{STAFF}", "user", {"sAMAccountName": "new"}, token=token)
    directory.delete(made, token=token)
    with pytest.raises(DirectoryError, match="denied"):
        directory.create(f"OU=new,{STAFF}", "organizationalUnit", token=token)


def test_protection_from_accidents_stops_even_administrators() -> None:
    directory = forest()
    setup = directory.resolve("mimsetup")
    assert setup is not None
    unit = directory.create(f"OU=Precious,{DOMAIN}", "organizationalUnit")
    token = directory.token(setup.sid)
    protect(directory, unit, True)
    with pytest.raises(DirectoryError, match="Access is denied"):
        directory.delete(unit, token=token)
    protect(directory, unit, False)
    directory.delete(unit, token=token)


def test_replication_needs_its_right_on_each_naming_context() -> None:
    directory = forest()
    agent = add_user(directory, "agent")
    token = directory.token(agent.sid)
    for dn in (DOMAIN, directory.configuration_dn):
        with pytest.raises(DirectoryError, match="Replication access was denied") as caught:
            directory.changes_since("", dn, token=token)
        assert caught.value.code == 8453
        add_aces(directory, directory.get(dn), f"(OA;;CR;{REPLICATE};;{agent.sid})")
        assert list(directory.changes_since("", dn, token=token))
    with pytest.raises(DirectoryError, match="unwilling"):
        directory.changes_since("", STAFF, token=token)


def test_changes_are_what_changed_and_no_more() -> None:
    directory = forest()
    ann, bob, team = add_user(directory, "ann", title="x"), add_user(directory, "bob"), directory.get(f"CN=Domain Admins,CN=Users,{DOMAIN}")
    everything, cookie = changes(directory, "")
    assert {ann.dn, bob.dn, STAFF} <= {change.dn for change in everything}
    assert everything.index(next(c for c in everything if c.dn == STAFF)) < everything.index(next(c for c in everything if c.dn == ann.dn))
    assert changes(directory, cookie) == ([], cookie)
    directory.set(ann, {"title": None, "mail": "a@b"})
    directory.move(bob, name="Robert")
    directory.set(team, {"member": [*team.values("member"), ann.dn]})
    found = {change.guid: change for change in changes(directory, cookie)[0]}
    assert found[ann.guid].attributes.keys() == {"objectGUID", "instanceType", "title", "mail"}
    assert found[ann.guid].attributes["title"] == ()
    assert found[bob.guid].renamed
    assert ann.dn in found[team.guid].attributes["member"]
    assert len(found) == 3


def test_a_deleted_object_comes_as_a_tombstone_and_its_group_does_not_count_as_changed() -> None:
    directory = forest()
    ann = add_user(directory, "ann")
    group = directory.create(f"CN=g,{STAFF}", "group", {"sAMAccountName": "g", "member": ann})
    cookie = changes(directory, "")[1]
    directory.delete(ann)
    found = {change.guid: change for change in changes(directory, cookie, attributes=["member"])[0]}
    assert found[ann.guid].deleted
    assert group.guid not in found
    assert group.values("member") == ()
    assert ann.guid not in {change.guid for change in changes(directory, "")[0]}


def test_pages_have_their_size_and_the_last_one_the_cookie() -> None:
    directory = forest()
    pages = list(directory.changes_since("", DOMAIN, page_size=7))
    assert all(len(page.changes) == 7 for page in pages[:-2])
    assert [bool(page.cookie) for page in pages] == [False] * (len(pages) - 1) + [True]


def test_a_cookie_of_another_forest_starts_over() -> None:
    assert len(changes(forest(), "0f0f0f0f:99999999")[0]) == len(changes(forest(), "")[0])
