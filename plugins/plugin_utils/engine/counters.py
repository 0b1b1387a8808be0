# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The numbers of a run step, under the names of the run history (reference page `sync-engine` section 4)."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Any

STAGING = ("stage-no-change", "stage-add", "stage-update", "stage-rename", "stage-delete", "stage-delete-add", "stage-failure")
EXPORT = ("export-add", "export-update", "export-rename", "export-delete", "export-delete-add", "export-failure")
INBOUND = (
    "disconnector-filtered",
    "disconnector-joined-no-flow",
    "disconnector-joined-flow",
    "disconnector-joined-remove-mv",
    "disconnector-projected-no-flow",
    "disconnector-projected-flow",
    "disconnector-projected-remove-mv",
    "disconnector-remains",
    "connector-filtered-remove-mv",
    "connector-filtered-leave-mv",
    "connector-flow",
    "connector-flow-remove-mv",
    "connector-no-flow",
    "connector-delete-remove-mv",
    "connector-delete-leave-mv",
    "connector-delete-add-processed",
    "flow-failure",
)
OUTBOUND = (
    "provisioned-add-flow",
    "provisioned-add-no-flow",
    "provisioned-rename-flow",
    "provisioned-rename-no-flow",
    "provisioned-delete-add-flow",
    "provisioned-delete-add-no-flow",
    "provisioned-disconnect",
    "connector-flow",
    "connector-no-flow",
)
# No objects can be asked for behind these two.
WITHOUT_DETAIL = frozenset({"stage-no-change", "disconnector-remains"})


class Counters:
    """Counts of one step; `outbound` by agent id. What an object's transaction counts outbound waits for its end.

    `objects` holds the numbers of the connector-space objects behind each counter, at most `limit` each, and `names` the DNs of those
    that may be gone when somebody asks.
    """

    __slots__ = ("discovery", "export", "inbound", "limit", "names", "objects", "outbound", "staging", "waiting")

    def __init__(self, limit: int = 100_000) -> None:
        self.staging = _zeros(STAGING)
        self.inbound = _zeros(INBOUND)
        self.export = _zeros(EXPORT)
        self.discovery = _zeros(("filtered-deletions", "filtered-objects"))
        self.outbound: dict[str, dict[str, int]] = {}
        self.waiting: list[tuple[str, str, int, str]] = []
        self.limit = limit
        # By agent id (outbound counters) or the empty text, and the counter's name.
        self.objects: dict[tuple[str, str], array[int]] = {}
        self.names: dict[int, str] = {}

    def count(self, counts: dict[str, int], name: str, number: int, dn: str = "") -> None:
        """Counts an object in `staging`, `inbound` or `export`; `dn` of one that may go."""
        counts[name] += 1
        if name not in WITHOUT_DETAIL:
            self._remember("", name, number, dn)

    def count_outbound(self, agent_id: str, name: str, number: int, dn: str = "") -> None:
        self.waiting.append((agent_id, name, number, dn))

    def keep_outbound(self) -> None:
        for agent_id, name, number, dn in self.waiting:
            numbers = self.outbound.get(agent_id)
            if numbers is None:
                numbers = self.outbound[agent_id] = _zeros(OUTBOUND)
            numbers[name] += 1
            self._remember(agent_id, name, number, dn)
        self.waiting.clear()

    def forget_outbound(self) -> None:
        self.waiting.clear()

    def _remember(self, agent_id: str, name: str, number: int, dn: str) -> None:
        held = self.objects.get((agent_id, name))
        if held is None:
            held = self.objects[agent_id, name] = array("q")
        if len(held) < self.limit:
            held.append(number)
            if dn:
                self.names[number] = dn

    def __getstate__(self) -> dict[str, Any]:
        state = {name: getattr(self, name) for name in self.__slots__}
        return {**state, "objects": {key: held.tobytes() for key, held in self.objects.items()}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)
        self.objects = {key: array("q", held) for key, held in state["objects"].items()}


def _zeros(names: Iterable[str]) -> dict[str, int]:
    return dict.fromkeys(names, 0)
