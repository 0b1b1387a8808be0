# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes the environment that all tasks run in: `python3 tests/prepare.py .venv`. Needs nothing but Python.

The repository is linked into it as `ansible_collections.mimsync.sharepoint`, so that plugins, lab and tests share one import root.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

OLDEST = (3, 11)
SHOWN = ("Collecting ", "Building wheel")
REPOSITORY = Path(__file__).resolve().parents[1]


def main(folder: Path) -> int:
    if sys.version_info[:2] < OLDEST:
        print(f"Python {OLDEST[0]}.{OLDEST[1]} or later is needed, this is {sys.version.split()[0]}; name another one: make PYTHON=python3.11")
        return 1
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"Creating {folder} ...", flush=True)
        venv.create(folder, with_pip=True)
    print("Installing what requirements-dev.txt names, about a minute on a fresh machine:", flush=True)
    if install(python, folder / "pip.log"):
        return 1
    return link(folder)


def install(python: Path, log: Path) -> int:
    """Runs pip, shows which package it is at, and keeps the rest of its output for when it fails."""
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off", "-r", str(REPOSITORY / "requirements-dev.txt")]
    with log.open("w", encoding="utf-8") as file, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout or ():
            file.write(line)
            if line.startswith(SHOWN):
                print(f"  {line.split(' (from', maxsplit=1)[0].strip()}", flush=True)
    if process.returncode:
        print("".join(log.read_text(encoding="utf-8").splitlines(keepends=True)[-15:]) + f"pip failed; its whole output is in {log}")
    return process.returncode


def link(folder: Path) -> int:
    (packages,) = folder.resolve().glob("lib/python3*/site-packages")
    place = packages / "ansible_collections" / "mimsync" / "sharepoint"
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_symlink():
        place.unlink()
    if place.exists():
        print(f"{place} is a folder, not the link to this repository: remove it and run again.")
        return 1
    place.symlink_to(REPOSITORY, target_is_directory=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
