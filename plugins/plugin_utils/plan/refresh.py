# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A refresh of an agent's schema, which an administrator has to make: no cmdlet and no WMI method does it.

The Synchronization Service Manager asks the connected system and stores what it finds (Microsoft: "Refresh a Management
Agent Schema"; reference page `sharepoint-and-setup`, 3.1 and 4.1). A plan says it as a
change whose edit no import makes: what follows is planned, previewed and rendered as if it had been done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from ..configuration.folder import Folder
from ..configuration.model import ManagementAgent, ServerConfiguration
from ..configuration.schema_writer import add_attribute
from ..errors import LimitError
from .aspects.metaverse_schema import OIDS
from .change import Change, Plan
from .context import data_of

KIND = "schema refresh"
_HOW = "in the Synchronization Service Manager: Management Agents, {agent}, Actions, Refresh Schema (it asks for the account's password)"


def refreshes(present: ServerConfiguration, wanted: ServerConfiguration) -> Iterator[Change]:
    """One for each agent whose wanted schema holds more than the present one."""
    for agent in wanted.agents:
        before = present.agent(agent.name)
        lacking = list(_lacking(before, agent)) if before is not None else []
        if lacking:
            names = ", ".join(lacking)
            sentence = f"{agent.name}: schema to be refreshed by hand, for {names}"
            yield Change(agent.name, KIND, sentence, "", names, partial(_edit, agent=agent, names=tuple(lacking)), item=tuple(lacking))


def awaited(plan: Plan) -> list[Change]:
    """The refreshes of a plan that are yet to be made by hand."""
    return [change for change in plan.changes if change.kind == KIND]


def outstanding(changes: Sequence[Change], present: ServerConfiguration) -> list[Change]:
    """Those that have not been made yet."""
    return [change for change in changes if (agent := present.agent(change.agent)) is None or not set(change.item) <= set(_held(agent))]


def instructions(changes: Sequence[Change], timeout: int) -> list[str]:
    """What an administrator reads while the task waits; `timeout` in seconds."""
    lines = [f"{change.agent}: refresh the schema, for {change.after}, {_HOW.format(agent=change.agent)}" for change in changes]
    return [*lines, f"waiting up to {timeout} s for it"]


def refusal(changes: Sequence[Change]) -> LimitError:
    """The error when nobody has refreshed in time."""
    lacking = "; ".join(f"{change.agent} lacks {change.after}" for change in changes)
    return LimitError(
        f"The schema is to be refreshed by hand first: {lacking}. Nothing was changed.",
        details=[f"{change.agent}: {_HOW.format(agent=change.agent)}; then run this again, or let it wait (refresh_timeout)" for change in changes],
    )


def _edit(folder: Folder, agent: ManagementAgent, names: Sequence[str]) -> None:
    directory = data_of(folder, agent.name).require("schema/dsml/directory-schema")
    for name in names:
        object_type, _unused, attribute = name.partition("/")
        kind = agent.schema.attributes[attribute.casefold()]
        add_attribute(directory, object_type, kind.name, kind.syntax_oid or OIDS[kind.syntax], single=kind.single_value)


def _lacking(before: ManagementAgent, agent: ManagementAgent) -> Iterator[str]:
    if before.schema is agent.schema:
        return
    held = set(_held(before))
    yield from (name for name in _held(agent) if name not in held)


def _held(agent: ManagementAgent) -> Iterator[str]:
    for kind in agent.schema.classes.values():
        yield from (f"{kind.name}/{name}" for name in kind.attributes)
