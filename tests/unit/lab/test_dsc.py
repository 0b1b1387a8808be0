# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of win_dsc with SharePointDsc's resources: options as the MOF tells them, test before set, what the resources refuse."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.build import build_estate
from ansible_collections.mimsync.sharepoint.lab.estate.estate import Estate, EstateOptions
from ansible_collections.mimsync.sharepoint.lab.estate.farm import FULL_CONTROL, RELATIONSHIPS_JOB, Farm, farm_of, install_dsc_module
from ansible_collections.mimsync.sharepoint.lab.estate.session import Session
from ansible_collections.mimsync.sharepoint.lab.modules.catalogue import load_twins
from ansible_collections.mimsync.sharepoint.lab.modules.dsc import win_dsc
from ansible_collections.mimsync.sharepoint.lab.modules.registry import ModuleCall, ModuleFailure
from mim_estate import PASSWORD, make_account

APPLICATION = "User Profile Service Application"
SECURITY = {"resource_name": "SPServiceAppSecurity", "ServiceAppName": APPLICATION, "SecurityType": "Administrators"}
MEMBER = {"Username": "EXAMPLE\\svc-spma", "AccessLevels": [FULL_CONTROL]}


@pytest.fixture
def estate() -> Estate:
    load_twins()
    made = build_estate(EstateOptions(people=4))
    setup = made.directory.resolve("mimsetup")
    assert setup is not None
    made.directory.set_password(setup, PASSWORD)
    make_account(made, "svc-spma")
    return made


@pytest.fixture
def farm(estate: Estate) -> Farm:
    found = farm_of(estate.hosts["SP1"])
    assert found is not None
    return found


def call(estate: Estate, *, host: str = "SP1", check: bool = False, run_as: bool = True, **arguments: Any) -> dict[str, Any]:
    given = dict(arguments)
    if run_as:
        given |= {"PsDscRunAsCredential_username": "EXAMPLE\\mimsetup", "PsDscRunAsCredential_password": PASSWORD}
    session = Session("EXAMPLE\\mimsetup", "S-1", frozenset(), administrator=True)
    return win_dsc(ModuleCall("ansible.windows.win_dsc", given, estate.hosts[host], session, check_mode=check))


def refused(estate: Estate, message: str, **arguments: Any) -> None:
    with pytest.raises(ModuleFailure, match=re.escape(message)):
        call(estate, **arguments)


# --- options


def test_a_resource_has_to_be_installed_on_the_host(estate: Estate) -> None:
    refused(estate, "Resource 'SPServiceAppSecurity' not found.", host="MIM1", **SECURITY)
    refused(estate, "Resource 'SPNothing' not found.", resource_name="SPNothing")
    refused(estate, "Versions installed: '5.7.1'.", module_version="4.0.0", MembersToInclude=[MEMBER], **SECURITY)
    refused(estate, "missing required argument: resource_name")


def test_the_highest_version_is_taken(estate: Estate) -> None:
    install_dsc_module(estate.hosts["SP1"], "5.10.0")
    assert call(estate, check=True, MembersToInclude=[MEMBER], **SECURITY)["module_version"] == "5.10.0"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"Memberz": []}, "Unsupported parameters for (ansible.windows.win_dsc) module: Memberz. Supported parameters include: "),
        ({"SecurityType": "Admins"}, "value of SecurityType must be one of: Administrators, SharingPermissions. Got no match for: Admins"),
        ({"ServiceAppName": None}, "missing required arguments: ServiceAppName"),
        ({"MembersToInclude": [{"Username": "x"}]}, "missing required arguments: AccessLevels found in MembersToInclude"),
        ({"MembersToInclude": [{**MEMBER, "Rank": 1}]}, "Rank found in MembersToInclude. Supported parameters include: AccessLevels, Username"),
        ({"MembersToInclude": ["x"]}, "unable to convert to dict"),
    ],
)
def test_wrong_options_are_refused_by_name(estate: Estate, arguments: dict[str, Any], message: str) -> None:
    refused(estate, message, **{**SECURITY, **arguments})


def test_a_credential_is_a_pair_of_options(estate: Estate) -> None:
    refused(
        estate,
        "parameters are required together: PsDscRunAsCredential_username, PsDscRunAsCredential_password",
        run_as=False,
        PsDscRunAsCredential_username="EXAMPLE\\mimsetup",
        **SECURITY,
    )


def test_numbers_and_booleans_are_converted_or_refused(estate: Estate) -> None:
    wanted = {"resource_name": "SPUserProfileProperty", "item_name": "CostCenter", "UserProfileService": APPLICATION}
    refused(estate, "unable to convert to bool: The value 'maybe' is not a valid boolean", IsAlias="maybe", **wanted)
    refused(estate, "too small for a UInt32", Length=-1, **wanted)
    assert call(estate, Length="25", IsAlias="yes", **wanted)["changed"]


def test_another_letter_case_is_a_warning(estate: Estate) -> None:
    answer = call(estate, check=True, **{**SECURITY, "memberstoinclude": [MEMBER]})
    assert "case insensitive match: memberstoinclude" in answer["warnings"][0]


# --- who it runs as


def test_without_an_account_the_farm_is_out_of_reach(estate: Estate) -> None:
    refused(estate, "Failed to invoke DSC Test method: The local farm is not accessible.", run_as=False, MembersToInclude=[MEMBER], **SECURITY)


def test_the_run_as_account_logs_on_and_has_to_be_a_farm_administrator(estate: Estate, farm: Farm) -> None:
    wrong = {"PsDscRunAsCredential_username": "EXAMPLE\\mimsetup", "PsDscRunAsCredential_password": "wrong"}
    refused(estate, "The user name or password is incorrect.", run_as=False, MembersToInclude=[MEMBER], **SECURITY, **wrong)
    farm.administrators.clear()
    refused(estate, "The local farm is not accessible.", MembersToInclude=[MEMBER], **SECURITY)


# --- resources


def test_security_is_tested_then_set_then_left_alone(estate: Estate, farm: Farm) -> None:
    rights = farm.service_application.administrators
    assert call(estate, check=True, MembersToInclude=[MEMBER], **SECURITY)["changed"] and not rights
    assert call(estate, MembersToInclude=[MEMBER], **SECURITY) == {"changed": True, "reboot_required": False, "module_version": "5.7.1"}
    assert list(rights.values()) == [{FULL_CONTROL}]
    assert not call(estate, MembersToInclude=[MEMBER], **SECURITY)["changed"]
    assert call(estate, MembersToExclude=["EXAMPLE\\svc-spma"], **SECURITY)["changed"] and not rights


def test_full_control_holds_all_levels(estate: Estate, farm: Farm) -> None:
    call(estate, MembersToInclude=[MEMBER], **SECURITY)
    assert call(estate, check=True, MembersToInclude=[{**MEMBER, "AccessLevels": ["Manage Profiles"]}], **SECURITY)["changed"]


def test_members_takes_others_away(estate: Estate, farm: Farm) -> None:
    farm.service_application.sharing["S-1-5-21-9-9-9-9"] = {FULL_CONTROL}
    assert call(estate, Members=[MEMBER], **{**SECURITY, "SecurityType": "SharingPermissions"})["changed"]
    assert "S-1-5-21-9-9-9-9" not in farm.service_application.sharing


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "At least one of the following parameters must be specified"),
        ({"Members": [MEMBER], "MembersToExclude": ["x"]}, "Cannot use the Members parameter together with"),
        ({"MembersToInclude": [{**MEMBER, "AccessLevels": ["Total Control"]}]}, "Unknown AccessLevel is used (Total Control)"),
        ({"MembersToInclude": [{**MEMBER, "Username": "EXAMPLE\\nobody"}]}, "identity references could not be translated"),
        ({"ServiceAppName": "Other", "MembersToInclude": [MEMBER]}, "Unable to locate service application Other"),
    ],
)
def test_security_refuses(estate: Estate, arguments: dict[str, Any], message: str) -> None:
    refused(estate, message, **{**SECURITY, **arguments})


def test_the_switch_to_the_external_identity_manager(estate: Estate, farm: Farm) -> None:
    wanted = {"resource_name": "SPUserProfileServiceApp", "Name": APPLICATION, "ApplicationPool": "Pool"}
    assert not call(estate, **wanted)["changed"]
    assert call(estate, NoILMUsed=False, **wanted)["changed"]
    assert farm.service_application.no_ilm_used is False
    assert not call(estate, NoILMUsed=False, **wanted)["changed"]
    refused(estate, "MySiteHostLocation missing", SiteNamingConflictResolution="Domain_Username", **wanted)
    refused(estate, "makes and removes none", **{**wanted, "Name": "Second"})


def test_the_farm_account_may_not_run_it(estate: Estate, farm: Farm) -> None:
    account = estate.directory.resolve("svc-spfarm")
    assert account is not None
    estate.directory.set_password(account, PASSWORD)
    farm.administrators.add(account.sid)
    run_as = {"PsDscRunAsCredential_username": "EXAMPLE\\svc-spfarm", "PsDscRunAsCredential_password": PASSWORD}
    refused(estate, "is the Farm Account", run_as=False, resource_name="SPUserProfileServiceApp", Name=APPLICATION, ApplicationPool="Pool", **run_as)


def test_properties_are_made_once_and_keep_their_type(estate: Estate, farm: Farm) -> None:
    wanted = {"resource_name": "SPUserProfileProperty", "Name": "CostCenter", "UserProfileService": APPLICATION}
    made = {**wanted, "Type": "String (Single Value)", "Length": 50, "DisplayName": "Cost center"}
    assert call(estate, **made)["changed"]
    assert not call(estate, **made)["changed"]
    found = farm.service_application.store.property("costcenter")
    assert found is not None and (found.length, found.display_name) == (50, "Cost center")
    refused(estate, "Can't change property type. Current Type is stringsinglevalue", **{**made, "Type": "Integer"})
    call(estate, **{**made, "Length": 60})
    assert found.length == 50
    assert call(estate, Ensure="Absent", **wanted)["changed"]
    assert not call(estate, Ensure="Absent", **wanted)["changed"]
    refused(estate, "built-in property", Ensure="Absent", **{**wanted, "Name": "WorkEmail"})
    refused(estate, "all 3 parameters", TermStore="x", **wanted)


def test_timer_jobs_are_switched_and_have_to_exist(estate: Estate, farm: Farm) -> None:
    wanted = {"resource_name": "SPTimerJobState", "TypeName": RELATIONSHIPS_JOB, "WebAppUrl": "N/A"}
    assert not call(estate, Enabled=True, **wanted)["changed"]
    assert call(estate, Enabled=False, Schedule="every 10 minutes between 0 and 59", **wanted)["changed"]
    assert not farm.timer_jobs[RELATIONSHIPS_JOB.casefold()].enabled
    refused(estate, "No timer jobs found", **{**wanted, "TypeName": "Some.Other.Job"})
    refused(estate, "Invalid job schedule", Schedule="now and then", **wanted)


def test_permissions_of_users(estate: Estate, farm: Farm) -> None:
    wanted = {"resource_name": "SPUserProfileServiceAppPermissions", "ProxyName": f"{APPLICATION} Proxy"}
    assert not call(estate, CreatePersonalSite="Everyone", **wanted)["changed"]
    assert call(estate, CreatePersonalSite=["none"], **wanted)["changed"]
    assert not call(estate, CreatePersonalSite=["none"], **wanted)["changed"]


def test_policies_of_a_web_application(estate: Estate, farm: Farm) -> None:
    wanted = {"resource_name": "SPWebAppPolicy", "WebAppUrl": "https://my.corp.example.com"}
    member = {"Username": "EXAMPLE\\svc-spma", "PermissionLevel": ["Full Control"]}
    assert call(estate, MembersToInclude=[member], **wanted)["changed"]
    assert not call(estate, MembersToInclude=[member], **wanted)["changed"]
    refused(estate, "was not found", **{**wanted, "WebAppUrl": "https://nowhere.example.com"}, MembersToInclude=[member])
    refused(estate, "Got no match for: Everything", **wanted, MembersToInclude=[{**member, "PermissionLevel": ["Everything"]}])
