# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Volumes, access lists, shares, names and SIDs, times of scheduled tasks."""

from __future__ import annotations

import pickle
from datetime import datetime

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.access_list import (
    FILE_RIGHTS,
    AccessRule,
    add_rule,
    file_rights,
    granted,
    remove_rule,
)
from ansible_collections.mimsync.sharepoint.lab.estate.files import FileProblem, FileSystem, normalize
from ansible_collections.mimsync.sharepoint.lab.estate.principals import account_name, is_sid, resolve, service_sid
from ansible_collections.mimsync.sharepoint.lab.estate.scheduled_task import ScheduledTask, Trigger
from ansible_collections.mimsync.sharepoint.lab.estate.scheduled_task_times import next_run
from ansible_collections.mimsync.sharepoint.lab.estate.shares import read_file
from host_support import Caller, session_of
from hypothesis import given
from hypothesis import strategies as st

# 2026-01-05 (a Monday) 08:00:00 UTC
MONDAY = 1_767_600_000.0

names = st.text("abcXYZ .-_()[]äß", min_size=1, max_size=8).filter(lambda name: name.strip(" .") == name)
rules = st.builds(AccessRule, st.sampled_from(["S-1-5-18", "S-1-5-32-544"]), st.integers(1, 0xFFFFF), st.booleans(), st.integers(0, 3), st.integers(0, 3))


@given(st.lists(names, min_size=1, max_size=4))
def test_paths_know_neither_case_nor_slashes(parts: list[str]) -> None:
    files = FileSystem()
    path = "C:\\" + "\\".join(parts)
    assert files.make_folder(path)
    assert not files.make_folder(path.upper().replace("SS", "ss"))
    assert files.is_folder(path.replace("\\", "/") + "/")
    assert normalize(normalize(path)) == normalize(path)


def test_file_needs_its_folder_and_its_volume() -> None:
    files = FileSystem()
    with pytest.raises(FileProblem, match=r"Could not find a part of the path 'C:\\no\\a.txt'\."):
        files.write("C:\\no\\a.txt", b"")
    with pytest.raises(FileProblem, match=r"Could not find a part of the path 'D:\\x\\y'\."):
        files.make_folder("D:\\x\\y")
    files.mount("D:")
    assert files.make_folder("D:\\x\\y")


@given(st.lists(rules, max_size=6), rules)
def test_added_rule_is_granted_and_removed_again(existing: list[AccessRule], new: AccessRule) -> None:
    merged: list[AccessRule] = []
    for rule in existing:
        merged = add_rule(merged, rule)
    added = add_rule(merged, new)
    assert any(rule.same_place(new) and rule.rights & new.rights == new.rights for rule in added)
    assert len({(rule.sid, rule.allow, rule.inheritance, rule.propagation) for rule in added}) == len(added)
    assert not any(rule.same_place(new) and rule.rights & new.rights for rule in remove_rule(added, new))


@given(st.lists(rules, max_size=6), st.integers(1, 0xFFFF))
def test_more_rights_are_never_easier_to_hold(level: list[AccessRule], wanted: int) -> None:
    sids = frozenset({"S-1-5-18"})
    if granted([level], sids, wanted):
        assert all(granted([level], sids, wanted & 1 << bit) for bit in range(16) if wanted & 1 << bit)


def test_grants_carry_synchronize_and_denials_do_not() -> None:
    assert file_rights("Read, Write", allow=True) & FILE_RIGHTS["Synchronize"]
    assert not file_rights("Modify, Synchronize", allow=False) & FILE_RIGHTS["Synchronize"]


@pytest.mark.parametrize(
    ("name", "sid"),
    [
        ("Administrators", "S-1-5-32-544"),
        ("BUILTIN\\Users", "S-1-5-32-545"),
        (".\\Users", "S-1-5-32-545"),
        ("SYSTEM", "S-1-5-18"),
        ("nt authority\\network service", "S-1-5-20"),
        ("Everyone", "S-1-1-0"),
        ("NT SERVICE\\ALL SERVICES", "S-1-5-80-0"),
        ("s-1-5-21-1-2-3-4", "S-1-5-21-1-2-3-4"),
        ("EXAMPLE\\Administrators", None),
        ("OTHER\\mimsetup", None),
        ("CN=mimsetup,CN=Users,DC=corp,DC=example,DC=com", None),
        ("NT SERVICE\\Nope", None),
    ],
)
def test_names_of_accounts(member: Caller, name: str, sid: str | None) -> None:
    assert resolve(member.host, name) == sid


@pytest.mark.parametrize("name", ["EXAMPLE\\mimsetup", "mimsetup@corp.example.com", "mimsetup"])
def test_domain_account_in_all_forms(member: Caller, name: str) -> None:
    sid = resolve(member.host, name)
    assert sid is not None
    assert account_name(member.host, sid) == "EXAMPLE\\mimsetup"


def test_sid_of_a_service_is_windows_own(member: Caller) -> None:
    """TrustedInstaller's SID is the same on all Windows hosts."""
    assert service_sid("TrustedInstaller") == "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
    sid = resolve(member.host, "NT SERVICE\\Spooler")
    assert sid is not None
    assert account_name(member.host, sid) == "NT SERVICE\\Spooler"
    assert is_sid(sid)


def test_shares(member: Caller) -> None:
    estate = member.host.estate
    assert estate is not None
    files = estate.hosts["FILES1"]
    files.files.make_folder("C:\\Share")
    files.files.write("C:\\Share\\a.txt", b"text")
    files.shares["data"] = "C:\\Share"
    here, session = member.host, member.session
    assert read_file(here, session, "\\\\FILES1\\data\\a.txt") == b"text"
    assert read_file(here, session, "//files1.corp.example.com/C$/Share/a.txt") == b"text"
    cases = (
        ("\\\\NOPE\\data\\a.txt", session, "The network path was not found."),
        ("\\\\FILES1\\nope\\a.txt", session, "The network name cannot be found."),
        ("\\\\FILES1\\data\\a.txt", session_of(here, "mimsetup", delegates=False), "denied"),
        ("\\\\FILES1\\C$\\Share\\a.txt", session_of(here, "plain"), "denied"),
        ("\\\\FILES1\\data\\b.txt", session, "Could not find file"),
    )
    for path, who, message in cases:
        with pytest.raises(FileProblem, match=message):
            read_file(here, who, path)


def test_denied_file_cannot_be_read(member: Caller) -> None:
    member.host.files.write("C:\\Windows\\a.txt", b"text").access.append(AccessRule(member.session.sid, 0x1, allow=False))
    with pytest.raises(FileProblem, match="denied"):
        read_file(member.host, member.session, "C:\\Windows\\a.txt")


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        (Trigger(1, {"StartBoundary": "2026-02-01T10:00:00"}), "2026-02-01T10:00:00"),
        (Trigger(1, {"StartBoundary": "2025-02-01T10:00:00"}), None),
        (Trigger(2, {"StartBoundary": "2026-01-04T23:00:00", "DaysInterval": 1}), "2026-01-05T23:00:00"),
        (Trigger(2, {"StartBoundary": "2026-01-04T07:00:00", "DaysInterval": 1}), "2026-01-06T07:00:00"),
        (Trigger(3, {"StartBoundary": "2026-01-04T01:00:00", "DaysOfWeek": 1}), "2026-01-11T01:00:00"),
        (
            Trigger(2, {"StartBoundary": "2026-01-04T00:10:00", "DaysInterval": 1, "Repetition": {"Interval": "PT30M", "Duration": "P1D"}}),
            "2026-01-05T08:10:00",
        ),
        (Trigger(8, {}), None),
    ],
)
def test_next_run(trigger: Trigger, expected: str | None) -> None:
    task = ScheduledTask("t", "\\", triggers=[trigger])
    found = next_run(task, MONDAY)
    assert found == (datetime.fromisoformat(expected) if expected else None)
    task.settings["Enabled"] = False
    assert next_run(task, MONDAY) is None


def test_state_survives_being_saved(member: Caller) -> None:
    member("community.windows.win_scheduled_task", name="Own", actions=[{"path": "cmd.exe"}], username="SYSTEM")
    host = member.host
    host.estate = None
    again = pickle.loads(pickle.dumps(host))
    assert again.scheduled_tasks == host.scheduled_tasks
    assert again.files.nodes.keys() == host.files.nodes.keys()
