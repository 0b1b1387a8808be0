# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module directory_access_rule."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.access.request import assume, missing, plan_objects, question, read_request, words
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome


class ActionModule(ActionFace):
    mutually_exclusive: ClassVar[Any] = (("path", "naming_context"), ("rules", "trustee"), ("rules", "rights"))
    required_one_of: ClassVar[Any] = (("rules", "trustee"),)
    required_together: ClassVar[Any] = (("trustee", "rights"),)

    def perform(self, arguments: dict[str, Any]) -> Outcome:
        server = arguments["domain_server"] or ""
        request = read_request(arguments, self._task.args)
        answer = self.run_verb("directory_security_read", question(request, server))
        absent = missing(request, answer) if self.check_mode else ()
        plans = plan_objects(request, assume(answer) if absent else answer)
        todo = [{"dn": item.dn, "before": item.plan.before, "after": item.plan.after} for item in plans if item.plan.changed]
        if todo and not self.check_mode:
            self.run_verb("directory_security_write", {"Changes": json.dumps(todo), **({"Server": server} if server else {})})
        entries = [
            {"object": item.dn, "state": change.state, "entry": change.ace, "words": change.words, "changed": change.changed}
            for item in plans
            for change in item.plan.changes
        ]
        values: dict[str, Any] = {"entries": entries}
        if absent:
            values["warnings"] = [f"'{name}' does not exist yet; check mode takes it that another task makes it." for name in absent]
        return Outcome(changed=bool(todo), values=values, before=words(plans, "absent"), after=words(plans, "present"))
