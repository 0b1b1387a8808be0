# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module setup_package."""

from __future__ import annotations

from typing import Any, ClassVar

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError, MimSyncError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.setup.package import command_line, explain_failure

_PACKAGE = "ansible.windows.win_package"


class ActionModule(ActionFace):
    secrets: ClassVar[frozenset[str]] = frozenset({"secret_properties"})

    def perform(self, arguments: dict[str, Any]) -> Outcome:
        if not arguments["path"]:
            raise InputError("the package's path is empty; name the installer in the inventory (mimsync_media).", path="path")
        secret = {name: str(value) for name, value in arguments["secret_properties"].items() if value}
        properties = {name: str(value) for name, value in arguments["properties"].items() if value not in (None, "")}
        options: dict[str, Any] = {"path": arguments["path"], "arguments": command_line({**properties, **secret})}
        if arguments["checksum"]:
            options |= {"checksum": arguments["checksum"], "checksum_algorithm": "sha256"}
        options |= {name: arguments[name] for name in ("product_id", "creates_path", "creates_service") if arguments[name]}
        if not self.check_mode:
            self.say(f"installing {arguments['path']}")
        result = self._run_hidden(options)
        if result.get("failed"):
            failure = explain_failure(arguments["path"], result, secret.values())
            raise MimSyncError(failure.message, details=failure.reasons)
        # Ansible takes any exit code but 0 for a failure unless it is told otherwise; 3010 is none.
        values = {"failed": False, "rc": result.get("rc", 0), "reboot_required": bool(result.get("reboot_required"))}
        changed = bool(result.get("changed"))
        return Outcome(changed=changed, values=values, before="", after=f"{arguments['path']} is installed\n" if changed else "")

    def _run_hidden(self, options: dict[str, Any]) -> dict[str, Any]:
        """Without no_log the host's event log would hold the command line with its secrets."""
        present, self._task.no_log = self._task.no_log, True
        try:
            return self.run_module(_PACKAGE, options)
        finally:
            self._task.no_log = present
