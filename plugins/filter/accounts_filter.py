# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter accounts_filter; its documentation stands in accounts_filter.yml."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.profiles.answer import accounts_filter


class FilterModule:
    def filters(self) -> dict[str, Callable[..., str]]:
        return {"accounts_filter": accounts_filter}
