# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long a plan takes from the files of a server on, and how that grows with its size; adopting and lint, too.

    python tests/benchmarks/plan.py [agents ...]          (12, 25, 50 and 100 by default)

For each agent the declaration has a flow in, a flow out and limits of its run steps. Reading, modelling, completing, checking, comparing, changing
the documents and writing them count, in a process of its own with its start. Seconds are the processor's.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from support.measuring import Cost, cost_of_task, exponent, figure
from support.servers import server, write_folder

# Of the largest server: seconds and MiB.
SECONDS, MEMORY = 5.0, 600.0


def growing(task: str, sizes: dict[int, float], folder: Path, more: bool = False) -> bool:
    """One task on servers of all sizes; `more`: the task wants to know the number of agents."""
    points, cost = [], Cost(0, 0, 0)
    for agents, size in sizes.items():
        cost = cost_of_task(task, folder / str(agents), *([agents] if more else []), rounds=2)
        points.append((size, cost.work))
        steps = ", ".join(f"{name} {seconds:.2f}" for name, seconds in cost.steps.items())
        figure(f"{task}: {agents} agents, {size:.1f} MB ({steps})", cost.processor, SECONDS if agents == max(sizes) else None, "s")
    met = cost.processor <= SECONDS
    met &= figure(f"{task}: peak of memory", cost.memory, MEMORY, "MiB", 0)
    return met if len(points) < 2 else figure(f"{task}: time grows with size to the power of", exponent(points), 1.1, "") and met


def main(counts: list[int]) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder, sizes = Path(name), {}
        for count in sorted(counts):
            files = server(count)
            sizes[count] = sum(map(len, files.values())) / 1e6
            write_folder(folder / str(count), files)
        met = [growing(task, sizes, folder, more=task in ("plan", "scope")) for task in ("plan", "scope", "adopt", "lint")]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main([int(argument) for argument in sys.argv[1:]] or [12, 25, 50, 100]))
