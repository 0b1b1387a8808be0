# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The numbers of a run step, under the names of the run history (reference page `sync-engine` section 4)."""

from __future__ import annotations

from collections.abc import Iterable

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
    """Counts of one step; `outbound` by agent id. What an object's transaction counts outbound waits for its end."""

    __slots__ = ("discovery", "export", "inbound", "outbound", "staging", "waiting")

    def __init__(self) -> None:
        self.staging = _zeros(STAGING)
        self.inbound = _zeros(INBOUND)
        self.export = _zeros(EXPORT)
        self.discovery = _zeros(("filtered-deletions", "filtered-objects"))
        self.outbound: dict[str, dict[str, int]] = {}
        self.waiting: list[tuple[str, str]] = []

    def count_outbound(self, agent_id: str, name: str) -> None:
        self.waiting.append((agent_id, name))

    def keep_outbound(self) -> None:
        for agent_id, name in self.waiting:
            numbers = self.outbound.get(agent_id)
            if numbers is None:
                numbers = self.outbound[agent_id] = _zeros(OUTBOUND)
            numbers[name] += 1
        self.waiting.clear()

    def forget_outbound(self) -> None:
        self.waiting.clear()


def _zeros(names: Iterable[str]) -> dict[str, int]:
    return dict.fromkeys(names, 0)
