# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What `Delete connector space only` of the Synchronization Service Manager (miisclient) does; no call of the server's offers it.

Each connector is disconnected: the object deletion rules are asked, values that it supplied are recalled and supplied
by others, and who loses the metaverse object is deprovisioned. The objects go without an export, so the connected system
stays as it is. Facts: reference pages `sync-engine` (3, inbound 6 and 7), `field-notes` (Configuring),
`mim-synchronization-service` (WMI). Inferences: what a recalled value means for others is worked out at the next
synchronization; a delta import needs a full one afterwards; the run history stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...plugins.plugin_utils.engine.counters import Counters
from ...plugins.plugin_utils.engine.failures import ObjectFailure
from ...plugins.plugin_utils.engine.objects import NORMAL, CsObject
from ...plugins.plugin_utils.engine.outbound import Outbound
from ...plugins.plugin_utils.engine.views import Views
from .synchronization_import import agent_data, find_agent
from .synchronization_state import SynchronizationProblem

if TYPE_CHECKING:
    from ...plugins.plugin_utils.engine.runs import Engine
    from .synchronization import SynchronizationService


@dataclass
class Emptied:
    """What came of it, in objects: those that went, connectors among them, metaverse objects that were deleted."""

    objects: int = 0
    disconnected: int = 0
    deleted: int = 0


def delete_connector_space(service: SynchronizationService, agent: str) -> Emptied:
    """All objects of an agent's connector space go; raises SynchronizationProblem while an agent runs."""
    with service.lock:
        _unused, document = find_agent(service.state, agent)
        running = service.board.running_agents()
        if running:
            raise SynchronizationProblem(f"The management agent '{running[0]}' is running. A connector space cannot be deleted while a management agent runs.")
        agent_id = agent_data(document).find_text("id").upper()
        emptied = _empty(service.board.engine(service), agent_id)
        state = service.state
        for key in [key for key in state.store.watermarks if key[0].upper() == agent_id]:
            del state.store.watermarks[key]
        state.sent_pictures.pop(agent_id, None)
        return emptied


def _empty(engine: Engine, agent_id: str) -> Emptied:
    store, space = engine.store, engine.store.space(_engine_id(engine, agent_id))
    outbound = Outbound(engine.rules, store, engine.scripts, Views(engine.rules, store), Counters())
    engine.scripts.reset()
    emptied = Emptied()
    for item in list(space.all()):
        store.begin()
        try:
            _forget(outbound, item, emptied)
            space.remove(item)
        except ObjectFailure as failure:
            store.rollback()
            raise SynchronizationProblem(f"The object '{item.dn}' could not be disconnected: {failure.error_type}.") from failure
        store.commit()
        emptied.objects += 1
    return emptied


def _engine_id(engine: Engine, agent_id: str) -> str:
    """The agent's id as the engine writes it."""
    return next(known for known in engine.rules.agents if known.upper() == agent_id)


def _forget(outbound: Outbound, item: CsObject, emptied: Emptied) -> None:
    mv = outbound.store.metaverse.get(item.mv_id) if item.mv_id else None
    if mv is None:
        return
    emptied.disconnected += 1
    gone, changed = outbound.disconnect(item, mv, NORMAL)
    if changed:
        outbound.store.provisioning_retries.add(mv.id)
    emptied.deleted += gone
