# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which domain a host belongs to, which one a name means, and who controls it.

Domains of one forest trust each other; forests do not, so a host knows the accounts of its own forest alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .directory_names import comparison_key, split_dn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .directory import Directory
    from .estate import Estate
    from .host import Host

# Role of the estate's first controller; those of further domains end with it.
CONTROLLER = "domain_controller"


def is_controller(host: Host) -> bool:
    return host.role.endswith(CONTROLLER)


def every_domain(estate: Estate) -> Iterator[Directory]:
    """Of all forests, the estate's own first."""
    for forest in (estate.directory, *estate.other_forests):
        yield from forest.domains


def domain_of(host: Host) -> Directory:
    """The domain that a host is a member of."""
    if host.estate is None:
        raise AssertionError("host.estate is there by construction")
    if not host.domain:
        return host.estate.directory
    return next(domain for domain in every_domain(host.estate) if domain.dns_name == host.domain)


def domain_named(estate: Estate, name: str) -> Directory | None:
    """By DNS or NetBIOS name, in any forest."""
    wanted = name.casefold()
    return next((domain for domain in every_domain(estate) if wanted in (domain.dns_name.casefold(), domain.netbios_name.casefold())), None)


def forest_named(estate: Estate, name: str) -> Directory | None:
    """The first domain of the forest that has a domain of this name, as a locator finds a forest."""
    domain = domain_named(estate, name)
    return domain.root if domain is not None else None


def domain_holding(estate: Estate, dn: str) -> Directory | None:
    """The domain below whose naming context a name lies; configuration and schema belong to their forest's first domain."""
    parts = [comparison_key(part) for part in split_dn(dn)]
    found = [(len(split_dn(head)), domain) for domain in every_domain(estate) for head in domain.naming_contexts() if _ends(parts, head)]
    return max(found, key=lambda item: item[0])[1] if found else None


def _ends(parts: list[str], head: str) -> bool:
    wanted = [comparison_key(part) for part in split_dn(head)]
    return parts[len(parts) - len(wanted) :] == wanted


def controllers(estate: Estate, domain: Directory | None = None) -> list[Host]:
    """Domain controllers that answer, of one domain or all of them."""
    found = [host for host in estate.hosts.values() if is_controller(host) and host.reachable]
    return [host for host in found if domain is None or domain_of(host) is domain]


def server_named(estate: Estate, name: str) -> tuple[Host, Directory] | None:
    """The controller that a server's name leads to, with its domain: a host's name or address, or a domain's name."""
    wanted = name.casefold()
    for host in controllers(estate):
        domain = domain_of(host)
        if wanted in (host.name.casefold(), host.fqdn.casefold(), host.address, domain.dns_name.casefold(), domain.netbios_name.casefold()):
            return host, domain
    return None
