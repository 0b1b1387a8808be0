# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters about pictures; their documentation stands beside, a file each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.profiles.pictures import picture_access_rules, picture_failures, without_picture


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"picture_access_rules": picture_access_rules, "picture_failures": picture_failures, "without_picture": without_picture}
