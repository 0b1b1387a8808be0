# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of an agent is declared so that it could be made from nothing: a file's columns, a schema, a connector's file."""

from __future__ import annotations

from typing import Any

from ..configuration.model import AttributeType, Column, ManagementAgent, ObjectClass, Syntax
from .creating import CONNECTOR_KINDS, FILE_KINDS
from .new_agent import PASSWORD_ATTRIBUTE


def gather_creation(agent: ManagementAgent, kind: str) -> dict[str, Any]:
    """Keys of the language (see `creating`), without those that say nothing."""
    made: dict[str, Any] = {}
    if kind in FILE_KINDS and agent.columns:
        made = {"columns": [_column(agent, one) for one in agent.columns], "anchor": _anchor(agent.dn_attributes.get("", ()))}
        made["object_types"] = sorted((one.name for one in agent.schema.classes.values()), key=str.casefold)
    elif kind == "ldif_file" or kind in CONNECTOR_KINDS:
        made["schema"] = {one.name: _object_type(agent, one) for one in sorted(agent.schema.classes.values(), key=lambda one: one.name.casefold())}
        made["connector"] = agent.connector_file if kind in CONNECTOR_KINDS else ""
    return {key: value for key, value in made.items() if value not in ("", [], {}, None)}


def _anchor(names: tuple[str, ...]) -> Any:
    return names[0] if len(names) == 1 else list(names)


def _column(agent: ManagementAgent, one: Column) -> Any:
    known = agent.schema.attributes.get(one.name.casefold(), AttributeType(one.name))
    traits: dict[str, Any] = {} if known.syntax is Syntax.STRING else {"type": known.syntax.value}
    traits |= {"width": one.width} if one.width else {}
    return {"name": one.name, **traits} if traits else one.name


def _traits(one: AttributeType) -> dict[str, Any]:
    made: dict[str, Any] = {"type": one.syntax.value}
    return made if one.single_value else {**made, "multivalued": True}


def _object_type(agent: ManagementAgent, one: ObjectClass) -> dict[str, Any]:
    anchors = {"anchor": _anchor(one.anchors)} if one.anchors else {}
    names = sorted((name for name in one.attributes if name != PASSWORD_ATTRIBUTE), key=str.casefold)
    return {**anchors, "attributes": {name: _attribute(agent, one, name) for name in names}}


def _attribute(agent: ManagementAgent, kind: ObjectClass, name: str) -> Any:
    one = agent.schema.attributes.get(name.casefold(), AttributeType(name))
    traits = _traits(one)
    if name in kind.import_only:
        traits["operation"] = "import"
    elif name in kind.export_only:
        traits["operation"] = "export"
    return traits["type"] if len(traits) == 1 else traits
