# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's directory and a real one side by side: the same changes on both, and what each one's adapter says of them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from ansible_collections.mimsync.sharepoint.lab.estate.directory import Directory as LabDirectory
from ansible_collections.mimsync.sharepoint.lab.estate.directory_names import dn_key
from ansible_collections.mimsync.sharepoint.lab.estate.system_directory import DirectorySystem
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.access.binary import unpack_sid
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import (
    ChangeType,
    ConnectedSystem,
    ImportedObject,
    ImportRequest,
    Value,
    Values,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap import names
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.connection import Connection
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.records import Edit
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.values import read_types
from real_people import account
from samba_server import DOMAIN_DN

STAFF = f"OU=Staff,{DOMAIN_DN}"
# What the built-in solution selects, and further kinds of values: numbers, large ones, DNs that are no links.
ATTRIBUTES = tuple(
    """
    dc department description displayName givenName groupType mail manager member msDS-PhoneticDisplayName msDS-PhoneticFirstName
    msDS-PhoneticLastName msDS-SourceObjectDN name nCName nETBIOSName objectSid physicalDeliveryOfficeName proxyAddresses sAMAccountName
    sn telephoneNumber thumbnailPhoto title url userPrincipalName wWWHomePage
    cn ou distinguishedName userAccountControl sAMAccountType accountExpires employeeID employeeType mobile co c l company
    """.split()
)
TYPES = ("contact", "container", "crossRef", "domainDNS", "group", "organizationalUnit", "user")
REQUEST = ImportRequest(DOMAIN_DN, TYPES, ATTRIBUTES, inclusions=(STAFF,))
_LINKS, _NAMES = frozenset({"manager", "member"}), frozenset({"distinguishedname", "ncname"})


@dataclass
class Space:
    """What an agent's connector space would hold after its imports, by anchor."""

    objects: dict[str, ImportedObject] = field(default_factory=dict)
    watermark: str = ""

    def run(self, system: ConnectedSystem, request: ImportRequest = REQUEST) -> dict[str, str]:
        """A full import, or a delta from the last one on: what was delivered, by name, `gone` or `there`."""
        delivered: dict[str, str] = {}
        staged: list[ImportedObject] = []
        for page in system.import_pages(replace(request, watermark=self.watermark)):
            for item in page.objects:
                known = self.objects.get(item.anchor)
                if item.change is ChangeType.DELETE and known is not None:
                    delivered[dn_key(known.dn)] = "gone"
                elif item.change is not ChangeType.DELETE:
                    delivered[dn_key(item.dn)] = "there"
                    staged.append(item)
                self._stage(item, known)
            self.watermark = page.watermark or self.watermark
        self._refer(staged)
        return delivered

    def _stage(self, item: ImportedObject, known: ImportedObject | None) -> None:
        if item.change is ChangeType.DELETE:
            self.objects.pop(item.anchor, None)
        elif item.change is ChangeType.UPDATE:
            assert known is not None, f"an update of an object that was never delivered: {item.dn}"
            assert known.object_type == item.object_type
            merged = {name: values for name, values in {**known.attributes, **item.attributes}.items() if values}
            self.objects[item.anchor] = replace(item, attributes=merged)
        else:
            self.objects[item.anchor] = item

    def _refer(self, staged: Sequence[ImportedObject]) -> None:
        """References that came with this import mean objects from now on, whatever these are called later: as in a connector space."""
        anchors = {dn_key(item.dn): item.anchor for item in self.objects.values()}
        for item in staged:
            held = self.objects.get(item.anchor)
            if held is not None:
                links = {name: tuple(_Link(anchors.get(dn_key(str(value)), "")) for value in item.attributes[name]) for name in _LINKS & item.attributes.keys()}
                attributes = {name: values for name, values in {**held.attributes, **links}.items() if values}
                self.objects[item.anchor] = replace(held, attributes=attributes)

    def facts(self, *, links: bool = True) -> dict[str, dict[str, Any]]:
        """Type and attributes by name, in a form that can be compared between directories; without links if they are not wanted."""
        left_out = frozenset() if links else _LINKS
        return {dn_key(item.dn): {"type": item.object_type, **self._comparable(item.attributes, left_out)} for item in self.objects.values()}

    def _comparable(self, attributes: Mapping[str, Values], left_out: frozenset[str]) -> dict[str, Any]:
        """The order of values means nothing in a directory. Links are told by the present name of what they mean."""
        return {name: frozenset(self._plain(name, value) for value in values) for name, values in attributes.items() if values and name not in left_out}

    def _plain(self, name: str, value: Value) -> object:
        if isinstance(value, _Link):
            target = self.objects.get(value)
            return dn_key(target.dn) if target is not None else "outside"
        return _plain(name, value)


class _Link(str):
    """The anchor of an object that a reference means; empty for one that is not in the space."""


def _plain(name: str, value: Value) -> object:
    if name.lower() in _NAMES:
        return dn_key(str(value))
    if name.lower() == "objectsid" and isinstance(value, bytes):
        # MEANT: which account gets which number is up to the domain controller; the domain is the same.
        return unpack_sid(value).rpartition("-")[0]
    return value


def differences(left: Mapping[str, Mapping[str, Any]], right: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Every fact in which the two differ, readable."""
    found = []
    for name in sorted(left.keys() | right.keys()):
        ours, theirs = left.get(name), right.get(name)
        if ours is None or theirs is None:
            found.append(f"{name}: only in the {'second' if ours is None else 'first'}")
            continue
        keys = sorted(key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))
        found += [f"{name} {key}: {ours.get(key)!r} / {theirs.get(key)!r}" for key in keys]
    return found


class LabSide:
    """The lab's directory and its adapter, as the system."""

    def __init__(self, directory: LabDirectory) -> None:
        self.directory = directory
        self.system = DirectorySystem(SimpleNamespace(directory=directory, lock=threading.RLock()), "lab:389", None)  # type: ignore[arg-type]

    def add(self, dn: str, kind: str, values: Mapping[str, Sequence[Value]]) -> None:
        extra = {"userAccountControl": 0x200} if kind == "user" else {}
        self.directory.create(dn, kind, {name: list(given) for name, given in values.items()} | extra)

    def set(self, dn: str, name: str, values: Sequence[Value]) -> None:
        self.directory.set(self.directory.get(dn), {name: list(values)})

    def move(self, dn: str, wanted: str) -> None:
        _unused, parent = names.split(wanted)
        self.directory.move(self.directory.get(dn), self.directory.get(parent), names.name_of(wanted)[1])

    def delete(self, dn: str) -> None:
        self.directory.delete(self.directory.get(dn))


class RealSide:
    """A real directory over LDAP, as its administrator; `system` is the adapter, as the agent's account."""

    def __init__(self, connection: Connection, system: ConnectedSystem) -> None:
        self.connection = connection
        self.system = system
        self.types = read_types(connection, ATTRIBUTES)

    def add(self, dn: str, kind: str, values: Mapping[str, Sequence[Value]]) -> None:
        given = {name: self.types[name.lower()].write(listed) for name, listed in values.items()}
        self.connection.add(dn, {"objectClass": (kind.encode(),), **given, **(account() if kind == "user" else {})})

    def set(self, dn: str, name: str, values: Sequence[Value]) -> None:
        kind = self.types.get(name.lower())
        written = kind.write(values) if kind is not None else tuple(str(value).encode() for value in values)
        self.connection.modify(dn, (Edit("replace", name, written),))

    def move(self, dn: str, wanted: str) -> None:
        rdn, parent = names.split(wanted)
        stays = names.key(parent) == names.key(names.split(dn)[1])
        self.connection.rename(dn, rdn, "" if stays else parent)

    def delete(self, dn: str) -> None:
        self.connection.delete(dn)


@dataclass
class Pair:
    """Both directories, each with what its adapter delivered."""

    lab: LabSide
    real: RealSide
    lab_space: Space = field(default_factory=Space)
    real_space: Space = field(default_factory=Space)

    def do(self, action: str, *arguments: Any) -> None:
        """The same on both: add, set, move or delete."""
        for side in (self.lab, self.real):
            getattr(side, action)(*arguments)

    def run(self) -> dict[str, str]:
        """An import on both; what the real one delivered. Raises AssertionError where the two differ."""
        lab, real = self.lab_space.run(self.lab.system), self.real_space.run(self.real.system)
        different = differences(self.lab_space.facts(), self.real_space.facts())
        different += [f"delivered {name}: {lab.get(name)} / {real.get(name)}" for name in sorted(lab.keys() | real.keys()) if lab.get(name) != real.get(name)]
        assert not different, "lab / real:\n" + "\n".join(different)
        return real

    def found(self, query: str, below: str = STAFF) -> list[str]:
        """Names of objects, in the lab's order."""
        return [entry.dn for entry in self.lab.directory.search(below, query=query)]
