# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A pull request is told what it would change on the server, without asking it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.check.__main__ import main
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.check.pull_request import CHANGES, SAME, WRONG, check_declaration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import adopt
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "agents"
NEW_FLOW = "flows:\n  - {from: LDS/user/cn, through: person/employeeID}\n"


@pytest.fixture(scope="module")
def export() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in SAMPLES.glob("*.XML")}


def test_what_was_adopted_changes_nothing(export: dict[str, bytes]) -> None:
    verdict = check_declaration(export, adopt(export).files)
    assert verdict.code == SAME
    assert "no change" in verdict.markdown


def test_changes_are_a_table(export: dict[str, bytes]) -> None:
    verdict = check_declaration(export, {"change.yml": NEW_FLOW})
    assert verdict.code == CHANGES
    assert "| 1 | LDS: import flow user/cn" in verdict.markdown
    assert "full synchronization" in verdict.markdown


def test_faults_are_listed_with_their_place(export: dict[str, bytes]) -> None:
    verdict = check_declaration(export, {"change.yml": "flows:\n  - {from: LSD/user/cn, through: person/badge}\nprovisionig: none\n"})
    assert verdict.code == WRONG
    assert "provisionig: is not a key of the configuration (did you mean 'provisioning'?)" in verdict.markdown


@pytest.mark.parametrize("text", ["agents: [", "- 1", "", "sync_configuration: {agents: 5}", "a: '{{ a }}'"])
def test_bad_yaml_is_one_clear_message(export: dict[str, bytes], text: str) -> None:
    verdict = check_declaration(export, {"bad.yml": text})
    assert verdict.code == WRONG
    assert "Traceback" not in verdict.markdown


def test_text_of_the_configuration_is_no_markup(export: dict[str, bytes]) -> None:
    text = "agents:\n  - {name: Badges, type: ecma2, parameters: {Page Size: '<b>|9'}}\n"
    assert "<b>" not in check_declaration(export, {"change.yml": text}).markdown


def test_the_command_reads_folders_and_tells_by_its_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "change.yml").write_text(NEW_FLOW, encoding="utf-8")
    assert main(["--from", str(SAMPLES), "--config", str(tmp_path), "--to", str(tmp_path / "out.md")]) == CHANGES
    assert "1 change" in (tmp_path / "out.md").read_text(encoding="utf-8")
    assert main(["--from", str(tmp_path / "nowhere"), "--config", str(tmp_path)]) == WRONG
    assert "does not exist on the controller" in capsys.readouterr().err


def test_findings_are_listed_and_new_ones_marked(export: dict[str, bytes]) -> None:
    known = "| warning | GAL join of contact | 'mail' is not indexed, so every search reads all objects |  |"
    assert known in check_declaration(export, adopt(export).files).markdown
    verdict = check_declaration(export, {"change.yml": "metaverse:\n  rules_extension: ''\nprovisioning: scripted\n"})
    assert "1 of them new" in verdict.markdown
    assert "| error | metaverse | provisioning is 'scripted', but the metaverse has no rules extension | new |" in verdict.markdown


def test_what_the_plan_adds_is_not_found_missing(export: dict[str, bytes]) -> None:
    flow = "flows:\n  - {from: LDS/user/cn, through: person/brandNewName}\n"
    verdict = check_declaration(export, {"change.yml": flow})
    assert verdict.code == CHANGES
    assert "0 of them new" in verdict.markdown


def test_rules_on_flows_are_checked_with_the_rules_beside_them() -> None:
    texts = {
        "sync_configuration.yml": "sync_configuration_declaration:\n  flows:\n    - {through: person, to: SPMA/user/Department, rule: office}\n",
        "sync_solution_rules.yml": "sync_solution_rules:\n  include: [sharepoint]\n  values: {office: '{mv:department} {mv:title?}'}\n",
    }
    export = build_files()
    verdict = check_declaration(export, texts)
    assert verdict.code == CHANGES
    assert "department -&gt; rule office" in verdict.markdown
    del texts["sync_solution_rules.yml"]
    verdict = check_declaration(export, texts)
    assert verdict.code == WRONG
    assert "there is no rule named 'office'" in verdict.markdown
