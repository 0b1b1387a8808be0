# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people do at a screen and no call does for them: an administrator in miisclient, a person on the own profile page."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from .estate.farm_profiles import ProfileProblem
from .estate.synchronization import SynchronizationService, service_of
from .estate.synchronization_schema import refresh_schema as refresh
from .estate.synchronization_spaces import delete_connector_space as delete_space
from .estate.synchronization_state import SynchronizationProblem
from .operations import OperationProblem, operation
from .profile_listing import farm_in

if TYPE_CHECKING:
    from .estate.estate import Estate


@operation
def delete_connector_space(estate: Estate, agent: str, host: str = "MIM1") -> dict[str, int]:
    """miisclient: the agent, Delete, `Delete connector space only`. The answer counts objects, disconnected and deleted ones."""
    service = _running_service(estate, host)
    try:
        emptied = delete_space(service, agent)
    except SynchronizationProblem as problem:
        raise OperationProblem(problem.message) from problem
    return {"objects": emptied.objects, "disconnected": emptied.disconnected, "deleted": emptied.deleted}


@operation
def refresh_schema(estate: Estate, agent: str, host: str = "MIM1") -> list[str]:
    """miisclient: the agent, Actions, Refresh Schema. The answer is what came in, as object type/attribute."""
    service = _running_service(estate, host)
    try:
        return list(refresh(service, agent))
    except SynchronizationProblem as problem:
        raise OperationProblem(problem.message) from problem


def _running_service(estate: Estate, host: str) -> SynchronizationService:
    service = service_of(estate.hosts[host]) if host in estate.hosts else None
    if service is None or not service.running:
        raise OperationProblem(f"no Synchronization Service runs on {host}")
    return service


@operation
def edit_profile(estate: Estate, account: str, property_name: str, value: str = "") -> list[str]:
    """A person writes into the own profile what SharePoint lets people write; an empty value clears it. The answer is what is there now."""
    store = farm_in(estate).service_application.store
    profile, known = store.by_account(account), store.property(property_name)
    if profile is None or known is None:
        raise OperationProblem(f"there is no profile {account}" if profile is None else f"there is no property {property_name}")
    if not known.settings.get("IsUserEditable", known.built_in):
        raise OperationProblem(f"the property {known.name} is not open to people's own edits")
    try:
        store.set_values(profile, {known.name: (value,) if value else ()})
    except ProfileProblem as problem:
        raise OperationProblem(str(problem)) from problem
    return [str(one) for one in profile.get(known.name)]


@operation
def upload_picture(estate: Estate, account: str, content: str) -> str:
    """A person puts a picture (base64) on the own profile; the answer is its address, which a new picture keeps."""
    application = farm_in(estate).service_application
    profile = application.store.by_account(account)
    if profile is None:
        raise OperationProblem(f"there is no profile {account}")
    try:
        picture = base64.b64decode(content, validate=True)
    except ValueError as problem:
        raise OperationProblem(f"content is not Base64: {problem}") from problem
    if not picture:
        raise OperationProblem("content is empty; a picture has bytes")
    application.store.set_picture(profile, picture, application.my_site_host)
    return str(profile.get("PictureURL")[0])
