# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Security descriptors of the directory: kept as SDDL, inherited downwards, honoured.

An entry keeps only its own part (`Entry.descriptor`); what comes from above is computed, so changing a container costs nothing.
Access check: [MS-ADTS] 5.1.3.3; inheritance: [MS-DTYP] 2.5.3.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...plugins.plugin_utils.access.sddl import Ace, Acl, SddlProblem, SecurityDescriptor, expand_trustee, parse, parse_rights
from . import directory_errors as words
from .directory_accounts import with_builtins
from .directory_entry import Entry
from .directory_errors import AccessDenied, DirectoryError
from .directory_schema import Attribute
from .directory_sids import EVERYONE, SELF

if TYPE_CHECKING:
    from .directory import Directory, Token

GET_CHANGES = "1131f6aa-9c07-11d1-f79f-00c04fc2dcd2"
_DELETE_BITS = parse_rights("SD") | parse_rights("DT")


def own_descriptor(directory: Directory, entry: Entry) -> SecurityDescriptor:
    """The entry's explicit part, parsed once for all entries that share it."""
    cached = directory.descriptor_cache.get(entry.descriptor)
    if cached is None:
        cached = directory.descriptor_cache[entry.descriptor] = parse(entry.descriptor or "D:")
    found: SecurityDescriptor = cached
    return found


def effective_aces(directory: Directory, entry: Entry) -> tuple[Ace, ...]:
    """Explicit entries, then inherited ones, nearest parent first."""
    key = (entry.descriptor, id(entry.parent), entry.object_class) if not entry.children else id(entry)
    cached = directory.descriptor_cache.get(key)
    if cached is None:
        own = own_descriptor(directory, entry).dacl or Acl()
        cached = own.aces if own.protected else own.aces + _inherited(directory, entry)
        directory.descriptor_cache[key] = cached
    found: tuple[Ace, ...] = cached
    return found


def _inherited(directory: Directory, entry: Entry) -> tuple[Ace, ...]:
    if entry.parent is None:
        return ()
    guid = directory.schema.classes[entry.object_class].guid
    handed = (_handed_down(ace, guid) for ace in effective_aces(directory, entry.parent))
    return tuple(ace for ace in handed if ace is not None)


def _handed_down(ace: Ace, class_guid: str) -> Ace | None:
    """The entry as a child of that class gets it; None if it is not passed on."""
    flags = ace.flag_set
    if "CI" not in flags:
        return None
    matches = not ace.inherited_guid or ace.inherited_guid.lower() == class_guid
    if "NP" in flags:
        return Ace(ace.type, "ID", ace.rights, ace.object_guid, "", ace.trustee, ace.rest) if matches else None
    inherit = "CIID" if matches else "CIIOID"
    return Ace(ace.type, inherit, ace.rights, ace.object_guid, ace.inherited_guid, ace.trustee, ace.rest)


def descriptor_text(directory: Directory, entry: Entry) -> str:
    """The descriptor as a domain controller shows it."""
    own = own_descriptor(directory, entry)
    dacl = own.dacl or Acl()
    flags = dacl.flags if dacl.protected else "AI"
    shown = SecurityDescriptor(own.owner or "DA", own.group or "DA", Acl(flags, effective_aces(directory, entry)), own.sacl)
    return shown.text


def set_descriptor(directory: Directory, entry: Entry, sddl: str, *, token: Token | None = None) -> None:
    """Replaces the parts that the text names; inherited entries in it are not taken over but computed anew."""
    directory.require_here(entry)
    require(directory, token, entry, "WD")
    try:
        wanted = parse(sddl)
    except SddlProblem as problem:
        raise DirectoryError(1338, "The security descriptor structure is invalid.", detail=str(problem)) from problem
    old = own_descriptor(directory, entry)
    dacl = old.dacl if wanted.dacl is None else Acl(wanted.dacl.flags, tuple(ace for ace in wanted.dacl.aces if not ace.inherited))
    entry.descriptor = SecurityDescriptor(wanted.owner or old.owner, wanted.group or old.group, dacl, wanted.sacl or old.sacl).text
    from .directory_write import touch

    touch(directory, entry, ("nTSecurityDescriptor",))
    directory.descriptor_cache.clear()


def add_aces(directory: Directory, entry: Entry, *aces: str) -> None:
    """Appends explicit entries, `(OA;;CR;...)`; for building a forest."""
    own = own_descriptor(directory, entry)
    text = "".join(aces)
    dacl = own.dacl or Acl()
    entry.descriptor = own.with_dacl(Acl(dacl.flags, dacl.aces + (parse("D:" + text).dacl or Acl()).aces)).text
    directory.descriptor_cache.clear()


def has_access(directory: Directory, token: Token | None, entry: Entry, right: str, guid: str = "", *, property_set: str = "") -> bool:
    """True if every bit of `right` is allowed before it is denied."""
    if token is None:
        return True
    sids = with_builtins(directory, token)
    wanted = parse_rights(right)
    scopes = {guid.lower(), property_set.lower()} - {""}
    for ace in effective_aces(directory, entry):
        if not _counts(directory, ace, entry, sids, scopes):
            continue
        if ace.denies and ace.mask & wanted:
            return False
        if ace.allows:
            wanted &= ~ace.mask
            if not wanted:
                return True
    return not wanted


def _counts(directory: Directory, ace: Ace, entry: Entry, sids: Token, scopes: set[str]) -> bool:
    """Whether the entry applies to this object, this principal and this attribute, class or right."""
    flags = ace.flags
    if not ace.simple or ("IO" in flags and "IO" in ace.flag_set):
        return False
    if ace.object_guid and ace.object_guid.lower() not in scopes:
        return False
    # An inherited entry for a certain class was marked inherit-only for all others; an explicit one is for this object.
    sid = expand_trustee(ace.trustee, directory.domain_of(entry).domain_sid, directory.root.domain_sid)
    return sid in sids or (sid == SELF and entry.sid in sids)


def require(directory: Directory, token: Token | None, entry: Entry, right: str, guid: str = "") -> None:
    """Raises AccessDenied unless has_access."""
    if not has_access(directory, token, entry, right, guid):
        kind = words.INSUFFICIENT_RIGHTS if right in ("WP", "WD", "CR") else words.ACCESS_DENIED
        raise AccessDenied(*kind, detail=f"{right} {guid} on {entry.dn}")


def require_write(directory: Directory, token: Token | None, entry: Entry, attribute: Attribute) -> None:
    """Write of one attribute: by its GUID, its property set or a plain write right."""
    if not has_access(directory, token, entry, "WP", attribute.guid, property_set=attribute.property_set):
        raise AccessDenied(*words.INSUFFICIENT_RIGHTS, detail=f"WP {attribute.name} on {entry.dn}")


def require_delete(directory: Directory, token: Token | None, entry: Entry) -> None:
    """Delete on the object (unless denied) or delete-child on its parent; a denied delete protects from accidents."""
    if denied(directory, token, entry, "SD"):
        raise AccessDenied(*words.ACCESS_DENIED, detail=f"SD denied on {entry.dn}")
    if has_access(directory, token, entry, "SD") or entry.parent is None:
        return
    require(directory, token, entry.parent, "DC", directory.schema.classes[entry.object_class].guid)


def denied(directory: Directory, token: Token | None, entry: Entry, right: str) -> bool:
    """True if an entry of deny for the right applies; for the system (token None) those for everyone count."""
    sids = with_builtins(directory, token) if token is not None else frozenset({EVERYONE})
    wanted = parse_rights(right)
    return any(ace.denies and ace.mask & wanted and _counts(directory, ace, entry, sids, set()) for ace in effective_aces(directory, entry))


def visible(directory: Directory, token: Token | None, entry: Entry) -> bool:
    """An object is listed if the principal may list its parent's children or the object itself."""
    if token is None or entry.parent is None:
        return True
    return has_access(directory, token, entry.parent, "LC") or has_access(directory, token, entry, "LO")


def is_protected(directory: Directory, entry: Entry) -> bool:
    """ProtectedFromAccidentalDeletion: Everyone is denied delete and delete subtree."""
    own = own_descriptor(directory, entry).dacl or Acl()
    return any(_is_protection(ace) for ace in own.aces)


def _is_protection(ace: Ace) -> bool:
    return ace.simple and ace.denies and not ace.object_guid and expand_trustee(ace.trustee) == EVERYONE and ace.mask & _DELETE_BITS == _DELETE_BITS


def protect(directory: Directory, entry: Entry, protected: bool, *, token: Token | None = None) -> bool:
    """Sets or removes the entry that the cmdlets know as ProtectedFromAccidentalDeletion; True if it changed."""
    if is_protected(directory, entry) == protected:
        return False
    own = own_descriptor(directory, entry)
    dacl = own.dacl or Acl()
    kept = tuple(ace for ace in dacl.aces if not _is_protection(ace))
    # The cmdlets also deny delete-child on the parent; that is the parent's own protection and stays.
    aces = (Ace("D", "", "DTSD", "", "", "WD"), *kept) if protected else kept
    set_descriptor(directory, entry, SecurityDescriptor(dacl=Acl(dacl.flags, aces)).text, token=token)
    return True
