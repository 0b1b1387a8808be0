# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long the standard cycle takes and how much memory it needs, for a number of people and both stores.

    python tests/benchmarks/engine.py [--store memory|sqlite|both] [--steps] [people ...]     (2000 and 10000 by default)

The directory is generated as it is read (every fifth person has a photo of 4 kB, all but the first a manager); the profile
store lives in a file. So the memory that is told is the interpreter's, the engine's and its store's.
Each figure stands beside its target where there is one. Several numbers of people: the exponent of time by people is told, too, fitted
over all of them.
"""

from __future__ import annotations

import argparse
import gc
import marshal
import math
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.functions import sharepoint_registry
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.memory import MemoryStore
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.runs import Engine
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.sqlite_store import SqliteStore
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import (
    ChangeType,
    ConnectedSystem,
    ExportedChange,
    ExportResult,
    ImportedObject,
    ImportPage,
    ImportRequest,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.generated import GeneratedDirectory
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files

HIDDEN = frozenset("ProfileIdentifier SID PreferredName Picture SPS-Department SPS-JobTitle SPS-DistinguishedName SPS-SourceObjectDN".split())
# Targets in seconds and megabytes (2 cores), by people and store: first full cycle, nothing changed, 1 % changed, memory.
TARGETS = {(100_000, "memory"): (120, 15, 6, 1536), (100_000, "sqlite"): (240, 15, 6, 500), (1_000_000, "sqlite"): (None, None, None, 2048)}
EXPONENT = 1.1
TELL_EVERY = 2.0
RUNS = (("ADMA", "Import"), ("ADMA", "Sync"), ("SPMA", "Import"), ("SPMA", "Sync"), ("SPMA", "Export"), ("SPMA", "DeltaImport"), ("SPMA", "DeltaSync"))


class FiledProfiles:
    """A profile store whose profiles lie in a file; export-only properties are not shown to imports."""

    server = "profiles:443"

    def __init__(self, path: Path) -> None:
        self.rows = sqlite3.connect(path, isolation_level=None)
        self.rows.execute("PRAGMA synchronous=OFF")
        self.rows.execute("CREATE TABLE profiles (anchor TEXT PRIMARY KEY, kind TEXT, body BLOB, changed INTEGER, gone INTEGER)")
        self.rows.execute("CREATE INDEX by_change ON profiles (changed)")
        self.change = 0

    def import_pages(self, request: ImportRequest) -> Iterator[ImportPage]:
        delta = bool(request.watermark)
        query = "SELECT anchor, kind, body, gone FROM profiles WHERE changed > ?" + ("" if delta else " AND gone = 0")
        cursor = self.rows.execute(query, (int(request.watermark or -1),))
        while rows := cursor.fetchmany(request.page_size):
            yield ImportPage(tuple(self._object(*row) for row in rows))
        yield ImportPage((), str(self.change))

    @staticmethod
    def _object(anchor: str, kind: str, body: bytes, gone: int) -> ImportedObject:
        if gone:
            return ImportedObject(ChangeType.DELETE, anchor, anchor, kind)
        shown = {name: values for name, values in marshal.loads(body).items() if name not in HIDDEN}
        return ImportedObject(ChangeType.REPLACE, anchor, anchor, kind, shown)

    def export(self, changes: Sequence[ExportedChange]) -> Sequence[ExportResult]:
        self.rows.execute("BEGIN")
        results = [self._apply(change) for change in changes]
        self.rows.execute("COMMIT")
        return results

    def _apply(self, change: ExportedChange) -> ExportResult:
        self.change += 1
        row = self.rows.execute("SELECT body FROM profiles WHERE anchor=?", (change.dn,)).fetchone()
        values = {**(marshal.loads(row[0]) if row else {}), **change.attributes}
        gone = change.change is ChangeType.DELETE
        self.rows.execute("INSERT OR REPLACE INTO profiles VALUES (?,?,?,?,?)", (change.dn, change.object_type, marshal.dumps(values, 4), self.change, gone))
        return ExportResult(change.object_id, anchor=change.dn, dn=change.dn)


class Systems:
    def __init__(self, directory: ConnectedSystem, profiles: ConnectedSystem) -> None:
        self.by_name = {"ADMA": directory, "SPMA": profiles}

    def connect(self, agent_name: str) -> ConnectedSystem:
        return self.by_name[agent_name]


class Estate:
    """An engine of the built-in configuration between the two systems."""

    def __init__(self, people: int, kind: str, folder: Path) -> None:
        configuration = read_folder(build_files()).model()
        agent = configuration.agent("ADMA")
        assert agent is not None
        domain = next(item.dn for item in agent.partitions if not item.dn.upper().startswith("CN="))
        self.directory = GeneratedDirectory(people, domain, f"OU=Staff,{domain}")
        self.profiles = FiledProfiles(folder / "profiles.db")
        store = SqliteStore(folder / "state.db") if kind == "sqlite" else MemoryStore()
        self.engine = Engine(configuration, store, Systems(self.directory, self.profiles), sharepoint_registry())

    def cycle(self, kind: str, *, tell: bool) -> tuple[float, float]:
        """Seconds by the clock, and seconds of the processor: others may be at work on it."""
        whole, worked = 0.0, time.process_time()
        for agent, profile in RUNS:
            name = profile if profile == "Export" or profile.startswith("Delta") else f"{kind}{profile}"
            start = time.perf_counter()
            status = self._run(agent, name)
            took = time.perf_counter() - start
            whole += took
            if status not in ("success", "completed-no-objects"):
                raise SystemExit(f"{agent} {name}: {status}")
            if tell:
                print(f"    {agent} {name}: {took:.2f} s", flush=True)
        return whole, time.process_time() - worked

    def _run(self, agent: str, profile: str) -> str:
        """Runs a profile and tells now and then how far it is."""
        told = time.monotonic()
        for progress in self.engine.run_steps(agent, profile):
            if time.monotonic() - told > TELL_EVERY:
                told = time.monotonic()
                print(f"    {agent} {profile}: {progress.done} of {progress.total or '?'}", file=sys.stderr, end="\r", flush=True)
        return self.engine.store.runs[-1].status


def peak() -> float:
    """Megabytes that the process held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(people: int, kind: str, *, tell: bool) -> float:
    with tempfile.TemporaryDirectory() as folder:
        base = peak()
        made = Estate(people, kind, Path(folder))
        first = made.cycle("Full", tell=tell)
        held = peak()
        again = made.cycle("Full", tell=tell)
        for number in range(0, people, 100):
            made.directory.retitle(number, "Chief")
        delta = made.cycle("Delta", tell=tell)
        gc.collect()
        goals = TARGETS.get((people, kind), (None, None, None, None))
        seconds = (
            f"{name} {_told(value)}{_goal(goal)}"
            for name, value, goal in zip(("first full cycle", "nothing changed", "1 % changed"), (first, again, delta), goals, strict=False)
        )
        memory = f"at most {held:.0f} MB in the first cycle, {peak():.0f} MB in all{_goal(goals[3])} ({base:.0f} MB before)"
        print(f"{people:>8} people, {kind:>6}: {', '.join(seconds)}; {memory}", flush=True)
    return first[1]


def _told(seconds: tuple[float, float]) -> str:
    return f"{seconds[0]:.2f} s ({seconds[1]:.2f} s of the processor)"


def _goal(goal: int | None) -> str:
    return f" [target {goal}]" if goal else ""


def exponent(points: dict[int, float]) -> str:
    """Time grows with people to the power of it: the slope of the line through all points, in logarithms."""
    if len(points) < 2:
        return "-"
    rows = [(math.log(people), math.log(seconds)) for people, seconds in points.items()]
    middle = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    slope = sum((x - middle[0]) * (y - middle[1]) for x, y in rows) / sum((x - middle[0]) ** 2 for x, _unused in rows)
    return f"{slope:.2f} [target {EXPONENT}]"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("people", nargs="*", type=int, default=[2000, 10000])
    parser.add_argument("--store", choices=("memory", "sqlite", "both"), default="both")
    parser.add_argument("--steps", action="store_true", help="tell the seconds of each run, too")
    parser.add_argument("--here", action="store_true", help="measure in this process: for one number and one store")
    options = parser.parse_args()
    kinds = ("memory", "sqlite") if options.store == "both" else (options.store,)
    if options.here:
        print(f"seconds {measure(options.people[0], kinds[0], tell=options.steps)}")
        return 0
    for kind in kinds:
        points: dict[int, float] = {}
        for people in options.people:
            command = [sys.executable, __file__, str(people), "--store", kind, "--here", *(["--steps"] if options.steps else [])]
            # A process each: the most that one ever held is what the system tells.
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                for line in process.stdout:
                    if line.startswith("seconds "):
                        points[people] = float(line.split()[1])
                    else:
                        print(line, end="", flush=True)
            if process.returncode:
                return process.returncode
        print(f"{kind}: the processor's time grows with people to the power of {exponent(points)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
