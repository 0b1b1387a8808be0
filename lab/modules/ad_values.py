# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The properties of the AD cmdlets on top of LDAP attributes, and how values are compared."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..estate import directory_accounts, directory_security
from ..estate.directory import Entry
from ..estate.directory_accounts import DISABLED, NEVER_EXPIRES
from ..estate.directory_entry import file_time
from ..estate.directory_rules import DOMAIN_LOCAL, GLOBAL, SECURITY, UNIVERSAL
from .ad_session import AdSession
from .registry import ModuleFailure

TRUSTED_FOR_DELEGATION = 0x80000
_CHANGE_PASSWORD = "ab721a53-1e2f-11d0-9819-00aa0040529b"
# Who must be denied for CannotChangePassword: everyone and the account itself.
_CANNOT_CHANGE = (f"(OD;;CR;{_CHANGE_PASSWORD};;PS)", f"(OD;;CR;{_CHANGE_PASSWORD};;WD)")
_SCOPES = {"DomainLocal": DOMAIN_LOCAL, "Global": GLOBAL, "Universal": UNIVERSAL}
_ENCRYPTION = {"DES": 0x3, "RC4": 0x4, "AES128": 0x8, "AES256": 0x10}

# Cmdlet property -> LDAP attribute, where they are the same thing by two names.
SIMPLE: dict[str, str] = {
    "City": "l",
    "Country": "c",
    "DNSHostName": "dNSHostName",
    "EmailAddress": "mail",
    "Homepage": "wWWHomePage",
    "ManagedBy": "managedBy",
    "PostalCode": "postalCode",
    "State": "st",
    "StreetAddress": "streetAddress",
    "Surname": "sn",
    "PrincipalsAllowedToDelegateToAccount": "msDS-AllowedToActOnBehalfOfOtherIdentity",
    "PrincipalsAllowedToRetrieveManagedPassword": "msDS-GroupMSAMembership",
    "ServicePrincipalNames": "servicePrincipalName",
}
_FLAGS = {"PasswordNeverExpires": NEVER_EXPIRES, "TrustedForDelegation": TRUSTED_FOR_DELEGATION}


def attribute_of(property_name: str, entry_class: str) -> str:
    """The attribute behind a property; an OU's street is its own attribute."""
    if property_name == "StreetAddress" and entry_class == "organizationalUnit":
        return "street"
    return SIMPLE.get(property_name, property_name)


def read(session: AdSession, entry: Entry, name: str) -> Any:
    """The property's value as the cmdlets return it: None, a value, or a list of several."""
    getter = _GETTERS.get(name)
    if getter is not None:
        return getter(session, entry)
    values = list(entry.values(attribute_of(name, entry.object_class)))
    known = session.directory.schema.attribute(attribute_of(name, entry.object_class))
    if known is not None and known.single:
        return values[0] if values else None
    return values


def write(session: AdSession, entry: Entry, name: str, value: Any) -> None:
    """Sets a property; raises DirectoryError."""
    setter = _SETTERS.get(name)
    if setter is not None:
        setter(session, entry, value)
        return
    session.directory.set(entry, {attribute_of(name, entry.object_class): value}, token=session.token)


def _control(session: AdSession, entry: Entry, flag: int, on: bool) -> None:
    current = entry.number("userAccountControl")
    session.directory.set(entry, {"userAccountControl": current | flag if on else current & ~flag}, token=session.token)


def _set_enabled(session: AdSession, entry: Entry, value: Any) -> None:
    if value and not entry.is_a("computer") and session.directory.password_hash(entry) is None:
        from ..estate.directory_errors import WEAK_PASSWORD, failure

        raise failure(WEAK_PASSWORD)
    _control(session, entry, DISABLED, not value)


def _set_group_scope(session: AdSession, entry: Entry, value: Any) -> None:
    kind = next(bits for name, bits in _SCOPES.items() if name.casefold() == str(value).casefold())
    current = entry.number("groupType")
    session.directory.set(entry, {"groupType": current & ~(GLOBAL | DOMAIN_LOCAL | UNIVERSAL) | kind}, token=session.token)


def _set_group_category(session: AdSession, entry: Entry, value: Any) -> None:
    current = entry.number("groupType") & 0x7FFFFFFF
    session.directory.set(entry, {"groupType": current | SECURITY if str(value).casefold() == "security" else current}, token=session.token)


def _cannot_change(session: AdSession, entry: Entry) -> bool:
    text = directory_security.own_descriptor(session.directory, entry).text
    return all(ace in text for ace in _CANNOT_CHANGE)


def _set_cannot_change(session: AdSession, entry: Entry, value: Any) -> None:
    if bool(value) == _cannot_change(session, entry):
        return
    text = directory_security.own_descriptor(session.directory, entry).text
    if value:
        head, _unused, rest = text.partition("(")
        wanted = head + "".join(_CANNOT_CHANGE) + (f"({rest}" if rest else "")
    else:
        wanted = text.replace(_CANNOT_CHANGE[0], "").replace(_CANNOT_CHANGE[1], "")
    session.directory.set_security_descriptor(entry, wanted, token=session.token)


def _encryption(session: AdSession, entry: Entry) -> list[str]:
    bits = entry.number("msDS-SupportedEncryptionTypes")
    return [name for name, bit in _ENCRYPTION.items() if bits & bit]


def _set_encryption(session: AdSession, entry: Entry, value: Any) -> None:
    bits = sum(_ENCRYPTION[str(name).upper()] for name in value or ())
    session.directory.set(entry, {"msDS-SupportedEncryptionTypes": bits}, token=session.token)


def _flag_getter(flag: int) -> Callable[[AdSession, Entry], bool]:
    return lambda session, entry: bool(entry.number("userAccountControl") & flag)


def _flag_setter(flag: int) -> Callable[[AdSession, Entry, Any], None]:
    return lambda session, entry, value: _control(session, entry, flag, bool(value))


def _set_change_at_logon(session: AdSession, entry: Entry, value: Any) -> None:
    session.directory.set(entry, {"pwdLastSet": 0 if value else file_time(session.directory.clock())}, token=session.token)


_GETTERS: dict[str, Callable[[AdSession, Entry], Any]] = {
    "Enabled": lambda session, entry: not entry.number("userAccountControl") & DISABLED,
    "LockedOut": lambda session, entry: directory_accounts.is_locked(session.directory, entry),
    "PasswordExpired": lambda session, entry: directory_accounts.password_expired(session.directory, entry),
    "GroupScope": lambda session, entry: next((name for name, bits in _SCOPES.items() if entry.number("groupType") & bits), None),
    "GroupCategory": lambda session, entry: "Security" if entry.number("groupType") & SECURITY else "Distribution",
    "CannotChangePassword": _cannot_change,
    "ProtectedFromAccidentalDeletion": lambda session, entry: directory_security.is_protected(session.directory, entry),
    "KerberosEncryptionType": _encryption,
    "objectClass": lambda session, entry: entry.object_class,
    **{name: _flag_getter(flag) for name, flag in _FLAGS.items()},
}
_SETTERS: dict[str, Callable[[AdSession, Entry, Any], None]] = {
    "Enabled": _set_enabled,
    "GroupScope": _set_group_scope,
    "GroupCategory": _set_group_category,
    "CannotChangePassword": _set_cannot_change,
    "ProtectedFromAccidentalDeletion": lambda session, entry, value: _protect(session, entry, bool(value)),
    "KerberosEncryptionType": _set_encryption,
    "ChangePasswordAtLogon": _set_change_at_logon,
    **{name: _flag_setter(flag) for name, flag in _FLAGS.items()},
}


def _protect(session: AdSession, entry: Entry, value: bool) -> None:
    directory_security.protect(session.directory, entry, value, token=session.token)


@dataclass(frozen=True)
class ListChange:
    """Outcome of Compare-AnsibleADIdempotentList."""

    value: list[Any]
    to_add: list[Any]
    to_remove: list[Any]

    @property
    def changed(self) -> bool:
        return bool(self.to_add or self.to_remove)


def compare_list(existing: Any, options: Mapping[str, Any], *, ignore_case: bool) -> ListChange:
    """`options` holds add, remove, set as far as given."""
    current = list(existing) if isinstance(existing, (list, tuple)) else [] if existing is None else [existing]
    key: Callable[[Any], str] = (lambda value: str(value).casefold()) if ignore_case else str
    present = {key(value) for value in current}
    wanted = options.get("set")
    if wanted is not None:
        wanted = list(wanted)
        keys = {key(value) for value in wanted}
        return ListChange(wanted, [item for item in wanted if key(item) not in present], [item for item in current if key(item) not in keys])
    removed = {key(value) for value in options.get("remove") or ()}
    to_remove = [item for item in current if key(item) in removed]
    to_add = [item for item in options.get("add") or () if key(item) not in present]
    return ListChange([item for item in current if key(item) not in removed] + to_add, to_add, to_remove)


@dataclass(frozen=True)
class AttributeChange:
    """Outcome of Compare-AnsibleADAttribute; `value` is what the cmdlet gets for the action."""

    value: list[Any]
    changed: bool
    before: list[Any]
    after: list[Any]


def compare_attribute(session: AdSession, entry: Entry | None, name: str, given: Any, action: str) -> AttributeChange:
    """Compares text forms with regard to case, as the module does."""
    existing = [_diff_value(value) for value in (entry.values(name) if entry is not None else ())]
    items = given if isinstance(given, list) else [] if given is None else [given]
    desired = [_typed(name, item) for item in items]
    texts = [str(_diff_value(value)) for value in desired]
    present = [str(value) for value in existing]
    before = _sorted(existing)
    if action == "set":
        changed = set(texts) != set(present)
        return AttributeChange(desired if changed else [], changed, before, _sorted(_diff_value(value) for value in desired))
    hits = [value for value, text in zip(desired, texts, strict=True) if (text in present) == (action == "remove")]
    shown = {str(_diff_value(value)) for value in hits}
    after = existing + [_diff_value(value) for value in hits] if action == "add" else [value for value in existing if str(value) not in shown]
    return AttributeChange(hits, bool(hits), before, _sorted(after))


def _sorted(values: Iterable[Any]) -> list[Any]:
    return sorted(values, key=str)


def _diff_value(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _typed(name: str, item: Any) -> Any:
    """One value of `attributes`: raw, or a dictionary with type and value."""
    if not isinstance(item, Mapping):
        return item
    if len(item) > 2:
        listed = "', '".join(item)
        raise ModuleFailure(
            f"Unhandled exception while executing module: Attribute '{name}' entry should only contain the 'type' and 'value' keys, found: '{listed}'"
        )
    kind, value = str(item.get("type", "")), item.get("value")
    converter = _CONVERTERS.get(kind)
    if converter is None:
        message = f"Attribute type '{kind}' must be bytes, date_time, int, security_descriptor, or raw"
        raise ModuleFailure(f"Unhandled exception while executing module: {message}")
    try:
        return converter(value)
    except (ValueError, TypeError, binascii.Error) as problem:
        raise ModuleFailure(f"Unhandled exception while executing module: {problem}") from problem


def _date(value: Any) -> int:
    moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return file_time((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "bool": bool,
    "bytes": lambda value: base64.b64decode(str(value), validate=True),
    "date_time": _date,
    "int": int,
    "raw": lambda value: value,
    "security_descriptor": str,
    "string": str,
}


def sorted_list(value: Any) -> Any:
    """Lists of a diff are sorted, other values stay."""
    return _sorted(value) if isinstance(value, Sequence) and not isinstance(value, (str, bytes)) else value
