# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A lab with further domains on which the standard synchronization of the first one runs, for the examples about forests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.mimsync.sharepoint.lab.estate.directory import Directory, Entry
from ansible_collections.mimsync.sharepoint.lab.estate.directory_sids import nt_hash
from ansible_collections.mimsync.sharepoint.lab.estate.domains import domain_named
from ansible_collections.mimsync.sharepoint.lab.estate.farm_profiles import Profile
from ansible_collections.mimsync.sharepoint.lab.estate.synchronization import SERVICE_NAME
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import PASSWORD, MimEstate, make_mim_estate

from .site_run import PLAYBOOKS, Outcome, play

FOLDER = r"C:\SharePointSync"
PEOPLE = "(&(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))"


@dataclass
class ForestLab:
    """`variables` are what the inventory says beside the lab's own."""

    lab: Lab
    mim: MimEstate
    variables: dict[str, Any] = field(default_factory=dict)

    def domain(self, name: str) -> Directory:
        found = domain_named(self.mim.estate, name)
        assert found is not None
        return found

    def run(self, example: str, *options: str) -> Outcome:
        outcome = play(PLAYBOOKS / "examples" / example, self.lab.inventory, "--diff", *options, "-e", json.dumps(self.variables))
        secrets = (PASSWORD, *self.lab.secrets.values())
        assert not [secret for secret in secrets if secret in outcome.output]
        return outcome

    def staff(self, name: str) -> list[Entry]:
        """Enabled people of a domain, leavers and accounts that stand for others left out."""
        domain = self.domain(name)
        found = domain.search(f"OU=Staff,{domain.domain_dn}", query=PEOPLE)
        return [entry for entry in found if "OU=Leavers," not in entry.dn and not entry.get("msDS-SourceObjectDN")]

    def profile(self, account: str) -> Profile | None:
        return self.mim.farm.service_application.store.by_account(account)

    def accounts(self, domain: str = "") -> set[str]:
        """Accounts of all live profiles of people, or of those of a domain."""
        found = {profile.account for profile in self.mim.farm.service_application.store.live("user")}
        return {account for account in found if account.startswith(f"{domain}\\") or not domain}

    def configuration(self) -> ServerConfiguration:
        return read_folder(self.mim.service.export_files(self.mim.admin)).model()

    def state(self) -> tuple[Any, ...]:
        """What an example could have changed; a rehearsal leaves it alone."""
        service, store = self.mim.service, self.mim.farm.service_application.store
        directories = [forest.usn for forest in (self.mim.estate.directory, *self.mim.estate.other_forests)]
        files = sorted((node.name, node.modified) for node in service.host.files.children(service.path("Extensions")))
        return (dict(service.state.documents), len(service.state.store.runs), store.change_number, directories, files)


@contextmanager
def forest_lab(folder: Path, *, people: int = 20, **options: bool) -> Iterator[ForestLab]:
    """Configured by the role, one cycle run."""
    mim = make_mim_estate(people=people, **options)
    mim.service.host.files.make_folder(FOLDER)
    for name, content in build_files().items():
        mim.service.host.files.write(f"{FOLDER}\\{name}", content)
    _let_the_service_start(mim)
    secrets = dict(mim.estate.extra["secrets"])
    for name in ("svc-adma", "svc-spma"):
        account = mim.estate.directory.resolve(name)
        assert account is not None
        mim.estate.directory.set_password(account, secrets[f"vault_{name.replace('-', '_')}_password"])
    with running_lab(folder, estate=mim.estate) as lab:
        path = folder / "prepare.yml"
        path.write_text(_play("sync_configuration"), encoding="utf-8")
        play(path, lab.inventory).succeeded()
        mim.cycle()
        yield ForestLab(lab, mim)


def _let_the_service_start(mim: MimEstate) -> None:
    """Its account's password and right, as the role sync_service leaves them: new rules restart the service."""
    host = mim.service.host
    service, account = host.service(SERVICE_NAME), mim.estate.directory.resolve("svc-mimsync")
    assert service is not None and account is not None
    service.password_hash = nt_hash(PASSWORD).hex()
    host.user_rights["SeServiceLogonRight"].add(account.sid)


def _play(*roles: str) -> str:
    named: Sequence[dict[str, str]] = [{"role": f"mimsync.sharepoint.{role}"} for role in roles]
    return yaml.safe_dump([{"hosts": "sync_servers", "gather_facts": False, "roles": named}])


def account_of(domain: str, entry: Entry) -> str:
    return f"{domain}\\{entry.text('sAMAccountName')}"
