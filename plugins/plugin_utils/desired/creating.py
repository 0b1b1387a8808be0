# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a declaration says of an agent so that it can be made from nothing: columns, schema, connector, capabilities.

Of an agent that is there already these keys say what must be so: its schema comes from its system and is changed by a refresh.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..configuration.model import AttributeType, Column, ObjectClass, ParameterDefinition, Schema, Syntax
from .agent_pages import USES
from .checker import at
from .definitions import Choice, Flag, Kind, ListOf, MapOf, Number, Record, Text
from .words import SYNTAXES

OPERATIONS = ("import", "export", "both")
PARAMETER_TYPES = ("string", "encrypted-string", "checkbox", "drop-down", "text", "file")
DN_STYLES = ("none", "generic", "ldap")
# The connector's own numbers (MAExportType of ECMA 2).
EXPORT_TYPES: Mapping[str, int] = {"attribute-update": 1, "attribute-replace": 2, "object-replace": 3}
FILE_KINDS = frozenset({"delimited_file", "text_file"})
CONNECTOR_KINDS = frozenset({"ecma2", "powershell", "powershell_granfeldt"})
# Kinds that can be made from nothing.
CREATED_KINDS = FILE_KINDS | CONNECTOR_KINDS | {"active_directory", "sharepoint_profile_store", "ldif_file"}

_NAMES = ListOf(Text())
_ANCHOR = Choice((Text(), _NAMES), "attribute, or attributes, that identify an object")
_TYPE = Text(choices=SYNTAXES)
_COLUMN = Choice(
    (
        Text("named twice in sequence: several values"),
        Record({"name": Text(), "type": _TYPE, "width": Number("characters, in a file of fixed widths", 1)}, ("name",)),
    )
)
_ATTRIBUTE = Choice((_TYPE, Record({"type": _TYPE, "multivalued": Flag(), "operation": Text("whether it is read, written or both", OPERATIONS)}, ("type",))))
_SCHEMA = MapOf(
    Record({"anchor": _ANCHOR, "attributes": MapOf(_ATTRIBUTE, "attribute")}, ("attributes",)),
    "object type",
    "What the agent's system holds, for an agent that is made from nothing.",
)
_CAPABILITIES = Record(
    {
        "dn_style": Text(choices=DN_STYLES),
        "export_type": Text(choices=tuple(EXPORT_TYPES)),
        **{name: Flag() for name in ("import", "delta_import", "export", "full_export", "rename", "concurrent", "partitions", "hierarchy", "password")},
    },
    about="What the connector can do.",
)
_DEFINITION = Choice(
    (
        Text(choices=PARAMETER_TYPES),
        Record({"type": Text(choices=PARAMETER_TYPES), "choices": _NAMES, "default": Text(empty=True, numbers=True), "pattern": Text()}, ("type",)),
    )
)


def creation_keys(kind: str) -> dict[str, Kind]:
    """The keys of this file that an agent of the kind may have."""
    keys: dict[str, Kind] = {}
    if kind in FILE_KINDS:
        keys |= {"columns": ListOf(_COLUMN, "the file's columns, in their order"), "anchor": _ANCHOR, "object_types": ListOf(Text(), "person if none is named")}
    elif kind in CREATED_KINDS:
        keys["schema"] = _SCHEMA
    if kind in CONNECTOR_KINDS:
        keys["connector"] = Text("the connector's file in the Extensions folder")
    if kind == "ecma2":
        keys |= {"capabilities": _CAPABILITIES, "parameter_definitions": MapOf(_DEFINITION, "parameter", "What the connector asks for, by name or use/name.")}
    return keys


@dataclass(frozen=True)
class CreationWish:
    """`schema` and `columns` None: not declared. `anchors` are those of a file's rows. `capabilities` by the words of the language."""

    columns: tuple[Column, ...] | None = None
    column_types: Mapping[str, AttributeType] = field(default_factory=dict)
    anchors: tuple[str, ...] = ()
    object_types: tuple[str, ...] = ("person",)
    schema: Schema | None = None
    connector: str = ""
    capabilities: Mapping[str, Any] = field(default_factory=dict)
    definitions: tuple[ParameterDefinition, ...] = ()
    # Places below `schema` where an attribute is not what it is of another object type, and what it is there.
    clashes: tuple[tuple[str, str], ...] = ()


def read_creation(given: Mapping[str, Any]) -> CreationWish:
    """From an agent's checked declaration."""
    columns = [item if isinstance(item, dict) else {"name": item} for item in given.get("columns") or ()]
    schema = given.get("schema")
    return CreationWish(
        columns=None if given.get("columns") is None else tuple(Column(item["name"], item.get("width") or 0) for item in columns),
        column_types=_column_types(columns),
        anchors=_names(given.get("anchor")),
        object_types=tuple(given.get("object_types") or ("person",)),
        schema=None if schema is None else _schema(schema),
        connector=(given.get("connector") or "").strip(),
        capabilities=dict(given.get("capabilities") or {}),
        definitions=tuple(_definition(name, item) for name, item in (given.get("parameter_definitions") or {}).items()),
        clashes=tuple(_clashes(schema or {})),
    )


def _column_types(columns: list[Any]) -> dict[str, AttributeType]:
    """By lower-case name; a column that stands there more than once holds one of several values."""
    names = [item["name"].casefold() for item in columns]
    return {
        name: _attribute(item["name"], {"type": item.get("type") or "string", "multivalued": names.count(name) > 1})
        for name, item in reversed(list(zip(names, columns, strict=True)))
    }


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _attribute(name: str, given: Any) -> AttributeType:
    values: Mapping[str, Any] = {"type": given} if isinstance(given, str) else given
    operation = values.get("operation", "both")
    return AttributeType(
        name,
        Syntax(values["type"]),
        single_value=not values.get("multivalued"),
        import_only=operation == "import",
        export_only=operation == "export",
    )


def _schema(given: Mapping[str, Any]) -> Schema:
    attributes: dict[str, AttributeType] = {}
    classes: dict[str, ObjectClass] = {}
    for name, item in given.items():
        own = [_attribute(title, one) for title, one in item["attributes"].items()]
        for one in own:
            attributes.setdefault(one.name.casefold(), one)
        anchors = _names(item.get("anchor"))
        only = {way: frozenset(one.name for one in own if getattr(one, f"{way}_only")) for way in ("export", "import")}
        classes[name.casefold()] = ObjectClass(name, tuple(one.name for one in own), frozenset(anchors), anchors, only["export"], only["import"])
    return Schema(classes, attributes)


def _clashes(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """An attribute has one type in the whole of a system."""
    known: dict[str, tuple[str, AttributeType]] = {}
    for title, item in given.items():
        for name, described in item["attributes"].items():
            one = _attribute(name, described)
            first, other = known.setdefault(name.casefold(), (title, one))
            if not same_type(one, other):
                yield f"{title}.attributes.{name}", f"is {type_words(other)} in {first}; an attribute has one type in all object types"


def same_type(one: AttributeType, other: AttributeType) -> bool:
    return (one.syntax, one.single_value) == (other.syntax, other.single_value)


def type_words(one: AttributeType) -> str:
    return f"{one.syntax.value} with {'one value' if one.single_value else 'several values'}"


def _definition(title: str, given: Any) -> ParameterDefinition:
    values: Mapping[str, Any] = {"type": given} if isinstance(given, str) else given
    use, slash, name = title.partition("/")
    if not slash or use not in USES:
        use, name = "connectivity", title
    choices = tuple(values.get("choices") or ())
    return ParameterDefinition(name, values["type"], use, values.get("pattern") or ",".join(choices), str(values.get("default", "")), choices)


def paths_of(wish: CreationWish, path: str) -> Mapping[str, str]:
    """Places of the keys in the user's data."""
    return {key: at(path, key) for key in ("columns", "anchor", "object_types", "schema", "connector", "parameters")}
