# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The built-in solution run by the engine on a real directory, and on the lab's with the same people: the same profiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.functions import sharepoint_registry
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.memory import MemoryStore
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.runs import Engine
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.active_directory import ActiveDirectorySystem
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import ConnectedSystem
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.memory import MemorySystem
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap import names
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.connection import Connection
from real_configuration import solution_files
from real_people import lab_forest
from samba_server import DOMAIN_DN
from side_by_side import STAFF, LabSide, Pair, RealSide

pytestmark = pytest.mark.xdist_group("real_directory")
LEAVERS, SERVICES = f"OU=Leavers,{STAFF}", f"OU=Service Accounts,{DOMAIN_DN}"
PEOPLE = "(&(objectClass=user)(employeeID=*))"


@pytest.fixture(scope="module")
def configuration() -> ServerConfiguration:
    """The built-in solution for this domain, people below OU=Staff."""
    return read_folder(solution_files()).model()


@dataclass
class Site:
    """An engine between a directory and a profile store in memory."""

    configuration: ServerConfiguration
    directory: ConnectedSystem
    store: MemorySystem = field(default_factory=lambda: MemorySystem("sp1:443", "Anchor"))

    def __post_init__(self) -> None:
        self.engine = Engine(self.configuration, MemoryStore(), self, sharepoint_registry())

    def connect(self, agent_name: str) -> ConnectedSystem:
        return self.directory if agent_name == "ADMA" else self.store

    def cycle(self, kind: str) -> list[str]:
        runs = [("ADMA", f"{kind}Import"), ("ADMA", f"{kind}Sync"), ("SPMA", f"{kind}Import"), ("SPMA", f"{kind}Sync")]
        runs += [("SPMA", "Export"), ("SPMA", "DeltaImport"), ("SPMA", "DeltaSync")]
        return [self.engine.run(agent, profile).status for agent, profile in runs]

    def profiles(self) -> dict[str, dict[str, Any]]:
        """By account; a SID without its last number, which the domain controller gave."""
        return {anchor: {name: _plain(name, values) for name, values in entry.attributes.items()} for anchor, entry in self.store.entries.items()}


def _plain(name: str, values: tuple[Any, ...]) -> frozenset[Any]:
    return frozenset(value[:-4] if name == "SID" else names.key(value) if name == "SPS-DistinguishedName" else value for value in values)


@dataclass
class Both:
    pair: Pair
    lab: Site
    real: Site

    def cycle(self, kind: str = "Delta") -> dict[str, dict[str, Any]]:
        """On both; the profiles, which have to be the same."""
        assert self.lab.cycle(kind) == self.real.cycle(kind)
        assert self.lab.profiles() == self.real.profiles()
        return self.real.profiles()


@pytest.fixture
def both(configuration: ServerConfiguration, admin: Connection) -> Both:
    lab, system = LabSide(lab_forest()), ActiveDirectorySystem(admin)
    made = Both(Pair(lab, RealSide(admin, system)), Site(configuration, lab.system), Site(configuration, system))
    made.cycle("Full")
    return made


def test_everybody_arrives_with_manager_and_picture(both: Both) -> None:
    profiles = both.real.profiles()
    assert len(profiles) >= 60
    assert sum("Manager" in values for values in profiles.values()) > 40
    assert sum("Picture" in values for values in profiles.values()) > 20
    assert all(next(iter(values["ProfileIdentifier"])).startswith("EXAMPLE\\") for values in profiles.values() if "ProfileIdentifier" in values)


def test_joiners_movers_and_leavers_arrive_by_delta(both: Both) -> None:
    people = both.pair.found(PEOPLE)
    leaver, mover, renamed = people[-1], people[-2], people[-3]
    account = both.pair.lab.directory.get(leaver).text("sAMAccountName")
    both.pair.do("add", f"CN=New One,{LEAVERS}", "user", {"sAMAccountName": ["newone"], "displayName": ["New One"], "manager": [people[0]]})
    both.pair.do("set", people[1], "title", ["Chief"])
    both.pair.do("delete", leaver)
    both.pair.do("move", mover, f"{names.split(mover)[0]},{SERVICES}")
    both.pair.do("move", renamed, f"CN=Renamed,{LEAVERS}")
    before = len(both.real.profiles())
    profiles = both.cycle()
    assert len(profiles) == before - 1
    assert account not in profiles
    assert profiles["newone"]["PreferredName"] == {"New One"}


def test_a_delta_after_a_full_cycle_changes_nothing(both: Both) -> None:
    before = both.real.profiles()
    assert both.cycle() == before
    assert both.cycle("Full") == before
