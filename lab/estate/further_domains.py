# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a lab has beyond one domain, where it is asked for: a child domain, and a forest that nobody trusts.

Some people are there on purpose. A namesake has the account name of somebody in the estate's first domain and is another
person; a secondee is a person of the first domain with a second account and the same employee number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .directory_accounts import NORMAL_ACCOUNT
from .directory_forest import add_domain, create_forest
from .directory_names import escape_value
from .people import STAFF, Company, populate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .directory import Directory, Entry
    from .estate import EstateOptions

SECONDEES = "Secondees"
SECONDED = 2
_WORLDWIDE = "Worldwide Staff"
_FEWEST = 6


@dataclass(frozen=True)
class FurtherDomain:
    """A domain with its controller. `role` is the controller's, and in the plural its group in the inventory."""

    controller: str
    role: str
    dns_name: str
    netbios_name: str
    company: Company


def child_domain(options: EstateOptions) -> FurtherDomain:
    name = f"emea.{options.dns_name}"
    return FurtherDomain("DC2", "child_domain_controller", name, "EMEA", Company("Example EMEA", "emea.example.com", "M"))


PARTNER = FurtherDomain("DC3", "partner_domain_controller", "partner.example.net", "PARTNER", Company("Partner Ltd", "partner.example.net", "P"))


def further_domains(options: EstateOptions) -> list[FurtherDomain]:
    """Those that the options ask for."""
    return [*([child_domain(options)] if options.child_domain else []), *([PARTNER] if options.second_forest else [])]


def add_child(root: Directory, options: EstateOptions, staff: Sequence[Entry]) -> Directory:
    """The child domain with a third as many people. They report to the first domain's managing director, and somebody there to theirs."""
    wanted = child_domain(options)
    domain = add_domain(root, wanted.dns_name, wanted.netbios_name, seed=options.seed)
    people = populate(domain, people=max(_FEWEST, options.people // 3), seed=options.seed + 1, company=wanted.company)
    domain.set(people[0], {"manager": staff[0].dn})
    root.set(staff[-1], {"manager": people[0].dn})
    members = [entry.dn for entry in (*staff[:3], *people[:3])]
    attributes = {"sAMAccountName": _WORLDWIDE, "displayName": _WORLDWIDE, "groupType": 0x8 | -0x80000000, "member": members}
    root.create(f"CN={_WORLDWIDE},OU=Groups,OU={STAFF},{root.domain_dn}", "group", attributes)
    _add_namesake(domain, staff[0], f"{wanted.company.letter}900001")
    return domain


def make_partner(options: EstateOptions, staff: Sequence[Entry]) -> Directory:
    """The second forest, with a third as many people as the first."""
    forest = create_forest(PARTNER.dns_name, PARTNER.netbios_name, seed=options.seed + 2)
    populate(forest, people=max(_FEWEST, options.people // 3), seed=options.seed + 2, company=PARTNER.company)
    _add_namesake(forest, staff[0], f"{PARTNER.company.letter}900001")
    place = forest.create(f"OU={SECONDEES},OU={STAFF},{forest.domain_dn}", "organizationalUnit")
    for person in staff[1 : 1 + SECONDED]:
        _add_secondee(forest, place, person)
    return forest


def _add_namesake(domain: Directory, original: Entry, number: str) -> None:
    logon = original.text("sAMAccountName")
    # A person of this domain may have the account name already, and is the namesake then.
    if domain.resolve(f"{domain.netbios_name}\\{logon}") is None:
        _create(domain, f"OU={STAFF},{domain.domain_dn}", f"Namesake {logon}", {"sAMAccountName": logon, "givenName": "Namesake", "employeeID": number})


def _add_secondee(forest: Directory, place: Entry, person: Entry) -> None:
    copied = {name: person.text(name) for name in ("givenName", "sn", "displayName", "employeeID") if person.text(name)}
    own = {"sAMAccountName": f"x-{person.text('sAMAccountName')}"[:20], "title": "Secondee", "department": "On loan", "telephoneNumber": "+49 30 5550100"}
    _create(forest, place.dn, str(copied["displayName"]), {**copied, **own})


def _create(domain: Directory, place: str, name: str, attributes: dict[str, Any]) -> None:
    logon = attributes["sAMAccountName"]
    standard = {"displayName": name, "userPrincipalName": f"{logon}@{domain.dns_name}", "userAccountControl": NORMAL_ACCOUNT}
    domain.create(f"CN={escape_value(name)},{place}", "user", {**standard, **attributes})
