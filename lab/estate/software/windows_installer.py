# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Exit codes and log lines of Windows Installer that several packages share."""

from __future__ import annotations

from enum import IntEnum

from .base import InstallResult


class ExitCode(IntEnum):
    """Windows Installer's results (Microsoft: MsiExec.exe and InstMsi.exe error messages)."""

    SUCCESS = 0
    FAILURE = 1603
    UNKNOWN_PRODUCT = 1605
    PRODUCT_VERSION = 1638
    PATCH_TARGET_NOT_FOUND = 1642
    RESTART_REQUIRED = 3010


def installer_error(product: str, text: str, number: int = 0) -> str:
    """The line that a failing action leaves in the log."""
    return f"Product: {product} -- Error {number}. {text}" if number else f"Product: {product} -- {text}"


def failed(*lines: str, action: str = "LaunchConditions") -> InstallResult:
    """1603 with the lines that stand around a fatal error in a verbose log."""
    tail = (f"Action ended: {action}. Return value 3.", "Action ended: INSTALL. Return value 3.")
    return InstallResult(ExitCode.FAILURE, "\n".join((*lines, *tail)) + "\n")


def not_administrator(product: str) -> InstallResult:
    """Error 1925 (Microsoft: Windows Installer error messages)."""
    text = (
        "You do not have sufficient privileges to complete this installation for all users of the machine. "
        "Log on as administrator and then retry this installation."
    )
    return failed(installer_error(product, text, 1925), action="InstallInitialize")
