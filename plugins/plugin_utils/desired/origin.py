# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a declared agent comes from: one that is there under the name, one that had another name until now."""

from __future__ import annotations

from dataclasses import replace

from ..configuration.model import ManagementAgent, ServerConfiguration
from .checker import at
from .ledger import Ledger
from .problems import Problems, suggestion
from .wishes import AgentWish, ServerWish


def with_new_names(present: ServerConfiguration, wish: ServerWish, ledger: Ledger) -> ServerConfiguration:
    """The present agents by the names that they shall have; ids stay, so that all that refers to them does."""
    names: dict[str, str] = {}
    for agent in wish.agents:
        old = present.agent(agent.renamed_from) if agent.renamed_from else None
        there = present.agent(agent.name)
        if not agent.renamed_from or (old is None and there is not None):
            # Renamed by an earlier run, or never to be.
            continue
        path = at(agent.path, "renamed_from")
        if old is None:
            known = [one.name for one in present.agents]
            ledger.problems.add(path, f"names the agent {agent.renamed_from!r}, which is not there{suggestion(agent.renamed_from, known)}")
        elif there is not None and there is not old:
            ledger.problems.add(path, f"cannot be: there is an agent {there.name!r} already, beside {old.name!r}")
        elif any(one.name.casefold() == old.name.casefold() for one in wish.agents if one is not agent):
            ledger.problems.add(path, f"names {old.name!r}, which is declared as an agent of its own")
        else:
            names[old.id] = agent.name
    if not names:
        return present
    return replace(present, agents=tuple(replace(one, name=names[one.id]) if one.id in names else one for one in present.agents))


def check_origin(agent: ManagementAgent, wish: AgentWish, problems: Problems) -> None:
    """Holds what is declared of the system against an agent that is there: its schema is changed by a refresh alone."""
    new = wish.creation
    known = {one.name.casefold(): one.name for one in agent.columns}
    for column in new.columns or ():
        if known and column.name.casefold() not in known:
            problems.add(
                at(wish.path, "columns"), f"names {column.name!r}, which the agent {agent.name!r} does not read{suggestion(column.name, known.values())}"
            )
    if not agent.schema.classes or new.schema is None:
        return
    for name, kind in new.schema.classes.items():
        there = agent.schema.classes.get(name)
        path = at(at(wish.path, "schema"), kind.name)
        if there is None:
            problems.add(path, f"is no object type of the agent {agent.name!r}; refresh its schema if it is new there")
            continue
        own = {one.casefold() for one in there.attributes}
        for one in kind.attributes:
            if one.casefold() not in own:
                problems.add(at(at(path, "attributes"), one), "is not in the agent's schema; declare it under schema_refresh if it is new in the system")
