# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Synchronization steps: each object of a partition through filter, join, projection, import flow and outbound rules.

Source: reference page `sync-engine` section 3. One object is one transaction: what fails leaves nothing behind but its error.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from .counters import Counters
from .extension import Scripts, script_failure
from .failures import ObjectFailure, StepStopped
from .joining import Joining
from .objects import (
    ADD,
    BY_JOIN,
    BY_PROJECTION,
    DELETE_ADD,
    DELETIONS,
    EXPLICIT,
    FILTERED,
    NO_ATTRIBUTES,
    NONE,
    NORMAL,
    NOTHING,
    Attributes,
    CsObject,
    MvObject,
    ObjectError,
    same_values,
)
from .outbound import Outbound
from .retries import PROGRESS_EVERY, Retries
from .rules import DN, ImportGroup, Rules
from .shortcuts import ImportShortcut, orphans
from .store import Store
from .switches import Switches
from .views import Views


class SyncStep:
    """One synchronization step of one agent and partition; `full` re-evaluates all rules for all objects."""

    def __init__(
        self, rules: Rules, store: Store, scripts: Scripts, agent_id: str, partition_id: str, *, full: bool, counters: Counters, now: float, switches: Switches
    ) -> None:
        self.rules = rules
        self.store = store
        self.scripts = scripts
        self.agent = rules.agents[agent_id]
        self.space = store.space(agent_id)
        self.partition_id = partition_id
        self.full = full
        self.counters = counters
        self.now = now
        self.switches = switches
        self.views = Views(rules, store)
        self.outbound = Outbound(rules, store, scripts, self.views, counters, now=now, switches=switches)
        self.retries = Retries(rules, store, self.outbound, counters)
        self.joining = Joining(rules, store, scripts, self.views, switches)
        self.imports: dict[tuple[str, str, str], ImportShortcut] = {}
        self.delivered: set[int] = set()
        self.failed: list[CsObject] = []

    def run(self, delivered: Iterable[int] = ()) -> Iterator[tuple[int, int]]:
        """Yields (done, total) now and then. `delivered`: what a combined step's import brought, changed or not; all of it is
        synchronized beside what a delta step takes (MS-UPSDBDAP 2.2.6.2.2: pending imports, every normal disconnector).
        """
        self.delivered = set(delivered)
        numbers = self.space.due(self.partition_id, full=self.full, parents_first=self.switches.parents_first, also=self.delivered)
        for done, number in enumerate(numbers, 1):
            if done % PROGRESS_EVERY == 1:
                self.store.prefetch(numbers[done - 1 : done - 1 + PROGRESS_EVERY], self.outbound.exporting)
            item = self.store.cs_object(number)
            if item is not None:
                self._one(item)
                if self.switches.error_limit and len(self.failed) >= self.switches.error_limit:
                    raise StepStopped("stopped-error-limit")
            if done % PROGRESS_EVERY == 0:
                yield done, len(numbers)
        yield from self.retries.run()

    def _one(self, item: CsObject) -> None:
        self.store.begin()
        try:
            bucket = self._process(item)
            self._clear_error(item)
        except ObjectFailure as failure:
            self.store.rollback()
            self.counters.forget_outbound()
            self.counters.count(self.counters.inbound, "flow-failure", item.id)
            self._note_error(item, failure)
            return
        except BaseException:
            self.store.rollback()
            raise
        self.store.commit()
        self.counters.keep_outbound()
        if bucket:
            self.counters.count(self.counters.inbound, bucket, item.id, item.dn if item.indexed is None else "")

    def _clear_error(self, item: CsObject) -> None:
        if item.evaluate:
            self.space.touch(item)
            item.evaluate = False
            self.space.save(item)
        if item.import_error is not None and item.import_error.step != "staging":
            self.space.touch(item)
            item.import_error = None
            self.space.save(item)

    def _note_error(self, item: CsObject, failure: ObjectFailure) -> None:
        known = item.import_error
        repeated = known is not None and known.error_type == failure.error_type
        first = known.first if known is not None and repeated else self.now
        retries = known.retries + 1 if known is not None and repeated else 0
        item.import_error = ObjectError(failure.error_type, first, self.now, retries, failure.step, failure.detail)
        # A delta synchronization would not come back to it otherwise: the pending import may be none, or void by then.
        item.evaluate = True
        self.space.save(item)
        self.failed.append(item)

    # One object; the answers are the names of the inbound counters

    def _process(self, item: CsObject) -> str:
        if item.import_op in DELETIONS:
            return self._deleted(item)
        lead = ""
        if item.import_op == DELETE_ADD:
            lead = self._type_changed(item)
        view = item.view()
        if item.state != EXPLICIT and self._filtered(item, view):
            return self._filter_out(item)
        if item.mv_id:
            return self._connector(item, view)
        if item.state == EXPLICIT:
            self._apply(item)
            return "disconnector-remains"
        return self._disconnector(item, view, lead)

    def _apply(self, item: CsObject) -> None:
        """The pending import becomes what is synchronized."""
        if not item.import_op and item.state != FILTERED:
            return
        self.space.touch(item)
        if item.import_op:
            item.hologram = item.staged if item.staged is not None else (item.hologram or NO_ATTRIBUTES)
            item.staged, item.import_op, item.former_dn = None, NONE, ""
        if item.state == FILTERED:
            item.state = NORMAL
        self.space.save(item)

    def _deleted(self, item: CsObject) -> str:
        mv = self.store.metaverse.get(item.mv_id) if item.mv_id else None
        if mv is None:
            self._remove(item)
            return ""
        gone, changed = self.outbound.disconnect(item, mv, NORMAL)
        # Its name is free before Provision makes a new connector in its place.
        self._remove(item)
        if not gone:
            gone = not self.outbound.run(mv, changed, provision=True)
        return "connector-delete-remove-mv" if gone else "connector-delete-leave-mv"

    def _remove(self, item: CsObject) -> None:
        """The object goes, or stays as a placeholder while others refer to it or lie below it."""
        if not self.space.has_children(item) and not any(referrer is not item for referrer in self.space.referrers(item)):
            self.space.remove(item)
            return
        self.space.touch(item)
        item.empty()
        item.placeholder = True
        self.space.save(item)

    def _type_changed(self, item: CsObject) -> str:
        """Another object type under the same anchor: the old link goes, the object is taken as new."""
        mv = self.store.metaverse.get(item.mv_id) if item.mv_id else None
        if mv is not None:
            gone, changed = self.outbound.disconnect(item, mv, NORMAL)
            if not gone:
                self.outbound.run(mv, changed, provision=True)
        self.space.touch(item)
        item.import_op, item.hologram = ADD, None
        item.export_op, item.export = NONE, NO_ATTRIBUTES
        self.space.save(item)
        return "connector-delete-add-processed" if mv is not None else ""

    def _filtered(self, item: CsObject, view: Attributes) -> bool:
        rules = self.agent.of(item.type)
        if rules.filter is not None:
            return rules.filter(view, item.dn)
        if not rules.filter_scripted:
            return False
        assembly = self.agent.agent.extension
        extension = self.scripts.extension(assembly, "ma")
        try:
            return extension.filter_for_disconnection(self.views.cs_entry(item, view))
        except Exception as problem:
            raise script_failure(problem, "connector-filter", "connector-filter", assembly) from problem

    def _filter_out(self, item: CsObject) -> str:
        mv = self.store.metaverse.get(item.mv_id) if item.mv_id else None
        bucket = "disconnector-filtered"
        if mv is not None:
            gone, changed = self.outbound.disconnect(item, mv, FILTERED)
            if not gone:
                gone = not self.outbound.run(mv, changed, provision=True)
            bucket = "connector-filtered-remove-mv" if gone else "connector-filtered-leave-mv"
        self._apply(item)
        if self.full and self.agent.of(item.type).import_filter:
            self._remove(item)
            return bucket
        self.space.touch(item)
        item.state, item.export_op, item.export = FILTERED, NONE, NO_ATTRIBUTES
        self.space.save(item)
        return bucket

    def _connector(self, item: CsObject, view: Attributes) -> str:
        mv = self.store.metaverse.get(item.mv_id)
        if mv is None:
            raise ObjectFailure("unexpected-error", "import-flow")
        pending = bool(item.import_op)
        whole = self.full or item.evaluate
        if not pending and not whole and item.id not in self.delivered:
            return "connector-no-flow"
        groups = self._groups(item, mv, view)
        changed = self.outbound.import_flow.run(mv, groups, item, view)
        self._apply(item)
        # A connector whose own view changed is compared with the metaverse anew.
        scope = None if whole or pending else changed
        alive = self.outbound.run(mv, scope, provision=whole or bool(changed)) if scope is None or scope else True
        if not alive:
            return "connector-flow-remove-mv"
        return "connector-flow" if changed else "connector-no-flow"

    def _groups(self, item: CsObject, mv: MvObject, view: Attributes) -> Collection[ImportGroup]:
        """The flows to evaluate: all in a full synchronization, else those whose source changed."""
        key = (item.agent_id, item.type.lower(), mv.type.lower())
        flows = self.rules.imports.get(key)
        if flows is None:
            return ()
        if self.full or item.evaluate:
            return self._all_groups(key, item, mv, view)
        if item.hologram is None or item.id in self.delivered:
            return flows.groups
        due: dict[str, ImportGroup] = {}
        before = item.hologram
        for name, groups in flows.by_source.items():
            differs = bool(item.former_dn) if name == DN else not same_values(before.get(name, NOTHING), view.get(name, NOTHING))
            if differs:
                due.update((group.target, group) for group in groups)
        return due.values()

    def _all_groups(self, key: tuple[str, str, str], item: CsObject, mv: MvObject, view: Attributes) -> Collection[ImportGroup]:
        """All flows of the connector but for those of which a comparison says that they change nothing."""
        groups = self.rules.all_groups.get(key[2], {})
        if self._has_rival(item, mv):
            return [*self.rules.imports[key].groups, *orphans(mv.lineage, item.agent_id, groups)]
        shortcut = self.imports.get(key)
        if shortcut is None:
            shortcut = self.imports[key] = ImportShortcut(self.rules.imports[key], key, groups)
        return shortcut.due(item, mv, view)

    def _has_rival(self, item: CsObject, mv: MvObject) -> bool:
        """Another connector of the agent: which of them supplies a value is a matter of rules."""
        return any(number != item.id and self.store.agent_of(number) == item.agent_id for number in mv.links)

    def _disconnector(self, item: CsObject, view: Attributes, lead: str) -> str:
        mv = self.joining.join(item, view)
        kind, rule = "joined", BY_JOIN
        if mv is None:
            mv = self.joining.project(item, view)
            kind, rule = "projected", BY_PROJECTION
        if mv is None:
            self._apply(item)
            return lead or "disconnector-remains"
        self._apply(item)
        self.outbound.link(item, mv, rule)
        flows = self.rules.imports.get((item.agent_id, item.type.lower(), mv.type.lower()))
        view = item.view()
        changed = self.outbound.import_flow.run(mv, flows.groups if flows else (), item, view)
        alive = self.outbound.run(mv, None, provision=True)
        if lead:
            return lead
        if not alive:
            return f"disconnector-{kind}-remove-mv"
        return f"disconnector-{kind}-flow" if changed else f"disconnector-{kind}-no-flow"
