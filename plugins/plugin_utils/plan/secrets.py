# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets of agents of all kinds: which are set with the plan, and which only a person can type, and where.

What Microsoft's module sets: Set-MIISADMAConfiguration for Active Directory, Set-MIISECMA2Configuration for parameters of ECMA 2
connectors, Set-MIISFIMMAConfiguration for the MIM Service (mim-docs-powershell; reference page `sharepoint-and-setup` 3.1). It has
no cmdlet for databases, AD LDS, the Global address list and ECMA 1 agents that sets a password without more than is declared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..configuration.model import ManagementAgent
from ..desired import ActiveDirectoryAgent, Declaration
from ..desired.declaration import AGENT_TYPES
from ..desired.kinds import kind_of_agent
from ..desired.wanted import Wanted
from ..desired.wishes import ServerWish
from .change import Change, Plan, SecretOrder
from .credentials import BAD_CREDENTIALS, Record, knows_secret
from .server import Server
from .whole_server import extend_plan

KIND = "secret"
# Where the client asks for a password that no cmdlet sets: title of the page of the agent's properties, and of the field.
_PAGES: Mapping[str, tuple[str, str]] = {
    "sql_server": ("Connect to Database", "Password"),
    "database": ("Connect to Database", "Password"),
    "ad_lds": ("Connect to AD LDS Server", "Password"),
    "global_address_list": ("Connect to Active Directory Forest", "Password"),
    "ecma1": ("Configure Connection Information", "Password"),
}
CONNECTORS = frozenset({"powershell", "powershell_granfeldt", "ecma2"})


@dataclass(frozen=True)
class Known:
    """What the server is known to hold. `results` are of the last runs, by lower-case agent; `always`: nothing counts as known."""

    record: Record = field(default_factory=dict)
    results: Mapping[str, str] = field(default_factory=dict)
    always: bool = False

    def holds(self, agent: ManagementAgent, name: str, value: str) -> bool:
        if self.always or self.results.get(agent.name.casefold()) in BAD_CREDENTIALS:
            return False
        return knows_secret(self.record, agent.name, agent.id, name, value)


def complete_plan(plan: Plan, wish: ServerWish, state: str, declaration: Declaration, server: Server, *, always: bool = False) -> list[str]:
    """Adds to a plan what the whole language says, then the secrets; answers what is left to be typed. Raises InputError and PlanError."""
    wanted = extend_plan(plan, wish, state, server.facts)
    _new_accounts(plan, declaration, server)
    notes = plan_secrets(plan, wanted, Known(server.record, server.results, always))
    return [*notes, *schema_notes(wanted)]


def _new_accounts(plan: Plan, declaration: Declaration, server: Server) -> None:
    """Passwords of Active Directory and SharePoint agents that the server has had under no such name."""
    present = server.folder()
    for agent in declaration.agents:
        there = present.agent(agent.name) is not None or plan.planned.agent(agent.name) is None
        set_already = any(change.kind == "password" and change.agent.casefold() == agent.name.casefold() for change in plan.changes)
        typed = isinstance(agent, ActiveDirectoryAgent) and not server.keeps_partitions()
        if there or set_already or agent.credentials is None or typed:
            continue
        account = agent.credentials.account
        plan.add(Change(agent.name, "password", f"{agent.name}: password of {account} set", "", f"of {account} set"))


def plan_secrets(plan: Plan, wanted: Wanted, known: Known) -> list[str]:
    """A change and an order for each secret that a cmdlet sets; a sentence for each that is left to be typed."""
    notes: list[str] = []
    for agent in wanted.model.agents:
        given = {name: value for (owner, name), value in wanted.secrets.items() if owner == agent.name}
        kind = kind_of_agent(agent).word
        if not given or kind in AGENT_TYPES:
            continue
        fresh = {name: value for name, value in given.items() if not known.holds(agent, name, value)}
        if kind in CONNECTORS:
            _connector(plan, agent, fresh)
        elif kind == "mim_service" and agent.settings.get("user"):
            _portal(plan, agent, fresh)
        elif agent.name in wanted.new_agents or known.results.get(agent.name.casefold()) in BAD_CREDENTIALS:
            notes += [_to_type(agent, kind)]
    return notes


def schema_notes(wanted: Wanted) -> Iterator[str]:
    """What people do once with agents that were made without being able to ask their systems."""
    refresh = "in the Synchronization Service Manager: Management Agents, {name}, Actions, Refresh Schema"
    for agent in wanted.model.agents:
        if agent.name not in wanted.new_agents:
            continue
        kind = kind_of_agent(agent).word
        if kind in CONNECTORS and not agent.schema.classes:
            yield f"{agent.name}: made without object types; refresh its schema and choose them, {refresh.format(name=agent.name)}"
        elif kind in CONNECTORS:
            yield f"{agent.name}: its schema and capabilities are as declared, nobody has asked the connector; refresh them, {refresh.format(name=agent.name)}"
        elif kind == "active_directory":
            yield f"{agent.name}: its schema holds what profiles need; for other attributes refresh it, {refresh.format(name=agent.name)}"
        elif kind == "text_file":
            yield f"{agent.name}: how servers write column widths is not published; look at the page Fixed Width of its properties"


def _connector(plan: Plan, agent: ManagementAgent, fresh: Mapping[str, str]) -> None:
    uses = {one.name.casefold(): (one.use, one.name) for one in agent.definitions}
    by_use: dict[str, dict[str, str]] = {}
    for name, value in fresh.items():
        use, spelled = uses.get(name.casefold(), ("connectivity", name))
        by_use.setdefault(use, {})[spelled] = value
        plan.add(_change(agent, f"parameter {spelled}"))
    for use, values in sorted(by_use.items()):
        plan.secrets.append(SecretOrder("ecma2", agent.name, agent.id, use, values=values))


def _portal(plan: Plan, agent: ManagementAgent, fresh: Mapping[str, str]) -> None:
    """The cmdlet takes the connection together with the account."""
    password = fresh.get("password")
    if password is None:
        return
    settings = agent.settings
    account = f"{settings['domain']}\\{settings['user']}" if settings.get("domain") else settings["user"]
    names = {"AuthenticationMode": "authentication", "DatabaseName": "database", "DatabaseServer": "server", "FIMServiceBaseAddress": "service_url"}
    told = {name: settings[key] for name, key in names.items() if settings.get(key)}
    plan.add(_change(agent, f"password of {account}"))
    plan.secrets.append(SecretOrder("fim", agent.name, agent.id, "", account, told, {"password": password}))


def _change(agent: ManagementAgent, what: str) -> Change:
    return Change(agent.name, KIND, f"{agent.name}: {what} set (secret)", "", f"{what} set")


def _to_type(agent: ManagementAgent, kind: str) -> str:
    page, title = _PAGES.get(kind, ("its connection's page", "password"))
    where = f"Management Agents, {agent.name}, Actions, Properties, {page}, {title}"
    return f"{agent.name}: no cmdlet sets this kind of agent's password; type it in the Synchronization Service Manager: {where}"
