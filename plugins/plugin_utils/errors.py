# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The exceptions of the collection's core.

    MimSyncError
    +-- InputError            what the user declared is wrong; `path` leads to the value
    +-- DocumentError         a configuration document cannot be read or is not one
    +-- PlanError             the declared state cannot be reached from the present one
    +-- RemoteError           the host answered with a failure; `verb` names what was asked
    +-- VerificationError     after an import the server does not hold what was planned
    +-- LimitError            a dangerous step would pass its limit and was not done

They are translated into Ansible's errors in one place, the base class of the actions.
"""

from __future__ import annotations

from collections.abc import Sequence


class MimSyncError(Exception):
    """Base of all errors. `message` is one sentence that names the value at fault and what to do."""

    def __init__(self, message: str, *, path: str = "", details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.details = tuple(details)

    def __str__(self) -> str:
        lead = f"{self.path}: " if self.path else ""
        tail = "".join(f"\n  - {detail}" for detail in self.details)
        return f"{lead}{self.message}{tail}"


class InputError(MimSyncError):
    """A declared value is wrong; `path` is its place in the user's data, as in `agents[1].partitions[0]`."""


class DocumentError(MimSyncError):
    """A configuration document is damaged, too large, or not what its name promises."""


class PlanError(MimSyncError):
    """The declared state does not fit the server's schema or agents; `details` lists every reason."""


class RemoteError(MimSyncError):
    """A verb failed on the host."""

    def __init__(self, message: str, *, verb: str, path: str = "", details: Sequence[str] = ()) -> None:
        super().__init__(message, path=path, details=details)
        self.verb = verb


class VerificationError(MimSyncError):
    """What the server exports after a change differs from the plan."""


class LimitError(MimSyncError):
    """A step was not taken because it would change or delete more than its limit allows."""
