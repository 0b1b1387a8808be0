# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preflight.findings import Finding, Severity, as_json, as_markdown, ordered

FOUND = (Finding("", Severity.INFO, "told"), Finding("mim1", Severity.ERROR, "a | b", "mend\nit"), Finding("mim1", Severity.ERROR, "a | b", "mend\nit"))


def test_errors_come_first_and_once():
    assert [finding.severity for finding in ordered(FOUND)] == [Severity.ERROR, Severity.INFO]


def test_the_page_has_one_row_a_finding():
    page = as_markdown(FOUND, ["mim1", "mim2"])
    assert "Not ready: 1 thing is missing or wrong." in page
    assert "| error | mim1 | a \\| b | mend it |" in page
    assert "| info | estate | told |  |" in page


def test_nothing_found_is_ready():
    assert as_markdown((), ["mim1"]) == "# Preflight\n\nReady: nothing stands in the way.\n\nHosts: mim1\n"


def test_json_says_the_same():
    document = json.loads(as_json(FOUND, ["mim1"]))
    assert document["ready"] is False
    assert [Finding.from_dict(found) for found in document["findings"]] == list(ordered(FOUND))
