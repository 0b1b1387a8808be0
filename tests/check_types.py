# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Strict type checks of the core and the lab, under the names they are imported by.

mypy must see the files below a folder named ansible_collections, so it runs beside a link to the repository.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOMS = ("plugins/plugin_utils", "plugins/action", "lab")


def main() -> int:
    repository = Path(__file__).resolve().parents[1]
    root = repository / "build" / "types"
    link = root / "ansible_collections" / "mimsync" / "sharepoint"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(repository, target_is_directory=True)
    targets = [f"ansible_collections/mimsync/sharepoint/{room}" for room in ROOMS]
    command = [sys.executable, "-m", "mypy", "--config-file", str(repository / "pyproject.toml"), "--cache-dir", str(repository / ".mypy_cache"), *targets]
    return subprocess.run(command, cwd=root, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
