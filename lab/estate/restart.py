# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a restart of a host does to its state; it takes no time in the lab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .domains import domain_of
from .principals import account_name, resolve
from .services import ServiceProblem, start_service, stop_service

if TYPE_CHECKING:
    from .host import Host
    from .session import Session

# Two boots are never told apart by less than this (seconds).
_SHORTEST_UPTIME = 1.0


def restart_host(host: Host, session: Session | None = None, comment: str = "") -> None:
    """Stops all services, forgets why a restart was pending, renews the computer's token, starts what starts by itself."""
    user = (account_name(host, session.sid) or session.account) if session is not None else "NT AUTHORITY\\SYSTEM"
    host.log_event("System", "User32", 1074, f"The process shutdown.exe has initiated the restart of computer {host.name} on behalf of user {user}. {comment}")
    for service in list(host.services.values()):
        stop_service(host, service, force=True)
    host.restart_reasons.clear()
    host.booted = max(host.now(), host.booted + _SHORTEST_UPTIME)
    renew_computer_token(host)
    for service in list(host.services.values()):
        if service.start_mode in ("auto", "delayed"):
            _start_quietly(host, service.name)
    host.log_event("System", "EventLog", 6005, "The Event log service was started.")


def renew_computer_token(host: Host) -> None:
    """A computer's group membership counts from its start on."""
    if host.estate is None:
        return
    domain = domain_of(host)
    sid = resolve(host, f"{domain.netbios_name}\\{host.name}$")
    host.boot_groups = domain.token(sid) if sid is not None else frozenset()


def _start_quietly(host: Host, name: str) -> None:
    """A service that fails at the start of the host stands in the System log and nowhere else."""
    service = host.service(name)
    if service is None:
        return
    try:
        start_service(host, service)
    except ServiceProblem:
        return
