# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Damaged documents and declarations through all that reads them: readers, lint, adopting, planning, reports, engine.

    python tests/benchmarks/fuzz.py [--seconds N] [--first N] [--case N]        (600 seconds by default)

Only MimSyncError is allowed, each case within a second of the processor and 200 MB. Cases are numbered: a finding is shown again with `--case`.
Ends with 1 when something was found.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import adopt
from support.fuzzing.targets import TARGETS
from support.measuring import FIXTURES, REPOSITORY

SECONDS, MEMORY = 1.0, 200 * 1024 * 1024
# Cases of one process; then the next one begins, so that a crash costs no more than these.
BATCH = 400
# Sets whose documents are small enough for thousands of cases a minute; real ones are drawn more rarely.
SMALL = {name: REPOSITORY / "tests" / "data" / name for name in ("agents", "portal")}
REAL = {name: FIXTURES / name for name in ("mimdsc-testserver", "pnp-usermimsync")}


class TooLongError(BaseException):
    """More than a second of the processor. No exception that code under test would catch."""


class Watched:
    """Whatever is raised inside is a finding; only the keyboard ends it."""

    def __init__(self) -> None:
        self.finding: dict[str, str] = {}

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> bool:
        if kind is None or issubclass(kind, KeyboardInterrupt):
            return False
        where = traceback.extract_tb(trace)
        place = next((frame for frame in reversed(where) if "plugin_utils" in frame.filename), where[-1])
        self.finding = {"finding": f"{kind.__name__}: {problem}"[:600], "place": f"{Path(place.filename).name}:{place.lineno} {place.name}"}
        return True


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix.lower() == ".xml"}


class Corpus:
    def __init__(self) -> None:
        self.sets = {name: files_of(folder) for name, folder in (SMALL | REAL).items() if folder.is_dir()}
        self.declarations = {name: adopt(files).declaration for name, files in self.sets.items()}

    def draw(self, chance: random.Random) -> str:
        names = [name for name in self.sets if name in (SMALL if chance.random() < 0.99 else self.sets)]
        return chance.choice(names)


def run_case(corpus: Corpus, number: int) -> tuple[str, str]:
    """What was done with which outcome; raises what the code under test raises."""
    chance = random.Random(number)
    target, name = chance.choice(("documents", "documents", "declarations", "declarations", "texts")), corpus.draw(chance)
    arguments: tuple[Any, ...] = (chance, corpus.sets[name])
    if target != "documents":
        arguments = (*arguments, corpus.declarations[name])
    limit = SECONDS if name in SMALL else 4 * SECONDS
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        return target, TARGETS[target](*arguments)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _stop(*_unused: object) -> None:
    raise TooLongError(f"more than {SECONDS:g} s")


def work(first: int, count: int) -> None:
    """One process: prints a line of JSON for each case begun and for each one ended."""
    corpus = Corpus()
    signal.signal(signal.SIGPROF, _stop)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY,) * 2)
    for number in range(first, first + count):
        outcome: dict[str, Any] = {}
        with Watched() as watched:
            outcome = {"outcome": list(run_case(corpus, number))}
        print(json.dumps({"case": number, **(watched.finding or outcome)}), flush=True)


def batch(first: int) -> tuple[Counter[str], dict[str, tuple[int, str]]]:
    """Counts of outcomes, and findings by their place: the first case and what it said."""
    words = [sys.executable, __file__, "--work", str(first)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    counts: Counter[str] = Counter()
    found: dict[str, tuple[int, str]] = {}
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for line in lines:
        if "finding" in line:
            counts["found"] += 1
            found.setdefault(f"{line['place']} {line['finding'].partition(':')[0]}", (line["case"], line["finding"]))
        else:
            counts[": ".join(line["outcome"])] += 1
    if len(lines) < BATCH:
        found["crash"] = (first + len(lines), f"the process ended with {done.returncode}: {done.stderr.strip()[-600:]}")
    return counts, found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--case", type=int)
    parser.add_argument("--work", type=int)
    options = parser.parse_args()
    if options.work is not None:
        work(options.work, BATCH)
        return 0
    if options.case is not None:
        signal.signal(signal.SIGPROF, _stop)
        print(run_case(Corpus(), options.case))
        return 0
    counts: Counter[str] = Counter()
    found: dict[str, tuple[int, str]] = {}
    start, number = time.monotonic(), options.first
    while time.monotonic() - start < options.seconds:
        more, problems = batch(number)
        counts += more
        for place, problem in problems.items():
            if found.setdefault(place, problem) is problem:
                print(f"  FOUND at {place}\n    {problem[1]}\n    again: python tests/benchmarks/fuzz.py --case {problem[0]}", flush=True)
        number += BATCH
    print(f"  {counts.total():,} cases in {time.monotonic() - start:.0f} s, {len(found)} findings")
    for outcome, times in sorted(counts.items()):
        print(f"  {times:>8,}  {outcome}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
