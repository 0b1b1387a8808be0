# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whole agents: made from nothing, or taken away with their document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ...configuration.document import parse
from ...configuration.folder import Folder
from ...configuration.model import ManagementAgent, ServerConfiguration
from ...configuration.reader import read_agent
from ..change import FULL_IMPORT, FULL_SYNC, Change, Edit, Risk
from ..comparison import Comparison
from ..new_agents import blank_document

Aspect = Callable[[Comparison], Iterator[Change]]
_GONE = "its connector space is deleted: all its objects are disconnected"


def additions(comparison: Comparison, aspects: Sequence[Aspect]) -> Iterator[Change]:
    """`aspects` write what an agent holds; they are those that write the changes of one that is there."""
    for agent in comparison.wanted.agents:
        if comparison.present.agent(agent.name) is None:
            sentence = f"{agent.name}: management agent added ({agent.list_name or agent.category})"
            item = ("agent", agent.name.casefold())
            edit, undo = _create(comparison, agent, aspects), _remove(agent)
            yield Change(agent.name, "agent", sentence, "", agent.name, edit, run_after=(FULL_IMPORT, FULL_SYNC), undo=undo, item=item)


def removals(comparison: Comparison) -> Iterator[Change]:
    for agent in comparison.present.agents:
        if comparison.wanted.agent(agent.name) is None:
            kept: dict[str, bytes] = {}
            reason = "; ".join(filter(None, (_GONE, comparison.deletes_with(agent))))
            edits = (_remove(agent, kept), _bring_back(agent, kept))
            item = ("agent", agent.name.casefold())
            sentence = f"{agent.name}: management agent removed"
            yield Change(agent.name, "agent", sentence, agent.name, "", edits[0], Risk.CAN_DELETE, reason, undo=edits[1], item=item)


def _create(comparison: Comparison, agent: ManagementAgent, aspects: Sequence[Aspect]) -> Edit:
    def edit(folder: Folder) -> None:
        document = parse(blank_document(agent), f"MA-{agent.id}.XML")
        folder.agents[agent.name.casefold()] = document
        sides = (ServerConfiguration(agents=(read_agent(document),)), ServerConfiguration(agents=(agent,)))
        own = Comparison(*sides, comparison.seed, comparison.names)
        for change in [change for aspect in aspects for change in aspect(own)]:
            change.apply(folder)

    return edit


def _remove(agent: ManagementAgent, kept: dict[str, bytes] | None = None) -> Edit:
    def edit(folder: Folder) -> None:
        document = folder.agents.pop(agent.name.casefold(), None)
        if document is not None and kept is not None:
            kept[document.name] = document.write()

    return edit


def _bring_back(agent: ManagementAgent, kept: dict[str, bytes]) -> Edit:
    def edit(folder: Folder) -> None:
        for name, content in kept.items():
            folder.agents[agent.name.casefold()] = parse(content, name)

    return edit
