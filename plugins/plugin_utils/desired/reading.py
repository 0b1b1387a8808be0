# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads the declaration of a whole server: everything that is wrong with it at once, or values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..configuration.model import AttributeType, DeletionRule, Syntax
from .agent_reading import read_agent
from .checker import at, check
from .flow_lines import read_flow, read_flows
from .language import CONFIGURATION
from .problems import Problems
from .profile_reading import read_profiles
from .wishes import AgentWish, ClassWish, ExportWish, ImportWish, MetaverseWish, ServerWish
from .words import DELETION


def read_wish(data: Any) -> ServerWish:
    """`data` is what stands below `sync_configuration`. Raises InputError whose `details` list all faults, each with its path."""
    problems = Problems()
    plain = _plain(data)
    check(plain, CONFIGURATION, "", problems)
    if problems.found and isinstance(plain, dict):
        _read_sound(plain, problems)
    problems.stop()
    wish = _read(plain, problems)
    problems.stop()
    return wish


# Keys below which texts may be passwords.
_AS_WRITTEN = frozenset({"password", "parameters"})


def _read_sound(data: Mapping[str, Any], problems: Problems) -> None:
    """Reads the flows and agents that have the right form, so that what is wrong with them is told beside the others' form."""
    faulty = {path[:end] for path, _message in problems.found for end in range(len(path) + 1) if end == len(path) or path[end] in ".["}
    agents = data.get("agents") if isinstance(data.get("agents"), list) else []
    named = [agent if isinstance(agent, dict) and isinstance(agent.get("name"), str) else {} for agent in agents or ()]
    for path, lines in (("flows", data.get("flows")), *((f"agents[{index}].flows", agent.get("flows")) for index, agent in enumerate(named))):
        for index, line in enumerate(lines if isinstance(lines, list) else ()):
            if f"{path}[{index}]" not in faulty:
                read_flow(line, f"{path}[{index}]", problems, [], [])
    sound = [read_agent(agent, path, problems) for index, agent in enumerate(named) if agent and (path := f"agents[{index}]") not in faulty]
    _refuse_twins(sound, problems)


def _plain(value: Any, *, as_written: bool = False) -> Any:
    """Python's own types: Ansible hands over texts, lists and dictionaries that also remember where they came from.

    White space around a text means nothing in a document, so it is left out; but for what may be a secret.
    """
    if isinstance(value, Mapping):
        return {_plain(key, as_written=True): _plain(item, as_written=as_written or key in _AS_WRITTEN) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, as_written=as_written) for item in value]
    if isinstance(value, str):
        text = str.__str__(value)
        return text if as_written else text.strip()
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _read(data: Mapping[str, Any], problems: Problems) -> ServerWish:
    imports, exports = read_flows(data.get("flows"), "flows", problems)
    agents: list[AgentWish] = []
    for index, given in enumerate(data.get("agents") or []):
        path = f"agents[{index}]"
        agents.append(read_agent(given, path, problems))
        more_imports, more_exports = read_flows(given.get("flows"), at(path, "flows"), problems)
        _check_belonging(given["name"], more_imports, more_exports, problems)
        imports += more_imports
        exports += more_exports
    _refuse_twins(agents, problems)
    return ServerWish(
        agents=tuple(agents),
        imports=tuple(imports),
        exports=tuple(exports),
        flows_named=data.get("flows") is not None,
        metaverse=_metaverse(data.get("metaverse") or {}, problems),
        provisioning=data.get("provisioning"),
        run_profiles=read_profiles(data.get("run_profiles"), "run_profiles"),
    )


def _check_belonging(agent: str, imports: list[ImportWish], exports: list[ExportWish], problems: Problems) -> None:
    """A line in an agent's own list has that agent at one of its ends."""
    ends: dict[str, set[str]] = {}
    both: list[ImportWish | ExportWish] = [*imports, *exports]
    for wish in both:
        ends.setdefault(wish.path, set()).add(wish.agent.casefold())
    for path, names in ends.items():
        if agent.casefold() not in names:
            problems.add(path, f"stands with the agent {agent!r}, but none of its ends is there; move it to the agent it belongs to, or to the top")


def _refuse_twins(agents: list[AgentWish], problems: Problems) -> None:
    seen: dict[str, str] = {}
    for agent in agents:
        first = seen.setdefault(agent.name.casefold(), agent.path)
        if first != agent.path:
            problems.add(f"{agent.path}.name", f"{agent.name!r} is declared twice, first at {first}")


def _metaverse(given: Mapping[str, Any], problems: Problems) -> MetaverseWish:
    attributes, types, rules = given.get("attributes"), given.get("object_types"), given.get("deletion_rules")
    return MetaverseWish(
        attributes=None if attributes is None else {name: read_attribute(name, item) for name, item in attributes.items()},
        object_types=None if types is None else {name: _class(item) for name, item in types.items()},
        deletion_rules=None if rules is None else {name: _rules(name, item, problems) for name, item in rules.items()},
        precedence={name.casefold(): tuple(agents) for name, agents in (given.get("precedence") or {}).items()},
        rules_extension=given.get("rules_extension"),
        password_sync=given.get("password_sync"),
        password_history=given.get("password_history"),
    )


def read_attribute(name: str, given: Any) -> AttributeType:
    """A metaverse attribute; text is indexable if nothing else is said, as in the designer's first choice."""
    values: Mapping[str, Any] = {"type": given} if isinstance(given, str) else given
    syntax = Syntax(values["type"])
    indexed = bool(values.get("indexed"))
    indexable = values.get("indexable")
    return AttributeType(
        name,
        syntax,
        single_value=not values.get("multivalued"),
        indexable=(syntax is Syntax.STRING or indexed) if indexable is None else indexable,
        indexed=indexed,
    )


def _class(given: Any) -> ClassWish:
    if isinstance(given, dict):
        required = given.get("required")
        return ClassWish(tuple(given.get("attributes") or ()), None if required is None else frozenset(required))
    return ClassWish(tuple(given))


def _rules(mv_type: str, given: Any, problems: Problems) -> tuple[DeletionRule, ...]:
    path = at("metaverse.deletion_rules", mv_type)
    made = []
    for rule in given if isinstance(given, list) else [given]:
        if rule["when"] in ("any", "declared") and rule.get("agents") is None:
            problems.add(at(path, "agents"), f"is missing; a rule of the kind {rule['when']!r} names the agents whose connectors count")
        made.append(DeletionRule("", mv_type, DELETION[rule["when"]], tuple(rule.get("agents") or ())))
    return tuple(made)
