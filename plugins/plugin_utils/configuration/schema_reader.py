# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The schema of a document, read as far as somebody looks into it."""

from __future__ import annotations

from collections.abc import Collection

from .element import Element
from .lazy_schema import lazy_schema
from .model import Schema
from .schema_entries import read_all

_PLACE = "dsml/directory-schema"


def read_schema(schema: Element | None) -> Schema:
    """`schema` is the element of that name; an agent without one has an empty schema. Later edits do not show in it."""
    directory = schema.find(_PLACE) if schema is not None else None
    if directory is None:
        return Schema()
    lazy = lazy_schema(directory)
    return read_all(directory) if lazy is None else lazy.schema


def attribute_elements(schema: Element | None, wanted: Collection[str]) -> dict[str, Element]:
    """The `attribute-type` elements of the attributes in `wanted` (folded names), by that name; a directory has thousands of others."""
    directory = schema.find(_PLACE) if schema is not None else None
    if directory is None:
        return {}
    lazy = lazy_schema(directory)
    if lazy is not None and lazy.index is not None:
        return {folded: lazy.index.element(place) for name, place in lazy.index.types.items() if (folded := name.casefold()) in wanted}
    types = (element for element in directory.children if element.local == "attribute-type")
    named = (((element.find_text("name") or element.get("id")).casefold(), element) for element in types)
    return {name: element for name, element in named if name in wanted}
