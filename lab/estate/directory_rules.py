# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the schema and the account manager allow: names, types, lengths, uniqueness, nesting of groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import directory_errors as words
from .directory_entry import Entry, Value, Values
from .directory_errors import DirectoryError, failure
from .directory_names import comparison_key
from .directory_schema import Attribute

if TYPE_CHECKING:
    from .directory import Directory

# groupType ([MS-ADTS] 2.2.12)
GLOBAL, DOMAIN_LOCAL, UNIVERSAL = 0x2, 0x4, 0x8
SECURITY = -0x80000000
# The account manager's own limit; the schema allows more.
ACCOUNT_NAME_LIMIT = 20
_FORBIDDEN_IN_ACCOUNT = frozenset('"/\\[]:;|=,+*?<>')
_BY_ITSELF = frozenset({"cn", "ou", "dc", "instanceType", "nTSecurityDescriptor", "objectCategory", "objectClass", "objectSid"})
_NAMING = frozenset({"cn", "ou", "dc", "name"})
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "dn": (str,),
    "oid": (str,),
    "descriptor": (str,),
    "dn-binary": (str,),
    "dn-string": (str,),
    "time": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "large": (int,),
    "binary": (bytes,),
    "sid": (bytes, str),
}


@dataclass(frozen=True, slots=True)
class Modification:
    """`operation`: add, delete or replace; `values` of references are DNs. A delete without values clears."""

    operation: str
    attribute: str
    values: Values = ()


def check(directory: Directory, class_name: str, change: Modification) -> Modification:
    """The change with the attribute's own spelling; raises DirectoryError where the schema forbids it."""
    known = directory.schema.attribute(change.attribute)
    if known is None:
        raise failure(words.NO_SUCH_ATTRIBUTE, detail=change.attribute)
    if known.name not in directory.schema.allowed(class_name)[1]:
        raise failure(words.CLASS_VIOLATION, detail=f"{known.name} on {class_name}")
    if known.constructed or known.is_back_link:
        raise failure(words.SYSTEM_ONLY, detail=known.name)
    if known.single and len(change.values) > 1:
        raise failure(words.SINGLE_VALUE, detail=known.name)
    if known.name in _NAMING:
        raise DirectoryError(8215, "The directory service cannot perform the requested operation on the RDN attribute of an object", detail=known.name)
    for value in change.values:
        _check_value(known, value)
    if known.name == "sAMAccountName":
        _check_account_name(class_name, change.values)
    return change if change.attribute == known.name else Modification(change.operation, known.name, change.values)


def _check_value(known: Attribute, value: Value) -> None:
    if known.is_reference and isinstance(value, (str, Entry)):
        return
    allowed = _TYPES[known.syntax]
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
        raise DirectoryError(8203, "The attribute syntax specified to the directory service is invalid", detail=known.name)
    if known.syntax == "sid":
        return
    size = value if isinstance(value, int) else len(value)
    if (known.upper is not None and size > known.upper) or (known.lower is not None and size < known.lower):
        raise failure(words.OUT_OF_RANGE, detail=f"{known.name}: {size}, allowed {known.lower}..{known.upper}")
    if isinstance(value, str) and not value and known.syntax == "string":
        raise DirectoryError(8203, "The attribute syntax specified to the directory service is invalid", detail=known.name)


def _check_account_name(class_name: str, values: Values) -> None:
    name = str(values[0]) if values else ""
    bad = not name or not _FORBIDDEN_IN_ACCOUNT.isdisjoint(name) or name.endswith(".")
    too_long = class_name in ("user", "inetOrgPerson", "computer", "msDS-GroupManagedServiceAccount") and len(name) > ACCOUNT_NAME_LIMIT
    if bad or too_long:
        raise DirectoryError(1315, "The name provided is not a properly formed account name", detail=name)


def check_unique(directory: Directory, entry: Entry | None, class_name: str, changes: Sequence[Modification]) -> None:
    """Account names and principal names are unique in the domain."""
    for change in changes:
        if change.attribute not in ("sAMAccountName", "userPrincipalName") or not change.values:
            continue
        table = directory.by_account if change.attribute == "sAMAccountName" else directory.by_upn
        taken = table.get(comparison_key(str(change.values[0])))
        if taken is not None and taken is not entry:
            kind = words.GROUP_EXISTS if class_name == "group" else words.ACCOUNT_EXISTS
            raise failure(kind if table is directory.by_account else words.UPN_IN_USE, detail=str(change.values[0]))


def check_complete(directory: Directory, class_name: str, changes: Sequence[Modification]) -> None:
    """A new object has all that its class demands; what the directory sets by itself does not count."""
    missing = directory.schema.allowed(class_name)[0] - _BY_ITSELF - {change.attribute for change in changes if change.values}
    if missing:
        raise failure(words.MISSING_ATTRIBUTE, detail=", ".join(sorted(missing)))


def check_present(known: Attribute, change: Modification, missing: set[object]) -> None:
    """Removing what is not there is an error, for members one of its own."""
    if missing:
        raise failure(words.NOT_A_MEMBER if known.name == "member" else words.NO_SUCH_ATTRIBUTE, detail=known.name)


def check_links(directory: Directory, entry: Entry, wanted: Mapping[str, Values | None]) -> None:
    """References lead to objects that exist; groups nest as their scopes allow."""
    for name, values in wanted.items():
        if not values or not directory.schema.attributes[name].is_reference:
            continue
        targets = [target(directory, value) for value in values]
        if name == "member" and entry.is_a("group"):
            for member in targets:
                check_nesting(entry, member)


def target(directory: Directory, value: Value | Entry) -> Entry:
    """The entry behind a reference; raises DirectoryError."""
    return value if isinstance(value, Entry) else directory.get(str(value))


def check_nesting(group: Entry, member: Entry) -> None:
    if group is member:
        raise DirectoryError(8557, "A group cannot be made a member of itself", detail=group.dn)
    if not member.is_a("group"):
        return
    outer, inner = group.number("groupType"), member.number("groupType")
    if outer & GLOBAL and inner & DOMAIN_LOCAL:
        raise failure(words.GLOBAL_HAS_LOCAL, detail=member.dn)
    if outer & GLOBAL and inner & UNIVERSAL:
        raise failure(words.GLOBAL_HAS_UNIVERSAL, detail=member.dn)
    if outer & UNIVERSAL and inner & DOMAIN_LOCAL:
        raise failure(words.UNIVERSAL_HAS_LOCAL, detail=member.dn)


_CHAINS: dict[str, tuple[str, ...]] = {}


def chain(directory: Directory, class_name: str) -> tuple[str, ...]:
    """The objectClass values, one tuple for all objects of a class."""
    found = _CHAINS.get(class_name)
    if found is None:
        found = _CHAINS[class_name] = directory.schema.chain(class_name)
    return found
