# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long a preview takes: one changed flow of the standard configuration, and one person.

python tests/benchmarks/preview.py [people ...]          (2000, 10000 and 100000 by default)
"""

from __future__ import annotations

import gc
import random
import statistics
import sys
import time
from dataclasses import replace

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ConstantMapping, ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.functions import sharepoint_registry
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.objects import MvObject
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.answer import Preview
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.person import PersonPreview
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.scene import Scene
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files
from ansible_collections.mimsync.sharepoint.tests.unit.engine.solution_people import Forest

DEPARTMENTS = ("Sales", "Finance", "Research", "Purchase", "Board")


def forest(people: int) -> Forest:
    """Every fifth person has a photo of 4 kB, all but the first a manager."""
    made = Forest(read_folder(build_files()).model())
    chance = random.Random(1)
    for number in range(people):
        values = {"givenName": f"Given{number}", "sn": f"Family{number}", "mail": f"u{number}@corp.example.com", "title": "Clerk"}
        more = {"photo": chance.randbytes(4096)} if number % 5 == 0 else {}
        boss = {"manager": chance.randrange(number)} if number else {}
        made.person(number, **values, department=chance.choice(DEPARTMENTS), telephoneNumber=f"+49 30 {number}", **more, **boss)
    return made


def one_flow_changed(configuration: ServerConfiguration) -> ServerConfiguration:
    """The department of everybody comes out alike."""
    flows = configuration.metaverse.import_flows
    changed = tuple(
        replace(item, flows=tuple(replace(flow, mapping=ConstantMapping("Sales")) for flow in item.flows)) if item.mv_attribute == "department" else item
        for item in flows
    )
    return replace(configuration, metaverse=replace(configuration.metaverse, import_flows=changed))


def cpu_of(asked: PersonPreview, mv: MvObject) -> float:
    """Seconds of the processor: others on the machine do not count."""
    start = time.thread_time()
    asked.of(mv)
    return time.thread_time() - start


def measure(people: int) -> None:
    made = forest(people)
    made.cycle("Full")
    made.cycle("Full")
    store, present = made.engine.store, made.engine.configuration
    wanted = one_flow_changed(present)
    gc.collect()
    start, used = time.perf_counter(), time.process_time()
    answer = Preview(Scene(present, store), sharepoint_registry(), wanted).run()
    whole, used = time.perf_counter() - start, time.process_time() - used
    asked = PersonPreview(store, wanted, sharepoint_registry())
    # The state stays; a search for cycles in it would be no part of one preview.
    gc.collect()
    gc.freeze()
    found = [item for item in store.metaverse.all() if item.type == "person"][:300]
    took = sorted(cpu_of(asked, mv) for mv in found)
    gc.unfreeze()
    changed = sum(count.objects for count in answer.counts if count.agent == "SPMA")
    print(  # a benchmark prints
        f"{people:>8} people: preview of one changed flow {whole:6.2f} s, {used:.2f} s of one core ({changed} profiles, {len(answer.rows)} rows), "
        f"one person {statistics.median(took) * 1000:.2f} ms (slowest of {len(took)}: {took[-1] * 1000:.1f} ms)"
    )


if __name__ == "__main__":
    for count in [int(text) for text in sys.argv[1:]] or [2000, 10000, 100000]:
        measure(count)
