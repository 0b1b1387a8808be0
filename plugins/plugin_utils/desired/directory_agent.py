# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads the declaration of an Active Directory agent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..configuration import distinguished_name
from .operators import OPERATORS, WITH_NUMBER, WITHOUT_VALUE, document_operator
from .problems import Node, kind_of, suggestion
from .values import ActiveDirectoryAgent, Credentials, Filter, FilterCondition, PartitionScope

_KEYS = ("name", "type", "forest", "credentials", "partitions", "filters", "disabled_users")
_PARTITION_KEYS = ("domain", "include", "exclude", "object_types")
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DNS_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")

Placed = list[tuple[str, str]]


def read_directory_agent(node: Node, credentials: Credentials | None) -> ActiveDirectoryAgent | None:
    """None, with what is wrong reported, when it cannot be read."""
    node.only(_KEYS)
    name = node.text("name", required=True)
    forest = _dns_name(node, "forest")
    partitions = [scope for path, item in node.items("partitions") or [] if (scope := _partition(Node(item, path, node.problems)))]
    _refuse_twins(partitions, node)
    filters = _filters(node)
    disabled = node.choice("disabled_users", ("filter", "synchronize"))
    if name is None:
        return None
    return ActiveDirectoryAgent(name, forest, credentials, tuple(partitions), filters, None if disabled is None else disabled == "filter", node.path)


def _refuse_twins(partitions: Sequence[PartitionScope], node: Node) -> None:
    seen: dict[str, str] = {}
    for scope in partitions:
        first = seen.setdefault(scope.domain.casefold(), scope.path)
        if first != scope.path:
            node.problems.add(f"{scope.path}.domain", f"{scope.domain!r} is declared twice, first at {first}")


def _dns_name(node: Node, key: str, *, required: bool = False) -> str | None:
    name = node.text(key, required=required)
    if name is not None and not _DNS_NAME.fullmatch(name):
        node.problems.add(node.at(key), f"is {name!r}, but must be a DNS name such as corp.example.com")
        return None
    return name


def _partition(node: Node) -> PartitionScope | None:
    if not node.value:
        return None
    node.only(_PARTITION_KEYS)
    domain = _dns_name(node, "domain", required=True)
    include, exclude = _containers(node, "include", domain), _containers(node, "exclude", domain)
    types = node.texts("object_types")
    if include is not None and not include and node.value["include"] == []:
        node.problems.add(node.at("include"), "is an empty list: nothing would be read; name the domain itself to read all of it")
    _check_overlap(node, include or [], exclude or [])
    if domain is None:
        return None
    return PartitionScope(domain, _values(include), _values(exclude), _values(types), node.path)


def _values(placed: Placed | None) -> tuple[str, ...] | None:
    return None if placed is None else tuple(text for _unused, text in placed)


def _containers(node: Node, key: str, domain: str | None) -> Placed | None:
    """The distinguished names of a list that are well-formed, inside of the domain and named once."""
    found, seen = node.texts(key), dict[str, str]()
    if found is None:
        return None
    good: Placed = []
    for path, dn in found:
        fault = _container_fault(dn, domain, seen)
        seen.setdefault(distinguished_name.comparable(dn), path)
        if fault:
            node.problems.add(path, fault)
        else:
            good.append((path, dn))
    return good


def _container_fault(dn: str, domain: str | None, seen: dict[str, str]) -> str:
    try:
        distinguished_name.split(dn)
    except ValueError as error:
        return f"{dn!r} is no distinguished name: {error}"
    first = seen.get(distinguished_name.comparable(dn))
    if first:
        return f"{dn!r} is named twice, first at {first}"
    if domain is not None and not distinguished_name.is_inside(dn, distinguished_name.of_domain(domain)):
        return f"{dn!r} lies outside of the domain {domain} ({distinguished_name.of_domain(domain)})"
    return ""


def _check_overlap(node: Node, include: Placed, exclude: Placed) -> None:
    for path, dn in include:
        outer = next((other for place, other in include if place != path and distinguished_name.is_inside(dn, other)), None)
        between = any(distinguished_name.is_inside(dn, other) and outer and distinguished_name.is_inside(other, outer) for _unused, other in exclude)
        if outer is not None and not between:
            node.problems.add(path, f"{dn!r} is read anyway as a part of {outer!r}; leave one of them out")
    for path, dn in exclude:
        if any(distinguished_name.same(dn, other) for _unused, other in include):
            node.problems.add(path, f"{dn!r} is included and excluded at once")
        elif include and not any(distinguished_name.is_inside(dn, other) for _unused, other in include):
            node.problems.add(path, f"{dn!r} lies in none of the included containers; it is not read anyway")


def _filters(node: Node) -> dict[str, tuple[Filter, ...]]:
    given = node.node("filters")
    if given is None:
        return {}
    found = {}
    for object_type in given.value:
        entries = given.items(str(object_type)) or []
        found[str(object_type)] = tuple(entry for path, item in entries if (entry := _filter(Node(item, path, node.problems))))
    return found


def _filter(node: Node) -> Filter | None:
    if not node.value:
        return None
    if not node.given("all"):
        condition = _condition(node)
        return Filter((condition,)) if condition else None
    node.only(("all",))
    conditions = [_condition(Node(item, path, node.problems)) for path, item in node.items("all") or []]
    return Filter(tuple(condition for condition in conditions if condition))


def _condition(node: Node) -> FilterCondition | None:
    node.only(("attribute", "operator", "value"))
    attribute, word = node.text("attribute", required=True), node.text("operator", required=True)
    if word is None:
        return None
    operator = document_operator(word)
    if operator is None:
        node.problems.add(node.at("operator"), f"is {word!r}, but must be one of {', '.join(OPERATORS)}{suggestion(word, OPERATORS)}")
        return None
    value = _value(node, operator)
    if attribute is None or value is None:
        return None
    return FilterCondition(attribute, operator, value, node.path)


def _value(node: Node, operator: str) -> str | int | None:
    value = node.value.get("value")
    if operator in WITHOUT_VALUE:
        if value not in (None, ""):
            node.problems.add(node.at("value"), f"does not go with the operator {operator}")
        return ""
    if value is None:
        node.problems.add(node.at("value"), "is missing")
        return None
    if operator in WITH_NUMBER:
        return _number(node, value)
    if isinstance(value, (str, int)):
        return str(value).lower() if isinstance(value, bool) else value
    node.problems.add(node.at("value"), f"must be text or a number, not {kind_of(value)}")
    return None


def _number(node: Node, value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        return int(value, 0) if isinstance(value, str) else int(str(value))
    except ValueError:
        node.problems.add(node.at("value"), f"must be a number, decimal or as 0x..., not {kind_of(value)} {value!r}")
        return None
