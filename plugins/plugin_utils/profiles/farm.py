# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a farm is ready for an external identity manager, and what it lacks. Facts: `sharepoint-and-setup`, 4.2 to 4.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError, PlanError

JOB_TYPE = "Microsoft.Office.Server.UserProfiles.OM.ExternalIdentityManagerMembershipsAndRelationshipsJob"
# SharePoint 2016 with the public update of February 2017 (KB3141517): from it on the value is $false and the job does the rest.
FIRST_BUILD_WITH_JOB = (16, 0, 4498, 1002)
FULL_CONTROL = "Full Control"
RIGHTS = ("administrators", "sharing", "pictures")


@dataclass(frozen=True)
class FarmState:
    """`rights`: kind of right -> accounts (lower case) that have full control; `unknown_accounts` cannot be found."""

    build: str
    name: str
    application_pool: str
    no_ilm_used: bool
    netbios_names: bool
    job_exists: bool
    job_enabled: bool
    my_site_found: bool
    rights: Mapping[str, frozenset[str]]
    unknown_accounts: tuple[str, ...] = ()


@dataclass(frozen=True)
class FarmChanges:
    """What has to be done; `no_ilm_used` None when the value is right."""

    no_ilm_used: bool | None = None
    provision: bool = False
    enable_job: bool = False

    def __bool__(self) -> bool:
        return self.no_ilm_used is not None or self.provision or self.enable_job


def read_state(answer: Mapping[str, Any], application: str) -> FarmState:
    """The answer of the verb farm_read for one service application; InputError when it is not the one and only or the named one."""
    found = list(answer.get("applications") or ())
    names = ", ".join(str(item["name"]) for item in found) or "none"
    if application:
        found = [item for item in found if str(item["name"]).casefold() == application.casefold()]
        if not found:
            raise InputError(f"the farm has no User Profile Service Application '{application}'; it has {names}", path="service_application")
    if len(found) != 1:
        raise InputError(f"the farm has {len(found)} User Profile Service Applications ({names}); name one", path="service_application")
    item = found[0]
    job, site = answer["job"], answer["my_site"]
    rights = {
        "administrators": _full_control(item["administrators"]),
        "sharing": _full_control(item["sharing"]),
        "pictures": _full_control(site["policies"]),
    }
    return FarmState(
        str(answer["build"]),
        str(item["name"]),
        str(item["application_pool"]),
        bool(item["no_ilm_used"]),
        bool(item["netbios_names"]),
        bool(job["exists"]),
        bool(job["enabled"]),
        bool(site["found"]),
        rights,
        tuple(str(name) for name in answer.get("unknown_accounts") or ()),
    )


def decide(state: FarmState) -> FarmChanges:
    """What makes the farm ready. PlanError for a version without an external identity manager."""
    build = _numbers(state.build)
    if build < (16,):
        raise PlanError(f"SharePoint build {state.build} knows no external identity manager; it came with SharePoint 2016")
    wanted = right_value(state.build)
    value = None if state.no_ilm_used == wanted else wanted
    if build < FIRST_BUILD_WITH_JOB:
        return FarmChanges(value)
    return FarmChanges(value, provision=not state.job_exists, enable_job=state.job_exists and not state.job_enabled)


def right_value(build: str) -> bool:
    """NoILMUsed for a farm that an external identity manager serves, so that managers and audiences are filled."""
    return _numbers(build) < FIRST_BUILD_WITH_JOB


def lacking(state: FarmState, accounts: Sequence[str], *, pictures: bool) -> dict[str, list[str]]:
    """Kind of right -> the accounts that lack full control, in the order given. InputError when pictures are to go to a site that is not there."""
    if pictures and not state.my_site_found:
        raise InputError("the farm has no web application at this address", path="my_site_url")
    kinds = RIGHTS if pictures else RIGHTS[:2]
    wanted = list(dict.fromkeys(account for account in accounts if account))
    return {kind: [account for account in wanted if kind in kinds and account.casefold() not in state.rights[kind]] for kind in RIGHTS}


def check_accounts(state: FarmState) -> None:
    """Raises InputError for accounts that cannot be found."""
    if state.unknown_accounts:
        raise InputError(f"the host cannot find {', '.join(map(repr, state.unknown_accounts))}; make the accounts first", path="accounts")


def described(state: FarmState, changes: FarmChanges | None = None) -> str:
    """The farm's readiness in words, before or after the changes."""
    value = state.no_ilm_used if changes is None or changes.no_ilm_used is None else changes.no_ilm_used
    exists = state.job_exists or bool(changes and changes.provision)
    enabled = state.job_enabled or bool(changes and (changes.provision or changes.enable_job))
    job = "missing" if not exists else "enabled" if enabled else "disabled"
    return f"service application: {state.name}\nNoILMUsed: {str(value).lower()}\nrelationships job: {job}\n"


def _full_control(grants: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(str(grant["name"]).casefold() for grant in grants or () if FULL_CONTROL in (grant.get("levels") or ()))


def _numbers(build: str) -> tuple[int, ...]:
    return tuple(int(part) for part in build.split(".") if part.isdigit())
