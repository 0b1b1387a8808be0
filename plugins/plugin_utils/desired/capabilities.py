# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an ECMA 2 connector can do, as the number in its document (`capability-bits`).

Bits: published by the Lithnet ECMA2 framework, which holds them against what servers wrote; the exported configurations of
Microsoft's and Granfeldt's PowerShell connectors agree with them. A refresh of the schema writes the connector's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..configuration.model import ManagementAgent
from .connectors import CONNECTORS, GRANFELDT, POWERSHELL, Connector
from .creating import EXPORT_TYPES

_NO_IMPORT, _NO_HIERARCHY, _NO_EXPORT, _NO_PARTITIONS = 0x4, 0x8, 0x80, 0x1000000
_DN_STYLES = {"none": 0, "generic": 0x30, "ldap": 0x70}
_RENAME, _NO_REFERENCES_FIRST, _PASSWORD, _DELTA, _CONCURRENT, _DELETE_ADD = 0x200, 0x400, 0x800, 0x1000, 0x8000, 0x10000
_UPPERCASE, _WITHOUT_ACCENTS, _FULL_EXPORT, _PASSWORD_FIRST, _DN_IS_ANCHOR = 0x80000, 0x100000, 0x2000000, 0x10000000, 0x40000000
# Set for every connector: updates of values on export, a schema that is asked for, anchors without regard to case.
_BASE = 0x20000 | 0x40000 | 0x80000000
# The agent's own mask says besides that exports are confirmed at once.
_IMMEDIATE_CONFIRMATION = 0x1
_EXPORTS = {"AttributeUpdate": 1, "AttributeReplace": 2, "ObjectReplace": 3, "MultivaluedReferenceAttributeUpdate": 5}


@dataclass(frozen=True)
class Capabilities:
    bits: int
    export_type: int

    @property
    def mask(self) -> str:
        """`capabilities-mask` of the agent: hexadecimal, without a prefix."""
        return f"{self.bits | (0 if self.bits & _NO_EXPORT else _IMMEDIATE_CONFIRMATION):x}"

    @property
    def exports(self) -> bool:
        return not self.bits & _NO_EXPORT

    @property
    def imports(self) -> bool:
        return not self.bits & _NO_IMPORT

    @property
    def names_objects(self) -> bool:
        """False where an object's name is made of its anchor."""
        return bool(self.bits & _DN_STYLES["generic"])


def declared(words: Mapping[str, Any]) -> Capabilities:
    """From the words of the language; what is not said is as a plain connector has it."""
    can = {"import": True, "delta_import": True, "export": True, "full_export": True, "concurrent": True, **words}
    bits = _BASE | _DN_STYLES[str(can.get("dn_style", "none"))]
    for name, bit in {"rename": _RENAME, "password": _PASSWORD, "delta_import": _DELTA, "concurrent": _CONCURRENT, "full_export": _FULL_EXPORT}.items():
        bits |= bit if can.get(name) else 0
    for name, bit in {"import": _NO_IMPORT, "hierarchy": _NO_HIERARCHY, "export": _NO_EXPORT, "partitions": _NO_PARTITIONS}.items():
        bits |= 0 if can.get(name) else bit
    return Capabilities(bits, EXPORT_TYPES[str(can.get("export_type", "attribute-update"))])


# Granfeldt's connector as its author exported it.
_OF_GRANFELDT = Capabilities(0x82079830, 3)
# Microsoft's: boxes of its page of capabilities -> bits that are set when they are ticked, and when they are not.
_TICKED = {
    "Use DN As Anchor (Only LDAP style DN)": _DN_IS_ANCHOR,
    "Concurrent Operations Of Several Connectors": _CONCURRENT,
    "Enable Delta Import": _DELTA,
    "Enable Full Export": _FULL_EXPORT,
    "No Reference Values In First Export Pass": _NO_REFERENCES_FIRST,
    "Enable Object Rename": _RENAME,
    "Delete-Add As Replace": _DELETE_ADD,
    "Enable Password operations": _PASSWORD,
    "Enable Export Password In First Pass": _PASSWORD_FIRST,
}
_NOT_TICKED = {
    "Enable Import": _NO_IMPORT,
    "Hierarchy (Only LDAP style DN)": _NO_HIERARCHY,
    "Enable Export": _NO_EXPORT,
    "Partitions (Only LDAP style DN)": _NO_PARTITIONS,
}
_NORMALIZED = {"Uppercase": _UPPERCASE, "RemoveAccents": _WITHOUT_ACCENTS, "Both": _UPPERCASE | _WITHOUT_ACCENTS}


def of_pages(agent: ManagementAgent) -> Capabilities:
    """From the page of capabilities of Microsoft's PowerShell connector."""
    said = {one.name: one.value for one in agent.parameters if one.use == "capabilities"}
    bits = (
        _BASE | _DN_STYLES.get(said.get("Distinguished Name Style", "").casefold(), _DN_STYLES["none"]) | _NORMALIZED.get(said.get("Data Normalization", ""), 0)
    )
    bits |= sum(bit for name, bit in _TICKED.items() if said.get(name) == "1")
    bits |= sum(bit for name, bit in _NOT_TICKED.items() if said.get(name) != "1")
    return Capabilities(bits, _EXPORTS.get(said.get("Export Type", ""), 1))


def known_connector(agent: ManagementAgent) -> Connector | None:
    """The connector of the agent if it is one that is known by name."""
    return next((one for one in CONNECTORS.values() if one.list_name == agent.list_name), None)


def of_agent(agent: ManagementAgent) -> Capabilities:
    """What the agent's connector can do."""
    known = known_connector(agent)
    if known is POWERSHELL:
        return of_pages(agent)
    return _OF_GRANFELDT if known is GRANFELDT else Capabilities(agent.capability_bits, agent.export_type)


def page_sizes(agent: ManagementAgent) -> tuple[int, int]:
    """Objects in a page of an import and of an export, when nobody says more."""
    known = known_connector(agent)
    if known is not None:
        return known.pages[0], known.pages[2]
    return (50, 50) if agent.list_name == "SharePoint Profile Store" else (100, 100)
