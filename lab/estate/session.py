# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A logon on a host: who it is and which groups counted when it began."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Session:
    """`sid` of the account; `groups` all SIDs of its token, nested and the host's local groups included.

    Membership that is granted later counts from the next logon on, so the token never changes.
    """

    account: str
    sid: str
    groups: frozenset[str]
    administrator: bool
    # False for network logons without delegation: a second hop (share, SQL by Windows logon) is anonymous then.
    delegates: bool = True

    def holds(self, sid: str) -> bool:
        return sid == self.sid or sid in self.groups
