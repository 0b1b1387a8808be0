# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Things that happen in the middle of a change on a host: it goes down, its connections break, it waits, a step is refused.

A twin that works in steps calls `reached` after each one. Somebody has said before what is to happen where, by an
operation (`lab/change_operations.py`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .synchronization_state import SynchronizationProblem

if TYPE_CHECKING:
    from .host import Host

HOW = ("host lost", "connection lost", "pause", "refuse")
_KEY = "interruptions"
# Seconds between two looks whether a host that waits may go on.
_GLANCE = 0.02


class HostLost(BaseException):
    """The host is gone while it worked: whoever waits for an answer gets none. No twin may take it for a fault of its own."""


def interrupt(host: Host, step: str, how: str, message: str) -> None:
    """Says what happens once the host reaches a step."""
    _all(host)[host.name] = {"step": step, "how": how, "message": message, "reached": False}


def going_on(host: Host) -> None:
    """A host that waits goes on; what has not happened yet will not happen."""
    _all(host).pop(host.name, None)


def is_reached(host: Host) -> bool:
    found = _all(host).get(host.name)
    return found is not None and bool(found["reached"])


def reached(host: Host, step: str) -> None:
    """Raises HostLost or SynchronizationProblem where that was wanted; holds no lock while it waits."""
    found = _all(host).get(host.name)
    if found is None or found["step"].casefold() != step.casefold() or found["reached"]:
        return
    found["reached"] = True
    if found["how"] == "refuse":
        raise SynchronizationProblem(str(found["message"]))
    if found["how"] == "host lost":
        host.reachable = False
        raise HostLost
    while found["how"] == "pause" and _all(host).get(host.name) is found:
        time.sleep(_GLANCE)


def finished(host: Host) -> None:
    """The work is done; raises HostLost where the connection broke on the way, so that the answer is lost."""
    found = _all(host).get(host.name)
    if found is not None and found["reached"] and found["how"] == "connection lost":
        host.reachable = False
        raise HostLost


def _all(host: Host) -> dict[str, dict[str, Any]]:
    if host.estate is None:
        return {}
    interruptions: dict[str, dict[str, Any]] = host.estate.extra.setdefault(_KEY, {})
    return interruptions
