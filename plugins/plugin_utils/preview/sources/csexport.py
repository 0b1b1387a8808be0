# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connector spaces from files of `csexport`, and the metaverse that belongs to them.

The form: reference page `sync-engine` section 5. A file holds the links to the metaverse but not its values: they are worked out anew from
the flows of the present configuration, which is an estimate where values stayed without recall or came from equal precedence.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from ...configuration.model import ManagementAgent, ServerConfiguration, Syntax
from ...engine.extension import ExtensionLoader
from ...engine.failures import ObjectFailure, StepStopped
from ...engine.importflow import ImportFlow
from ...engine.memory import MemoryStore
from ...engine.objects import ADD, DELETE, DELETE_ADD, NO_ATTRIBUTES, STATE_NAMES, UPDATE, Attributes, CsObject, MvObject, ObjectError
from ...engine.rules import AgentRules
from ...engine.runs import Engine
from ...engine.systems.base import Value, Values
from ...errors import DocumentError
from ..findings import Findings
from ..scene import set_watermarks
from ..shadow import ShadowConnector
from .typed import guid_text

ROOT = "cs-objects"
OPERATIONS = {"add": ADD, "update": UPDATE, "replace": UPDATE, "delete": DELETE, "obsolete": "obsolete", "delete-add": DELETE_ADD}
LINKS = {"projection": 2, "join": 3, "provisioning": 4, "account-joiner": 9}
ESTIMATE = "the values of the metaverse are worked out from the connector spaces by the present rules; values that stayed without recall are not known"


@dataclass
class Reading:
    """One agent's file while it is read. `elements`: the objects with what is read in the second pass."""

    rules: AgentRules
    name: str
    findings: Findings
    elements: list[tuple[CsObject, ET.Element]] = field(default_factory=list)


def state_of(files: Mapping[str, bytes], configuration: ServerConfiguration, extensions: ExtensionLoader, findings: Findings) -> MemoryStore:
    """The state of a server by its agents' files (agent name -> content). Raises DocumentError for what is no csexport file."""
    store = MemoryStore()
    engine = Engine(configuration, store, ShadowConnector({}), extensions)
    by_name = {rules.agent.name.casefold(): rules for rules in engine.rules.agents.values()}
    readings: list[Reading] = []
    metaverse: dict[str, MvObject] = {}
    for name, content in files.items():
        rules = by_name.get(name.casefold())
        if rules is None:
            findings.error("unknown-agent", name, "the configuration has no agent of that name; its connector space is left out")
            continue
        reading = Reading(rules, name, findings)
        _first_pass(reading, parsed(content, name), store, metaverse, configuration)
        readings.append(reading)
        set_watermarks(store, rules.id, rules.agent.partitions)
    for reading in readings:
        for item, element in reading.elements:
            _read_tower(reading, item, element, store)
    _flow_in(engine, store, findings)
    return store


def parsed(content: bytes, name: str) -> ET.Element:
    """Raises DocumentError; document types, and so all entities, are refused."""
    if b"<!DOCTYPE" in content[:4096] or "<!DOCTYPE".encode("utf-16-le") in content[:8192]:
        raise DocumentError(f"{name} has a document type, which no export of a connector space has.")
    try:
        root = ET.fromstring(content)  # noqa: S314  # document types are refused above
    except (ET.ParseError, ValueError) as problem:
        raise DocumentError(f"{name} is no XML: {problem}") from None
    if root.tag != ROOT:
        raise DocumentError(f"{name} is no export of a connector space: its outermost element is {root.tag}, not {ROOT}.")
    return root


def _first_pass(reading: Reading, root: ET.Element, store: MemoryStore, metaverse: dict[str, MvObject], configuration: ServerConfiguration) -> None:
    """The objects with their names and links: references are read when all are there."""
    agent = reading.rules.agent
    space = store.space(agent.id)
    partition = next((item.id for item in agent.partitions if item.selected), "")
    for number, element in enumerate(root.iter("cs-object"), 1):
        dn, place = element.get("cs-dn", ""), f"{reading.name}: object {number}"
        if not dn:
            reading.findings.error("missing-dn", place, "the object has no name and is left out")
            continue
        if space.by_dn(dn) is not None:
            reading.findings.error("duplicate-object", place, "another object has the same name; this one is left out", subject=dn)
            continue
        if element.get("object-type", "") and element.get("status") == "corrupted":
            reading.findings.error("staging-error", place, "the server calls the object corrupted; it is left out", subject=dn)
            continue
        item = space.new(_partition(agent, element, partition), element.get("object-type", ""), dn)
        _flags(item, element)
        link = (element.findtext("mv-link") or "").strip().upper()
        if link:
            _link(item, element, _metaverse(link, metaverse, store, mv_type_of(configuration, agent, item.type)), store)
        space.save(item)
        reading.elements.append((item, element))


def _partition(agent: ManagementAgent, element: ET.Element, default: str) -> str:
    found = (element.findtext("partition-id") or "").strip().upper()
    return next((item.id for item in agent.partitions if item.id.upper() == found), default)


def _flags(item: CsObject, element: ET.Element) -> None:
    state = (element.findtext("connector-state") or "normal").strip()
    item.state = STATE_NAMES.index(state) if state in STATE_NAMES else 0
    marks = ("placeholder-parent", "placeholder-link", "placeholder-delete")
    item.placeholder = any((element.findtext(mark) or "").strip() in ("1", "true") for mark in marks)
    for name in ("import", "export"):
        detail = element.find(f"{name}-errordetail")
        if detail is not None and (kind := detail.findtext(".//error-type")):
            setattr(item, f"{name}_error", ObjectError(kind.strip(), 0.0, 0.0))


def _metaverse(link: str, metaverse: dict[str, MvObject], store: MemoryStore, mv_type: str) -> MvObject:
    found = metaverse.get(link)
    if found is None:
        found = metaverse[link] = store.metaverse.new(mv_type)
    return found


def _link(item: CsObject, element: ET.Element, mv: MvObject, store: MemoryStore) -> None:
    found = element.find("mv-link")
    kind = found.get("lineage-type", "") if found is not None else ""
    item.mv_id, item.link_rule = mv.id, int(kind) if kind.isdigit() else LINKS.get(kind, 3)
    store.metaverse.link(mv, (*mv.links, item.id))


def mv_type_of(configuration: ServerConfiguration, agent: ManagementAgent, object_type: str) -> str:
    """The metaverse type that objects of this type are linked to, by projection, flows or joins; a file does not tell it."""
    wanted = object_type.casefold()
    types = [item.mv_object_type for item in agent.projections if item.object_type.casefold() == wanted]
    types += [item.mv_object_type for item in agent.export_flows if item.object_type.casefold() == wanted]
    types += [
        flows.mv_object_type
        for flows in configuration.metaverse.import_flows
        if any((flow.agent_id, flow.object_type.casefold()) == (agent.id, wanted) for flow in flows.flows)
    ]
    return next((found for found in types if found), object_type)


# The tower


def _read_tower(reading: Reading, item: CsObject, element: ET.Element, store: MemoryStore) -> None:
    space = store.space(reading.rules.id)
    synchronized, pending = element.find("synchronized-hologram/entry"), element.find("pending-import-hologram/entry")
    if synchronized is not None:
        item.hologram = _values(reading, item, synchronized, store)
    operation = _operation(element, "pending-import")
    if operation:
        item.import_op = operation
        item.staged = _values(reading, item, pending, store) if pending is not None else item.hologram
    item.anchor = _anchor(synchronized if synchronized is not None else pending)
    for part, target in (("unapplied-export", "export"), ("escrowed-export", "escrowed"), ("unconfirmed-export", "unconfirmed")):
        operation = _operation(element, part)
        delta = element.find(f"{part}/delta")
        if operation and delta is not None:
            values = _values(reading, item, delta, store, changes=element.find(f"{part}-hologram/entry"))
            setattr(item, f"{target}_op", operation)
            setattr(item, target, NO_ATTRIBUTES if operation == DELETE else values)
    space.save(item)


def _operation(element: ET.Element, part: str) -> str:
    delta = element.find(f"{part}/delta")
    return OPERATIONS.get(delta.get("operation", ""), "") if delta is not None else ""


def _anchor(entry: ET.Element | None) -> str:
    found = entry.find("anchor") if entry is not None else None
    text = (found.text or "").strip() if found is not None else ""
    if not text or found is None or found.get("encoding") != "base64":
        return text
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text
    if len(content) == 16:
        return guid_text(content)
    try:
        return content.decode("utf-16-le" if content[1:2] == b"\0" else "utf-8").rstrip("\0")
    except UnicodeDecodeError:
        return text


def _values(reading: Reading, item: CsObject, entry: ET.Element, store: MemoryStore, *, changes: ET.Element | None = None) -> Attributes:
    """The attributes of an entry; of a delta those that it names, whole where the hologram after it tells them."""
    whole = {found.get("name", ""): found for found in (*changes.findall("attr"), *changes.findall("dn-attr"))} if changes is not None else {}
    found: dict[str, Values] = {}
    for element in (*entry.findall("attr"), *entry.findall("dn-attr")):
        name = reading.rules.names.spell(element.get("name", ""))
        source = whole.get(element.get("name", ""), element if changes is None or element.get("operation") != "delete" else None)
        found[name] = () if source is None else tuple(_each(reading, item, source, name, store))
    return found


def _each(reading: Reading, item: CsObject, element: ET.Element, name: str, store: MemoryStore) -> Iterable[Value]:
    if element.tag == "dn-attr":
        for value in element.findall("dn-value"):
            if value.get("operation") != "delete" and (dn := (value.findtext("dn") or "").strip()):
                yield _target(reading, item, dn, store)
        return
    for value in element.findall("value"):
        if value.get("operation") == "delete":
            continue
        try:
            yield _value(value, element.get("type", ""), reading.rules.names.syntax_of(name))
        except (ValueError, binascii.Error):
            reading.findings.error("invalid-attribute-value", reading.name, "a value cannot be read; it is left out", subject=item.dn, attribute=name)


def _target(reading: Reading, item: CsObject, dn: str, store: MemoryStore) -> int:
    space = store.space(reading.rules.id)
    found = space.by_dn(dn)
    if found is None:
        found = space.new(item.partition_id, "", dn)
        found.placeholder = True
        space.save(found)
    return found.id


def _value(element: ET.Element, kind: str, syntax: Syntax) -> Value:
    """Integers are hexadecimal text, binary values Base64 (FIMDEV, LC)."""
    text = element.text or ""
    if kind == "binary" or syntax is Syntax.BINARY:
        return base64.b64decode(text.strip(), validate=True)
    if element.get("encoding") == "base64":
        return base64.b64decode(text.strip(), validate=True).decode("utf-8")
    if kind == "integer" or syntax is Syntax.INTEGER:
        return int(text.strip(), 16)
    if kind == "boolean" or syntax is Syntax.BOOLEAN:
        return text.strip() == "true"
    return text


# The metaverse


def _flow_in(engine: Engine, store: MemoryStore, findings: Findings) -> None:
    """Twice: rules look other objects up, and references want their targets."""
    flow = ImportFlow(engine.rules, store)
    for last in (False, True):
        for mv in store.metaverse.all():
            for item in _connectors(store, mv.links):
                flows = engine.rules.imports.get((item.agent_id, item.type.lower(), mv.type.lower()))
                if flows is None or item.hologram is None:
                    continue
                try:
                    flow.run(mv, flows.groups, item, item.hologram)
                except (ObjectFailure, StepStopped) as failure:
                    if last:
                        findings.warning("unexpected-error", "metaverse", f"its values cannot be worked out: {failure}", subject=item.dn)


def _connectors(store: MemoryStore, links: Sequence[int]) -> list[CsObject]:
    return [item for item in map(store.cs_object, links) if item is not None]
