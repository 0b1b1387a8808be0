# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of directory_security_read.ps1 and directory_security_write.ps1."""

from __future__ import annotations

import json
from typing import Any

from ...plugins.plugin_utils.access.well_known import NAMED_RIGHTS
from ..estate.directory import Directory, DirectoryError, Token
from ..estate.directory_accounts import with_builtins
from ..estate.directory_security import require
from ..estate.directory_sids import is_sid
from ..estate.domains import domain_of, is_controller, server_named
from .registry import ScriptError, VerbAnswer, VerbCall, verb

_NO_SERVER = "The LDAP server is unavailable."
_NOT_BOUND = "An operation error occurred. In order to perform this operation a successful bind must be completed on the connection."
_NO_RIGHTS = "The user has insufficient access rights."
# validAccesses of CN=Extended-Rights: control access, validated write, property set (read and write).
_ACCESSES = {"extended": 0x100, "validated": 0x8, "property_set": 0x30}


def _open(call: VerbCall) -> tuple[Directory, Token]:
    """The directory and the token that the domain controller sees; a second hop without delegation is nobody."""
    estate = call.host.estate
    if estate is None:
        raise AssertionError("estate is there by construction")
    own, server = domain_of(call.host), str(call.parameters.get("Server") or "")
    found = server_named(estate, server or own.dns_name)
    if found is None:
        raise ScriptError(_NO_SERVER, exception_type="System.DirectoryServices.Protocols.LdapException")
    directory = found[1]
    local = is_controller(call.host) and directory is own
    if not local and not (call.session.delegates and directory.root is own.root):
        raise ScriptError(_NOT_BOUND, exception_type="System.DirectoryServices.Protocols.DirectoryOperationException")
    sids = call.session.groups | {call.session.sid}
    return directory, with_builtins(directory, sids if local else frozenset(sid for sid in sids if not sid.startswith("S-1-5-32-")))


@verb("directory_security_read")
def read(call: VerbCall) -> VerbAnswer:
    if call.host.estate is None:
        raise AssertionError("call.host.estate is there by construction")
    with call.host.estate.lock:
        directory, token = _open(call)
        asked = call.parameters
        return VerbAnswer(
            {
                "domain_sid": directory.domain_sid,
                "root_sid": directory.root.domain_sid,
                "objects": {path: _object(directory, token, path) for path in asked["Paths"]},
                "trustees": {name: _trustee(directory, name) for name in asked["Trustees"]},
                "schema": {name: _schema_guid(directory, name) for name in asked.get("SchemaNames") or ()},
                "rights": _rights() if asked.get("AllRights") else [],
            }
        )


def _object(directory: Directory, token: Token, path: str) -> dict[str, str]:
    heads = {"domain": directory.domain_dn, "configuration": directory.configuration_dn, "schema": directory.schema_dn}
    entry = directory.find(heads.get(path.casefold(), path))
    if entry is None or entry.deleted:
        return {"dn": "", "sddl": ""}
    try:
        directory.require_here(entry)
    except DirectoryError as problem:
        raise ScriptError(f"{problem.message}: {entry.dn}", exception_type="System.DirectoryServices.Protocols.DirectoryOperationException") from problem
    try:
        require(directory, token, entry, "RC")
    except DirectoryError as problem:
        raise ScriptError(f"The security descriptor of {entry.dn} cannot be read: access is denied.") from problem
    return {"dn": entry.dn, "sddl": directory.security_descriptor(entry)}


def _trustee(directory: Directory, name: str) -> dict[str, str]:
    entry = directory.resolve(name)
    if entry is None and is_sid(name):
        return {"sid": name, "account": name}
    # NTAccount knows accounts, not distinguished names.
    if entry is None or not entry.sid or "=" in name:
        return {"sid": "", "account": ""}
    return {"sid": entry.sid, "account": directory.account_name(entry.sid)}


def _schema_guid(directory: Directory, name: str) -> str:
    known = directory.schema.object_class(name) or directory.schema.attribute(name)
    return known.guid if known is not None else ""


def _rights() -> list[dict[str, Any]]:
    return [{"name": item.name, "display": item.display, "guid": item.guid, "valid_accesses": _ACCESSES[item.kind]} for item in NAMED_RIGHTS]


@verb("directory_security_write")
def write(call: VerbCall) -> VerbAnswer:
    if call.host.estate is None:
        raise AssertionError("call.host.estate is there by construction")
    with call.host.estate.lock:
        directory, token = _open(call)
        wanted = json.loads(call.parameters["Changes"])
        for change in wanted:
            if directory.security_descriptor(directory.get(change["dn"])) != change["before"]:
                raise ScriptError(f"The security descriptor of {change['dn']} was changed by somebody else since it was read; run the task again.")
        for change in wanted:
            try:
                directory.set_security_descriptor(directory.get(change["dn"]), _access_list(change["after"]), token=token)
            except DirectoryError as problem:
                message = _NO_RIGHTS if problem.code in (5, 8344) else problem.message
                raise ScriptError(message, exception_type="System.DirectoryServices.Protocols.DirectoryOperationException") from problem
        return VerbAnswer({"written": [change["dn"] for change in wanted]}, changed=True)


def _access_list(sddl: str) -> str:
    """Only the access list is written: what the control's flag says."""
    return sddl[sddl.index("D:") :]
