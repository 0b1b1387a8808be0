# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What happens when FIMSynchronizationService starts and stops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ..principals import resolve, token
from ..services import BEHAVIOURS, ServiceProblem
from ..sql import SqlProblem, find_instance
from ..synchronization import SERVICE_NAME, SynchronizationService, service_of
from ..synchronization_state import SynchronizationProblem

if TYPE_CHECKING:
    from ..host import Host, Service

# ERROR_SERVICE_SPECIFIC_ERROR
_SERVICE_SPECIFIC = 1066


@dataclass(frozen=True)
class PendingBuild:
    """Files that a patch could not replace because they were in use; they are replaced at the boot after `booted`."""

    NAME: ClassVar[str] = "synchronization.pending_build"

    version: str
    booted: float


class MimServiceBehaviour:
    """Refuses to start without its database, its keys or the ownership of the database, and logs why."""

    def start(self, host: Host, service: Service) -> None:
        component = service_of(host)
        if component is None:
            raise ServiceProblem("The system cannot find the file specified.", 2)
        _replace_pending_files(host, component)
        try:
            _check_database(host, service, component)
            component.check_start()
        except (SynchronizationProblem, SqlProblem) as problem:
            host.log_event("Application", SERVICE_NAME, 6324, f"The server encountered an unexpected error and stopped. {problem}", entry_type="Error")
            text = f"The {service.display_name} service terminated with the following service-specific error: {problem}"
            raise ServiceProblem(text, _SERVICE_SPECIFIC) from problem
        component.started()

    def stop(self, host: Host, service: Service) -> None:
        component = service_of(host)
        if component is not None:
            component.stopped()


def _replace_pending_files(host: Host, component: SynchronizationService) -> None:
    pending = host.components.get(PendingBuild.NAME)
    if isinstance(pending, PendingBuild) and host.booted > pending.booted:
        component.update(pending.version)
        del host.components[PendingBuild.NAME]


def _check_database(host: Host, service: Service, component: SynchronizationService) -> None:
    """SqlProblem when the instance does not answer or does not know the service's account."""
    if host.estate is None:
        raise AssertionError("host.estate is there by construction")
    instance = find_instance(host.estate, component.sql_server, component.instance)
    sid = resolve(host, service.account)
    if sid is None or not instance.may_log_on(token(host, sid)):
        raise SqlProblem(f"Login failed for user '{service.account}'.")


BEHAVIOURS[SERVICE_NAME] = MimServiceBehaviour()
