# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What lint finds stands in the report, in every form; new findings are marked, and are no differences."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.command import render
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.configuration import Given, build_report
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.report.sections import Report

PORTAL = Path(__file__).resolve().parents[2] / "data" / "portal"
SECRET = "Wa$$erfall-77"


def portal(text: str = "", instead: str = "") -> dict[str, bytes]:
    files = {path.name: path.read_bytes() for path in sorted(PORTAL.glob("*.XML"))}
    assert not text or any(text.encode() in content for content in files.values())
    return {name: content.replace(text.encode(), instead.encode()) if text else content for name, content in files.items()}


def report(files: dict[str, bytes], against: dict[str, bytes] | None = None) -> Report:
    return build_report(Given(read_folder(files), "now"), None if against is None else Given(read_folder(against), "before"))


MESS = portal('mv-attribute="staffNumber"><direct', 'mv-attribute="status"><direct')


def test_findings_stand_in_every_form() -> None:
    message = "'status' is not indexed, so every search reads all objects"
    found = json.loads(render(report(MESS), "json"))["findings"]
    assert {"severity": "warning", "rule": "join-not-indexed", "place": "Wards join of user", "message": message, "change": "same"} in found
    assert message in render(report(MESS), "markdown")
    page = render(report(MESS), "html")
    assert 'id="findings"' in page and '<a href="#findings">' in page
    assert message.replace("'", "&#x27;") in page


def test_a_clean_configuration_has_none() -> None:
    assert json.loads(render(report(portal()), "json"))["findings"] == []
    assert ">Findings <small>none</small>" in render(report(portal()), "html")


def test_new_findings_are_marked_and_gone_ones_stay() -> None:
    new = json.loads(render(report(MESS, portal()), "json"))["findings"]
    assert {one["change"] for one in new} == {"added"}
    gone = json.loads(render(report(portal(), MESS), "json"))["findings"]
    assert {one["change"] for one in gone} == {"removed"}
    assert "join-not-indexed" in render(report(MESS, portal()), "markdown")
    assert "join-not-indexed" not in render(report(MESS, MESS), "markdown")


def test_the_same_configuration_has_no_differences_whatever_is_found() -> None:
    assert not report(MESS, MESS).different
    assert not report(portal(), portal()).different


def test_flows_of_the_portal_are_told_in_words() -> None:
    text = render(report(portal()), "markdown")
    assert 'synchronization rule: IIF(Eq(status, "gone"), "TRUE", "FALSE")' in text
    assert 'synchronization rule: Given + " " + Family' in text
    assert 'synchronization rule: constant "0", only when the object is made' in text
    assert "synchronization rule, where State EQUAL active" in text


def test_what_flows_into_passwords_is_not_shown() -> None:
    for form in ("html", "json", "markdown"):
        assert SECRET not in render(report(portal()), form)
        assert SECRET not in render(report(portal(), portal(SECRET, "Other-1")), form)
