# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Messes made by hand are findings, each with its severity; never a traceback."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.lint import Severity, lint_files
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


@pytest.mark.parametrize("name", SETS)
def test_real_servers_have_no_errors(name: str) -> None:
    assert [finding for finding in lint_files(files_of(name)) if finding.severity is Severity.ERROR] == []


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
