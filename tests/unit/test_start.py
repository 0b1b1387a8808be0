# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What starts often or must start soon loads no more than it needs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
# Ansible loads every filter and test of a collection in each task that uses one of them, in a process of its own.
LIGHT_ROOMS = {"access", "errors", "preflight", "profiles", "setup"}
LIGHT_MODULES = {"configuration", "configuration.distinguished_name"}
LOADED = "import json, sys; print(json.dumps(sorted(sys.modules)))"


def loaded(code: str) -> set[str]:
    """Names of the modules that a new process holds after `code`."""
    done = subprocess.run([sys.executable, "-c", f"{code}\n{LOADED}"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_filters_and_tests_load_light_rooms_alone() -> None:
    names = [f"plugins.{kind}.{path.stem}" for kind in ("filter", "test") for path in sorted((REPOSITORY / "plugins" / kind).glob("*.py"))]
    found = loaded("\n".join(f"import ansible_collections.mimsync.sharepoint.{name}" for name in names))
    core = "ansible_collections.mimsync.sharepoint.plugins.plugin_utils."
    ours = {name.removeprefix(core) for name in found if name.startswith(core)} - LIGHT_MODULES
    assert {name for name in ours if name.partition(".")[0] not in LIGHT_ROOMS} == set()
    assert len(names) > 5


def test_the_command_that_reports_starts_without_ansible_and_yaml() -> None:
    found = loaded("import plugins.plugin_utils.report.command, plugins.plugin_utils.report.page")
    assert not {name for name in found if name.partition(".")[0] in {"ansible", "ansible_collections", "yaml", "argparse", "jinja2"}}
