# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A lab inside of a test's own process, on a free port."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .estate.estate import Estate, EstateOptions
from .instance import DEFAULT_BUILDER, Builder, Instance, builder_of
from .modules.journal import executions, reset_executions
from .operations import Operations
from .state import StateFolder


@dataclass(frozen=True)
class RunningLab:
    """`inventory` is what `-i` takes; `secrets` are the passwords by their variables' names."""

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

    def executions(self) -> dict[str, int]:
        """Remote executions by host since the start or the last reset."""
        return executions(self.estate)

    def reset_executions(self) -> None:
        reset_executions(self.estate)


@contextmanager
def running_lab(folder: Path, options: EstateOptions | None = None, *, builder: Builder | None = None, estate: Estate | None = None) -> Iterator[RunningLab]:
    """Builds an estate (or takes the one given), lets its hosts listen and stops them at the end."""
    place = StateFolder(folder)
    place.make()
    built = estate or (builder or builder_of(DEFAULT_BUILDER))(options or EstateOptions())
    secrets = dict(built.extra.pop("secrets", {}))
    instance = Instance(place, built, fresh_secrets=secrets)
    instance.start()
    try:
        yield RunningLab(place, built, instance.port, secrets)
    finally:
        instance.stop()
