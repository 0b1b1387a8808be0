# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Join and projection: how a disconnector comes to its metaverse object.

Source: reference page `sync-engine` section 3, inbound 3 and 4; what follows an ambiguous search is a switch.
"""

from __future__ import annotations

from ..configuration.model import ScriptedMapping
from .extension import DeclineMappingError, Scripts, script_failure
from .failures import ObjectFailure
from .objects import NOTHING, Attributes, CsObject, MvObject
from .rules import Criterion, Rules
from .store import Store
from .switches import Switches
from .systems.base import Values
from .views import Views


class Joining:
    """Searches the metaverse for one agent's disconnectors."""

    def __init__(self, rules: Rules, store: Store, scripts: Scripts, views: Views, switches: Switches) -> None:
        self.rules = rules
        self.store = store
        self.scripts = scripts
        self.views = views
        self.switches = switches
        self.blocked = False

    def join(self, item: CsObject, view: Attributes) -> MvObject | None:
        """The object to join by the criteria in their order, or None; an ambiguous search may forbid projection."""
        self.blocked = False
        for criterion in self.rules.agents[item.agent_id].of(item.type).criteria:
            found = self._search(criterion, item, view)
            if criterion.scripted_resolution and found:
                chosen = self._resolve(criterion, item, view, found)
                if chosen is not None:
                    return chosen
                continue
            if len(found) == 1:
                return found[0]
            if len(found) > 1 and self.switches.ambiguous_join != "next":
                self.blocked = self.switches.ambiguous_join == "stop"
                return None
        return None

    def _search(self, criterion: Criterion, item: CsObject, view: Attributes) -> list[MvObject]:
        """Metaverse objects of the wanted type for which every mapping has a value in common."""
        wanted = criterion.mv_object_type.lower()
        common: dict[int, MvObject] | None = None
        for attribute, mapping in criterion.searches:
            values = self._search_values(mapping.mapping, item, view)
            hits = {mv.id: mv for value in values for mv in self.store.metaverse.find(self.rules.mv_names.spell(attribute), value)}
            common = hits if common is None else {number: mv for number, mv in common.items() if number in hits}
            if not common:
                return []
        return [mv for _unused, mv in sorted((common or {}).items()) if not wanted or mv.type.lower() == wanted]

    def _search_values(self, mapping: object, item: CsObject, view: Attributes) -> Values:
        agent = self.rules.agents[item.agent_id]
        if isinstance(mapping, ScriptedMapping):
            extension = self.scripts.extension(agent.agent.extension, "ma")
            try:
                return extension.map_for_join(mapping.context, self.views.cs_entry(item, view))
            except DeclineMappingError:
                return NOTHING
            except Exception as problem:
                raise script_failure(problem, "join", "join-mapping", agent.agent.extension, mapping.context) from problem
        source = getattr(mapping, "source", None)
        if source is None:
            return NOTHING
        if source.intrinsic:
            return (item.dn,)
        name = agent.names.spell(source.name)
        values = view.get(name, NOTHING)
        if name in agent.names.references:
            return tuple(self.rules.compiler.cs_text(value) for value in values)
        return values

    def _resolve(self, criterion: Criterion, item: CsObject, view: Attributes, found: list[MvObject]) -> MvObject | None:
        assembly = self.rules.agents[item.agent_id].agent.extension
        extension = self.scripts.extension(assembly, "ma")
        entries = [self.views.mv_entry(mv, mv.values) for mv in found]
        try:
            index = extension.resolve_join(criterion.context, self.views.cs_entry(item, view), entries)
        except Exception as problem:
            raise script_failure(problem, "join", "join-resolution", assembly, criterion.context) from problem
        if index is None:
            return None
        if not 0 <= index < len(found):
            raise ObjectFailure("extension-join-resolution-index-out-of-bounds", "join")
        return found[index]

    def project(self, item: CsObject, view: Attributes) -> MvObject | None:
        """A new metaverse object by the type's projection rule, or None."""
        projection = self.rules.agents[item.agent_id].of(item.type).projection
        if projection is None or self.blocked:
            return None
        mv_type = projection.mv_object_type
        if projection.type == "scripted":
            mv_type = self._scripted_projection(item, view)
            if not mv_type:
                return None
        known = self.rules.mv_types.get(mv_type.lower())
        if known is None:
            raise ObjectFailure("extension-projection-invalid-object-type", "projection", {"call-stack": mv_type})
        return self.store.metaverse.new(known)

    def _scripted_projection(self, item: CsObject, view: Attributes) -> str:
        assembly = self.rules.agents[item.agent_id].agent.extension
        extension = self.scripts.extension(assembly, "ma")
        try:
            return extension.should_project(self.views.cs_entry(item, view))
        except Exception as problem:
            raise script_failure(problem, "projection", "projection", assembly) from problem
