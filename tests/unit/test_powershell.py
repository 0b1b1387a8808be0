# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every PowerShell file parses, and keeps the rules of docs/contracts.md. Nothing here runs PowerShell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

ROOT = Path(__file__).resolve().parents[2]
VERBS = sorted((ROOT / "plugins" / "plugin_utils" / "remote" / "verbs").glob("*.ps1"))
SCRIPTS = sorted((ROOT / "roles").glob("*/files/*.ps1"))
MODULES = sorted((ROOT / "roles").glob("*/files/*.psm1"))
FILES = [*VERBS, *SCRIPTS, *MODULES]
# Operators of PowerShell 7. The parser knows some of them as errors only, so the text without strings and comments is looked at.
NEWER_OPERATORS = re.compile(r"\?\?=?|\?\.|&&|\|\||(?<![\w$%])\?\s+[^:{}\n]+\s+:\s")
# Commands that take -Path and -LiteralPath: a path given as -Path is a pattern.
PATTERN_COMMANDS = (
    "Add-Content Clear-Content Copy-Item Get-Acl Get-ChildItem Get-Content Get-FileHash Get-Item Get-ItemProperty Move-Item New-ItemProperty "
    "Remove-Item Remove-ItemProperty Set-Acl Set-Content Set-Item Set-ItemProperty Test-Path"
).split()
COMMAND_WITH_PATH = re.compile(rf"\b({'|'.join(PATTERN_COMMANDS)})\b(?P<rest>[^\n|;]*)", re.IGNORECASE)
# Variables that PowerShell or win_powershell sets.
AUTOMATIC = frozenset("_ true false null ansible psscriptroot pscmdlet whatifpreference lastexitcode error args input matches psboundparameters".split())
NATIVE_PROGRAM = re.compile(r"^\s*(?:\$\w+\s*=\s*)?&\s*(?P<what>[^\n{]+)", re.MULTILINE)


def ids(path: Path) -> str:
    return path.name


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(Language(tree_sitter_powershell.language()))


def test_there_is_something_to_look_at() -> None:
    rooms = [folder for folder in ROOT.iterdir() if folder.is_dir() and not folder.name.startswith((".", "build"))]
    assert {path for room in rooms for path in room.rglob("*.ps*1")} == set(FILES), "PowerShell lies with the verbs and in roles' files, nowhere else"
    assert {"solution_read.ps1", "extension_publish.ps1"} <= {path.name for path in VERBS}
    assert {path.name for path in SCRIPTS} >= {"MIMSharePointSyncTask.ps1", "MIMSharePointSyncDelta.ps1"}
    assert MODULES


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_it_parses(path: Path, parser: Parser) -> None:
    tree = parser.parse(path.read_bytes())
    assert [f"line {node.start_point[0] + 1}: {(node.text or b'')[:80]!r}" for node in broken(tree.root_node)] == []


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_it_is_windows_powershell(path: Path, parser: Parser) -> None:
    assert NEWER_OPERATORS.search(bare(path, parser)) is None


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_errors_end_it(path: Path) -> None:
    assert re.search(r"^\$ErrorActionPreference = 'Stop'$", path.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_paths_are_literal(path: Path, parser: Parser) -> None:
    patterns = [found.group() for found in COMMAND_WITH_PATH.finditer(bare(path, parser)) if not re.search(r"-LiteralPath|@\w+", found["rest"])]
    assert patterns == []


@pytest.mark.parametrize("path", [*VERBS, *SCRIPTS], ids=ids)
def test_check_mode_runs_it(path: Path) -> None:
    assert re.search(r"\[CmdletBinding\(SupportsShouldProcess( = \$true)?[,)]", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", VERBS, ids=ids)
def test_a_verb_tells_what_it_takes_and_gives(path: Path, parser: Parser) -> None:
    text = path.read_text(encoding="utf-8")
    help_text = text[text.index("<#") : text.index("#>")]
    assert ".SYNOPSIS" in help_text
    assert ".OUTPUTS" in help_text
    assert parameters(parser.parse(text.encode()).root_node) == re.findall(r"^\.PARAMETER (\w+)$", help_text, re.MULTILINE)


@pytest.mark.parametrize("path", VERBS, ids=ids)
def test_a_verb_answers_with_json_and_whether_it_changed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.search(r"^\s*\$Ansible\.Changed = ", text, re.MULTILINE)
    assert "$Ansible.Result = @{ answer = (ConvertTo-Json -InputObject $answer -Depth 20 -Compress) }" in text


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_exit_codes_of_programs_are_looked_at(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    programs = [found["what"] for found in NATIVE_PROGRAM.finditer(text)]
    assert not programs or "$LASTEXITCODE" in text, programs


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_no_text_is_run_as_code(path: Path, parser: Parser) -> None:
    assert re.search(r"\bInvoke-Expression\b|\biex\b|\[scriptblock\]::Create", bare(path, parser), re.IGNORECASE) is None


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_every_variable_has_been_given_a_value(path: Path, parser: Parser) -> None:
    """A misspelt name is an empty value in a script, and an error in a module with strict mode."""
    names = [(node, variable_name(node)) for node in every(parser.parse(path.read_bytes()).root_node) if node.type == "variable"]
    given = {name for node, name in names if is_given(node)} | AUTOMATIC
    assert {name for _unused, name in names if not name.startswith("env:")} - given == set()


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_functions_of_a_module_are_documented(path: Path, parser: Parser) -> None:
    functions = [node for node in every(parser.parse(path.read_bytes()).root_node) if node.type == "function_statement"]
    assert functions
    for function in functions:
        text = (function.text or b"").decode()
        assert ".SYNOPSIS" in text and ".OUTPUTS" in text and "[CmdletBinding(" in text, text[:60]
        assert parameters(function) == re.findall(r"^\s*\.PARAMETER (\w+)$", text, re.MULTILINE)


def every(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from every(child)


def broken(root: Node) -> Iterator[Node]:
    return (node for node in every(root) if node.is_error or node.is_missing)


def bare(path: Path, parser: Parser) -> str:
    """The text with strings and comments blanked."""
    text = bytearray(path.read_bytes())
    for node in every(parser.parse(bytes(text)).root_node):
        if node.type in (
            "comment",
            "verbatim_string_characters",
            "verbatim_here_string_characters",
            "expandable_string_literal",
            "expandable_here_string_literal",
        ):
            text[node.start_byte : node.end_byte] = bytes(byte if byte == 10 else 32 for byte in text[node.start_byte : node.end_byte])
    return text.decode()


def variable_name(node: Node) -> str:
    text = (node.text or b"").decode().lower().lstrip("$@").strip("{}")
    return text.removeprefix("script:")


def is_given(node: Node) -> bool:
    """The variable stands left of an assignment, is a parameter, or runs through a loop."""
    parent = node.parent
    while parent is not None and parent.type in ("unary_expression", "left_assignment_expression", "cast_expression", "array_literal_expression"):
        parent = parent.parent
    chain = {"script_parameter", "foreach_statement", "assignment_expression"}
    while parent is not None and parent.type not in (*chain, "pipeline", "statement_block", "script_block"):
        node, parent = parent, parent.parent
    if parent is None or parent.type not in chain:
        return False
    return parent.type != "assignment_expression" or parent.children[0].start_byte <= node.start_byte < parent.children[0].end_byte


def parameters(node: Node) -> list[str]:
    """Names of the parameters of a script or function, in their order."""
    block = next((item for item in every(node) if item.type == "param_block"), None)
    if block is None:
        return []
    return [
        (item.text or b"").decode().lstrip("$") for item in every(block) if item.type == "variable" and item.parent and item.parent.type == "script_parameter"
    ]


@pytest.mark.parametrize("line", ["$a = $b ?? 'c'", "$a?.Name", "Get-Item x && Get-Item y", "$x = $a ? 1 : 2"])
def test_newer_operators_are_noticed(line: str) -> None:
    assert NEWER_OPERATORS.search(line)


@pytest.mark.parametrize("text", ["if ($a { 1 }", "function { ", "$x = @{ a = 1 "])
def test_broken_text_is_noticed(text: str, parser: Parser) -> None:
    assert list(broken(parser.parse(text.encode()).root_node))


def test_a_misspelt_variable_is_noticed(parser: Parser, tmp_path: Path) -> None:
    path = tmp_path / "x.ps1"
    path.write_text("param([string]$Name)\n$count = 1\nforeach ($item in $Name) { $count += $itme }\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="itme"):
        test_every_variable_has_been_given_a_value(path, parser)
