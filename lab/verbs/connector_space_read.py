# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twin of connector_space_read.ps1."""

from __future__ import annotations

import base64
import gzip

from ..estate.connector_space_export import csexport
from ..estate.synchronization import service_of
from ..estate.synchronization_engine import read_server
from ..estate.synchronization_state import SynchronizationProblem
from .registry import ScriptError, VerbAnswer, VerbCall, verb


@verb("connector_space_read")
def connector_space_read(call: VerbCall) -> VerbAnswer:
    service = service_of(call.host)
    if service is None:
        raise ScriptError("The MIM Synchronization Service is not installed on this host.")
    try:
        service.require(call.session, "admins")
        running = service.running_agents(call.session)
    except SynchronizationProblem as problem:
        raise ScriptError(problem.message) from None
    configuration = read_server(service)
    spaces = {}
    for name in call.parameters["Agents"] or [agent.name for agent in configuration.agents]:
        agent = configuration.agent(str(name))
        if agent is None:
            raise ScriptError(f"csexport.exe ended with exit code 1 for {name}: The management agent could not be found.")
        spaces[str(name)] = base64.b64encode(gzip.compress(csexport(service.state.store, agent), mtime=0)).decode("ascii")
    return VerbAnswer({"read": str(int(service.now())), "running": list(running), "spaces": spaces})
