# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module directory_access_rule on a real directory: its face and its core as they are, its two questions answered over LDAP."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.action.directory_access_rule import ActionModule
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.access.binary import from_binary, to_binary, unpack_sid
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.access.sddl import parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import RemoteError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.connection import EVERYTHING, Connection
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.problems import Refused
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.wire import OWNER
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import Outcome

_OPTIONS = ("domain_server", "path", "naming_context", "trustee", "rights", "rules", "access", "attributes", "object_classes", "applies_to", "state")
_HEADS = {"domain": "defaultNamingContext", "configuration": "configurationNamingContext", "schema": "schemaNamingContext"}


class AccessRuleOverLdap(ActionModule):  # type: ignore[misc]  # Ansible is not typed
    """What the verbs do in PowerShell on a host of the domain is done here from this one."""

    def __init__(self, connection: Connection, given: Mapping[str, Any], *, check_mode: bool = False) -> None:
        self.connection = connection
        self._task = SimpleNamespace(args=dict(given))
        self.check_mode, self.diff_mode = check_mode, True

    def run_verb(self, verb: str, parameters: Mapping[str, Any] | None = None, secrets: Any = None) -> Any:
        return {"directory_security_read": self._read, "directory_security_write": self._write}[verb](parameters or {})

    def _read(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "domain_sid": domain_sid(self.connection),
            "root_sid": domain_sid(self.connection),
            "objects": {path: self._object(path) for path in asked["Paths"]},
            "trustees": {name: self._trustee(name) for name in asked["Trustees"]},
            "schema": {name: self._schema_guid(name) for name in asked["SchemaNames"]},
            "rights": self._rights() if asked["AllRights"] else [],
        }

    def _object(self, path: str) -> dict[str, str]:
        dn = self.connection.root.text(_HEADS[path]) if path in _HEADS else path
        try:
            return {"dn": dn, "sddl": sddl_of(self.connection, dn)}
        except Refused:
            return {"dn": "", "sddl": ""}

    def _trustee(self, name: str) -> dict[str, str]:
        account = name.rpartition("\\")[2]
        query, base = f"(sAMAccountName={account})", self.connection.root.text("defaultNamingContext")
        found = [record for page in self.connection.search_pages(base, query, ("objectSid",)) for record in page]
        return {"sid": unpack_sid(found[0].values("objectSid")[0]), "account": name} if found else {"sid": "", "account": ""}

    def _schema_guid(self, name: str) -> str:
        base = self.connection.root.text("schemaNamingContext")
        found = list(self.connection.search(base, f"(lDAPDisplayName={name})", ("schemaIDGUID",), scope="one_level"))
        return str(uuid.UUID(bytes_le=found[0].values("schemaIDGUID")[0])) if found else ""

    def _rights(self) -> list[dict[str, Any]]:
        base, names = f"CN=Extended-Rights,{self.connection.root.text('configurationNamingContext')}", ("cn", "displayName", "rightsGuid", "validAccesses")
        found = [record for page in self.connection.search_pages(base, "(objectClass=controlAccessRight)", names) for record in page]
        return [
            {"name": item.text("cn"), "display": item.text("displayName"), "guid": item.text("rightsGuid"), "valid_accesses": int(item.text("validAccesses"))}
            for item in found
        ]

    def _write(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        changes = json.loads(asked["Changes"])
        for change in changes:
            if sddl_of(self.connection, change["dn"]) != change["before"]:
                raise RemoteError(f"The security descriptor of {change['dn']} was changed by somebody else.", verb="directory_security_write")
        for change in changes:
            sid = domain_sid(self.connection)
            self.connection.write_descriptor(change["dn"], to_binary(parse(change["after"]), domain_sid=sid, root_sid=sid))
        return {"written": [change["dn"] for change in changes]}


def access_rule(connection: Connection, *, check_mode: bool = False, **options: Any) -> Outcome:
    """One task of directory_access_rule."""
    given = dict.fromkeys(_OPTIONS) | options
    outcome: Outcome = AccessRuleOverLdap(connection, options, check_mode=check_mode).perform(given)
    return outcome


def sddl_of(connection: Connection, dn: str) -> str:
    """Owner, group and access list of an object as text."""
    return from_binary(connection.descriptor(dn), domain_sid=domain_sid(connection)).text


def domain_sid(connection: Connection) -> str:
    head = next(connection.search(connection.root.text("defaultNamingContext"), EVERYTHING, ("objectSid",), scope="base"))
    return unpack_sid(head.values("objectSid")[0])


def take_ownership(connection: Connection, dn: str) -> None:
    """What an administrator does before changing the rights on CN=Deleted Objects, which belongs to the system (dsacls /takeownership)."""
    connection.write_descriptor(dn, to_binary(parse("O:BA")), parts=OWNER)
