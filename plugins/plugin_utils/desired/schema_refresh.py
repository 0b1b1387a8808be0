# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Attributes that an agent's schema has once an administrator has refreshed it: they count as there from now on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..configuration.model import AttributeType, Schema
from .problems import Problems, suggestion


def refreshed(schema: Schema, expected: Mapping[str, Sequence[AttributeType]], path: str, problems: Problems) -> Schema:
    """`schema` with what the refresh brings; what is there already must be of the expected type. `path`: of the declaration."""
    if not expected:
        return schema
    attributes, classes = dict(schema.attributes), dict(schema.classes)
    for object_type, items in expected.items():
        known = classes.get(object_type.casefold())
        if known is None:
            names = [one.name for one in classes.values()]
            problems.add(f"{path}.{object_type}", f"is no object type of the agent; a refresh brings attributes alone{suggestion(object_type, names)}")
            continue
        for item in items:
            there = attributes.setdefault(item.name.casefold(), item)
            if (there.syntax, there.single_value) != (item.syntax, item.single_value):
                problems.add(f"{path}.{object_type}.{item.name}", f"is {_words(there)} in the agent's schema, not {_words(item)}")
        own = {name.casefold() for name in known.attributes}
        fresh = tuple(attributes[item.name.casefold()].name for item in items if item.name.casefold() not in own)
        classes[known.name.casefold()] = replace(known, attributes=(*known.attributes, *fresh))
    return schema if (attributes, classes) == (schema.attributes, schema.classes) else Schema(classes, attributes)


def _words(kind: AttributeType) -> str:
    return f"{'single' if kind.single_value else 'multi'}-valued {kind.syntax.value}"
