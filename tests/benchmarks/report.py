# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long a report takes and how much memory it needs, as a whole process, and how soon its page answers.

    python tests/benchmarks/report.py [agents ...]          (12, 25, 50 and 100 by default)

First a configuration of 8 real agents (of the built-in solution, where the fixtures are absent), then servers of any size; the page of the
largest one is searched in Chromium, where that is installed. Seconds are the processor's.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path

from ansible_collections.mimsync.sharepoint.tests.conformance.report_browser import CHROMIUM, SCROLL, SEARCH, opened
from support.measuring import Cost, cost_of, exponent, figure
from support.real import real_server
from support.servers import server, write_folder

WORDS = ("mvAttribute007", "forest 042 export", "a", "nothing such", "")


def cost_of_report(folder: Path, page: Path, against: Path | None = None, rounds: int = 3) -> Cost:
    compared = ["--against", str(against)] if against else []
    return cost_of(["-m", "plugins.plugin_utils.report", str(folder), *compared, "--to", str(page)], rounds)


def of_real_agents(folder: Path) -> bool:
    files = real_server()
    place = write_folder(folder / "real", files)
    print(f"{len(files) - 1} real agents, {sum(map(len, files.values())) / 1e6:.1f} MB")
    alone, compared = cost_of_report(place, folder / "page.html", rounds=7), cost_of_report(place, folder / "page.html", place, rounds=7)
    met = figure("report, whole process", alone.processor, 0.35, "s") & figure("report: peak of memory", alone.memory, 60, "MiB", 0)
    figure("difference to itself, whole process", compared.processor, None, "s")
    figure("difference to itself: peak of memory", compared.memory, None, "MiB", 0)
    return met


def growing(folder: Path, counts: list[int], start: float) -> bool:
    """`start`: seconds that a report of nothing takes, which do not grow."""
    points = []
    for count in counts:
        files = server(count)
        size = sum(map(len, files.values())) / 1e6
        cost = cost_of_report(write_folder(folder / str(count), files), folder / "page.html", rounds=2)
        points.append((size, cost.processor - start))
        figure(f"{count} agents, {size:.1f} MB ({cost.memory:.0f} MiB), whole process", cost.processor, None, "s")
    return len(points) < 2 or figure("time without the start grows with size to the power of", exponent(points), 1.1, "")


def in_a_browser(folder: Path) -> bool:
    if CHROMIUM is None:
        print("  Chromium is not installed: the page was not searched")
        return True
    page = (folder / "page.html").read_text(encoding="utf-8")
    found = opened(folder, page, SEARCH % json.dumps(WORDS))
    assert found["errors"] == []
    print(f"the page of the largest, {len(page) / 1e6:.1f} MB, {max(found['counts'].values())} rows, in Chromium")
    met = [figure(f"search for {words!r}: {found['counts'][words]} rows after", time, 100, "ms", 0) for words, time in found["times"].items()]
    scrolled = opened(folder, page, SCROLL)
    figure(f"slowest of 40 jumps down {scrolled['height']} points, all unfolded", max(scrolled["scrolls"]), None, "ms", 0)
    # On the clock: what others do on the machine shows in the slowest.
    met.append(figure("the middle one of them", statistics.median(scrolled["scrolls"]), 100, "ms", 0))
    return all(met)


def main(counts: list[int]) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        met = of_real_agents(folder)
        start = cost_of_report(write_folder(folder / "nothing", server(0)), folder / "page.html").processor
        met &= growing(folder, counts, start)
        met &= in_a_browser(folder)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sorted(int(argument) for argument in sys.argv[1:]) or [12, 25, 50, 100]))
