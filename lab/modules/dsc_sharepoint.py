# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Resources of SharePointDsc about farms and rights: service application, its security, timer jobs, web application policy.

Properties and behaviour: reference page `sharepoint-and-setup`, 5.1, and the resources' MOF files (SharePointDsc 5.7).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..estate.domains import domain_of
from ..estate.farm import ADMINISTRATOR_LEVELS, FULL_CONTROL, SHARING_LEVELS, Farm, FarmProblem, ServiceApplication, farm_of
from ..estate.principals import NOT_MAPPED
from ..estate.services import ServiceProblem, restart_service
from .dsc import DscCall, DscProblem, Resource, register
from .dsc_options import Property

MODULE = "SharePointDsc"
ENSURE = Property("Ensure", choices=("Present", "Absent"))
Rights = dict[str, set[str]]


def farm_for(call: DscCall) -> Farm:
    """The farm as the run-as account sees it."""
    farm = farm_of(call.host)
    if farm is None:
        raise DscProblem("The 'Get-SPFarm' command was found in the module 'Microsoft.SharePoint.PowerShell', but the module could not be loaded.")
    try:
        farm.open(call.session)
    except FarmProblem as problem:
        raise DscProblem(str(problem)) from None
    return farm


def service_application(call: DscCall, name: str) -> ServiceApplication | None:
    found = farm_for(call).service_application
    return found if found.name.casefold() == name.casefold() else None


# --- SPServiceAppSecurity

_ENTRY = (Property("Username", required=True), Property("AccessLevels", required=True, is_array=True))
_MEMBERS = (Property("Members", is_array=True, members=_ENTRY), Property("MembersToInclude", is_array=True, members=_ENTRY))


def _check_member_lists(call: DscCall) -> None:
    lists = [call.given(name) for name in ("Members", "MembersToInclude", "MembersToExclude")]
    if lists[0] and any(lists[1:]):
        raise DscProblem("Cannot use the Members parameter together with the MembersToInclude or MembersToExclude parameters")
    if not any(lists):
        raise DscProblem("At least one of the following parameters must be specified: Members, MembersToInclude, MembersToExclude")


def _rights_of(application: ServiceApplication, security_type: str) -> Rights:
    return application.administrators if security_type == "Administrators" else application.sharing


def _unknown_level(call: DscCall) -> str:
    for entry in [*(call.values["Members"] or ()), *(call.values["MembersToInclude"] or ())]:
        for level in entry["AccessLevels"]:
            if level not in {*ADMINISTRATOR_LEVELS, *SHARING_LEVELS}:
                return str(level)
    return ""


def _expanded(levels: Sequence[str] | set[str], security_type: str) -> set[str]:
    """Full Control holds every other level, and Get lists them all."""
    every = ADMINISTRATOR_LEVELS if security_type == "Administrators" else SHARING_LEVELS
    return set(every) if FULL_CONTROL in levels else set(levels)


def _names(call: DscCall, rights: Rights) -> dict[str, str]:
    """Account name in lower case -> SID, of those who have rights."""
    if call.host.estate is None:
        raise AssertionError("call.host.estate is there by construction")
    directory = domain_of(call.host)
    return {(sid if sid == "{LocalFarm}" else directory.account_name(sid)).casefold(): sid for sid in rights}


def _sid(call: DscCall, name: str) -> str:
    if call.host.estate is None:
        raise AssertionError("call.host.estate is there by construction")
    if name == "{LocalFarm}":
        return name
    entry = domain_of(call.host).resolve(name)
    if entry is None or not entry.sid:
        raise DscProblem(NOT_MAPPED)
    return entry.sid


def test_security(call: DscCall) -> bool:
    _check_member_lists(call)
    application = service_application(call, call.values["ServiceAppName"])
    if application is None or _unknown_level(call):
        return False
    kind = call.values["SecurityType"]
    rights = _rights_of(application, kind)
    return _members_fit(call, rights, lambda entry, held: _expanded(entry["AccessLevels"], kind) == _expanded(held, kind))


def set_security(call: DscCall) -> None:
    application = service_application(call, call.values["ServiceAppName"])
    if application is None:
        raise DscProblem(f"Unable to locate service application {call.values['ServiceAppName']}")
    level = _unknown_level(call)
    if level:
        allowed = "', '".join(ADMINISTRATOR_LEVELS)
        raise DscProblem(f"Unknown AccessLevel is used ({level}). Allowed values are '{allowed}'")
    _set_members(call, _rights_of(application, call.values["SecurityType"]), lambda entry: set(entry["AccessLevels"]))


def _members_fit(call: DscCall, rights: Rights, fits: Callable[[Mapping[str, Any], set[str]], bool]) -> bool:
    """Whether the accounts named have what is wanted; by their names as text, as the resource compares them."""
    held = _names(call, rights)
    wanted = call.values["Members"] if call.given("Members") else call.values["MembersToInclude"] or []
    if call.given("Members") and {entry["Username"].casefold() for entry in wanted} != set(held):
        return False
    for entry in wanted:
        sid = held.get(entry["Username"].casefold())
        if sid is None or not fits(entry, rights[sid]):
            return False
    return not any(_excluded_name(item).casefold() in held for item in call.values["MembersToExclude"] or ())


def _set_members(call: DscCall, rights: Rights, levels: Callable[[Mapping[str, Any]], set[str]]) -> None:
    wanted = call.values["Members"] if call.given("Members") else call.values["MembersToInclude"] or []
    found = {_sid(call, entry["Username"]): levels(entry) for entry in wanted}
    if call.given("Members"):
        rights.clear()
    rights.update(found)
    for item in call.values["MembersToExclude"] or ():
        rights.pop(_sid(call, _excluded_name(item)), None)


def _excluded_name(item: Any) -> str:
    return str(item["Username"]) if isinstance(item, Mapping) else str(item)


register(
    Resource(
        "SPServiceAppSecurity",
        MODULE,
        (
            Property("ServiceAppName", required=True),
            Property("SecurityType", required=True, choices=("Administrators", "SharingPermissions")),
            *_MEMBERS,
            Property("MembersToExclude", is_array=True),
        ),
        test_security,
        set_security,
    )
)

# --- SPWebAppPolicy

_POLICY = (
    Property("Username", required=True),
    Property("PermissionLevel", is_array=True, choices=("Deny All", "Deny Write", "Full Read", "Full Control")),
    Property("IdentityType", choices=("Claims", "Native")),
    Property("ActAsSystemAccount", "bool"),
)


def _policies(call: DscCall) -> Rights:
    _check_member_lists(call)
    site = farm_for(call).web_application(call.values["WebAppUrl"])
    if site is None:
        raise DscProblem(f"Web application {call.values['WebAppUrl']} was not found")
    return site.policies


def test_policy(call: DscCall) -> bool:
    return _members_fit(call, _policies(call), lambda entry, held: set(entry["PermissionLevel"] or ()) == held)


def set_policy(call: DscCall) -> None:
    if call.given("SetCacheAccountsPolicy") and call.values["SetCacheAccountsPolicy"]:
        raise DscProblem("The lab does not simulate SetCacheAccountsPolicy of SPWebAppPolicy.")
    _set_members(call, _policies(call), lambda entry: set(entry["PermissionLevel"] or ()))


register(
    Resource(
        "SPWebAppPolicy",
        MODULE,
        (
            Property("WebAppUrl", required=True),
            *(Property(name, is_array=True, members=_POLICY) for name in ("Members", "MembersToInclude", "MembersToExclude")),
            Property("SetCacheAccountsPolicy", "bool"),
        ),
        test_policy,
        set_policy,
    )
)

# --- SPUserProfileServiceApp

_PLAIN_APP = (
    "ProxyName", "MySiteManagedPath", "ProfileDBName", "ProfileDBServer", "SocialDBName", "SocialDBServer", "SyncDBName", "SyncDBServer",
)  # fmt: skip
_NAMING = ("Username_CollisionError", "Username_CollisionDomain", "Domain_Username")


def _profile_application(call: DscCall) -> ServiceApplication:
    farm = farm_for(call)
    if call.session.account.casefold() == farm.farm_account.casefold():
        raise DscProblem(
            f"Specified PSDSCRunAsCredential ({call.session.account}) is the Farm Account. Make sure the specified PSDSCRunAsCredential isn't the "
            "Farm Account and try again"
        )
    if call.given("SiteNamingConflictResolution") and not call.given("MySiteHostLocation"):
        raise DscProblem("MySiteHostLocation missing. Please specify this when specifying SiteNamingConflictResolution")
    found = service_application(call, call.values["Name"])
    if found is None or call.values["Ensure"] == "Absent":
        raise DscProblem(f"The lab's farm has one User Profile Service Application; it makes and removes none ('{call.values['Name']}').")
    return found


def test_profile_application(call: DscCall) -> bool:
    application = _profile_application(call)
    present = {
        "NoILMUsed": application.no_ilm_used,
        "EnableNetBIOS": application.netbios_names,
        "MySiteHostLocation": application.my_site_host,
        "SiteNamingConflictResolution": application.settings.get("SiteNamingConflictResolution", "Username_CollisionError"),
    }
    return all(not call.given(name) or call.values[name] == value for name, value in present.items())


def set_profile_application(call: DscCall) -> None:
    application = _profile_application(call)
    if call.given("NoILMUsed"):
        application.no_ilm_used = call.values["NoILMUsed"]
    if call.given("EnableNetBIOS"):
        application.netbios_names = call.values["EnableNetBIOS"]
    if call.given("MySiteHostLocation"):
        application.my_site_host = call.values["MySiteHostLocation"]
    if call.given("SiteNamingConflictResolution"):
        application.settings["SiteNamingConflictResolution"] = call.values["SiteNamingConflictResolution"]
    timer = call.host.service("SPTimerV4")
    if timer is not None:
        try:
            restart_service(call.host, timer, force=True)
        except ServiceProblem as problem:
            raise DscProblem(str(problem)) from None


register(
    Resource(
        "SPUserProfileServiceApp",
        MODULE,
        (
            Property("Name", required=True),
            Property("ApplicationPool", required=True),
            Property("MySiteHostLocation"),
            *(Property(name) for name in _PLAIN_APP),
            *(Property(name, "bool") for name in ("EnableNetBIOS", "NoILMUsed", "UpdateProxyGroup", "UseSQLAuthentication")),
            Property("SiteNamingConflictResolution", choices=_NAMING),
            ENSURE,
            Property("DatabaseCredentials", "credential"),
        ),
        test_profile_application,
        set_profile_application,
    )
)

# --- SPUserProfileServiceAppPermissions

_USER_RIGHTS = ("CreatePersonalSite", "FollowAndEditProfile", "UseTagsAndNotes")


def _proxy(call: DscCall) -> ServiceApplication:
    application = farm_for(call).service_application
    if application.proxy_name.casefold() != call.values["ProxyName"].casefold():
        raise DscProblem(f"Unable to find a service application proxy with the name {call.values['ProxyName']}")
    return application


def test_permissions(call: DscCall) -> bool:
    held = _proxy(call).user_permissions
    return all(not call.given(name) or _folded(held.get(name, ["Everyone"])) == _folded(call.values[name]) for name in _USER_RIGHTS)


def set_permissions(call: DscCall) -> None:
    application = _proxy(call)
    application.user_permissions.update({name: list(call.values[name]) for name in _USER_RIGHTS if call.given(name)})


def _folded(names: Sequence[str]) -> set[str]:
    return {name.casefold() for name in names if name.casefold() != "none"}


register(
    Resource(
        "SPUserProfileServiceAppPermissions",
        MODULE,
        (Property("ProxyName", required=True), *(Property(name, is_array=True) for name in _USER_RIGHTS)),
        test_permissions,
        set_permissions,
    )
)
