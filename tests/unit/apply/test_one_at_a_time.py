# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two controllers at one server: the second is refused and told who is at work."""

from __future__ import annotations

import copy
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.apply import journal, preparation
from apply_support import BACKUPS, CONFIG, Site, another_controller, make_site, turned


@pytest.fixture(scope="module")
def configured() -> Site:
    site = make_site()
    site.made(CONFIG)
    return site


@pytest.fixture
def site(configured: Site) -> Site:
    return copy.deepcopy(configured)


@contextmanager
def at_work(site: Site, step: str) -> Iterator[dict[str, Any]]:
    """A run of its own that waits at that step; what it answers stands in the dictionary afterwards."""
    answer: dict[str, Any] = {}
    waits = threading.Event()
    site.happens("interrupt_change", step=step, how="pause")
    runner = threading.Thread(target=lambda: answer.update(site.run(turned())))
    runner.start()
    while not site.happens("change_reached"):
        waits.wait(0.01)
    try:
        yield answer
    finally:
        site.happens("mend_host")
        runner.join(60)


@pytest.mark.parametrize("step", ["begun", "backed up", "imported", "exported"])
def test_the_second_is_refused_and_told_who_has_it(site: Site, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with at_work(site, step) as first, another_controller(monkeypatch):
        message = site.refused(CONFIG, take_over=True)
        assert "The configuration of MIM1 is being changed by" in message
        assert f"last step: {step}" in message
        assert "its script works on the host right now; nothing was changed" in message
        rehearsed = site.made(CONFIG, check=True)
        assert any("is being changed by" in note for note in rehearsed["notes"])
    assert first["changed"] is True
    assert site.journal() == ""
    assert site.made(turned())["changed"] is False


def test_both_have_read_before_one_begins(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is made in one step: whoever comes second finds it, though nothing was there when it read."""
    call, seen = site.caller.call, []
    original = journal.read_journal

    def read_too_early(*given: Any) -> journal.Journal | None:
        seen.append(original(*given))
        return None if len(seen) == 1 else seen[-1]

    with at_work(site, "imported") as first, another_controller(monkeypatch):
        monkeypatch.setattr(preparation, "read_journal", read_too_early)
        result = call("server_configuration", backup_folder=BACKUPS, config=CONFIG, update_password="always")
    assert result["failed"]
    assert "The configuration of MIM1 is being changed by" in result["msg"]
    assert first["changed"] is True


def left_over(site: Site) -> None:
    site.happens("interrupt_change", step="imported", how="host lost")
    with pytest.raises(AnsibleConnectionFailure):
        site.run(turned())
    site.happens("mend_host")


def test_another_controller_waits_for_a_run_that_left_its_journal(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    left_over(site)
    held = site.journal()
    with another_controller(monkeypatch):
        message = site.refused(turned())
        assert "If that run is gone, its change is taken over 3600 seconds after its last step, or at once with take_over: true." in message
        assert f"The configuration from before lies in {BACKUPS}\\" in message
        assert site.journal() == held
        assert site.made(turned(), take_over=True)["changed"] is False
    assert site.journal() == ""


def test_an_old_journal_is_taken_over(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    left_over(site)
    now = site.mim.estate.now()
    monkeypatch.setattr(site.mim.estate, "now", lambda: now + 3700)  # an hour later
    with another_controller(monkeypatch):
        result = site.made(turned())
    assert any("broke off after the step 'imported'" in note for note in result["notes"])


def test_a_process_that_lives_is_not_taken_for_gone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    left_over(site)
    monkeypatch.setattr(journal.os, "getpid", lambda: 1)
    assert "is being changed by" in site.refused(turned())


def test_a_killed_process_that_nobody_reaped_is_gone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen(["true"]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        with monkeypatch.context() as patch:
            patch.setattr(journal.os, "getpid", lambda: child.pid)
            left_over(site)
        result = site.made(turned())
    assert any("broke off after the step 'imported'" in note for note in result["notes"])


def test_running_agents_are_stopped_when_that_was_asked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    service = site.mim.service
    running, stopped = {"ADMA"}, []
    monkeypatch.setattr(service.board, "running_agents", lambda: tuple(running))  # a run that does not end by itself
    monkeypatch.setattr(service.board, "stop", lambda _service, agent: stopped.append(agent) or running.discard(agent) or "success")
    message = site.refused(turned(), wait=0)
    assert "ADMA still runs after 0 seconds; nothing was changed. Wait longer, or set stop_agents to true." in message
    assert site.made(turned(), wait=0, stop_agents=True)["changed"] is True
    assert stopped == ["ADMA"]


def test_an_agent_that_cannot_be_stopped_is_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    service = site.mim.service
    monkeypatch.setattr(service.board, "running_agents", lambda: ("SPMA",))
    monkeypatch.setattr(service.board, "stop", lambda _service, _agent: "access-denied")
    assert "SPMA runs and cannot be stopped: access-denied; nothing was changed." in site.refused(turned(), wait=0, stop_agents=True)
