# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command line of a report. Its words are read by hand: argparse alone would take a tenth of the time allowed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from ..configuration.folder import read_folder
from ..errors import InputError, MimSyncError
from .configuration import Given, build_report
from .sections import Report
from .words import verdict

USAGE = "usage: report <folder> [--against <folder>] --to <file ending in .html, .json or .md>\n"
SAME, FAILED, DIFFERENT = 0, 1, 2
FORMATS = ("html", "json", "markdown")
_ENDINGS = {".html": "html", ".htm": "html", ".json": "json", ".md": "markdown", ".markdown": "markdown"}


def main(words: Sequence[str], output: TextIO, errors: TextIO) -> int:
    """The exit code."""
    if not words or {"-h", "--help"} & set(words):
        (output if words else errors).write(USAGE)
        return SAME if words else FAILED
    try:
        folder, against, to = _options(words)
        form = format_of(to)
        report = build_report(given(folder), given(against) if against else None)
        write_file(to, render(report, form))
    except MimSyncError as error:
        errors.write(f"{error}\n")
        return FAILED
    output.write(f"{verdict(report) + ' ' if report.against else ''}The report is in {to}.\n")
    return DIFFERENT if report.against is not None and report.different else SAME


def _options(words: Sequence[str]) -> tuple[str, str, str]:
    found = {"--against": "", "--to": ""}
    folders = []
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name in found:
            found[name] = value if equals else next(rest, "")
        elif word.startswith("-"):
            raise InputError(f"{word!r} is no option.\n{USAGE.strip()}")
        else:
            folders.append(word)
    if len(folders) != 1 or not found["--to"]:
        raise InputError(f"one folder and the file to write are needed.\n{USAGE.strip()}")
    return folders[0], found["--against"], found["--to"]


def format_of(file: str) -> str:
    """`html`, `json` or `markdown` by the file's ending; raises InputError for another one."""
    form = _ENDINGS.get(Path(file).suffix.lower())
    if form is None:
        raise InputError(f"the ending of {file!r} names no format; use .html, .json or .md")
    return form


def given(folder: str) -> Given:
    """The configuration in a folder on this machine; raises InputError when there is none, DocumentError when it cannot be read."""
    place = Path(folder).expanduser()
    try:
        files = {item.name: item.read_bytes() for item in sorted(place.iterdir()) if item.suffix.lower() == ".xml"}
    except OSError as error:
        named = error.filename and str(error.filename) != str(place)
        raise InputError(f"{error.filename if named else f'the folder {folder}'} cannot be read: {error.strerror}") from None
    if not files:
        raise InputError(f"the folder {folder} holds no configuration: there is no file ending in .xml")
    found = Given(read_folder(files), place.resolve().name)
    if not found.folder.documents():
        raise InputError(f"the folder {folder} holds no configuration: none of its files is an export of a server")
    return found


def render(report: Report, form: str) -> str:
    """The report in one of FORMATS; only what is needed for it is loaded."""
    return _renderer(form)(report)


def _renderer(form: str) -> Callable[[Report], str]:
    if form == "html":
        from . import page

        return page.render
    if form == "json":
        from . import json_form

        return json_form.render
    from . import markdown

    return markdown.render


def write_file(file: str, text: str) -> None:
    """Raises InputError when the file cannot be written; what was there before stays then."""
    path = Path(file).expanduser()
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise InputError(f"the report cannot be written to {file}: {error.strerror}") from None
