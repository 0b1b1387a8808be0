# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long a plan takes from the files of a server on, and how that grows with its size.

    python tests/benchmarks/plan.py [agents ...]          (12, 25, 50 and 100 by default)

Each agent has a wish of its own: a flow in, a flow out, a container and a limit. Reading, modelling, completing, checking and comparing count.
"""

from __future__ import annotations

import math
import resource
import sys
import time
from dataclasses import replace

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import (
    DirectMapping,
    ExportFlow,
    ExportFlowSet,
    ImportFlow,
    ManagementAgent,
    ServerConfiguration,
    Source,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.changes import changes_between
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.checks import prepared
from configuration import configuration


def wish(agent: ManagementAgent) -> ManagementAgent:
    domain = next(one for one in agent.partitions if one.is_domain)
    partitions = tuple(replace(one, inclusions=(f"OU=Staff,{one.dn}",)) if one is domain else one for one in agent.partitions)
    flows = ExportFlowSet("user", "person", (ExportFlow("", "info", True, DirectMapping(Source("mail"))),))
    profiles = tuple(replace(one, steps=tuple(replace(step, delete_limit=50) for step in one.steps)) for one in agent.run_profiles)
    return replace(agent, partitions=partitions, export_flows=(*agent.export_flows, flows), run_profiles=profiles)


def wanted(present: ServerConfiguration) -> ServerConfiguration:
    first = present.metaverse.import_flows[0]
    more = tuple(ImportFlow("", agent.id, "user", DirectMapping(Source("sAMAccountName"))) for agent in present.agents)
    groups = (replace(first, flows=(*first.flows, *more)), *present.metaverse.import_flows[1:])
    return ServerConfiguration(replace(present.metaverse, import_flows=groups), tuple(map(wish, present.agents)))


def measure(agents: int) -> tuple[float, float]:
    """Megabytes and seconds of the processor for the whole work."""
    files = configuration(agents)
    started = time.process_time()
    folder = read_folder(files)
    present = folder.model()
    read = time.process_time()
    changes = changes_between(present, prepared(present, wanted(present)))
    compared = time.process_time()
    for change in changes:
        change.apply(folder)
    folder.write()
    applied = time.process_time()
    size = sum(map(len, files.values())) / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    parts = f"read and model {read - started:.2f} s, plan {compared - read:.2f} s, apply and write {applied - compared:.2f} s"
    print(f"{agents:4d} agents, {size:5.1f} MB, {len(changes)} changes: {parts}, peak {peak:.0f} MiB")
    return size, applied - started


def main(counts: list[int]) -> None:
    points = [measure(count) for count in counts]
    if len(points) > 1:
        (small, first), (large, last) = points[0], points[-1]
        print(f"time grows with size to the power of {math.log(last / first) / math.log(large / small):.2f}")


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [12, 25, 50, 100])
