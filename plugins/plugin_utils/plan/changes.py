# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must change for a server to hold another configuration, in the order in which it is to be made."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..configuration.model import ServerConfiguration
from .aspects import connector_filters, export_flows, import_flows, joins, metaverse_options, metaverse_schema, projections, selected_attributes, settings
from .change import Change
from .comparison import Comparison, compared

# What others stand on comes first: schema, then what is read of a system, then rules, then runs.
_ASPECTS: tuple[Callable[[Comparison], Iterator[Change]], ...] = (
    metaverse_schema.additions,
    settings.metaverse_changes,
    settings.agent_changes,
    selected_attributes.changes,
    connector_filters.changes,
    joins.changes,
    projections.changes,
    import_flows.changes,
    export_flows.changes,
    metaverse_options.recall_changes,
    metaverse_options.deletion_changes,
    selected_attributes.removals,
    metaverse_schema.removals,
)


def changes_between(present: ServerConfiguration, wanted: ServerConfiguration, seed: str = "") -> tuple[Change, ...]:
    """The changes, each with the words, the risk and the edit that makes it; none when both mean the same.

    `present` is what the documents say to which the changes are applied. Ids that are new are made out of `seed` and names.
    """
    comparison = compared(present, wanted, seed)
    return tuple(change for aspect in _ASPECTS for change in aspect(comparison))
