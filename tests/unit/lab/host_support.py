# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A member server in a small forest, and calls of module twins with arguments checked as the endpoint checks them."""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import ansible_collections.ansible.windows as collection_root
from ansible_collections.mimsync.sharepoint.lab.estate.directory import Directory
from ansible_collections.mimsync.sharepoint.lab.estate.directory_forest import add_computer, create_forest
from ansible_collections.mimsync.sharepoint.lab.estate.directory_sids import nt_hash
from ansible_collections.mimsync.sharepoint.lab.estate.estate import Estate, EstateOptions
from ansible_collections.mimsync.sharepoint.lab.estate.host import Host
from ansible_collections.mimsync.sharepoint.lab.estate.principals import ADMINISTRATORS, resolve, token
from ansible_collections.mimsync.sharepoint.lab.estate.session import Session
from ansible_collections.mimsync.sharepoint.lab.estate.standard_host import make_host
from ansible_collections.mimsync.sharepoint.lab.modules.arguments import check_arguments
from ansible_collections.mimsync.sharepoint.lab.modules.catalogue import load_twins
from ansible_collections.mimsync.sharepoint.lab.modules.legacy_arguments import check_legacy_arguments
from ansible_collections.mimsync.sharepoint.lab.modules.registry import TWINS, ModuleCall
from ansible_collections.mimsync.sharepoint.lab.modules.specification import is_legacy, read_specification

PASSWORD = "Secret.Of-The-1-Test"
ACCOUNTS = ("mimsetup", "svc-mimsync", "svc-photo", "plain")


@cache
def _collections() -> Path:
    return Path(collection_root.__path__[0]).parents[1]


@cache
def _source(module: str) -> str:
    namespace, collection, name = module.split(".")
    return (_collections() / namespace / collection / "plugins" / "modules" / f"{name}.ps1").read_text(encoding="utf-8-sig")


@cache
def documentation(module: str) -> dict[str, str]:
    """The texts (DOCUMENTATION, EXAMPLES, RETURN) of an installed module."""
    namespace, collection, name = module.split(".")
    source = (_collections() / namespace / collection / "plugins" / "modules" / f"{name}.py").read_text(encoding="utf-8")
    assigned = (node for node in ast.parse(source).body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant))
    return {node.targets[0].id: str(node.value.value) for node in assigned if isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant)}


@cache
def _web_request() -> str:
    return (_collections() / "ansible" / "windows" / "plugins" / "module_utils" / "WebRequest.psm1").read_text(encoding="utf-8-sig")


def checked(module: str, arguments: Mapping[str, Any], *, check_mode: bool) -> Mapping[str, Any]:
    """The arguments as the module's own source converts them."""
    source = _source(module)
    if is_legacy(source):
        return check_legacy_arguments(source, arguments, check_mode=check_mode).values
    specification = read_specification(module, {module: source, "WebRequest.psm1": _web_request()})
    return check_arguments(specification, arguments, module=module, check_mode=check_mode).values


@dataclass(frozen=True)
class Caller:
    """Calls twins on a host as one account; `check` and `diff` as Ansible's switches."""

    host: Host
    session: Session
    check: bool = False
    diff: bool = False

    def __call__(self, module: str, **arguments: Any) -> dict[str, Any]:
        load_twins()
        values = checked(module, arguments, check_mode=self.check)
        return TWINS[module](ModuleCall(module, values, self.host, self.session, self.check, self.diff))

    def checking(self) -> Caller:
        return replace(self, check=True)

    def diffing(self) -> Caller:
        return replace(self, diff=True)

    def as_user(self, account: str) -> Caller:
        return replace(self, session=session_of(self.host, account))

    @property
    def directory(self) -> Directory:
        assert self.host.estate is not None
        return self.host.estate.directory


@dataclass
class TestClock:
    """A clock that stands still."""

    __test__ = False
    moment: float = 1_767_600_000.0
    calls: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.moment


def session_of(host: Host, account: str, *, delegates: bool = True) -> Session:
    sid = resolve(host, f"EXAMPLE\\{account}")
    assert sid is not None
    groups = token(host, sid)
    return Session(f"EXAMPLE\\{account}", sid, groups, ADMINISTRATORS in groups, delegates=delegates)


@cache
def _pristine() -> Estate:
    options = EstateOptions()
    directory = create_forest(options.dns_name, options.netbios_name, seed=1)
    estate = Estate(options, directory)
    for number, name in enumerate(("MIM1", "FILES1")):
        host = make_host(name, options.dns_name, "sync_server", f"127.20.0.{number + 10}", "2016")
        host.estate = estate
        estate.hosts[name] = host
        add_computer(directory, name)
        host.local_groups["Administrators"].add(f"{directory.domain_sid}-512")
    for account in ACCOUNTS:
        directory.create(f"CN={account},CN=Users,{directory.domain_dn}", "user", {"sAMAccountName": account, "userAccountControl": 0x200}, password=PASSWORD)
    admins = directory.resolve(f"{directory.domain_sid}-512")
    assert admins is not None
    directory.set(admins, {"member": [f"CN=mimsetup,CN=Users,{directory.domain_dn}"]})
    return estate


def small_forest() -> Estate:
    """MIM1 and FILES1 in EXAMPLE; `mimsetup` is a domain administrator. A copy of its own for every test."""
    estate = copy.deepcopy(_pristine())
    estate.now = TestClock()  # type: ignore[method-assign]  # time does not pass in these tests
    return estate


def password_hash(password: str = PASSWORD) -> str:
    return nt_hash(password).hex()
