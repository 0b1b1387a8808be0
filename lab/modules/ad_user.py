# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of microsoft.ad.user: the account, its password and its groups."""

from __future__ import annotations

from typing import Any

from ..estate import directory_accounts
from ..estate.directory import DirectoryError, Entry, Modification
from ..estate.directory_accounts import DISABLED, NORMAL_ACCOUNT
from ..estate.directory_errors import PRIMARY_GROUP_MEMBER, LogonFailure
from ..estate.directory_sids import nt_hash
from . import ad_values
from .ad_modules import return_sid, users_container
from .ad_objects import COMMON_OPTIONS, HIDDEN, AdKind, AdProperty, AdWork, run
from .ad_session import to_dns
from .ad_values import compare_list
from .registry import ModuleCall, ModuleFailure, twin


def _default_enabled(work: AdWork) -> None:
    """A new account is enabled if it gets a password."""
    if work.options["state"] == "present" and work.entry is None and work.options.get("enabled") is None:
        work.options["enabled"] = bool(str(work.options.get("password") or "").strip())


def _new_user(work: AdWork, name: str) -> dict[str, Any]:
    return {"sAMAccountName": work.options.get("sam_account_name") or name, "userAccountControl": NORMAL_ACCOUNT | DISABLED}


def _show(work: AdWork, option: str, value: Any) -> None:
    if work.after is None:
        raise AssertionError("work.after is there by construction")
    work.after[option] = value


# --- password and lock -----------------------------------------------------------------------------------------------


def _new_password(work: AdWork, value: Any) -> bool:
    _show(work, "password", HIDDEN)
    if work.entry is not None and not work.check_mode:
        work.session.directory.set_password(work.entry, str(value), token=work.session.token)
    return True


def _set_password(work: AdWork, value: Any) -> bool:
    assert work.entry is not None and work.before is not None
    work.before["password"] = HIDDEN
    wanted = work.options["update_password"]
    if wanted == "on_create" or (wanted == "when_changed" and _is_password(work, work.entry, str(value))):
        _show(work, "password", HIDDEN)
        return False
    if not work.check_mode:
        work.session.directory.set_password(work.entry, str(value), token=work.session.token)
    _show(work, "password", f"{HIDDEN} - changed")
    return True


def _is_password(work: AdWork, entry: Entry, password: str) -> bool:
    """The module logs on over the network; a locked account ends it, an account that may not log on counts as a wrong password."""
    directory = work.session.directory
    right = directory.password_hash(entry) == nt_hash(password)
    try:
        directory.check_logon(entry)
    except LogonFailure as problem:
        if directory_accounts.is_locked(directory, entry):
            raise ModuleFailure(f"Unhandled exception while executing module: {problem.message} (Win32 ErrorCode 1909)") from problem
        return False
    if not right:
        directory.record_logon(entry, succeeded=False)
    return right


def _unlock(work: AdWork, value: Any) -> bool:
    if work.entry is None:
        raise AssertionError("work.entry is there by construction")
    locked = directory_accounts.is_locked(work.session.directory, work.entry)
    if locked and not work.check_mode:
        directory_accounts.unlock(work.session.directory, work.entry)
    _show(work, "account_locked", False)
    return locked


def _set_expired(work: AdWork, value: Any) -> bool:
    if work.entry is None:
        raise AssertionError("work.entry is there by construction")
    _show(work, "password_expired", value)
    if bool(ad_values.read(work.session, work.entry, "PasswordExpired")) == bool(value):
        return False
    work.write("ChangePasswordAtLogon", value)
    return True


def _new_expired(work: AdWork, value: Any) -> bool:
    _show(work, "password_expired", value)
    work.write("ChangePasswordAtLogon", value)
    return True


def _nothing(work: AdWork, value: Any) -> bool:
    return False


# --- groups ----------------------------------------------------------------------------------------------------------


def _after(work: AdWork) -> None:
    return_sid(work)
    groups = work.options.get("groups")
    if not groups or work.options["state"] == "absent":
        return
    existing = _groups_of(work)
    if work.before:
        work.before["groups"] = sorted(existing)
    wanted: dict[str, Any] = {}
    for action in ("add", "remove", "set"):
        if groups.get(action) is not None:
            wanted[action] = to_dns(work.session, groups[action], f"groups.{action}", groups["lookup_failure_action"])
    change = compare_list(existing, wanted, ignore_case=True)
    for dn in change.to_add:
        _member(work, dn, "add")
    for dn in change.to_remove:
        _member(work, dn, "delete")
    work.changed |= change.changed
    _show(work, "groups", sorted(change.value))


def _groups_of(work: AdWork) -> list[str]:
    """The groups with the primary one; an object that is not there yet has none."""
    if work.entry is None:
        return []
    primary = directory_accounts.primary_group(work.session.directory, work.entry)
    return [str(dn) for dn in work.entry.values("memberOf")] + ([primary.dn] if primary is not None else [])


def _member(work: AdWork, group: str, operation: str) -> None:
    if work.entry is None or work.check_mode:
        return
    directory, groups = work.session.directory, work.options["groups"]
    primary = directory_accounts.primary_group(directory, work.entry)
    try:
        if operation == "delete" and primary is not None and primary.dn == group:
            raise DirectoryError(*PRIMARY_GROUP_MEMBER)
        directory.modify(directory.get(group), [Modification(operation, "member", (work.entry.dn,))], token=work.session.token)
    except DirectoryError as problem:
        if problem.code == PRIMARY_GROUP_MEMBER[0]:
            if groups.get("set") != []:
                warning = f"Cannot remove group '{group}' as it's the primary group of the user, skipping: {problem.message}"
                work.session.warnings.append(warning)
            return
        if groups.get("permissions_failure_action", "fail") == "fail":
            raise
        if groups["permissions_failure_action"] == "warn":
            verb = "add" if operation == "add" else "remove"
            work.session.warnings.append(f"Cannot {verb} group '{group}'. You do not have the required permissions, skipping: {problem.message}")


_USER = AdKind(
    noun="ADUser",
    object_class="user",
    classes=("user",),
    default_path=users_container,
    before_work=_default_enabled,
    after_work=_after,
    initial=_new_user,
    properties=(
        AdProperty("account_locked", "LockedOut", new=_nothing, set=_unlock),
        AdProperty("city", "City"),
        AdProperty("company", "company"),
        AdProperty("country", "Country"),
        AdProperty("delegates", "PrincipalsAllowedToDelegateToAccount", listed=True, lookup=True),
        AdProperty("email", "EmailAddress"),
        AdProperty("password", "unicodePwd", no_log=True, new=_new_password, set=_set_password),
        AdProperty("enabled", "Enabled"),
        AdProperty("firstname", "givenName"),
        AdProperty("password_expired", "PasswordExpired", new=_new_expired, set=_set_expired),
        AdProperty("password_never_expires", "PasswordNeverExpires"),
        AdProperty("postal_code", "PostalCode"),
        AdProperty("sam_account_name", "sAMAccountName"),
        AdProperty("spn", "ServicePrincipalNames", listed=True, ignore_case=True),
        AdProperty("state_province", "State"),
        AdProperty("street", "StreetAddress"),
        AdProperty("surname", "Surname"),
        AdProperty("upn", "userPrincipalName"),
        AdProperty("user_cannot_change_password", "CannotChangePassword"),
    ),
)


@twin("microsoft.ad.user", implements=COMMON_OPTIONS | {"groups", "update_password"} | {item.name for item in _USER.properties})
def user(call: ModuleCall) -> dict[str, Any]:
    return run(call, _USER)
