# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of microsoft.ad.object_info. PowerShell's own filter language is not simulated."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

from ..estate.directory import DirectoryError, Entry, Value
from ..estate.directory_filter import parse_filter
from ..estate.directory_security import visible
from ..estate.directory_sids import sid_text
from .ad_session import AdSession, open_session
from .registry import ModuleCall, ModuleFailure, twin

_DEFAULT = ("DistinguishedName", "Name", "ObjectClass", "ObjectGUID")
_CONTROL = {
    0x1: "ADS_UF_SCRIPT",
    0x2: "ADS_UF_ACCOUNTDISABLE",
    0x10: "ADS_UF_LOCKOUT",
    0x20: "ADS_UF_PASSWD_NOTREQD",
    0x40: "ADS_UF_PASSWD_CANT_CHANGE",
    0x200: "ADS_UF_NORMAL_ACCOUNT",
    0x1000: "ADS_UF_WORKSTATION_TRUST_ACCOUNT",
    0x2000: "ADS_UF_SERVER_TRUST_ACCOUNT",
    0x10000: "ADS_UF_DONT_EXPIRE_PASSWD",
    0x40000: "ADS_UF_SMARTCARD_REQUIRED",
    0x80000: "ADS_UF_TRUSTED_FOR_DELEGATION",
    0x100000: "ADS_UF_NOT_DELEGATED",
    0x800000: "ADS_UF_PASSWORD_EXPIRED",
}
_GROUP = {
    0x1: "GROUP_TYPE_BUILTIN_LOCAL_GROUP",
    0x2: "GROUP_TYPE_ACCOUNT_GROUP",
    0x4: "GROUP_TYPE_RESOURCE_GROUP",
    0x8: "GROUP_TYPE_UNIVERSAL_GROUP",
    0x80000000: "GROUP_TYPE_SECURITY_ENABLED",
}
_ENCRYPTION = {0x1: "DES_CBC_CRC", 0x2: "DES_CBC_MD5", 0x4: "RC4_HMAC", 0x8: "AES128_CTS_HMAC_SHA1_96", 0x10: "AES256_CTS_HMAC_SHA1_96"}
_ACCOUNT_TYPES = {
    0x10000000: "SAM_GROUP_OBJECT",
    0x10000001: "SAM_NON_SECURITY_GROUP_OBJECT",
    0x20000000: "SAM_ALIAS_OBJECT",
    0x30000000: "SAM_USER_OBJECT",
    0x30000001: "SAM_MACHINE_ACCOUNT",
}
_OPTIONS = frozenset(
    {"domain_credentials", "domain_password", "domain_server", "domain_username", "identity", "include_deleted", "ldap_filter", "properties"}
    | {"search_base", "search_scope"}
)


@twin("microsoft.ad.object_info", implements=_OPTIONS)
def object_info(call: ModuleCall) -> dict[str, Any]:
    if call.host.estate is None:
        raise AssertionError("call.host.estate is there by construction")
    with call.host.estate.lock:
        session = open_session(call)
        try:
            found = _found(session)
        except DirectoryError as problem:
            raise ModuleFailure(f"Unhandled exception while executing module: {problem.message}", objects=[]) from problem
        return {"changed": False, "objects": [_shown(session, entry) for entry in found]}


def _found(session: AdSession) -> list[Entry]:
    arguments, directory = session.arguments, session.directory
    identity = arguments.get("identity")
    if identity:
        # Get-ADObject takes a DN or a GUID alone.
        entry = directory.find(identity) or directory.by_guid.get(identity.strip("{}").lower())
        wanted = entry is not None and (not entry.deleted or arguments.get("include_deleted"))
        return [entry] if entry is not None and wanted and visible(directory, session.token, entry) else []
    base = directory.get(arguments.get("search_base") or directory.domain_dn)
    scope = arguments.get("search_scope") or "subtree"
    if not arguments.get("include_deleted"):
        return list(directory.search(base.dn, scope=scope, query=arguments["ldap_filter"], token=session.token))
    matches = parse_filter(arguments["ldap_filter"], directory)
    return [entry for entry in directory.subtree(base) if matches(entry) and visible(directory, session.token, entry)]


def _shown(session: AdSession, entry: Entry) -> dict[str, Any]:
    asked = list(session.arguments.get("properties") or ())
    names = {name.casefold(): name for name in _DEFAULT}
    if "*" in asked:
        names |= {name.casefold(): name for name in entry.names() if name.casefold() not in names}
    names |= {name.casefold(): name for name in asked if name != "*"}
    shown: dict[str, Any] = {}
    for name in sorted(names.values(), key=str.casefold):
        shown[name] = _value(session, entry, name)
        flags = _flags(name, shown[name])
        if flags is not None:
            shown[f"{name}_AnsibleFlags"] = flags
    return shown


def _value(session: AdSession, entry: Entry, name: str) -> Any:
    if name.casefold() == "objectclass":
        return entry.object_class
    if name.casefold() == "objectguid":
        return entry.guid
    if name.casefold() == "ntsecuritydescriptor":
        return session.directory.security_descriptor(entry)
    if name.casefold() == "allowedattributes":
        # Constructed: what the object's class may hold now.
        return sorted(session.directory.schema.allowed(entry.object_class)[1])
    known = session.directory.schema.attribute(name)
    values = [_output(session, value, known.syntax if known is not None else "string") for value in entry.values(name)]
    if known is None or known.single:
        return values[0] if values else None
    return values or None


def _output(session: AdSession, value: Value, syntax: str) -> Any:
    """ConvertTo-OutputValue."""
    if syntax == "sid" and isinstance(value, bytes):
        sid = sid_text(value)
        account = session.directory.account_name(sid)
        return {"Sid": sid, "Name": None if account == sid else account}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if syntax == "time":
        return datetime.strptime(str(value), "%Y%m%d%H%M%S.0Z").replace(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
    return value


def _flags(name: str, value: Any) -> list[str] | None:
    tables = {"useraccountcontrol": _CONTROL, "grouptype": _GROUP, "msds-supportedencryptiontypes": _ENCRYPTION}
    if not isinstance(value, int):
        return None
    if name.casefold() == "samaccounttype":
        return [_ACCOUNT_TYPES.get(value, str(value))]
    table = tables.get(name.casefold())
    return None if table is None else [text for bit, text in table.items() if value & bit]
