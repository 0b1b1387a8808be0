# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The outbound side of a synchronization: provisioning, export attribute flow, deprovisioning, deletion.

Source: reference page `sync-engine` section 3, outbound 1 to 6; inbound 6 and 7 for recall and the deletion rules.
"""

from __future__ import annotations

from collections.abc import Iterable

from .counters import Counters
from .extension import Scripts, script_failure
from .failures import ObjectFailure
from .flows import ExportFlowRule
from .importflow import ImportFlow, rule_context
from .objects import (
    DELETE,
    DELETE_ADD,
    EXPLICIT,
    NO_ATTRIBUTES,
    NONE,
    NORMAL,
    NOTHING,
    UPDATE,
    Attributes,
    CsObject,
    MvObject,
    origins,
    same_values,
)
from .provisioning import Provisioning
from .rules import ExportSet, Rules
from .shortcuts import ExportShortcut
from .store import Store
from .switches import PROVISION_LIMIT, Switches
from .systems.base import Values
from .views import Views

DISCONNECT, DISCONNECT_EXPLICIT, DELETE_OBJECT = "make-normal-disconnector", "make-explicit-disconnector", "delete-object"
ACTIONS = frozenset({DISCONNECT, DISCONNECT_EXPLICIT, DELETE_OBJECT})


class Outbound:
    """What follows from a metaverse object that changed."""

    def __init__(
        self, rules: Rules, store: Store, scripts: Scripts, views: Views, counters: Counters, *, now: float = 0.0, switches: Switches | None = None
    ) -> None:
        self.rules = rules
        self.store = store
        self.scripts = scripts
        self.views = views
        self.counters = counters
        self.now = now
        self.switches = switches or Switches()
        self.import_flow = ImportFlow(rules, store, now)
        self.provisioning = Provisioning(self)
        # Agents that something flows out to.
        self.exporting = frozenset(key[0] for key in rules.exports)
        self.shortcuts: dict[int, ExportShortcut] = {}

    def run(self, mv: MvObject, changed: set[str] | None, *, provision: bool) -> bool:
        """Provisioning and export flow; `changed` None: all flows. False when the metaverse object is gone after it."""
        # Connectors that provisioning made (add, delete-add) or renamed, with the kind for the counter.
        fresh: dict[int, str] = {}
        if provision and self.rules.provisioning:
            recalled = self._provision(mv, fresh)
            if changed is not None:
                changed |= recalled
        if not mv.links:
            self.delete(mv, None)
            return False
        for number in mv.links:
            if number not in fresh and self.store.agent_of(number) not in self.exporting:
                continue
            item = self.store.cs_object(number)
            if item is not None:
                self._export(mv, item, None if fresh.get(number, "rename") != "rename" else changed, fresh.get(number, ""))
        return True

    def _provision(self, mv: MvObject, fresh: dict[int, str]) -> set[str]:
        """Calls Provision until it changes the metaverse object no more; returns the attributes that recall changed."""
        recalled: set[str] = set()
        for _unused in range(PROVISION_LIMIT):
            changes = self.provisioning.call(mv, fresh)
            recalled |= changes
            if not changes:
                return recalled
        raise ObjectFailure("extension-provisioning-call-limit-reached", "provisioning")

    # Links

    def link(self, item: CsObject, mv: MvObject, rule: int) -> None:
        space = self.store.space(item.agent_id)
        space.touch(item)
        item.mv_id, item.link_rule, item.state, item.link_date = mv.id, rule, NORMAL, self.now
        space.save(item)
        self.store.metaverse.link(mv, (*mv.links, item.id))
        self._note_link(item, mv)

    def _note_link(self, item: CsObject, mv: MvObject) -> None:
        """A link came or went: who refers to the object in its own agent flows in again, who refers in the metaverse flows out again."""
        for referrer in self.store.space(item.agent_id).referrers(item):
            if referrer.mv_id and referrer.hologram is not None:
                self.store.inbound_retries[referrer.id] = None
        for source in self.store.metaverse.referrers(mv):
            self.store.outbound_retries[source.id] = None

    def unlink(self, item: CsObject, mv: MvObject, state: int) -> None:
        space = self.store.space(item.agent_id)
        space.touch(item)
        item.mv_id, item.link_rule, item.state, item.link_date = 0, 0, state, self.now
        space.save(item)
        self.store.metaverse.link(mv, tuple(link for link in mv.links if link != item.id))
        self._note_link(item, mv)

    # Disconnection from the inbound side

    def disconnect(self, item: CsObject, mv: MvObject, state: int) -> tuple[bool, set[str]]:
        """A connector is lost by import or filter: deletion rule, then recall. Answers whether the metaverse object went, and what changed."""
        entry_values = item.view()
        self.unlink(item, mv, state)
        if self._rule_deletes(mv, item, entry_values):
            self.delete(mv, item)
            return True, set()
        return False, self.recall(mv, item.agent_id)

    def recall(self, mv: MvObject, agent_id: str) -> set[str]:
        return self.import_flow.run(mv, self.import_flow.recalled(mv, agent_id), None, NO_ATTRIBUTES)

    def _rule_deletes(self, mv: MvObject, item: CsObject, view: Attributes) -> bool:
        """`declared-last`: no connector is left (those of the listed agents do not count); `declared-any`: a listed agent's went."""
        rule = self.rules.deletion.get(mv.type.lower())
        if not mv.links or rule is None:
            return not mv.links
        if rule.type == "scripted":
            return self._script_deletes(mv, item, view)
        listed = {agent_id.upper() for agent_id in rule.agent_ids}
        if rule.type == "declared-any":
            return item.agent_id.upper() in listed
        others = (self.store.cs_object(number) for number in mv.links)
        return not any(other is not None and other.agent_id.upper() not in listed for other in others)

    def _script_deletes(self, mv: MvObject, item: CsObject, view: Attributes) -> bool:
        assembly = self.rules.configuration.metaverse.extension
        extension = self.scripts.extension(assembly, "mv")
        try:
            return extension.should_delete(self.views.cs_entry(item, view), self.views.mv_entry(mv, mv.values))
        except Exception as problem:
            raise script_failure(problem, "mv-deletion", "mv-deletion", assembly) from problem

    def delete(self, mv: MvObject, origin: CsObject | None) -> None:
        """The metaverse object goes; its connectors are deprovisioned, but for the one whose deletion began it."""
        referrers = [source for source in self.store.metaverse.referrers(mv) if source is not mv]
        for number in mv.links:
            item = self.store.cs_object(number)
            if item is not None and item is not origin:
                self.deprovision(item)
        self.store.metaverse.link(mv, ())
        self.store.metaverse.remove(mv)
        for source in referrers:
            self._forget_reference(source, mv.id)

    def _forget_reference(self, source: MvObject, target: int) -> None:
        values, lineage = dict(source.values), dict(source.lineage)
        for name in self.rules.mv_names.references & values.keys():
            if target in values[name]:
                left = tuple(value for value in values[name] if value != target)
                origin = lineage[name]
                if left:
                    values[name] = left
                    if origin and isinstance(origin[0], tuple):
                        lineage[name] = origin[0]
                else:
                    del values[name], lineage[name]
        self.store.metaverse.write(source, values, lineage)
        self.store.outbound_retries[source.id] = None

    # Deprovisioning

    def deprovision(self, item: CsObject) -> None:
        """Takes a connector off the metaverse by its agent's rule; an object that was never exported just goes."""
        action = self._action(item)
        if action == DELETE_OBJECT and item.in_system and self.store.space(item.agent_id).has_children(item):
            raise ObjectFailure("unsupported-container-delete", "deprovisioning")
        space = self.store.space(item.agent_id)
        self.counters.count_outbound(item.agent_id, "provisioned-disconnect", item.id, item.dn)
        if not item.in_system and item.unconfirmed_op != DELETE:
            space.remove(item)
            item.mv_id = 0
            return
        space.touch(item)
        item.mv_id, item.link_rule, item.link_date = 0, 0, self.now
        item.export_op, item.export = NONE, NO_ATTRIBUTES
        if item.system_dn:
            item.dn, item.system_dn = item.system_dn, ""
        item.state = NORMAL if action == DISCONNECT else EXPLICIT
        if action == DELETE_OBJECT and item.import_op not in ("delete", "obsolete"):
            item.export_op = DELETE
        space.save(item)

    def _action(self, item: CsObject) -> str:
        agent = self.rules.agents[item.agent_id].agent
        if agent.deprovisioning_type != "scripted":
            return agent.deprovisioning
        extension = self.scripts.extension(agent.extension, "ma")
        try:
            action = extension.deprovision(self.views.cs_entry(item, item.view()))
        except Exception as problem:
            raise script_failure(problem, "deprovisioning", "cs-deprovisioning", agent.extension) from problem
        if action not in ACTIONS:
            raise ObjectFailure("extension-deprovisioning-invalid-result", "deprovisioning")
        return action

    # Export attribute flow

    def _export(self, mv: MvObject, item: CsObject, changed: set[str] | None, made: str) -> None:
        """`made`: what provisioning did to the connector, a part of the counter's name; empty for nothing."""
        flows = self.rules.exports.get((item.agent_id, item.type.lower(), mv.type.lower()))
        if flows is None:
            if made:
                self.counters.count_outbound(item.agent_id, f"provisioned-{made}-no-flow", item.id)
            return
        if changed is None:
            due: Iterable[ExportFlowRule] = self._shortcut(flows).due(mv, item)
        else:
            due = dict.fromkeys(flow for name in changed for flow in flows.by_source.get(name, ()))
            if not due:
                if made:
                    self.counters.count_outbound(item.agent_id, f"provisioned-{made}-no-flow", item.id)
                return
        flowed = self.flow_out(mv, item, due)
        kind = f"provisioned-{made}" if made else "connector"
        self.counters.count_outbound(item.agent_id, f"{kind}-flow" if flowed else f"{kind}-no-flow", item.id)

    def _shortcut(self, flows: ExportSet) -> ExportShortcut:
        found = self.shortcuts.get(id(flows))
        if found is None:
            found = self.shortcuts[id(flows)] = ExportShortcut(flows)
        return found

    def flow_references(self, mv: MvObject) -> None:
        """Only the flows of references: their targets' connectors came or went."""
        for number in mv.links:
            item = self.store.cs_object(number)
            flows = None if item is None else self.rules.exports.get((item.agent_id, item.type.lower(), mv.type.lower()))
            if item is not None and flows is not None and flows.references:
                self.flow_out(mv, item, flows.references)

    def flow_out(self, mv: MvObject, item: CsObject, flows: Iterable[ExportFlowRule]) -> bool:
        """Compares what the flows want with what the system has or will have; True if the pending export changed."""
        # An object that is deleted and made anew has nothing of what it had.
        base = item.hologram if item.hologram is not None and item.export_op != DELETE_ADD else NO_ATTRIBUTES
        unconfirmed, held = item.unconfirmed if item.export_op != DELETE_ADD else NO_ATTRIBUTES, item.export
        pending: dict[str, Values] | None = None
        supplied: set[str] = set()
        flow: ExportFlowRule | None = None
        try:
            for flow in flows:
                wanted = self._wanted(flow, mv, item, base, supplied)
                if wanted is None:
                    continue
                name = flow.target
                supplied.add(name)
                have = unconfirmed[name] if name in unconfirmed else base.get(name, NOTHING)
                now = held.get(name) if pending is None else pending.get(name)
                if wanted == have or same_values(wanted, have):
                    if now is not None:
                        pending = dict(held) if pending is None else pending
                        del pending[name]
                elif now is None or not same_values(now, wanted):
                    pending = dict(held) if pending is None else pending
                    pending[name] = wanted
        except ObjectFailure as failure:
            if flow is not None:
                failure.detail |= rule_context(self.rules, item.agent_id, item, flow.target, flow)
            raise
        if pending is None:
            return False
        self.set_export(item, pending)
        return True

    def _wanted(self, flow: ExportFlowRule, mv: MvObject, item: CsObject, base: Attributes, supplied: set[str]) -> Values | None:
        """What the flow wants the attribute to hold; None: nothing is said."""
        if flow.target in supplied or (flow.loop and self._came_from(flow, mv, item)):
            return None
        values = flow.compute(mv, item, base if flow.source or not (item.unconfirmed or item.export) else {**base, **item.unconfirmed, **item.export})
        if values is None or (not values and not flow.allow_nulls):
            return None
        if len(values) > 1 and flow.single:
            raise ObjectFailure("flow-multi-values-to-single-value", "export-flow")
        return values

    @staticmethod
    def _came_from(flow: ExportFlowRule, mv: MvObject, item: CsObject) -> bool:
        """A value does not go back to the very attribute that it came from."""
        lineage = mv.lineage.get(flow.source)
        return lineage is not None and any(origin[0] == item.agent_id for origin in origins(lineage))

    def set_export(self, item: CsObject, pending: dict[str, Values]) -> None:
        self._check_filter(item, pending)
        space = self.store.space(item.agent_id)
        space.touch(item)
        item.export = pending
        if item.export_op in (NONE, UPDATE):
            item.export_op = UPDATE if pending or item.system_dn else NONE
        space.save(item)

    def _check_filter(self, item: CsObject, pending: Attributes) -> None:
        rules = self.rules.agents[item.agent_id].of(item.type)
        if rules.filter is None:
            return
        base = item.hologram or NO_ATTRIBUTES
        if rules.filter({**base, **pending}, item.dn) and not rules.filter(base, item.dn):
            raise ObjectFailure("connector-filter-rule-violation", "validate-connector-filter")
