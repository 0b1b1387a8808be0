# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A forest with a clock of its own, and calls of microsoft.ad's twins with arguments checked as the endpoint checks them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import ansible_collections.ansible.windows as collection_root
from ansible_collections.mimsync.sharepoint.lab.estate.directory import Directory, Entry
from ansible_collections.mimsync.sharepoint.lab.estate.directory_forest import add_computer, create_forest
from ansible_collections.mimsync.sharepoint.lab.estate.domains import domain_of
from ansible_collections.mimsync.sharepoint.lab.estate.estate import Estate, EstateOptions
from ansible_collections.mimsync.sharepoint.lab.estate.host import Host
from ansible_collections.mimsync.sharepoint.lab.estate.session import Session
from ansible_collections.mimsync.sharepoint.lab.estate.standard_host import make_host
from ansible_collections.mimsync.sharepoint.lab.modules.arguments import check_arguments
from ansible_collections.mimsync.sharepoint.lab.modules.catalogue import load_twins
from ansible_collections.mimsync.sharepoint.lab.modules.registry import TWINS, ModuleCall
from ansible_collections.mimsync.sharepoint.lab.modules.specification import read_specification
from ansible_collections.mimsync.sharepoint.lab.verbs.registry import VERBS, VerbAnswer, VerbCall

DOMAIN = "DC=corp,DC=example,DC=com"
STAFF = f"OU=Staff,{DOMAIN}"
PASSWORD = "Right-Password.1"


@dataclass
class Clock:
    """Seconds since 1970 that pass only when told to."""

    seconds: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


@cache
def _pristine() -> Directory:
    directory = create_forest(seed=7)
    directory.create(STAFF, "organizationalUnit")
    setup = directory.create(f"CN=mimsetup,CN=Users,{DOMAIN}", "user", {"sAMAccountName": "mimsetup", "userAccountControl": 0x10200}, password=PASSWORD)
    directory.set(directory.get(f"CN=Domain Admins,CN=Users,{DOMAIN}"), {"member": setup})
    add_computer(directory, "MIM1")
    return directory


def forest() -> Directory:
    """EXAMPLE with OU=Staff and the administrator mimsetup; a copy of its own for every test."""
    directory = copy.deepcopy(_pristine())
    directory.clock = Clock()
    return directory


def add_user(directory: Directory, name: str, **attributes: Any) -> Entry:
    given = {"sAMAccountName": name, "userAccountControl": 0x10200, **attributes}
    return directory.create(f"CN={name},{STAFF}", "user", given, password=PASSWORD)


@cache
def _folder() -> Path:
    return Path(collection_root.__path__[0]).parents[1] / "microsoft" / "ad" / "plugins"


@cache
def _scripts(module: str) -> Mapping[str, str]:
    files = {module: _folder() / "modules" / f"{module.rpartition('.')[2]}.ps1", "_ADObject.psm1": _folder() / "module_utils" / "_ADObject.psm1"}
    return {name: path.read_text(encoding="utf-8-sig") for name, path in files.items()}


@dataclass(frozen=True)
class Ad:
    """Calls twins on a host as one account."""

    host: Host
    account: str = "mimsetup"
    check: bool = False
    diff: bool = False
    delegates: bool = True

    @property
    def directory(self) -> Directory:
        return domain_of(self.host)

    @property
    def session(self) -> Session:
        entry = self.directory.resolve(self.account)
        assert entry is not None
        groups = self.directory.directory_token(entry.sid)
        return Session(f"EXAMPLE\\{self.account}", entry.sid, groups, administrator=True, delegates=self.delegates)

    def __call__(self, module: str, **arguments: Any) -> dict[str, Any]:
        load_twins()
        name = f"microsoft.ad.{module}"
        values = check_arguments(read_specification(name, _scripts(name)), arguments, module=name, check_mode=self.check).values
        return TWINS[name](ModuleCall(name, values, self.host, self.session, self.check, self.diff))

    def verb(self, name: str, **parameters: Any) -> VerbAnswer:
        load_twins()
        return VERBS[name](VerbCall(name, parameters, self.host, self.session))

    def having(self, **changes: Any) -> Ad:
        return replace(self, **changes)


def on_controller(directory: Directory | None = None) -> Ad:
    """As mimsetup on DC1; MIM1 is there too."""
    estate = Estate(EstateOptions(), directory or forest())
    for number, (name, role) in enumerate((("DC1", "domain_controller"), ("MIM1", "sync_server"))):
        host = make_host(name, "corp.example.com", role, f"127.20.0.{10 + number}", "2016")
        host.estate = estate
        estate.hosts[name] = host
    return Ad(estate.hosts["DC1"])
