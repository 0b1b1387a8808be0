# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module key_set."""

from __future__ import annotations

import hashlib
import ntpath
import os
from pathlib import Path
from typing import Any, ClassVar

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError, VerificationError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.server.key_set import (
    RECORD_SUFFIX,
    check_exportable,
    check_path,
    read_state,
    reason_to_export,
)


class ActionModule(ActionFace):
    secrets: ClassVar[frozenset[str]] = frozenset({"password"})

    def perform(self, arguments: dict[str, Any]) -> Outcome:
        path = arguments["path"]
        check_path(path)
        state = read_state(self.run_verb("key_set_read", {"Path": path, "RecordPath": path + RECORD_SUFFIX}))
        reason = reason_to_export(state)
        sha256 = state.sha256
        if reason:
            check_exportable(state, arguments["password"])
            if not self.check_mode:
                secrets = {"Password": arguments["password"]} if arguments["password"] else None
                sha256 = self.run_verb("key_set_export", {"Path": path, "Account": state.ties.account}, secrets)["sha256"]
        copy = self._copy(path, sha256, arguments["copy_to"], outdated=bool(reason)) if arguments["copy_to"] else {}
        values = {"path": path, "reason": reason, **copy}
        before, after = _described(path, present=not reason), _described(path, present=True)
        return Outcome(changed=bool(reason) or bool(copy.get("copied")), values=values, before=before, after=after)

    def _copy(self, path: str, sha256: str, folder: str, *, outdated: bool) -> dict[str, Any]:
        """Brings the file to the controller unless the same one lies there; only its owner may read it."""
        target = Path(folder).expanduser() / f"{self.task_vars.get('inventory_hostname', 'host')}-{ntpath.basename(path)}"
        if not outdated and target.is_file() and hashlib.sha256(target.read_bytes()).hexdigest() == sha256:
            return {"copy": str(target), "copied": False}
        if self.check_mode:
            return {"copy": str(target), "copied": True}
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
            target.chmod(0o600)
            self._connection.fetch_file(path, str(target))
        except OSError as error:
            raise InputError(f"the key set cannot be written to {target}: {error.strerror}", path="copy_to") from None
        if hashlib.sha256(target.read_bytes()).hexdigest() != sha256:
            raise VerificationError(f"the key set that arrived in {target} is not the one on the host")
        return {"copy": str(target), "copied": True}


def _described(path: str, *, present: bool) -> str:
    return f"{path}: a backup of this server's key set\n" if present else f"{path}: no backup of this server's key set\n"
