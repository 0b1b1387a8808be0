# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bringing back a backup: what that changes, as values and as documents, and which secrets are lost by it.

A server's documents hold no secrets. An import keeps those of an agent that the server has, and leaves one that it makes
without any (reference `mim-synchronization-service`); an account that changes needs its own password.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..configuration.compare import Difference, compare_folders
from ..configuration.folder import Folder, read_folder
from ..configuration.model import ManagementAgent, ServerConfiguration
from ..desired import ActiveDirectoryAgent, Credentials, Declaration
from ..desired.declaration import AGENT_TYPES
from ..desired.kinds import kind_of_agent
from ..desired.values import Agent
from ..desired.wanted import Wanted
from ..desired.wishes import ServerWish
from ..plan.change import Change, Plan
from ..plan.changes import changes_between
from ..plan.secrets import CONNECTORS, Known, plan_secrets

# Differences of documents that are shown one by one for what the values do not tell.
_SHOWN = 5


@dataclass(frozen=True)
class Restoration:
    """`credentials` says whose passwords are set; `notes` says which secrets must be typed; `before`/`after` show the documents."""

    plan: Plan
    credentials: Declaration
    notes: tuple[str, ...]
    before: str
    after: str


@dataclass(frozen=True)
class Accounts:
    """Whose secrets are declared: `declaration` of Active Directory and SharePoint agents, `wish` of all others."""

    declaration: Declaration = field(default_factory=Declaration)
    wish: ServerWish | None = None

    def secrets_of(self, agent: ManagementAgent) -> dict[str, str]:
        """Parameter, or `password`, to its value, for what a cmdlet sets on an agent that is neither of the two."""
        kind = kind_of_agent(agent).word
        wish = next((one for one in self.wish.agents if one.name.casefold() == agent.name.casefold()), None) if self.wish else None
        if wish is None:
            return {}
        if kind == "mim_service":
            return {"password": wish.account.password} if wish.account and wish.account.password and wish.account.user.casefold() == _account(agent)[1] else {}
        hidden = _hidden(agent) if kind in CONNECTORS else set()
        return {one.name: one.value for one in wish.parameters if one.name.casefold() in {name.casefold() for name in hidden}}


def restoration(present_files: Mapping[str, bytes], backup_files: Mapping[str, bytes], accounts: Accounts, *, keeps_partitions: bool) -> Restoration:
    """The plan that ends in the backup's documents, as they are."""
    present, wanted = read_folder(present_files), read_folder(backup_files)
    before, after = present.model(), wanted.model()
    differences = compare_folders(present, wanted)
    changes = list(changes_between(before, after))
    # An agent that is new comes with its private settings.
    known = {"metaverse": "", **{agent.name.casefold(): agent.name for agent in before.agents}}
    changes += _of_documents([one for one in compare_folders(_made(present_files, changes), wanted) if one.file in known], known)
    lost = [agent for agent in after.agents if _loses(before, agent)]
    settable = [agent for agent in accounts.declaration.agents if keeps_partitions or not isinstance(agent, ActiveDirectoryAgent)]
    given = [agent for one in lost for agent in settable if _is_account_of(agent, one)]
    plan = Plan(wanted, [*changes, *map(_password, given)])
    secrets = {(agent.name, name): value for agent in lost for name, value in accounts.secrets_of(agent).items()}
    plan_secrets(plan, Wanted(ServerConfiguration(agents=tuple(lost)), secrets=secrets), Known(always=True))
    done = {(agent.name.casefold(), "password") for agent in given} | {(agent.casefold(), name.casefold()) for agent, name in secrets}
    notes = tuple(note for agent in lost for note in _to_type(agent, {name for owner, name in done if owner == agent.name.casefold()}))
    texts = ["".join(_line(difference, getattr(difference, side)) for difference in differences) for side in ("before", "after")]
    return Restoration(plan, Declaration(tuple(given)), notes, *texts)


def _made(files: Mapping[str, bytes], changes: Sequence[Change]) -> Folder:
    """The documents with what the values tell; what differs then is told by no value."""
    folder = read_folder(files)
    for change in changes:
        change.apply(folder)
    return read_folder(folder.write())


def _of_documents(differences: list[Difference], names: Mapping[str, str]) -> Iterator[Change]:
    """One change for each document; `names` in their own letter case, empty for the metaverse."""
    for name in dict.fromkeys(difference.file for difference in differences):
        found = [difference for difference in differences if difference.file == name]
        places = ", ".join(difference.path for difference in found[:_SHOWN]) + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
        agent = names[name]
        before, after = ("\n".join(filter(None, (getattr(one, side) for one in found))) for side in ("before", "after"))
        yield Change(agent, "document", f"{agent or name}: private settings as in the backup: {places}", before, after, edit=_as_planned)


def _as_planned(folder: Folder) -> None:
    """The documents of the backup hold the change already."""
    del folder


def _loses(before: ServerConfiguration, agent: ManagementAgent) -> bool:
    """True if the agent is new to the server, or logs on with another account."""
    known = before.agent(agent.name)
    return known is None or known.id.upper() != agent.id.upper() or _account(known) != _account(agent)


def _account(agent: ManagementAgent) -> tuple[str, str]:
    """Domain and user, in lower case; empty for an agent without an account of its own."""
    if agent.forest is not None:
        return agent.forest.domain.casefold(), agent.forest.user.casefold()
    parameters = {parameter.name: parameter.value for parameter in agent.parameters}
    domain = agent.settings.get("domain") or parameters.get("Domain") or ""
    return domain.casefold(), str(agent.settings.get("user") or parameters.get("User Name") or "").casefold()


def _is_account_of(declared: Agent, agent: ManagementAgent) -> bool:
    """Whether a declared agent names the account that the backup holds; the backup's account is the one that counts."""
    credentials: Credentials | None = declared.credentials
    if credentials is None or declared.name.casefold() != agent.name.casefold() or kind_of_agent(agent).word not in AGENT_TYPES:
        return False
    domain, user = _account(agent)
    given_domain, _unused, given_user = credentials.account.casefold().rpartition("\\")
    # A domain has two names, one with dots and one without; which belong together is not known here.
    return given_user == user and (not domain or not given_domain or given_domain == domain or ("." in given_domain) != ("." in domain))


def _password(agent: Agent) -> Change:
    account = agent.credentials.account if agent.credentials else ""
    return Change(agent.name, "password", f"{agent.name}: password of {account} set", "", f"of {account} set")


def _to_type(agent: ManagementAgent, done: set[str]) -> Iterator[str]:
    """A sentence for each secret that is not set; `done` in lower case."""
    domain, user = _account(agent)
    kind, by_hand = kind_of_agent(agent).word, "type it into the agent's properties"
    account = f"{domain.upper()}\\{user}" if domain else user
    if user and "password" not in done:
        what = f"declare it in config, or {by_hand}" if kind in (*AGENT_TYPES, "mim_service") else by_hand
        yield f"{agent.name}: the password of {account} is lost by the import; {what}"
    for name in sorted(_hidden(agent) - ({"Password"} if user else set())):
        if name.casefold() not in done:
            what = f"declare it in config, or {by_hand}" if kind in CONNECTORS else by_hand
            yield f"{agent.name}: the secret {name!r} is lost by the import; {what}"


def _hidden(agent: ManagementAgent) -> set[str]:
    """Names of the parameters whose values no export holds."""
    hidden = {definition.name for definition in agent.definitions if definition.type == "encrypted-string"}
    return hidden | {parameter.name for parameter in agent.parameters if parameter.encrypted or parameter.type == "encrypted-string"}


def _line(difference: Difference, text: str) -> str:
    return f"{difference.file}: {difference.path} {' '.join(text.split())[:200]}".rstrip() + "\n" if text else ""
