# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A new attribute in an agent's DSML schema, in the spelling that the agent's file has (see `schema_reader`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Union

from ..errors import DocumentError
from .element import Element
from .markup import Fragment


def add_attribute(
    directory: Element, object_type: str, name: str, syntax_oid: str, *, single: bool = True, marks: Union[Mapping[str, str], None] = None
) -> None:
    """The attribute's type, where it is missing, and its place in the object type. `directory`: the element directory-schema.

    `marks` are further attributes of the type's element. An object type that is not there raises DocumentError.
    """
    first = directory.require("class")
    types = {_name(kind): kind.get("id") for kind in directory.find_all("attribute-type")}
    identifier = types.get(name.casefold())
    if identifier is None:
        identifier = _free_id(name, first.tag, {one.casefold() for one in types.values()})
        children = (Fragment(first.sibling_tag("name"), text=name), Fragment(first.sibling_tag("syntax"), text=syntax_oid))
        flags = {"id": identifier, "single-value": "true" if single else "false", **(marks or {})}
        directory.append(Fragment(first.sibling_tag("attribute-type"), flags, children=children))
    holder = next((one for one in directory.find_all("class") if _name(one) == object_type.casefold()), None)
    if holder is None:
        raise DocumentError(f"The schema has no object type {object_type}.")
    # ECMA 2 agents say of each attribute whether it is an anchor.
    says = {written for one in holder.find_all("attribute") for written in one.attributes if written.endswith(":isAnchor")}
    anchor = dict.fromkeys(says, "false")
    holder.append(Fragment(first.sibling_tag("attribute"), {"ref": f"#{identifier}", "required": "false", **anchor}))


def _name(element: Element) -> str:
    return (element.find_text("name") or element.get("id")).casefold()


def _free_id(name: str, tag: str, taken: set[str]) -> str:
    """ECMA 2 agents use the name itself, the Active Directory agent short codes."""
    if ":" in tag:
        return name
    return next(f"X{number}" for number in range(len(taken) + 1) if f"x{number}" not in taken)
