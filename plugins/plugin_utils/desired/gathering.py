# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A model as a declaration: what a user would have written to get it. Readable, sorted, short where that says it all.

Read back it gives the same model. Secrets stand as placeholders for variables of a vault.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..configuration.model import AttributeType, DeletionRule, ObjectClass, ServerConfiguration
from .gathering_agent import gather_agent
from .gathering_flows import flows_by_agent
from .naming import slugs
from .reading import read_attribute
from .words import DELETION, PROVISIONING, inverse


def gather(model: ServerConfiguration) -> dict[str, Any]:
    """The declaration, in the form of `sync_configuration`; each agent with its flows, the rest at the top."""
    names = {agent.id: agent.name for agent in model.agents}
    flows = flows_by_agent(model, names)
    agents, short = [], slugs(agent.name for agent in model.agents)
    for agent in sorted(model.agents, key=lambda agent: agent.name.casefold()):
        made = gather_agent(agent, short[agent.name])
        if agent.id in model.metaverse.recall:
            made["recall"] = model.metaverse.recall[agent.id]
        if flows.get(agent.name):
            made["flows"] = flows.pop(agent.name)
        agents.append(made)
    result: dict[str, Any] = {"provisioning": model.metaverse.provisioning} if model.metaverse.provisioning in PROVISIONING else {}
    result["metaverse"] = _metaverse(model, names)
    result["agents"] = agents
    strangers = [line for lines in flows.values() for line in lines]
    return {**result, **({"flows": strangers} if strangers else {})}


def _metaverse(model: ServerConfiguration, names: Mapping[str, str]) -> dict[str, Any]:
    metaverse = model.metaverse
    made: dict[str, Any] = {}
    made["attributes"] = {item.name: _attribute(item) for item in sorted(metaverse.schema.attributes.values(), key=lambda item: item.name.casefold())}
    made["object_types"] = {item.name: _class(item) for item in sorted(metaverse.schema.classes.values(), key=lambda item: item.name.casefold())}
    rules: dict[str, list[dict[str, Any]]] = {}
    for rule in sorted(metaverse.deletion_rules, key=lambda rule: rule.mv_object_type.casefold()):
        if rule.type in DELETION.values():
            rules.setdefault(rule.mv_object_type, []).append(_rule(rule, names))
    made["deletion_rules"] = {name: items[0] if len(items) == 1 else items for name, items in rules.items()}
    return {
        **{key: value for key, value in made.items() if value},
        "rules_extension": metaverse.extension,
        "password_sync": metaverse.password_sync,
        "password_history": metaverse.password_history,
    }


def _attribute(item: AttributeType) -> Any:
    short = read_attribute(item.name, item.syntax.value)
    made: dict[str, Any] = {"type": item.syntax.value}
    if not item.single_value:
        made["multivalued"] = True
    if item.indexed:
        made["indexed"] = True
    if item.indexable != (short.indexable or item.indexed):
        made["indexable"] = item.indexable
    return made if len(made) > 1 else item.syntax.value


def _class(item: ObjectClass) -> Any:
    attributes = sorted(item.attributes, key=str.casefold)
    return {"attributes": attributes, "required": sorted(item.required, key=str.casefold)} if item.required else attributes


def _rule(rule: DeletionRule, names: Mapping[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {"when": inverse(DELETION, rule.type)}
    if rule.agent_ids or rule.type in ("declared", "declared-any"):
        made["agents"] = sorted((names.get(agent, agent) for agent in rule.agent_ids), key=str.casefold)
    return made
