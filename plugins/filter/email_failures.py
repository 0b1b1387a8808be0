# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter email_failures; its documentation stands in email_failures.yml."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.profiles.answer import email_failures


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"email_failures": email_failures}
