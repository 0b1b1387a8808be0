# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What msiexec makes of its command line (Microsoft: "Command-line options" and "Setting public property values")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_SPECIAL = re.compile(r'[\s"]')
_PROPERTY = re.compile(r'(?P<name>[A-Za-z_][A-Za-z0-9_.]*)=(?P<value>(?:"(?:[^"]|"")*"|[^\s"])*)(?=\s|$)')
_SWITCH = re.compile(r"[/-](?:q[nbrf]?[+\-!]*|quiet|passive|norestart|promptrestart|forcerestart)(?=\s|$)", re.IGNORECASE)
_LOG = re.compile(r'[/-]l(?:og|[iwearucmopvx+!*]*)\s+(?:"[^"]*"|\S+)(?=\s|$)', re.IGNORECASE)
_SPACE = re.compile(r"\s+")


class CommandLineProblem(Exception):
    """msiexec ends with 1639: invalid command line argument."""


def escape_argument(argument: str) -> str:
    """One argument as it must stand on a Windows command line, so that a C program reads it back as it was."""
    if not argument:
        return '""'
    if not _SPECIAL.search(argument):
        return argument
    quoted = re.sub(r'(\\*)"', r'\1\1\\"', argument)
    return '"' + re.sub(r"(\\+)$", r"\1\1", quoted) + '"'


def join_arguments(arguments: Sequence[str]) -> str:
    return " ".join(escape_argument(argument) for argument in arguments)


def public_properties(command_line: str) -> dict[str, str]:
    """The properties that follow msiexec's own switches, names in capitals.

    A value with blanks stands in double quotes, a doubled quote inside means one. A pair that is quoted as a whole is
    refused, and so is anything that is neither a switch nor a pair.
    """
    return dict(_pairs(command_line.strip()))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        skipped = _SPACE.match(text, position) or _SWITCH.match(text, position) or _LOG.match(text, position)
        if skipped is not None:
            position = skipped.end()
            continue
        found = _PROPERTY.match(text, position)
        if found is None:
            raise CommandLineProblem(text[position:])
        yield found["name"].upper(), _unquote(found["value"])
        position = found.end()


def _unquote(value: str) -> str:
    return re.sub(r'"((?:[^"]|"")*)"', lambda quoted: quoted[1].replace('""', '"'), value)
