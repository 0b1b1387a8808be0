# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names of servers as people write them."""

from __future__ import annotations

_SELF = frozenset({"", ".", "(local)", "localhost", "127.0.0.1", "::1"})


def is_other_host(server: str, host: str) -> bool:
    """True when `server` (no instance, no port) names another computer than `host`; a domain suffix on either side does not matter."""
    wanted = server.strip().casefold()
    return wanted not in _SELF and wanted.split(".", 1)[0] != host.strip().casefold().split(".", 1)[0]
