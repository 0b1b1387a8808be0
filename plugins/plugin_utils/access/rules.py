# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a user declares about one object's security, and the access control entries that it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import InputError
from .sddl import RIGHTS, Ace, write_rights
from .well_known import MASKS, NamedRight, named_right

_SCOPES = {"this_object": "", "descendants": "CIIO", "this_object_and_descendants": "CI"}
_SCOPE_WORDS = {"this_object": "this object only", "descendants": "all descendants", "this_object_and_descendants": "this object and all descendants"}
_PROPERTY_BITS = RIGHTS["RP"] | RIGHTS["WP"]
_CHILD_BITS = RIGHTS["CC"] | RIGHTS["DC"]


@dataclass(frozen=True)
class AccessRule:
    """One declared rule; `rights`, `attributes` and `object_classes` are names. `path` leads to it in the user's data."""

    trustee: str
    rights: tuple[str, ...]
    access: str = "allow"
    attributes: tuple[str, ...] = ()
    object_classes: tuple[str, ...] = ()
    applies_to: str = "this_object"
    inherited_object_class: str = ""
    state: str = "present"
    path: str = ""

    def __post_init__(self) -> None:
        _check(self)

    @property
    def schema_names(self) -> tuple[str, ...]:
        """Classes and attributes whose GUID the host has to tell; property sets are known."""
        classes = (*self.object_classes, *((self.inherited_object_class,) if self.inherited_object_class else ()))
        return (*(name for name in self.attributes if not _property_set(name)), *classes)

    @property
    def right_names(self) -> tuple[str, ...]:
        """Extended rights that only the host knows."""
        return tuple(name for name in self.rights if name not in MASKS and named_right(name) is None)


@dataclass(frozen=True)
class Resolved:
    """What the host said. Keys of `schema` and `rights` are the names in lower case, of `sids` the trustees as declared.

    `rights` holds GUID and kind (extended, validated); `names` SID -> account for people.
    """

    sids: Mapping[str, str] = field(default_factory=dict)
    schema: Mapping[str, str] = field(default_factory=dict)
    rights: Mapping[str, NamedRight] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    domain_sid: str = ""
    root_sid: str = ""


@dataclass(frozen=True)
class WantedAce:
    """An entry, and the words for it."""

    ace: Ace
    words: str


def _check(rule: AccessRule) -> None:
    """Raises InputError for a rule that cannot mean anything."""
    if not rule.trustee:
        raise InputError("A rule needs a trustee: the account or group that it is for.", path=rule.path)
    if not rule.rights:
        raise InputError("A rule needs at least one right.", path=rule.path)
    masks = _mask(rule)
    if rule.attributes and not masks & _PROPERTY_BITS:
        raise InputError("'attributes' only go together with the rights read_property and write_property.", path=rule.path)
    if rule.object_classes and not masks & _CHILD_BITS:
        raise InputError("'object_classes' only go together with the rights create_child and delete_child.", path=rule.path)
    if rule.inherited_object_class and rule.applies_to == "this_object":
        raise InputError("'inherited_object_class' needs 'applies_to' to include descendants.", path=rule.path)
    for name in rule.rights:
        known = named_right(name)
        if name not in MASKS and known is not None and known.kind == "property_set":
            raise InputError(f"'{name}' is a property set: name it in 'attributes' and use read_property or write_property.", path=rule.path)


def _mask(rule: AccessRule) -> int:
    mask = 0
    for name in rule.rights:
        if name in MASKS:
            mask |= RIGHTS[MASKS[name][0]]
    return mask


def _property_set(name: str) -> NamedRight | None:
    known = named_right(name)
    return known if known is not None and known.kind == "property_set" else None


def wanted_aces(rule: AccessRule, resolved: Resolved) -> tuple[WantedAce, ...]:
    """The entries of a rule; raises InputError naming what the host did not know."""
    sid = resolved.sids.get(rule.trustee, "")
    if not sid:
        raise InputError(f"The trustee '{rule.trustee}' is not known in the domain; check its spelling, or create it first.", path=rule.path)
    inherited = _schema_guid(rule, resolved, rule.inherited_object_class) if rule.inherited_object_class else ""
    found = [*_scoped(rule, resolved), *_plain(rule), *_named(rule, resolved)]
    return tuple(_wanted(rule, resolved, (sid, inherited), part) for part in found)


def _scoped(rule: AccessRule, resolved: Resolved) -> list[tuple[int, str, str]]:
    """One entry an attribute (its read and write together) and one a class (create and delete together)."""
    mask = _mask(rule)
    found = []
    for name in rule.attributes:
        known = _property_set(name)
        guid = known.guid if known is not None else _schema_guid(rule, resolved, name)
        found.append((mask & _PROPERTY_BITS, guid, f"{_mask_words(mask & _PROPERTY_BITS)} {known.display if known is not None else name}"))
    for name in rule.object_classes:
        found.append((mask & _CHILD_BITS, _schema_guid(rule, resolved, name), f"{_mask_words(mask & _CHILD_BITS)} {name}"))
    return found


def _plain(rule: AccessRule) -> list[tuple[int, str, str]]:
    """What is left of the mask once attributes and classes took their parts."""
    mask = _mask(rule)
    full = mask == RIGHTS["GA"]
    if rule.attributes and not full:
        mask &= ~_PROPERTY_BITS
    if rule.object_classes and not full:
        mask &= ~_CHILD_BITS
    return [(mask, "", _mask_words(mask))] if mask else []


def _named(rule: AccessRule, resolved: Resolved) -> list[tuple[int, str, str]]:
    found = []
    for name in rule.rights:
        if name in MASKS:
            continue
        known = named_right(name) or resolved.rights.get(name.casefold())
        if known is None:
            raise InputError(f"'{name}' is neither a right of the directory nor an extended right of this forest.", path=rule.path)
        found.append((RIGHTS["SW" if known.kind == "validated" else "CR"], known.guid, known.display))
    return found


def _schema_guid(rule: AccessRule, resolved: Resolved, name: str) -> str:
    guid = resolved.schema.get(name.casefold(), "")
    if not guid:
        raise InputError(f"The schema of this forest has no class or attribute '{name}'.", path=rule.path)
    return guid


def _mask_words(mask: int) -> str:
    """The rights of a mask for people; full control by its own name."""
    if mask == RIGHTS["GA"]:
        return MASKS["full_control"][1]
    words = [text for letters, text in MASKS.values() if letters not in ("GA", "GR", "GW", "GX") and mask & RIGHTS[letters]]
    return ", ".join(dict.fromkeys(words))


def _wanted(rule: AccessRule, resolved: Resolved, principal: tuple[str, str], part: tuple[int, str, str]) -> WantedAce:
    sid, inherited = principal
    mask, guid, label = part
    kind = ("O" if guid or inherited else "") + ("A" if rule.access == "allow" else "D")
    ace = Ace(kind, _SCOPES[rule.applies_to], write_rights(mask), guid, inherited, sid)
    where = _SCOPE_WORDS[rule.applies_to]
    if rule.inherited_object_class:
        where = f"{where} of class {rule.inherited_object_class}"
    return WantedAce(ace, f"{resolved.names.get(sid, rule.trustee)}: {rule.access} {label} on {{object}} ({where})")
