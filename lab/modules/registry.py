# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a twin of a Windows module is declared, called and answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..estate.host import Host
    from ..estate.session import Session


class ModuleFailure(Exception):
    """The module ends with `failed: true`; `result` holds what else it returns."""

    def __init__(self, message: str, **result: Any) -> None:
        super().__init__(message)
        self.message = message
        self.result = result


@dataclass(frozen=True)
class ModuleCall:
    """One call, arguments already checked and converted by the module's own specification (defaults filled in)."""

    name: str
    arguments: Mapping[str, Any]
    host: Host
    session: Session
    check_mode: bool = False
    diff: bool = False
    # The module's own files (script text by name), as Ansible sent them.
    scripts: Mapping[str, str] = field(default_factory=dict)


# A twin gives back what the module would have passed to ExitJson, `changed` included.
Twin = Callable[[ModuleCall], dict[str, Any]]
TWINS: dict[str, Twin] = {}


def twin(*names: str, implements: frozenset[str] | None = None, locked: bool = True) -> Callable[[Twin], Twin]:
    """Registers a twin under the module's full names. `implements`: the options it simulates.

    An option outside of that set which is given (and is not at the module's default) is refused by name.
    `locked`: Estate.lock is held for the twin; one that waits or works long takes it itself where it needs it.
    """

    def register(function: Twin) -> Twin:
        for name in names:
            TWINS[name] = function
            IMPLEMENTED[name] = implements
            if not locked:
                UNLOCKED.add(name)
        return function

    return register


IMPLEMENTED: dict[str, frozenset[str] | None] = {}
# Twins that take Estate.lock themselves.
UNLOCKED: set[str] = set()
