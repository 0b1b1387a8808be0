# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is done with damaged input, and what must hold whatever the damage: an AssertionError is a finding, as any exception but MimSyncError is."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.check.pull_request import check_declaration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.compare import compare_folders
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import Folder, read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.variables import declaration_of, variable_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.extension import Registry
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.memory import MemoryStore
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.runs import Engine
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import MimSyncError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.lint.checking import lint_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.lint.findings import Severity
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import adopt
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import plan_on_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preview.validation import validate
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.command import FORMATS, render
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.configuration import Given, build_report

from . import declarations
from .documents import Files, damaged

STATES = ("merged", "replaced", "overridden", "deleted")


def no_connected_system(*_unused: object) -> Any:
    """Rules are compiled, nothing is run."""
    raise AssertionError("no system is asked")


def documents(chance: random.Random, files: Files) -> str:
    """Read, found faulty, adopted, planned, reported, loaded for a preview; how far it came."""
    changed = damaged(chance, files)
    lint_files(changed)
    try:
        folder = read_folder(changed)
        folder.model()
    except MimSyncError:
        return "refused"
    assert folder.write() == changed, "a file that was read is not written back as it was"
    _adopted(chance, changed)
    _reported(folder, read_folder(files))
    try:
        validate(folder.model(), Registry({}))
        Engine(folder.model(), MemoryStore(), no_connected_system, Registry({}))
    except MimSyncError:
        # A filter with an operator that nobody knows can be carried, not simulated.
        return "adopted, no preview"
    return "adopted"


def _adopted(chance: random.Random, files: Files) -> None:
    """What was adopted changes nothing, in whatever state and order it is declared."""
    found = adopt(files)
    assert found.files == adopt(dict(reversed(files.items()))).files, "adopting depends on the order of files"
    declaration = declaration_of(found.files)
    state = chance.choice(STATES[:3])
    try:
        plan, _unused = plan_on_files(read_folder(files), read_wish(declarations.shuffled(chance, declaration)), state)
    except MimSyncError:
        # Names that are empty, say: what no server would take can be told of, not declared.
        assert any(finding.severity is Severity.ERROR for finding in lint_files(files)), "adopted, nothing found wrong with it, and refused"
        return
    assert not plan.changes, f"adopted and planned ({state}): {[change.sentence for change in plan.changes]}"
    assert plan.planned.write() == files, "a plan without changes touches bytes"


def _reported(folder: Folder, other: Folder) -> None:
    alone = build_report(Given(folder, "now"))
    for form in FORMATS:
        render(alone, form)
    assert not build_report(Given(folder, "now"), Given(folder, "before")).different, "a configuration differs from itself"
    compared = build_report(Given(folder, "now"), Given(other, "before"))
    for form in FORMATS:
        render(compared, form)
    assert not compare_folders(folder, folder), "documents differ from themselves"


def declared(chance: random.Random, files: Files, declaration: dict[str, Any]) -> str:
    """A declaration that was changed as data: refused in words, or reached by one plan."""
    config, state = declarations.changed(chance, declaration), chance.choice(STATES)
    try:
        wish = read_wish(config)
        plan, _unused = plan_on_files(read_folder(files), wish, state)
    except MimSyncError as error:
        assert str(error), "a refusal without a word"
        return "refused"
    made = plan.planned.write()
    reached = read_folder(made)
    again, _unused = plan_on_files(reached, wish, state) if state != "deleted" else (plan, None)
    if state != "deleted":
        assert not again.changes, f"planned again ({state}): {[change.sentence for change in again.changes]}"
    turned, _unused = plan_on_files(read_folder(files), read_wish(declarations.shuffled(chance, config)), state)
    assert sorted(change.sentence for change in turned.changes) == sorted(change.sentence for change in plan.changes), "the order of declaring matters"
    _adopted(chance, made)
    for change in reversed(plan.changes):
        if change.undo is None:
            return "planned"
        change.undo(plan.planned)
    assert plan.planned.write() == files, f"undone, but not as before: {[change.sentence for change in plan.changes]}"
    return "planned and undone"


def texts(chance: random.Random, files: Files, declaration: dict[str, Any]) -> str:
    """Files of YAML that were changed as text; never raises."""
    written = variable_files(declaration)
    for name in chance.sample(sorted(written), 1):
        written[name] = declarations.damaged_text(chance, written[name])
    verdict = check_declaration(files, written, chance.choice(STATES))
    assert verdict.markdown.startswith("## Synchronization configuration")
    return ("without change", "refused", "planned")[verdict.code]


# What is done with a number: name of the target -> what is called.
Target = Callable[..., str]
TARGETS: dict[str, Target] = {"documents": documents, "declarations": declared, "texts": texts}
