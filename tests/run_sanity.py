# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs `ansible-test sanity` on the collection as it would be installed.

ansible-test wants the collection below a folder named ansible_collections, and fetches pip for its own environments
from a site that closed networks do not reach; Python's ensurepip carries the same pip, so it is put in that place.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
WORK = REPOSITORY / "build" / "sanity"
TESTS = (
    "action-plugin-docs ansible-doc compile empty-init ignores import line-endings no-assert no-get-exception no-illegal-filenames"
    " no-smart-quotes pep8 pylint replace-urlopen runtime-metadata shebang symlinks use-argspec-type-path use-compat-six validate-modules yamllint"
).split()
# What ansible-test passes are pip's own options and the packages; all but the options of get-pip.py go to pip.
PIP_CHATTER = ("Collecting ", "Downloading ", "Installing ", "Successfully ", "Using cached ", "Looking in ", "Processing ", "\u2501")
# ensurepip runs in a process of its own, since it switches pip's configuration off for the one that calls it.
BOOTSTRAP = """\
import runpy
import subprocess
import sys

subprocess.run([sys.executable, "-m", "ensurepip", "--upgrade"], check=True, stdout=subprocess.DEVNULL)
arguments = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
sys.argv = ["pip", "install", "--quiet", *arguments]
runpy.run_module("pip", run_name="__main__")
"""


def ansible(tool: str, *arguments: str, folder: Path, home: Path) -> int:
    """Runs a tool of the environment's; its output is the user's."""
    bin_folder = Path(sys.executable).parent
    environment = {**os.environ, "HOME": str(home), "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        [str(bin_folder / tool), *arguments], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            if not line.lstrip().startswith(PIP_CHATTER):
                print(line, end="", flush=True)
    return process.returncode


def fresh_copy() -> Path:
    """The collection, built and installed below `build/sanity`, as a git tree of its own (ansible-test lists files by git)."""
    collections = WORK / "ansible_collections"
    shutil.rmtree(collections, ignore_errors=True)
    WORK.mkdir(parents=True, exist_ok=True)
    ansible("ansible-galaxy", "collection", "build", "--force", "--output-path", str(WORK), folder=REPOSITORY, home=WORK)
    archive = max(WORK.glob("mimsync-sharepoint-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    ansible("ansible-galaxy", "collection", "install", "--no-deps", "--force", "-p", str(WORK), str(archive), folder=WORK, home=WORK)
    copy = collections / "mimsync" / "sharepoint"
    subprocess.run(["git", "init", "--quiet", "."], cwd=copy, check=True)
    subprocess.run(["git", "add", "--all"], cwd=copy, check=True)
    return copy


def provide_pip(home: Path) -> None:
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    from ansible_test._internal.python_requirements import get_venv_packages

    class Running:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"

    version = get_venv_packages(Running())["pip"]
    (cache / f"get_pip_{version.replace('.', '_')}.py").write_text(BOOTSTRAP, encoding="utf-8")


def main() -> int:
    print("ansible-test sanity ...", flush=True)
    copy = fresh_copy()
    home = WORK / "home"
    provide_pip(home)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    selected = [argument for name in TESTS for argument in ("--test", name)]
    return ansible("ansible-test", "sanity", "--python", version, "--color", "no", "--exclude", "tests/", *selected, *sys.argv[1:], folder=copy, home=home)


if __name__ == "__main__":
    sys.exit(main())
