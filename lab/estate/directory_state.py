# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Saving a directory: its web of entries as flat rows, so that pickling neither recurses nor copies names."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .directory_entry import Entry
from .directory_names import comparison_key, dn_key, rdn_key
from .directory_schema import load_schema

if TYPE_CHECKING:
    from .directory import Directory

_INDEXES = ("heads", "by_guid", "by_sid", "by_account", "by_upn", "descriptor_cache", "clock", "schema", "root", "domains")
_PLAIN = ("guid", "sid", "rdn", "classes", "attributes", "versions", "usn_created", "usn_changed", "created", "changed", "descriptor", "deleted")


def freeze(directory: Directory) -> dict[str, Any]:
    """Rows in the tree's order, those of all domains; parents and links are row numbers."""
    from .directory_domain import ChildDomain

    entries = list(directory.entries())
    numbers = {entry: number for number, entry in enumerate(entries)}
    rows = [
        (
            tuple(getattr(entry, name) for name in _PLAIN),
            -1 if entry.parent is None else numbers[entry.parent],
            {name: {numbers[target]: usn for target, usn in targets.items()} for name, targets in (entry.links or {}).items()},
        )
        for entry in entries
    ]
    plain = {name: value for name, value in directory.__dict__.items() if name not in _INDEXES}
    return {
        "plain": plain,
        "rows": rows,
        "schema": directory.schema,
        "domains": [domain.own_state() for domain in directory.domains if isinstance(domain, ChildDomain)],
    }


def thaw(directory: Directory, state: dict[str, Any]) -> None:
    """Rebuilds entries, links and indexes."""
    from .directory_domain import restored

    directory.__dict__.update(state["plain"])
    directory.schema = state.get("schema") or load_schema()
    directory.clock = time.time
    for name in ("heads", "by_guid", "by_sid", "by_account", "by_upn", "descriptor_cache"):
        setattr(directory, name, {})
    directory.root, directory.domains = directory, [directory]
    for domain in state["domains"]:
        restored(directory, domain)
    entries = [_entry(plain) for plain, _unused, _unused in state["rows"]]
    for entry, (_unused, parent, links) in zip(entries, state["rows"], strict=True):
        _attach(directory, entry, entries[parent] if parent >= 0 else None)
        for name, targets in links.items():
            for number, usn in targets.items():
                connect(directory, entry, name, entries[number], usn)


def _entry(plain: tuple[Any, ...]) -> Entry:
    entry = Entry.__new__(Entry)
    entry.parent = entry.links = entry.back_links = entry.children = None
    for name, value in zip(_PLAIN, plain, strict=True):
        setattr(entry, name, value)
    return entry


def _attach(directory: Directory, entry: Entry, parent: Entry | None) -> None:
    if parent is None:
        entry.parent = None
        directory.heads[dn_key(entry.rdn)] = entry
    else:
        attach(entry, parent)
    index(directory.domain_of(entry), entry)


def attach(entry: Entry, parent: Entry) -> None:
    """Hangs an entry below its parent."""
    entry.parent = parent
    if parent.children is None:
        parent.children = {}
    parent.children[rdn_key(entry.rdn)] = entry


def index(directory: Directory, entry: Entry) -> None:
    """Makes it found by GUID, SID, account name and principal name; `directory` is the domain that holds it."""
    directory.by_guid[entry.guid] = entry
    if entry.deleted:
        return
    if entry.sid:
        directory.by_sid[entry.sid] = entry
    for attribute, table in (("sAMAccountName", directory.by_account), ("userPrincipalName", directory.by_upn)):
        value = entry.attributes.get(attribute)
        if isinstance(value, str):
            table[comparison_key(value)] = entry


def connect(directory: Directory, source: Entry, attribute: str, target: Entry, usn: int) -> None:
    """Sets a reference and, for linked attributes, the way back."""
    if source.links is None:
        source.links = {}
    source.links.setdefault(attribute, {})[target] = usn
    if target.back_links is None:
        target.back_links = {}
    target.back_links.setdefault(directory.schema.back_link(attribute), {})[source] = None


def disconnect(directory: Directory, source: Entry, attribute: str, target: Entry) -> None:
    if source.links and attribute in source.links:
        source.links[attribute].pop(target, None)
        if not source.links[attribute]:
            del source.links[attribute]
    back = directory.schema.back_link(attribute)
    if target.back_links and back in target.back_links:
        target.back_links[back].pop(source, None)
        if not target.back_links[back]:
            del target.back_links[back]
