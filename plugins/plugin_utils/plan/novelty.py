# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a wanted configuration has that the present one has not: only that is completed and checked.

What people have grown by hand for years stays as it is; `lint` tells of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property

from ..configuration.model import (
    Condition,
    ExportFlow,
    ExportFlowSet,
    ImportFlow,
    ImportFlows,
    JoinCriterion,
    JoinProfile,
    ManagementAgent,
    ServerConfiguration,
)
from .aspects.connector_filters import alternative_key
from .aspects.import_flows import flow_key
from .aspects.joins import criterion_key
from .comparison import mapping_key


@dataclass(frozen=True)
class Novelty:
    present: ServerConfiguration
    wanted: ServerConfiguration

    @cached_property
    def import_flows(self) -> tuple[tuple[ImportFlows, ImportFlow], ...]:
        return tuple(self._import_flows())

    def flows_from(self, agent: ManagementAgent) -> list[ImportFlow]:
        return self._by_agent.get(agent.id, [])

    @cached_property
    def _by_agent(self) -> dict[str, list[ImportFlow]]:
        found: dict[str, list[ImportFlow]] = {}
        for _unused, flow in self.import_flows:
            found.setdefault(flow.agent_id, []).append(flow)
        return found

    def _import_flows(self) -> Iterator[tuple[ImportFlows, ImportFlow]]:
        known = {key for group in self.present.metaverse.import_flows for key in _import_keys(group)}
        for group in self.wanted.metaverse.import_flows:
            for flow, key in zip(group.flows, _import_keys(group), strict=True):
                if key not in known:
                    yield group, flow

    def export_flows(self, agent: ManagementAgent) -> Iterator[tuple[ExportFlowSet, ExportFlow]]:
        known = {_export_key(flows, flow) for flows in self._before(agent).export_flows for flow in flows.flows}
        for flows in agent.export_flows:
            yield from ((flows, flow) for flow in flows.flows if _export_key(flows, flow) not in known)

    def criteria(self, agent: ManagementAgent) -> Iterator[tuple[JoinProfile, JoinCriterion]]:
        known = {(profile.object_type.casefold(), criterion_key(one)) for profile in self._before(agent).joins for one in profile.criteria}
        for profile in agent.joins:
            yield from ((profile, one) for one in profile.criteria if (profile.object_type.casefold(), criterion_key(one)) not in known)

    def conditions(self, agent: ManagementAgent) -> Iterator[tuple[str, Condition]]:
        known = {(filters.object_type.casefold(), alternative_key(one)) for filters in self._before(agent).filters for one in filters.alternatives}
        for filters in agent.filters:
            for one in filters.alternatives:
                if (filters.object_type.casefold(), alternative_key(one)) not in known:
                    yield from ((filters.object_type, condition) for condition in one)

    def _before(self, agent: ManagementAgent) -> ManagementAgent:
        return self.present.agent(agent.name) or ManagementAgent(agent.id, agent.name, agent.category)


def _import_keys(group: ImportFlows) -> list[Hashable]:
    return [(group.mv_object_type.casefold(), group.mv_attribute.casefold(), flow_key(flow)) for flow in group.flows]


def _export_key(flows: ExportFlowSet, flow: ExportFlow) -> Hashable:
    return (flows.object_type.casefold(), flows.mv_object_type.casefold(), flow.attribute.casefold(), mapping_key(flow.mapping))
