# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes the repository importable as `ansible_collections.mimsync.sharepoint` in the environment that runs this."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path


def main() -> int:
    repository = Path(__file__).resolve().parents[1]
    link = Path(sysconfig.get_path("purelib"), "ansible_collections", "mimsync", "sharepoint")
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.is_symlink():
        link.unlink()
    if link.exists():
        print(f"{link} is a folder, not the link to this repository: remove it and run again.")
        return 1
    link.symlink_to(repository, target_is_directory=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
