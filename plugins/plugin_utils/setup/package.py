# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A package's command line and what its log says about a failure.

Facts: Microsoft's pages "Command-Line Options" and "MsiExec.exe and InstMsi.exe error messages"; reference page sharepoint-and-setup 1.1 and 1.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InputError

_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_.]*$")
_PLAIN = re.compile(r"^[A-Za-z0-9_.:\\/-]+$")
# What a package says about itself stands behind its name.
_PRODUCT = re.compile(r"Product: .*? -- (.+)")
_FAILED_ACTION = re.compile(r"Action ended[^:]*(?::\d\d)*: (\S+)\. Return value 3\.")
_HIDDEN = "********"
EXIT_CODES = {
    1601: "The Windows Installer service could not be accessed.",
    1602: "The installation was cancelled.",
    1603: "A fatal error occurred during installation.",
    1605: "The product is not installed.",
    1618: "Another installation is in progress.",
    1619: "The package could not be opened.",
    1620: "The file is not a valid Windows Installer package.",
    1622: "The log file could not be opened.",
    1625: "System policy forbids this installation.",
    1633: "The package does not support this kind of processor.",
    1635: "The patch could not be opened.",
    1636: "The file is not a valid Windows Installer patch.",
    1638: "Another version of this product is already installed.",
    1639: "The command line is invalid.",
    1642: "The patch does not fit: the product is missing or of another version.",
    1643: "System policy forbids this patch.",
}


@dataclass(frozen=True)
class Failure:
    """`reasons` are the package's own words."""

    message: str
    reasons: tuple[str, ...] = ()


def command_line(properties: Mapping[str, str]) -> str:
    """`NAME=value NAME="value with spaces"`; a double quote inside a value is doubled. InputError for a name that is none."""
    wrong = [name for name in properties if not _NAME.match(name)]
    if wrong:
        raise InputError(f"{wrong[0]!r} is no name of a property.", path="properties")
    return " ".join(f"{name}={_quoted(value)}" for name, value in properties.items())


def failure_reasons(log: str, secrets: Iterable[str]) -> tuple[str, ...]:
    """The package's own words out of a verbose log, each once, without secrets; the actions that failed where it said nothing."""
    lines = log.splitlines()
    found = [match[1].strip() for line in lines if (match := _PRODUCT.search(line))]
    if not found:
        found = [f"The action {match[1]} failed." for line in lines if (match := _FAILED_ACTION.search(line))]
    return tuple(dict.fromkeys(without_secrets(reason, secrets) for reason in found))


def explain_failure(path: str, result: Mapping[str, Any], secrets: Iterable[str]) -> Failure:
    """Out of what win_package returned. Its own message holds the whole command line, so only those of other failures are kept."""
    hidden = tuple(secrets)
    code = int(result.get("rc") or 0)
    if code == 0:
        return Failure(without_secrets(f"{path}: {result.get('msg', 'the package could not be installed')}", hidden))
    meaning = EXIT_CODES.get(code, "Windows Installer gives no text for it.")
    return Failure(f"{path} failed with exit code {code}: {meaning}", failure_reasons(str(result.get("log", "")), hidden))


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """The longest secrets first, so that one that is part of another leaves nothing behind."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, _HIDDEN).replace(secret.replace('"', '""'), _HIDDEN)
    return text


def _quoted(value: str) -> str:
    if _PLAIN.match(value):
        return value
    return '"' + value.replace('"', '""') + '"'
