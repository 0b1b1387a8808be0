# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whole agents: made from nothing, or taken away with their document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ...configuration.document import parse
from ...configuration.folder import Folder
from ...configuration.markup import Fragment, Style, write_fragment
from ...configuration.model import ManagementAgent, ServerConfiguration
from ..change import FULL_IMPORT, FULL_SYNC, Change, Edit, Risk
from ..comparison import Comparison

Aspect = Callable[[Comparison], Iterator[Change]]
_SECTIONS = (
    "schema",
    "attribute-inclusion",
    "stay-disconnector",
    "join",
    "projection",
    "export-attribute-flow",
    "provisioning-cleanup",
    "extension",
    "controller-configuration",
    "description",
    "ma-ui-settings",
    "private-configuration",
    "ma-partition-data",
    "ma-run-data",
)
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
    blank = ManagementAgent(agent.id, agent.name, agent.category, forest=None)
    own = Comparison(ServerConfiguration(agents=(blank,)), ServerConfiguration(agents=(agent,)), comparison.seed, comparison.names)
    edits = [change.edit for aspect in aspects for change in aspect(own) if change.edit is not None]

    def edit(folder: Folder) -> None:
        name = f"MA-{agent.id}.XML"
        folder.agents[agent.name.casefold()] = parse(_skeleton(agent), name)
        for one in edits:
            one(folder)

    return edit


def _skeleton(agent: ManagementAgent) -> bytes:
    named = {
        "format-version": "1",
        "id": agent.id,
        "name": agent.name,
        "category": agent.category,
        "subtype": agent.subtype,
        "ma-listname": agent.list_name,
        "ma-companyname": agent.company,
        "version": "1",
        "internal-version": "1",
        "password-sync-allowed": "0",
    }
    cleanup = Fragment("provisioning-cleanup", {"type": "declared"}, children=(Fragment("action", text="make-normal-disconnector"),))
    sections = tuple(cleanup if name == "provisioning-cleanup" else Fragment(name) for name in _SECTIONS)
    ends = (Fragment("export-type", text=str(agent.export_type)), _dn_construction(agent))
    data = Fragment("ma-data", children=(*(Fragment(name, text=text) for name, text in named.items()), *sections, *ends))
    return write_fragment(Fragment("saved-ma-configuration", children=(data,)), Style(), b"\n") + b"\n"


def _dn_construction(agent: ManagementAgent) -> Fragment:
    parts = []
    for kind, names in agent.dn_attributes.items():
        attributes = tuple(Fragment("attribute", text=name) for name in names)
        parts += [Fragment("dn", {"object-type": kind}, children=attributes)] if kind else list(attributes)
    return Fragment("dn-construction", children=tuple(parts))


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
