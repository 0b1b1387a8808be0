# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module rules_extension."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.extension import (
    Source,
    check_publishable,
    read_state,
    reason_to_publish,
    wanted_record,
)


class ActionModule(ActionFace):
    def perform(self, arguments: dict[str, Any]) -> Outcome:
        sources = [Source(item["path"], item.get("sha256") or "") for item in arguments["sources"]]
        name = arguments["assembly"]
        if not sources:
            raise InputError("at least one C# file is needed", path="sources")
        if not name.lower().endswith(".dll") or "\\" in name or "/" in name:
            raise InputError(f"'{name}' is no file name of an assembly; it ends in .dll and has no folder", path="assembly")
        paths = [source.path for source in sources]
        state = read_state(self.run_verb("extension_read", {"Sources": paths, "AssemblyName": name}))
        reason = reason_to_publish(state, sources)
        values: dict[str, Any] = {"assembly": state.assembly, "reason": reason}
        if not reason:
            return Outcome(changed=False, values=values, before=state.record, after=state.record)
        record = json.dumps(wanted_record(state, sources))
        if not self.check_mode:
            check_publishable(state, sources)
            self.say(f"compiling {name}: {reason}")
            answer = self.run_verb("extension_publish", {"Sources": paths, "Reference": state.reference, "Assembly": state.assembly, "Record": record})
            if answer["backup"]:
                values["backup"] = answer["backup"]
        return Outcome(changed=True, values=values, before=state.record, after=record)
