# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of the collection's own PowerShell scripts (plugins/plugin_utils/remote/verbs)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..estate.host import Host
    from ..estate.session import Session


class ScriptError(Exception):
    """A terminating error of the script; `message` is the exception's message as PowerShell words it."""

    def __init__(self, message: str, *, error_id: str = "", category: str = "NotSpecified", exception_type: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.error_id = error_id or message
        self.category = category
        self.exception_type = exception_type or "System.Management.Automation.RuntimeException"


@dataclass(frozen=True)
class VerbCall:
    """`parameters` holds plain and sensitive ones (a credential is a `Credential`), by name, as the script declares them."""

    verb: str
    parameters: Mapping[str, Any]
    host: Host
    session: Session
    check_mode: bool = False


@dataclass(frozen=True)
class Credential:
    username: str
    password: str


@dataclass(frozen=True)
class VerbAnswer:
    """`result` is what the script put in `$Ansible.Result` before it was made JSON text; `changed` its `$Ansible.Changed`."""

    result: Any = None
    changed: bool = False


VerbTwin = Callable[[VerbCall], VerbAnswer]
VERBS: dict[str, VerbTwin] = {}


# Verbs that take Estate.lock themselves, because they wait or work long.
UNLOCKED: set[str] = set()


def verb(name: str, *, locked: bool = True) -> Callable[[VerbTwin], VerbTwin]:
    """Registers the twin of `remote/verbs/<name>.ps1`. `locked`: Estate.lock is held while it runs."""

    def register(function: VerbTwin) -> VerbTwin:
        VERBS[name] = function
        if not locked:
            UNLOCKED.add(name)
        return function

    return register
