# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A lab inside of a test's own process, on a free port."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import daemon
from .estate.estate import Estate, EstateOptions
from .instance import DEFAULT_BUILDER, Builder, Instance, builder_of, open_instance
from .modules.journal import executions, reset_executions
from .operations import Operations
from .state import Lock, StateFolder, StateProblem


@dataclass(frozen=True)
class Lab:
    """`inventory` is what `-i` takes; `secrets` are the passwords by their variables' names (empty for a saved estate)."""

    folder: StateFolder
    estate: Estate
    port: int
    secrets: Mapping[str, str]

    @property
    def inventory(self) -> Path:
        return self.folder.inventory

    def call(self, operation: str, **values: Any) -> Any:
        """An operation of lab/operations.py."""
        return Operations(self.estate).run(operation, values)

    def executions(self) -> int:
        """Remote executions on all hosts since the start or the last reset."""
        return sum(self.executions_by_host().values())

    def executions_by_host(self) -> dict[str, int]:
        return executions(self.estate)

    def reset_executions(self) -> None:
        reset_executions(self.estate)


@contextmanager
def running_lab(
    folder: Path, options: EstateOptions | None = None, *, fresh: bool = False, builder: Builder | None = None, estate: Estate | None = None
) -> Iterator[Lab]:
    """Lets the hosts of an estate listen and stops them at the end; raises StateProblem.

    The estate is the one given, else the folder's saved one, else a new one; `fresh` forgets the saved one. It is saved
    at the end unless it was given.
    """
    place = StateFolder(folder)
    place.make()
    lock = Lock(place)
    if not lock.take():
        raise StateProblem(f"a lab runs in {folder} already; stop it with `python -m lab down --state {folder}`")
    try:
        if fresh:
            daemon.reset(place)
        chosen = options or EstateOptions()
        if estate is not None:
            instance = Instance(place, estate, fresh_secrets=estate.extra.pop("secrets", {}))
        else:
            instance = open_instance(place, chosen, builder or builder_of(DEFAULT_BUILDER))
        instance.start(chosen.port)
        try:
            yield Lab(place, instance.estate, instance.port, instance.fresh_secrets or {})
        finally:
            instance.stop()
            if estate is None:
                instance.save()
    finally:
        lock.release()
