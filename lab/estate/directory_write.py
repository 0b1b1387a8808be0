# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Adding, changing, moving and deleting objects, with what a domain controller refuses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import directory_accounts, directory_rules, directory_schema_objects, directory_security
from . import directory_errors as words
from .directory_entry import Entry, Values
from .directory_errors import failure
from .directory_names import NameProblem, comparison_key, escape_value, rdn_key, split_dn, split_rdn
from .directory_rules import Modification
from .directory_schema import Attribute
from .directory_state import attach, connect, disconnect, index

if TYPE_CHECKING:
    from .directory import Directory, Token

DELETED_OBJECTS = "CN=Deleted Objects"


def as_values(value: Any) -> Values:
    """One value, several or none as a tuple."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, (list, tuple, set, frozenset)) else (value,)


def create(directory: Directory, dn: str, object_class: str, attributes: Mapping[str, Any], *, password: str | None, token: Token | None) -> Entry:
    """See Directory.create."""
    rdn, parent = _place(directory, dn)
    kind = directory.schema.object_class(object_class)
    if kind is None:
        raise failure(words.NO_SUCH_ATTRIBUTE, detail=f"objectClass {object_class}")
    directory_security.require(directory, token, parent, "CC", kind.guid)
    if parent.children and rdn_key(rdn) in parent.children:
        raise failure(words.NAME_IN_USE, detail=dn)
    if kind.possible_superiors and parent.object_class not in _superiors(directory, kind.name) and token is not None:
        raise failure(words.ILLEGAL_SUPERIOR, detail=dn)
    changes = {**directory_accounts.new_attributes(directory, kind.name, attributes), **attributes}
    checked = [directory_rules.check(directory, kind.name, Modification("replace", name, as_values(value))) for name, value in changes.items()]
    directory_rules.check_complete(directory, kind.name, checked)
    directory_rules.check_unique(directory, None, kind.name, checked)
    descriptor = next((str(change.values[0]) for change in checked if change.attribute == "nTSecurityDescriptor" and change.values), "")
    entry = Entry(directory.new_guid(), _sid(directory, kind.name, attributes), rdn, parent, directory_rules.chain(directory, kind.name))
    if password is not None:
        directory_accounts.check_password(directory, entry, password, str(attributes.get("sAMAccountName", "")))
    usn = directory.next_usn()
    entry.usn_created = entry.usn_changed = usn
    entry.created = entry.changed = directory.clock()
    entry.descriptor = kind.default_descriptor
    directory_rules.check_links(directory, entry, {change.attribute: change.values for change in checked})
    _fill(directory, entry, checked, usn)
    if descriptor:
        directory_security.set_descriptor(directory, entry, descriptor)
    attach(entry, parent)
    index(directory, entry)
    if password is not None:
        directory_accounts.store_password(directory, entry, password)
    return entry


def _superiors(directory: Directory, class_name: str) -> frozenset[str]:
    """The classes below which an object of this class may stand, inherited ones included."""
    found = (directory.schema.classes[part].possible_superiors for part in directory.schema.chain(class_name))
    return frozenset[str]().union(*found)


def _place(directory: Directory, dn: str) -> tuple[str, Entry]:
    try:
        parts = split_dn(dn)
        attribute, value = split_rdn(parts[0])
    except NameProblem as problem:
        raise failure(words.INVALID_DN, detail=str(problem)) from problem
    parent = directory.find(",".join(parts[1:]))
    if parent is None or parent.deleted:
        raise failure(words.NOT_FOUND, detail=",".join(parts[1:]))
    directory.require_here(parent)
    if not value or len(value) > 64:
        raise failure(words.OUT_OF_RANGE if value else words.NAMING_VIOLATION, detail=dn)
    return f"{attribute.upper()}={escape_value(value)}", parent


def _sid(directory: Directory, class_name: str, attributes: Mapping[str, Any]) -> str:
    given = attributes.get("objectSid")
    if isinstance(given, str):
        return given
    return directory.new_sid() if "sAMAccountName" in directory.schema.allowed(class_name)[0] or class_name == "computer" else ""


def _fill(directory: Directory, entry: Entry, changes: Iterable[Modification], usn: int) -> None:
    for change in changes:
        if not change.values or change.attribute in ("objectSid", "nTSecurityDescriptor"):
            continue
        known = directory.schema.attributes[change.attribute]
        if known.is_reference:
            for value in change.values:
                connect(directory, entry, known.name, directory_rules.target(directory, value), usn)
        else:
            entry.attributes[known.name] = change.values[0] if len(change.values) == 1 else change.values


def modify(directory: Directory, entry: Entry, changes: Sequence[Modification], *, token: Token | None) -> bool:
    """See Directory.modify. All is checked before anything is changed."""
    directory.require_here(entry)
    checked = [directory_rules.check(directory, entry.object_class, change) for change in changes]
    descriptor = [change for change in checked if change.attribute == "nTSecurityDescriptor"]
    checked = [change for change in checked if change not in descriptor]
    for change in checked:
        known = directory.schema.attributes[change.attribute]
        if known.system_only and token is not None:
            raise failure(words.SYSTEM_ONLY, detail=known.name)
        directory_security.require_write(directory, token, entry, known)
    directory_rules.check_unique(directory, entry, entry.object_class, checked)
    if entry.object_class == directory_schema_objects.CLASS:
        directory_schema_objects.check_extension(directory, checked)
    wanted = {change.attribute: _outcome(directory, entry, change) for change in checked}
    directory_rules.check_links(directory, entry, wanted)
    for change in descriptor:
        directory_security.set_descriptor(directory, entry, str(change.values[0]), token=token)
    changed = [name for name, values in wanted.items() if values is not None]
    if not changed:
        return bool(descriptor)
    usn = touch(directory, entry, changed)
    _unindex(directory, entry)
    for name in changed:
        _store(directory, entry, name, wanted[name] or (), usn)
    index(directory, entry)
    if entry.object_class == directory_schema_objects.CLASS:
        directory_schema_objects.extend(directory, entry)
    return True


def _outcome(directory: Directory, entry: Entry, change: Modification) -> Values | None:
    """The attribute's values afterwards; None if nothing changes."""
    known = directory.schema.attributes[change.attribute]
    current = entry.values(known.name)
    key = _comparer(directory, known)
    present = {key(value) for value in current}
    given = {key(value) for value in change.values}
    if change.operation == "add":
        after = current + tuple(value for value in change.values if key(value) not in present)
    elif change.operation == "delete" and change.values:
        directory_rules.check_present(known, change, given - present)
        after = tuple(value for value in current if key(value) not in given)
    else:
        after = change.values if change.operation == "replace" else ()
    if known.single and len(after) > 1:
        raise failure(words.SINGLE_VALUE, detail=known.name)
    return None if after == current else after


def _comparer(directory: Directory, known: Attribute) -> Any:
    """How two values of an attribute are compared."""
    if known.is_reference:
        return lambda value: directory_rules.target(directory, value).guid
    # Bytes and numbers compare as they are; text without regard to case and accents.
    return comparison_key if known.syntax == "string" else (lambda value: value)


def _store(directory: Directory, entry: Entry, name: str, values: Values, usn: int) -> None:
    if not directory.schema.attributes[name].is_reference:
        if values:
            entry.attributes[name] = values[0] if len(values) == 1 else values
        else:
            entry.attributes.pop(name, None)
        return
    wanted = {directory_rules.target(directory, value): None for value in values}
    present = dict((entry.links or {}).get(name, {}))
    for target in present:
        if target not in wanted:
            disconnect(directory, entry, name, target)
    for target in wanted:
        if target not in present:
            connect(directory, entry, name, target, usn)


def touch(directory: Directory, entry: Entry, attributes: Iterable[str]) -> int:
    """Gives the entry and the attributes a new change number."""
    usn = directory.next_usn()
    entry.usn_changed = usn
    entry.changed = directory.clock()
    if entry.versions is None:
        entry.versions = {}
    for name in attributes:
        entry.versions[name] = usn
    return usn


def _unindex(directory: Directory, entry: Entry) -> None:
    for attribute, table in (("sAMAccountName", directory.by_account), ("userPrincipalName", directory.by_upn)):
        value = entry.attributes.get(attribute)
        if isinstance(value, str) and table.get(comparison_key(value)) is entry:
            del table[comparison_key(value)]


def move(directory: Directory, entry: Entry, parent: Entry | None, name: str | None, *, token: Token | None) -> None:
    """See Directory.move."""
    if entry.parent is None:
        raise failure(words.UNWILLING, detail=entry.dn)
    target = parent or entry.parent
    # Between domains accounts are migrated, not moved.
    for place in (entry, target):
        directory.require_here(place)
    kind = entry.rdn.partition("=")[0]
    rdn = entry.rdn if name is None else f"{kind}={escape_value(name)}"
    if rdn == entry.rdn and target is entry.parent:
        return
    taken = (target.children or {}).get(rdn_key(rdn))
    if taken is not None and taken is not entry:
        raise failure(words.NAME_IN_USE, detail=f"{rdn},{target.dn}")
    if target.below(entry):
        raise failure(words.UNWILLING, detail=target.dn)
    _require_move(directory, token, entry, target)
    if entry.parent.children is None:
        raise AssertionError("entry.parent.children is there by construction")
    del entry.parent.children[rdn_key(entry.rdn)]
    entry.rdn = rdn
    attach(entry, target)
    touch(directory, entry, ("name", "distinguishedName"))
    directory.descriptor_cache.clear()


def _require_move(directory: Directory, token: Token | None, entry: Entry, target: Entry) -> None:
    """Moving needs delete here and create there; renaming needs write of name and cn."""
    if target is not entry.parent:
        directory_security.require_delete(directory, token, entry)
        directory_security.require(directory, token, target, "CC", directory.schema.classes[entry.object_class].guid)
    for attribute in ("name", entry.rdn.partition("=")[0].lower()):
        directory_security.require_write(directory, token, entry, directory.schema.attributes[attribute])


def delete(directory: Directory, entry: Entry, *, recursive: bool, token: Token | None) -> None:
    """See Directory.delete."""
    directory.require_here(entry)
    if entry.parent is None or entry.get("isCriticalSystemObject"):
        raise failure(words.UNWILLING, detail=entry.dn)
    if entry.children and not recursive:
        raise failure(words.NOT_A_LEAF, detail=entry.dn)
    victims = list(directory.subtree(entry))
    for victim in victims:
        directory_security.require_delete(directory, token, victim)
    for victim in reversed(victims):
        _bury(directory, victim)
    directory.descriptor_cache.clear()


def _bury(directory: Directory, entry: Entry) -> None:
    """The tombstone: no links, few attributes (all with the recycle bin), a name that cannot clash."""
    parent = entry.parent
    assert parent is not None and parent.children is not None
    _unindex(directory, entry)
    directory.by_sid.pop(entry.sid, None)
    usn = touch(directory, entry, ("isDeleted", "name", "distinguishedName", "lastKnownParent"))
    _cut_links(directory, entry)
    if not directory.recycle_bin:
        kept = directory.schema.attributes
        entry.attributes = {name: value for name, value in entry.attributes.items() if kept[name].kept}
    entry.attributes["lastKnownParent"] = parent.dn
    entry.attributes["msDS-LastKnownRDN"] = entry.name
    del parent.children[rdn_key(entry.rdn)]
    kind, _unused, value = entry.rdn.partition("=")
    entry.rdn = f"{kind}={value}\\0ADEL:{entry.guid}"
    entry.deleted = True
    entry.usn_changed = usn
    attach(entry, _graveyard(directory, parent))


def _cut_links(directory: Directory, entry: Entry) -> None:
    """A group loses a member, a person the manager, and neither counts as changed: no change tracking tells of it.

    Seen on a real directory (docs/real_directory.md); each domain controller removes such links by itself.
    """
    for name, targets in list((entry.links or {}).items()):
        for target in list(targets):
            disconnect(directory, entry, name, target)
    pointing = {source for sources in (entry.back_links or {}).values() for source in sources}
    for source in pointing:
        for name in [name for name, targets in (source.links or {}).items() if entry in targets]:
            disconnect(directory, source, name, entry)


def _graveyard(directory: Directory, entry: Entry) -> Entry:
    head = entry
    while head.parent is not None:
        head = head.parent
    return directory.get(f"{DELETED_OBJECTS},{head.dn}")
