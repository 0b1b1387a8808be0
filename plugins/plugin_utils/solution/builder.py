# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The built-in solution's server configuration, built from the description beside this file.

It means what the PnP solution's configuration means (reference page `server-configuration`); tests/conformance/test_builtin_solution.py
holds the two together. Names of forest, host and account are placeholders that the role sync_configuration replaces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ..errors import InputError
from .active_directory import directory_document
from .markup import Element, to_text
from .metaverse import metaverse_document
from .profile_store import profile_store_document

METAVERSE_FILE = "MV.XML"
DIRECTORY_FILE = "MA-ADMA.XML"
STORE_FILE = "MA-SPMA.XML"
DIRECTORY_AGENT, STORE_AGENT = "ADMA", "SPMA"
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9 ._-]{0,58}[A-Za-z0-9_-])?")
_DESCRIPTION = Path(__file__).parent / "description"


def describe(name: str) -> Mapping[str, Any]:
    """One part of the description: `metaverse`, `active_directory` or `profile_store`."""
    loaded: Mapping[str, Any] = yaml.safe_load((_DESCRIPTION / f"{name}.yml").read_text(encoding="utf-8"))
    return loaded


def build_files(directory_agents: Sequence[str] = (DIRECTORY_AGENT,)) -> dict[str, bytes]:
    """The configuration's files by name, in UTF-8 without a byte order mark; the same bytes at every call.

    `directory_agents`: an agent for each forest, in the order of their precedence. Their rules are those of the solution's one.
    Raises InputError for names that cannot be.
    """
    check_names(directory_agents)
    described = describe("active_directory")
    documents: dict[str, Element] = {
        METAVERSE_FILE: metaverse_document(for_agents(describe("metaverse"), directory_agents)),
        **{f"MA-{name}.XML": directory_document({**described, "name": name}) for name in directory_agents},
        STORE_FILE: profile_store_document(describe("profile_store")),
    }
    return {name: to_text(root).encode("utf-8") for name, root in documents.items()}


def check_names(directory_agents: Sequence[str]) -> None:
    """Names become file names on the host; the SharePoint agent's is taken."""
    if not directory_agents:
        raise InputError("no Active Directory agent is named", path="directory_agents")
    taken = {STORE_AGENT.casefold()}
    for index, name in enumerate(directory_agents):
        if not _NAME.fullmatch(name):
            raise InputError(f"is {name!r}, but a name has letters, digits, blanks, dots, hyphens and underscores", path=f"directory_agents[{index}]")
        if name.casefold() in taken:
            raise InputError(f"is {name!r}, which names another agent already", path=f"directory_agents[{index}]")
        taken.add(name.casefold())


def for_agents(metaverse: Mapping[str, Any], directory_agents: Sequence[str]) -> dict[str, Any]:
    """The metaverse's description with every flow of the directory agent from each of these, first ones first.

    With several, an object goes with the last of its accounts: a rule that does not count the SharePoint agent's connector.
    """
    names = list(directory_agents)
    flows = [{**one, "agents": names if one["agent"] == DIRECTORY_AGENT else [one["agent"]]} for one in metaverse["import_flows"]]
    recall = {**dict.fromkeys(names, metaverse["recall"][DIRECTORY_AGENT]), STORE_AGENT: metaverse["recall"][STORE_AGENT]}
    rule = {"agents": names} if len(names) == 1 else {"rule": "declared-last", "agents": [STORE_AGENT]}
    rules = [{**one, **rule} for one in metaverse["deletion_rules"]]
    return {**metaverse, "import_flows": flows, "recall": recall, "deletion_rules": rules}
