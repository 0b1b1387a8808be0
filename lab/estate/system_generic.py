# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Any ECMA 2 agent in the lab: what its connector would reach is a table of rows that belongs to the server.

Operations fill it (lab/table_rows.py); imports and exports of the agent go through the engine's generic adapter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...plugins.plugin_utils.engine.rules import agent_rules
from ...plugins.plugin_utils.engine.systems.base import SystemConnectionError
from ...plugins.plugin_utils.engine.systems.ecma2 import Ecma2System, TableExtension

if TYPE_CHECKING:
    from ...plugins.plugin_utils.configuration.model import ManagementAgent
    from .host import Host

COMPONENT = "tables"
# A parameter with an account's name -> the encrypted one that goes with it, as the known connectors call them.
_ACCOUNTS = {"user": "password", "username": "password", "user name": "password", "username (auxiliary)": "password (auxiliary)"}


def table_of(host: Host, agent_name: str, anchor: str = "Anchor") -> TableExtension:
    """The table of an agent on a synchronization server; an empty one if nobody has put a row there. `anchor`: its key attribute."""
    tables: dict[str, TableExtension] = host.components.setdefault(COMPONENT, {})
    return tables.setdefault(agent_name.casefold(), TableExtension(anchor))


def connect_generic(host: Host, agent: ManagementAgent, secrets: Mapping[str, bytes] | None = None) -> Ecma2System:
    """Opens the agent's table; raises SystemConnectionError for agents of other kinds, which the lab has no system for.

    `secrets` are the encrypted parameters that have a value, by lower-case name; None: not looked at. A connector that has a user and
    no password is not let in by its system.
    """
    if agent.category.casefold() != "extensible2":
        raise SystemConnectionError("no-start-connection", "failed-connection", literal=f"The lab has no system for agents of the kind {agent.category}.")
    if secrets is not None:
        _check_logon(agent, secrets)
    anchors = [rules.anchors[0] for rules in agent_rules(agent).types.values() if rules.anchors]
    table = table_of(host, agent.name)
    table.anchor = anchors[0] if anchors else table.anchor
    return Ecma2System(agent.name, table, {parameter.name: parameter.value for parameter in agent.parameters})


def _check_logon(agent: ManagementAgent, secrets: Mapping[str, bytes]) -> None:
    encrypted = {one.name.casefold() for one in agent.definitions if one.type == "encrypted-string"}
    for parameter in agent.parameters:
        wanted = _ACCOUNTS.get(parameter.name.casefold(), "")
        if wanted in encrypted and parameter.value and wanted not in secrets:
            raise SystemConnectionError("no-start-credentials", "failed-authentication", server=agent.name)
