# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Operations for what goes wrong while a server's configuration is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .estate import interruptions
from .operations import OperationProblem, operation

if TYPE_CHECKING:
    from .estate.estate import Estate
    from .estate.host import Host


@operation
def interrupt_change(estate: Estate, step: str, how: str = "host lost", message: str = "The operation failed.", host: str = "MIM1") -> None:
    """At the step of the next change (its journal's word): `host lost`, `connection lost` (the work goes on), `pause`, or `refuse` with a message."""
    if how not in interruptions.HOW:
        raise OperationProblem(f"how is one of {', '.join(interruptions.HOW)}, not {how}")
    interruptions.interrupt(_host(estate, host), step, how, message)


@operation
def change_reached(estate: Estate, host: str = "MIM1") -> bool:
    """Whether the step was reached."""
    return interruptions.is_reached(_host(estate, host))


@operation
def mend_host(estate: Estate, host: str = "MIM1") -> None:
    """The host can be reached again, what waits goes on, and nothing further happens to it."""
    found = _host(estate, host)
    interruptions.going_on(found)
    found.reachable = True


@operation
def set_full(estate: Estate, full: bool, host: str = "MIM1", drive: str = "C:") -> None:
    """Fills a volume, or makes room again."""
    files = _host(estate, host).files
    files.full = (files.full | {drive.upper()}) if full else (files.full - {drive.upper()})


def _host(estate: Estate, name: str) -> Host:
    try:
        return estate.host(name)
    except KeyError:
        raise OperationProblem(f"the lab has no host {name}") from None
