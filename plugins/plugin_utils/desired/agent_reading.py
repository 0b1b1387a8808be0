# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads the declaration of one agent of any kind. The data has been checked already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..configuration.model import AttributeType, Condition, FilterSet, JoinCriterion, JoinMapping, Projection, Source, Syntax
from .agent_pages import USES
from .checker import at
from .creating import read_creation
from .declaration import read_account, read_endpoint
from .file_settings import document_value
from .flow_lines import read_name, read_source
from .operators import document_operator
from .problems import Node, Problems
from .profile_reading import read_profiles
from .wishes import AccountWish, AgentWish, ParameterWish, PartitionWish
from .words import DEPROVISIONING, SCRIPTED

PICTURE_PARAMETER = "Picture Flow Direction"
PICTURES = {"to_sharepoint": "Export only (NEVER from SharePoint)", "from_sharepoint": "Import only (ALWAYS from SharePoint)"}


def read_agent(given: Mapping[str, Any], path: str, problems: Problems) -> AgentWish:
    filters, joins, projections = given.get("filters"), given.get("joins"), given.get("projections")
    return AgentWish(
        name=given["name"].strip(),
        kind=given["type"],
        path=path,
        absent=given.get("state") == "absent",
        confirm=given.get("confirm") or "",
        description=given.get("description"),
        account=_account(given, path, problems),
        attributes=_names(given, "attributes"),
        schema_refresh={kind: tuple(_new_attribute(*item) for item in items.items()) for kind, items in (given.get("schema_refresh") or {}).items()},
        partitions=_partitions(given, path),
        filters=None if filters is None else {name: _filter_set(name, item) for name, item in filters.items()},
        joins=None if joins is None else {name: _criteria(items, at(at(path, "joins"), name), problems) for name, items in joins.items()},
        projections=None if projections is None else {name: _projections(name, item) for name, item in projections.items()},
        flows_named=given.get("flows") is not None,
        deprovisioning=_deprovisioning(given.get("deprovisioning")),
        run_profiles=read_profiles(given.get("run_profiles"), at(path, "run_profiles")),
        rules_extension=given.get("rules_extension"),
        recall=given.get("recall"),
        forest=given.get("forest"),
        sign_and_seal=given.get("sign_and_seal"),
        tls=given.get("tls"),
        simple_bind=given.get("simple_bind"),
        disabled_users=None if given.get("disabled_users") is None else given["disabled_users"] == "filter",
        settings={name: document_value(name, value) for name, value in (given.get("settings") or {}).items() if value is not None},
        parameters=(*_parameters(given, path), *_endpoint(given, path, problems)),
        pictures=given.get("pictures"),
        renamed_from=(given.get("renamed_from") or "").strip(),
        creation=read_creation(given),
    )


def _names(given: Mapping[str, Any], key: str) -> tuple[str, ...] | None:
    return None if given.get(key) is None else tuple(given[key])


def _new_attribute(name: str, given: Any) -> AttributeType:
    values: Mapping[str, Any] = {"type": given} if isinstance(given, str) else given
    return AttributeType(name, Syntax(values["type"]), single_value=not values.get("multivalued"))


def _deprovisioning(word: str | None) -> str | None:
    return None if word is None else DEPROVISIONING.get(word, word)


def _account(given: Mapping[str, Any], path: str, problems: Problems) -> AccountWish | None:
    """Database logins and local accounts have no domain."""
    found = given.get("credentials")
    if found is None:
        return None
    written, domain, password = found["username"].strip(), (found.get("domain") or "").strip(), found.get("password")
    if not domain and "\\" not in written and "@" not in written:
        return AccountWish(written, "", "", written, password)
    account = read_account(Node(found, at(path, "credentials"), problems), written, domain)
    return None if account is None else AccountWish(written, domain, *account, password)


def _partitions(given: Mapping[str, Any], path: str) -> tuple[PartitionWish, ...] | None:
    if given.get("partitions") is None:
        return None
    return tuple(
        PartitionWish(
            item.get("domain") or "",
            item.get("name") or "",
            item.get("selected"),
            _names(item, "include"),
            _names(item, "exclude"),
            _names(item, "object_types"),
            _names(item, "preferred_controllers"),
            f"{at(path, 'partitions')}[{index}]",
        )
        for index, item in enumerate(given["partitions"])
    )


def _filter_set(object_type: str, given: Any) -> FilterSet:
    if given == SCRIPTED:
        return FilterSet(object_type, SCRIPTED)
    values = {"any": given} if isinstance(given, list) else given
    alternatives = tuple(_alternative(item) for item in values.get("any") or ())
    return FilterSet(object_type, SCRIPTED if values.get("scripted") else "declared", alternatives, bool(values.get("import_filter")))


def _alternative(given: Mapping[str, Any]) -> tuple[Condition, ...]:
    return tuple(_condition(item) for item in (given["all"] if given.get("all") is not None else [given]))


def _condition(given: Mapping[str, Any]) -> Condition:
    attribute, operator, value = read_name(given["attribute"]), given.get("operator", "present"), given.get("value", "")
    word = operator["document"] if isinstance(operator, dict) else document_operator(operator) or operator
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return Condition(attribute.name, word, text, attribute.intrinsic)


def _criteria(items: Any, path: str, problems: Problems) -> tuple[JoinCriterion, ...]:
    return tuple(_criterion(item, f"{path}[{index}]", problems) for index, item in enumerate(items))


def _criterion(given: Mapping[str, Any], path: str, problems: Problems) -> JoinCriterion:
    match = given["match"]
    if isinstance(match, dict):
        pairs = [(read_name(name), source) for name, source in match.items()]
    else:
        pairs = [(Source(item["attribute"], bool(item.get("intrinsic"))), item["from"]) for item in match]
    found = [(end, read_source(source, at(at(path, "match"), end.name), problems)) for end, source in pairs]
    mappings = tuple(JoinMapping(end.name, mapping, end.intrinsic) for end, mapping in found if mapping is not None)
    resolution, portal = given.get("resolution"), bool(given.get("sync_rule"))
    if isinstance(resolution, dict):
        return JoinCriterion("", given.get("to") or "", mappings, resolution["type"], resolution.get("rule") or "", portal)
    return JoinCriterion("", given.get("to") or "", mappings, SCRIPTED if resolution else "none", resolution or "", portal)


def _projections(object_type: str, given: Any) -> tuple[Projection, ...]:
    return tuple(_projection(object_type, item) for item in (given if isinstance(given, list) else [given]))


def _projection(object_type: str, given: Any) -> Projection:
    if isinstance(given, str):
        return Projection("", object_type, "declared", given)
    kind = given.get("type") or (SCRIPTED if given.get("scripted") else "declared")
    return Projection("", object_type, kind, given.get("to") or "")


def _parameters(given: Mapping[str, Any], path: str) -> list[ParameterWish]:
    made = []
    for name, value in (given.get("parameters") or {}).items():
        use, _unused, rest = name.partition("/") if name.partition("/")[0] in USES else ("", "", name)
        text = str(int(value)) if isinstance(value, bool) else str(value)
        made.append(ParameterWish(rest, text, use, at(at(path, "parameters"), name)))
    return made


def _endpoint(given: Mapping[str, Any], path: str, problems: Problems) -> list[ParameterWish]:
    """The SharePoint agent's address and direction of pictures, as parameters of its connector."""
    made = []
    if given.get("url") is not None:
        endpoint = read_endpoint(Node(given, path, problems)) or ()
        made += [ParameterWish(name, text, "", at(path, "url")) for name, text in zip(("HTTP Protocol", "Host Name", "Port"), endpoint, strict=False)]
    if given.get("pictures") is not None:
        made.append(ParameterWish(PICTURE_PARAMETER, PICTURES[given["pictures"]], "", at(path, "pictures")))
    return made
