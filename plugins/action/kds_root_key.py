# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module kds_root_key."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.access.root_key import plan_root_key, read_state
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome


class ActionModule(ActionFace):
    def perform(self, arguments: dict[str, Any]) -> Outcome:
        state = read_state(self.run_verb("kds_root_key_read"))
        plan = plan_root_key(state, arguments["effective_time"] or "", skip_wait=arguments["skip_replication_wait"])
        key_id = plan.key_id
        if plan.changed and not self.check_mode:
            key_id = self.run_verb("kds_root_key_write", {"EffectiveTime": plan.effective_at})["id"]
        values = {"key_id": key_id, "effective_at": plan.effective_at, "usable_at": plan.usable_at, "usable": plan.usable}
        after = f"root key, effective {plan.effective_at}, usable from {plan.usable_at}\n"
        return Outcome(changed=plan.changed, values=values, before="" if plan.changed else after, after=after)
