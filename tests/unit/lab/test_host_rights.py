# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""win_user_right, win_group, win_group_membership and win_acl; what they mean for a logon."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.access_list import FILE_RIGHTS
from ansible_collections.mimsync.sharepoint.lab.modules.registry import ModuleFailure
from ansible_collections.mimsync.sharepoint.lab.wsman.logon import HostLogon
from ansible_collections.mimsync.sharepoint.lab.wsman.ntlm import LogonRefused
from host_support import Caller, session_of

RIGHT, GROUP, MEMBERS, ACL = (f"ansible.windows.{name}" for name in ("win_user_right", "win_group", "win_group_membership", "win_acl"))
FOLDER = "C:\\Own"


def test_right_is_checked_granted_and_taken(member: Caller) -> None:
    wanted: dict[str, Any] = {"name": "SeDenyNetworkLogonRight", "users": ["EXAMPLE\\svc-mimsync"], "action": "add"}
    assert member.checking()(RIGHT, **wanted) == {"changed": True, "added": ["EXAMPLE\\svc-mimsync"], "removed": []}
    assert "SeDenyNetworkLogonRight" not in member.host.user_rights
    assert member(RIGHT, **wanted)["changed"]
    assert not member(RIGHT, **wanted)["changed"]
    assert member(RIGHT, **{**wanted, "action": "remove"})["removed"] == ["EXAMPLE\\svc-mimsync"]


def test_set_replaces_all_holders(member: Caller) -> None:
    answer = member.diffing()(RIGHT, name="SeServiceLogonRight", users=["svc-mimsync@corp.example.com"], action="set")
    assert (answer["added"], answer["removed"]) == (["EXAMPLE\\svc-mimsync"], ["NT SERVICE\\ALL SERVICES"])
    assert answer["diff"]["after"] == {"SeServiceLogonRight": ["EXAMPLE\\svc-mimsync"]}


@pytest.mark.parametrize(
    ("name", "user", "message"),
    [
        ("SeNoSuchRight", "EXAMPLE\\plain", "the specified right SeNoSuchRight is not a valid right"),
        ("SeServiceLogonRight", "EXAMPLE\\nobody", "Failed to translate the account 'EXAMPLE\\\\nobody' to a SID"),
    ],
)
def test_refused_rights(member: Caller, name: str, user: str, message: str) -> None:
    with pytest.raises(ModuleFailure, match=message):
        member(RIGHT, name=name, users=[user], action="add")


def test_group_is_made_filled_and_removed(member: Caller) -> None:
    assert member.checking()(GROUP, name="Own", description="text") == {"changed": True, "sid": "S-1-5-0000"}
    made = member(GROUP, name="Own", description="text", members={"add": ["EXAMPLE\\plain"]})
    assert made["changed"]
    assert made["sid"].startswith("S-1-5-21-")
    assert not member(GROUP, name="own", description="text", members={"add": ["EXAMPLE\\plain"]})["changed"]
    assert member(GROUP, name="Own", members={"set": ["EXAMPLE\\mimsetup"]})["changed"]
    assert member(MEMBERS, name="Own", members=["EXAMPLE\\mimsetup"], state="present")["members"] == ["EXAMPLE\\mimsetup"]
    assert member(GROUP, name="Own", state="absent")["changed"]
    assert not member(GROUP, name="Own", state="absent")["changed"]


def test_built_in_group_stays(member: Caller) -> None:
    with pytest.raises(ModuleFailure, match="Cannot perform this operation on built-in accounts"):
        member(GROUP, name="Users", state="absent")


def test_membership_counts_from_the_next_logon(member: Caller) -> None:
    before = session_of(member.host, "plain")
    answer = member(MEMBERS, name="Administrators", members=["EXAMPLE\\plain"], state="present")
    assert (answer["changed"], answer["added"]) == (True, ["EXAMPLE\\plain"])
    assert not before.administrator
    assert session_of(member.host, "plain").administrator


def test_pure_membership(member: Caller) -> None:
    answer = member(MEMBERS, name="Administrators", members=["plain"], state="pure")
    assert (answer["added"], answer["removed"], answer["members"]) == (["EXAMPLE\\plain"], ["EXAMPLE\\Domain Admins"], ["EXAMPLE\\plain"])
    assert not member(MEMBERS, name="Administrators", members=["plain"], state="pure")["changed"]
    assert member.checking()(MEMBERS, name="Administrators", members=["plain"], state="absent")["members"] == []
    assert member(MEMBERS, name="Administrators", members=["plain"], state="absent")["removed"] == ["EXAMPLE\\plain"]


@pytest.mark.parametrize(
    ("name", "account", "message"),
    [("Nope", "plain", "Could not find local group Nope"), ("Users", "nobody", "account_name nobody is not a valid account, cannot get SID")],
)
def test_refused_memberships(member: Caller, name: str, account: str, message: str) -> None:
    with pytest.raises(ModuleFailure, match=message):
        member(MEMBERS, name=name, members=[account])


@pytest.mark.parametrize("path", [FOLDER, "HKLM:\\SOFTWARE\\Own"])
def test_rule_is_added_once_and_removed(member: Caller, path: str) -> None:
    member.host.files.make_folder(FOLDER)
    member("ansible.windows.win_regedit", path="HKLM:\\SOFTWARE\\Own")
    wanted = {"path": path, "user": "EXAMPLE\\svc-mimsync", "rights": "FullControl", "type": "allow"}
    assert member(ACL, **wanted) == {"changed": True}
    assert member(ACL, **wanted) == {"changed": False, "msg": "the specified rule already exists"}
    assert member(ACL, **wanted, state="absent") == {"changed": True}
    assert member(ACL, **wanted, state="absent") == {"changed": False, "msg": "the specified rule does not exist"}


def test_rights_reach_files_below_and_denials_win(member: Caller) -> None:
    files = member.host.files
    files.make_folder(FOLDER + "\\Deep")
    files.write(FOLDER + "\\Deep\\a.txt", b"")
    account = frozenset({session_of(member.host, "svc-mimsync").sid})
    assert not files.allows(FOLDER + "\\Deep\\a.txt", account, FILE_RIGHTS["Modify"])
    member(ACL, path=FOLDER, user="EXAMPLE\\svc-mimsync", rights="Modify", type="allow")
    assert files.allows(FOLDER + "\\Deep\\a.txt", account, FILE_RIGHTS["Modify"])
    member(ACL, path=FOLDER + "\\Deep\\a.txt", user="EXAMPLE\\svc-mimsync", rights="Write", type="deny")
    assert not files.allows(FOLDER + "\\Deep\\a.txt", account, FILE_RIGHTS["Modify"])
    assert files.allows(FOLDER + "\\Deep\\a.txt", account, FILE_RIGHTS["Read"])


def test_smaller_rights_merge_into_larger_ones_and_never_match(member: Caller) -> None:
    """The real module reports a change on every run there, since Windows keeps one entry."""
    member.host.files.make_folder(FOLDER)
    member(ACL, path=FOLDER, user="EXAMPLE\\plain", rights="FullControl", type="allow")
    assert member(ACL, path=FOLDER, user="EXAMPLE\\plain", rights="Read", type="allow")["changed"]
    assert member(ACL, path=FOLDER, user="EXAMPLE\\plain", rights="Read", type="allow")["changed"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": "C:\\Nowhere"}, "C:\\\\Nowhere file or directory does not exist on the host"),
        ({"user": "nobody"}, "account_name nobody is not a valid account"),
        ({"rights": "Everything"}, "an error occurred when attempting to present Everything permission"),
    ],
)
def test_refused_rules(member: Caller, options: dict[str, str], message: str) -> None:
    member.host.files.make_folder(FOLDER)
    with pytest.raises(ModuleFailure, match=message):
        member(ACL, **{"path": FOLDER, "user": "EXAMPLE\\plain", "rights": "Read", "type": "allow", **options})


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("ansible.windows.win_service", {"name": "Spooler", "state": "stopped"}),
        ("ansible.windows.win_regedit", {"path": "HKLM:\\SOFTWARE\\Own"}),
        ("ansible.windows.win_feature", {"name": "RSAT"}),
        ("ansible.windows.win_eventlog", {"name": "Own", "sources": ["OwnSource"]}),
        (RIGHT, {"name": "SeServiceLogonRight", "users": ["plain"], "action": "add"}),
        (GROUP, {"name": "Own"}),
        (MEMBERS, {"name": "Administrators", "members": ["plain"]}),
        (ACL, {"path": "C:\\Windows", "user": "plain", "rights": "Read", "type": "allow"}),
    ],
)
def test_others_than_administrators_change_nothing(member: Caller, module: str, options: dict[str, Any]) -> None:
    with pytest.raises(ModuleFailure, match=r"(?i)denied|not allowed|adequate user rights|unauthorized"):
        member.as_user("plain")(module, **options)


def test_own_part_of_the_registry_is_open_to_all(member: Caller) -> None:
    assert member.as_user("plain")("ansible.windows.win_regedit", path="HKCU:\\Software\\Own")["changed"]


def test_denied_network_logon_shuts_the_endpoint(member: Caller) -> None:
    estate = member.host.estate
    assert estate is not None
    logon = HostLogon(estate, member.host)
    assert logon.open_session("EXAMPLE", "plain").account == "EXAMPLE\\plain"
    member(RIGHT, name="SeDenyNetworkLogonRight", users=["plain"], action="add")
    with pytest.raises(LogonRefused, match="may not log on to MIM1 over the network"):
        logon.open_session("EXAMPLE", "plain")
