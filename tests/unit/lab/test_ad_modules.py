# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of microsoft.ad: what they change, return, show and refuse."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.directory import Modification
from ansible_collections.mimsync.sharepoint.lab.estate.directory_entry import file_time
from ansible_collections.mimsync.sharepoint.lab.modules.registry import ModuleFailure
from directory_support import DOMAIN, PASSWORD, STAFF, add_user, forest, on_controller

NO_GUID = "00000000-0000-0000-0000-000000000000"
NEW_PASSWORD = "Another-Password.2"


def test_an_ou_is_made_protected_moved_and_removed() -> None:
    ad = on_controller()
    made = ad("ou", name="New, Unit", path=STAFF, city="Berlin", managed_by="mimsetup")
    entry = ad.directory.get(made["distinguished_name"])
    assert (made["changed"], made["distinguished_name"], made["object_guid"]) == (True, f"OU=New\\, Unit,{STAFF}", entry.guid)
    assert (entry.get("l"), entry.get("managedBy")) == ("Berlin", f"CN=mimsetup,CN=Users,{DOMAIN}")
    assert ad("ou", name="New, Unit", path=STAFF, city="Berlin", managed_by="mimsetup", protect_from_deletion=True)["changed"] is False
    moved = ad("ou", identity=entry.guid, name="Old Unit", path=DOMAIN)
    assert moved["distinguished_name"] == entry.dn == f"OU=Old Unit,{DOMAIN}"
    assert ad("ou", name="Old Unit", state="absent")["changed"] is True
    assert ad("ou", name="Old Unit", state="absent")["changed"] is False


def test_check_mode_foresees_and_changes_nothing() -> None:
    ad = on_controller().having(check=True, diff=True)
    before = ad.directory.usn
    answer = ad("user", name="new", path=STAFF, password=PASSWORD, email="new@example.com")
    assert (answer["changed"], answer["sid"], answer["object_guid"]) == (True, "S-1-5-0000", NO_GUID)
    assert answer["diff"]["before"] is None
    assert answer["diff"]["after"]["email"] == "new@example.com"
    assert answer["diff"]["after"]["password"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert PASSWORD not in str(answer)
    assert ad.directory.usn == before


def test_a_user_is_made_enabled_with_its_password_and_left_alone_then() -> None:
    ad = on_controller()
    wanted: dict[str, Any] = {
        "name": "svc", "path": STAFF, "password": PASSWORD, "update_password": "when_changed", "upn": "svc@corp.example.com", "firstname": "S",
        "password_never_expires": True, "spn": {"add": ["HTTP/svc"]}, "attributes": {"set": {"employeeType": "service", "url": ["a", "b"]}},
    }  # fmt: skip
    made = ad("user", **wanted)
    entry = ad.directory.verify("EXAMPLE", "svc", PASSWORD)
    assert (made["sid"], made["distinguished_name"]) == (entry.sid, entry.dn)
    assert entry.number("userAccountControl") == 0x10200
    assert (entry.values("servicePrincipalName"), entry.values("url")) == (("HTTP/svc",), ("a", "b"))
    usn = ad.directory.usn
    assert ad("user", **wanted)["changed"] is False
    assert ad.directory.usn == usn


@pytest.mark.parametrize(
    ("update", "password", "changed"),
    [
        ("on_create", NEW_PASSWORD, False),
        ("when_changed", NEW_PASSWORD, True),
        ("when_changed", PASSWORD, False),
        ("always", PASSWORD, True),
    ],
)
def test_a_password_is_set_when_it_should(update: str, password: str, changed: bool) -> None:
    ad = on_controller()
    add_user(ad.directory, "svc")
    assert ad.having(check=True)("user", identity="svc", password=password, update_password=update)["changed"] is changed
    assert ad.directory.verify("EXAMPLE", "svc", PASSWORD)
    assert ad("user", identity="svc", password=password, update_password=update)["changed"] is changed
    assert ad.directory.verify("EXAMPLE", "svc", password if changed else PASSWORD)


def test_a_weak_password_leaves_a_disabled_account_behind_as_the_cmdlet_does() -> None:
    ad = on_controller()
    with pytest.raises(ModuleFailure, match="New-ADUser failed: The password does not meet the length, complexity"):
        ad("user", name="weak", path=STAFF, password="weak")
    entry = ad.directory.resolve("weak")
    assert entry is not None
    assert entry.number("userAccountControl") & 2


def test_groups_of_a_user() -> None:
    ad = on_controller()
    for name in ("one", "two"):
        ad("group", name=name, path=STAFF, scope="global")
    made = ad.having(diff=True)("user", name="ann", path=STAFF, groups={"add": ["one", {"name": "two"}]})
    assert made["diff"]["after"]["groups"] == [f"CN=Domain Users,CN=Users,{DOMAIN}", f"CN=one,{STAFF}", f"CN=two,{STAFF}"]
    assert ad("user", name="ann", path=STAFF, groups={"add": ["one"]})["changed"] is False
    result = ad("user", name="ann", path=STAFF, groups={"set": ["one"]})
    assert result["changed"] is True
    assert "primary group of the user" in result["warnings"][0]
    assert ad.directory.get(f"CN=ann,{STAFF}").values("memberOf") == (f"CN=one,{STAFF}",)
    with pytest.raises(ModuleFailure, match=r"Failed to find the AD object DNs for groups.add. Invalid identities: 'nobody'"):
        ad("user", name="ann", path=STAFF, groups={"add": ["nobody"]})


def test_members_of_a_group() -> None:
    ad = on_controller()
    ann, bob = add_user(ad.directory, "ann"), add_user(ad.directory, "bob")
    made = ad("group", name="team", path=STAFF, scope="universal", category="distribution", members={"add": ["ann"]})
    group = ad.directory.get(made["distinguished_name"])
    assert (group.number("groupType"), group.values("member"), made["sid"]) == (8, (ann.dn,), group.sid)
    assert ad("group", name="team", path=STAFF, members={"add": [bob.sid, ann.guid]})["changed"] is True
    assert ad("group", name="team", path=STAFF, members={"remove": [ann.dn]}, category="security")["changed"] is True
    assert (group.values("member"), group.number("groupType")) == ((bob.dn,), 8 - 2**31)
    assert ad("group", name="team", path=STAFF, members={"set": []})["changed"] is True
    warned = ad("group", name="team", path=STAFF, members={"add": ["nobody"], "lookup_failure_action": "warn"})
    assert warned["warnings"] == ["Failed to find the AD object DNs for members.add. Ignoring invalid identities: 'nobody'"]


@pytest.mark.parametrize(
    ("module", "arguments", "reason"),
    [
        ("user", {"name": "x", "path": f"OU=Nowhere,{DOMAIN}"}, "New-ADUser failed: Directory object not found"),
        ("user", {"name": "x", "path": STAFF, "sam_account_name": "mimsetup"}, "New-ADUser failed: The specified account already exists"),
        ("group", {"name": "x", "path": STAFF, "scope": "global", "sam_account_name": "mimsetup"}, "New-ADGroup failed: The specified group already exists"),
        ("group", {"name": "x", "path": STAFF}, "scope must be set when state=present and the group does not exist"),
        ("group", {"name": "mimsetup", "path": f"CN=Users,{DOMAIN}", "scope": "global"}, "name that is already in use"),
        ("user", {"name": "mimsetup", "attributes": {"set": {"drink": "tea"}}}, "Set-ADUser failed: The requested operation did not satisfy"),
        ("user", {"name": "x", "path": STAFF, "enabled": True}, "New-ADUser failed: The password does not meet"),
        ("service_account", {"identity": "gmsa"}, "dns_hostname is required when creating a new service account"),
        ("service_account", {"identity": "gmsa", "dns_hostname": "gmsa.x"}, "New-ADServiceAccount failed: Key does not exist"),
        ("object", {"name": "mimsetup", "path": f"CN=Users,{DOMAIN}", "type": "contact"}, "Cannot change object type user"),
        ("user", {"name": "x", "domain_server": "dc9"}, "Unable to contact the server"),
        ("user", {"name": "x", "domain_username": "EXAMPLE\\mimsetup", "domain_password": "wrong"}, "rejected the client credentials"),
    ],
)
def test_refusals_in_the_cmdlets_own_words(module: str, arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(ModuleFailure, match=reason):
        on_controller()(module, **arguments)


def test_who_has_no_right_is_refused() -> None:
    ad = on_controller()
    add_user(ad.directory, "plain")
    with pytest.raises(ModuleFailure, match="Access is denied"):
        ad.having(account="plain")("user", name="x", path=STAFF)
    with pytest.raises(ModuleFailure, match="Insufficient access rights"):
        ad.having(account="plain")("user", identity="mimsetup", company="Evil")


def test_a_second_hop_needs_delegation_or_credentials() -> None:
    ad = on_controller()
    estate = ad.host.estate
    assert estate is not None
    member = ad.having(host=estate.hosts["MIM1"], delegates=False)
    with pytest.raises(ModuleFailure, match="Active Directory Web Services"):
        member("ou", name="x")
    assert member("ou", name="x", domain_username="EXAMPLE\\mimsetup", domain_password=PASSWORD)["changed"]


def test_a_group_managed_account_and_who_may_fetch_its_password() -> None:
    ad = on_controller()
    directory = ad.directory
    ad.verb("kds_root_key_write", EffectiveTime="2000-01-01T00:00:00Z")
    wanted = {"identity": "gmsa", "dns_hostname": "gmsa.corp.example.com", "allowed_to_retrieve_password": {"set": ["MIM1$"]}}
    made = ad("service_account", **wanted)
    entry = directory.resolve("gmsa$")
    assert entry is not None
    assert made["distinguished_name"] == f"CN=gmsa,CN=Managed Service Accounts,{DOMAIN}"
    assert directory.can_retrieve_password(entry, directory.token(directory.resolve("MIM1$").sid))  # type: ignore[union-attr]  # it exists
    assert ad("service_account", **wanted)["changed"] is False
    types = {"kerberos_encryption_types": {"set": ["aes256"]}}
    assert ad("service_account", identity="gmsa", **types)["changed"] is True
    assert ad("service_account", identity="gmsa", **types)["changed"] is False


def test_attributes_of_any_type() -> None:
    ad = on_controller()
    entry = add_user(ad.directory, "ann", url=("a", "b"))
    arguments = {
        "identity": "ann",
        "attributes": {
            "add": {"url": ["c"]},
            "remove": {"url": ["a"]},
            "set": {
                "thumbnailPhoto": {"type": "bytes", "value": "/9g="},
                "accountExpires": {"type": "date_time", "value": "2030-01-01T00:00:00Z"},
                "title": None,
            },
        },
    }
    assert ad("user", **arguments)["changed"] is True
    assert set(entry.values("url")) == {"b", "c"}
    assert (entry.get("thumbnailPhoto"), entry.get("accountExpires")) == (b"\xff\xd8", file_time(1893456000))
    assert ad("user", **arguments)["changed"] is False


def test_locked_and_expired_accounts_are_mended() -> None:
    ad = on_controller()
    entry = add_user(ad.directory, "ann")
    ad.directory.modify(entry, [Modification("replace", "lockoutTime", (file_time(ad.directory.clock()),))])
    assert ad("user", identity="ann", account_locked=False, user_cannot_change_password=True)["changed"] is True
    assert ad.directory.verify("EXAMPLE", "ann", PASSWORD)
    assert ad("user", identity="ann", account_locked=False, user_cannot_change_password=True)["changed"] is False


def test_object_info_shows_what_is_asked_for() -> None:
    ad = on_controller(forest())
    entry = add_user(ad.directory, "ann", mail="ann@example.com", thumbnailPhoto=b"\xff\xd8")
    query = "(sAMAccountName=ann)"
    shown = ad("object_info", ldap_filter=query, properties=["mail", "thumbnailPhoto", "objectSid", "userAccountControl", "whenCreated", "department"])[
        "objects"
    ][0]
    assert shown["DistinguishedName"] == entry.dn
    assert (shown["mail"], shown["thumbnailPhoto"], shown["department"]) == ("ann@example.com", "/9g=", None)
    assert shown["objectSid"] == {"Sid": entry.sid, "Name": "EXAMPLE\\ann"}
    assert shown["userAccountControl_AnsibleFlags"] == ["ADS_UF_NORMAL_ACCOUNT", "ADS_UF_DONT_EXPIRE_PASSWD"]
    assert shown["whenCreated"].endswith("0000000Z")
    assert ad("object_info", identity=f"CN=nobody,{STAFF}")["objects"] == []
    ad.directory.delete(entry)
    assert ad("object_info", ldap_filter=query)["objects"] == []
    assert len(ad("object_info", ldap_filter=query, include_deleted=True)["objects"]) == 1
    with pytest.raises(ModuleFailure, match="not found"):
        ad("object_info", ldap_filter=query, search_base=f"OU=Nowhere,{DOMAIN}")
