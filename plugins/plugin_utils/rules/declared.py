# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Flows of a declaration that say what they compute (`rule: sip_address`, `value: "{firstName} {lastName}"`).

Each becomes two things: a scripted mapping of the configuration, under the name that MIM's own designer would give it
(reference page `rules-extension` section 1.2), and a rule of that name in the rules file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..desired.problems import Problems, suggestion
from ..desired.reading import read_wish
from ..desired.wishes import ServerWish
from ..errors import InputError
from .lint import sources
from .model import FlowRule, RulesFile, Side
from .reader import Reading
from .walk import operands_of

# Keys of a line that make it one with a rule, and those that may go with them.
SAYS = ("value", "rule", "then")
GOES_ALONG = ("when", "when_empty", "default")
# The rules that the configuration of the solution names; they stay when nothing else is said.
STANDARD_RULES: Mapping[str, Any] = {"include": ["sharepoint"]}
_INTRINSIC = {("import", "dn"): "<dn>", ("import", "rdn"): "<dn>", ("export", "object_id"): "<object-id>"}


@dataclass(frozen=True)
class Declared:
    """`config`: the declaration with its rules by name; `rules`: the file that holds them, None if no rules are in play at all.

    `own` are the rules that flows of the declaration said, by their path.
    """

    config: Any
    rules: RulesFile | None
    own: Mapping[str, FlowRule]


@dataclass(frozen=True)
class _Line:
    """A flow that says a rule. `agent` and types belong to the end that is computed, `named` are the attributes it names itself."""

    path: str
    line: Mapping[str, Any]
    direction: str
    agent: str
    object_type: str
    mv_type: str
    target: str
    named: tuple[str, ...]


def declared(config: Any, rules: Any = None) -> Declared:
    """`rules` is the content of a rules file as YAML, or nothing. Raises InputError listing all faults of rules and flows."""
    problems = Problems()
    found = _declared(config, rules, problems)
    problems.stop()
    return found


def declared_wish(config: Any, rules: Any = None) -> tuple[Declared, ServerWish]:
    """The same with the declaration read; what is wrong with rules, flows and all else comes at once."""
    problems = Problems()
    found = _declared(config, rules, problems)
    wish = ServerWish()
    try:
        wish = read_wish(found.config)
    except InputError as error:
        known = {path for path, _unused in problems.found}
        for detail in error.details or (f"{error.path}: {error.message}",):
            path, _unused, message = detail.partition(": ")
            if path not in known:
                problems.add(path, message)
    problems.stop()
    return found, wish


def says_rules(config: Any) -> bool:
    """Whether any flow of a declaration says a rule."""
    return any(_says(line) for _path, line in _lines(config))


def _says(line: Any) -> bool:
    return isinstance(line, Mapping) and any(line.get(key) is not None for key in SAYS)


def _lines(config: Any) -> Iterator[tuple[str, Any]]:
    """Every flow of a declaration, of which nothing has been checked yet."""
    if not isinstance(config, Mapping):
        return
    yield from ((f"flows[{index}]", line) for index, line in enumerate(_listed(config.get("flows"))))
    for number, agent in enumerate(_listed(config.get("agents"))):
        flows = _listed(agent.get("flows")) if isinstance(agent, Mapping) else []
        yield from ((f"agents[{number}].flows[{index}]", line) for index, line in enumerate(flows))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _declared(config: Any, rules: Any, problems: Problems) -> Declared:
    saying = [(path, line) for path, line in _lines(config) if _says(line)]
    if not saying and not rules:
        return Declared(config, None, {})
    reading = Reading(rules or dict(STANDARD_RULES), problems, "rules" if saying else "")
    maker = _Maker(reading, problems)
    lines = {path: maker.line(path, line) for path, line in saying}
    whole = reading.finish(tuple(maker.own.values()))
    return Declared(_rewritten(config, lines), whole, maker.own)


class _Maker:
    """Makes rules of lines; a line that is wrong is told of and stands as a rule without a name."""

    def __init__(self, reading: Reading, problems: Problems) -> None:
        self.reading = reading
        self.problems = problems
        self.own: dict[str, FlowRule] = {}

    def line(self, path: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """The line as the configuration's language has it."""
        line = self.parsed(path, given)
        if line is None:
            return _bare(given)
        known = self.reading.rules
        name = str(given.get("rule") or "")
        if name and name not in known.values:
            standing = [flow for flow in known.flows if (flow.name, flow.direction) == (name, line.direction)]
            if standing:
                return self.standing(line, standing)
            names = [*known.values, *(flow.name for flow in known.flows if flow.direction == line.direction)]
            hint = suggestion(name, names) or f"; there are {', '.join(sorted(known.values))}"
            self.problems.add(f"{path}.rule", f"there is no rule named {name!r}{hint}")
            return _bare(given)
        return self.made(line)

    def standing(self, line: _Line, rules: list[FlowRule]) -> Mapping[str, Any]:
        """A rule of the file that has this name itself."""
        for key in (*GOES_ALONG, "then", "value"):
            if line.line.get(key) is not None:
                self.problems.add(f"{line.path}.{key}", f"does not go with a rule of the file that is a flow itself ({rules[0].name}); say it there")
        if all(rule.target.casefold() != line.target.casefold() for rule in rules):
            self.problems.add(f"{line.path}.rule", f"is {rules[0].name!r}, which writes {rules[0].target}, not {line.target}")
        read = tuple(name for rule in rules for name in _read(rule, self.reading.rules))
        return _written(line, _united(line.named, read), rules[0].name)

    def made(self, line: _Line) -> Mapping[str, Any]:
        content = {key: line.line[key] for key in (*SAYS, *GOES_ALONG) if line.line.get(key) is not None}
        if "value" not in content and "rule" not in content:
            if not line.named:
                self.problems.add(f"{line.path}.then", "needs a value; name an attribute at the end that values come from, or say value or rule")
                return _bare(line.line)
            content["from"] = list(line.named)
        ends = {"agent": line.agent, "object_type": line.object_type, "mv_type": line.mv_type}
        rule = self.reading.flow({**content, **ends, "name": line.path, "direction": line.direction, "to": line.target}, line.path)
        if rule is None:
            return _bare(line.line)
        read = _united(line.named, _read(rule, self.reading.rules))
        if not read:
            side = "the metaverse object" if line.direction == "export" else "the connector"
            self.problems.add(line.path, f"reads nothing of {side}, so the service would never call the rule; for a fixed value say constant in the long form")
            return _bare(line.line)
        name = _context(line, read)
        if any(other.name == name and other.select == rule.select for other in self.own.values()):
            self.problems.add(line.path, f"has the same ends and sources as another flow with a rule ({name})")
        self.own[line.path] = replace(rule, name=name)
        return _written(line, read, name)

    def parsed(self, path: str, given: Mapping[str, Any]) -> _Line | None:
        """The ends of a line; what else is wrong with them is told by who reads the whole declaration."""
        origin, middle, target = _end(given.get("from"), 3), _end(given.get("through"), 2), _end(given.get("to"), 3)
        if middle is None or (given.get("from") is not None and origin is None) or (given.get("to") is not None and target is None):
            return None
        for key, end in (("from", given.get("from")), ("through", given.get("through"))):
            twice = [name for name in ("rule", "constant", "dn_part", "sync_rule") if isinstance(end, Mapping) and end.get(name) is not None]
            if twice:
                self.problems.add(f"{path}.{key}.{twice[0]}", "does not go together with value, rule or then of the flow itself")
                return None
        if origin is not None:
            if len(middle.named) != 1:
                self.problems.add(f"{path}.through", "must name one metaverse attribute, because the flow has a 'from'")
                return None
            return _Line(path, given, "import", origin.agent, origin.object_type, middle.object_type, middle.named[0], origin.named)
        if target is None or len(target.named) != 1:
            return None
        return _Line(path, given, "export", target.agent, target.object_type, middle.object_type, target.named[0], middle.named)


@dataclass(frozen=True)
class _Ends:
    agent: str
    object_type: str
    named: tuple[str, ...]


def _end(given: Any, parts: int) -> _Ends | None:
    """One end, whose attribute may be left out; None for what is none, which is told elsewhere."""
    if isinstance(given, Mapping):
        names = (given["attribute"],) if given.get("attribute") else tuple(_listed(given.get("attributes")))
        return _Ends(str(given.get("agent", "")), str(given.get("object_type", "")), tuple(map(str, names)))
    if not isinstance(given, str):
        return None
    pieces = [piece.strip() for piece in given.split("/")]
    if not all(pieces) or len(pieces) not in (parts, parts - 1):
        return None
    named = tuple(pieces[parts - 1 :])
    return _Ends(pieces[0] if parts == 3 else "", pieces[parts - 2], named)


def _read(rule: FlowRule, rules: RulesFile) -> tuple[str, ...]:
    """What the scripted mapping has to list: attributes, and the object's own name in angle brackets."""
    pseudo = [operand.name for operand in operands_of(rule, rules) if operand.side is Side.PSEUDO]
    return _united(sources(rule, rules), tuple(_INTRINSIC[rule.direction, name] for name in pseudo if (rule.direction, name) in _INTRINSIC))


def _united(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    names: dict[str, str] = {}
    for name in (*first, *second):
        names.setdefault(name.casefold(), name)
    return tuple(names.values())


def _context(line: _Line, read: tuple[str, ...]) -> str:
    """The name that the designer gives a scripted flow."""
    if line.direction == "import":
        return f"cd.{line.object_type}:{','.join(read)}->mv.{line.mv_type}:{line.target}"
    return f"cd.{line.object_type}:{line.target}<-mv.{line.mv_type}:{','.join(read)}"


def _written(line: _Line, read: tuple[str, ...], name: str) -> Mapping[str, Any]:
    """The line with the computed end in the long form."""
    scripted: dict[str, Any] = {"object_type": line.object_type, "attributes": list(read), "rule": name}
    rest = {key: value for key, value in line.line.items() if key not in (*SAYS, *GOES_ALONG)}
    if line.direction == "import":
        return {**rest, "from": {"agent": line.agent, **scripted}}
    return {**rest, "through": {**scripted, "object_type": line.mv_type}}


def _bare(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A faulty line without its rule, so that the rest of it is still read."""
    rest = {key: value for key, value in given.items() if key not in (*SAYS, *GOES_ALONG)}
    for key, parts in (("from", 3), ("through", 2)):
        end = _end(rest.get(key), parts)
        if end is not None and not end.named:
            about = {"agent": end.agent} if key == "from" else {}
            rest[key] = {**about, "object_type": end.object_type, "attributes": ["?"], "rule": "?"}
    return rest


def _rewritten(config: Any, lines: Mapping[str, Mapping[str, Any]]) -> Any:
    """The declaration with lines replaced by their paths."""
    if not lines:
        return config
    made = dict(config)

    def flows(given: Any, path: str) -> list[Any]:
        return [lines.get(f"{path}flows[{index}]", line) for index, line in enumerate(_listed(given))]

    if config.get("flows") is not None:
        made["flows"] = flows(config["flows"], "")
    if config.get("agents") is not None:
        made["agents"] = [_agent(agent, flows, f"agents[{number}].") for number, agent in enumerate(_listed(config["agents"]))]
    return made


def _agent(agent: Any, flows: Callable[[Any, str], list[Any]], path: str) -> Any:
    if not isinstance(agent, Mapping) or agent.get("flows") is None:
        return agent
    return {**agent, "flows": flows(agent["flows"], path)}
