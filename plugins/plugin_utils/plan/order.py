# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host is told to do for a plan: files to import, credentials and connectivity to set."""

from __future__ import annotations

from typing import Any

from ..configuration.folder import Folder
from ..configuration.reader import agent_data
from ..desired import Declaration, ProfileStoreAgent
from ..desired.values import Agent
from .change import Plan, SecretOrder
from .credentials import Record, agent_of_key, remembered, remembered_secret


def credential_orders(plan: Plan, declaration: Declaration) -> list[dict[str, Any]]:
    """One order for each agent whose password is set, without the password (see `passwords`)."""
    return [*(_order(plan.planned, agent) for agent in _agents(plan, declaration)), *map(_secret_order, plan.secrets)]


def passwords(plan: Plan, declaration: Declaration) -> dict[str, str]:
    """Agent -> password, for the same agents; secrets of parameters under the names that their orders give."""
    accounts = {agent.name: agent.credentials.password for agent in _agents(plan, declaration) if agent.credentials}
    return {**accounts, **{one.key(name): value for one in plan.secrets for name, value in one.values.items()}}


def new_record(plan: Plan, declaration: Declaration, record: Record) -> Record:
    """The record of passwords once the orders are carried out; agents that are gone are forgotten."""
    kept = {name: entry for name, entry in record.items() if plan.planned.agent(agent_of_key(name)) is not None}
    for agent in _agents(plan, declaration):
        if agent.credentials:
            identifier = plan.planned.agent_element(agent.name).find_text("id").upper()
            kept = remembered(kept, agent.name, identifier, agent.credentials)
    for one in plan.secrets:
        for name, value in one.values.items():
            kept = remembered_secret(kept, one.agent, one.agent_id, name, value)
    return kept


def provisioning_order(plan: Plan, declaration: Declaration) -> str:
    """`true` or `false` for the cmdlet that switches provisioning by rules extension; empty to leave it."""
    if not any(change.kind == "provisioning" for change in plan.changes) or declaration.provisioning not in ("none", "scripted"):
        return ""
    return "true" if declaration.provisioning == "scripted" else "false"


def _agents(plan: Plan, declaration: Declaration) -> list[Agent]:
    names = {change.agent.casefold() for change in plan.changes if change.kind == "password"}
    return [agent for agent in declaration.agents if agent.name.casefold() in names]


def _secret_order(one: SecretOrder) -> dict[str, Any]:
    """Parameters by the names that cmdlets give them: without blanks."""
    named = {name.replace(" ", ""): one.key(name) for name in one.values}
    return {"agent": one.agent, "kind": one.kind, "account": one.account, "use": one.use, "parameters": dict(one.settings), "secrets": named}


def _order(folder: Folder, agent: Agent) -> dict[str, Any]:
    data = folder.agent_element(agent.name)
    account = agent.credentials.account if agent.credentials else ""
    common = {"agent": data.find_text("name"), "account": account}
    if isinstance(agent, ProfileStoreAgent):
        return {**common, "kind": "ecma2", "use": "connectivity", "parameters": _connectivity(folder, agent.name), "secrets": {}}
    # The cmdlet reconfigures partitions and containers that it is not told of (reference `field-notes`).
    selected = [partition for partition in data.find_all("ma-partition-data/partition") if partition.find_text("selected") == "1"]
    containers = [item.text.strip() for partition in selected for item in partition.find_all("filter/containers/inclusions/inclusion")]
    return {
        **common,
        "kind": "ad",
        "forest": data.find_text("private-configuration/adma-configuration/forest-name"),
        "partitions": ";".join(partition.find_text("name") for partition in selected),
        "containers": ";".join(containers),
    }


def _connectivity(folder: Folder, agent: str) -> dict[str, str]:
    """The connector's connectivity parameters by the names that its cmdlet gives them: without blanks."""
    data = agent_data(folder.agents[agent.casefold()])
    own = {"Domain", "User Name"}
    return {
        item.get("name").replace(" ", ""): item.text.strip()
        for item in data.find_all("private-configuration/MAConfig/parameter-values/parameter")
        if item.get("use") == "connectivity" and item.get("encrypted") != "1" and item.get("name") not in own and item.text.strip()
    }
