# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tests that the installing roles ask: is it older, is it another host."""

from __future__ import annotations

from collections.abc import Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import MimSyncError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preflight.builds import is_older
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.setup.hosts import is_other_host


def older_build(present: str, wanted: str = "") -> bool:
    try:
        return is_older(present, wanted)
    except MimSyncError as error:
        raise AnsibleFilterError(str(error)) from error


class TestModule:
    def tests(self) -> dict[str, Callable[..., bool]]:
        return {"older_build": older_build, "other_host": is_other_host}
