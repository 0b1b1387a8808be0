# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Agents that have another name and the same id: renamed, so that their connector spaces stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..configuration.folder import Folder
from ..configuration.model import ServerConfiguration
from .change import Change, Edit
from .context import data_of

KIND = "name"
_REASON = "its connector space and all rules stay, they go by its id; files for its runs are looked for in MaData\\{name} from now on"


def renames(present: ServerConfiguration, wanted: ServerConfiguration) -> Iterator[Change]:
    """A change for each agent whose name is on one side only and whose id is on both."""
    kept = {agent.name.casefold() for agent in wanted.agents}
    ids = {agent.id.upper(): agent for agent in present.agents if agent.id and agent.name.casefold() not in kept}
    for agent in wanted.agents:
        old = ids.get(agent.id.upper())
        if old is not None and present.agent(agent.name) is None:
            told = f"{old.name}: management agent renamed to {agent.name}"
            edits = (_rename(old.name, agent.name), _rename(agent.name, old.name))
            item = ("agent", agent.name.casefold())
            yield Change(agent.name, KIND, told, old.name, agent.name, edits[0], reason=_REASON.format(name=agent.name), undo=edits[1], item=item)


def with_names(present: ServerConfiguration, changes: Sequence[Change]) -> ServerConfiguration:
    """`present` after the renames."""
    names = {change.before.casefold(): change.after for change in changes}
    if not names:
        return present
    return replace(present, agents=tuple(replace(one, name=names.get(one.name.casefold(), one.name)) for one in present.agents))


def _rename(old: str, new: str) -> Edit:
    def edit(folder: Folder) -> None:
        data_of(folder, old).require("name").set_text(new)
        folder.agents = {new.casefold() if name == old.casefold() else name: document for name, document in folder.agents.items()}

    return edit
