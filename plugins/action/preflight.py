# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module preflight."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError, RemoteError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preflight.declared import expectation_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preflight.findings import Finding, Severity
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preflight.host import judge_host, questions
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome


class ActionModule(ActionFace):
    def perform(self, arguments: dict[str, Any]) -> Outcome:
        host = str(self.task_vars["inventory_hostname"])
        facts: dict[str, Any] = {}
        try:
            expected = expectation_of(host, arguments)
            facts = self.run_verb("host_check", questions(expected))
            found = judge_host(expected, facts)
        except RemoteError as error:
            # A host that cannot answer is a finding too, so that the others are still reported.
            found = (Finding(host, Severity.ERROR, f"The host cannot be looked at: {error.message}"),)
        except InputError as error:
            found = (Finding("", Severity.ERROR, str(error)),)
        return Outcome(changed=False, values={"findings": [finding.as_dict() for finding in found], "facts": facts}, before="", after="")
