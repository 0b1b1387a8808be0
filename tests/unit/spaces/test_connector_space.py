# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module connector_space on a host of the lab: what it foretells and refuses, and its patience with the administrator."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab import by_hand
from ansible_collections.mimsync.sharepoint.plugins.action import connector_space
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import STAFF, MimEstate, built_in_files, configure, make_mim_estate
from ansible_collections.mimsync.sharepoint.tests.unit.solution.face_support import Caller


@pytest.fixture
def mim() -> MimEstate:
    made = make_mim_estate(people=10)
    configure(made, built_in_files(made))
    made.cycle()
    return made


@pytest.fixture
def caller(mim: MimEstate) -> Caller:
    return Caller(mim.service.host, mim.admin)


def play_administrator(monkeypatch: pytest.MonkeyPatch, mim: MimEstate, agent: str) -> list[str]:
    """Deletes the connector space while the module waits; gives back what the module says."""
    said: list[str] = []
    monkeypatch.setattr(connector_space.time, "sleep", lambda seconds: by_hand.delete_connector_space(mim.estate, agent))
    monkeypatch.setattr(connector_space.ActionModule, "say", lambda self, text: said.append(text))
    return said


def objects(mim: MimEstate, agent: str) -> int:
    return mim.service.counts(mim.admin, agent)["NumCSObjects"]


def test_the_administrator_is_told_what_to_do_and_waited_for(mim: MimEstate, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    before = objects(mim, "SPMA")
    rehearsed = caller.call("connector_space", check=True, diff=True, agent="spma")
    assert rehearsed["changed"] and objects(mim, "SPMA") == before
    said = play_administrator(monkeypatch, mim, "SPMA")
    done = caller.call("connector_space", diff=True, agent="spma")
    assert {name: done[name] for name in ("changed", "before", "consequences", "diff")} == {
        name: rehearsed[name] for name in ("changed", "before", "consequences", "diff")
    }
    assert objects(mim, "SPMA") == 0
    assert done["before"]["objects"] == done["before"]["connectors"] == before
    assert (done["metaverse_deletes"], done["not_joined_again"]) == (0, ["contact", "group"])
    assert any("'Delete connector space only'" in text for text in said)
    assert f"{before} objects" in done["diff"]["before"] and "0 objects" in done["diff"]["after"]
    executions = len(caller.executions)
    assert caller.call("connector_space", agent="SPMA")["changed"] is False
    assert len(caller.executions) == executions + 1


def test_patience_has_an_end(mim: MimEstate, caller: Caller) -> None:
    failed = caller.call("connector_space", agent="SPMA", timeout=0)
    assert failed["failed"] and "still holds" in failed["msg"] and "nothing was changed by this task" in failed["msg"]


def test_deletion_rules_that_name_the_agent_are_foretold_and_refused(mim: MimEstate, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = caller.call("connector_space", agent="ADMA")
    assert refused["failed"] and "limits.metaverse_deletes allows 0" in refused["msg"]
    assert "Each person with a connector here is deleted: its deletion rule names ADMA." in refused["msg"]
    assert objects(mim, "ADMA") > 0
    play_administrator(monkeypatch, mim, "ADMA")
    allowed = caller.call("connector_space", agent="ADMA", limits={"metaverse_deletes": 1000})
    people = mim.service.counts(mim.admin, "SPMA")["NumExportDelete"]
    assert allowed["changed"] and 0 < people <= allowed["metaverse_deletes"]


def test_deletions_that_wait_would_be_lost(mim: MimEstate, caller: Caller) -> None:
    entry = next(entry for entry in mim.estate.directory.search(STAFF, query="(objectClass=user)") if not entry.get("msDS-SourceObjectDN"))
    mim.estate.directory.delete(entry)
    assert [mim.run("ADMA", profile) for profile in ("DeltaImport", "DeltaSync")] == ["success", "success"]
    refused = caller.call("connector_space", check=True, agent="SPMA")
    assert refused["failed"] and "1 deletions of SPMA wait to be exported and would be lost" in refused["msg"]
    assert not caller.call("connector_space", check=True, agent="SPMA", limits={"pending_deletes": 1}).get("failed")


def test_nothing_is_asked_for_while_an_agent_runs(mim: MimEstate, caller: Caller) -> None:
    with mim.estate.lock:
        mim.service.start_run(mim.admin, "ADMA", "FullImport")
        refused = caller.call("connector_space", agent="SPMA")
    assert refused["failed"] and "ADMA is running" in refused["msg"]
    assert mim.service.wait("ADMA", 30)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"agent": "NOPE"}, "no management agent named NOPE; it has "),
        ({"agent": "SPMA", "timeout": -1}, "timeout: -1 s is no time to wait"),
        ({"agent": "SPMA", "poll_seconds": 0}, "poll_seconds: 0 s is no time to wait"),
        ({"agent": "SPMA", "limits": {"pending_deletes": -1}}, "limits: metaverse_deletes and pending_deletes are 0 or more"),
        ({"agent": "SPMA", "method": "reimport"}, "Unsupported parameters"),
        ({}, "missing required arguments: agent"),
    ],
)
def test_mistakes_are_named(caller: Caller, arguments: dict[str, Any], message: str) -> None:
    assert message in caller.call("connector_space", **arguments)["msg"]
