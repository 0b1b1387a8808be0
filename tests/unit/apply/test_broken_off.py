# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run breaks off after each of its steps; the next one says so, goes on, and ends in what was planned."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure
from apply_support import BACKUPS, CONFIG, Site, another_controller, make_site, turned

FIRST_STEPS = (
    "begun",
    "backed up",
    "importing",
    "imported",
    "credentials of ADMA",
    "imported after ADMA",
    "credentials of SPMA",
    "recorded",
    "exported",
)
LATER = [(step, "host lost") for step in (*FIRST_STEPS, "provisioning")] + [
    (step, "connection lost") for step in ("backed up", "credentials of ADMA", "exported")
]
RESULTS = {"success", "completed-no-objects"}


@pytest.fixture(scope="module")
def empty() -> Site:
    return make_site()


@pytest.fixture(scope="module")
def reference(empty: Site) -> tuple[Site, dict[str, bytes], dict[str, bytes]]:
    """A configured server, what it holds, and what it holds after the second change when nothing goes wrong."""
    site = copy.deepcopy(empty)
    site.made(CONFIG)
    undisturbed = copy.deepcopy(site)
    undisturbed.made(turned(provisioning="none"), update_password="always")
    return site, site.holds(), undisturbed.holds()


def breaks_off(site: Site, step: str, how: str, config: Any, **options: Any) -> None:
    site.happens("interrupt_change", step=step, how=how)
    with pytest.raises(AnsibleConnectionFailure):
        site.run(config, **options)
    site.happens("mend_host")
    assert site.journal()


@pytest.mark.parametrize("step", FIRST_STEPS)
def test_first_change_of_an_empty_server(step: str, empty: Site, reference: tuple[Site, dict[str, bytes], dict[str, bytes]]) -> None:
    site = copy.deepcopy(empty)
    breaks_off(site, step, "host lost", CONFIG)
    result = site.made(CONFIG)
    assert any(f"broke off after the step {step!r}" in note for note in result["notes"])
    assert site.holds() == reference[1]
    assert site.journal() == ""
    assert set(site.mim.cycle()) <= RESULTS
    again = site.made(CONFIG)
    assert (again["changed"], again["notes"]) == (False, [])


@pytest.mark.parametrize(("step", "how"), LATER)
def test_later_change(step: str, how: str, reference: tuple[Site, dict[str, bytes], dict[str, bytes]]) -> None:
    """The scope is not declared, and comes back nevertheless when the run broke off just after the cmdlet had widened it."""
    site, before, after = copy.deepcopy(reference[0]), *reference[1:]
    breaks_off(site, step, how, turned(provisioning="none"), update_password="always")
    planned = site.made(turned(provisioning="none"), check=True, update_password="always")
    result = site.made(turned(provisioning="none"), update_password="always")
    assert any("A change by" in note and "broke off after the step" in note for note in result["notes"])
    assert [change["sentence"] for change in planned["changes"]] == [change["sentence"] for change in result["changes"]]
    assert site.holds() == after != before
    assert site.journal() == ""
    assert set(site.mim.cycle()) <= RESULTS
    assert site.made(turned(provisioning="none"))["changed"] is False


def test_the_backup_of_the_run_that_broke_off_is_the_one_that_counts(reference: tuple[Site, dict[str, bytes], dict[str, bytes]]) -> None:
    site, before, _after = copy.deepcopy(reference[0]), *reference[1:]
    breaks_off(site, "credentials of ADMA", "host lost", turned(provisioning="none"), update_password="always")
    first = site.backups()[-1]
    half = site.holds()
    result = site.made(turned(provisioning="none"), update_password="always")
    assert result["backup"] == f"{BACKUPS}\\{first}"
    assert any(f"What the run that broke off had left lies in {BACKUPS}\\{site.backups()[-1]}" in note for note in result["notes"])
    site.made(state="restored", backup=site.backups()[-1], allow_scope_loss=True)
    assert site.holds() == half
    site.made(state="restored", backup=first, allow_scope_loss=True)
    assert site.holds() == before


def test_what_was_made_whole_is_only_said(reference: tuple[Site, dict[str, bytes], dict[str, bytes]]) -> None:
    site, _before, after = copy.deepcopy(reference[0]), *reference[1:]
    breaks_off(site, "exported", "connection lost", turned(provisioning="none"))
    count = len(site.backups())
    result = site.made(turned(provisioning="none"))
    assert (result["changed"], len(site.backups())) == (False, count)
    assert any("The server holds all that was planned." in note for note in result["notes"])
    assert (site.holds(), site.journal()) == (after, "")


def test_other_wish_after_a_broken_run(reference: tuple[Site, dict[str, bytes], dict[str, bytes]]) -> None:
    """What had been declared before comes back, with its risk foretold against the state from before."""
    site, before, _after = copy.deepcopy(reference[0]), *reference[1:]
    breaks_off(site, "credentials of ADMA", "host lost", turned(provisioning="none"), update_password="always")
    result = site.made(CONFIG, update_password="always")
    assert {change["kind"] for change in result["changes"]} == {"password"}
    assert site.holds() == before


def test_nothing_declared_brings_back_what_was_before(reference: tuple[Site, dict[str, bytes], dict[str, bytes]]) -> None:
    site, before, _after = copy.deepcopy(reference[0]), *reference[1:]
    breaks_off(site, "credentials of ADMA", "host lost", turned(provisioning="none"), update_password="always")
    result = site.made({"agents": []})
    assert re.fullmatch(r"metaverse and agents: configuration of C:.*Z brought back", result["changes"][0]["sentence"])
    assert site.holds() == before


@pytest.mark.parametrize("step", ["backed up", "importing", "imported", "exported"])
def test_a_restoration_that_broke_off(step: str, reference: tuple[Site, dict[str, bytes], dict[str, bytes]]) -> None:
    site, before, after = copy.deepcopy(reference[0]), *reference[1:]
    site.made(turned(provisioning="none"))
    assert site.holds() == after
    breaks_off(site, step, "host lost", None, state="restored", backup="latest", allow_scope_loss=True)
    result = site.made(state="restored", backup="latest", allow_scope_loss=True)
    assert any("A restoration of" in note for note in result["notes"])
    assert (site.holds(), site.journal()) == (before, "")
    assert site.made(state="restored", backup="latest")["changed"] is False


def test_taking_back_that_broke_off(reference: tuple[Site, dict[str, bytes], dict[str, bytes]], monkeypatch: pytest.MonkeyPatch) -> None:
    """The step is refused, and the host goes down while the configuration from before is imported."""
    site, _before, after = copy.deepcopy(reference[0]), *reference[1:]
    calls: list[str] = []

    def fails(*arguments: Any, **_rest: Any) -> None:
        calls.append(str(arguments[1]))
        site.happens("interrupt_change", step="imported", how="host lost")
        raise_refusal()

    service = site.mim.service
    original = service.set_ecma2
    monkeypatch.setattr(service, "set_ecma2", fails)  # a cmdlet that fails
    with pytest.raises(AnsibleConnectionFailure):
        site.run(turned(provisioning="none"), update_password="always")
    monkeypatch.setattr(service, "set_ecma2", original)
    site.happens("mend_host")
    assert calls == ["SPMA"]
    site.made(turned(provisioning="none"), update_password="always")
    assert (site.holds(), site.journal()) == (after, "")


def raise_refusal() -> None:
    from ansible_collections.mimsync.sharepoint.lab.estate.synchronization_state import SynchronizationProblem

    raise SynchronizationProblem("The parameters are wrong.")


def test_damaged_backup_of_a_broken_run_is_said(reference: tuple[Site, dict[str, bytes], dict[str, bytes]]) -> None:
    site, _before, after = copy.deepcopy(reference[0]), *reference[1:]
    breaks_off(site, "imported", "host lost", turned(provisioning="none"))
    site.happens("write_file", host="MIM1", path=f"{BACKUPS}\\{site.backups()[-1]}\\MV.XML", text="<mv-data>")
    result = site.made(turned(provisioning="none"))
    assert any("MV.XML is damaged" in note and "what the server holds now is the start" in note for note in result["notes"])
    assert site.holds() == after


def test_journal_that_was_cut_off_is_taken_over_after_its_time(
    reference: tuple[Site, dict[str, bytes], dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = copy.deepcopy(reference[0])
    site.happens("write_file", host="MIM1", path=f"{BACKUPS}\\change.journal", text='{"controller": "ctl')
    with another_controller(monkeypatch):
        assert "somebody on an unknown controller" in site.refused(turned(provisioning="none"))
        assert site.made(turned(provisioning="none"), take_over=True)["changed"]
