# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A declaration as files of variables, one an agent, and back. Texts are written as a person would: flows on one line each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from ..errors import InputError
from .language import CONFIGURATION
from .naming import slugs
from .problems import kind_of
from .yaml_reading import Unsafe, parsed

VARIABLE = "sync_configuration_declaration"
RULES_VARIABLE = "sync_solution_rules"
RULES_FILE = "sync_solution_rules.yml"
MAIN_FILE = "sync_configuration.yml"
_AGENT_VARIABLE = "mimsync_agent_"
# Lines are not broken: a flow is one line.
_WIDTH = 4096
_PLACEHOLDER = re.compile(r"\{\{ (\w+) \}\}")
_VAULT = re.compile(r"\{\{ (vault_\w+) \}\}")
# Lists and dictionaries that stand on one line when they fit.
_INLINE = 120


def variable_files(declaration: Mapping[str, Any]) -> dict[str, str]:
    """File name -> content: one file an agent, and one for the rest that puts them together."""
    files: dict[str, str] = {}
    references = []
    names = slugs(agent["name"] for agent in declaration.get("agents") or [])
    for agent in declaration.get("agents") or []:
        slug = _free(names[agent["name"]], files)
        references.append("{{ " + _AGENT_VARIABLE + slug + " }}")
        files[f"agent_{slug}.yml"] = _text(f"The management agent {agent['name']}", {_AGENT_VARIABLE + slug: agent})
    rest = {key: value for key, value in declaration.items() if key != "agents"}
    files[MAIN_FILE] = _text("The synchronization configuration", {VARIABLE: {**rest, "agents": references}})
    return dict(sorted(files.items()))


def rule_files(rules: Mapping[str, Any]) -> dict[str, str]:
    """The file of the rules of one's own; none if there are no rules."""
    return {RULES_FILE: _text("Rules of the rules extension", {RULES_VARIABLE: dict(rules)})} if rules else {}


def as_yaml(data: Any) -> str:
    """A declaration as one text."""
    return str(yaml.dump(_styled(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH, default_flow_style=False))


def declaration_of(files: Mapping[str, str]) -> Any:
    """The declaration out of one file, or of the variables of several; raises InputError naming the file.

    A value that is a whole reference to a variable of these files is replaced by it; others (a vault's) stay as they are.
    """
    variables: dict[str, Any] = {}
    for name in sorted(files):
        found = parsed(name, files[name])
        if isinstance(found, dict):
            variables |= found
    if not files:
        raise InputError("there is no YAML file in it")
    named = next((key for key in (VARIABLE, "sync_configuration") if key in variables), "")
    top = variables.get(named)
    if named and not isinstance(top, (dict, str)):
        raise InputError(f"must be a dictionary, not {kind_of(top)}", path=named)
    if top is None and set(variables) & set(CONFIGURATION.keys):
        top = {key: value for key, value in variables.items() if key in CONFIGURATION.keys or len(files) == 1}
    if top is None:
        raise InputError(f"none of {', '.join(sorted(files))} holds the variable {VARIABLE!r}, 'sync_configuration', or their keys")
    return _resolved(top, variables, ())


def rules_of(files: Mapping[str, str]) -> Any:
    """The rules of one's own among the variables; None if there are none."""
    variables: dict[str, Any] = {}
    for name in sorted(files):
        found = parsed(name, files[name])
        variables |= found if isinstance(found, dict) else {}
    return _resolved(variables[RULES_VARIABLE], variables, ()) if RULES_VARIABLE in variables else None


def vault_names(text: str) -> list[str]:
    """Names of the vault's variables that a text refers to."""
    return sorted(set(_VAULT.findall(text)))


def _resolved(value: Any, variables: Mapping[str, Any], seen: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {key: _resolved(item, variables, seen) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item, variables, seen) for item in value]
    match = _PLACEHOLDER.fullmatch(value) if isinstance(value, str) and not isinstance(value, Unsafe) else None
    if match is None or match[1] not in variables:
        return str(value) if isinstance(value, Unsafe) else value
    if match[1] in seen:
        raise InputError(f"the variable {match[1]!r} refers to itself")
    return _resolved(variables[match[1]], variables, (*seen, match[1]))


def _text(title: str, variables: Mapping[str, Any]) -> str:
    body = as_yaml(variables)
    needed = vault_names(body)
    vault = f"# Needed of a vault: {', '.join(needed)}\n" if needed else ""
    return f"---\n# {title}, as adopted from a server; edit it freely.\n{vault}{body}"


def _free(slug: str, files: Mapping[str, str]) -> str:
    number, free = 1, slug
    while f"agent_{free}.yml" in files:
        number += 1
        free = f"{slug}_{number}"
    return free


class _Line(dict[str, Any]):
    """A dictionary on one line."""


class _Row(list[Any]):
    """A list on one line."""


def _styled(value: Any) -> Any:
    if isinstance(value, dict):
        made = {key: _styled(item) for key, item in value.items()}
        return _Line(made) if _fits_line(made) else made
    if isinstance(value, (list, tuple)):
        items = [_styled(item) for item in value]
        plain = all(not isinstance(item, (dict, list)) for item in items)
        return _Row(items) if plain and sum(len(str(item)) + 4 for item in items) <= _INLINE else items
    if isinstance(value, str) and ("{{" in value or "{%" in value or "{#" in value) and not _PLACEHOLDER.fullmatch(value):
        return Unsafe(value)
    return value


def _fits_line(made: dict[str, Any]) -> bool:
    """A flow always, another small record (a step, an account) when it is short, never a map of many things."""
    if "through" in made:
        return True
    flat = all(not isinstance(item, (dict, list)) or isinstance(item, (_Line, _Row)) for item in made.values())
    return flat and 1 < len(made) <= 8 and len(str(made)) <= _INLINE


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Lists are indented below their key, as ansible-lint wants it."""
        del indentless
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _write_text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    lines = "\n" in value and not any(line != line.rstrip() for line in value.split("\n")) and "\t" not in value
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if lines else None)


_Dumper.add_representer(str, _write_text)
_Dumper.add_representer(Unsafe, lambda dumper, value: dumper.represent_scalar("!unsafe", str(value), style="'"))
_Dumper.add_representer(_Line, lambda dumper, value: dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=True))
_Dumper.add_representer(_Row, lambda dumper, value: dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True))
