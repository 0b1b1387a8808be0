# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The end of a synchronization: what its objects made necessary elsewhere.

Source: reference page `sync-engine` section 1 (provisioning retry and reference retry, MS-UPSDBDAP 3.1.5.59): worked off at the end of
runs; errors there are `mv-retry-errors`. What fails, or is not reached, waits for the next synchronization.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from .counters import Counters
from .failures import ObjectFailure
from .objects import CsObject, MvObject
from .outbound import Outbound
from .rules import Rules
from .store import Store

PROGRESS_EVERY = 250
Progress = Iterator[tuple[int, int]]


class Retries:
    """References whose targets came or went, and metaverse objects to be provisioned again. `errors`: number of the object and why."""

    def __init__(self, rules: Rules, store: Store, outbound: Outbound, counters: Counters) -> None:
        self.rules = rules
        self.store = store
        self.outbound = outbound
        self.counters = counters
        self.errors: list[tuple[int, ObjectFailure]] = []

    def run(self) -> Progress:
        """Until nothing is left; yields (done, total) now and then."""
        store = self.store
        unprovisioned: set[int] = set()
        inbound: dict[int, None] = {}
        outbound: dict[int, None] = {}
        try:
            yield from self._provision(unprovisioned)
            while store.inbound_retries or store.outbound_retries:
                yield from self._inbound(inbound)
                yield from self._outbound(outbound)
        finally:
            store.provisioning_retries |= unprovisioned
            store.inbound_retries |= inbound
            store.outbound_retries |= outbound

    def _provision(self, failed: set[int]) -> Progress:
        waiting = sorted(self.store.provisioning_retries)
        for done, number in enumerate(waiting, 1):
            self.store.provisioning_retries.discard(number)
            if not self._retry(number, lambda mv: self.outbound.run(mv, None, provision=True)):
                failed.add(number)
            if done % PROGRESS_EVERY == 0:
                yield done, len(waiting)

    def _inbound(self, failed: dict[int, None]) -> Progress:
        waiting = list(self.store.inbound_retries)
        for done, number in enumerate(waiting, 1):
            self.store.inbound_retries.pop(number, None)
            item = self.store.cs_object(number)
            if item is not None and item.mv_id and item.hologram is not None and not self._retry(item.mv_id, partial(self._flow_in, item)):
                failed[number] = None
            if done % PROGRESS_EVERY == 0:
                yield done, len(waiting)

    def _flow_in(self, item: CsObject, mv: MvObject) -> None:
        flows = self.rules.imports.get((item.agent_id, item.type.lower(), mv.type.lower()))
        if flows is None or item.hologram is None:
            return
        changed = self.outbound.import_flow.run(mv, flows.references, item, item.hologram)
        if changed:
            self.outbound.run(mv, changed, provision=True)

    def _outbound(self, failed: dict[int, None]) -> Progress:
        waiting = list(self.store.outbound_retries)
        for done, number in enumerate(waiting, 1):
            self.store.outbound_retries.pop(number, None)
            if not self._retry(number, self.outbound.flow_references):
                failed[number] = None
            if done % PROGRESS_EVERY == 0:
                yield done, len(waiting)

    def _retry(self, number: int, work: Callable[[MvObject], object]) -> bool:
        """Works on a metaverse object, if it is still there; False if that failed."""
        mv = self.store.metaverse.get(number)
        if mv is None:
            return True
        failed = False
        self.store.begin()
        try:
            work(mv)
        except ObjectFailure as failure:
            self.store.rollback()
            self.errors.append((number, failure))
            failed = True
        except BaseException:
            self.store.rollback()
            raise
        else:
            self.store.commit()
        # Retries belong to objects that were counted already.
        self.counters.forget_outbound()
        return not failed
