# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A lab that runs in this process: an estate, its endpoint, its files. The daemon and the tests' harness share it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .demo_inventory import demo_group_variables, demo_variables
from .inventory import write_inventory
from .modules.catalogue import load_twins
from .modules.execute import Executor
from .modules.journal import Journal
from .operations import load_operations
from .state import StateFolder, StateProblem, load_estate, save_estate
from .wsman.endpoint import Endpoint
from .wsman.server import AddressInUseError, free_port
from .wsman.tls import Authority

if TYPE_CHECKING:
    from .estate.estate import Estate, EstateOptions

Builder = Callable[["EstateOptions"], "Estate"]
DEFAULT_BUILDER = "ansible_collections.mimsync.sharepoint.lab.estate.build:build_estate"
# A free port of the first address may be taken on another one.
ATTEMPTS = 5


def builder_of(name: str) -> Builder:
    """`module:function`; raises StateProblem."""
    module, _unused, function = name.partition(":")
    try:
        found: Builder = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise StateProblem(f"the estate's builder {name} cannot be used: {error}") from error
    return found


class Instance:
    """`start` listens and writes the inventory, `stop` ends all of it; `save` writes the estate."""

    def __init__(self, folder: StateFolder, estate: Estate, *, fresh_secrets: Mapping[str, str] | None = None) -> None:
        load_twins()
        load_operations()
        self.folder, self.estate = folder, estate
        self.fresh_secrets = fresh_secrets
        self.journal = Journal(estate, folder.path)
        self.port = 0
        self._executor = Executor(estate, self.journal)
        self._endpoint: Endpoint | None = None

    def start(self, port: int = 0) -> None:
        """Port 0 takes a free one; raises StateProblem."""
        authority = Authority()
        self.port = self._listen(authority, port)
        authority.write(self.folder.authority)
        write_inventory(self.folder, self.estate, self.port, variables=self._variables(), groups=demo_group_variables(self.estate), secrets=self.fresh_secrets)

    def stop(self) -> None:
        if self._endpoint is not None:
            self._endpoint.stop()
        self._executor.stop()
        self.journal.close()

    def _variables(self) -> Mapping[str, Any] | None:
        """The collection's variables for this estate; none for estates that are not the standard one."""
        if "MIM1" not in self.estate.hosts:
            return None
        return demo_variables(self.estate)

    def save(self) -> None:
        save_estate(self.folder, self.estate)

    def _listen(self, authority: Authority, port: int) -> int:
        addresses = [host.address for host in self.estate.hosts.values()]
        for attempt in range(ATTEMPTS):
            chosen = port or free_port(addresses[0])
            endpoint = Endpoint(self.estate, chosen, authority, self._executor, self.journal.note)
            try:
                endpoint.start()
            except AddressInUseError as error:
                if port or attempt == ATTEMPTS - 1:
                    raise StateProblem(f"{error}; choose another port with --port") from error
                continue
            self._endpoint = endpoint
            return chosen
        raise StateProblem("no port is free on all addresses of the lab")


def open_instance(folder: StateFolder, options: EstateOptions, builder: Builder) -> Instance:
    """The saved estate or a new one; raises StateProblem."""
    folder.make()
    estate = load_estate(folder)
    if estate is None:
        estate = builder(options)
        # Clear text leaves the estate here, before anything is saved.
        return Instance(folder, estate, fresh_secrets=estate.extra.pop("secrets", {}))
    if not folder.secrets.exists():
        raise StateProblem(f"{folder.secrets} is gone and cannot be made again; `python -m lab reset` builds a new estate")
    return Instance(folder, estate)
