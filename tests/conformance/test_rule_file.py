# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules files under Mono: every function, test and kind of rule on random calls against the Python twin."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.catalogue import BY_CHANCE, FUNCTIONS, TESTS
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.reader import read_rules
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.xml_reader import parse_rules
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.xml_writer import write_rules
from ansible_collections.mimsync.sharepoint.tests.conformance.rule_cases import Answer, Case, Thing, Twin, answer_of, line_of
from ansible_collections.mimsync.sharepoint.tests.conformance.rule_generator import Suite, suites

SOURCES = Path(__file__).resolve().parents[2] / "rules_extension"
SEED = 20240229
EACH = 12
FILE_NAME = "MimSync.Rules.xml"


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("mcs") is None or shutil.which("mono") is None:
        pytest.skip("Mono's compiler is not installed (Debian: mono-mcs, mono-runtime, libmono-system-core4.0-cil)")
    return compiled(tmp_path_factory.mktemp("rules"))


def compiled(folder: Path) -> Path:
    """Stand-ins, extension and runner, compiled as the host's compiler would: C# 5, warnings are errors."""
    types = build(folder / "Microsoft.MetadirectoryServicesEx.dll", [*(SOURCES / "standins").glob("*.cs")])
    own = [*(SOURCES / "rules").glob("*.cs"), SOURCES / "DistinguishedNames.cs"]
    extension = build(folder / "MimSync.Rules.dll", own, "-r:System.Core.dll", "-r:System.Xml.dll", f"-r:{types}")
    fakes = [*(SOURCES / "tests" / "rules").glob("*.cs"), *(SOURCES / "tests" / name for name in ("Fakes.cs", "Bases.cs"))]
    return build(folder / "runner.exe", fakes, "-target:exe", "-r:System.Core.dll", f"-r:{types}", f"-r:{extension}")


def build(target: Path, sources: list[Path], *options: str) -> Path:
    command = ["mcs", "-langversion:5", "-warnaserror", "-target:library", f"-out:{target}", *options, *sorted(map(str, sources))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def call(runner: Path, folder: Path, made: list[Suite]) -> list[list[Answer]]:
    """What the extension answers, suite by suite."""
    lines: list[str] = []
    for index, suite in enumerate(made):
        place = folder / str(index)
        place.mkdir()
        (place / FILE_NAME).write_bytes(write_rules(read_rules(suite.data)))
        lines.append(line_of(len(lines), Case("load", str(place))))
        lines += [line_of(len(lines) + number, case) for number, case in enumerate(suite.cases)]
    done = subprocess.run(["mono", str(runner)], input="".join(f"{line}\n" for line in lines).encode(), capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr.decode()
    answers = [answer_of(line)[1] for line in done.stdout.decode().splitlines()]
    found, at = [], 0
    for suite in made:
        assert answers[at][0] == "done", f"{suite.data}: {answers[at]}"
        found.append(answers[at + 1 : at + 1 + len(suite.cases)])
        at += 1 + len(suite.cases)
    return found


def test_random_rules_end_as_on_the_python_twin(runner: Path, tmp_path: Path) -> None:
    made = suites(SEED, EACH)
    theirs = call(runner, tmp_path, made)
    different = []
    outcomes: Counter[str] = Counter()
    for suite, answers in zip(made, theirs, strict=True):
        twin = Twin(parse_rules(write_rules(read_rules(suite.data))))
        for case, mono in zip(suite.cases, answers, strict=True):
            python = twin.call(case)
            outcomes[f"{case.entry_point} {python[0].partition(':')[0]}"] += 1
            if mono != python:
                flow = [item for item in suite.data.get("flows", suite.data.get("provisioning", [])) if item.get("name", "") in ("", case.rule)]
                different.append((flow, case, mono, python))
    count = sum(outcomes.values())
    assert not different, f"{len(different)} of {count} calls differ, the first: {different[0]}"
    assert count >= 2000
    wanted = {f"{entry} {end}" for entry in ("import", "export", "join", "provision") for end in ("done", "throws")}
    assert wanted | {"filter yes", "filter no", "project yes", "project no", "resolve yes", "resolve no", "delete yes", "delete no"} <= outcomes.keys()


def test_every_function_and_test_of_the_catalogue_is_called() -> None:
    made = suites(SEED, 1)
    assert len(made) >= len(FUNCTIONS) - len(BY_CHANCE) + len(TESTS)


def test_marks_are_taken_off_every_letter_alike(runner: Path, tmp_path: Path) -> None:
    letters = tuple(chr(code) for low, high in ((0xA0, 0x52F), (0x1E00, 0x2000)) for code in range(low, high))
    rules = {"flows": [{"name": "plain", "direction": "import", "to": "texts", "from": "texts", "then": ["without_diacritics", "drop_empty"]}]}
    suite = Suite({**rules, "limits": {"text_length": 1000}}, (Case("import", "plain", Thing("user", {"texts": letters}, "CN=Anna")),))
    [[theirs]] = call(runner, tmp_path, [suite])
    assert theirs == Twin(read_rules(suite.data)).call(suite.cases[0])
    assert theirs[0] == "done"


def test_values_by_chance_are_new_each_time_and_of_the_promised_form(runner: Path, tmp_path: Path) -> None:
    initial = {"other": {"value": "x", "then": [{"random_password": 12}]}, "third": {"value": "x", "then": ["random_guid"]}}
    rule = {"agent": "AD", "mv_type": "person", "object_type": "user", "dn": "CN={displayName},OU=x", "initial": initial}
    cases = tuple(Case("provision", metaverse=Thing("person", {"displayName": (f"P{number}",)})) for number in range(2000))
    suite = Suite({"provisioning": [rule]}, cases)
    [theirs] = call(runner, tmp_path, [suite])
    twin = Twin(read_rules(suite.data))
    for answers in (theirs, [twin.call(case) for case in cases]):
        texts = [" ".join(answer[1]) for answer in answers]
        passwords = {found[1] for text in texts if (found := re.search(r"other=(\S{12});", text))}
        names = {found[1] for text in texts if (found := re.search(r"third=([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})", text))}
        assert (len(passwords), len(names)) == (2000, 2000), texts[0]
        kinds = (str.isupper, str.islower, str.isdigit, lambda char: not char.isalnum())
        assert all(any(kind(char) for char in password) for password in passwords for kind in kinds)


BAD_VALUES = {
    "five megabytes": "x" * 5_000_000,
    "half a pair": "a\ud83d",
    "a search without end": "a" * 60_000,
    "no number": "seven",
}


@pytest.mark.parametrize("name", BAD_VALUES)
def test_a_value_that_does_not_fit_is_the_same_named_error_on_both_sides(name: str, runner: Path, tmp_path: Path) -> None:
    flow = {"name": "own rule", "direction": "import", "to": "number", "from": "text", "then": [{"drop": "(a|b)*c"}, "integer"]}
    suite = Suite(
        {"limits": {"pattern_steps": 500_000}, "flows": [flow]}, (Case("import", "own rule", Thing("user", {"text": (BAD_VALUES[name],)}, "CN=Anna")),)
    )
    [[theirs]] = call(runner, tmp_path, [suite])
    ours = Twin(read_rules(suite.data)).call(suite.cases[0])
    assert theirs == ours
    assert ours[0] == "throws:UnexpectedDataException"
    assert ours[1][0].startswith("rule 'own rule', object 'CN=Anna")


def test_a_rules_file_that_is_none_keeps_the_extension_from_loading(runner: Path, tmp_path: Path) -> None:
    for index, content in enumerate((b"<broken", b"<other/>", b'<mimsync-rules version="9"/>', write_rules(read_rules(UPPER)).replace(b'"upper"', b'"uper"'))):
        place = tmp_path / str(index)
        place.mkdir()
        (place / FILE_NAME).write_bytes(content)
        line = line_of(0, Case("load", str(place)))
        done = subprocess.run(["mono", str(runner)], input=f"{line}\n".encode(), capture_output=True, timeout=60, check=False)
        assert "throws:" in done.stdout.decode(), content


UPPER = {"flows": [{"name": "rule", "direction": "import", "to": "other", "from": "text", "then": ["upper"]}]}
