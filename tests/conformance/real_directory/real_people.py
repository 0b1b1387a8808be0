# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's people made in a real directory, over LDAP, object by object as they stand in the lab's."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.mimsync.sharepoint.lab.estate.directory import Directory
from ansible_collections.mimsync.sharepoint.lab.estate.directory_entry import Entry
from ansible_collections.mimsync.sharepoint.lab.estate.directory_forest import create_forest
from ansible_collections.mimsync.sharepoint.lab.estate.people import populate
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.connection import Connection
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.records import Bytes, Edit
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.values import AttributeType, read_types

PLACES = ("OU=Staff", "OU=Service Accounts")
ACCOUNT_PASSWORD = "Pass-of-people-1"
# The directory's own account manager sets these, whoever asks.
OWN = frozenset({"objectcategory", "instancetype", "sid", "samaccounttype", "primarygroupid", "accountexpires", "pwdlastset", "useraccountcontrol"})
PEOPLE, SEED = 60, 20160101


def lab_forest() -> Directory:
    """The demo's people in the lab's directory, the same at each call."""
    directory = create_forest(seed=SEED)
    populate(directory, people=PEOPLE, seed=SEED)
    return directory


def entries(lab: Directory) -> Iterator[Entry]:
    """Parents before children, below the containers that hold the demo's people and service accounts."""
    for place in PLACES:
        yield from lab.subtree(lab.get(f"{place},{lab.domain_dn}"))


def load(lab: Directory, connection: Connection) -> None:
    """Adds every object, then the references between them."""
    found = list(entries(lab))
    types = read_types(connection, {name for entry in found for name in (*entry.attributes, *(entry.links or {}))})
    for entry in found:
        connection.add(entry.dn, _plain(entry, types))
    for entry in found:
        edits = [Edit("add", name, tuple(target.dn.encode() for target in targets)) for name, targets in (entry.links or {}).items()]
        if edits:
            connection.modify(entry.dn, edits)


def _plain(entry: Entry, types: dict[str, AttributeType]) -> dict[str, Bytes]:
    found: dict[str, Bytes] = {"objectClass": (entry.object_class.encode(),)}
    for name in entry.attributes:
        kind = types.get(name.lower())
        if kind is not None and name.lower() not in OWN:
            found[name] = kind.write(entry.values(name))
    if entry.object_class == "user":
        found |= account(entry.number("userAccountControl"))
    return found


def account(control: int = 0x200, password: str = ACCOUNT_PASSWORD) -> dict[str, Bytes]:
    """What makes a user an account that can log on."""
    return {"userAccountControl": (str(control).encode(),), "unicodePwd": (f'"{password}"'.encode("utf-16-le"),)}
