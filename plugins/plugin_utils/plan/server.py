# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host answered about its configuration, and what a plan makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..configuration.folder import Folder, read_folder, unpack
from ..configuration.reader import agent_data, metaverse_data
from ..desired import ActiveDirectoryAgent, Declaration
from ..desired.problems import suggestion
from ..errors import PlanError
from .change import Plan
from .credentials import BAD_CREDENTIALS, Record, known_agents, read_record
from .facts import DirectoryFacts, facts_of
from .planner import Present, make_plan

STATE_FILE = "passwords.json"
# Builds whose cmdlets can do what is asked of them (reference pages `mim-synchronization-service` and `field-notes`).
OLDEST_BUILD = (4, 3, 2064)
FIRST_BUILD_WITH_CONTAINERS = (4, 3, 2195)
SERVICE = "FIMSynchronizationService"


@dataclass(frozen=True)
class Server:
    """`results` and `running` are about agents by their own names; `source` is None where no folder was read; `rules` is the rules file.

    `journal` is the text of a change's journal, None without one; `journal_age` in seconds; `journal_open`: a script works with it.
    """

    installed: bool
    service: str
    build: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    rules: bytes = b""
    source: Mapping[str, bytes] | None = None
    source_exists: bool = False
    running: tuple[str, ...] = ()
    results: Mapping[str, str] = field(default_factory=dict)
    record: Record = field(default_factory=dict)
    facts: DirectoryFacts = field(default_factory=DirectoryFacts)
    journal: str | None = None
    journal_age: int = 0
    journal_open: bool = False

    def check(self) -> None:
        """Raises PlanError when there is no configuration to look at."""
        if not self.installed:
            raise PlanError("The MIM Synchronization Service is not installed on this host.")
        if self.service.casefold() != "running":
            raise PlanError(f"The service {SERVICE} does not run (it is {self.service.lower() or 'not there'}), so its configuration cannot be read.")
        if self.build and self.version() < OLDEST_BUILD:
            raise PlanError(f"The synchronization service is of build {self.build}; its cmdlets need 4.3.2064 (KB3092179) or later.")

    def version(self) -> tuple[int, ...]:
        """The first three numbers of the build; empty for one that is not known."""
        numbers = self.build.split(".")[:3]
        return tuple(int(number) for number in numbers) if all(number.isdigit() for number in numbers) else ()

    def keeps_partitions(self) -> bool:
        """True if setting an Active Directory agent's password leaves the partitions that are named to the cmdlet."""
        return self.version() >= FIRST_BUILD_WITH_CONTAINERS

    def folder(self) -> Folder:
        """The present configuration, parsed anew for who changes it."""
        return read_folder(self.files)

    @cached_property
    def present(self) -> Folder:
        """The present configuration, parsed once for all who only look at it."""
        return read_folder(self.files)

    def lacks_rules(self) -> bool:
        """True when the metaverse has no flow at all: what an import leaves that ended half-way, or a fresh installation."""
        metaverse = self.present.metaverse
        return metaverse is None or not metaverse_data(metaverse).find_all("import-attribute-flow/import-flow-set/import-flows")


def server_of(answer: Mapping[str, Any]) -> Server:
    """From the answer of the verb `configuration_read`; raises DocumentError for files that arrived damaged."""
    agents = answer.get("agents") or []
    return Server(
        installed=bool(answer["installed"]),
        service=str(answer["service"] or ""),
        build=str(answer.get("build") or ""),
        files=unpack(answer.get("files") or {}),
        rules=next(iter(unpack(answer.get("rules") or {}).values()), b""),
        source=unpack(answer["source"]) if answer.get("source") else None,
        source_exists=bool(answer.get("source_exists")),
        running=tuple(str(agent["name"]) for agent in agents if agent["running"]),
        results={str(agent["name"]).casefold(): str(agent["result"] or "") for agent in agents},
        record=read_record(str(answer.get("state") or "")),
        facts=facts_of(answer.get("forests") or []),
        journal=None if answer.get("journal") is None else str(answer["journal"]),
        journal_age=int(answer.get("journal_age") or 0),
        journal_open=bool(answer.get("journal_open")),
    )


def plan_for(declaration: Declaration, server: Server, source_name: str, *, always_password: bool = False, made_elsewhere: bool = False) -> Plan:
    """The plan; raises PlanError, DocumentError. `always_password`: every declared password is set; `made_elsewhere`: see `Present`."""
    source = read_folder(server.source) if server.source else None
    known = set() if always_password else known_agents(declaration, server.record, server.present, server.results)
    directory = {agent.name.casefold() for agent in declaration.agents if isinstance(agent, ActiveDirectoryAgent)}
    left_alone = set() if server.keeps_partitions() else directory
    return make_plan(declaration, Present(server.files, server.facts, source, source_name if source else "", known, left_alone, made_elsewhere))


def expected_later(declaration: Declaration, server: Server) -> list[str]:
    """Agents that neither the server nor the source folder has, and whose names resemble none of theirs.

    A run finds them in the files that an earlier task of the same playbook writes; a rehearsal has not written those.
    """
    folders = [server.present, *([read_folder(server.source)] if server.source else [])]
    known = [agent_data(document).find_text("name") for folder in folders for document in folder.agents.values()]
    missing = [agent.name for agent in declaration.agents if all(folder.agent(agent.name) is None for folder in folders)]
    return [name for name in missing if not suggestion(name, known)]


def without_forest(declaration: Declaration, server: Server) -> list[str]:
    """New Active Directory agents whose forest cannot be asked: a rehearsal has not made their account there."""
    present = server.present
    new = (agent for agent in declaration.agents if isinstance(agent, ActiveDirectoryAgent) and agent.forest and present.agent(agent.name) is None)
    return [agent.name for agent in new if (facts := server.facts.forest(agent.forest or "")) is not None and facts.error]


def notes_for(declaration: Declaration, server: Server) -> list[str]:
    """What the user has to do by hand: passwords that this build cannot set without harm."""
    if server.keeps_partitions():
        return []
    present = server.present
    names = [
        agent.name
        for agent in declaration.agents
        if isinstance(agent, ActiveDirectoryAgent)
        and agent.credentials
        and (present.agent(agent.name) is None or server.results.get(agent.name.casefold()) in BAD_CREDENTIALS)
    ]
    hint = "type it into the agent's properties, or install 4.3.2195 or later"
    return [f"{name}: build {server.build} would lose partitions if the password were set here; {hint}" for name in names]
