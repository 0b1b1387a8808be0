# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the ActiveDirectory PowerShell module is for a caller: reachable or not, with which token, finding objects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..estate.directory import Directory, Entry, Token
from ..estate.directory_accounts import with_builtins
from ..estate.directory_errors import LogonFailure
from ..estate.directory_names import comparison_key
from ..estate.directory_sids import is_sid
from ..estate.domains import domain_of, is_controller, server_named
from .registry import ModuleCall, ModuleFailure

_GUID = re.compile(r"\{?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?")
_UPN = re.compile(r".*@.*\..*")
# The module's own pattern for account names.
_ACCOUNT = re.compile(r"(?:[^:*?\"<>|/\\]+\\)?(?P<user>[^;:\"<>|?,=*+\\()]+)")
_UNREACHABLE = (
    "Unable to contact the server. This may be because this server does not exist, it is currently down, "
    "or it does not have the Active Directory Web Services running."
)
_REJECTED = "The server has rejected the client credentials."


@dataclass
class AdSession:
    """A caller of the cmdlets; `token` is what the domain controller grants by, `warnings` go into the answer."""

    call: ModuleCall
    directory: Directory
    token: Token
    warnings: list[str] = field(default_factory=list)

    @property
    def arguments(self) -> Mapping[str, Any]:
        return self.call.arguments


def open_session(call: ModuleCall) -> AdSession:
    """Raises ModuleFailure where the cmdlets could not work: other server, wrong credentials, second hop."""
    estate = call.host.estate
    if estate is None:
        raise AssertionError("estate is there by construction")
    directory = _contacted(call, str(call.arguments.get("domain_server") or ""))
    return AdSession(call, directory, _token(call, directory))


def _contacted(call: ModuleCall, server: str) -> Directory:
    """The domain whose controller answers: the named one, else the host's own."""
    estate, own = call.host.estate, domain_of(call.host)
    local = is_controller(call.host) and server.casefold() in ("", "localhost")
    found = server_named(estate, call.host.name if local else server or own.dns_name) if estate is not None else None
    if found is None:
        raise ModuleFailure(_UNREACHABLE)
    return found[1]


def _token(call: ModuleCall, directory: Directory) -> Token:
    credential = _credential(call)
    if credential is not None:
        domain, _unused, user = credential[0].rpartition("\\")
        try:
            return directory.directory_token(directory.verify(domain, user, credential[1]).sid)
        except LogonFailure as problem:
            raise ModuleFailure(_REJECTED) from problem
    own = domain_of(call.host)
    if directory.root is not own.root:
        raise ModuleFailure(_REJECTED)
    controller = is_controller(call.host) and directory is own
    if not controller and not call.session.delegates:
        raise ModuleFailure(_UNREACHABLE)
    sids = call.session.groups | {call.session.sid}
    # Aliases in a member server's token are that server's own.
    domain_sids = sids if controller else frozenset(sid for sid in sids if not sid.startswith("S-1-5-32-"))
    return with_builtins(directory, domain_sids)


def _credential(call: ModuleCall) -> tuple[str, str] | None:
    arguments = call.arguments
    default = [item for item in arguments.get("domain_credentials") or [] if not item.get("name")]
    if len(default) > 1:
        raise ModuleFailure("Cannot specify default domain_credentials with domain_username and domain_password")
    if default and arguments.get("domain_username"):
        raise ModuleFailure("Cannot specify domain_username/domain_password and domain_credentials with an entry that has no name.")
    if default:
        return default[0]["username"], default[0]["password"]
    if arguments.get("domain_username"):
        return arguments["domain_username"], arguments["domain_password"]
    return None


def find(session: AdSession, identity: str, classes: tuple[str, ...] = (), *, dollar: bool = False) -> Entry | None:
    """Get-AnsibleADObject: GUID, principal name, SID, account name or DN. `dollar`: a computer-like name may lack its `$`."""
    directory = session.directory
    if _GUID.fullmatch(identity):
        found = directory.by_guid.get(identity.strip("{}").lower())
    elif _UPN.fullmatch(identity):
        found = directory.by_upn.get(comparison_key(identity))
    elif is_sid(identity):
        found = directory.by_sid.get(identity.upper())
    elif account := _ACCOUNT.fullmatch(identity):
        found = directory.by_account.get(comparison_key(account["user"]))
        if found is None and dollar and not identity.endswith("$"):
            found = directory.by_account.get(comparison_key(account["user"] + "$"))
    else:
        found = directory.find(identity)
    if found is None or found.deleted or not directory.holds(found) or (classes and not any(found.is_a(name) for name in classes)):
        return None
    return found


def to_dns(session: AdSession, identities: Iterable[Any], context: str, action: str = "fail") -> list[str]:
    """ConvertTo-AnsibleADDistinguishedName, with its messages."""
    prefix = f"Failed to find the AD object DNs for {context}"
    found: list[str] = []
    missing: list[str] = []
    problems: list[str] = []
    for item in identities:
        name, problem = _identity(item)
        if problem:
            problems.append(problem)
        elif name:
            entry = find(session, name)
            if entry is None:
                missing.append(name)
            else:
                found.append(entry.dn)
    if problems:
        raise ModuleFailure(f"{prefix}. {'. '.join(problems)}.")
    if missing and action != "ignore":
        listed = "'" + "', '".join(missing) + "'"
        if action == "fail":
            raise ModuleFailure(f"{prefix}. Invalid identities: {listed}")
        session.warnings.append(f"{prefix}. Ignoring invalid identities: {listed}")
    return found


def _identity(item: Any) -> tuple[str, str]:
    """(name, problem) of a string or a dictionary with name and server."""
    if not isinstance(item, Mapping):
        return str(item), ""
    if "name" not in item:
        return "", "Identity entry does not contain the required name key"
    extra = sorted(set(item) - {"name", "server"})
    if extra:
        return "", f"Identity entry for '{item['name']}' contains extra keys: '" + "', '".join(extra) + "'"
    return str(item["name"]), ""
