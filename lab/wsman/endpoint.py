# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""WinRM for all hosts of an estate: certificates, listeners, shells."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..estate.domains import domain_of
from ..estate.session import Session
from .logon import HostLogon
from .ntlm import NtlmTarget
from .server import Listener
from .service import ServiceContext
from .shells import CommandLine, Completed, Shells
from .tls import Authority

if TYPE_CHECKING:
    from ..estate.estate import Estate
    from ..estate.host import Host

# Runs a command on a host: the estate's executor (lab/modules/execute.py).
HostExecutor = Callable[["Host", CommandLine, bytes, Session], Completed]


class Endpoint:
    """All listeners of an estate. `note` takes lines for the lab's log."""

    def __init__(self, estate: Estate, port: int, authority: Authority, execute: HostExecutor, note: Callable[[str], None]) -> None:
        self._estate, self._port, self._authority = estate, port, authority
        self._execute, self._note = execute, note
        self._listeners: list[Listener] = []
        self._shells: list[Shells] = []

    def start(self) -> None:
        """Raises AddressInUseError; nothing listens then."""
        try:
            for host in self._estate.hosts.values():
                self._start_host(host)
        except Exception:
            self.stop()
            raise

    def stop(self) -> None:
        for listener in self._listeners:
            listener.ask_to_stop()
        for listener in self._listeners:
            listener.stop()
        for shells in self._shells:
            shells.close_all()
        self._listeners, self._shells = [], []

    def _start_host(self, host: Host) -> None:
        certificate = self._authority.issue(host.address, host.fqdn, host.name)
        shells = Shells(lambda line, data, session: self._execute(host, line, data, session))
        domain = domain_of(host)
        target = NtlmTarget(host.name, domain.netbios_name, domain.dns_name, host.fqdn, certificate.bindings)
        context = ServiceContext(
            target=target,
            address=f"https://{host.fqdn}:{self._port}/wsman",
            logon=HostLogon(self._estate, host),
            shells=shells,
            note=lambda line: self._note(f"{host.name} {line}"),
        )
        listener = Listener(host.address, self._port, certificate, context, lambda: host.reachable)
        listener.start()
        self._listeners.append(listener)
        self._shells.append(shells)
