# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module profile_info."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.profiles.answer import full_names, profile_facts
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.query import check_query, queried
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome


class ActionModule(ActionFace):
    def perform(self, arguments: dict[str, Any]) -> Outcome:
        check_query(arguments["query"])
        if arguments["limit"] < 0:
            raise InputError(f"{arguments['limit']} is no number of profiles", path="limit")
        names = full_names(arguments["names"], arguments["domain"])
        properties = list(dict.fromkeys(arguments["properties"]))
        answer = self.run_verb("profiles_read", {"Names": names, "Properties": properties, "Limit": arguments["limit"], "MemberGroups": arguments["groups"]})
        facts = profile_facts(answer, properties)
        return Outcome(changed=False, values=queried(arguments["query"], facts) or facts)
