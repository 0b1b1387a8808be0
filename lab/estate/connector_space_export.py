# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What csexport writes of an agent's connector space (reference page `sync-engine` section 5)."""

from __future__ import annotations

import base64
import uuid
from typing import TYPE_CHECKING, cast
from xml.etree import ElementTree as ET

from ...plugins.plugin_utils.configuration.model import ManagementAgent, Syntax
from ...plugins.plugin_utils.engine.objects import DELETE, STATE_NAMES, Attributes, CsObject, guid
from ...plugins.plugin_utils.engine.rules import AgentRules, agent_rules
from ...plugins.plugin_utils.engine.systems.base import Value, Values

if TYPE_CHECKING:
    from ...plugins.plugin_utils.engine.store import Store

KINDS = {Syntax.BINARY: "binary", Syntax.INTEGER: "integer", Syntax.BOOLEAN: "boolean"}


def csexport(store: Store, agent: ManagementAgent) -> bytes:
    """The file, UTF-16 with its mark as the tool writes it."""
    writer = _Writer(store, agent_rules(agent))
    root = ET.Element("cs-objects")
    for item in store.space(agent.id).all():
        root.append(writer.element(item))
    content: bytes = ET.tostring(root, encoding="utf-16", xml_declaration=True)
    return content


class _Writer:
    def __init__(self, store: Store, rules: AgentRules) -> None:
        self.store = store
        self.rules = rules

    def element(self, item: CsObject) -> ET.Element:
        found = ET.Element("cs-object", {"cs-dn": item.dn, "id": guid("cs", item.id), "object-type": item.type})
        self._tower(found, item)
        leaves = {
            "connector": "1" if item.mv_id else "0",
            "connector-state": STATE_NAMES[item.state],
            "placeholder-link": "1" if item.placeholder else "0",
            "ma-id": self.rules.id,
            "ma-name": self.rules.agent.name,
            "partition-id": item.partition_id,
        }
        for name, text in leaves.items():
            ET.SubElement(found, name).text = text
        if item.mv_id:
            ET.SubElement(found, "mv-link", {"lineage-type": str(item.link_rule)}).text = guid("mv", item.mv_id)
        for name, error in (("import-errordetail", item.import_error), ("export-errordetail", item.export_error)):
            if error is not None:
                ET.SubElement(ET.SubElement(found, name), "error-type").text = error.error_type
        return found

    def _tower(self, parent: ET.Element, item: CsObject) -> None:
        base: Attributes = item.hologram or {}
        if item.hologram is not None:
            self._entry(parent, "synchronized-hologram", item, base)
        if item.import_op:
            self._delta(parent, "pending-import", item, item.import_op, item.staged or {})
            if item.staged is not None:
                self._entry(parent, "pending-import-hologram", item, item.staged)
        for name, operation, values in (
            ("unconfirmed-export", item.unconfirmed_op, item.unconfirmed),
            ("escrowed-export", item.escrowed_op, item.escrowed),
            ("unapplied-export", item.export_op, item.export),
        ):
            base = {**base, **values}
            if operation:
                self._delta(parent, name, item, operation, values)
                if operation != DELETE:
                    self._entry(parent, f"{name}-hologram", item, base)

    def _delta(self, parent: ET.Element, name: str, item: CsObject, operation: str, values: Attributes) -> None:
        delta = ET.SubElement(ET.SubElement(parent, name), "delta", {"operation": operation, "dn": item.dn})
        self._values(delta, item, values, changes=True)

    def _entry(self, parent: ET.Element, name: str, item: CsObject, values: Attributes) -> None:
        entry = ET.SubElement(ET.SubElement(parent, name), "entry", {"dn": item.dn})
        self._values(entry, item, {held: content for held, content in values.items() if content}, changes=False)

    def _values(self, parent: ET.Element, item: CsObject, values: Attributes, *, changes: bool) -> None:
        if item.anchor:
            ET.SubElement(parent, "anchor", {"encoding": "base64"}).text = base64.b64encode(anchor_bytes(item.anchor)).decode()
        ET.SubElement(parent, "primary-objectclass").text = item.type
        for name, held in values.items():
            attributes = {"name": name, "multivalued": "false" if name in self.rules.names.single else "true"}
            if changes:
                attributes["operation"] = "update" if held else "delete"
            if name in self.rules.names.references:
                self._references(ET.SubElement(parent, "dn-attr", attributes), held)
            else:
                self._plain(ET.SubElement(parent, "attr", {**attributes, "type": KINDS.get(self.rules.names.syntax_of(name), "string")}), held)

    def _references(self, parent: ET.Element, values: Values) -> None:
        for value in values:
            target = self.store.cs_object(cast("int", value))
            if target is not None:
                ET.SubElement(ET.SubElement(parent, "dn-value"), "dn").text = target.dn

    @staticmethod
    def _plain(parent: ET.Element, values: Values) -> None:
        for value in values:
            element = ET.SubElement(parent, "value")
            element.text = _text(value, parent.get("type", ""))
            if isinstance(value, bytes):
                element.set("encoding", "base64")


def _text(value: Value, kind: str) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{'-' if value < 0 else ''}0x{abs(value):x}" if isinstance(value, int) and kind == "integer" else str(value)


def anchor_bytes(anchor: str) -> bytes:
    """objectGUID as the directory keeps it, other anchors as the text that they are."""
    try:
        return uuid.UUID(anchor).bytes_le
    except ValueError:
        return anchor.encode("utf-16-le") + b"\0\0"
