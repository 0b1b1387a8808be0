# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of farm_read.ps1, farm_provision.ps1 and profiles_read.ps1."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from ..estate.farm import ADMINISTRATOR_LEVELS, FULL_CONTROL, Farm, FarmProblem, farm_of
from ..estate.farm_profiles import Profile, Value
from ..estate.principals import display_name, resolve
from .registry import ScriptError, VerbAnswer, VerbCall, verb

_SNAPIN = "The Windows PowerShell snap-in 'Microsoft.SharePoint.PowerShell' is not installed on this computer."
MANAGER = (
    'Exception calling ".ctor" with "1" argument(s): "UserProfileApplicationNotAvailableException_Logging :: UserProfileApplicationProxy.ApplicationProperties'
    " ProfilePropertyCache does not have this user's rights\""
)


@verb("farm_read")
def farm_read(call: VerbCall) -> VerbAnswer:
    farm = open_farm(call)
    application = farm.service_application
    job = farm.job(str(call.parameters["JobType"]))
    url = str(call.parameters.get("MySiteUrl") or "")
    site = farm.web_application(url) if url else None
    found = {
        "name": application.name,
        "proxy": application.proxy_name,
        "application_pool": application.application_pool,
        "no_ilm_used": application.no_ilm_used,
        "netbios_names": application.netbios_names,
        "administrators": _grants(call, application.administrators, ADMINISTRATOR_LEVELS),
        "sharing": _grants(call, application.sharing, (FULL_CONTROL,)),
    }
    answer = {
        "build": farm.build,
        "applications": [found],
        "job": {"exists": job is not None, "enabled": job is not None and job.enabled},
        "unknown_accounts": [name for name in call.parameters.get("Accounts") or () if resolve(call.host, str(name)) is None],
        "my_site": {"found": site is not None, "policies": _grants(call, site.policies if site is not None else {}, ())},
    }
    return VerbAnswer(answer)


@verb("farm_provision")
def farm_provision(call: VerbCall) -> VerbAnswer:
    farm = open_farm(call)
    name = str(call.parameters["Name"])
    if farm.service_application.name.casefold() != name.casefold():
        raise ScriptError(f"There is no service application '{name}'.")
    farm.provision()
    return VerbAnswer({"exists": farm.job(str(call.parameters["JobType"])) is not None}, changed=True)


@verb("profiles_read")
def profiles_read(call: VerbCall) -> VerbAnswer:
    farm = open_farm(call)
    if not farm.may_read_profiles(call.session.groups | {call.session.sid}):
        raise ScriptError(MANAGER)
    store = farm.service_application.store
    wanted = [str(name) for name in call.parameters.get("Properties") or ()]
    unknown = [name for name in wanted if store.property(name) is None]
    names = [str(name) for name in call.parameters.get("Names") or ()]
    live = list(store.live("user"))
    found: list[Profile] = []
    missing: list[str] = []
    if names and not unknown:
        for name in names:
            profile = store.by_account(name)
            if profile is None:
                missing.append(name)
            else:
                found.append(profile)
    elif not unknown:
        found = live[: int(call.parameters.get("Limit") or 0)]
    profiles = [_described(profile, wanted) for profile in found]
    groups = [_group(profile) for profile in store.live("group")] if call.parameters.get("MemberGroups") else []
    return VerbAnswer({"total": len(live), "unknown_properties": unknown, "missing": missing, "profiles": profiles, "groups": groups})


def open_farm(call: VerbCall) -> Farm:
    farm = farm_of(call.host)
    if farm is None:
        raise ScriptError(_SNAPIN)
    try:
        farm.open(call.session)
    except FarmProblem as problem:
        raise ScriptError(str(problem)) from None
    return farm


def _grants(call: VerbCall, rights: Mapping[str, set[str]], every: tuple[str, ...]) -> list[dict[str, Any]]:
    """Accounts with their levels; Full Control holds all others."""
    return [{"name": display_name(call.host, sid), "levels": sorted(every if FULL_CONTROL in levels and every else levels)} for sid, levels in rights.items()]


def _described(profile: Profile, wanted: list[str]) -> dict[str, Any]:
    values = {name: [_shown(value) for value in _values(profile, name)] for name in wanted}
    return {"account": profile.account, "record_id": profile.record, "values": values}


def _group(profile: Profile) -> dict[str, str]:
    """What the directory's group has as its identifier there is the reference to its source here."""
    return {"name": "".join(str(value) for value in profile.get("PreferredName")), "source_reference": profile.account}


def _values(profile: Profile, name: str) -> tuple[Value, ...]:
    special: dict[str, tuple[Value, ...]] = {"accountname": (profile.account,), "userprofile_guid": (profile.guid,), "sid": (profile.sid,)}
    return special.get(name.casefold(), profile.get(name))


def _shown(value: Value) -> str | int | bool:
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
