# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How an agent's account logs on to a connected system: with what the server keeps of its password."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from .directory_errors import DirectoryError

if TYPE_CHECKING:
    from .directory import Directory, Entry
    from .estate import Estate
    from .synchronization_state import AgentSecret


def agent_account(estate: Estate, directory: Directory, domain: str, user: str, secret: AgentSecret) -> Entry | None:
    """The account of a forest that logs on now, or None when name, password or its state do not let it in. Counts wrong passwords."""
    with estate.lock:
        entry = directory.resolve(f"{domain}\\{user}" if domain else user)
        if entry is None:
            return None
        try:
            directory.check_logon(entry)
        except DirectoryError:
            return None
        known = directory.password_hash(entry)
        succeeded = known is not None and hmac.compare_digest(known, secret.nt_hash)
        directory.record_logon(entry, succeeded=succeeded)
        return entry if succeeded else None
