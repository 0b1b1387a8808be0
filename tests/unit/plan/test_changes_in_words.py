# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Edits of all sorts on a real server, one by one: said in the right words, made, nothing else touched, taken back."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.compare import compare_folders
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.changes import changes_between
from edit_table import EDITS, PNP, RISKS
from server_support import applied, files_of, planned


@pytest.mark.parametrize("edit", EDITS)
def test_it_is_said_and_made_and_taken_back(edit: str) -> None:
    """The touched elements alone differ: one document, and few places in it; then the first bytes are back."""
    make, sentences, risk = EDITS[edit]
    wanted, changes = planned(PNP, make)
    assert [change.sentence for change in changes] == sentences
    assert max((change.risk.value for change in changes), key=RISKS.index) == risk
    assert all(change.reason for change in changes if change.risk.value != "none")
    after = applied(PNP, changes)
    assert changes_between(after.model(), wanted) == ()
    found = compare_folders(read_folder(files_of(PNP)), after)
    assert 1 <= len(found) <= 6
    assert len({difference.file for difference in found}) == 1
    for change in reversed(changes):
        change.take_back(after)
    assert after.write() == files_of(PNP)
