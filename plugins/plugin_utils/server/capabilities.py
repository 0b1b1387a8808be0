# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a build of the Synchronization Service can do. Facts: reference page `sharepoint-and-setup`, 1.5, 2 and 3.1."""

from __future__ import annotations

from ..preflight.builds import FLOORS, parse_build

# Capability -> first build that has it
SINCE = {
    "ecma2_connectivity_parameters": "4.3.2064.0",
    "ad_credentials_keep_partitions": "4.3.2195.0",
    "group_managed_account": "4.5.26.0",
    "group_managed_account_at_setup": "4.6.34.0",
    "database_name_at_setup": "4.6.34.0",
    "tls_1_2_only": "4.6.34.0",
    "sharepoint_2019": "4.6.34.0",
}


def capabilities(version: str) -> dict[str, bool]:
    """Capability -> whether the build has it; empty for an unknown version. Raises InputError for text that is no version."""
    if not version:
        return {}
    build = parse_build(version, "version")
    found = {name: build >= parse_build(first) for name, first in SINCE.items()}
    floor = FLOORS.get(build[:2])
    return {"configuration_cmdlets": floor is not None and build >= floor, **found}
