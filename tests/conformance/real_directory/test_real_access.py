# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Access entries of ours on a real directory's security descriptors, and what they allow there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.access.binary import from_binary, to_binary
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.access.sddl import parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.connection import EVERYTHING, Connection
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.problems import INSUFFICIENT_RIGHTS, Refused
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.records import Edit
from real_people import account
from samba_server import DOMAIN_DN, NETBIOS
from security_over_ldap import access_rule, sddl_of

pytestmark = pytest.mark.xdist_group("real_directory")
STAFF = f"OU=Staff,{DOMAIN_DN}"
AGENT, PASSWORD = "svc-agent", "Agent-of-the-test-1"
TRUSTEE = f"{NETBIOS}\\{AGENT}"


@pytest.fixture
def agent(admin: Connection, log_on: Callable[[str, str], Connection]) -> Iterator[Connection]:
    """A connection as an account without any right of its own."""
    dn = f"CN={AGENT},OU=Service Accounts,{DOMAIN_DN}"
    admin.add(dn, {"objectClass": (b"user",), "sAMAccountName": (AGENT.encode(),), **account(password=PASSWORD)})
    yield log_on(AGENT, PASSWORD)
    admin.delete(dn)


@pytest.fixture
def person(admin: Connection) -> str:
    """The DN of one of the demo's people."""
    records = [record for page in admin.search_pages(STAFF, "(&(objectClass=user)(employeeID=E000001))", ("cn",)) for record in page]
    return records[0].dn


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.result == INSUFFICIENT_RIGHTS


def test_dirsync_without_the_right_is_refused_and_with_it_allowed(admin: Connection, agent: Connection) -> None:
    rule = {"naming_context": "domain", "trustee": TRUSTEE, "rights": ["Replicating Directory Changes"]}
    before = sddl_of(admin, DOMAIN_DN)
    with refused():
        agent.changes(DOMAIN_DN, b"", ("name",))
    assert access_rule(admin, **rule).changed
    assert agent.changes(DOMAIN_DN, b"", ("name",)).records
    assert not access_rule(admin, **rule).changed
    assert access_rule(admin, **rule, state="absent").changed
    assert sddl_of(admin, DOMAIN_DN) == before
    with refused():
        agent.changes(DOMAIN_DN, b"", ("name",))


def test_one_attribute_below_an_ou_is_written_only_with_the_right(admin: Connection, agent: Connection, person: str) -> None:
    rule = {"path": STAFF, "trustee": TRUSTEE, "rights": ["write_property"], "attributes": ["thumbnailPhoto"]}
    rule |= {"applies_to": "descendants", "inherited_object_class": "user"}
    first = {dn: sddl_of(admin, dn) for dn in (STAFF, person)}
    photo, title = (Edit("replace", name, (value,)) for name, value in (("thumbnailPhoto", b"\xff\xd8\0\x01"), ("title", b"Clerk")))
    with refused():
        agent.modify(person, (photo,))
    assert access_rule(admin, **rule).changed
    agent.modify(person, (photo,))
    written = next(admin.search(person, EVERYTHING, ("thumbnailPhoto",), scope="base"))
    assert written.values("thumbnailPhoto") == photo.values
    with refused():
        agent.modify(person, (title,))
    access_rule(admin, **rule, state="absent")
    assert {dn: sddl_of(admin, dn) for dn in first} == first
    with refused():
        agent.modify(person, (photo,))


def test_objects_of_one_class_are_made_and_deleted_only_with_the_right(admin: Connection, agent: Connection) -> None:
    rule = {"path": STAFF, "trustee": TRUSTEE, "rights": ["create_child", "delete_child"], "object_classes": ["contact"], "applies_to": "this_object"}
    before = sddl_of(admin, STAFF)
    contact, group = f"CN=New,{STAFF}", f"CN=Team,{STAFF}"
    with refused():
        agent.add(contact, {"objectClass": (b"contact",)})
    access_rule(admin, **rule)
    agent.add(contact, {"objectClass": (b"contact",)})
    with refused():
        agent.add(group, {"objectClass": (b"group",), "sAMAccountName": (b"team",)})
    agent.delete(contact)
    access_rule(admin, **rule, state="absent")
    assert sddl_of(admin, STAFF) == before
    with refused():
        agent.add(contact, {"objectClass": (b"contact",)})


def test_check_mode_leaves_the_real_descriptor_alone(admin: Connection, agent: Connection) -> None:
    before = sddl_of(admin, STAFF)
    outcome = access_rule(admin, check_mode=True, path=STAFF, trustee=TRUSTEE, rights=["full_control"], applies_to="this_object_and_descendants")
    assert outcome.changed
    assert "full control" in outcome.after.lower()
    assert sddl_of(admin, STAFF) == before


def test_many_entries_come_and_go_without_a_trace(admin: Connection, agent: Connection) -> None:
    rights = [["list_children"], ["Reset Password"], ["read_property", "write_property"], ["delete", "delete_tree"], ["DS-Replication-Get-Changes-All"]]
    rules = [{"path": STAFF, "trustee": TRUSTEE, "rights": names, "applies_to": "descendants", "inherited_object_class": "user"} for names in rights]
    rules += [{**rule, "access": "deny", "applies_to": "this_object", "inherited_object_class": None} for rule in rules]
    before = sddl_of(admin, STAFF)
    for rule in rules:
        assert access_rule(admin, **rule).changed, rule
    for rule in rules:
        assert not access_rule(admin, **rule).changed, rule
    for rule in reversed(rules):
        assert access_rule(admin, **rule, state="absent").changed, rule
    assert sddl_of(admin, STAFF) == before


def test_every_descriptor_of_the_domain_survives_the_way_through_text(admin: Connection) -> None:
    records = [record for page in admin.search_pages(DOMAIN_DN, EVERYTHING, ("cn",)) for record in page]
    assert len(records) > 250
    for record in records:
        data = admin.descriptor(record.dn)
        text = from_binary(data).text
        assert from_binary(to_binary(parse(text))).text == text
        assert len(to_binary(parse(text))) == len(data)
