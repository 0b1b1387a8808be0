# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a task's options to rules by object, to the one question to the host, and back from its answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from .plan import Plan, make_plan
from .rules import AccessRule, Resolved
from .well_known import NamedRight, plain

_SCHEMA_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_BESIDE_RULES = frozenset({"rules", "path", "naming_context", "domain_server"})
_VALIDATED, _PROPERTY_SET = 0x8, 0x30


@dataclass(frozen=True)
class Request:
    """`rules` by object: a DN, or one of the words domain, configuration, schema."""

    rules: Mapping[str, tuple[AccessRule, ...]]

    @property
    def all_rules(self) -> tuple[AccessRule, ...]:
        return tuple(rule for rules in self.rules.values() for rule in rules)


def read_request(arguments: Mapping[str, Any], given: Iterable[str] = ()) -> Request:
    """The rules of a task: those of `rules`, or the one that the options make; raises InputError.

    `given` names the options that the task itself states, without defaults.
    """
    listed = arguments.get("rules")
    misplaced = sorted(set(given) - _BESIDE_RULES) if listed else []
    if misplaced:
        raise InputError(f"'{misplaced[0]}' belongs into each rule of 'rules'.", path="rules")
    found: dict[str, list[AccessRule]] = {}
    for place, values in [(f"rules[{number}]", item) for number, item in enumerate(listed)] if listed else [("", arguments)]:
        target = values.get("path") or values.get("naming_context") or arguments.get("path") or arguments.get("naming_context")
        if not target:
            raise InputError("Say on which object: 'path' (a distinguished name) or 'naming_context'.", path=place)
        found.setdefault(str(target), []).append(_rule(values, place))
    return Request({target: tuple(rules) for target, rules in found.items()})


def _rule(values: Mapping[str, Any], place: str) -> AccessRule:
    rule = AccessRule(
        trustee=values.get("trustee") or "",
        rights=tuple(values.get("rights") or ()),
        access=values.get("access") or "allow",
        attributes=tuple(values.get("attributes") or ()),
        object_classes=tuple(values.get("object_classes") or ()),
        applies_to=values.get("applies_to") or "this_object",
        inherited_object_class=values.get("inherited_object_class") or "",
        state=values.get("state") or "present",
        path=place,
    )
    for name in rule.schema_names:
        if not _SCHEMA_NAME.fullmatch(name):
            raise InputError(f"'{name}' is not a name of the schema: letters, digits and hyphens.", path=place)
    return rule


def question(request: Request, server: str = "") -> dict[str, Any]:
    """Parameters of the verb directory_security_read."""
    rules = request.all_rules
    asked: dict[str, Any] = {
        "Paths": list(request.rules),
        "Trustees": _unique(rule.trustee for rule in rules),
        "SchemaNames": _unique(name for rule in rules for name in rule.schema_names),
        "AllRights": any(rule.right_names for rule in rules),
    }
    return asked | ({"Server": server} if server else {})


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def missing(request: Request, answer: Mapping[str, Any]) -> tuple[str, ...]:
    """Trustees and objects that the directory does not have (yet)."""
    trustees = [name for name, found in answer["trustees"].items() if not found["sid"]]
    return (*trustees, *(target for target in request.rules if not answer["objects"][target]["dn"]))


def assume(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer as if everything asked for existed: what check mode goes by where an earlier task would have made it."""
    trustees = {
        # Nobody's authority: no descriptor holds such a SID.
        name: found if found["sid"] else {"sid": f"S-1-0-{number}", "account": name}
        for number, (name, found) in enumerate(answer["trustees"].items(), start=1)
    }
    objects = {target: found if found["dn"] else {"dn": target, "sddl": "D:"} for target, found in answer["objects"].items()}
    return {**answer, "trustees": trustees, "objects": objects}


def resolved(answer: Mapping[str, Any]) -> Resolved:
    """What the host said, as the plan wants it."""
    trustees: Mapping[str, Mapping[str, str]] = answer["trustees"]
    rights: dict[str, NamedRight] = {}
    for item in answer["rights"] or ():
        accesses = int(item["valid_accesses"])
        kind = "property_set" if accesses & _PROPERTY_SET else "validated" if accesses & _VALIDATED else "extended"
        known = NamedRight(item["name"], item["display"], item["guid"].lower(), kind)
        rights |= {word.casefold(): known for word in (item["name"], item["display"], plain(item["display"]))}
    return Resolved(
        sids={name: found["sid"] for name, found in trustees.items()},
        schema={name.casefold(): guid.lower() for name, guid in answer["schema"].items()},
        rights=rights,
        names={found["sid"]: found["account"] for found in trustees.values() if found["sid"]},
        domain_sid=answer["domain_sid"],
        root_sid=answer["root_sid"],
    )


@dataclass(frozen=True)
class ObjectPlan:
    """What is to be done on one object."""

    dn: str
    plan: Plan


def plan_objects(request: Request, answer: Mapping[str, Any]) -> tuple[ObjectPlan, ...]:
    """A plan an object; raises InputError, PlanError."""
    known = resolved(answer)
    plans = []
    for target, rules in request.rules.items():
        found = answer["objects"][target]
        if not found["dn"]:
            raise InputError(f"The directory has no object '{target}'.", path=rules[0].path)
        plans.append(ObjectPlan(found["dn"], make_plan(found["sddl"], rules, known, path=found["dn"])))
    return tuple(plans)


def words(plans: Sequence[ObjectPlan], state: str) -> str:
    """The changed entries of a state, one a line: the diff's two sides."""
    lines = [change.words for item in plans for change in item.plan.changes if change.changed and change.state == state]
    return "".join(f"{line}\n" for line in lines)
