# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""win_regedit and win_reg_stat, and the keys that Windows keeps up itself."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.host import Program
from ansible_collections.mimsync.sharepoint.lab.modules.registry import ModuleFailure
from host_support import Caller

EDIT, STAT = "ansible.windows.win_regedit", "ansible.windows.win_reg_stat"
KEY = "HKLM:\\SOFTWARE\\Own"


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({"data": "text"}, {"type": "REG_SZ", "value": "text", "raw_value": "text"}),
        ({"data": 5, "type": "dword"}, {"type": "REG_DWORD", "value": 5, "raw_value": 5}),
        ({"data": "0xffffffff", "type": "dword"}, {"type": "REG_DWORD", "value": 4294967295, "raw_value": 4294967295}),
        ({"data": ["a", "b"], "type": "multistring"}, {"type": "REG_MULTI_SZ", "value": ["a", "b"], "raw_value": ["a", "b"]}),
        ({"data": "hex:be,ef", "type": "binary"}, {"type": "REG_BINARY", "value": [190, 239], "raw_value": ["0xbe", "0xef"]}),
        ({"type": "string"}, {"type": "REG_SZ", "value": "", "raw_value": ""}),
    ],
)
def test_value_of_each_type(member: Caller, options: dict[str, Any], shown: dict[str, Any]) -> None:
    assert member.checking()(EDIT, path=KEY, name="v", **options)["changed"]
    assert member(STAT, path=KEY, name="v") == {"changed": False, "exists": False}
    assert member(EDIT, path=KEY, name="v", **options)["changed"]
    assert not member(EDIT, path=KEY, name="V", **options)["changed"]
    assert member(STAT, path=KEY, name="v") == {"changed": False, "exists": True, **shown}


def test_changes_of_data_and_type_are_told_apart(member: Caller) -> None:
    member(EDIT, path=KEY, name="v", data="1")
    answer = member.diffing()(EDIT, path=KEY, name="v", data=1, type="dword")
    assert (answer["changed"], answer["data_type_changed"], answer["data_changed"]) == (True, True, True)
    assert answer["diff"] == {"before": {KEY: {"v": {"type": "String", "value": "1"}}}, "after": {KEY: {"v": {"type": "DWord", "value": "0x00000001"}}}}


def test_values_and_keys_go(member: Caller) -> None:
    member(EDIT, path=KEY + "\\Deep", name="v", data="1")
    assert member(EDIT, path=KEY + "\\Deep", name="v", state="absent")["changed"]
    assert not member(EDIT, path=KEY + "\\Deep", name="v", state="absent")["changed"]
    assert member(EDIT, path=KEY, state="absent", delete_key=True)["changed"]
    assert member(STAT, path=KEY)["exists"] is False


def test_key_shows_values_and_sub_keys(member: Caller) -> None:
    member(EDIT, path=KEY, name="v", data="1")
    member(EDIT, path=KEY + "\\Deep\\Deeper")
    answer = member(STAT, path=KEY)
    assert (list(answer["properties"]), answer["sub_keys"]) == (["v"], ["Deep"])


def test_installed_programs_and_services_are_there(member: Caller) -> None:
    member.host.programs["{AB}"] = Program("{AB}", "Own", "1.2.3")
    key = "HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall"
    assert member(STAT, path=f"{key}\\{{AB}}", name="DisplayVersion")["value"] == "1.2.3"
    assert "{AB}" in member(STAT, path=key)["sub_keys"]
    assert member(STAT, path="HKLM:\\SYSTEM\\CurrentControlSet\\Services\\Spooler", name="Start")["value"] == 2


def test_pending_restart_is_visible(member: Caller) -> None:
    key = "HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Session Manager"
    assert not member(STAT, path=key, name="PendingFileRenameOperations")["exists"]
    member.host.restart_reasons.append("a file is in use")
    assert member(STAT, path=key, name="PendingFileRenameOperations")["exists"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": "C:\\no"}, "path: C:\\\\no is not a valid powershell path"),
        ({"path": KEY, "name": "v", "type": "dword", "data": 2**32}, "data cannot be larger than 0xffffffff when type is dword"),
        ({"path": KEY, "name": "v", "type": "binary", "data": 256}, "cannot convert binary data '256' to byte array"),
        ({"path": KEY, "name": "v", "type": "qword", "data": 1.5}, "cannot be a decimal or float value with a remainder"),
    ],
)
def test_refusals(member: Caller, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ModuleFailure, match=message):
        member(EDIT, **options)
