# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plans for declarations in the whole language: what the first planner knows, then all further differences of the models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..configuration.folder import Folder
from ..desired.declaration import AGENT_TYPES
from ..desired.problems import Problems
from ..desired.wanted import Wanted, wanted_model
from ..desired.wishes import ServerWish
from .change import Plan
from .changes import changes_between
from .checks import faults, prepared
from .facts import DirectoryFacts
from .new_agents import template_agent
from .new_agents.forests import with_contexts
from .refresh import refreshes
from .renaming import renames

_TOP = frozenset({"agents", "provisioning"})
_PARTITION = frozenset({"domain", "include", "exclude", "object_types"})
_FIRST_KEYS: Mapping[str, frozenset[str]] = {
    "active_directory": frozenset({"name", "type", "forest", "credentials", "partitions", "filters", "disabled_users"}),
    "sharepoint_profile_store": frozenset({"name", "type", "url", "pictures", "credentials"}),
}


def needs_whole_language(config: Any, state: str) -> bool:
    """True if a declaration says more than forest, scope, filters, addresses, pictures and accounts."""
    if not isinstance(config, dict) or state != "merged":
        return isinstance(config, dict)
    return bool(set(config) - _TOP) or any(_is_new(agent) for agent in _listed(config.get("agents")))


def _is_new(agent: Any) -> bool:
    if not isinstance(agent, dict) or not isinstance(agent.get("type"), str):
        return False
    known = _FIRST_KEYS.get(agent["type"])
    if known is None:
        return True
    odd = any(isinstance(item, dict) and set(item) - _PARTITION for item in _listed(agent.get("partitions")))
    filters = agent.get("filters")
    return odd or bool(set(agent) - known) or (isinstance(filters, dict) and any(not isinstance(item, list) for item in filters.values()))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def first_part(config: Mapping[str, Any], state: str) -> dict[str, Any]:
    """What of a checked declaration the first planner does: forests, scopes by domain, addresses, pictures, passwords."""
    if state == "deleted":
        return {}
    made: dict[str, Any] = {"agents": [_first_agent(agent) for agent in config.get("agents") or [] if _has_first_part(agent)]}
    return {**made, **({"provisioning": config["provisioning"]} if config.get("provisioning") else {})}


def _has_first_part(agent: Mapping[str, Any]) -> bool:
    return agent["type"] in AGENT_TYPES and agent.get("state") != "absent"


def _first_agent(agent: Mapping[str, Any]) -> dict[str, Any]:
    made = {key: agent[key] for key in _FIRST_KEYS[agent["type"]] - {"filters", "disabled_users", "partitions"} if agent.get(key) is not None}
    if not (made.get("credentials") or {}).get("password"):
        made.pop("credentials", None)
    partitions = [item for item in agent.get("partitions") or [] if item.get("domain") and item.get("selected") is not False]
    if partitions:
        made["partitions"] = [{key: value for key, value in item.items() if key in _PARTITION} for item in partitions]
    return made


def extend_plan(plan: Plan, wish: ServerWish, state: str, facts: DirectoryFacts | None = None) -> Wanted:
    """Adds what the first planner left to do; raises InputError and PlanError. `facts`: of forests, None where no host was asked."""
    problems = Problems()
    wanted = wanted_model(plan.planned.model(), wish, state, template_agent, problems)
    if problems.found:
        _refuse(plan, wanted, problems)
    wanted = replace(wanted, model=with_contexts(wanted, facts))
    for change in renames(plan.planned.model(), wanted.model):
        plan.add(change)
    present = plan.planned.model()
    for change in refreshes(present, wanted.model):
        plan.add(change)
    for change in changes_between(present, prepared(present, wanted.model, wanted.paths)):
        plan.add(change)
    return wanted


def _refuse(plan: Plan, wanted: Wanted, problems: Problems) -> None:
    """Raises InputError: besides what names nothing that is there, what cannot be of all else that was declared; of each place what came first."""
    declared = set(wanted.paths.values())
    told = {path for path, _message in problems.found}
    present = plan.planned.model()
    ids = {agent.id: agent.name for agent in wanted.model.agents}
    renamed = replace(present, agents=tuple(replace(agent, name=ids.get(agent.id, agent.name)) for agent in present.agents))
    for problem in faults(renamed, wanted.model, wanted.paths):
        if problem.place in declared and problem.place not in told:
            problems.add(problem.place, problem.message)
    problems.stop()


def plan_on_files(folder: Folder, wish: ServerWish, state: str) -> tuple[Plan, Wanted]:
    """The plan for files of a server that is not asked. `folder` becomes the planned one."""
    plan = Plan(folder)
    return plan, extend_plan(plan, wish, state)
