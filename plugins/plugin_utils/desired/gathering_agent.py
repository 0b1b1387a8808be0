# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One agent as a declaration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..configuration import distinguished_name
from ..configuration.model import (
    Condition,
    DirectMapping,
    FilterSet,
    JoinCriterion,
    JoinMapping,
    ManagementAgent,
    Parameter,
    Partition,
    Projection,
    RunProfile,
    RunStep,
    Source,
    StepKind,
)
from .agent_pages import USES, definition_of
from .flow_lines import read_name
from .gathering_creation import gather_creation
from .gathering_flows import name_of, source_of
from .kinds import AgentKind, kind_of_agent
from .naming import slug as slug_of
from .operators import OPERATORS
from .words import DEPROVISIONING, FILES, SCRIPTED, STEP_TYPES, inverse


def gather_agent(agent: ManagementAgent, slug: str) -> dict[str, Any]:
    """The agent without its flows. What is empty is left out. `slug` stands for its name in names of variables."""
    kind = kind_of_agent(agent)
    made: dict[str, Any] = {"name": agent.name, "type": kind.word, "description": agent.description}
    made |= _connection(agent, kind, slug)
    made |= gather_creation(agent, kind.word)
    made["partitions"] = [_partition(item) for item in agent.partitions]
    made["attributes"] = sorted(agent.included_attributes, key=str.casefold)
    made["filters"] = {item.object_type: _filters(item) for item in _sorted(agent.filters)}
    made["joins"] = {item.object_type: [_criterion(one) for one in item.criteria] for item in _sorted(agent.joins)}
    made["projections"] = _projections(agent.projections)
    made["deprovisioning"] = _deprovisioning(agent)
    made["rules_extension"] = agent.extension
    made["run_profiles"] = [_profile(agent, item) for item in sorted(agent.run_profiles, key=lambda item: item.name.casefold())]
    return {key: value for key, value in made.items() if value not in ("", [], {}, None)}


def placeholder(*names: str) -> str:
    """A reference to a variable of a vault, named for what it holds."""
    return "{{ vault_" + "_".join(names) + " }}"


def _sorted(items: Sequence[Any]) -> list[Any]:
    return sorted(items, key=lambda item: item.object_type.casefold())


def _connection(agent: ManagementAgent, kind: AgentKind, slug: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    user, domain = agent.settings.get("user", ""), agent.settings.get("domain", "")
    if kind.forest and agent.forest is not None:
        user, domain = agent.forest.user, agent.forest.domain
        made["forest"] = agent.forest.forest
        made |= {"sign_and_seal": agent.forest.sign_and_seal, "tls": agent.forest.ssl, "simple_bind": agent.forest.simple_bind}
    if user.strip():
        made["credentials"] = {**_account(user, domain), "password": placeholder(slug, "password")}
    made["settings"] = {name: agent.settings[name] for name in kind.settings if name in agent.settings}
    made["parameters"] = _parameters(agent, slug) if kind.parameters else {}
    return made


def _account(user: str, domain: str) -> dict[str, str]:
    if domain and not set(user) & set("\\@"):
        return {"username": f"{domain}\\{user}"}
    return {"username": user, "domain": domain} if domain else {"username": user}


def _parameters(agent: ManagementAgent, slug: str) -> dict[str, str]:
    """Texts by name; names that several pages of the connector use get the page in front."""
    count = Counter(item.name.casefold() for item in agent.parameters)
    made: dict[str, str] = {}
    for item in sorted(agent.parameters, key=lambda item: (item.name.casefold(), item.use)):
        if not item.name.strip():
            continue
        ambiguous = count[item.name.casefold()] > 1 or item.name.partition("/")[0] in USES
        key = f"{item.use}/{item.name}" if ambiguous and item.use in USES else item.name
        made.setdefault(key, placeholder(slug, slug_of(item.name)) if _is_secret(agent, item) else item.value)
    return made


def _is_secret(agent: ManagementAgent, item: Parameter) -> bool:
    definition = definition_of(agent.definitions, item.name, item.use)
    return item.encrypted or "encrypted-string" in (item.type, definition.type if definition else "")


def _partition(item: Partition) -> dict[str, Any]:
    made: dict[str, Any] = _place(item)
    if not item.selected:
        made["selected"] = False
    made["include"] = sorted(item.inclusions, key=str.casefold)
    made["exclude"] = sorted(item.exclusions, key=str.casefold)
    made["object_types"] = sorted(item.object_types, key=str.casefold)
    made["preferred_controllers"] = list(item.preferred_controllers)
    return {key: value for key, value in made.items() if value not in ([], None)}


def _place(item: Partition) -> dict[str, str]:
    """A domain by its DNS name, any other partition by its own."""
    dns = ".".join(part[3:] for part in item.name.lower().split(",") if part.startswith("dc="))
    if item.is_domain and item.dn and dns and distinguished_name.same(item.dn, distinguished_name.of_domain(dns)):
        return {"domain": dns}
    return {"name": item.name}


def _filters(item: FilterSet) -> Any:
    alternatives = [_alternative(one) for one in item.alternatives]
    if item.type == SCRIPTED and not alternatives and not item.import_filter:
        return SCRIPTED
    if item.type != SCRIPTED and not item.import_filter:
        return alternatives
    made: dict[str, Any] = {"any": alternatives} if alternatives else {}
    return {**made, **({"scripted": True} if item.type == SCRIPTED else {}), **({"import_filter": True} if item.import_filter else {})}


def _alternative(conditions: Sequence[Condition]) -> dict[str, Any]:
    made = [_condition(item) for item in conditions]
    return made[0] if len(made) == 1 else {"all": made}


def _condition(item: Condition) -> dict[str, Any]:
    operator: Any = inverse(OPERATORS, item.operator)
    made: dict[str, Any] = {"attribute": name_of(Source(item.attribute, item.intrinsic))}
    made["operator"] = operator if operator in OPERATORS else {"document": item.operator}
    return {**made, "value": item.value} if item.value else made


def _criterion(item: JoinCriterion) -> dict[str, Any]:
    made: dict[str, Any] = {"to": item.mv_object_type} if item.mv_object_type else {}
    made["match"] = _match(item.mappings)
    if item.resolution == SCRIPTED and item.resolution_context:
        made["resolution"] = item.resolution_context
    elif item.resolution != "none" or item.resolution_context:
        made["resolution"] = {"type": item.resolution, "rule": item.resolution_context}
    return {**made, "sync_rule": True} if item.sync_rule else made


def _match(mappings: Sequence[JoinMapping]) -> Any:
    """A dictionary by metaverse attribute; a list where two say the same name, or where one looks intrinsic and is not."""
    ends = [Source(one.mv_attribute, one.intrinsic) for one in mappings]
    sources = [_join_source(one.mapping) for one in mappings]
    if len(set(map(name_of, ends))) == len(ends) and all(read_name(name_of(end)) == end for end in ends):
        return dict(zip(map(name_of, ends), sources, strict=True))
    return [{"attribute": end.name, **({"intrinsic": True} if end.intrinsic else {}), "from": source} for end, source in zip(ends, sources, strict=True)]


def _join_source(mapping: Any) -> Any:
    if isinstance(mapping, DirectMapping) and read_name(name_of(mapping.source)) == mapping.source:
        return name_of(mapping.source)
    return source_of(mapping)


def _projections(items: Sequence[Projection]) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for item in _sorted(items):
        found.setdefault(item.object_type, []).append(_projection(item))
    return {name: made[0] if len(made) == 1 else made for name, made in found.items()}


def _projection(item: Projection) -> Any:
    if item.type == "declared" and item.mv_object_type:
        return item.mv_object_type
    made: dict[str, Any] = {"scripted": True} if item.type == SCRIPTED else {"type": item.type}
    return {**made, "to": item.mv_object_type} if item.mv_object_type else made


def _deprovisioning(agent: ManagementAgent) -> str | None:
    if agent.deprovisioning_type == SCRIPTED:
        return SCRIPTED
    known = agent.deprovisioning_type == "declared" and agent.deprovisioning in DEPROVISIONING.values()
    return inverse(DEPROVISIONING, agent.deprovisioning) if known else None


def _profile(agent: ManagementAgent, item: RunProfile) -> dict[str, Any]:
    """Without partitions where each selected one has the same steps: on one line if it is one step."""
    selected = [partition.id for partition in agent.partitions if partition.selected] or [""]
    bodies = [_step(step) for step in item.steps]
    everywhere = _for_all([step.partition_id for step in item.steps], bodies, selected)
    if everywhere:
        return {"name": item.name, **(everywhere[0] if len(everywhere) == 1 else {"steps": everywhere})}
    names = Counter(partition.name.casefold() for partition in agent.partitions)
    steps = []
    for step, body in zip(item.steps, bodies, strict=True):
        partition = next((one for one in agent.partitions if one.id == step.partition_id and names[one.name.casefold()] == 1), None)
        place = step.partition_id if partition is None else next(iter(_place(partition).values()))
        steps.append({"type": body.pop("type"), "partition": place, **body})
    return {"name": item.name, "steps": steps}


def _for_all(partitions: Sequence[str], bodies: Sequence[dict[str, Any]], selected: Sequence[str]) -> list[dict[str, Any]]:
    """The steps, each once, if each is made for all of the selected partitions in their order; else none."""
    made = []
    for first in range(0, len(bodies), len(selected)):
        block = slice(first, first + len(selected))
        if list(partitions[block]) != list(selected) or any(body != bodies[first] for body in bodies[block]):
            return []
        made.append(bodies[first])
    return made


def _step(step: RunStep) -> dict[str, Any]:
    words = STEP_TYPES.get(step.kind)
    made: dict[str, Any] = {"type": step.kind.value if step.kind is not StepKind.OTHER and words == (step.type, step.subtypes) else _words(step)}
    for name in ("object_limit", "delete_limit", "batch_size", "page_size", "timeout"):
        made[name] = getattr(step, name)
    data = dict(step.data)
    for name, path in FILES.items():
        made[name] = data.pop(path, "")
    return {key: value for key, value in {**made, "drop_file": step.drop_file, "data": data}.items() if key == "type" or value not in (0, "", {})}


def _words(step: RunStep) -> str:
    return "/".join((step.type, *step.subtypes))
