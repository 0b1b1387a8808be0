# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of microsoft.ad.ou, group, object and service_account; the user has its own file."""

from __future__ import annotations

import uuid
from typing import Any

from ..estate.directory_accounts import DISABLED, WORKSTATION_TRUST, usable_root_key
from ..estate.directory_errors import NO_KEY
from ..estate.directory_rules import SECURITY
from . import ad_values
from .ad_objects import COMMON_OPTIONS, AdKind, AdProperty, AdWork, answer, run
from .ad_session import AdSession
from .registry import ModuleCall, ModuleFailure, twin

NO_SID = "S-1-5-0000"
_SCOPE_BITS = {"domainlocal": 0x4, "global": 0x2, "universal": 0x8}


def users_container(session: AdSession) -> str:
    return f"CN=Users,{session.directory.domain_dn}"


def _domain(session: AdSession) -> str:
    return session.directory.domain_dn


def return_sid(work: AdWork) -> None:
    if work.entry is not None:
        work.result["sid"] = work.entry.sid
    elif work.options["state"] == "present":
        work.result["sid"] = NO_SID


# --- organizational units --------------------------------------------------------------------------------------------

_OU = AdKind(
    noun="ADOrganizationalUnit",
    object_class="organizationalUnit",
    classes=("organizationalUnit",),
    default_path=_domain,
    prefix="OU",
    protect_by_default=True,
    properties=(
        AdProperty("city", "City"),
        AdProperty("country", "Country"),
        AdProperty("managed_by", "ManagedBy", lookup=True),
        AdProperty("postal_code", "PostalCode"),
        AdProperty("state_province", "State"),
        AdProperty("street", "StreetAddress"),
    ),
)


@twin("microsoft.ad.ou", implements=COMMON_OPTIONS | {item.name for item in _OU.properties})
def ou(call: ModuleCall) -> dict[str, Any]:
    return run(call, _OU)


# --- groups ----------------------------------------------------------------------------------------------------------


def _group_needs_scope(work: AdWork) -> None:
    if work.options["state"] == "present" and not work.options.get("scope") and work.entry is None:
        raise ModuleFailure("scope must be set when state=present and the group does not exist", **answer(work))


def _new_group(work: AdWork, name: str) -> dict[str, Any]:
    security = work.options.get("category") != "distribution"
    bits = _SCOPE_BITS[work.options["scope"]] | (SECURITY if security else 0)
    return {"sAMAccountName": work.options.get("sam_account_name") or name, "groupType": bits}


_GROUP = AdKind(
    noun="ADGroup",
    object_class="group",
    classes=("group",),
    default_path=users_container,
    before_work=_group_needs_scope,
    after_work=return_sid,
    initial=_new_group,
    properties=(
        AdProperty("category", "GroupCategory", ignore_case=True),
        AdProperty("homepage", "Homepage"),
        AdProperty("managed_by", "ManagedBy", lookup=True),
        AdProperty("members", "member", listed=True, lookup=True),
        AdProperty("sam_account_name", "sAMAccountName"),
        AdProperty("scope", "GroupScope", ignore_case=True),
    ),
)


@twin("microsoft.ad.group", implements=COMMON_OPTIONS | {item.name for item in _GROUP.properties})
def group(call: ModuleCall) -> dict[str, Any]:
    return run(call, _GROUP)


# --- any object ------------------------------------------------------------------------------------------------------


def _object_type_stays(work: AdWork, value: Any) -> bool:
    assert work.entry is not None and work.after is not None
    work.after["type"] = work.entry.object_class
    if work.entry.object_class != value:
        message = f"Cannot change object type {work.entry.object_class} of existing object {work.entry.dn} to {value}"
        raise ModuleFailure(message, **answer(work))
    return False


def _show_type(work: AdWork, value: Any) -> bool:
    if work.after is None:
        raise AssertionError("work.after is there by construction")
    work.after["type"] = value
    return False


def _object_kind(call: ModuleCall) -> AdKind:
    """The class comes from the option `type`."""
    wanted = str(call.arguments.get("type") or "")
    return AdKind(
        noun="ADObject",
        object_class=wanted,
        classes=(),
        default_path=_domain,
        prefix="OU" if wanted == "organizationalUnit" else "CN",
        properties=(AdProperty("type", "objectClass", new=_show_type, set=_object_type_stays),),
    )


@twin("microsoft.ad.object", implements=COMMON_OPTIONS | {"type"})
def any_object(call: ModuleCall) -> dict[str, Any]:
    return run(call, _object_kind(call))


# --- group-managed service accounts ----------------------------------------------------------------------------------


def _before_service_account(work: AdWork) -> None:
    options = work.options
    if options.get("outbound_auth_only"):
        if options.get("dns_hostname"):
            raise ModuleFailure("dns_hostname can not be set when outbound_auth_only=true.", **answer(work))
        if work.entry is None:
            options["dns_hostname"] = str(uuid.uuid4())
    elif options["state"] == "present" and work.entry is None and not options.get("dns_hostname"):
        raise ModuleFailure("dns_hostname is required when creating a new service account.", **answer(work))
    account = options.get("sam_account_name")
    if account and not account.endswith("$") and not options.get("do_not_append_dollar_to_sam"):
        options["sam_account_name"] = f"{account}$"
    if options["state"] == "present" and work.entry is None and not work.check_mode and not usable_root_key(work.session.directory):
        raise ModuleFailure(f"New-ADServiceAccount failed: {NO_KEY[1]}", **answer(work))


def _new_service_account(work: AdWork, name: str) -> dict[str, Any]:
    account = work.options.get("sam_account_name") or name
    account = account if account.endswith("$") else f"{account}$"
    control = WORKSTATION_TRUST | (DISABLED if work.options.get("enabled") is False else 0)
    # Thirty days, and all of Kerberos' modern encryption, as New-ADServiceAccount leaves it.
    return {"sAMAccountName": account, "userAccountControl": control, "msDS-ManagedPasswordInterval": 30, "msDS-SupportedEncryptionTypes": 0x1C}


def _set_account_name(work: AdWork, value: Any) -> bool:
    assert work.entry is not None and work.after is not None
    work.after["sam_account_name"] = value
    if work.entry.text("sAMAccountName").casefold() == str(value).casefold():
        return False
    work.write("sAMAccountName", value)
    return True


def _set_encryption(work: AdWork, value: Any) -> bool:
    assert work.entry is not None and work.after is not None
    existing = ad_values.read(work.session, work.entry, "KerberosEncryptionType")
    change = ad_values.compare_list(existing, value, ignore_case=True)
    work.after["kerberos_encryption_types"] = change.value
    if change.changed:
        work.write("KerberosEncryptionType", change.value)
    return change.changed


def _new_encryption(work: AdWork, value: Any) -> bool:
    work.write("KerberosEncryptionType", [*(value.get("add") or ()), *(value.get("set") or ())])
    return True


def _after_service_account(work: AdWork) -> None:
    return_sid(work)
    if work.entry is None or work.options["state"] != "present" or work.check_mode:
        return
    wanted = work.options.get("sam_account_name")
    if wanted and work.options.get("do_not_append_dollar_to_sam") and wanted != work.entry.text("sAMAccountName"):
        work.write("sAMAccountName", wanted)
    if work.options.get("outbound_auth_only"):
        work.write("DNSHostName", None)


_SERVICE_ACCOUNT = AdKind(
    noun="ADServiceAccount",
    object_class="msDS-GroupManagedServiceAccount",
    classes=("msDS-GroupManagedServiceAccount", "msDS-ManagedServiceAccount"),
    default_path=lambda session: f"CN=Managed Service Accounts,{session.directory.domain_dn}",
    dollar=True,
    before_work=_before_service_account,
    after_work=_after_service_account,
    initial=_new_service_account,
    properties=(
        AdProperty("allowed_to_retrieve_password", "PrincipalsAllowedToRetrieveManagedPassword", listed=True, lookup=True),
        AdProperty("delegates", "PrincipalsAllowedToDelegateToAccount", listed=True, lookup=True),
        AdProperty("dns_hostname", "DNSHostName"),
        AdProperty("enabled", "Enabled"),
        AdProperty("kerberos_encryption_types", "KerberosEncryptionType", listed=True, new=_new_encryption, set=_set_encryption),
        AdProperty("sam_account_name", "sAMAccountName", set=_set_account_name),
        AdProperty("spn", "servicePrincipalName", listed=True, ignore_case=True),
        AdProperty("trusted_for_delegation", "TrustedForDelegation"),
        AdProperty("upn", "userPrincipalName"),
    ),
)
_OWN = {"do_not_append_dollar_to_sam", "outbound_auth_only"}


@twin("microsoft.ad.service_account", implements=COMMON_OPTIONS | _OWN | {item.name for item in _SERVICE_ACCOUNT.properties})
def service_account(call: ModuleCall) -> dict[str, Any]:
    return run(call, _SERVICE_ACCOUNT)
