# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What site.yml costs: remote executions by host and seconds, first and second run.

    python tests/benchmarks/remote_executions.py [people]          (300 by default)

On a real host an execution is a PowerShell start, a second or two: their number is what a run costs.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from ansible_collections.mimsync.sharepoint.lab.estate.estate import EstateOptions
from ansible_collections.mimsync.sharepoint.lab.harness import running_lab
from ansible_collections.mimsync.sharepoint.lab.playbook_run import run_playbook

SITE = Path(__file__).resolve().parents[2] / "playbooks" / "site.yml"


def measure(people: int) -> None:
    with tempfile.TemporaryDirectory() as folder, running_lab(Path(folder, "lab"), EstateOptions(people=people), fresh=True) as lab:
        for name in ("first", "second"):
            lab.reset_executions()
            run = run_playbook(SITE, lab.inventory, Path(folder, f"{name}.log"))
            hosts = ", ".join(f"{host} {count}" for host, count in sorted(lab.executions_by_host().items()))
            print(f"{name} run of site.yml, {people} people: {lab.executions()} remote executions ({hosts}), {run.seconds:.0f} s, exit code {run.code}")


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
