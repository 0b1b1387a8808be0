# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A lab estate on which MIM, connector and rights are in place, made without Ansible: what the roles would have done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.mimsync.sharepoint.lab.estate.build import build_estate
from ansible_collections.mimsync.sharepoint.lab.estate.directory_entry import Entry
from ansible_collections.mimsync.sharepoint.lab.estate.estate import Estate, EstateOptions
from ansible_collections.mimsync.sharepoint.lab.estate.farm import FULL_CONTROL, Farm, farm_of
from ansible_collections.mimsync.sharepoint.lab.estate.host import Service
from ansible_collections.mimsync.sharepoint.lab.estate.session import Session
from ansible_collections.mimsync.sharepoint.lab.estate.synchronization import (
    CONNECTOR_FILE,
    DISPLAY_NAME,
    SERVICE_NAME,
    SetupChoices,
    SynchronizationService,
)
from ansible_collections.mimsync.sharepoint.lab.estate.synchronization_state import ROLES
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.document import parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files

PASSWORD = "Correct-Horse.9"
BUILD = "4.6.34.0"
PNP_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "fixtures" / "pnp-usermimsync"
REPLICATION = "1131f6aa-9c07-11d1-f79f-00c04fc2dcd2"
STAFF = "OU=Staff,DC=corp,DC=example,DC=com"
STANDARD_CYCLE = (
    ("ADMA", "FullImport"),
    ("ADMA", "FullSync"),
    ("SPMA", "FullImport"),
    ("SPMA", "FullSync"),
    ("SPMA", "Export"),
    ("SPMA", "DeltaImport"),
    ("SPMA", "DeltaSync"),
)


@dataclass
class MimEstate:
    """`admin` is a session of a member of the admins group."""

    estate: Estate
    service: SynchronizationService
    farm: Farm
    admin: Session

    def run(self, agent: str, profile: str) -> str:
        """Runs a profile to its end; the status."""
        record = self.service.start_run(self.admin, agent, profile)
        assert self.service.wait(agent, 60), f"{agent} {profile} did not end"
        return record.status if not record.number else self.service.run_status(self.admin, agent)

    def cycle(self) -> list[str]:
        return [self.run(agent, profile) for agent, profile in STANDARD_CYCLE]

    def session(self, name: str, *, delegates: bool = True) -> Session:
        """A logon that begins now."""
        directory = self.estate.directory
        entry = directory.resolve(name)
        assert entry is not None
        return Session(directory.account_name(entry.sid), entry.sid, directory.token(entry.sid), administrator=True, delegates=delegates)


def make_mim_estate(people: int = 40, build: str = BUILD, **options: object) -> MimEstate:
    """MIM on MIM1 with its five groups, both agents' accounts with all their rights, the assemblies in place."""
    estate = build_estate(EstateOptions(people=people, **options))  # type: ignore[arg-type]  # a test's own choice
    directory = estate.directory
    service_account = make_account(estate, "svc-mimsync")
    groups = {role: make_group(estate, f"MIMSync{role}") for role in ROLES}
    setup = directory.resolve("mimsetup")
    assert setup is not None
    directory.set(groups["admins"], {"member": [setup.dn]})
    host = estate.hosts["MIM1"]
    choices = SetupChoices(build, "EXAMPLE\\svc-mimsync", service_account.sid, "SQL1", {role: group.sid for role, group in groups.items()})
    service = SynchronizationService.install(host, choices)
    running = Service(SERVICE_NAME, DISPLAY_NAME, service.path(r"Bin\miiserver.exe"), account=choices.account, state="running", behaviour=SERVICE_NAME)
    host.services[SERVICE_NAME.casefold()] = running
    for assembly in (CONNECTOR_FILE, "SharePointSynchronization.dll"):
        host.files.write(service.path(f"Extensions\\{assembly}"), b"MZ")
    make_account(estate, "svc-adma")
    grant_replication(estate, "svc-adma")
    farm = farm_of(estate.hosts["SP1"])
    assert farm is not None
    grant_store(farm, make_account(estate, "svc-spma"))
    made = MimEstate(estate, service, farm, Session("", "", frozenset(), administrator=True))
    made.admin = made.session("mimsetup")
    return made


def make_account(estate: Estate, name: str) -> Entry:
    directory = estate.directory
    attributes = {"sAMAccountName": name, "userAccountControl": 0x10200}
    return directory.create(f"CN={name},CN=Users,{directory.domain_dn}", "user", attributes, password=PASSWORD)


def make_group(estate: Estate, name: str) -> Entry:
    return estate.directory.create(f"CN={name},CN=Users,{estate.directory.domain_dn}", "group", {"sAMAccountName": name})


def grant_replication(estate: Estate, account: str) -> None:
    """Replicating Directory Changes on domain and configuration."""
    directory = estate.directory
    entry = directory.resolve(account)
    assert entry is not None
    for dn in (directory.domain_dn, directory.configuration_dn):
        head = directory.get(dn)
        owner, _unused, rest = directory.security_descriptor(head).partition("D:")
        flags, bracket, entries = rest.partition("(")
        directory.set_security_descriptor(head, f"{owner}D:{flags}(OA;;CR;{REPLICATION};;{entry.sid}){bracket}{entries}")


def grant_store(farm: Farm, account: Entry) -> None:
    application = farm.service_application
    application.no_ilm_used = False
    application.administrators[account.sid] = {FULL_CONTROL}
    application.sharing[account.sid] = {FULL_CONTROL}
    site = farm.web_application(application.my_site_host)
    assert site is not None
    site.policies[account.sid] = {FULL_CONTROL}


def built_in_files(made: MimEstate) -> dict[str, bytes]:
    return fitted(build_files(), made)


def pnp_files(made: MimEstate) -> dict[str, bytes]:
    return fitted({path.name: path.read_bytes() for path in PNP_FOLDER.glob("*.XML")}, made)


def fitted(files: Mapping[str, bytes], made: MimEstate, include: str = STAFF) -> dict[str, bytes]:
    """The solution's files with the lab's forest in place of their own."""
    result = dict(files)
    document = parse(files["MA-ADMA.XML"], "MA-ADMA.XML")
    data = document.root.require("ma-data")
    directory = made.estate.directory
    settings = data.require("private-configuration/adma-configuration")
    for name, text in {"forest-name": directory.dns_name, "forest-login-domain": "EXAMPLE", "forest-login-user": "svc-adma"}.items():
        settings.require(name).set_text(text)
    for partition in data.find_all("ma-partition-data/partition"):
        is_domain = partition.find_text("custom-data/adma-partition-data/is-domain") == "1"
        head = directory.domain_dn if is_domain else directory.configuration_dn
        partition.require("name").set_text(head)
        partition.require("custom-data/adma-partition-data/dn").set_text(head)
        inclusions = partition.find_all("filter/containers/inclusions/inclusion")
        inclusions[0].set_text(include if is_domain else f"CN=Partitions,{head}")
        for exclusion in partition.find_all("filter/containers/exclusions/exclusion"):
            exclusion.set_text(directory.configuration_dn)
    result["MA-ADMA.XML"] = document.write()
    return result


def configure(made: MimEstate, files: Mapping[str, bytes]) -> None:
    """Import, credentials of both agents, and the scope once more, which setting credentials takes away."""
    service, admin = made.service, made.admin
    service.import_files(admin, files)
    service.set_ad_credentials(admin, "ADMA", "corp.example.com", "EXAMPLE\\svc-adma", PASSWORD)
    service.import_files(admin, files)
    settings = {"HTTPProtocol": "HTTPS", "HostName": "sp1.corp.example.com", "Port": "5555"}
    service.set_ecma2(admin, "SPMA", "connectivity", settings, username="EXAMPLE\\svc-spma", password=PASSWORD)
