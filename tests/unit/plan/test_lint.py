# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Messes made by hand are findings, each with its severity; never a traceback."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.variables import declaration_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.lint.checking import lint_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.lint.findings import Severity
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import adopt
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.whole_server import plan_on_files
from hypothesis import given, settings
from hypothesis import strategies as st
from server_support import SETS, files_of

ADMA = "{B7E2CB7A-53E4-40E3-B7FB-DEA880F16212}"
GONE = "{00000000-0000-4000-8000-000000000000}"
# File, text, text instead (first place only) -> rule and severity that must be found.
MESSES = {
    "flow id twice": ("MV.XML", "{3C88E760-AD32-440B-B9DF-860D86CC42A8}", "{1E300B63-8ED1-428F-88D6-AB500974A235}", "flow-id-twice", "error"),
    "agent gone": ("MV.XML", f'src-ma="{ADMA}"', f'src-ma="{GONE}"', "unknown-agent", "error"),
    "deletion": ("MV.XML", f"<src-ma>{ADMA}", f"<src-ma>{GONE}", "unknown-agent", "error"),
    "one name": ("MA-SPMA.XML", "<name>SPMA</name>", "<name>adma</name>", "agent-name-twice", "error"),
    "small letters": ("MA-SPMA.XML", "<partition>{252D0683", "<partition>{252d0683", "lower-case-id", "error"),
    "deleted attribute": ("MV.XML", '<dsml:attribute ref="#mail" ', '<dsml:attribute ref="#nomail" ', "unknown-attribute", "error"),
    "not selected": ("MA-ADMA.XML", "<attribute>mail</attribute>", "", "attribute-not-selected", "error"),
    "no step": ("MA-ADMA.XML", "<id>{4E13002B-96ED-4021-81D6-DD370E7CB697}</id>", f"<id>{GONE}</id>", "partition-without-step", "warning"),
    "no such partition": ("MA-ADMA.XML", "<id>{4E13002B-96ED-4021-81D6-DD370E7CB697}</id>", f"<id>{GONE}</id>", "unknown-partition", "error"),
    "twice into one attribute": ("MV.XML", '<import-flows mv-attribute="mail"', '<import-flows mv-attribute="title"', "flows-twice", "error"),
    "no rules extension": ("MA-SPMA.XML", "<assembly-name>SharePointSynchronization.dll</assembly-name>", "", "no-extension", "error"),
    "type of nothing": ("MA-ADMA.XML", "<mv-object-type>domain</mv-object-type>", "<mv-object-type>realm</mv-object-type>", "unknown-object-type", "error"),
    "cut off": ("MA-SPMA.XML", "</saved-ma-configuration>", "", "unreadable", "error"),
}


@pytest.mark.parametrize("mess", MESSES)
def test_a_mess_is_found(mess: str) -> None:
    name, text, instead, rule, severity = MESSES[mess]
    files = dict(files_of("pnp-usermimsync"))
    content = files[name].decode()
    assert text in content
    count = -1 if mess == "deleted attribute" else 1
    files[name] = content.replace(text, instead, count).encode()
    assert (rule, Severity(severity)) in {(finding.rule, finding.severity) for finding in lint_files(files)}


def test_two_agents_of_one_name_are_named_and_adopted_apart() -> None:
    files = dict(files_of("portal"))
    portal = next(name for name, content in files.items() if b"<name>Portal</name>" in content)
    files["MA-Copy.XML"] = files[portal].replace(portal[3:-4].encode(), GONE.encode())
    found = [finding for finding in lint_files(files) if finding.severity is Severity.ERROR]
    assert [(finding.rule, finding.place) for finding in found] == [("agent-name-twice", "portal")]
    adopted = adopt(files)
    assert sum("name: Portal {" in text for text in adopted.files.values()) == 2
    plan, _unused = plan_on_files(read_folder(files), read_wish(declaration_of(adopted.files)), "overridden")
    assert [change.sentence for change in plan.changes] == []
    assert plan.planned.write() == files


def test_the_grave_ones_come_first() -> None:
    files = dict(files_of("mimdsc-testserver"))
    files["MV.XML"] = files["MV.XML"].replace(b"<src-ma>{", b"<src-ma>{F", 1)
    severities = [finding.severity for finding in lint_files(files)]
    assert severities == sorted(severities, key=list(Severity).index)
    assert len(set(severities)) > 1


@pytest.mark.parametrize("name", SETS)
def test_real_servers_have_no_errors(name: str) -> None:
    errors = [finding for finding in lint_files(files_of(name)) if finding.severity is Severity.ERROR and finding.rule != "no-extension"]
    assert errors == []


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_no_damage_ends_in_a_traceback(data: st.DataObject) -> None:
    """Letters of the built-in metaverse and profile-store agent replaced at random places."""
    files = dict(files_of("built-in"))
    files.pop("MA-ADMA.XML")
    for name, content in files.items():
        damaged = bytearray(content)
        for _unused in range(data.draw(st.integers(0, 4))):
            place = data.draw(st.integers(0, len(damaged) - 1))
            damaged[place] = data.draw(st.integers(0, 255))
        files[name] = bytes(damaged)
    assert isinstance(lint_files(files), list)
