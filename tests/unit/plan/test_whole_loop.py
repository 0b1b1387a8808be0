# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Adopt, plan, edit, write, render, parse, report and lint, on every set of files there is, whole and damaged at random.

The targets of the fuzzer (`tests/benchmarks/fuzz.py`) are called here with a few fixed numbers each; they assert what must hold.
"""

from __future__ import annotations

import random

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.compare_models import compare_models
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.variables import declaration_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.lint.checking import lint_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import adopt, render
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.command import FORMATS
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.command import render as report_text
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.configuration import Given, build_report
from ansible_collections.mimsync.sharepoint.tests.benchmarks.support.fuzzing.targets import declared, documents, texts
from server_support import SAMPLES, SETS, files_of


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("state", ["merged", "replaced", "overridden"])
def test_adopted_rendered_and_parsed_is_the_same(name: str, state: str) -> None:
    files = files_of(name)
    adopted = adopt(files)
    plan, rendered = render(files, declaration_of(adopted.files), state)
    assert plan.changes == []
    assert rendered == files
    assert [str(one) for one in compare_models(read_folder(files).model(), read_folder(rendered).model())] == []
    assert adopt(rendered).files == adopted.files


@pytest.mark.parametrize("name", SETS)
def test_an_edit_goes_through_the_whole_loop_and_back(name: str) -> None:
    files = files_of(name)
    declaration = adopt(files).declaration
    for agent in declaration["agents"]:
        agent["description"] = "Größe & <Maß>"
    plan, changed = render(files, declaration)
    assert len(plan.changes) == len(declaration["agents"])
    assert adopt(changed).declaration["agents"][0]["description"] == "Größe & <Maß>"
    assert {finding.rule for finding in lint_files(changed)} == {finding.rule for finding in lint_files(files)}
    report = build_report(Given(read_folder(changed), "now"), Given(read_folder(files), "before"))
    assert sum(row.change.value != "same" for part in report.parts for section in part.sections for row in section.rows) == len(plan.changes)
    assert all(report_text(report, form) for form in FORMATS)
    for change in reversed(plan.changes):
        assert change.undo is not None
        change.undo(plan.planned)
    assert plan.planned.write() == files


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("number", range(12))
def test_damaged_documents_are_refused_or_adopted_without_a_change(name: str, number: int) -> None:
    assert documents(random.Random(number), files_of(name)) in ("refused", "adopted", "adopted, no preview")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("number", range(12))
def test_changed_declarations_are_refused_or_reached_by_one_plan(name: str, number: int) -> None:
    assert declared(random.Random(number), files_of(name), adopt(files_of(name)).declaration) in ("refused", "planned", "planned and undone")


@pytest.mark.parametrize("number", range(12))
def test_damaged_texts_are_answered_in_words(number: int) -> None:
    assert texts(random.Random(number), files_of("portal"), adopt(files_of("portal")).declaration)
