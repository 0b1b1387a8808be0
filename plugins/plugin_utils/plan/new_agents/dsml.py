# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A schema of the model as DSML: the form that files and connectors have, and additions to the one that Active Directory has."""

from __future__ import annotations

from collections.abc import Iterator

from ...configuration.element import Element
from ...configuration.markup import Fragment
from ...configuration.model import AttributeType, ManagementAgent, ObjectClass, Schema
from ..aspects.metaverse_schema import OIDS

_SPACES = {"xmlns:dsml": "http://www.dsml.org/DSML", "xmlns:ms-dsml": "http://www.microsoft.com/MMS/DSML"}
PASSWORD = "export_password"


def schema(agent: ManagementAgent) -> Fragment:
    """The element `schema`. Connectors say what an anchor is; of a file it is what never changes."""
    connector = agent.category.startswith("Extensible")
    anchors = {name.casefold() for names in agent.dn_attributes.values() for name in names}
    anchors |= {name.casefold() for one in agent.schema.classes.values() for name in one.anchors}
    classes = tuple(_class(agent.schema, one, connector=connector) for one in agent.schema.classes.values())
    attributes = tuple(_attribute(one, one.name.casefold() in anchors) for one in agent.schema.attributes.values())
    directory = Fragment("dsml:directory-schema", {"ms-dsml:no-objectclass-validation": "true"}, children=(*classes, *attributes))
    return Fragment("schema", children=(Fragment("dsml:dsml", _SPACES, children=(directory,)),))


def _class(whole: Schema, one: ObjectClass, *, connector: bool) -> Fragment:
    known = {"id": one.name, "type": "structural", **({"ms-dsml:locked": "1"} if connector else {})}
    references = tuple(Fragment("dsml:attribute", _reference(whole, one, name, connector=connector)) for name in one.attributes)
    return Fragment("dsml:class", known, children=(Fragment("dsml:name", text=one.name), *references))


def _reference(whole: Schema, one: ObjectClass, name: str, *, connector: bool) -> dict[str, str]:
    made = {"ref": f"#{name}", "required": "true" if name in one.required else "false"}
    if not connector or name == PASSWORD:
        return made
    made["ms-dsml:isAnchor"] = "true" if name in one.anchors else "false"
    kind = whole.attributes[name.casefold()]
    if kind.import_only:
        made["ms-dsml:allowedOperation"] = "ImportOnly"
    if kind.export_only:
        made["ms-dsml:allowedOperation"] = "ExportOnly"
    return made


def _attribute(one: AttributeType, anchor: bool) -> Fragment:
    """What is read only cannot be changed, and so cannot an anchor."""
    made = {"id": one.name, "single-value": "true" if one.single_value else "false"}
    if anchor or one.import_only:
        made["ms-dsml:immutable"] = "true"
    if one.encrypted:
        made["ms-dsml:encrypted"] = "true"
    if one.export_only:
        made["ms-dsml:export-only"] = "true"
    return Fragment("dsml:attribute-type", made, children=(Fragment("dsml:name", text=one.name), Fragment("dsml:syntax", text=OIDS[one.syntax])))


def add_missing(element: Element, wanted: Schema, present: Schema) -> None:
    """Puts into a schema element the attributes that `wanted` has beyond `present`; classes are the same in both."""
    directory = element.require("dsml/directory-schema")
    spaced = "dsml:" if directory.tag.startswith("dsml:") else ""
    for one in _new(wanted, present):
        made = {"id": one.name, **({"single-value": "true"} if one.single_value else {})}
        parts = (Fragment(f"{spaced}name", text=one.name), Fragment(f"{spaced}syntax", text=OIDS[one.syntax]))
        directory.append(Fragment(f"{spaced}attribute-type", made, children=parts))
    for item in list(directory.children):
        name = item.find_text("name").casefold()
        if item.local != "class" or name not in wanted.classes:
            continue
        held = {attribute.casefold() for attribute in present.classes[name].attributes}
        for attribute in wanted.classes[name].attributes:
            if attribute.casefold() not in held:
                item.append(Fragment(f"{spaced}attribute", {"ref": f"#{_identifier(directory, attribute)}", "required": "false"}))


def _new(wanted: Schema, present: Schema) -> Iterator[AttributeType]:
    yield from (one for name, one in wanted.attributes.items() if name not in present.attributes)


def _identifier(directory: Element, attribute: str) -> str:
    """An attribute's id, which is not its name in a schema of Active Directory."""
    found = (item.get("id") for item in directory.children if item.local == "attribute-type" and item.find_text("name").casefold() == attribute.casefold())
    return next(found, attribute)
