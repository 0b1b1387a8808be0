# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What installers do to a host. Importing this package fills INSTALLERS and the services' BEHAVIOURS."""

from __future__ import annotations

from . import hotfix, mim_service, sharepoint_connector, sql_native_client, synchronization_service
from .base import INSTALLERS

__all__ = ["INSTALLERS", "hotfix", "mim_service", "sharepoint_connector", "sql_native_client", "synchronization_service"]
