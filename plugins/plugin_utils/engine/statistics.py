# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The numbers of an agent, under the names of the WMI methods (reference page `sync-engine` section 4)."""

from __future__ import annotations

from .objects import ADD, DELETE, DELETE_ADD, DELETIONS, EXPLICIT, FILTERED, UPDATE, CsObject
from .store import Store

NAMES = (
    "NumCSObjects",
    "NumTotalConnectors",
    "NumTotalDisconnectors",
    "NumPlaceholders",
    "NumConnectors",
    "NumExplicitConnectors",
    "NumDisconnectors",
    "NumExplicitDisconnectors",
    "NumFilteredDisconnectors",
    "NumImportAdd",
    "NumImportUpdate",
    "NumImportDelete",
    "NumImportNoChange",
    "NumExportAdd",
    "NumExportUpdate",
    "NumExportDelete",
)


def counts(store: Store, agent_id: str) -> dict[str, int]:
    """The numbers of one agent's connector space."""
    numbers = dict.fromkeys(NAMES, 0)
    for item in store.space(agent_id).all():
        numbers["NumCSObjects"] += 1
        for name in _link_names(item):
            numbers[name] += 1
        if item.mv_id:
            # NumImport* count connectors (ms697800, ms697802).
            numbers[_import_name(item)] += 1
        name = _export_name(item)
        if name:
            numbers[name] += 1
    return numbers


def _link_names(item: CsObject) -> tuple[str, ...]:
    if item.placeholder:
        return ("NumPlaceholders",)
    if item.mv_id:
        return ("NumTotalConnectors", "NumExplicitConnectors" if item.state == EXPLICIT else "NumConnectors")
    kinds = {EXPLICIT: "NumExplicitDisconnectors", FILTERED: "NumFilteredDisconnectors"}
    return ("NumTotalDisconnectors", kinds.get(item.state, "NumDisconnectors"))


def _import_name(item: CsObject) -> str:
    if item.import_op in DELETIONS:
        return "NumImportDelete"
    if item.import_op in (ADD, DELETE_ADD):
        return "NumImportAdd"
    return "NumImportUpdate" if item.import_op == UPDATE else "NumImportNoChange"


def _export_name(item: CsObject) -> str:
    names = {ADD: "NumExportAdd", UPDATE: "NumExportUpdate", DELETE_ADD: "NumExportUpdate", DELETE: "NumExportDelete"}
    return names.get(item.export_op, "")
