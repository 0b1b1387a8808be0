# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the user declares: typed values, and the reader that finds everything wrong at once."""

from __future__ import annotations

from .declaration import read_declaration
from .values import ActiveDirectoryAgent, Credentials, Declaration, Filter, FilterCondition, PartitionScope, Pictures, ProfileStoreAgent

__all__ = [
    "ActiveDirectoryAgent",
    "Credentials",
    "Declaration",
    "Filter",
    "FilterCondition",
    "PartitionScope",
    "Pictures",
    "ProfileStoreAgent",
    "read_declaration",
]
