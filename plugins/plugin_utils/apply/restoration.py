# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bringing back a backup: what that changes, as values and as documents, and which secrets are lost by it.

A server's documents hold no secrets. An import keeps those of an agent that the server has, and leaves one that it makes
without any (reference `mim-synchronization-service`); an account that changes needs its own password.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..configuration.compare import Difference, compare_folders
from ..configuration.folder import Folder, read_folder
from ..configuration.model import ManagementAgent, ServerConfiguration
from ..desired import ActiveDirectoryAgent, Credentials, Declaration
from ..desired.declaration import AGENT_TYPES
from ..desired.kinds import kind_of_agent
from ..desired.values import Agent
from ..plan.change import Change, Plan
from ..plan.changes import changes_between

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


def restoration(present_files: Mapping[str, bytes], backup_files: Mapping[str, bytes], declaration: Declaration, *, keeps_partitions: bool) -> Restoration:
    """The plan that ends in the backup's documents, as they are. `declaration` may hold accounts with their passwords."""
    present, wanted = read_folder(present_files), read_folder(backup_files)
    before, after = present.model(), wanted.model()
    differences = compare_folders(present, wanted)
    changes = list(changes_between(before, after))
    changes += _of_documents(compare_folders(_made(present_files, changes), wanted))
    lost = [agent for agent in after.agents if _loses(before, agent)]
    settable = [agent for agent in declaration.agents if keeps_partitions or not isinstance(agent, ActiveDirectoryAgent)]
    given = [agent for one in lost for agent in settable if _is_account_of(agent, one)]
    changes += [_password(agent) for agent in given]
    names = {agent.name.casefold() for agent in given}
    notes = tuple(note for agent in lost for note in _to_type(agent, agent.name.casefold() in names))
    texts = ["".join(_line(difference, getattr(difference, side)) for difference in differences) for side in ("before", "after")]
    return Restoration(Plan(wanted, changes), Declaration(tuple(given)), notes, *texts)


def _made(files: Mapping[str, bytes], changes: Sequence[Change]) -> Folder:
    """The documents with what the values tell; what differs then is told by no value."""
    folder = read_folder(files)
    for change in changes:
        change.apply(folder)
    return read_folder(folder.write())


def _of_documents(differences: list[Difference]) -> Iterator[Change]:
    """One change for each document."""
    for name in dict.fromkeys(difference.file for difference in differences):
        found = [difference for difference in differences if difference.file == name]
        places = ", ".join(difference.path for difference in found[:_SHOWN]) + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
        agent = "" if name == "metaverse" else name
        before, after = ("\n".join(filter(None, (getattr(one, side) for one in found))) for side in ("before", "after"))
        yield Change(agent, "document", f"{name}: private settings as in the backup: {places}", before, after, edit=_as_planned)


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


def _to_type(agent: ManagementAgent, password_is_set: bool) -> Iterator[str]:
    """A sentence for each secret that must be typed into the agent's properties."""
    domain, user = _account(agent)
    account = f"{domain.upper()}\\{user}" if domain else user
    if user and not password_is_set:
        yield f"{agent.name}: the password of {account} is lost by the import; declare it in config, or type it into the agent's properties"
    hidden = {definition.name for definition in agent.definitions if definition.type == "encrypted-string"}
    hidden |= {parameter.name for parameter in agent.parameters if parameter.encrypted or parameter.type == "encrypted-string"}
    for name in sorted(hidden - ({"Password"} if user else set())):
        yield f"{agent.name}: the secret {name!r} is lost by the import; type it into the agent's properties"


def _line(difference: Difference, text: str) -> str:
    return f"{difference.file}: {difference.path} {' '.join(text.split())[:200]}".rstrip() + "\n" if text else ""
