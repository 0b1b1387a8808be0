# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Adding and removing single entries of a list of access rights; everything else stays as it is written.

Order of a list: explicit deny, explicit allow, inherited ([MS-DTYP] 2.5.3; Microsoft, "Order of ACEs in a DACL").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..errors import PlanError
from .rules import AccessRule, Resolved, WantedAce, wanted_aces
from .sddl import Ace, Acl, SecurityDescriptor, expand_trustee, parse, write_rights


@dataclass(frozen=True)
class Change:
    """`state` is what the rule asked for; `changed` whether something had to be done."""

    state: str
    words: str
    ace: str
    changed: bool


@dataclass(frozen=True)
class Plan:
    """`before` and `after` are whole descriptors as text."""

    before: str
    after: str
    changes: tuple[Change, ...]

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class _Key:
    """What makes two entries speak of the same: everything but the mask."""

    allows: bool
    flags: frozenset[str]
    object_guid: str
    inherited_guid: str
    sid: str


def make_plan(sddl: str, rules: Sequence[AccessRule], resolved: Resolved, *, path: str = "the object") -> Plan:
    """The descriptor once all rules hold, in their order; raises PlanError for a descriptor without a list, InputError for a name."""
    descriptor = parse(sddl)
    if descriptor.dacl is None or descriptor.dacl.is_null:
        raise PlanError(f"{path} has no list of access rights that an entry could be added to.")
    dacl = descriptor.dacl
    changes: list[Change] = []
    for rule in rules:
        for wanted in wanted_aces(rule, resolved):
            edited = add(dacl, wanted.ace, resolved) if rule.state == "present" else remove(dacl, wanted.ace, resolved)
            changes.append(_change(rule, wanted, path, edited != dacl))
            dacl = edited
    return Plan(sddl, _text(sddl, descriptor, dacl), tuple(changes))


def _text(sddl: str, descriptor: SecurityDescriptor, dacl: Acl) -> str:
    return sddl if dacl == descriptor.dacl else descriptor.with_dacl(dacl).text


def _change(rule: AccessRule, wanted: WantedAce, path: str, changed: bool) -> Change:
    return Change(rule.state, wanted.words.replace("{object}", path), wanted.ace.text, changed)


def _key(ace: Ace, resolved: Resolved) -> _Key:
    flags = ace.flag_set - {"ID"}
    sid = expand_trustee(ace.trustee, resolved.domain_sid, resolved.root_sid)
    return _Key(ace.allows, flags, ace.object_guid.lower(), ace.inherited_guid.lower(), sid)


def _same(dacl: Acl, wanted: Ace, resolved: Resolved) -> list[int]:
    """Places of the explicit entries that speak of the same as `wanted`."""
    key = _key(wanted, resolved)
    return [at for at, ace in enumerate(dacl.aces) if ace.simple and not ace.inherited and _key(ace, resolved) == key]


def holds(dacl: Acl, wanted: Ace, resolved: Resolved) -> bool:
    """Whether explicit entries already say all that `wanted` says."""
    mask = 0
    for at in _same(dacl, wanted, resolved):
        mask |= dacl.aces[at].mask
    return wanted.mask & ~mask == 0


def add(dacl: Acl, wanted: Ace, resolved: Resolved) -> Acl:
    """The list with the entry, at the end of its group; unchanged if it holds already."""
    if holds(dacl, wanted, resolved):
        return dacl
    at = _place(dacl.aces, wanted)
    return replace(dacl, aces=(*dacl.aces[:at], wanted, *dacl.aces[at:]))


def _place(aces: Sequence[Ace], wanted: Ace) -> int:
    """Before the first inherited entry; a deny already before the first explicit allow."""
    limit = _first(aces, (ace.inherited for ace in aces))
    if not wanted.denies:
        return limit
    return _first(aces, (ace.inherited or ace.allows for ace in aces))


def _first(aces: Sequence[Ace], marks: Iterable[bool]) -> int:
    return next((at for at, mark in enumerate(marks) if mark), len(aces))


def remove(dacl: Acl, wanted: Ace, resolved: Resolved) -> Acl:
    """The list without the entry; of one that says more, only these rights go."""
    places = {at for at in _same(dacl, wanted, resolved) if dacl.aces[at].mask & wanted.mask}
    if not places:
        return dacl
    kept: list[Ace] = []
    for at, ace in enumerate(dacl.aces):
        rest = ace.mask & ~wanted.mask if at in places else -1
        if rest:
            kept.append(ace if at not in places else replace(ace, rights=write_rights(rest)))
    return replace(dacl, aces=tuple(kept))


def describe(sddl: str, resolved: Resolved) -> tuple[str, ...]:
    """Every explicit entry of a descriptor as one line, for a diff: names where they are known."""
    dacl = parse(sddl).dacl
    if dacl is None:
        return ()
    return tuple(_line(ace, resolved) for ace in dacl.aces if not ace.inherited)


def _line(ace: Ace, resolved: Resolved) -> str:
    sid = expand_trustee(ace.trustee, resolved.domain_sid, resolved.root_sid)
    return f"{resolved.names.get(sid, sid)} {replace(ace, trustee='').text}"
