# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The C# compiler of Windows PowerShell's Add-Type.

Where Mono's compiler is installed it compiles for real, against the stand-ins of MIM's types. Elsewhere the text is read
as far as a compiler's first look goes: what cannot be C# 5 is refused with the compiler's own messages, and types are not checked.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

_STANDINS = Path(__file__).resolve().parents[2] / "rules_extension" / "standins"
_REFERENCE = "Microsoft.MetadirectoryServicesEx.dll"
_COMPILER_SECONDS = 120
# `path(line,column): error CS1002: message` as mcs prints it.
_MCS_ERROR = re.compile(r"^(?P<path>.+?)\((?P<line>\d+),\d+\): error (?P<code>CS\d+): (?P<message>.*)$", re.MULTILINE)
_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<verbatim>@"(?:[^"]|"")*")
      | (?P<interpolated>\$@?")
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<char>'(?:\\.|[^'\\\n])+')
      | (?P<open_comment>/\*)
      | (?P<open_string>"|')
      | (?P<word>[^\W\d]\w*)
      | (?P<conditional>\?\.|\?\[)
      | (?P<bracket>[()\[\]{}])""",
    re.VERBOSE | re.DOTALL,
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_MEMBERS = {
    "IMASynchronization": (
        "Initialize Terminate FilterForDisconnection MapAttributesForJoin ResolveJoinSearch ShouldProjectToMV MapAttributesForImport "
        "MapAttributesForExport Deprovision"
    ).split(),
    "IMVSynchronization": "Initialize Terminate Provision ShouldDeleteFromMV".split(),
}
_CLASS = re.compile(r"\bclass\s+(?P<name>\w+)\s*:\s*(?P<bases>[\w\s.,]+?)\s*\{")
_USING = re.compile(r"^\s*using\s+(?P<name>[\w.]+)\s*;", re.MULTILINE)
_KNOWN_NAMESPACES = ("System", "Microsoft.MetadirectoryServices")


def compile_library(sources: Mapping[str, str]) -> tuple[bytes, list[str]]:
    """The library, or the compiler's errors (`path(line) : message`). `sources` maps Windows paths to texts."""
    compiler = shutil.which("mcs")
    if compiler is not None:
        return _compile(compiler, sources)
    errors = [error for path, text in sources.items() for error in syntax_errors(path, text)] or missing_members(sources)
    if errors:
        return b"", errors
    return b"MZ rules extension\n" + "\n".join(sources.values()).encode(), []


def _compile(compiler: str, sources: Mapping[str, str]) -> tuple[bytes, list[str]]:
    with tempfile.TemporaryDirectory(prefix="lab-csharp-") as name:
        folder = Path(name)
        reference, library = folder / _REFERENCE, folder / "extension.dll"
        _run(compiler, reference, sorted(str(path) for path in _STANDINS.glob("*.cs")))
        places = {str(folder / f"{index}.cs"): path for index, path in enumerate(sources)}
        for place, path in places.items():
            Path(place).write_text(sources[path], encoding="utf-8")
        output = _run(compiler, library, [f"-r:{reference}", "-r:System.dll", "-r:System.Core.dll", "-r:System.Xml.dll", *places])
        errors = [f"{places.get(found['path'], found['path'])}({found['line']}) : {found['message']}" for found in _MCS_ERROR.finditer(output)]
        if not library.exists():
            return b"", errors or [output.strip()]
        return library.read_bytes(), []


def _run(compiler: str, target: Path, arguments: list[str]) -> str:
    command = [compiler, "-langversion:5", "-target:library", f"-out:{target}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_COMPILER_SECONDS, check=False)
    return done.stdout + done.stderr


def syntax_errors(path: str, text: str) -> Iterator[str]:
    """What a compiler for C# 5 says at first sight; ends at the first error, from which on nothing can be told."""
    waiting: list[tuple[str, int]] = []
    for token in _TOKEN.finditer(text):
        line = text.count("\n", 0, token.start()) + 1
        problem = _token_problem(token, waiting, line)
        if problem:
            yield f"{path}({line}) : {problem}"
            return
    for bracket, _line in waiting[-1:]:
        yield f"{path}({text.count(chr(10)) + 1}) : {_CLOSING[bracket]} expected"
    for found in _USING.finditer(text):
        if not found["name"].startswith(_KNOWN_NAMESPACES):
            yield f"{path}({text.count(chr(10), 0, found.start('name')) + 1}) : The type or namespace name '{found['name']}' could not be found"


def _token_problem(token: re.Match[str], waiting: list[tuple[str, int]], line: int) -> str:
    kind, text = token.lastgroup, token.group()
    if kind == "open_comment":
        return "End-of-file found, '*/' expected"
    if kind == "open_string":
        return "Newline in constant"
    if kind == "interpolated":
        return "Unexpected character '$'"
    if kind == "conditional" and text == "?.":
        return "Invalid expression term '.'"
    if kind != "bracket":
        return ""
    if text in _CLOSING:
        waiting.append((text, line))
        return ""
    if not waiting:
        return "Type or namespace definition, or end-of-file expected"
    wanted = _CLOSING[waiting.pop()[0]]
    return "" if text == wanted else f"{wanted} expected"


def missing_members(sources: Mapping[str, str]) -> list[str]:
    """Classes that promise an interface of MIM's and lack one of its members."""
    errors = []
    for path, text in sources.items():
        for found in _CLASS.finditer(text):
            bases = {base.strip().rpartition(".")[2] for base in found["bases"].split(",")}
            for interface in sorted(bases & _MEMBERS.keys()):
                line = text.count("\n", 0, found.start()) + 1
                lacking = [member for member in _MEMBERS[interface] if not re.search(rf"\b{member}\s*\(", text)]
                errors += [f"{path}({line}) : '{found['name']}' does not implement interface member '{interface}.{member}'" for member in lacking]
    return errors
