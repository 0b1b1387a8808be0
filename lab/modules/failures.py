# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Failures in the words that Ansible's module frameworks put around them."""

from __future__ import annotations

from typing import Any

from ..estate.host import Host
from ..estate.principals import NOT_MAPPED, account_name, resolve
from .registry import ModuleCall, ModuleFailure


def unhandled(message: str, **result: Any) -> ModuleFailure:
    """An exception that a module on Ansible.Basic did not catch."""
    return ModuleFailure(f"Unhandled exception while executing module: {message}", **result)


def method_failed(method: str, arguments: int, message: str) -> str:
    """PowerShell's text for an exception out of a .NET method."""
    return f'Exception calling "{method}" with "{arguments}" argument(s): "{message}"'


def administrators_only(call: ModuleCall, message: str, **result: Any) -> None:
    """Fails with what the module says to everybody who is no administrator of the host."""
    if not call.session.administrator:
        raise ModuleFailure(message, **result)


TRANSLATE = method_failed("Translate", 1, NOT_MAPPED)


def legacy_sid(host: Host, name: str) -> str:
    """`Convert-ToSID` of Ansible's older modules; fails with its message."""
    sid = resolve(host, name)
    if sid is None:
        raise ModuleFailure(f"account_name {name} is not a valid account, cannot get SID: {TRANSLATE}")
    return sid


def legacy_name(host: Host, sid: str) -> str:
    """`Convert-FromSID` of Ansible's older modules; fails with its message."""
    name = account_name(host, sid)
    if name is None:
        raise ModuleFailure(f"failed to convert sid '{sid}' to a logon name: {TRANSLATE}")
    return name
