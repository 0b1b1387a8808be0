# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module server_info."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.statistics import NAMES
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.query import check_query, queried
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.server.information import server_facts


class ActionModule(ActionFace):
    def perform(self, arguments: dict[str, Any]) -> Outcome:
        check_query(arguments["query"])
        facts = server_facts(self.run_verb("server_read", {"KeySetPath": arguments["key_set_path"], "Counters": list(NAMES)}))
        return Outcome(changed=False, values=queried(arguments["query"], facts) or facts)
