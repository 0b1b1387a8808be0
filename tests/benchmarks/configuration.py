# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long reading, modelling and comparing a configuration takes, and how that grows with its size.

    python tests/benchmarks/configuration.py [agents ...]          (12, 25, 50 and 100 by default)

Seconds are the processor's. First a configuration of 8 real agents (of the built-in solution, where the fixtures are absent), then servers of any size.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from support.measuring import cost_of_task, exponent, figure
from support.real import real_server
from support.servers import server, write_folder


def of_real_agents(folder: Path) -> bool:
    files = real_server()
    place = write_folder(folder / "real", files)
    cost = cost_of_task("compare", place, rounds=7)
    print(f"{len(files) - 1} real agents, {sum(map(len, files.values())) / 1e6:.1f} MB, against itself")
    met = figure("read, model and compare, whole process", cost.processor, 0.5, "s")
    met &= figure("the work itself", cost.work, 0.15, "s", 3)
    for step, seconds in cost.steps.items():
        figure(f"  {step}", seconds, None, "s", 3)
    figure("peak of memory", cost.memory, None, "MiB", 0)
    figure("every entry of every schema as a value, besides", cost_of_task("schemas", place).work, None, "s", 3)
    return met


def growing(folder: Path, counts: list[int]) -> bool:
    points = []
    for count in counts:
        files = server(count)
        size = sum(map(len, files.values())) / 1e6
        cost = cost_of_task("compare", write_folder(folder / str(count), files))
        points.append((size, cost.work))
        figure(f"{count} agents, {size:.1f} MB, against itself ({cost.memory:.0f} MiB)", cost.work, None, "s", 3)
    return len(points) < 2 or figure("time grows with size to the power of", exponent(points), 1.1, "")


def main(counts: list[int]) -> int:
    with tempfile.TemporaryDirectory() as name:
        met = of_real_agents(Path(name))
        return 0 if growing(Path(name), counts) and met else 1


if __name__ == "__main__":
    sys.exit(main([int(argument) for argument in sys.argv[1:]] or [12, 25, 50, 100]))
