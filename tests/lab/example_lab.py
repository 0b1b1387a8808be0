# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A lab on which the standard synchronization runs, for the playbooks of playbooks/examples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.mimsync.sharepoint.lab.estate.directory_entry import Entry
from ansible_collections.mimsync.sharepoint.lab.estate.farm_profiles import Profile
from ansible_collections.mimsync.sharepoint.lab.harness import Lab, running_lab
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import PASSWORD, STAFF, MimEstate, make_mim_estate

from .site_run import PLAYBOOKS, Outcome, play

FOLDER = r"C:\SharePointSync"
LEAVERS = f"OU=Leavers,{STAFF}"
ENABLED = "(&(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))"


@dataclass(frozen=True)
class ExampleLab:
    """`variables` are what the inventory says beside the lab's own, and what a run may replace."""

    lab: Lab
    mim: MimEstate
    variables: Mapping[str, Any]

    def run(self, example: str, *options: str, **variables: Any) -> Outcome:
        outcome = play(PLAYBOOKS / "examples" / example, self.lab.inventory, "--diff", *options, "-e", json.dumps({**self.variables, **variables}))
        assert PASSWORD not in outcome.output
        return outcome

    def cycle(self, **variables: Any) -> Outcome:
        return play(PLAYBOOKS / "cycle.yml", self.lab.inventory, "-e", json.dumps({**self.variables, **variables})).succeeded()

    def configuration(self) -> ServerConfiguration:
        return read_folder(self.mim.service.export_files(self.mim.admin)).model()

    def people(self, container: str = STAFF) -> list[Entry]:
        """Enabled people below a container, those of linked accounts and leavers left out."""
        found = self.mim.estate.directory.search(container, query=ENABLED)
        return [entry for entry in found if not entry.get("msDS-SourceObjectDN") and not entry.dn.endswith(LEAVERS)]

    def profile(self, entry: Entry) -> Profile | None:
        return self.mim.farm.service_application.store.by_account(account_of(entry))

    def shown(self, entry: Entry, name: str) -> str:
        profile = self.profile(entry)
        assert profile is not None, f"{entry.dn} has a profile"
        return "".join(str(value) for value in profile.get(name))

    def state(self) -> tuple[Any, ...]:
        """What an example could have changed; a rehearsal leaves it alone."""
        store = self.mim.farm.service_application.store
        service = self.mim.service.state
        return (dict(service.documents), len(service.store.runs), self.mim.estate.directory.usn, store.change_number, sorted(store.properties))


def account_of(entry: Entry) -> str:
    return f"EXAMPLE\\{entry.text('sAMAccountName')}"


@contextmanager
def example_lab(folder: Path, *, people: int = 30, **variables: Any) -> Iterator[ExampleLab]:
    """Configured by the role, one cycle run."""
    mim = make_mim_estate(people=people)
    files = mim.service.host.files
    files.make_folder(FOLDER)
    for name, content in build_files().items():
        files.write(f"{FOLDER}\\{name}", content)
    known = {
        "mimsync_ad_agent_account": {"name": "svc-adma", "password": PASSWORD},
        "mimsync_sharepoint_agent_account": {"name": "svc-spma", "password": PASSWORD},
        **variables,
    }
    with running_lab(folder, estate=mim.estate) as lab:
        made = ExampleLab(lab, mim, known)
        known.setdefault("mimsync_verify_people", [entry.text("sAMAccountName") for entry in made.people()[:6]])
        path = folder / "prepare.yml"
        roles = [{"role": "mimsync.sharepoint.sync_configuration"}]
        path.write_text(yaml.safe_dump([{"hosts": "sync_servers", "gather_facts": False, "roles": roles}]), encoding="utf-8")
        play(path, lab.inventory, "-e", json.dumps(known)).succeeded()
        mim.cycle()
        yield made
