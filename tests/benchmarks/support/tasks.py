# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is measured, each in a process of its own: `python tasks.py <task> <folder> [...]` prints the seconds of its steps as JSON.

Each task imports what it needs and no more, as a user's process would.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


class Steps:
    """Seconds of the processor, step by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.last = time.process_time()

    def done(self, name: str) -> None:
        now = time.process_time()
        self.seconds[name] = now - self.last
        self.last = now


def files_in(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def compare(folder: str) -> Steps:
    """A configuration against itself, read from files twice, compared as values and as documents."""
    from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.compare import compare_folders
    from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.compare_models import compare_models
    from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder

    steps = Steps()
    first, second = read_folder(files_in(folder)), read_folder(files_in(folder))
    steps.done("read both")
    models = first.model(), second.model()
    steps.done("model both")
    assert compare_models(*models) == []
    assert compare_folders(first, second) == []
    steps.done("compare")
    return steps


def schemas(folder: str) -> Steps:
    """Every entry of every schema as a value, which only a preview or a run of the engine needs."""
    from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder

    model = read_folder(files_in(folder)).model()
    steps = Steps()
    assert all(len(list(agent.schema.attributes.values())) + len(list(agent.schema.classes.values())) for agent in model.agents)
    steps.done("read all schemas")
    return steps


def plan(folder: str, agents: str) -> Steps:
    """Something new for every agent, from files to files."""
    from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
    from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
    from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import plan_on_files
    from servers import declaration

    steps = Steps()
    read = read_folder(files_in(folder))
    steps.done("read")
    made, _unused = plan_on_files(read, read_wish(declaration(int(agents))), "merged")
    steps.done("plan")
    written = made.planned.write()
    steps.done("write")
    assert len(made.changes) >= 4 * int(agents)
    assert len(written) == int(agents) + 1
    return steps


def scope(folder: str, agents: str) -> Steps:
    """Other containers for every forest, as a run of `server_configuration` plans them."""
    from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired import read_declaration
    from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.server import Server, plan_for
    from servers import scopes

    steps = Steps()
    server = Server(installed=True, service="Running", build="4.6.34.0", files=files_in(folder))
    made = plan_for(read_declaration(scopes(int(agents))), server, "")
    steps.done("plan")
    made.planned.write()
    steps.done("write")
    assert len(made.changes) == (int(agents) + 1) // 2
    return steps


def adopt(folder: str) -> Steps:
    """A declaration made of a server, and planned against it."""
    from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
    from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
    from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import adopt as adopted
    from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import plan_on_files

    steps = Steps()
    declaration = adopted(files_in(folder)).declaration
    steps.done("adopt")
    made, _unused = plan_on_files(read_folder(files_in(folder)), read_wish(declaration), "merged")
    steps.done("plan again")
    assert made.changes == []
    return steps


def lint(folder: str) -> Steps:
    from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.lint.checking import lint_files

    steps = Steps()
    lint_files(files_in(folder))
    steps.done("lint")
    return steps


TASKS = {task.__name__: task for task in (compare, schemas, plan, scope, adopt, lint)}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](*sys.argv[2:]).seconds))
