# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Access rules on files, folders and registry keys, with .NET's names for rights.

The values are those of the enumerations FileSystemRights, RegistryRights, InheritanceFlags and PropagationFlags
(Microsoft: System.Security.AccessControl).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

SYNCHRONIZE = 0x100000
FULL_CONTROL = 0x1F01FF

FILE_RIGHTS: Mapping[str, int] = {
    "ReadData": 0x1, "ListDirectory": 0x1, "WriteData": 0x2, "CreateFiles": 0x2, "AppendData": 0x4, "CreateDirectories": 0x4,
    "ReadExtendedAttributes": 0x8, "WriteExtendedAttributes": 0x10, "ExecuteFile": 0x20, "Traverse": 0x20,
    "DeleteSubdirectoriesAndFiles": 0x40, "ReadAttributes": 0x80, "WriteAttributes": 0x100, "Write": 0x116, "Delete": 0x10000,
    "ReadPermissions": 0x20000, "Read": 0x20089, "ReadAndExecute": 0x200A9, "Modify": 0x301BF, "ChangePermissions": 0x40000,
    "TakeOwnership": 0x80000, "Synchronize": SYNCHRONIZE, "FullControl": FULL_CONTROL,
}  # fmt: skip
REGISTRY_RIGHTS: Mapping[str, int] = {
    "QueryValues": 0x1, "SetValue": 0x2, "CreateSubKey": 0x4, "EnumerateSubKeys": 0x8, "Notify": 0x10, "CreateLink": 0x20,
    "Delete": 0x10000, "ReadPermissions": 0x20000, "WriteKey": 0x20006, "ReadKey": 0x20019, "ExecuteKey": 0x20019,
    "ChangePermissions": 0x40000, "TakeOwnership": 0x80000, "FullControl": 0xF003F,
}  # fmt: skip
INHERITANCE: Mapping[str, int] = {"None": 0, "ContainerInherit": 1, "ObjectInherit": 2}
PROPAGATION: Mapping[str, int] = {"None": 0, "NoPropagateInherit": 1, "InheritOnly": 2}

CONTAINER_INHERIT = 1
OBJECT_INHERIT = 2
NO_PROPAGATE = 1
INHERIT_ONLY = 2


@dataclass(frozen=True)
class AccessRule:
    """One explicit entry: rights of a SID, granted or denied, and how children inherit it (flags as numbers)."""

    sid: str
    rights: int
    allow: bool = True
    inheritance: int = 0
    propagation: int = 0

    def same_place(self, other: AccessRule) -> bool:
        """True when Windows would merge the two into one entry."""
        return replace(self, rights=0) == replace(other, rights=0)


def parse_flags(text: str, names: Mapping[str, int], enumeration: str) -> int:
    """A comma-separated list of names as .NET converts it; ValueError with its message for an unknown one."""
    known = {name.casefold(): value for name, value in names.items()}
    total = 0
    for part in text.split(","):
        value = known.get(part.strip().casefold())
        if value is None:
            raise ValueError(
                f'Cannot convert value "{text}" to type "System.Security.AccessControl.{enumeration}". Error: "Unable to match the identifier '
                f'name {text} to a valid enumerator name. Specify one of the following enumerator names and try again:\n{", ".join(names)}"'
            )
        total |= value
    return total


def file_rights(text: str, *, allow: bool) -> int:
    """Rights of a file rule: Windows always adds Synchronize to a grant, and takes it out of a denial that is not full control."""
    rights = parse_flags(text, FILE_RIGHTS, "FileSystemRights")
    if allow:
        return rights | SYNCHRONIZE
    return rights if rights == FULL_CONTROL else rights & ~SYNCHRONIZE


def add_rule(rules: list[AccessRule], new: AccessRule) -> list[AccessRule]:
    """The list with the rule, merged into an entry for the same SID, type and flags where there is one."""
    for index, rule in enumerate(rules):
        if rule.same_place(new):
            return [*rules[:index], replace(rule, rights=rule.rights | new.rights), *rules[index + 1 :]]
    return [*rules, new]


def remove_rule(rules: list[AccessRule], gone: AccessRule) -> list[AccessRule]:
    """The list without these rights; what else the same entry granted stays."""
    kept = (replace(rule, rights=rule.rights & ~gone.rights) if rule.same_place(gone) else rule for rule in rules)
    return [rule for rule in kept if rule.rights & ~SYNCHRONIZE]


def inherited(rules: Iterable[AccessRule], *, folder: bool, distance: int) -> list[AccessRule]:
    """The rules of an ancestor `distance` levels up that reach a file or folder."""
    wanted = CONTAINER_INHERIT if folder else OBJECT_INHERIT
    return [rule for rule in rules if rule.inheritance & wanted and (distance == 1 or not rule.propagation & NO_PROPAGATE)]


def granted(levels: Iterable[Iterable[AccessRule]], sids: frozenset[str], rights: int) -> bool:
    """True if these SIDs hold all the rights. `levels`: the object's own rules first, then those it inherits, nearest first.

    Explicit entries go before inherited ones and denials before grants of the same level, as Windows orders them.
    """
    missing = rights
    for level in levels:
        matching = [rule for rule in level if rule.sid in sids]
        if any(rule.rights & missing for rule in matching if not rule.allow):
            return False
        for rule in matching:
            if rule.allow:
                missing &= ~rule.rights
        if not missing:
            return True
    return False
