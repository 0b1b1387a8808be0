# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A preview of one person in milliseconds, on a state that stays as it is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from ..configuration.collector import paused
from ..configuration.model import ServerConfiguration
from ..engine.counters import Counters
from ..engine.extension import ExtensionLoader
from ..engine.objects import CsObject, MvObject
from ..engine.runs import Engine
from ..engine.switches import Switches
from ..engine.synchronization import SyncStep
from .cycle import in_order
from .outcome import Comparison
from .rows import Row
from .sandbox import AnyStore, Sandbox, copied
from .shadow import ShadowConnector
from .trace import PersonTrace, Tracer


@dataclass(frozen=True)
class PersonAnswer:
    """What happens to one person's objects under the wanted rules; `seconds` of the synchronization and its tracing."""

    rows: tuple[Row, ...]
    trace: PersonTrace
    seconds: float


class PersonPreview:
    """Full synchronizations of one person at a time. Made once for a state and a configuration, asked many times."""

    def __init__(
        self,
        store: AnyStore,
        wanted: ServerConfiguration,
        extensions: ExtensionLoader,
        switches: Switches | None = None,
        rule_texts: Mapping[str, str] | None = None,
    ) -> None:
        self.before = store
        self.store = copied(store)
        self.sandbox = Sandbox(self.store)
        self.engine = Engine(wanted, cast("AnyStore", self.sandbox), ShadowConnector({}), extensions, switches=switches)
        self.order = {agent.id: number for number, agent in enumerate(in_order(wanted))}
        self.names = {agent.id: agent.name for agent in wanted.agents}
        self.tracer = Tracer(self.engine, self.store, rule_texts)

    def of(self, found: MvObject) -> PersonAnswer:
        """`found`: a metaverse object of the state that was given, or its copy."""
        with paused():
            return self._of(found)

    def _of(self, found: MvObject) -> PersonAnswer:
        start = time.perf_counter()
        mv = self.store.metaverse.get(found.id)
        if mv is None:
            raise KeyError(found.id)
        items = [item for item in map(self.store.cs_object, mv.links) if item is not None]
        items.sort(key=lambda item: self.order.get(item.agent_id, len(self.order)))
        with self.sandbox.taken_back(items):
            for item in items:
                if item.agent_id in self.order:
                    self._synchronize(item.agent_id, item.partition_id, item)
            comparison = Comparison(self.before, self.store, self.names, {})
            touched = dict.fromkeys((*found.links, *mv.links))
            rows = [row for number in touched for row in comparison.connector_rows(self._agent_of(number), number)]
            rows += comparison.metaverse_rows(mv.id)
            trace = self.tracer.person(mv)
        return PersonAnswer(tuple(rows), trace, time.perf_counter() - start)

    def _synchronize(self, agent_id: str, partition_id: str, item: CsObject) -> None:
        self.sandbox.due = (item.id,)
        step = SyncStep(
            self.engine.rules,
            cast("AnyStore", self.sandbox),
            self.engine.scripts,
            agent_id,
            partition_id,
            full=True,
            counters=Counters(),
            now=0.0,
            switches=self.engine.switches,
        )
        for _unused in step.run():
            continue

    def _agent_of(self, number: int) -> str:
        item = self.store.cs_object(number) or self.before.cs_object(number)
        return item.agent_id if item is not None else ""
