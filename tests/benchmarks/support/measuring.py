# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a process costs, how cost grows, and figures printed beside their targets."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
FIXTURES = REPOSITORY.parent / "shared" / "fixtures"
TASKS = Path(__file__).with_name("tasks.py")


@dataclass(frozen=True)
class Cost:
    """Of one process: seconds of the processor and on the clock, MiB at its peak, and the seconds of the steps that it printed as JSON."""

    processor: float
    clock: float
    memory: float
    steps: dict[str, float] = field(default_factory=dict)

    @property
    def work(self) -> float:
        return sum(self.steps.values())


def cost_of(words: Sequence[str], rounds: int = 3) -> Cost:
    """The cheapest of some rounds of a Python process: others may hold the machine for a moment. Raises when the process fails."""
    return min((_once([sys.executable, *words]) for _unused in range(rounds)), key=lambda cost: cost.processor)


def cost_of_task(name: str, *arguments: object, rounds: int = 3) -> Cost:
    """One of the tasks in `tasks.py`, in a process of its own."""
    return cost_of([str(TASKS), name, *map(str, arguments)], rounds)


def _once(words: Sequence[str]) -> Cost:
    start = time.perf_counter()
    with subprocess.Popen(words, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        output = process.stdout.read() if process.stdout else ""
        _unused, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    clock = time.perf_counter() - start
    if process.returncode not in (0, 2):
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}")
    steps = json.loads(output) if output.startswith("{") else {}
    return Cost(usage.ru_utime + usage.ru_stime, clock, usage.ru_maxrss / 1024, steps)


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """The power of the first values by which the second ones grow: least squares through the logarithms."""
    xs, ys = [math.log(x) for x, _unused in points], [math.log(y) for _unused, y in points]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


def figure(title: str, measured: float, target: float | None, unit: str, digits: int = 2) -> bool:
    """Prints one line; True if the target is met, or there is none."""
    met = target is None or measured <= target
    beside = "" if target is None else f"   target {target:g} {unit}".rstrip() + ("" if met else "   MISSED")
    print(f"  {title + ':':<58} {measured:8.{digits}f} {unit}{beside}", flush=True)
    return met
