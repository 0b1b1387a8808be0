# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The reference of modules, filters, tests and roles in docs/reference, written by antsibull-docs out of their own documentation.

Without an argument it is written; `--check` says whether what stands there is what would be written, and holds all documentation to antsibull-docs' rules.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
REFERENCE = REPOSITORY / "docs" / "reference"
WRITE = ("collection", "--use-current", "--squash-hierarchy", "--output-format", "simplified-rst", "--no-add-antsibull-docs-version", "--fail-on-error")


def written(folder: Path) -> dict[str, bytes]:
    """What antsibull-docs writes now, by file name; raises CalledProcessError when it refuses the documentation."""
    # antsibull-docs only writes into folders that nobody else may write to.
    folder.chmod(0o755)
    program = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{program}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run([program / "antsibull-docs", *WRITE, "--dest-dir", folder, "mimsync.sharepoint"], check=True, env=environment, cwd=folder)
    return {item.name: _tidy(item.read_bytes()) for item in sorted(folder.iterdir())}


def _tidy(page: bytes) -> bytes:
    """Without the empty lines in rows and the blanks at line ends that templates leave behind."""
    lines = [line.rstrip() for line in page.split(b"\n")]
    kept = [line for number, line in enumerate(lines) if line or number == 0 or lines[number - 1]]
    return b"\n".join(kept).rstrip(b"\n") + b"\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when docs/reference is not up to date")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        try:
            pages = written(Path(folder))
        except subprocess.CalledProcessError as error:
            return int(error.returncode)
    present = {item.name: item.read_bytes() for item in REFERENCE.glob("*.rst")}
    stale = sorted(name for name in pages.keys() | present.keys() if pages.get(name) != present.get(name))
    if check:
        if stale:
            print(f"docs/reference is not up to date ({', '.join(stale[:5])}{' ...' if len(stale) > 5 else ''}): run `make reference`.")
        return 1 if stale else 0
    if REFERENCE.is_dir():
        shutil.rmtree(REFERENCE)
    REFERENCE.mkdir(parents=True)
    for name, content in pages.items():
        (REFERENCE / name).write_bytes(content)
    print(f"docs/reference: {len(pages)} pages, {len(stale)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
