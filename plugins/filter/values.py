# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters about people in the directory and in SharePoint; their documentation stands beside, a file each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.profiles.presence import group_failures, presence_failures
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.profiles.values import attribute_access_rules, value_failures


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "attribute_access_rules": attribute_access_rules,
            "group_failures": group_failures,
            "presence_failures": presence_failures,
            "value_failures": value_failures,
        }
