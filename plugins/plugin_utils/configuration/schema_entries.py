# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The DSML schema of the metaverse or of an agent, as values.

Three spellings occur: `dsml:` and `ms-dsml:` prefixes (metaverse, ECMA 2, file agents), a default namespace with `m:`
(Active Directory), references by id that differs from the name (Active Directory again). Source: reference page
`server-configuration` and the real files in its fixtures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from .element import Element
from .model import AttributeType, ObjectClass, Schema, Syntax

_STRING = "1.3.6.1.4.1.1466.115.121.1.15"
# Kinds by syntax OID; what is not listed is text (names: RFC 2252 section 6, MS-ADTS 3.1.1.2.2.2).
_SYNTAXES = {
    "1.3.6.1.4.1.1466.115.121.1.5": Syntax.BINARY,
    "1.3.6.1.4.1.1466.115.121.1.40": Syntax.BINARY,
    "1.2.840.113556.1.4.907": Syntax.BINARY,
    "1.3.6.1.4.1.1466.115.121.1.7": Syntax.BOOLEAN,
    "1.3.6.1.4.1.1466.115.121.1.12": Syntax.REFERENCE,
    "1.3.6.1.4.1.1466.115.121.1.27": Syntax.INTEGER,
    "1.2.840.113556.1.4.906": Syntax.INTEGER,
}


def syntax_of(oid: str) -> Syntax:
    return _SYNTAXES.get(oid, Syntax.STRING)


def read_all(directory: Element) -> Schema:
    """`directory` is the `directory-schema`."""
    types: dict[str, AttributeType] = {}
    names: dict[str, str] = {}
    classes: dict[str, Element] = {}
    rules: dict[str, Element] = {}
    for element in directory.children:
        if element.local == "attribute-type":
            kind = attribute_type(element)
            types[kind.name.lower()] = kind
            names[element.get("id")] = kind.name
        elif element.local == "class":
            classes[element.get("id")] = element
        elif element.local == "dit-content-rule":
            rules[element.get("id")] = element
    return Schema(Classes(classes, rules, names).read(), types)


def attribute_type(element: Element) -> AttributeType:
    name = oid = ""
    for child in element.children:
        if child.local == "name":
            name = child.text.strip()
        elif child.local == "syntax":
            oid = child.text.strip()
    # Looked up once, not flag by flag: a directory's schema has some thousand of these.
    true = {written.rpartition(":")[2] for written, value in element.attributes.items() if value == "true"}
    return AttributeType(
        name=name or element.get("id"),
        syntax=_SYNTAXES.get(oid, Syntax.STRING),
        single_value="single-value" in true,
        indexable="indexable" in true,
        indexed="indexed" in true,
        import_only="import-only" in true,
        export_only="export-only" in true,
        encrypted="encrypted" in true,
        syntax_oid=oid or _STRING,
    )


class Classes:
    """Resolves classes with what they inherit: from their superior, and from the content rule (`dit-content-rule`) that has their id."""

    def __init__(self, classes: Mapping[str, Element], rules: Mapping[str, Element], names: Mapping[str, str]) -> None:
        self.classes = classes
        self.rules = rules
        self.names = names
        self.done: dict[str, ObjectClass] = {}

    def read(self) -> dict[str, ObjectClass]:
        found = [self.resolve(identifier) for identifier in self.classes]
        return {item.name.lower(): item for item in found}

    def resolve(self, identifier: str) -> ObjectClass:
        ready = self.done.get(identifier)
        if ready is not None:
            return ready
        # Put down first: a damaged schema may inherit in a circle, and each class counts once then.
        own = self.done[identifier] = self.own(self.classes[identifier])
        parents = [self.resolve(parent) for parent in self.parents(identifier) if parent in self.classes]
        if identifier in self.rules:
            # Beside auxiliary classes a rule names attributes of its own.
            parents.append(self.own(self.rules[identifier]))
        self.done[identifier] = _joined(own, parents) if parents else own
        return self.done[identifier]

    def parents(self, identifier: str) -> list[str]:
        superior = self.classes[identifier].get("superior").lstrip("#")
        rule = self.rules.get(identifier)
        auxiliary = [child.get("ref").lstrip("#") for child in rule.children if child.local == "aux-class"] if rule is not None else []
        return [*([superior] if superior else []), *auxiliary]

    def own(self, element: Element) -> ObjectClass:
        name, attributes, required, anchors = element.get("id"), [], set(), []
        only: dict[str, set[str]] = {"ExportOnly": set(), "ImportOnly": set()}
        for child in element.children:
            if child.local == "name":
                name = child.text.strip()
            elif child.local == "attribute":
                values = {written.rpartition(":")[2]: value for written, value in child.attributes.items()}
                reference = values.get("ref", "").lstrip("#")
                attribute = self.names.get(reference, reference)
                attributes.append(attribute)
                if values.get("required") == "true":
                    required.add(attribute)
                if values.get("isAnchor") == "true":
                    anchors.append(attribute)
                if values.get("allowedOperation") in only:
                    only[values["allowedOperation"]].add(attribute)
        return ObjectClass(name, tuple(attributes), frozenset(required), tuple(anchors), frozenset(only["ExportOnly"]), frozenset(only["ImportOnly"]))


def _joined(own: ObjectClass, parents: Iterable[ObjectClass]) -> ObjectClass:
    attributes = dict.fromkeys(own.attributes)
    required = set(own.required)
    for parent in parents:
        attributes.update(dict.fromkeys(parent.attributes))
        required |= parent.required
    return replace(own, attributes=tuple(attributes), required=frozenset(required))
