# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Passwords, lockout, tokens and group-managed accounts of the lab's directory."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.directory import DirectoryError
from ansible_collections.mimsync.sharepoint.lab.estate.directory_entry import file_time
from ansible_collections.mimsync.sharepoint.lab.estate.directory_errors import LogonFailure
from directory_support import DOMAIN, PASSWORD, STAFF, Clock, add_user, forest

_DAY = 86400


@pytest.mark.parametrize(
    ("attributes", "password", "status"),
    [
        ({}, "wrong", "0xC000006A"),
        ({"userAccountControl": 0x202}, PASSWORD, "0xC0000072"),
        ({"userAccountControl": 0x200, "pwdLastSet": 0}, PASSWORD, "0xC0000224"),
        ({"accountExpires": file_time(1_700_000_000)}, PASSWORD, "0xC0000193"),
    ],
)
def test_a_logon_is_refused_with_its_status(attributes: dict[str, int], password: str, status: str) -> None:
    directory = forest()
    directory.set(add_user(directory, "ann"), attributes)
    with pytest.raises(LogonFailure) as caught:
        directory.verify("EXAMPLE", "ann", password)
    assert caught.value.detail == status


def test_a_password_grows_old() -> None:
    directory = forest()
    directory.set(add_user(directory, "ann"), {"userAccountControl": 0x200})
    assert directory.verify("", "ann@corp.example.com", PASSWORD)
    assert isinstance(directory.clock, Clock)
    directory.clock.seconds += 43 * _DAY
    with pytest.raises(LogonFailure, match="has expired"):
        directory.verify("EXAMPLE", "ann", PASSWORD)


def test_ten_wrong_passwords_lock_for_half_an_hour() -> None:
    directory = forest()
    add_user(directory, "ann")
    for _unused in range(10):
        with pytest.raises(LogonFailure, match="incorrect"):
            directory.verify("EXAMPLE", "ann", "wrong")
    with pytest.raises(LogonFailure, match="locked out"):
        directory.verify("EXAMPLE", "ann", PASSWORD)
    assert isinstance(directory.clock, Clock)
    directory.clock.seconds += 1801
    assert directory.verify("EXAMPLE", "ann", PASSWORD)


@pytest.mark.parametrize("password", ["short", "alllowercaseletters", "Xx1-ann-Xx1", "NoDigitsOrSigns"])
def test_a_weak_password_is_refused(password: str) -> None:
    directory = forest()
    entry = add_user(directory, "ann")
    with pytest.raises(DirectoryError, match="length, complexity, or history"):
        directory.set_password(entry, password)
    assert directory.verify("EXAMPLE", "ann", PASSWORD) is entry


def test_a_token_has_nested_security_groups_and_no_distribution_list() -> None:
    directory = forest()
    ann = add_user(directory, "ann")
    kinds = {"inner": 2 - 2**31, "outer": 8 - 2**31, "local": 4 - 2**31, "list": 8}
    groups = {name: directory.create(f"CN={name},{STAFF}", "group", {"sAMAccountName": name, "groupType": kind}) for name, kind in kinds.items()}
    directory.set(groups["inner"], {"member": ann})
    directory.set(groups["outer"], {"member": groups["inner"]})
    directory.set(groups["local"], {"member": groups["outer"]})
    directory.set(groups["list"], {"member": ann})
    token = directory.token(ann.sid)
    assert {groups[name].sid for name in ("inner", "outer", "local")} <= token
    assert groups["list"].sid not in token
    assert {f"{directory.domain_sid}-513", "S-1-5-11", "S-1-1-0"} <= token


def test_aliases_of_the_domain_count_on_its_controllers_only() -> None:
    directory = forest()
    setup = directory.resolve("mimsetup")
    assert setup is not None
    assert "S-1-5-32-544" not in directory.token(setup.sid)
    assert "S-1-5-32-544" in directory.directory_token(setup.sid)


def test_only_the_named_computers_fetch_a_managed_password() -> None:
    directory = forest()
    account = directory.create(
        f"CN=gmsa,CN=Managed Service Accounts,{DOMAIN}",
        "msDS-GroupManagedServiceAccount",
        {"sAMAccountName": "gmsa$", "msDS-ManagedPasswordInterval": 30, "msDS-GroupMSAMembership": [f"CN=MIM1,CN=Computers,{DOMAIN}"]},
    )
    computer = directory.resolve("MIM1$")
    assert computer is not None
    assert directory.can_retrieve_password(account, directory.token(computer.sid))
    assert not directory.can_retrieve_password(account, directory.token(directory.resolve("mimsetup").sid))  # type: ignore[union-attr]  # it exists
