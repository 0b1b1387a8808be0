# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the Joiner of the Synchronization Service Manager does: joining, projecting and disconnecting by hand.

Source: reference page `sync-engine` section 1 (explicit connectors are set by the Joiner and never disconnected by a filter; explicit
disconnectors are neither joined nor projected until the Joiner does it; rule type 9) and section 3 (deletion rules are asked for
what the Joiner disconnects). Not settled by the sources: whether values flow at once; here the next synchronization of any kind
evaluates all rules of the object.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from ..errors import InputError
from .counters import Counters
from .failures import ObjectFailure, StepStopped
from .objects import BY_JOINER, DELETE, EXPLICIT, FILTERED, NORMAL, CsObject, MvObject
from .outbound import Outbound
from .views import Views

if TYPE_CHECKING:
    from .runs import Engine

T = TypeVar("T")


class Joiner:
    """Works on one agent's objects while no agent runs. Each call is one transaction; all raise InputError for what cannot be."""

    def __init__(self, engine: Engine, agent_name: str) -> None:
        agent = engine.configuration.agent(agent_name)
        if agent is None:
            raise InputError(f"There is no management agent '{agent_name}'.")
        self.engine = engine
        self.store = engine.store
        self.space = engine.store.space(agent.id)
        self.agent = agent

    def candidates(self, attribute: str, value: str) -> list[MvObject]:
        """Metaverse objects to join to: those that hold the value, text without regard to case."""
        name = self.engine.rules.mv_names.spelling.get(attribute.lower())
        if name is None:
            raise InputError(f"The metaverse has no attribute '{attribute}'.")
        return list(self.store.metaverse.find(name, value))

    def disconnectors(self) -> list[CsObject]:
        """What can be joined: normal and explicit disconnectors."""
        return [item for item in self.space.all() if not item.placeholder and not item.mv_id and item.state != FILTERED]

    def join(self, dn: str, mv_number: int) -> None:
        """Makes an explicit connector of a disconnector."""
        mv = self.store.metaverse.get(mv_number)
        if mv is None:
            raise InputError(f"There is no metaverse object {mv_number}.")
        item = self._disconnector(dn)
        self._whole(lambda outbound: self._link(outbound, item, mv))

    def project(self, dn: str, mv_type: str) -> None:
        """Makes a metaverse object of a disconnector."""
        known = self.engine.rules.mv_types.get(mv_type.lower())
        if known is None:
            raise InputError(f"The metaverse has no object type '{mv_type}'.")
        item = self._disconnector(dn)
        self._whole(lambda outbound: self._link(outbound, item, self.store.metaverse.new(known)))

    def disconnect(self, dn: str, *, explicit: bool = True) -> bool:
        """Makes a disconnector of a connector, an `explicit` one or one that rules may join again. True: the metaverse object went, too."""
        item = self._found(dn)
        mv = self.store.metaverse.get(item.mv_id) if item.mv_id else None
        if mv is None:
            raise InputError(f"The object '{dn}' of {self.agent.name} is no connector.")
        return self._whole(lambda outbound: self._unlink(outbound, item, mv, EXPLICIT if explicit else NORMAL))

    def release(self, dn: str) -> None:
        """Makes a normal disconnector of an explicit one, a normal connector of an explicit one."""
        item = self._found(dn)
        if item.state != EXPLICIT:
            raise InputError(f"The object '{dn}' of {self.agent.name} is neither an explicit connector nor an explicit disconnector.")
        self._whole(lambda outbound: self._set_state(item, NORMAL))

    # Work

    def _link(self, outbound: Outbound, item: CsObject, mv: MvObject) -> None:
        if item.hologram is None:
            raise InputError(f"The object '{item.dn}' has not been synchronized yet: run a synchronization of {self.agent.name} first.")
        outbound.link(item, mv, BY_JOINER)
        self._set_state(item, EXPLICIT)

    def _set_state(self, item: CsObject, state: int) -> None:
        self.space.touch(item)
        item.state, item.evaluate = state, True
        self.space.save(item)

    def _unlink(self, outbound: Outbound, item: CsObject, mv: MvObject, state: int) -> bool:
        gone, changed = outbound.disconnect(item, mv, state)
        return gone or not outbound.run(mv, changed, provision=True)

    def _whole(self, work: Callable[[Outbound], T]) -> T:
        """All of it or nothing."""
        if self.engine.active:
            running = next(iter(self.engine.active.values()))[0].agent_name
            raise InputError(f"The management agent '{running}' is running; join when no agent runs.")
        engine = self.engine
        engine.scripts.reset()
        outbound = Outbound(engine.rules, self.store, engine.scripts, Views(engine.rules, self.store), Counters(), now=engine.clock(), switches=engine.switches)
        self.store.begin()
        try:
            answer = work(outbound)
        except (ObjectFailure, StepStopped) as failure:
            self.store.rollback()
            raise InputError(f"The rules do not allow it: {failure}.") from failure
        except BaseException:
            self.store.rollback()
            raise
        self.store.commit()
        self.store.checkpoint()
        return answer

    def _found(self, dn: str) -> CsObject:
        item = self.space.by_dn(dn)
        if item is None or item.placeholder:
            raise InputError(f"The connector space of {self.agent.name} has no object '{dn}'.")
        return item

    def _disconnector(self, dn: str) -> CsObject:
        item = self._found(dn)
        if item.mv_id:
            raise InputError(f"The object '{dn}' of {self.agent.name} is a connector already; disconnect it first.")
        if item.state == FILTERED:
            raise InputError(f"The object '{dn}' of {self.agent.name} is held back by its connector filter.")
        if item.export_op == DELETE:
            raise InputError(f"The object '{dn}' of {self.agent.name} waits for its deletion; export and import first.")
        return item
