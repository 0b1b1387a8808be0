# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes the plan: everything that must change for the server to hold what is declared, in order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ..configuration.folder import Folder, read_folder
from ..desired import ActiveDirectoryAgent, Declaration, ProfileStoreAgent
from ..desired.values import Agent
from .change import Change, Plan
from .context import Context, metaverse_of
from .facts import DirectoryFacts, ForestFacts
from .filters import plan_filters
from .forest import plan_forest
from .pictures import plan_pictures
from .profile_store import plan_profile_store
from .scope import plan_scope
from .source import plan_capital_identifiers, plan_missing_agents

# Kinds of changes after which the password on the server is that of another account.
_ACCOUNT_KINDS = frozenset({"account", "account's domain", "Domain", "User Name"})


@dataclass(frozen=True)
class Present:
    """What a server holds. `source` is the folder that missing agents come from, `source_name` how it is called in sentences.

    `known_credentials` names (in lower case) the agents whose declared password is the one that was set last,
    `left_alone` those whose password is never set. `made_elsewhere`: agents that are nowhere are made from nothing by others.
    """

    files: Mapping[str, bytes]
    facts: DirectoryFacts = field(default_factory=DirectoryFacts)
    source: Folder | None = None
    source_name: str = ""
    known_credentials: Collection[str] = ()
    left_alone: Collection[str] = ()
    made_elsewhere: bool = False


def make_plan(declaration: Declaration, present: Present) -> Plan:
    """Raises PlanError listing everything that cannot be reached, DocumentError for documents that cannot be read.

    The same input gives the same plan; a plan made of its own result is empty.
    """
    context = Context(Plan(read_folder(present.files)), present.facts)
    plan_missing_agents(context, declaration, present.source, present.source_name, made_elsewhere=present.made_elsewhere)
    there = [agent for agent in declaration.agents if context.plan.planned.agent(agent.name) is not None]
    plan_capital_identifiers(context)
    for agent in there:
        _plan_agent(context, agent)
    for agent in there:
        if isinstance(agent, ProfileStoreAgent) and not context.faults:
            plan_pictures(context, declaration, agent)
    if declaration.provisioning is not None:
        _plan_provisioning(context, declaration.provisioning)
    context.stop()
    for agent in there:
        if agent.name.casefold() not in present.left_alone:
            _plan_credentials(context, agent, present.known_credentials)
    return context.plan


def _plan_agent(context: Context, agent: Agent) -> None:
    if isinstance(agent, ProfileStoreAgent):
        plan_profile_store(context, agent)
        return
    before = len(context.faults)
    facts = _facts(context, agent)
    plan_forest(context, agent, facts)
    if len(context.faults) == before:
        plan_scope(context, agent, facts)
        plan_filters(context, agent)


def _facts(context: Context, agent: ActiveDirectoryAgent) -> ForestFacts | None:
    facts = context.facts.forest(agent.forest) if agent.forest else None
    if facts is not None and facts.error:
        context.fault(f"{agent.path}.forest", f"the forest {facts.name!r} cannot be asked: {facts.error}")
    return facts


def _plan_provisioning(context: Context, wanted: str) -> None:
    found = metaverse_of(context.plan.planned).require("provisioning")
    present = found.get("type", "none")
    if present == wanted:
        return

    def edit(folder: Folder) -> None:
        metaverse_of(folder).require("provisioning").set_attribute("type", wanted)

    context.plan.add(Change("", "provisioning", f"metaverse: provisioning {present} -> {wanted}", present, wanted, edit=edit))


def _plan_credentials(context: Context, agent: Agent, known: Collection[str]) -> None:
    """A password is set when it is not known to be there, and when the server has had another account until now."""
    name = agent.name.casefold()
    moved = any(change.agent.casefold() == name and change.kind in _ACCOUNT_KINDS for change in context.plan.changes)
    if agent.credentials is None or (name in known and not moved):
        return
    account = agent.credentials.account
    context.plan.add(Change(agent.name, "password", f"{agent.name}: password of {account} set", "", f"of {account} set"))
