# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The whole simulated estate: a forest, its hosts, the media they install from."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .directory import Directory
    from .host import Host


@dataclass(frozen=True)
class EstateOptions:
    """What `python -m lab up` takes. `dns_name`'s first label differs from `netbios_name` on purpose."""

    people: int = 300
    seed: int = 20160101
    dns_name: str = "corp.example.com"
    netbios_name: str = "EXAMPLE"
    sharepoint_version: str = "2019"
    farm_build: str = "16.0.10337.12109"
    sql_remote: bool = True
    # Address of the first host; the others follow (127.20.0.10, .11, ...).
    first_address: str = "127.20.0.10"
    port: int = 0
    # A domain emea.<dns_name> (EMEA) in the forest, with its controller DC2.
    child_domain: bool = False
    # A forest partner.example.net (PARTNER) that nobody trusts, with its controller DC3.
    second_forest: bool = False


@dataclass
class Estate:
    """`lock` is held while a command changes the estate. `clock` may be replaced in tests."""

    options: EstateOptions
    directory: Directory
    hosts: dict[str, Host] = field(default_factory=dict)
    # First domains of forests without a trust to the estate's own one.
    other_forests: list[Directory] = field(default_factory=list)
    # URLs that answer (downloads, SharePoint sites): url -> content
    web: dict[str, bytes] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return time.time()

    def host(self, name: str) -> Host:
        """By NetBIOS name, full name or address; KeyError if there is none."""
        wanted = name.casefold()
        for host in self.hosts.values():
            if wanted in (host.name.casefold(), host.fqdn.casefold(), host.address):
                return host
        raise KeyError(name)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.lock = threading.RLock()
