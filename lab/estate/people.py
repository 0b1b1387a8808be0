# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The people of the lab's forest: made from a seed, so that the same options give the same forest."""

from __future__ import annotations

import gc
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from .directory import Directory, Entry
from .directory_accounts import DISABLED, NEVER_EXPIRES, NORMAL_ACCOUNT
from .directory_entry import file_time
from .directory_names import comparison_key, escape_value
from .people_names import AWKWARD, CULTURES, DEPARTMENTS, STREETS, TITLES, Culture
from .people_photos import portrait

STAFF = "Staff"
LEAVERS = "Leavers"
# Reports of one manager.
SPAN = 7
_ENABLED = NORMAL_ACCOUNT
_SERVICES = ("svc-backup", "svc-scanner", "svc-monitoring", "svc-legacyapp")


@dataclass(frozen=True)
class Company:
    """Whose people these are. `mail_domain`: empty for the parent of the domain's name; `letter` begins the employees' numbers."""

    name: str = "Example Holdings"
    mail_domain: str = ""
    letter: str = "E"


FIRST_COMPANY = Company()


@dataclass
class _Crowd:
    """What the generator remembers: OUs by city, names that are taken, people in the order they were made."""

    directory: Directory
    random: random.Random
    total: int
    places: dict[str, Entry] = field(default_factory=dict)
    logons: dict[str, int] = field(default_factory=dict)
    names: set[tuple[str, str]] = field(default_factory=set)
    people: list[Entry] = field(default_factory=list)
    departments: dict[str, list[Entry]] = field(default_factory=dict)
    company: Company = field(default_factory=lambda: FIRST_COMPANY)

    @property
    def mail_domain(self) -> str:
        return self.company.mail_domain or self.directory.dns_name.partition(".")[2] or self.directory.dns_name


def populate(directory: Directory, *, people: int = 300, seed: int = 20160101, company: Company = FIRST_COMPANY) -> tuple[Entry, ...]:
    """Fills a domain: `people` accounts below OU=Staff, service accounts outside of it, groups, contacts, linked accounts. The answer is the people."""
    crowd = _Crowd(directory, random.Random(f"people-{seed}"), people, company=company)
    with _no_collector():
        _make_places(crowd)
        for number in range(people):
            _add_person(crowd, number)
        _add_surroundings(crowd, people)
    return tuple(crowd.people)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Nothing of what is made here is garbage, and looking for it takes two thirds of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _add_surroundings(crowd: _Crowd, people: int) -> None:
    _add_service_accounts(crowd)
    _add_contacts(crowd, max(2, people // 30))
    _add_linked(crowd, max(2, people // 50))
    _add_groups(crowd)


def _make_places(crowd: _Crowd) -> None:
    directory = crowd.directory
    staff = f"OU={STAFF},{directory.domain_dn}"
    directory.create(staff, "organizationalUnit", {"description": f"People of {crowd.company.name}"})
    for name in (*dict.fromkeys(culture.city for culture in CULTURES), LEAVERS, "Groups", "Partners", "Linked"):
        crowd.places[name] = directory.create(f"OU={escape_value(name)},{staff}", "organizationalUnit")
    # An OU whose own name needs escaping, below another one.
    parent = crowd.places["Berlin"]
    crowd.places["Labs"] = directory.create(f"OU={escape_value('R+D, Labs')},{parent.dn}", "organizationalUnit")
    for name in ("Service Accounts", "Workstations"):
        crowd.places[name] = directory.create(f"OU={name},{directory.domain_dn}", "organizationalUnit")


# --- one person ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Name:
    full: str
    given: str
    family: str
    logon: str
    spoken_given: str = ""
    spoken_family: str = ""


def _add_person(crowd: _Crowd, number: int) -> None:
    chance = crowd.random.random
    culture = CULTURES[number % len(CULTURES)] if number < len(CULTURES) else crowd.random.choice(CULTURES)
    awkward = len(CULTURES) <= number < len(CULTURES) + len(AWKWARD)
    # A few people are special in a small forest too, the rest by chance.
    leaver = number > 20 and chance() < 0.05
    disabled = leaver or (number > 20 and chance() < 0.04)
    name = _awkward_name(crowd, number) if awkward else _name(crowd, culture, comma=chance() < 0.03)
    place = _place(crowd, culture, leaver=leaver, lab=chance() < 0.2)
    attributes = _attributes(crowd, number, name, culture)
    attributes["userAccountControl"] = _ENABLED | (DISABLED if disabled else 0)
    if number and not (leaver and chance() < 0.5):
        attributes["manager"] = crowd.people[(number - 1) // SPAN]
    _contact_data(crowd, number, name, attributes)
    entry = crowd.directory.create(f"CN={escape_value(_unique(crowd, place, name.full))},{place.dn}", "user", attributes)
    crowd.people.append(entry)
    crowd.departments.setdefault(str(attributes["department"]), []).append(entry)


def _place(crowd: _Crowd, culture: Culture, *, leaver: bool, lab: bool) -> Entry:
    if leaver:
        return crowd.places[LEAVERS]
    return crowd.places["Labs" if lab and culture.city == "Berlin" else culture.city]


def _name(crowd: _Crowd, culture: Culture, *, comma: bool) -> _Name:
    given, family = crowd.random.choice(culture.given), crowd.random.choice(culture.family)
    parts = (family[0], given[0]) if culture.family_first else (given[0], family[0])
    full = f"{family[0]}, {given[0]}" if comma else culture.joint.join(parts)
    return _Name(full, given[0], family[0], _logon(crowd, given[1][:1] + family[1]), given[2], family[2])


def _awkward_name(crowd: _Crowd, number: int) -> _Name:
    full, given, family, logon = AWKWARD[number - len(CULTURES)]
    return _Name(full, given, family, _logon(crowd, logon))


def _logon(crowd: _Crowd, wish: str) -> str:
    """ASCII, lower case, at most 20 characters, unique."""
    base = "".join(char for char in wish.lower() if char.isascii() and char.isalnum())[:20]
    count = crowd.logons.get(base, 0) + 1
    crowd.logons[base] = count
    if count == 1:
        return base
    # A number keeps it unique; the base gives way to it. Bases themselves never end in a digit.
    return f"{base[: 20 - len(str(count))]}{count}" if len(base) + len(str(count)) > 20 else f"{base}{count}"


def _unique(crowd: _Crowd, place: Entry, full: str) -> str:
    wish, count = full, 1
    while (place.guid, comparison_key(wish)) in crowd.names:
        count += 1
        wish = f"{full} {count}" if count < 5 else f"{full} {crowd.random.randrange(10, 10**6)}"
    crowd.names.add((place.guid, comparison_key(wish)))
    return wish


def _attributes(crowd: _Crowd, number: int, name: _Name, culture: Culture) -> dict[str, Any]:
    department = "Board" if number == 0 else DEPARTMENTS[crowd.random.randrange(len(DEPARTMENTS) - 1)]
    found: dict[str, Any] = {
        "sAMAccountName": name.logon,
        "userPrincipalName": f"{name.logon}@{crowd.directory.dns_name}",
        "givenName": name.given,
        "sn": name.family,
        "displayName": name.full.strip(),
        "department": department,
        "title": "Managing Director" if number == 0 else crowd.random.choice(TITLES),
        "company": crowd.company.name,
        "physicalDeliveryOfficeName": f"{culture.city} {crowd.random.randrange(1, 9)}.{crowd.random.randrange(1, 60):02d}",
        "l": culture.city,
        "co": culture.country,
        "c": culture.code,
        "streetAddress": crowd.random.choice(STREETS),
        "telephoneNumber": f"{culture.dial} {crowd.random.randrange(1000000, 9999999)}",
        "employeeID": f"{crowd.company.letter}{number + 1:06d}",
        "employeeType": "external" if crowd.random.random() < 0.1 else "employee",
        "pwdLastSet": file_time(crowd.directory.clock()),
    }
    if name.spoken_given:
        found |= {"msDS-PhoneticFirstName": name.spoken_given, "msDS-PhoneticLastName": name.spoken_family}
        found["msDS-PhoneticDisplayName"] = f"{name.spoken_family} {name.spoken_given}"
    return found


def _contact_data(crowd: _Crowd, number: int, name: _Name, attributes: dict[str, Any]) -> None:
    """Mail, addresses, numbers, home page, picture: not everybody has each."""
    chance = crowd.random.random
    address = f"{name.logon}@{crowd.mail_domain}"
    if number < 5 or chance() > 0.06:
        attributes["mail"] = address
        addresses = [f"SMTP:{address}", f"smtp:{name.logon}@mail.{crowd.mail_domain}"]
        if chance() < 0.7:
            addresses.append(f"{crowd.random.choice(('sip:', 'SIP:'))}{address}")
        attributes["proxyAddresses"] = tuple(addresses)
    if chance() < 0.5:
        attributes["mobile"] = f"+{crowd.random.randrange(10**10, 10**11)}"
    if chance() < 0.2:
        attributes["wWWHomePage"] = f"https://people.{crowd.mail_domain}/{name.logon}"
    if chance() < 0.2:
        attributes["facsimileTelephoneNumber"] = f"{attributes['telephoneNumber']}-9"
    if chance() < 0.3:
        attributes["extensionAttribute1"] = f"CC-{crowd.random.randrange(100, 999)}"
    if chance() < 0.6:
        attributes["thumbnailPhoto"] = portrait(crowd.random.randrange(10**6) if crowd.total > 2000 else number)


# --- around them ---------------------------------------------------------------------------------------------------


def _add_service_accounts(crowd: _Crowd) -> None:
    place = crowd.places["Service Accounts"]
    for name in _SERVICES:
        given = {"sAMAccountName": name, "displayName": name, "userAccountControl": _ENABLED | NEVER_EXPIRES, "description": "Service account"}
        crowd.directory.create(f"CN={name},{place.dn}", "user", given)


def _add_contacts(crowd: _Crowd, count: int) -> None:
    """People of other companies: a contact has neither a SID nor an account name."""
    place = crowd.places["Partners"]
    for number in range(count):
        culture = crowd.random.choice(CULTURES)
        given, family = crowd.random.choice(culture.given), crowd.random.choice(culture.family)
        full = _unique(crowd, place, f"{given[0]} {family[0]} (partner)")
        address = f"{given[1]}.{family[1]}{number}@partner.example.net".lower()
        attributes = {"displayName": full, "givenName": given[0], "sn": family[0], "mail": address, "company": "Partner Ltd"}
        crowd.directory.create(f"CN={escape_value(full)},{place.dn}", "contact", {**attributes, "proxyAddresses": f"SMTP:{address}"})


def _add_linked(crowd: _Crowd, count: int) -> None:
    """Disabled accounts that stand for people of another forest (msDS-SourceObjectDN)."""
    place = crowd.places["Linked"]
    for number in range(count):
        logon = f"linked{number + 1}"
        source = f"CN=Remote Person {number + 1},OU=People,DC=remote,DC=example,DC=net"
        attributes = {
            "sAMAccountName": logon,
            "displayName": f"Remote Person {number + 1}",
            "givenName": "Remote",
            "sn": f"Person {number + 1}",
            "mail": f"remote.person{number + 1}@remote.example.net",
            "msDS-SourceObjectDN": source,
            "userAccountControl": _ENABLED | DISABLED,
        }
        crowd.directory.create(f"CN=Remote Person {number + 1},{place.dn}", "user", attributes)


def _add_groups(crowd: _Crowd) -> None:
    """A global group a department, nested into universal and domain-local ones, and distribution lists."""
    place = crowd.places["Groups"]
    by_department = [_group(crowd, place, f"Dept {name}", 0x2, members, security=True) for name, members in sorted(crowd.departments.items())]
    everybody = _group(crowd, place, "All Staff", 0x8, by_department, security=True)
    _group(crowd, place, "Intranet Readers", 0x4, [everybody], security=True)
    leads = crowd.people[: max(1, len(crowd.people) // SPAN)]
    managers = _group(crowd, place, "Managers", 0x8, leads, security=True)
    list_members = crowd.random.sample(crowd.people, min(len(crowd.people), 40))
    news = _group(crowd, place, "Newsletter", 0x8, list_members, security=False)
    _group(crowd, place, "Announcements, all", 0x8, [news, managers], security=False)


def _group(crowd: _Crowd, place: Entry, name: str, scope: int, members: Sequence[Entry], *, security: bool) -> Entry:
    account = name.replace(",", "")
    address = "".join(char for char in account.lower() if char.isalnum())
    attributes: dict[str, Any] = {
        "sAMAccountName": account,
        "displayName": name,
        "groupType": scope | (-0x80000000 if security else 0),
        "mail": f"{address}@{crowd.mail_domain}",
        "member": list(members),
    }
    return crowd.directory.create(f"CN={escape_value(name)},{place.dn}", "group", attributes)
