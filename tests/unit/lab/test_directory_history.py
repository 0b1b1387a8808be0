# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Random histories: whoever follows the changes ends with what the directory holds, and its indexes stay sound."""

from __future__ import annotations

import pickle
from typing import Any

from ansible_collections.mimsync.sharepoint.lab.estate.directory import Directory, DirectoryError, Entry
from ansible_collections.mimsync.sharepoint.lab.estate.directory_names import escape_value
from directory_support import DOMAIN, STAFF, forest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = forest().get(STAFF).guid
NAMES = ("Ann", "Bob", "Doe, Jane", "Çağla", "#Grace", "李 伟")
ATTRIBUTES = ("title", "mail", "department")
numbers = st.integers(0, 30)
steps = st.one_of(
    st.tuples(st.just("create"), numbers, st.sampled_from(NAMES)),
    st.tuples(st.just("unit"), numbers, st.sampled_from(NAMES)),
    st.tuples(st.just("set"), numbers, st.tuples(st.sampled_from(ATTRIBUTES), st.sampled_from(("x", "y", None)))),
    st.tuples(st.just("manager"), numbers, numbers),
    st.tuples(st.just("rename"), numbers, st.sampled_from(NAMES)),
    st.tuples(st.just("move"), numbers, numbers),
    st.tuples(st.just("delete"), numbers, st.booleans()),
    st.tuples(st.just("look"), numbers, st.none()),
)


def living(directory: Directory) -> list[Entry]:
    return [entry for entry in directory.subtree(directory.by_guid[ROOT]) if not entry.deleted]


def take(directory: Directory, step: tuple[str, int, Any], serial: int) -> None:
    """Does the step on some object; what a domain controller refuses does not happen."""
    kind, number, value = step
    entries = living(directory)
    entry = entries[number % len(entries)]
    try:
        if kind == "create":
            directory.create(f"CN={escape_value(value)},{entry.dn}", "user", {"sAMAccountName": f"u{serial}"}, token=None)
        elif kind == "unit":
            directory.create(f"OU={escape_value(value)},{entry.dn}", "organizationalUnit")
        elif kind == "set":
            directory.set(entry, {value[0]: value[1]})
        elif kind == "manager":
            directory.set(entry, {"manager": entries[value % len(entries)].dn})
        elif kind == "rename":
            directory.move(entry, name=value)
        elif kind == "move":
            directory.move(entry, entries[value % len(entries)])
        elif kind == "delete" and entry.guid != ROOT:
            directory.delete(entry, recursive=value)
    except DirectoryError as problem:
        assert problem.code
        assert problem.message


class Replica:
    """Keeps objects by GUID from what DirSync delivers: attributes, and place by the DN of each delivered object."""

    def __init__(self) -> None:
        self.cookie = ""
        self.objects: dict[str, dict[str, Any]] = {}

    def follow(self, directory: Directory) -> None:
        for page in directory.changes_since(self.cookie, DOMAIN, page_size=3):
            for change in page.changes:
                if change.deleted:
                    self.objects.pop(change.guid, None)
                    continue
                known = self.objects.setdefault(change.guid, {})
                known.update({name: values for name, values in change.attributes.items() if name in (*ATTRIBUTES, "name")})
            self.cookie = page.cookie or self.cookie


def state(directory: Directory) -> dict[str, dict[str, Any]]:
    found = {}
    for entry in directory.subtree(directory.get(DOMAIN)):
        if not entry.deleted:
            found[entry.guid] = {name: entry.values(name) for name in (*ATTRIBUTES, "name") if entry.values(name)}
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=25))
def test_following_the_changes_ends_where_a_full_read_ends(history: list[tuple[str, int, Any]]) -> None:
    directory = forest()
    replica = Replica()
    for serial, step in enumerate(history):
        take(directory, step, serial)
        if step[0] == "look":
            replica.follow(directory)
    replica.follow(directory)
    held = {guid: {name: values for name, values in found.items() if values} for guid, found in replica.objects.items()}
    assert held == state(directory)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=25))
def test_indexes_and_links_agree(history: list[tuple[str, int, Any]]) -> None:
    directory = forest()
    for serial, step in enumerate(history):
        take(directory, step, serial)
    for entry in living(directory):
        assert directory.find(entry.dn) is entry
        for target in (entry.links or {}).get("manager", {}):
            assert not target.deleted
            assert entry.dn in target.values("directReports")
        for source in (entry.back_links or {}).get("directReports", {}):
            assert source.get("manager") == entry.dn
    again = pickle.loads(pickle.dumps(directory))
    assert [(entry.dn, entry.values("manager")) for entry in living(again)] == [(entry.dn, entry.values("manager")) for entry in living(directory)]
