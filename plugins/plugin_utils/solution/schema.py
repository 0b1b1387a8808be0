# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Schemas as DSML: of the metaverse, of the AD agent, of the SharePoint agent.

Syntaxes are those of RFC 2252 and Active Directory; reference page `server-configuration`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .markup import Element, element, leaf

DSML = "http://www.dsml.org/DSML"
MMS = "http://www.microsoft.com/MMS/DSML"
_RFC = "1.3.6.1.4.1.1466.115.121.1."
SYNTAXES = {
    "string": f"{_RFC}15",
    "binary": f"{_RFC}5",
    "boolean": f"{_RFC}7",
    "reference": f"{_RFC}12",
    "integer": f"{_RFC}27",
    "octets": f"{_RFC}40",
    "time": f"{_RFC}24",
    "printable": f"{_RFC}44",
    "large_integer": "1.2.840.113556.1.4.906",
    "case_ignored": "1.2.840.113556.1.4.905",
}
ANCHOR = "Anchor"
PASSWORD = "export_password"
Classes = Mapping[str, Mapping[str, Any]]
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Described:
    """An attribute of the description; `limits` is as written (`1..64`), empty for none."""

    name: str
    syntax: str
    multiple: bool = False
    indexable: bool = False
    indexed: bool = False
    read_only: bool = False
    encrypted: bool = False
    limits: str = ""


def described(groups: Sequence[Mapping[str, Any]]) -> Iterator[Described]:
    """The attributes of all groups, one by one."""
    for group in groups:
        traits = {key: bool(group.get(key)) for key in ("multiple", "indexable", "indexed", "read_only", "encrypted")}
        for text in group["names"]:
            name, _unused, limits = text.partition("=")
            yield Described(name, group["syntax"], limits=limits, **traits)


def metaverse_schema(schema: Mapping[str, Any]) -> Element:
    """`schema/dsml:dsml` of MV.XML."""
    classes = (_metaverse_class(name, value) for name, value in schema["classes"].items())
    attributes = (_metaverse_attribute(item) for item in described(schema["attributes"]))
    directory = element("dsml:directory-schema", *classes, *attributes)
    return element("schema", element("dsml:dsml", directory, attributes={"xmlns:dsml": DSML, "xmlns:ms-dsml": MMS}))


def _metaverse_class(name: str, value: Mapping[str, list[str]]) -> Element:
    required = value.get("required", [])
    listed = sorted([*required, *value.get("optional", [])], key=str.casefold)
    references = (leaf("dsml:attribute", attributes={"ref": f"#{item}", "required": _truth(item in required)}) for item in listed)
    return element("dsml:class", leaf("dsml:name", name), *references, attributes={"id": name, "type": "structural"})


def _metaverse_attribute(item: Described) -> Element:
    traits = {"id": item.name}
    if not item.multiple:
        traits["single-value"] = "true"
    if item.indexable:
        traits["ms-dsml:indexable"] = "true"
    if item.indexed:
        traits["ms-dsml:indexed"] = "true"
    return _typed("dsml:", item, traits)


def directory_schema(schema: Mapping[str, Any]) -> Element:
    """The AD agent's schema: ids are short codes, classes inherit, and any class may take in the auxiliary ones."""
    attributes = sorted(described(schema["attributes"]), key=lambda item: item.name.casefold())
    attribute_codes = {item.name: f"A{_code(index)}" for index, item in enumerate(attributes)}
    class_codes = {name: f"C{_code(index)}" for index, name in enumerate(schema["classes"])}
    auxiliary = [class_codes[name] for name, value in schema["classes"].items() if value["kind"] == "auxiliary"]
    nodes = [_directory_attribute(item, attribute_codes[item.name]) for item in attributes]
    nodes += [_directory_class(name, value, class_codes, attribute_codes) for name, value in schema["classes"].items()]
    nodes += [_content_rule(schema["classes"], name, auxiliary, class_codes, attribute_codes) for name in _structural(schema["classes"])]
    return element("schema", element("dsml", element("directory-schema", *nodes), attributes={"xmlns": DSML, "xmlns:m": MMS}))


def _directory_attribute(item: Described, code: str) -> Element:
    traits = {"id": code}
    if not item.multiple:
        traits["single-value"] = "true"
    if item.read_only:
        traits["user-modification"] = "false"
    if item.encrypted:
        traits |= {"m:encrypted": "true", "m:export-only": "true"}
    lower, _unused, upper = item.limits.partition("..")
    if lower:
        traits["m:range-lower"] = lower
    if upper:
        traits["m:range-upper"] = upper
    return _typed("", item, traits)


def _directory_class(name: str, value: Mapping[str, Any], classes: Mapping[str, str], attributes: Mapping[str, str]) -> Element:
    traits = {"id": classes[name]}
    if "superior" in value:
        traits["superior"] = f"#{classes[value['superior']]}"
    traits["type"] = value["kind"]
    references = (leaf("attribute", attributes={"ref": f"#{attributes[item]}", "required": _truth(required)}) for item, required in members(value))
    return element("class", leaf("name", name), *references, attributes=traits)


def _structural(classes: Classes) -> Iterator[str]:
    return (name for name, value in classes.items() if value["kind"] == "structural")


def _content_rule(classes: Classes, name: str, auxiliary: list[str], class_codes: Mapping[str, str], attribute_codes: Mapping[str, str]) -> Element:
    """What objects of a class hold beyond the class itself: auxiliary classes, and the attributes of those that it always has."""
    own = {item for item, _unused in inherited(classes, name)}
    taken = {item: required for other in classes[name].get("auxiliaries", []) for item, required in members(classes[other]) if item not in own}
    taken_in = (leaf("m:aux-class", attributes={"ref": f"#{item}"}) for item in auxiliary)
    added = (leaf("attribute", attributes={"ref": f"#{attribute_codes[item]}", "required": _truth(required)}) for item, required in taken.items())
    return element("m:dit-content-rule", *taken_in, *added, attributes={"id": class_codes[name]})


def members(value: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """A class's own attributes, each with whether it is required."""
    return [(item, True) for item in value.get("required", [])] + [(item, False) for item in value.get("optional", [])]


def inherited(classes: Classes, name: str) -> Iterator[tuple[str, bool]]:
    """The attributes of a class and of those it descends from."""
    yield from members(classes[name])
    superior = classes[name].get("superior")
    if superior:
        yield from inherited(classes, superior)


def profile_store_schema(schema: Mapping[str, Any]) -> Element:
    """The SharePoint agent's schema; what may be written or read only is said per class and per attribute."""
    nodes = [_store_class(name, value) for name, value in schema["classes"].items()]
    nodes += [_store_attribute(item, schema) for item in store_attributes(schema)]
    directory = element("dsml:directory-schema", *nodes, attributes={"ms-dsml:no-objectclass-validation": "true"})
    return element("schema", element("dsml:dsml", directory, attributes={"xmlns:ms-dsml": MMS, "xmlns:dsml": DSML}))


def store_members(described_class: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """The attributes of a class of the profile store, each with its allowed operation, empty for both."""
    for key, operation in (("export_only", "ExportOnly"), ("import_only", "ImportOnly"), ("both_ways", "")):
        yield from ((name, operation) for name in described_class.get(key, []))


def store_attributes(schema: Mapping[str, Any]) -> list[Described]:
    """Every attribute of the profile store once, the anchor and the password last; text if the description does not say otherwise."""
    known = {item.name: item for item in described(schema["attributes"])}
    listed = [name for value in schema["classes"].values() for name, _unused in store_members(value)]
    return [known.get(name, Described(name, "string")) for name in [*dict.fromkeys(listed), ANCHOR, PASSWORD]]


def _store_class(name: str, value: Mapping[str, list[str]]) -> Element:
    references = [_store_reference(item, operation) for item, operation in store_members(value)]
    anchor = leaf("dsml:attribute", attributes={"ref": f"#{ANCHOR}", "required": "true", "ms-dsml:isAnchor": "true"})
    password = leaf("dsml:attribute", attributes={"ref": f"#{PASSWORD}", "required": "false"})
    traits = {"id": name, "type": "structural", "ms-dsml:locked": "1"}
    return element("dsml:class", leaf("dsml:name", name), *references, anchor, password, attributes=traits)


def _store_reference(name: str, operation: str) -> Element:
    traits = {"ref": f"#{name}", "required": "false", "ms-dsml:isAnchor": "false"}
    if operation:
        traits["ms-dsml:allowedOperation"] = operation
    return leaf("dsml:attribute", attributes=traits)


def _store_attribute(item: Described, schema: Mapping[str, Any]) -> Element:
    traits = {"id": item.name, "single-value": _truth(not item.multiple)}
    operations = {operation for value in schema["classes"].values() for name, operation in store_members(value) if name == item.name}
    if item.name == PASSWORD:
        traits["ms-dsml:encrypted"] = "true"
    if item.name == PASSWORD or operations == {"ExportOnly"}:
        traits["ms-dsml:export-only"] = "true"
    if item.name == ANCHOR or operations == {"ImportOnly"}:
        traits["ms-dsml:immutable"] = "true"
    return _typed("dsml:", item, traits)


def _typed(prefix: str, item: Described, traits: dict[str, str]) -> Element:
    return element(f"{prefix}attribute-type", leaf(f"{prefix}name", item.name), leaf(f"{prefix}syntax", SYNTAXES[item.syntax]), attributes=traits)


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _code(number: int) -> str:
    """A number in base 36, as the agent numbers its schema."""
    text = ""
    while number or not text:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text
