# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.cycle.plan import (
    AgentState,
    CycleStep,
    Limits,
    Names,
    PastRun,
    ServerCycleState,
    check_limits,
    check_ready,
    own_cycle,
    read_counts,
    read_state,
    reason_to_run,
    standard_cycle,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError, LimitError, PlanError
from hypothesis import given
from hypothesis import strategies as st

FULL = standard_cycle("full", Names())


def server(*runs: PastRun, exports: int = 0, changed: str = "", status: str = "success") -> ServerCycleState:
    agents = {name.casefold(): AgentState(name, status, "FullImport", {"NumExportAdd": exports if name == "SPMA" else 0}) for name in ("ADMA", "SPMA")}
    return ServerCycleState(agents, runs, changed)


def done(start: str = "2026-01-02 00:00:00.000", status: str = "success") -> list[PastRun]:
    return [PastRun(step.agent, step.profile, status, start) for step in FULL]


def test_the_standard_cycle() -> None:
    assert [str(step) for step in FULL] == [
        "ADMA FullImport", "ADMA FullSync", "SPMA FullImport", "SPMA FullSync", "SPMA Export", "SPMA DeltaImport", "SPMA DeltaSync",
    ]  # fmt: skip
    assert [str(step) for step in standard_cycle("delta", Names(directory=("AD",), delta_import="DI"))][:3] == ["AD DI", "AD DeltaSync", "SPMA DI"]
    assert [step.guarded for step in FULL].index(True) == 4


def test_all_directories_are_imported_before_the_first_one_is_synchronized() -> None:
    cycle = standard_cycle("full", Names(directory=("ADMA", "ADPARTNER")), directory_export=True)
    assert [str(step) for step in cycle] == [
        "ADMA FullImport", "ADPARTNER FullImport", "ADMA FullSync", "ADPARTNER FullSync", "SPMA FullImport", "SPMA FullSync",
        "ADMA Export", "ADPARTNER Export", "SPMA Export",
        "ADMA DeltaImport", "ADMA DeltaSync", "ADPARTNER DeltaImport", "ADPARTNER DeltaSync", "SPMA DeltaImport", "SPMA DeltaSync",
    ]  # fmt: skip


def test_sharepoint_may_come_first() -> None:
    cycle = standard_cycle("full", Names(), directory_export=True, sharepoint_first=True)
    assert [str(step) for step in cycle] == [
        "SPMA FullImport", "SPMA FullSync", "ADMA FullImport", "ADMA FullSync", "ADMA Export", "SPMA Export",
        "ADMA DeltaImport", "ADMA DeltaSync", "SPMA DeltaImport", "SPMA DeltaSync",
    ]  # fmt: skip


def test_the_standard_cycle_of_an_estate_where_something_flows_back() -> None:
    back = standard_cycle("delta", Names(), directory_export=True)
    assert [str(step) for step in back][4:] == [
        "ADMA Export", "SPMA Export", "ADMA DeltaImport", "ADMA DeltaSync", "SPMA DeltaImport", "SPMA DeltaSync",
    ]  # fmt: skip
    assert [step.guarded for step in back] == [False] * 4 + [True] * 2 + [False] * 4


def test_a_cycle_of_ones_own_guards_what_is_called_export() -> None:
    steps = own_cycle([{"agent": "A", "profile": "export all"}, {"agent": "A", "profile": "Export", "guarded": False}, {"agent": "A", "profile": "FI"}])
    assert [step.guarded for step in steps] == [True, False, False]
    with pytest.raises(InputError, match=r"steps\[1\]"):
        own_cycle([{"agent": "A", "profile": "x"}, {"agent": "A", "profile": ""}])


def test_nothing_is_needed_after_a_whole_cycle() -> None:
    assert reason_to_run(server(*done(), changed="2026-01-01 23:59:59.999"), FULL) == ""


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (server(), "ADMA FullImport has never run"),
        (server(*done()[:-1]), "SPMA DeltaSync has never run"),
        (server(*done(), exports=3), "SPMA has 3 pending exports"),
        (server(*done(), PastRun("spma", "fullsync", "stopped-server", "2026-01-03")), "SPMA FullSync ended with stopped-server last time"),
        (server(*done(), changed="2026-01-02 00:00:00.001"), "the rules changed at 2026-01-02 00:00:00.001 UTC"),
    ],
)
def test_reasons_to_run(state: ServerCycleState, reason: str) -> None:
    assert reason_to_run(state, FULL).startswith(reason)


def test_what_was_completed_with_errors_did_its_work() -> None:
    assert reason_to_run(server(*done(status="completed-sync-errors")), FULL) == ""


def test_only_the_last_run_of_a_profile_counts() -> None:
    assert reason_to_run(server(PastRun("ADMA", "FullImport", "stopped-server", "2025"), *done()), FULL) == ""


def test_a_server_that_is_not_ready_is_told() -> None:
    with pytest.raises(PlanError, match="no management agent named XX; it has ADMA, SPMA"):
        check_ready(server(), [CycleStep("XX", "FI"), *FULL])
    with pytest.raises(PlanError, match="ADMA is running FullImport"):
        check_ready(server(status="in-progress"), FULL)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"NumExportDelete": 51, "NumTotalConnectors": 10_000}, "51 objects; limits.deletes_count allows 50"),
        ({"NumExportDelete": 11, "NumTotalConnectors": 89}, r"11 of 100 objects \(11.0 %\); limits.deletes_percent allows 10 %"),
        ({"NumExportDelete": 1, "NumTotalConnectors": 0}, "1 of 1 objects"),
    ],
)
def test_an_export_that_deletes_too_much_is_stopped(counts: dict[str, int], message: str) -> None:
    with pytest.raises(LimitError, match=message):
        check_limits("SPMA", counts, Limits())


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 100))
def test_the_limits_are_what_they_say(deletes: int, connectors: int, count: int, percent: int) -> None:
    counts = {"NumExportDelete": deletes, "NumTotalConnectors": connectors}
    try:
        check_limits("SPMA", counts, Limits(count, percent))
    except LimitError:
        assert deletes > count or deletes * 100 > percent * (deletes + connectors)
    else:
        assert deletes <= count and deletes * 100 <= percent * (deletes + connectors)


def test_the_servers_answer_is_read() -> None:
    answer: dict[str, Any] = {
        "agents": [{"name": "ADMA", "status": "success", "profile": "FullSync", "counts": {"NumExportAdd": "3"}}],
        "runs": [{"agent": "ADMA", "profile": "FullSync", "status": "success", "start": "2026-01-01", "end": "2026-01-02"}],
        "changed": ["2026-01-01", "2026-01-03", "2026-01-02"],
    }
    state = read_state(answer)
    assert state.changed == "2026-01-03" and state.agent("adma") == AgentState("ADMA", "success", "FullSync", {"NumExportAdd": 3})


def test_an_error_in_the_place_of_a_number_is_told() -> None:
    with pytest.raises(PlanError, match="'access-denied' when asked for NumExportAdd"):
        read_counts({"NumExportAdd": "access-denied"})
