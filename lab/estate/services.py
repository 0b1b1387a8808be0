# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The service control manager: what starts, what stops, and what Windows says when it does not.

Numbers and texts are those of Microsoft's list of system error codes (1000-1299).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .principals import logon_refusal

if TYPE_CHECKING:
    from .host import Host, Service

_TEXTS = {
    1051: "A stop control has been sent to a service that other running services are dependent on.",
    1058: "The service cannot be started, either because it is disabled or because it has no enabled devices associated with it.",
    1064: "An exception occurred in the service when handling the control request.",
    1068: "The dependency service or group failed to start.",
    1069: "The service did not start due to a logon failure.",
    1075: "The dependency service does not exist or has been marked for deletion.",
}


class ServiceProblem(Exception):
    """A service does not start or stop; `code` is the Win32 error (1069 logon failure), the message Windows' own."""

    def __init__(self, message: str = "", code: int = 1064) -> None:
        super().__init__(message or _TEXTS[code])
        self.code = code


class ServiceBehaviour(Protocol):
    """What else happens when a service starts or stops; raises ServiceProblem to refuse."""

    def start(self, host: Host, service: Service) -> None: ...

    def stop(self, host: Host, service: Service) -> None: ...


# By the name that Service.behaviour holds.
BEHAVIOURS: dict[str, ServiceBehaviour] = {}


def dependents(host: Host, service: Service) -> list[Service]:
    """The services that name this one as a dependency."""
    wanted = service.name.casefold()
    return [other for other in host.services.values() if wanted in (name.casefold() for name in other.dependencies)]


def start_service(host: Host, service: Service) -> None:
    """Starts a service after those it depends on; does nothing when it runs. Raises ServiceProblem and logs it as Windows does."""
    if service.state == "running":
        return
    if service.start_mode == "disabled":
        raise ServiceProblem(code=1058)
    for name in service.dependencies:
        _start_dependency(host, name)
    try:
        _log_on(host, service)
        _run_behaviour(host, service, starting=True)
    except ServiceProblem as problem:
        service.settings["win32_exit_code"] = problem.code
        _log_failure(host, service, problem)
        raise
    service.settings["win32_exit_code"] = 0
    service.state = "running"


def stop_service(host: Host, service: Service, *, force: bool = False) -> list[Service]:
    """Stops a service and, by force, the running ones that depend on it; gives back all that was stopped."""
    running = [other for other in dependents(host, service) if other.state == "running"]
    if running and not force:
        raise ServiceProblem(code=1051)
    stopped = [one for other in running for one in stop_service(host, other, force=True)]
    if service.state == "stopped":
        return stopped
    _run_behaviour(host, service, starting=False)
    service.state = "stopped"
    return [*stopped, service]


def restart_service(host: Host, service: Service, *, force: bool = False) -> None:
    """Stops and starts a service; dependents that were stopped by force run again afterwards."""
    stopped = stop_service(host, service, force=force)
    start_service(host, service)
    for other in reversed(stopped):
        start_service(host, other)


def _start_dependency(host: Host, name: str) -> None:
    found = host.service(name)
    if found is None:
        raise ServiceProblem(code=1075)
    try:
        start_service(host, found)
    except ServiceProblem as problem:
        raise ServiceProblem(code=1068) from problem


def _log_on(host: Host, service: Service) -> None:
    reason = logon_refusal(host, service.account, service.password_hash, "Service")
    if reason:
        host.log_event(
            "System",
            "Service Control Manager",
            7038,
            f"The {service.name} service was unable to log on as {service.account} with the currently configured password due to the "
            f"following error: {reason} To ensure that the service is configured properly, use the Services snap-in in Microsoft "
            "Management Console (MMC).",
            entry_type="Error",
        )
        raise ServiceProblem(code=1069)


def _run_behaviour(host: Host, service: Service, *, starting: bool) -> None:
    behaviour = BEHAVIOURS.get(service.behaviour)
    if behaviour is None:
        return
    if starting:
        behaviour.start(host, service)
    else:
        behaviour.stop(host, service)


def _log_failure(host: Host, service: Service, problem: ServiceProblem) -> None:
    text = f"The {service.display_name} service failed to start due to the following error: {problem}"
    host.log_event("System", "Service Control Manager", 7000, text, entry_type="Error")
