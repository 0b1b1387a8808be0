# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Questions that the sources leave open, each a switch with a default.

The questions stand in the reference page `sync-engine`, marked as inference or as not settled.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Switches:
    """ambiguous_join: a search of a join criterion finds several objects and there is no resolution. `stop` leaves a
    normal disconnector, `next` tries the next criterion, `project` goes on to projection.
    guard_contributor: a value is not exported to the attribute of the agent that it came from.
    parents_first: objects are synchronized by the depth of their distinguished names.
    parent_required: a new connector's container has to be known (MissingParentObjectException), else a placeholder
    stands in for it and the system says whether it is there.
    error_limit: objects with errors after which a step stops (`stopped-error-limit`), 0 for none.
    portal_flows: `inbound` evaluates import flows of the portal whose document holds all of them (direct ones and constants), as if
    each object were in the rule's scope; `none` evaluates no flow of the portal.
    indexed_limits: a value too long for the database's index fails at its flow into an indexed metaverse attribute.
    detail_limit: objects that are remembered behind each counter of a step.
    """

    ambiguous_join: str = "stop"
    guard_contributor: bool = True
    parents_first: bool = True
    parent_required: bool = False
    error_limit: int = 5000
    portal_flows: str = "inbound"
    indexed_limits: bool = True
    detail_limit: int = 100_000


PORTAL_INBOUND = "inbound"
PROVISION_LIMIT = 10
EXPORT_PASSES = 3
