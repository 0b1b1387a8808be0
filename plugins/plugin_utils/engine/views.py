# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects as rules extensions see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .extension import Connectors, CsEntry, MvEntry, NoSuchAttributeError
from .objects import Attributes, CsObject, MvObject
from .rules import Rules
from .store import Store
from .systems.base import Value


class Views:
    """Makes the entries and answers what an extension asks (`Utils`)."""

    def __init__(self, rules: Rules, store: Store) -> None:
        self.rules = rules
        self.store = store

    def cs_entry(self, item: CsObject, view: Attributes) -> CsEntry:
        rules = self.rules.agents[item.agent_id]
        text = self.rules.compiler.cs_text
        return CsEntry(rules.agent.name, item.dn, item.type, view, rules.names.spelling, rules.names.references, text)

    def mv_entry(self, item: MvObject, values: Attributes, connectors: Callable[[str], Connectors] | None = None) -> MvEntry:
        names = self.rules.mv_names
        return MvEntry(item.id, item.type, values, names.spelling, names.references, self.rules.compiler.mv_text, connectors)

    def find_mv_entries(self, attribute: str, value: Value) -> Iterable[MvEntry]:
        name = self.rules.mv_names.spelling.get(attribute.lower())
        if name is None:
            raise NoSuchAttributeError(attribute)
        return [self.mv_entry(item, item.values) for item in self.store.metaverse.find(name, value)]
