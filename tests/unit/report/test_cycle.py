# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.cycle import CycleReport, StepReport, render, tone
from lxml import html

STEP = StepReport(
    agent="ADMA",
    profile="FullImport",
    result="completed-sync-errors",
    started="2026-01-02 03:04:05",
    seconds=1.25,
    counters={"staged": {"stage-add": 12, "stage-update": 0}, "exported": {"export-delete": 1}},
    errors=["CN=<x>: extension-dll-exception"],
)
REPORT = CycleReport(server="MIM1", kind="full", outcome="7 steps, 12 profiles added.", steps=[STEP], stopped="")


def test_the_page_shows_each_step_with_what_it_did() -> None:
    cells = [cell.text_content() for cell in html.fromstring(render(REPORT)).xpath("//tr[@id='step-1']/td")]
    assert cells == ["1", "ADMA", "FullImport", "completed-sync-errorsCN=<x>: extension-dll-exception", "2026-01-02 03:04:05", "1.2", "add 12", "", "delete 1"]


def test_values_are_escaped() -> None:
    assert "<x>" not in render(REPORT)


def test_why_a_cycle_stopped_stands_on_the_page() -> None:
    stopped = CycleReport("MIM1", "delta", "3 of 7 steps ran.", [], stopped="12 deletes are more than the limit of 10")
    assert "12 deletes are more than the limit of 10" in html.fromstring(render(stopped)).text_content()


def test_the_same_cycle_gives_the_same_page() -> None:
    assert render(REPORT) == render(REPORT)


@pytest.mark.parametrize(
    ("result", "expected"), [("success", "good"), ("completed-export-errors", "warn"), ("no-start-credentials", "bad"), ("stopped-server", "bad")]
)
def test_only_success_is_a_success(result: str, expected: str) -> None:
    assert tone(result) == expected
