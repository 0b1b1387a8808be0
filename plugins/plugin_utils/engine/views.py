# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects as rules extensions see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .extension import Connectors, CsEntry, MvEntry, NoSuchAttributeError, TextOf, Vocabulary
from .objects import Attributes, CsObject, MvObject
from .rules import Names, Rules
from .store import Store
from .systems.base import Value


class Views:
    """Makes the entries and answers what an extension asks (`Utils`)."""

    def __init__(self, rules: Rules, store: Store) -> None:
        self.rules = rules
        self.store = store
        text = rules.compiler
        self.metaverse = vocabulary_of(rules.mv_names, text.mv_text)
        self.agents = {agent_id: (agent.agent.name, vocabulary_of(agent.names, text.cs_text)) for agent_id, agent in rules.agents.items()}

    def cs_entry(self, item: CsObject, view: Attributes) -> CsEntry:
        name, vocabulary = self.agents[item.agent_id]
        return CsEntry(name, item.dn, item.type, view, vocabulary)

    def mv_entry(self, item: MvObject, values: Attributes, connectors: Callable[[str], Connectors] | None = None) -> MvEntry:
        return MvEntry(item.id, item.type, values, self.metaverse, connectors)

    def find_mv_entries(self, attribute: str, value: Value) -> Iterable[MvEntry]:
        name = self.rules.mv_names.spelling.get(attribute.lower())
        if name is None:
            raise NoSuchAttributeError(attribute)
        return [self.mv_entry(item, item.values) for item in self.store.metaverse.find(name, value)]


def vocabulary_of(names: Names, text: TextOf) -> Vocabulary:
    return Vocabulary(names.spelling, names.references, text, names.syntax, names.single)
