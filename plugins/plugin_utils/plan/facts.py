# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the plan needs to know of the directory: naming contexts and whether named containers exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..configuration import distinguished_name
from ..desired import ActiveDirectoryAgent, Declaration


@dataclass(frozen=True)
class Domain:
    """A naming context. `guid` is the objectGUID of its head in capitals and braces; `netbios` is empty for others than domains."""

    dn: str
    guid: str
    dns: str = ""
    netbios: str = ""

    @property
    def is_domain(self) -> bool:
        return bool(self.netbios)


@dataclass(frozen=True)
class ForestFacts:
    """`error` tells why the forest could not be asked; the rest is empty then. `containers`: comparable DN -> exists."""

    name: str
    root: str = ""
    configuration: str = ""
    contexts: tuple[Domain, ...] = ()
    containers: Mapping[str, bool] = field(default_factory=dict)
    error: str = ""

    def context(self, dn: str) -> Domain | None:
        return next((context for context in self.contexts if distinguished_name.same(context.dn, dn)), None)

    def domain(self, dns_name: str) -> Domain | None:
        """The domain of that DNS name."""
        wanted = distinguished_name.of_domain(dns_name)
        return next((context for context in self.contexts if context.is_domain and distinguished_name.same(context.dn, wanted)), None)

    def exists(self, dn: str) -> bool:
        return bool(self.containers.get(distinguished_name.comparable(dn)))


@dataclass(frozen=True)
class DirectoryFacts:
    """Forests by lower-case DNS name."""

    forests: Mapping[str, ForestFacts] = field(default_factory=dict)

    def forest(self, name: str) -> ForestFacts | None:
        return self.forests.get(name.casefold())


def questions_of(declaration: Declaration) -> list[dict[str, Any]]:
    """What a host is asked: per agent with a forest, the forest, the account to ask as, and the containers to look for, each in its domain."""
    questions = []
    for agent in declaration.agents:
        if isinstance(agent, ActiveDirectoryAgent) and agent.forest:
            containers = {dn: scope.domain for scope in agent.partitions for dn in (*(scope.include or ()), *(scope.exclude or ()))}
            account = agent.credentials.account if agent.credentials else ""
            listed = [{"dn": dn, "domain": domain} for dn, domain in containers.items()]
            questions.append({"agent": agent.name, "forest": agent.forest, "account": account, "containers": listed})
    return questions


def facts_of(answers: Sequence[Mapping[str, Any]]) -> DirectoryFacts:
    """From the host's answers; several agents may ask about one forest."""
    forests: dict[str, ForestFacts] = {}
    for answer in answers:
        name = str(answer["forest"]).casefold()
        containers = {distinguished_name.comparable(item["dn"]): bool(item["exists"]) for item in answer.get("containers") or []}
        known = forests.get(name)
        forests[name] = ForestFacts(
            name=str(answer["forest"]),
            root=str(answer.get("root") or ""),
            configuration=str(answer.get("configuration") or ""),
            contexts=tuple(_context(item) for item in answer.get("contexts") or []),
            containers={**(known.containers if known else {}), **containers},
            error=str(answer.get("error") or ""),
        )
    return DirectoryFacts(forests)


def _context(item: Mapping[str, Any]) -> Domain:
    guid = str(item["guid"]).strip("{}").upper()
    return Domain(str(item["dn"]), f"{{{guid}}}", str(item.get("dns") or ""), str(item.get("netbios") or ""))
