# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whole servers to change: the real ones where they lie beside the repository, and the built-in solution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import Folder, read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ManagementAgent, Metaverse, ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.change import Change
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.changes import changes_between
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution import build_files

FIXTURES = Path(__file__).resolve().parents[4] / "shared" / "fixtures"
# Files of our own: an agent of every kind, and a server with rules of the portal.
SAMPLES = {"every kind": Path(__file__).resolve().parents[2] / "data" / "agents", "portal": Path(__file__).resolve().parents[2] / "data" / "portal"}
SETS = ("built-in", *SAMPLES, "pnp-usermimsync", "mimdsc-testserver")


@cache
def files_of(name: str) -> dict[str, bytes]:
    if name == "built-in":
        return build_files()
    folder = SAMPLES.get(name, FIXTURES / name)
    if not folder.is_dir():
        pytest.skip(f"the real configuration {name} lies in ../shared/fixtures, which is absent")
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.XML"))}


@cache
def model_of(name: str) -> ServerConfiguration:
    return read_folder(files_of(name)).model()


def with_agent(model: ServerConfiguration, name: str, **values: Any) -> ServerConfiguration:
    return replace(model, agents=tuple(replace(agent, **values) if agent.name == name else agent for agent in model.agents))


def with_metaverse(model: ServerConfiguration, **values: Any) -> ServerConfiguration:
    return replace(model, metaverse=replace(model.metaverse, **values))


def applied(name: str, changes: tuple[Change, ...]) -> Folder:
    """The documents of that server with the changes made, read again."""
    folder = read_folder(files_of(name))
    for change in changes:
        change.apply(folder)
    return read_folder(folder.write())


def planned(name: str, edit: Callable[[ServerConfiguration], ServerConfiguration]) -> tuple[ServerConfiguration, tuple[Change, ...]]:
    wanted = edit(model_of(name))
    return wanted, changes_between(model_of(name), wanted)


def agent_of(model: ServerConfiguration, name: str) -> ManagementAgent:
    found = model.agent(name)
    assert found is not None
    return found


__all__ = ["Metaverse", "agent_of", "applied", "files_of", "model_of", "planned", "with_agent", "with_metaverse"]
