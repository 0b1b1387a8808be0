# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module external_identity_manager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import MimSyncError, VerificationError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.profiles.farm import (
    JOB_TYPE,
    FarmChanges,
    FarmState,
    check_accounts,
    decide,
    described,
    lacking,
    read_state,
    right_value,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.runner import failure_of

DSC = "ansible.windows.win_dsc"


class ActionModule(ActionFace):
    secrets: ClassVar[frozenset[str]] = frozenset({"setup_password"})

    def perform(self, arguments: dict[str, Any]) -> Outcome:
        site = arguments["my_site_url"]
        answer = self.run_verb("farm_read", {"JobType": JOB_TYPE, "MySiteUrl": site, "Accounts": arguments["accounts"]})
        state = read_state(answer, arguments["service_application"])
        changes = decide(state)
        missing = lacking(state, arguments["accounts"], pictures=bool(site))
        if not self.check_mode:
            check_accounts(state)
        if changes and not self.check_mode:
            self._apply(state, changes, arguments)
        values = {
            "build": state.build,
            "service_application": state.name,
            "no_ilm_used": right_value(state.build),
            "lacking": missing,
            "unknown_accounts": list(state.unknown_accounts),
            "grants": {kind: [_grant(kind, account) for account in accounts] for kind, accounts in missing.items()},
        }
        return Outcome(bool(changes), values, described(state), described(state, changes))

    def _apply(self, state: FarmState, changes: FarmChanges, arguments: Mapping[str, Any]) -> None:
        run_as = {"PsDscRunAsCredential_username": arguments["setup_account"], "PsDscRunAsCredential_password": arguments["setup_password"]}
        if changes.no_ilm_used is not None:
            wanted = {"Name": state.name, "ApplicationPool": state.application_pool, "NoILMUsed": changes.no_ilm_used, "EnableNetBIOS": state.netbios_names}
            self._set("SPUserProfileServiceApp", {**wanted, **run_as})
        if changes.provision and not self.run_verb("farm_provision", {"Name": state.name, "JobType": JOB_TYPE})["exists"]:
            raise VerificationError(f"the timer job {JOB_TYPE} is missing although the service application {state.name} was provisioned")
        if changes.enable_job:
            self._set("SPTimerJobState", {"TypeName": JOB_TYPE, "WebAppUrl": "N/A", "Enabled": True, **run_as})

    def _set(self, resource: str, properties: Mapping[str, Any]) -> None:
        result = self.run_module(DSC, {"resource_name": resource, **properties})
        if result.get("failed"):
            raise MimSyncError(f"the DSC resource {resource} failed: {failure_of(result)}")


def _grant(kind: str, account: str) -> dict[str, Any]:
    """A member as SharePointDsc takes it: SPWebAppPolicy has another name for levels than SPServiceAppSecurity."""
    levels = "PermissionLevel" if kind == "pictures" else "AccessLevels"
    return {"Username": account, levels: ["Full Control"]}
