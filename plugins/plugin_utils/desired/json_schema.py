# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The language as a JSON schema (draft 2020-12), for completion and checks in editors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .definitions import Anything, Choice, Flag, Kind, ListOf, MapOf, Number, Record, Text, Variants
from .language import CONFIGURATION, SHARED

# Values may come out of variables; what they are is known when the playbook runs.
_NAMES = {id(kind): name for name, kind in SHARED.items()}
_TEMPLATE = {"type": "string", "pattern": r"\{\{.*\}\}"}


def schema_text() -> str:
    """The content of docs/schema/sync_configuration.json."""
    top = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Synchronization configuration of a MIM server"}
    shared = {"$defs": {name: _SCHEMAS[type(kind)](kind) for name, kind in SHARED.items()}}
    return json.dumps({**top, **schema_of(CONFIGURATION), **shared}, indent=2, ensure_ascii=False) + "\n"


def schema_of(kind: Kind) -> dict[str, Any]:
    """A kind, or the place of its definition where several use it."""
    if id(kind) in _NAMES:
        return {"$ref": f"#/$defs/{_NAMES[id(kind)]}"}
    return {**({"description": kind.about} if kind.about else {}), **_SCHEMAS[type(kind)](kind)}


def _text(kind: Text) -> dict[str, Any]:
    if kind.choices:
        return {"enum": list(kind.choices)}
    text: dict[str, Any] = {"type": ["string", "integer"] if kind.numbers else "string"}
    if kind.pattern:
        text["pattern"] = f"^({kind.pattern})$"
    elif not kind.empty and not kind.numbers:
        text["minLength"] = 1
    return text


def _number(kind: Number) -> dict[str, Any]:
    return {"type": "integer", "minimum": kind.least}


def _flag(_kind: Flag) -> dict[str, Any]:
    return {"type": "boolean"}


def _list(kind: ListOf) -> dict[str, Any]:
    return {"type": "array", "items": schema_of(kind.item)}


def _map(kind: MapOf) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": schema_of(kind.value)}


def _record(kind: Record) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": {key: _templated(value) for key, value in kind.keys.items()}}
    if kind.required:
        made["required"] = list(kind.required)
    if kind.one_of:
        made["allOf"] = [{"anyOf": [{"required": [key]} for key in group]} for group in kind.one_of]
    return made


def _templated(kind: Kind) -> dict[str, Any]:
    """A value that is no text may also be a variable."""
    made = schema_of(kind)
    if isinstance(kind, Text) and not kind.choices and not kind.pattern:
        return made
    about = {"description": made.pop("description")} if "description" in made else {}
    return {**about, "anyOf": [made, _TEMPLATE]}


def _choice(kind: Choice) -> dict[str, Any]:
    return {"anyOf": [schema_of(one) for one in kind.kinds]}


def _variants(kind: Variants) -> dict[str, Any]:
    made = []
    for word, record in kind.records.items():
        one = schema_of(record)
        one["properties"] = {**one["properties"], kind.by: {"const": word}}
        made.append(one)
    return {"oneOf": [*made, _TEMPLATE]}


def _anything(_kind: Anything) -> dict[str, Any]:
    return {}


_SCHEMAS: dict[type, Callable[[Any], dict[str, Any]]] = {
    Text: _text,
    Number: _number,
    Flag: _flag,
    ListOf: _list,
    MapOf: _map,
    Record: _record,
    Choice: _choice,
    Variants: _variants,
    Anything: _anything,
}
