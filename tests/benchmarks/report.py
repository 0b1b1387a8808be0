# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long a report takes and how much memory it needs, as a whole process: a configuration of some 2.4 MB with 8 agents.

    python tests/benchmarks/report.py

The agents are those of the real configurations beside the repository, several times under names and ids of their own;
where they are absent, those of the built-in solution, which are smaller.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files

REPOSITORY = Path(__file__).resolve().parents[2]
FIXTURES = REPOSITORY.parent / "shared" / "fixtures"
AGENTS, ROUNDS = 8, 5


def real_files() -> dict[str, bytes]:
    """The agents of both real configurations and the metaverse of the first one."""
    folders = [FIXTURES / name for name in ("mimdsc-testserver", "pnp-usermimsync")]
    return {path.name: path.read_bytes() for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.XML"))} or build_files()


def multiplied(files: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    agents = [content.decode("utf-8-sig") for name, content in sorted(files.items()) if name.startswith("MA-")]
    yield "MV.XML", files["MV.XML"]
    for number, text in enumerate(islice(cycle(agents), AGENTS)):
        own = re.sub(r"<id>\{[^}]*\}", f"<id>{{{number:08X}-0000-4000-8000-000000000000}}", text, count=1)
        yield f"MA-{number}.XML", re.sub(r"<name>[^<]*<", f"<name>Agent {number}<", own, count=1).encode()


def measured(words: list[str]) -> tuple[float, float, int]:
    """Best of some rounds: seconds on the clock, seconds of the processor, KiB of memory."""
    best = (1e9, 1e9, 0)
    for _unused in range(ROUNDS):
        start = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "plugins.plugin_utils.report", *words], cwd=REPOSITORY, stdout=subprocess.DEVNULL)
        _unused, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        assert process.returncode in (0, 2)
        best = (min(best[0], seconds), min(best[1], usage.ru_utime + usage.ru_stime), usage.ru_maxrss)
    return best


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "configuration"
        folder.mkdir()
        for file, content in multiplied(real_files()):
            (folder / file).write_bytes(content)
        size = sum(path.stat().st_size for path in folder.iterdir())
        print(f"{size / 1e6:.1f} MB, {AGENTS} agents")
        for title, words in (("report", [str(folder)]), ("difference to itself", [str(folder), "--against", str(folder)])):
            clock, processor, memory = measured([*words, "--to", str(Path(name) / "report.html")])
            print(f"  {title}: {clock:.2f} s on the clock, {processor:.2f} s of the processor, {memory / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
