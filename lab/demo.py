# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`make demo`: a fresh lab, site.yml on it twice, and what SharePoint holds at the end."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .estate.estate import EstateOptions
from .estate.files import FileSystem
from .harness import Lab, running_lab
from .playbook_run import PlaybookRun, run_playbook
from .text_table import table

REPOSITORY = Path(__file__).resolve().parents[1]
PLAYBOOK = REPOSITORY / "playbooks" / "site.yml"
SHOWN_PEOPLE = 10


@dataclass(frozen=True)
class DemoOptions:
    """`solution` is a folder with exported configuration files to use in place of the built-in ones."""

    state: Path
    people: int = 300
    solution: Path | None = None


def main(options: DemoOptions) -> int:
    """Exit code 0 if both runs ended well and the second changed nothing."""
    # A shell that starts this in the background lets interrupts be ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print(f"Starting the lab: {options.people} people, five hosts, state in {options.state} ...", flush=True)
    with running_lab(options.state, EstateOptions(people=options.people), fresh=True) as lab:
        runs = []
        for number, title in ((1, "First run of site.yml"), (2, "Second run, which should change nothing")):
            print(f"\n{title}:", flush=True)
            before = lab.executions()
            run = run_playbook(PLAYBOOK, lab.inventory, options.state / f"site-{number}.log", variables=variables(options))
            runs.append((run, lab.executions() - before))
            if run.code:
                print(f"\nsite.yml failed (exit code {run.code}). Its whole output: {run.output}")
                return 1
        report(lab, runs, options)
        write_figures(runs, options.state / "figures.json")
    return 0 if not runs[1][0].counts.get("changed") else 1


def variables(options: DemoOptions) -> Mapping[str, str]:
    found = {"mimsync_report_folder": str((options.state / "reports").resolve()), "mimsync_key_set_copy": str((options.state / "key-set").resolve())}
    if options.solution is not None:
        found |= {"sync_solution_source": "pnp", "sync_solution_folder_source": str(options.solution.resolve())}
    return found


def report(lab: Lab, runs: list[tuple[PlaybookRun, int]], options: DemoOptions) -> None:
    print("\nWhat SharePoint holds now:\n")
    rows = [row for row in lab.call("profiles", limit=options.people) if row["e-mail"]]
    spread = rows[:: max(1, len(rows) // SHOWN_PEOPLE)][:SHOWN_PEOPLE]
    print(table(list(spread[0]), [list(row.values()) for row in spread]) if spread else "no profiles")
    totals = lab.call("profile_totals")
    print("\n" + ", ".join(f"{count} {what}" for what, count in totals.items()) + "\n")
    print(f"{'':14}{'ok':>6}{'changed':>9}{'failed':>8}{'seconds':>9}{'remote executions':>19}")
    for name, (run, executions) in zip(("first run", "second run"), runs, strict=True):
        counts = run.counts
        print(f"{name:14}{counts.get('ok', 0):>6}{counts.get('changed', 0):>9}{counts.get('failed', 0):>8}{run.seconds:>9.0f}{executions:>19}")
    print(places(lab, options))


def places(lab: Lab, options: DemoOptions) -> str:
    """Where the things lie that a run leaves."""
    host = lab.estate.host("MIM1")
    backups = [path for path in sorted(host.files.nodes) if path.endswith("manifest.json")]
    keys = [path for path in sorted(host.files.nodes) if path.endswith("keyset.bin")]
    rows = [
        ("report of the cycle", ", ".join(str(path) for path in sorted((options.state / "reports").glob("*"))) or "none"),
        ("backup of the configuration", ", ".join(f"MIM1: {shown(host.files, path)}" for path in backups) or "none"),
        ("key set", ", ".join([*(f"MIM1: {shown(host.files, path)}" for path in keys), *map(str, sorted((options.state / "key-set").glob("*")))]) or "none"),
        ("output of both runs", f"{options.state}/site-1.log, {options.state}/site-2.log"),
        ("look around", f"make lab-up; .venv/bin/ansible-playbook -i {options.state}/inventory playbooks/verify.yml; make lab-status; make lab-down"),
    ]
    return "\n" + "\n".join(f"{name + ':':30}{value}" for name, value in rows)


def shown(files: FileSystem, key: str) -> str:
    """A path in the letters it was made with; `key` is the file system's own lower-case form."""
    parts = key.split("\\")
    names = (files.nodes["\\".join(parts[: depth + 1])].name for depth in range(1, len(parts)))
    return "\\".join([parts[0].upper(), *names])


def write_figures(runs: list[tuple[PlaybookRun, int]], path: Path) -> None:
    """The figures of the last demo, for the benchmark."""
    figures = [{"seconds": round(run.seconds, 1), "remote_executions": executions, **run.counts} for run, executions in runs]
    path.write_text(json.dumps({"first": figures[0], "second": figures[1]}, indent=2) + "\n", encoding="utf-8")
