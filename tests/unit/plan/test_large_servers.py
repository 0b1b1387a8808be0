# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What keeps work on large servers short: nobody reads the thousands of entries that a directory's schema has."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration import lazy_schema
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.element import Element
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import Schema
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.lint.checking import lint_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import adopt
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.verification import verify
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import plan_on_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.command import render
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.configuration import Given, build_report
from ansible_collections.mimsync.sharepoint.tests.benchmarks.support.servers import declaration, server

AGENTS = 4


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return server(AGENTS)


@pytest.fixture(autouse=True)
def _no_directory_is_read_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    read_all = lazy_schema.read_all

    def guarded(directory: Element) -> Schema:
        assert len(directory.children) < 1000, "a whole directory's schema was read"
        return read_all(directory)

    monkeypatch.setattr(lazy_schema, "read_all", guarded)


def test_planning_and_verifying(files: dict[str, bytes]) -> None:
    before = read_folder(files)
    plan, _unused = plan_on_files(read_folder(files), read_wish(declaration(AGENTS)), "merged")
    assert len(plan.changes) >= 4 * AGENTS
    assert verify(plan.planned, before, plan.planned.write()).wrong == ()


def test_adopting_and_planning_what_was_adopted(files: dict[str, bytes]) -> None:
    plan, _unused = plan_on_files(read_folder(files), read_wish(adopt(files).declaration), "merged")
    assert plan.changes == []


def test_looking_for_mistakes(files: dict[str, bytes]) -> None:
    assert not [finding for finding in lint_files(files) if finding.severity.value == "error"]


def test_reporting(files: dict[str, bytes]) -> None:
    other = {name: content.replace(b"<server>SQL1<", b"<server>SQL7<").replace(b"\n", b"\r\n") for name, content in files.items()}
    report = build_report(Given(read_folder(files), "new"), Given(read_folder(other), "old"))
    assert "1 difference: 1 modified." in render(report, "html")
