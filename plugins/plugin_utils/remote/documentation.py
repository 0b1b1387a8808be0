# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A module's options as its documentation states them: the one source of what a face accepts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from ansible.module_utils.common.yaml import yaml_load

ROOT = "ansible_collections.mimsync.sharepoint.plugins"
# Keys that mean the same in documentation and argument specification.
SHARED_KEYS = ("type", "elements", "choices", "default", "required", "aliases", "no_log")


@cache
def documented(noun: str) -> Mapping[str, Any]:
    """DOCUMENTATION of plugins/modules/<noun>.py, with the options of the fragments that it extends."""
    text = import_module(f"{ROOT}.modules.{noun}").DOCUMENTATION
    found: dict[str, Any] = yaml_load(text)
    names = found.get("extends_documentation_fragment") or []
    options: dict[str, Any] = {}
    for name in [names] if isinstance(names, str) else names:
        if name.startswith("mimsync.sharepoint."):
            options |= _fragment_options(name)
    return {**found, "options": {**options, **(found.get("options") or {})}}


def argument_spec(noun: str, secrets: frozenset[str]) -> dict[str, Any]:
    """What ArgumentSpecValidator takes; options named in `secrets` (sub-options with a dot) are not logged."""
    return _spec(documented(noun)["options"], secrets, "")


def _spec(options: Mapping[str, Any], secrets: frozenset[str], lead: str) -> dict[str, Any]:
    return {name: _option(f"{lead}{name}", option, secrets) for name, option in options.items()}


def _option(path: str, option: Mapping[str, Any], secrets: frozenset[str]) -> dict[str, Any]:
    found = {key: option[key] for key in SHARED_KEYS if key in option}
    found.setdefault("no_log", path in secrets)
    if option.get("suboptions"):
        found["options"] = _spec(option["suboptions"], secrets, f"{path}.")
    return found


def _fragment_options(name: str) -> dict[str, Any]:
    parts = name.removeprefix("mimsync.sharepoint.").split(".")
    fragment = import_module(f"{ROOT}.doc_fragments.{parts[0]}").ModuleDocFragment
    text = getattr(fragment, parts[1].upper() if len(parts) > 1 else "DOCUMENTATION")
    options: dict[str, Any] = yaml_load(text).get("options") or {}
    return options
