# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module logon_rights_info."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.setup.rights import missing_rights, parse_rights, wanted_rights


class ActionModule(ActionFace):
    def perform(self, arguments: dict[str, Any]) -> Outcome:
        wanted = wanted_rights(arguments["denied_logons"], group_managed=arguments["group_managed"])
        answer = self.run_verb("user_rights", {"Account": arguments["account"]})
        found = parse_rights(answer["sid"], answer["rights"])
        values = {"exists": bool(found.sid), "wanted": list(wanted), "missing": list(missing_rights(found, arguments["account"], wanted))}
        return Outcome(changed=False, values=values, before="", after="")
