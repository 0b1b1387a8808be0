# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A SharePoint farm: its build, web applications, timer jobs and the User Profile Service Application.

Facts: reference page `sharepoint-and-setup`, 4 and 5.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .farm_profiles import ProfileStore

if TYPE_CHECKING:
    from .estate import Estate
    from .host import Host
    from .session import Session

FULL_CONTROL = "Full Control"
ADMINISTRATOR_LEVELS = (
    FULL_CONTROL,
    "Manage Profiles",
    "Manage Audiences",
    "Manage Permissions",
    "Retrieve People Data for Search Crawlers",
    "Manage Social Data",
)
SHARING_LEVELS = (FULL_CONTROL,)

DSC_FOLDER = r"C:\Program Files\WindowsPowerShell\Modules\SharePointDsc"
DSC_VERSION = "5.7.1"

_OM = "Microsoft.Office.Server.UserProfiles.OM"
RELATIONSHIPS_JOB = f"{_OM}.ExternalIdentityManagerMembershipsAndRelationshipsJob"
# SharePoint 2016 with the public update of February 2017 (KB3141517); from it on the relationships job exists.
FIRST_BUILD_WITH_JOB = (16, 0, 4498, 1002)
# Farm builds begin with the product: 2016 is 16.0.4xxx to 16.0.5xxx, 2019 is 16.0.103xx, Subscription Edition 16.0.14xxx on.
PRODUCTS = {"2016": "SharePoint Server 2016", "2019": "SharePoint Server 2019", "subscription": "SharePoint Server Subscription Edition"}


class FarmProblem(Exception):
    """A SharePoint cmdlet failed; the message is its own."""


@dataclass
class WebApplication:
    """`policies`: SID -> names of permission levels that hold for the whole web application."""

    url: str
    name: str
    central_administration: bool = False
    policies: dict[str, set[str]] = field(default_factory=dict)


@dataclass
class TimerJob:
    """`schedule` is SPSchedule text; `last_run` seconds since 1970, UTC."""

    type_name: str
    title: str
    schedule: str
    enabled: bool = True
    last_run: float = 0.0


@dataclass
class ServiceApplication:
    """The User Profile Service Application. Rights map SIDs (`{LocalFarm}` included) to names of access levels."""

    name: str
    proxy_name: str
    application_pool: str
    my_site_host: str
    no_ilm_used: bool = True
    netbios_names: bool = False
    administrators: dict[str, set[str]] = field(default_factory=dict)
    sharing: dict[str, set[str]] = field(default_factory=dict)
    # SPUserProfileServiceAppPermissions: right -> accounts as given
    user_permissions: dict[str, list[str]] = field(default_factory=dict)
    # Build at which Provision() ran last: the relationships job appears then.
    provisioned_build: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    store: ProfileStore = field(default_factory=ProfileStore)


@dataclass
class Farm:
    """`version` is 2016, 2019 or subscription; `administrators` are SIDs."""

    version: str
    build: str
    host: Host
    database_server: str
    farm_account: str
    service_application: ServiceApplication
    administrators: set[str] = field(default_factory=set)
    web_applications: dict[str, WebApplication] = field(default_factory=dict)
    timer_jobs: dict[str, TimerJob] = field(default_factory=dict)

    # --- the farm

    def web_application(self, url: str) -> WebApplication | None:
        return self.web_applications.get(url.rstrip("/").casefold())

    def add_web_application(self, application: WebApplication) -> None:
        self.web_applications[application.url.rstrip("/").casefold()] = application

    def upgrade(self, build: str) -> None:
        """A public update: the new job is missing until the service application is provisioned again."""
        self.build = build

    def provision(self) -> None:
        """The service application's Provision(): makes the timer jobs that this build knows."""
        self.service_application.provisioned_build = self.build
        if build_number(self.build) >= FIRST_BUILD_WITH_JOB:
            self.timer_jobs.setdefault(
                RELATIONSHIPS_JOB.casefold(),
                TimerJob(RELATIONSHIPS_JOB, "External Identity Manager Memberships and Relationships Job", "every 5 minutes between 0 and 59"),
            )

    def job(self, type_name: str) -> TimerJob | None:
        return self.timer_jobs.get(type_name.casefold())

    def run_relationships_job(self, *, now: float) -> int:
        """What resolves managers after a synchronization; how many values it changed.

        Before the February 2017 update the older job does it, but in AD Import mode only. Neither runs without the timer service.
        """
        timer = self.host.service("SPTimerV4")
        if timer is not None and timer.state != "running":
            return 0
        if build_number(self.build) < FIRST_BUILD_WITH_JOB:
            return self.service_application.store.resolve_references() if self.service_application.no_ilm_used else 0
        job = self.job(RELATIONSHIPS_JOB)
        if job is None or not job.enabled or self.service_application.no_ilm_used:
            return 0
        job.last_run = now
        return self.service_application.store.resolve_references()

    # --- rights

    def is_administrator(self, sids: Collection[str]) -> bool:
        return not self.administrators.isdisjoint(sids)

    def may_synchronize(self, sids: Collection[str]) -> bool:
        """Farm administrators, and who has Full Control among both the administrators and the permissions."""
        if self.is_administrator(sids):
            return True
        application = self.service_application
        return _granted(application.administrators, sids, FULL_CONTROL) and _granted(application.sharing, sids, FULL_CONTROL)

    def may_read_profiles(self, sids: Collection[str]) -> bool:
        application = self.service_application
        levels = (FULL_CONTROL, "Manage Profiles", "Retrieve People Data for Search Crawlers")
        return self.is_administrator(sids) or any(_granted(application.administrators, sids, level) for level in levels)

    def may_write_pictures(self, sids: Collection[str]) -> bool:
        site = self.web_application(self.service_application.my_site_host)
        return self.is_administrator(sids) or (site is not None and _granted(site.policies, sids, FULL_CONTROL))

    def open(self, session: Session) -> None:
        """What loading the cmdlets and finding the farm takes; FarmProblem otherwise.

        A network logon cannot go on to the farm's database on another host, so it sees no farm.
        """
        local = self.database_server.casefold() == self.host.name.casefold()
        if not self.is_administrator(session.groups | {session.sid}) or not (session.delegates or local):
            raise FarmProblem("The local farm is not accessible. Cmdlets with FeatureDependencyId are not registered.")


def _granted(rights: dict[str, set[str]], sids: Collection[str], level: str) -> bool:
    return any(sid in sids and level in levels for sid, levels in rights.items())


def build_number(text: str) -> tuple[int, ...]:
    """`16.0.10337.12109` as numbers, so that builds compare."""
    return tuple(int(part) for part in text.split("."))


def farm_of(host: Host) -> Farm | None:
    found: Any = host.components.get("farm")
    return found if isinstance(found, Farm) else None


def find_farm(estate: Estate, url: str) -> Farm | None:
    """The farm one of whose web applications answers at this address."""
    for host in estate.hosts.values():
        farm = farm_of(host)
        if farm is not None and host.reachable and farm.web_application(url) is not None:
            return farm
    return None


def install_dsc_module(host: Host, version: str = DSC_VERSION) -> None:
    """SharePointDsc as Install-Module lays it out, or an administrator copies it."""
    folder = f"{DSC_FOLDER}\\{version}"
    host.files.make_folder(folder, now=host.now())
    host.files.write(f"{folder}\\SharePointDsc.psd1", f"@{{ ModuleVersion = '{version}' }}\r\n".encode(), now=host.now())


def build_farm(estate: Estate) -> Farm:
    """The lab's farm on SP1, as an administrator leaves it who has yet to turn to MIM: AD Import mode, no rights for agents."""
    host = estate.host("SP1")
    domain = estate.options.dns_name
    my_site = f"https://my.{domain}"
    setup = estate.directory.resolve(f"{estate.options.netbios_name}\\mimsetup")
    assert setup is not None, "the lab's directory holds the setup account"
    application = ServiceApplication(
        "User Profile Service Application",
        "User Profile Service Application Proxy",
        "SharePoint Web Services Default",
        my_site,
        netbios_names=estate.options.netbios_name.casefold() != domain.split(".", maxsplit=1)[0].casefold(),
    )
    farm = Farm(
        estate.options.sharepoint_version,
        estate.options.farm_build,
        host,
        "SQL1" if "SQL1" in estate.hosts and estate.options.sql_remote else host.name,
        f"{estate.options.netbios_name}\\svc-spfarm",
        application,
        {setup.sid},
    )
    for site in (
        WebApplication(f"https://sp1.{domain}:5555", "SharePoint Central Administration v4", central_administration=True),
        WebApplication(my_site, "My Site Host"),
        WebApplication(f"https://portal.{domain}", "Portal"),
    ):
        farm.add_web_application(site)
        estate.web[f"{site.url}/"] = f"<html><title>{site.name}</title></html>".encode()
    farm.provision()
    install_dsc_module(host)
    host.components["farm"] = farm
    return farm
