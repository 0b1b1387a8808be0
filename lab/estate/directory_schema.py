# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The schema: classes and attributes with types, limits and GUIDs, read from the tables beside this file."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern

_FOLDER = Path(__file__).parent / "schema"
_EXCHANGE_NAMES = tuple(f"extensionAttribute{number}" for number in range(1, 16))
# Windows Server 2012 brought them, in the auxiliary class msDS-CloudExtensions of users.
_CLOUD_NAMES = tuple(f"msDS-cloudExtensionAttribute{number}" for number in range(1, 21))
# DNs that the lab keeps as text, since what they name is not an object here or must not follow a rename.
_PLAIN_DNS = frozenset({"objectCategory", "defaultObjectCategory", "distinguishedName", "lastKnownParent", "nCName", "msKds-DomainID"})
# Security descriptors whose only content is who is allowed; the lab keeps the principals themselves.
PRINCIPAL_LISTS = frozenset({"msDS-GroupMSAMembership", "msDS-AllowedToActOnBehalfOfOtherIdentity"})
# Auxiliary class mailRecipient, to which Exchange's schema extension adds its attributes.
_MAIL_RECIPIENTS = ("user", "group", "contact")


@dataclass(frozen=True, slots=True)
class Attribute:
    """`syntax`: string, dn, boolean, integer, large, binary, time, sid, descriptor, oid, dn-binary, dn-string."""

    name: str
    syntax: str
    guid: str
    single: bool
    system_only: bool = False
    constructed: bool = False
    replicated: bool = True
    confidential: bool = False
    # Stays on a tombstone.
    kept: bool = False
    property_set: str = ""
    lower: int | None = None
    upper: int | None = None
    link_id: int | None = None
    # Kept as entries, not as text.
    is_reference: bool = False

    @property
    def is_back_link(self) -> bool:
        return self.link_id is not None and self.link_id % 2 == 1


@dataclass(frozen=True, slots=True)
class ObjectClass:
    """`must` and `may` hold what the class itself adds, auxiliary classes included."""

    name: str
    guid: str
    superior: str
    rdn: str
    category: str
    must: frozenset[str]
    may: frozenset[str]
    possible_superiors: frozenset[str]
    default_descriptor: str


@dataclass
class Schema:
    """Names are looked up without regard to case."""

    attributes: dict[str, Attribute] = field(default_factory=dict)
    classes: dict[str, ObjectClass] = field(default_factory=dict)
    _allowed: dict[str, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    _back_links: dict[str, str] = field(default_factory=dict)

    def back_link(self, name: str) -> str:
        """The attribute at the other end of a link; one of no schema (`?name`) for plain references, which a delete has to find too."""
        known = self._back_links.get(name)
        if known is None:
            link = self.attributes[name].link_id
            found = (item.name for item in self.attributes.values() if link is not None and item.link_id == link + 1)
            known = self._back_links[name] = next(found, "?" + name)
        return known

    def attribute(self, name: str) -> Attribute | None:
        return self.attributes.get(name) or self.attributes.get(name.casefold())

    def object_class(self, name: str) -> ObjectClass | None:
        return self.classes.get(name) or self.classes.get(name.casefold())

    def chain(self, name: str) -> tuple[str, ...]:
        """`top` first, the class itself last, as objectClass lists them."""
        found: list[str] = []
        current = self.object_class(name)
        while current is not None:
            found.append(current.name)
            current = None if current.superior == current.name else self.object_class(current.superior)
        return tuple(reversed(found))

    def allowed(self, name: str) -> tuple[frozenset[str], frozenset[str]]:
        """(must, may) of a class with everything it inherits; `may` includes `must`."""
        cached = self._allowed.get(name)
        if cached is None:
            parts = [self.classes[part] for part in self.chain(name)]
            must = frozenset().union(*(part.must for part in parts))
            cached = self._allowed[name] = (must, must.union(*(part.may for part in parts)))
        return cached

    def add_attribute(self, attribute: Attribute) -> None:
        self.attributes[attribute.name] = self.attributes[attribute.name.casefold()] = attribute

    def add_class(self, item: ObjectClass) -> None:
        self.classes[item.name] = self.classes[item.name.casefold()] = item
        self._allowed.clear()

    def allow(self, class_name: str, attribute: str) -> None:
        """Adds an attribute to a class, as a schema administrator does."""
        item = self.object_class(class_name)
        known = self.attribute(attribute)
        if item is None or known is None:
            raise KeyError(f"{class_name}/{attribute}")
        values = {name: getattr(item, name) for name in item.__dataclass_fields__}
        self.add_class(ObjectClass(**{**values, "may": item.may | {known.name}}))

    def find(self, guid: str) -> str:
        """The name behind a schemaIDGUID, class or attribute; empty if there is none."""
        wanted = guid.lower()
        everything: Iterator[Attribute | ObjectClass] = iter((*self.classes.values(), *self.attributes.values()))
        return next((item.name for item in everything if item.guid == wanted), "")


def load_schema(*, exchange: bool = True) -> Schema:
    """The schema of a forest at Windows Server 2016; `exchange`: with Exchange's extension attributes."""
    schema = Schema()
    for row in _rows("attributes.tsv"):
        schema.add_attribute(_attribute(row))
    for row in _rows("classes.tsv"):
        schema.add_class(_class(row))
    _extend(schema, _CLOUD_NAMES, ("user",))
    if exchange:
        _extend(schema, _EXCHANGE_NAMES, _MAIL_RECIPIENTS)
    return schema


def _rows(name: str) -> Iterator[list[str]]:
    for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _number(text: str) -> int | None:
    return None if text == "-" else int(text)


def _attribute(row: list[str]) -> Attribute:
    name, syntax, flags, guid, property_set, lower, upper, link = row
    return Attribute(
        name=intern(name),
        syntax=intern(syntax),
        guid=guid,
        single="s" in flags and name not in PRINCIPAL_LISTS,
        system_only="o" in flags,
        constructed="c" in flags,
        replicated="l" not in flags,
        confidential="p" in flags,
        kept="t" in flags,
        property_set="" if property_set == "-" else property_set,
        lower=_number(lower),
        upper=_number(upper),
        link_id=_number(link),
        is_reference=(syntax == "dn" and name not in _PLAIN_DNS) or name in PRINCIPAL_LISTS,
    )


def _class(row: list[str]) -> ObjectClass:
    name, guid, superior, rdn, category, must, may, superiors, descriptor = row
    names = [frozenset(intern(part) for part in text.split() if part != "-") for text in (must, may, superiors)]
    return ObjectClass(intern(name), guid, superior, rdn, category, names[0], names[1], names[2], "" if descriptor == "-" else descriptor)


def _extend(schema: Schema, names: Sequence[str], classes: Sequence[str]) -> None:
    """Extension attributes, as extensionAttribute1..15. Their GUIDs are the lab's own, so nobody relies on known ones."""
    for name in names:
        guid = str(uuid.uuid5(uuid.NAMESPACE_OID, f"lab-exchange-{name}"))
        schema.add_attribute(Attribute(intern(name), "string", guid, single=True, lower=1, upper=1024))
        for class_name in classes:
            schema.allow(class_name, name)
