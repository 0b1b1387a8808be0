# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.cycle.report import FAILED, SUCCESS, WARNINGS, parse_run, verdict
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import DocumentError
from hypothesis import given
from hypothesis import strategies as st

HISTORY = """<?xml version="1.0" encoding="utf-16"?>
<run-history><run-details><ma-name>ADMA</ma-name><run-number>7</run-number><run-profile-name>FullSync</run-profile-name>
 <step-details step-number="2" step-id="{2}">
  <start-date>2026-01-02 03:04:06.000</start-date><end-date>2026-01-02 03:04:07.000</end-date><step-result>completed-sync-errors</step-result>
  <step-description><step-type type="apply-rules"><apply-rules-subtype>apply-pending</apply-rules-subtype></step-type>
   <partition>DC=x</partition></step-description>
  <synchronization-errors>
   <import-error cs-guid="{1}" dn="CN=a"><error-type>extension-dll-exception</error-type>
    <extension-error-info><call-stack>boom</call-stack></extension-error-info></import-error>
   <export-error cs-guid="{2}" dn="u1"><error-type>permission-issue</error-type><cd-error><error-literal>no</error-literal></cd-error></export-error>
  </synchronization-errors>
  <outbound-flow-counters ma="SPMA" ma-id="{3}"><provisioned-add-flow detail="true">4</provisioned-add-flow>
   <connector-flow detail="true">2</connector-flow></outbound-flow-counters>
  <inbound-flow-counters><connector-flow detail="true">3</connector-flow>
   <connector-no-flow detail="true">9</connector-no-flow><flow-failure detail="true">1</flow-failure></inbound-flow-counters>
 </step-details>
 <step-details step-number="1" step-id="{1}">
  <step-result>success</step-result><step-description><step-type type="full-import"/></step-description>
  <ma-connection><connection-log><incident><connection-result>failed-search</connection-result><server>dc1:389</server>
   <cd-error><error-code>8453</error-code><error-literal>Replication access was denied.</error-literal></cd-error></incident></connection-log></ma-connection>
  <staging-counters><stage-add detail="true">5</stage-add><stage-rename detail="true">1</stage-rename>
   <stage-no-change detail="false">8</stage-no-change></staging-counters>
 </step-details>
</run-details></run-history>"""


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("success", SUCCESS),
        ("completed-sync-errors", WARNINGS),
        ("completed-no-objects", WARNINGS),
        ("stopped-server", FAILED),
        ("no-start-credentials", FAILED),
        ("call-failure:0x8023063D", FAILED),
        ("", FAILED),
    ],
)
def test_only_success_is_a_success(result: str, expected: str) -> None:
    assert verdict(result) == expected


def test_steps_are_told_in_their_order_with_what_is_not_zero() -> None:
    run = parse_run(HISTORY, agent="adma", profile="fullsync", status="completed-sync-errors")
    assert (run.agent, run.profile, run.number, run.verdict, run.changes) == ("ADMA", "FullSync", 7, WARNINGS, 5 + 1 + 3 + 4 + 2)
    first, second = run.steps
    assert first.counters == {"stage-add": 5, "stage-rename": 1, "stage-no-change": 8}
    assert first.errors == ("dc1:389: failed-search (8453 Replication access was denied.)",)
    assert second.type == "apply-rules apply-pending" and second.partition == "DC=x"
    assert second.errors == ("CN=a: extension-dll-exception (boom)", "u1: permission-issue (no)")
    values = run.values()
    assert (values["adds"], values["updates"], values["deletes"], values["errors"]) == (5 + 4, 1 + 2, 0, 2)


def test_an_earlier_step_that_failed_counts_for_the_run() -> None:
    run = parse_run(HISTORY.replace("<step-result>success<", "<step-result>stopped-connectivity<"), agent="a", profile="p", status="success")
    assert run.verdict == FAILED


@pytest.mark.parametrize("text", ["", "<run-history/>"])
def test_a_run_that_left_no_history_has_no_steps(text: str) -> None:
    run = parse_run(text, agent="ADMA", profile="FullImport", status="no-start-credentials")
    assert (run.steps, run.number, run.verdict) == ((), 0, FAILED)


@pytest.mark.parametrize("text", ["<run-history", "<!DOCTYPE x><run-history/>", "not xml"])
def test_a_damaged_history_is_told(text: str) -> None:
    with pytest.raises(DocumentError, match="run history"):
        parse_run(text, agent="a", profile="p", status="success")


@given(st.text())
def test_any_text_is_a_history_or_an_error(text: str) -> None:
    try:
        parse_run(text, agent="a", profile="p", status="success")
    except DocumentError:
        return
