# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long reading, modelling and comparing a configuration takes, and how that grows with its size.

    python tests/benchmarks/configuration.py [agents ...]          (6, 12, 24 and 48 by default)

Each agent is a copy of the built-in solution's Active Directory agent, or of the real one where the fixtures are.
"""

from __future__ import annotations

import math
import resource
import sys
import time
from pathlib import Path

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.compare import compare_folders
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.document import parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files

REAL = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "pnp-usermimsync" / "MA-ADMA.XML"


def configuration(agents: int) -> dict[str, bytes]:
    """A metaverse and that many agents with names and ids of their own."""
    built_in = build_files()
    model = parse(REAL.read_bytes() if REAL.exists() else built_in["MA-ADMA.XML"], "model")
    files = {"MV.XML": built_in["MV.XML"]}
    for number in range(agents):
        data = model.root.require("ma-data")
        data.require("name").set_text(f"Agent {number}")
        data.require("id").set_text(f"{{00000000-0000-4000-8000-{number:012d}}}")
        files[f"MA-{number}.XML"] = model.write()
    return files


def measure(agents: int) -> tuple[float, float]:
    """Megabytes and seconds of the whole work."""
    files = configuration(agents)
    started = time.perf_counter()
    first, second = read_folder(files), read_folder(files)
    read = time.perf_counter()
    first.model()
    modelled = time.perf_counter()
    assert compare_folders(first, second) == []
    compared = time.perf_counter()
    size = sum(map(len, files.values())) / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    parts = f"read twice {read - started:.2f} s, model {modelled - read:.2f} s, compare {compared - modelled:.2f} s"
    print(f"{agents:4d} agents, {size:5.1f} MB: {parts}, peak {peak:.0f} MiB")
    return size, compared - started


def main(counts: list[int]) -> None:
    points = [measure(count) for count in counts]
    if len(points) > 1:
        (small, first), (large, last) = points[0], points[-1]
        print(f"time grows with size to the power of {math.log(last / first) / math.log(large / small):.2f}")


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [6, 12, 24, 48])
