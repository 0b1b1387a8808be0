# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must change for a server to hold another configuration, in the order in which it is to be made."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..configuration.collector import paused
from ..configuration.model import ServerConfiguration
from .aspects import (
    agents,
    connector_filters,
    export_flows,
    import_flows,
    joins,
    metaverse_options,
    metaverse_schema,
    parameters,
    partitions,
    projections,
    run_profiles,
    selected_attributes,
    settings,
)
from .change import Change
from .comparison import Comparison, compared
from .renaming import renames, with_names

Aspect = Callable[[Comparison], Iterator[Change]]
# What others stand on comes first: settings, what is read of a system, rules.
_OF_AGENTS: tuple[Aspect, ...] = (
    settings.agent_changes,
    parameters.changes,
    partitions.changes,
    run_profiles.changes,
    selected_attributes.changes,
    connector_filters.changes,
    joins.changes,
    projections.changes,
)


def _agents_added(comparison: Comparison) -> Iterator[Change]:
    return agents.additions(comparison, (*_OF_AGENTS, export_flows.changes))


_ASPECTS: tuple[Aspect, ...] = (
    metaverse_schema.additions,
    settings.metaverse_changes,
    _agents_added,
    *_OF_AGENTS,
    import_flows.changes,
    export_flows.changes,
    metaverse_options.recall_changes,
    metaverse_options.deletion_changes,
    selected_attributes.removals,
    metaverse_schema.removals,
    agents.removals,
)


def changes_between(present: ServerConfiguration, wanted: ServerConfiguration, seed: str = "") -> tuple[Change, ...]:
    """The changes, each with the words, the risk and the edit that makes it; none when both mean the same.

    `present` is what the documents say to which the changes are applied. Ids that are new are made out of `seed` and names.
    """
    with paused():
        renamed = tuple(renames(present, wanted))
        comparison = compared(with_names(present, renamed), wanted, seed)
        return (*renamed, *(change for aspect in _ASPECTS for change in aspect(comparison)))
