# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people give by mistake, or somebody on purpose: told in words, all of it at once, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.check.__main__ import main
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.check.pull_request import WRONG, check_declaration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired.reading import read_wish
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import DocumentError, InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import adopt, render

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "agents"
FOREIGN = {"MV.XML": b"<playlist/>"}
LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 9)}]\n" for number in range(1, 12)) + "agents: *a11\n"


@pytest.fixture(scope="module")
def export() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in SAMPLES.glob("*.XML")}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LAUGHS, "once its aliases are followed"),
        ("agents: &all [*all]\n", "stands for what it is part of"),
        ("agents: " + "[" * 5000 + "]" * 5000, "nested too deeply"),
        ("agents: []\nflows: []\nagents: []\n", "has the key 'agents' twice in one dictionary, again at line 3"),
        ("agents: [{name: 2026-13-45}]\n", "month must be in 1..12"),
        ("sync_configuration: 5\n", "must be a dictionary, not a number"),
        ("sync_configuration:\n", "must be a dictionary, not nothing"),
    ],
)
def test_a_text_that_is_no_declaration_is_told_in_words(export: dict[str, bytes], text: str, words: str) -> None:
    verdict = check_declaration(export, {"bad.yml": text})
    assert (verdict.code, words in verdict.markdown.replace("\\", "")) == (WRONG, True)


def test_merged_keys_may_be_said_again(export: dict[str, bytes]) -> None:
    text = (
        "a: &a {type: full-import, batch_size: 7}\nb: &b {<<: *a, batch_size: 8}\nsync_configuration: {run_profiles: [{<<: *b, name: Import, batch_size: 9}]}\n"
    )
    assert check_declaration(export, {"good.yml": text}).code != WRONG


def test_a_folder_without_variables_is_told(export: dict[str, bytes]) -> None:
    assert "there is no YAML file in it" in check_declaration(export, {}).markdown


def test_what_is_no_export_is_never_in_order() -> None:
    verdict = check_declaration(FOREIGN, {"good.yml": "agents: []\n"})
    assert (verdict.code, "none of these files is an export of a server" in verdict.markdown) == (WRONG, True)
    for use in (adopt, lambda files: render(files, {"agents": []})):
        with pytest.raises(DocumentError, match=r"no configuration in MV\.XML"):
            use(FOREIGN)


def test_what_cannot_be_read_as_a_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "MV.XML").mkdir()
    assert main(["--from", str(tmp_path), "--config", str(tmp_path)]) == WRONG
    assert "MV.XML cannot be read: Is a directory" in capsys.readouterr().err
    (file := tmp_path / "one.xml").write_text("<a/>", encoding="utf-8")
    assert main(["--from", str(file), "--config", str(tmp_path)]) == WRONG
    assert "is a file, not a folder" in capsys.readouterr().err


def test_a_folder_instead_of_the_file_to_write_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "good.yml").write_text("agents: []\n", encoding="utf-8")
    (tmp_path / "out.md").mkdir()
    assert main(["--from", str(SAMPLES), "--config", str(tmp_path / "good.yml"), "--to", str(tmp_path / "out.md")]) == WRONG
    assert "TO: " in capsys.readouterr().err
    assert sorted(item.name for item in tmp_path.iterdir()) == ["good.yml", "out.md"]


def test_unknown_agents_and_what_does_not_fit_the_others_are_told_at_once(export: dict[str, bytes]) -> None:
    text = """
metaverse: {precedence: {person: [LDS, NOBODY, lds], persn: [LDS]}}
agents:
  - {name: LDS, type: ad_lds, attributes: [nosuch], projections: {usr: person}}
flows:
  - {from: LSD/user/cn, through: person/employeeID}
  - {from: LDS/user/commonnam, through: person/employeeID}
"""
    verdict = check_declaration(export, {"bad.yml": text})
    told = verdict.markdown.replace("\\", "")
    for words in (
        "metaverse.precedence.person[1]: names the agent 'NOBODY', which is not there",
        "metaverse.precedence.person[2]: names the agent 'lds' again",
        "metaverse.precedence.persn: the metaverse has no object type 'persn' (did you mean 'person'?)",
        "agents[0].attributes[0]: the schema of 'LDS' has no attribute 'nosuch'",
        "agents[0].projections.usr: the schema of 'LDS' has no object type 'usr'",
        "flows[0]: names the agent 'LSD', which is not there (did you mean 'LDS'?)",
        "flows[1]: the schema of 'LDS' has no attribute 'commonnam'",
    ):
        assert words in told
    assert "7 faults" in told


def test_the_form_of_one_line_hides_no_fault_of_another() -> None:
    config = {
        "provisioning": "scriptd",
        "agents": [{"name": "A", "type": "ecma2"}, {"name": "a", "type": "ecma2", "flows": [{"from": "a/b", "through": "person/x"}]}],
        "flows": [{"frm": "A/user/x", "through": "person/x"}, {"from": "A/user/x", "through": "person"}],
    }
    with pytest.raises(InputError) as caught:
        read_wish(config)
    places = [detail.partition(": ")[0] for detail in caught.value.details]
    assert places == ["provisioning", "flows[0].frm", "flows[0]", "flows[1].through", "agents[1].flows[0].from", "agents[1].name"]


def test_settings_and_steps_that_mean_nothing_are_told(export: dict[str, bytes]) -> None:
    text = """
agents:
  - name: Rooms
    type: delimited_file
    columns: [id, name]
    anchor: id
    settings: {delimiter: semicolons, text_qualifier: "''", first_row_is_header: maybe}
    run_profiles: [{name: All, type: full-imprt}]
  - {name: LDS, type: ad_lds, run_profiles: [{name: Wrong, type: delta-snc}]}
"""
    verdict = check_declaration(export, {"bad.yml": text})
    told = verdict.markdown.replace("\\", "")
    for words in (
        "agents[0].settings.delimiter: is 'semicolons', but must be one character, its code, or one of tab, space, comma, semicolon",
        "agents[0].settings.text_qualifier: is",
        "agents[0].settings.first_row_is_header: is 'maybe', but must be true or false",
        "agents[0].run_profiles[0]: 'full-imprt' is no type of step (did you mean 'full-import'?)",
        "agents[1].run_profiles[0]: 'delta-snc' is no type of step (did you mean 'delta-sync'?)",
    ):
        assert words in told


def test_who_names_no_agents_is_not_told_what_would_follow(export: dict[str, bytes]) -> None:
    verdict = check_declaration(export, {"bad.yml": "provisioning: none\n"}, "overridden")
    assert verdict.code == WRONG
    assert all("does not name the agent" in line for line in verdict.markdown.splitlines() if line.startswith("- "))


def test_a_wrong_option_never_means_that_something_would_change(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--from", str(SAMPLES), "--config", str(SAMPLES), "--state", "mergd"]) == WRONG
    assert "invalid choice: 'mergd'" in capsys.readouterr().err


def test_partitions_named_twice_and_types_with_unknown_attributes_are_told(export: dict[str, bytes]) -> None:
    name = next(one["name"] for agent in adopt(export).declaration["agents"] if agent["name"] == "LDS" for one in agent["partitions"])
    text = f"agents:\n  - {{name: LDS, type: ad_lds, partitions: [{{name: '{name}'}}, {{name: '{name.upper()}'}}]}}\n"
    verdict = check_declaration(export, {"bad.yml": text + "metaverse: {object_types: {person: [dysplayName]}}\n"})
    told = verdict.markdown.replace("\\", "")
    assert f"agents[0].partitions[1]: names the partition '{name.upper()}' again" in told
    assert "metaverse.object_types.person: the metaverse has no attribute 'dysplayName' (did you mean 'displayName'?)" in told
