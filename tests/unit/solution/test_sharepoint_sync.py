# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SharePointSync.psm1 as far as its text tells: no PowerShell runs here. Its steps fit the configuration, and nothing is exported unasked."""

from __future__ import annotations

import re

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.document import parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.reader import read_agent
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution import build_files
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.files import DELTA_TASK_FILE, FULL_TASK_FILE, MODULE_FILE, code_files


@pytest.fixture(scope="module")
def text() -> str:
    return code_files()[MODULE_FILE].decode()


@pytest.fixture(scope="module")
def start(text: str) -> str:
    """The body of Start-SharePointSync."""
    return text[text.index("function Start-SharePointSync") : text.index("Export-ModuleMember")]


def test_one_command_is_for_users(text: str) -> None:
    assert re.findall(r"^Export-ModuleMember (.*)$", text, re.MULTILINE) == ["-Function Start-SharePointSync"]


def test_default_agents_are_those_of_the_configuration(start: str) -> None:
    assert dict(re.findall(r"\[string(?:\[\])?\]\$(\w+Agent) = (?:@\()?'(\w+)'", start)) == {"DirectoryAgent": "ADMA", "SharePointAgent": "SPMA"}


def test_every_step_is_a_run_profile_of_its_agent(start: str) -> None:
    kinds = re.search(r"\{ '(\w+)' \} else \{ '(\w+)' \}", start)
    parts = re.search(r"\$part in @\('(\w+)', '(\w+)'\)", start)
    last = re.search(r"\$profileName in @\(([^)]*)\)", start)
    assert kinds and parts and last
    shared = {kind + part for kind in kinds.groups() for part in parts.groups()}
    assert shared <= profiles("MA-ADMA.XML")
    assert shared | set(re.findall(r"\w+", last[1])) <= profiles("MA-SPMA.XML")


def test_an_export_is_counted_limited_and_asked_for_in_that_order(start: str) -> None:
    code = start[start.index("param(") :]
    steps = ["Get-PendingExport", "Assert-DeleteLimit", "$PSCmdlet.ShouldProcess", "'Export'"]
    places = [code.index(step) for step in steps]
    assert places == sorted(places)
    assert code.count("'Export'") == 1


def test_only_success_and_completed_results_let_the_cycle_go_on(text: str) -> None:
    assert "if ($result -ne 'success' -and $result -notlike 'completed-*') {\n        throw" in text


@pytest.mark.parametrize(("name", "command"), [(FULL_TASK_FILE, "Start-SharePointSync -WhatIf"), (DELTA_TASK_FILE, "Start-SharePointSync -Delta -WhatIf")])
def test_the_task_scripts_ask_nothing(name: str, command: str) -> None:
    text = code_files()[name].decode()
    assert f"{command}:$WhatIfPreference -Confirm:$false" in text
    assert "SharePointSync.psm1" in text


def profiles(file: str) -> set[str]:
    return {profile.name for profile in read_agent(parse(build_files()[file], file)).run_profiles}
