# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What one host's answer says: facts in, findings out.

Facts: reference pages mim-synchronization-service (Product, Setup), sharepoint-and-setup 1.1 to 1.3, scenarios 10.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError
from .builds import FIRST_WITH_VISUAL_C, build_problem, decide_hotfix, is_older, parse_build
from .findings import Finding, Severity

# Windows Server by its version, as Win32_OperatingSystem tells it.
SERVER_NAMES = {"6.3": "Windows Server 2012 R2", "10.0.14393": "Windows Server 2016", "10.0.17763": "Windows Server 2019"}
# Which one the SharePoint documentation pairs with (reference: sharepoint-and-setup 1.2).
SYNC_SERVERS = {"2016": ("6.3", "10.0.14393"), "2019": ("10.0.14393",), "subscription": ("10.0.17763",)}
# The service of Entra Connect, Azure AD Connect and their forerunners.
CONNECT_SERVICE = "ADSync"
SERVER = 3


@dataclass(frozen=True)
class MediaWish:
    """`needed_unless`: the fact that makes the file needless (`native_client`, `service_build`, `connector_version`), or empty.

    `version` is what the file brings, empty where it is not known; an older one on the host does not make it needless.
    """

    variable: str
    path: str
    checksum: str = ""
    needed_unless: str = ""
    version: str = ""

    def is_needed(self, facts: Mapping[str, Any]) -> bool:
        present = facts.get(self.needed_unless)
        return not present or (isinstance(present, str) and self.upgrades and is_older(present, self.version))

    @property
    def upgrades(self) -> bool:
        """The service's own installer never runs over an installed service; a hotfix or a newer connector does."""
        return not self.variable.endswith("sync_service")


@dataclass(frozen=True)
class Expectation:
    """What a host has to be. `groups` are its inventory groups; `objects` the DNs that must exist."""

    host: str
    groups: frozenset[str]
    domain: str
    netbios: str
    sharepoint_version: str
    sql_server: str = ""
    sql_instance: str = ""
    media: tuple[MediaWish, ...] = ()
    urls: Mapping[str, str] = field(default_factory=dict)
    objects: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_sync_host(self) -> bool:
        return bool(self.groups & {"sync_servers", "standby_sync_servers"})

    @property
    def is_domain_controller(self) -> bool:
        return "domain_controllers" in self.groups

    def version_of(self, medium: str) -> str:
        """What an installer brings, as the inventory tells it; empty where it does not."""
        return next((wish.version for wish in self.media if wish.variable.endswith(f".{medium}")), "")

    @property
    def sql_name(self) -> str:
        return f"{self.sql_server}\\{self.sql_instance}" if self.sql_instance else self.sql_server


def questions(expected: Expectation) -> dict[str, Any]:
    """The parameters of the verb `host_check`: only what this host can tell."""
    asked: dict[str, Any] = {"Domain": expected.domain}
    if expected.is_domain_controller:
        asked["Objects"] = list(dict.fromkeys(expected.objects.values()))
    if expected.is_sync_host:
        asked["SqlServer"] = expected.sql_server
        asked["SqlInstance"] = expected.sql_instance
        asked["Urls"] = list(dict.fromkeys((*expected.urls.values(), *(wish.path for wish in expected.media if is_url(wish.path)))))
        asked["Files"] = [wish.path for wish in expected.media if not is_url(wish.path)]
        asked["HashedFiles"] = [wish.path for wish in expected.media if wish.checksum and not is_url(wish.path)]
    return asked


def judge_host(expected: Expectation, facts: Mapping[str, Any]) -> tuple[Finding, ...]:
    """All that is wrong with a host. `facts` is the answer of `host_check` to `questions(expected)`."""
    found = [*_rights(expected, facts), *_domain(expected, facts)]
    if expected.is_domain_controller:
        found += [*_controller(expected, facts), *_objects(expected, facts)]
    if expected.is_sync_host:
        found += [*_system(expected, facts), *_neighbours(facts, expected), *_build(expected, facts), *_sql(expected, facts)]
        found += [*_prerequisites(expected, facts), *_media(expected, facts), *_urls(expected, facts)]
    return tuple(found)


def is_url(path: str) -> bool:
    return path.casefold().startswith(("http://", "https://"))


def _error(expected: Expectation, message: str, remedy: str = "") -> Finding:
    return Finding(expected.host, Severity.ERROR, message, remedy)


def _rights(expected: Expectation, facts: Mapping[str, Any]) -> Iterator[Finding]:
    if not facts["administrator"]:
        yield _error(expected, f"{facts['account']} is no local administrator.", "Add it to the local group Administrators.")


def _domain(expected: Expectation, facts: Mapping[str, Any]) -> Iterator[Finding]:
    if str(facts["domain"]).casefold() != expected.domain.casefold():
        yield _error(expected, f"The host is a member of {facts['domain'] or 'no domain'}, not of {expected.domain}.", "Join it, or correct mimsync_domain.")
    if facts["domain_problem"]:
        yield _error(expected, f"The name {expected.domain} does not resolve: {facts['domain_problem']}", "Correct mimsync_domain or the host's DNS servers.")


def _controller(expected: Expectation, facts: Mapping[str, Any]) -> Iterator[Finding]:
    if facts["product_type"] != 2:
        yield _error(expected, "The host is no domain controller.", "Put another host into the group domain_controllers.")
    elif str(facts["netbios_domain"]).casefold() != expected.netbios.casefold():
        yield _error(expected, f"The domain's NetBIOS name is {facts['netbios_domain']}, not {expected.netbios}.", "Correct mimsync_netbios.")


def _objects(expected: Expectation, facts: Mapping[str, Any]) -> Iterator[Finding]:
    absent = {str(dn).casefold() for dn in facts["missing_objects"]}
    for variable, dn in expected.objects.items():
        if dn.casefold() in absent:
            yield _error(expected, f"{variable}: '{dn}' does not exist in the directory.", "Create it or correct the variable.")


def _system(expected: Expectation, facts: Mapping[str, Any]) -> Iterator[Finding]:
    version = str(facts["version"])
    fitting = SYNC_SERVERS.get(expected.sharepoint_version)
    if fitting and not version.startswith(fitting):
        names = " or ".join(SERVER_NAMES[key] for key in fitting)
        yield _error(
            expected, f"{facts['caption']} does not fit SharePoint {expected.sharepoint_version}, which pairs with {names}.", "Take a host with that system."
        )
    if facts["product_type"] == 2:
        yield Finding(expected.host, Severity.WARNING, "The host is a domain controller.", "Microsoft advises against MIM on one.")


def _neighbours(facts: Mapping[str, Any], expected: Expectation) -> Iterator[Finding]:
    if facts["connect_installed"]:
        yield _error(expected, "Entra (Azure AD) Connect runs on this host and cannot share it with MIM.", "Take another host for one of the two.")


def _build(expected: Expectation, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """The installed build, or the one that setup would bring; and whether the hotfix fits it."""
    build = str(facts["service_build"]) or expected.version_of("sync_service")
    if not build:
        return
    problem = build_problem(build, expected.sharepoint_version)
    if problem:
        yield _error(expected, problem, "Upgrade it first." if facts["service_build"] else "Take newer media.")
    try:
        decide_hotfix(build, expected.version_of("sync_hotfix"))
    except InputError as error:
        yield _error(expected, f"mimsync_media.sync_hotfix: {error.message}")


def _sql(expected: Expectation, facts: Mapping[str, Any]) -> Iterator[Finding]:
    if not expected.sql_server:
        return
    if facts["sql_problem"]:
        yield _error(expected, f"SQL Server {expected.sql_name} cannot be used: {facts['sql_problem']}", "Check name, instance, firewall and logon.")
    elif not facts["sql_sysadmin"]:
        yield _error(expected, f"{facts['account']} is not sysadmin on SQL Server {expected.sql_name}.", "Setup creates the database and needs it.")


def _media(expected: Expectation, facts: Mapping[str, Any]) -> Iterator[Finding]:
    for wish in expected.media:
        if wish.is_needed(facts) and not is_url(wish.path):
            yield from _file(expected, wish, facts["files"].get(wish.path))


def _prerequisites(expected: Expectation, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """What setup of the named version needs on the host (reference: sharepoint-and-setup 1.2); nothing where the version is not told."""
    for wish in expected.media:
        if not wish.variable.endswith("sync_service") or not wish.version or not wish.is_needed(facts):
            continue
        if parse_build(wish.version, f"{wish.variable}.version") < FIRST_WITH_VISUAL_C:
            if not facts["net_framework_35"]:
                yield Finding(expected.host, Severity.WARNING, "The .NET Framework 3.5 is not there, which setup needs.", "Name it in sync_service_features.")
        elif not facts["visual_c"]:
            yield _error(expected, "The Visual C++ 2013 Redistributable (x64) is not there, which setup needs.", "Install it.")


def _file(expected: Expectation, wish: MediaWish, answer: Mapping[str, Any] | None) -> Iterator[Finding]:
    if answer is None or not answer["exists"]:
        yield _error(expected, f"{wish.variable}.path: '{wish.path}' is not there.", "Copy the media to that place or correct the path.")
    elif wish.checksum and str(answer["sha256"]).casefold() != wish.checksum.casefold():
        yield _error(
            expected,
            f"{wish.variable}.checksum: '{wish.path}' has the SHA-256 {str(answer['sha256']).lower()}.",
            "The file is damaged, or the checksum is that of another one.",
        )


def _urls(expected: Expectation, facts: Mapping[str, Any]) -> Iterator[Finding]:
    problems = facts["url_problems"]
    for variable, url in expected.urls.items():
        if url in problems:
            yield _error(expected, f"{variable}: {url} does not answer: {problems[url]}", "Check the address, and that the web application is started.")
    for wish in expected.media:
        if wish.path in problems and wish.is_needed(facts):
            yield _error(expected, f"{wish.variable}.path: {wish.path} does not answer: {problems[wish.path]}", "Check the address.")
