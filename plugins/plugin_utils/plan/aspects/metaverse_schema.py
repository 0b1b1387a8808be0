# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Object types and attributes of the metaverse (DSML in its `schema`)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from ...configuration.element import Element
from ...configuration.folder import Folder
from ...configuration.markup import Fragment
from ...configuration.model import AttributeType, ObjectClass, Schema, Syntax
from ..change import FULL_SYNC, Change, Edit, Risk
from ..comparison import Comparison
from ..context import metaverse_of
from ..editing import Items, Listing

OIDS = {
    Syntax.STRING: "1.3.6.1.4.1.1466.115.121.1.15",
    Syntax.BINARY: "1.3.6.1.4.1.1466.115.121.1.5",
    Syntax.BOOLEAN: "1.3.6.1.4.1.1466.115.121.1.7",
    Syntax.REFERENCE: "1.3.6.1.4.1.1466.115.121.1.12",
    Syntax.INTEGER: "1.3.6.1.4.1.1466.115.121.1.27",
}
_OBJECTS_LOST = (Risk.CAN_DELETE, "its objects leave the metaverse")
_LOST = (Risk.RECALCULATES, "its values leave the metaverse, and the systems that they flow to")
_EXTENSION = "ms-dsml"


def _directory(folder: Folder) -> Element:
    return metaverse_of(folder).require("schema/dsml/directory-schema")


def _named(element: Element) -> Hashable:
    return (element.find_text("name") or element.get("id")).casefold()


_CLASSES = Listing("class", _named)
_TYPES = Listing("attribute-type", _named)
_BOUND = Listing("attribute", lambda element: element.get("ref").lstrip("#").casefold())


def _type_items() -> Items[AttributeType]:
    return Items(_TYPES, _directory, lambda one: one.name.casefold(), _write_type)


def _class_items() -> Items[ObjectClass]:
    return Items(_CLASSES, _directory, lambda one: one.name.casefold(), _write_class)


def _write_type(one: AttributeType) -> Fragment:
    attributes = {"id": one.name, "single-value": "true" if one.single_value else "false"}
    attributes |= {f"{_EXTENSION}:indexable": "true"} if one.indexable else {}
    attributes |= {f"{_EXTENSION}:indexed": "true"} if one.indexed else {}
    children = (Fragment("dsml:name", text=one.name), Fragment("dsml:syntax", text=one.syntax_oid or OIDS[one.syntax]))
    return Fragment("dsml:attribute-type", attributes, children=children)


def _write_class(one: ObjectClass) -> Fragment:
    bound = tuple(_write_bound(name, required=name in one.required) for name in one.attributes)
    return Fragment("dsml:class", {"id": one.name, "type": "structural"}, children=(Fragment("dsml:name", text=one.name), *bound))


def _write_bound(name: str, *, required: bool = False) -> Fragment:
    return Fragment("dsml:attribute", {"ref": f"#{name}", "required": "true" if required else "false"})


def additions(comparison: Comparison) -> Iterator[Change]:
    """New attributes, object types and bindings, and indexes; they come before everything that uses them."""
    before, after = comparison.present.metaverse.schema, comparison.wanted.metaverse.schema
    if before is after:
        return
    yield from _new_types(before, after)
    yield from _indexes(before, after)
    side = tuple(after.classes.values())
    for name, one in after.classes.items():
        if name not in before.classes:
            items = _class_items()
            edits = (items.put(one, side), items.take(one))
            listed = f" with {', '.join(one.attributes)}" if one.attributes else ""
            yield _change("object type", f"object type {one.name} added{listed}", ("", one.name), edits, item=("object type", name))
            continue
        known = {attribute.casefold() for attribute in before.classes[name].attributes}
        for attribute in one.attributes:
            if attribute.casefold() not in known:
                yield _binding(one, attribute, adds=True)


def removals(comparison: Comparison) -> Iterator[Change]:
    """Bindings, object types and attributes that go, after everything that used them."""
    before, after = comparison.present.metaverse.schema, comparison.wanted.metaverse.schema
    if before is after:
        return
    for name, one in before.classes.items():
        if name not in after.classes:
            items = _class_items()
            edits = (items.take(one), items.put(one, tuple(before.classes.values())))
            item = ("object type", name)
            yield _change("object type", f"object type {one.name} removed", (one.name, ""), edits, item=item, lost=_OBJECTS_LOST)
            continue
        left = {attribute.casefold() for attribute in after.classes[name].attributes}
        for attribute in one.attributes:
            if attribute.casefold() not in left:
                yield _binding(one, attribute, adds=False)
    for name, kind in before.attributes.items():
        if name not in after.attributes:
            types = _type_items()
            edits = (types.take(kind), types.put(kind, tuple(before.attributes.values())))
            yield _change("attribute", f"attribute {kind.name} removed", (shown(kind), ""), edits, item=("metaverse attribute", name), lost=_LOST)


def _new_types(before: Schema, after: Schema) -> Iterator[Change]:
    side = tuple(after.attributes.values())
    for name, one in after.attributes.items():
        if name not in before.attributes:
            items = _type_items()
            edits = (items.put(one, side), items.take(one))
            yield _change("attribute", f"attribute {one.name} added: {shown(one)}", ("", shown(one)), edits, item=("metaverse attribute", name))


def _indexes(before: Schema, after: Schema) -> Iterator[Change]:
    for name, one in after.attributes.items():
        known = before.attributes.get(name)
        if known is not None and (known.indexed, known.indexable) != (one.indexed, one.indexable):
            word, holds = ("indexed", one.indexed) if known.indexed != one.indexed else ("indexable", one.indexable)
            edits = (_set_index(one), _set_index(known))
            sentence = f"attribute {one.name} is {'now' if holds else 'no longer'} {word}"
            yield _change("attribute", sentence, (shown(known), shown(one)), edits, item=("metaverse attribute", name))


def shown(one: AttributeType) -> str:
    """As in `string, multi-valued, indexed`."""
    told = [one.syntax.value, "single-valued" if one.single_value else "multi-valued"]
    told += ["indexed"] if one.indexed else ["indexable"] if one.indexable else []
    return ", ".join(told)


def _set_index(one: AttributeType) -> Edit:
    def edit(folder: Folder) -> None:
        element = _TYPES.find(_directory(folder), one.name.casefold())
        if element is None:
            return
        for name, value in (("indexable", one.indexable), ("indexed", one.indexed)):
            written = next((key for key in element.attributes if key.rpartition(":")[2] == name), f"{_EXTENSION}:{name}")
            if (element.get(name) == "true") != value:
                element.set_attribute(written, "true" if value else None)

    return edit


def _binding(one: ObjectClass, attribute: str, *, adds: bool) -> Change:
    def parent(folder: Folder) -> Element:
        return _CLASSES.find(_directory(folder), one.name.casefold()) or _directory(folder)

    items: Items[str] = Items(_BOUND, parent, str.casefold, lambda name: _write_bound(name, required=name in one.required))
    put, take = items.put(attribute, one.attributes), items.take(attribute)
    title, item = f"{one.name}/{attribute}", ("metaverse binding", one.name.casefold(), attribute.casefold())
    if adds:
        return _change("attribute", f"attribute {attribute} added to object type {one.name}", ("", title), (put, take), item=item)
    return _change("attribute", f"attribute {attribute} removed from object type {one.name}", (title, ""), (take, put), item=item, lost=_LOST)


def _change(
    kind: str, sentence: str, values: tuple[str, str], edits: tuple[Edit, Edit], *, item: tuple[str, ...], lost: tuple[Risk, str] = (Risk.NONE, "")
) -> Change:
    risk, reason = lost
    steps = (FULL_SYNC,) if risk is not Risk.NONE else ()
    return Change("", kind, f"metaverse: {sentence}", *values, edits[0], risk, reason, steps, undo=edits[1], item=item)
