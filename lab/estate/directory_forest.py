# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A new forest, and further domains of it: naming contexts, containers, built-in principals, policy, default rights."""

from __future__ import annotations

from .directory import Directory
from .directory_accounts import NEVER, NEVER_EXPIRES, NORMAL_ACCOUNT
from .directory_domain import ChildDomain
from .directory_entry import Entry
from .directory_names import dn_key
from .directory_rules import DOMAIN_LOCAL, GLOBAL, SECURITY, UNIVERSAL, chain
from .directory_schema_objects import publish_classes
from .directory_security import add_aces
from .directory_sids import WELL_KNOWN

_DAYS = 24 * 3600 * 10_000_000
_MINUTES = 60 * 10_000_000
_USER = "bf967aba-0de6-11d0-a285-00aa003049e2"
_INET = "4828cc14-1437-45bc-9b07-ad6f015e5f28"
_GROUP = "bf967a9c-0de6-11d0-a285-00aa003049e2"
_ALL = "RPWPCRCCDCLCLORCWOWDSDDTSW"

# name -> (RID, scope): CN=Users of a new domain
_GROUPS: dict[str, tuple[int, int]] = {
    "Domain Admins": (512, GLOBAL),
    "Domain Users": (513, GLOBAL),
    "Domain Guests": (514, GLOBAL),
    "Domain Computers": (515, GLOBAL),
    "Domain Controllers": (516, GLOBAL),
    "Cert Publishers": (517, DOMAIN_LOCAL),
    "Schema Admins": (518, UNIVERSAL),
    "Enterprise Admins": (519, UNIVERSAL),
    "Group Policy Creator Owners": (520, GLOBAL),
    "RAS and IAS Servers": (553, DOMAIN_LOCAL),
    "Protected Users": (525, GLOBAL),
}
# name -> RID below S-1-5-32: CN=Builtin
_ALIASES: dict[str, int] = {
    "Administrators": 544,
    "Users": 545,
    "Guests": 546,
    "Account Operators": 548,
    "Server Operators": 549,
    "Backup Operators": 551,
    "Pre-Windows 2000 Compatible Access": 554,
    "Remote Desktop Users": 555,
    "Distributed COM Users": 562,
    "Event Log Readers": 573,
    "Remote Management Users": 580,
}
# Groups that only the forest's first domain has.
_FOREST_WIDE = ("Schema Admins", "Enterprise Admins")
_ALIAS_MEMBERS = {
    "Administrators": ("Domain Admins", "Enterprise Admins", "Administrator"),
    "Users": ("Domain Users",),
    "Guests": ("Domain Guests",),
}
_WELL_KNOWN_FOLDERS = {
    "Users": "A9D1CA15768811D1ADED00C04FD8D5CD",
    "Computers": "AA312825768811D1ADED00C04FD8D5CD",
    "System": "AB1D30F3768811D1ADED00C04FD8D5CD",
    "Deleted Objects": "18E2EA80684F11D2B9AA00C04F79F805",
}
_MANAGED_ACCOUNTS = "1EB93889E40C45DF9F0C64D23BBB6237"
# Who may replicate from the start ([MS-ADTS] 6.1.1.2): domain controllers and administrators.
_REPLICATION = ("1131f6aa", "1131f6ab", "1131f6ac")
_HEAD_ACES = (
    f"(A;;RPWPCRLCLOCCRCWDWOSW;;;DA)(A;CI;{_ALL};;;EA)(A;CI;RPWPCRLCLOCCRCWDWOSDSW;;;BA)(A;;{_ALL};;;SY)(A;;RPLCLORC;;;AU)(A;;RPLCLORC;;;ED)(A;CI;LC;;;RU)"
)
_DOMAIN_ACES = (
    f"(OA;CIIO;RPLCLORC;;{_USER};RU)(OA;CIIO;RPLCLORC;;{_GROUP};RU)(OA;CIIO;RPLCLORC;;{_INET};RU)(OA;CIIO;RPWPCR;91e647de-d96f-4b70-9557-d63ff4f3ccd8;;PS)"
)


def create_forest(dns_name: str = "corp.example.com", netbios_name: str = "EXAMPLE", *, seed: int = 0, recycle_bin: bool = False) -> Directory:
    """An empty forest of one domain at Windows Server 2016. The account Administrator has no password yet."""
    directory = Directory(dns_name, netbios_name, seed=seed, recycle_bin=recycle_bin)
    for dn, kind in ((directory.domain_dn, "domainDNS"), (directory.configuration_dn, "configuration"), (directory.schema_dn, "dMD")):
        _add_head(directory, dn, kind)
    _policy(directory)
    _domain_containers(directory)
    _deleted_objects(directory, directory.configuration_dn)
    _configuration(directory)
    _principals(directory)
    publish_classes(directory, "".join(_replication_aces()))
    return directory


def add_domain(root: Directory, dns_name: str, netbios_name: str, *, seed: int = 0) -> Directory:
    """An empty domain below the forest's first one; raises ValueError for a name outside of it or one that is taken."""
    if not dns_name.casefold().endswith(f".{root.dns_name.casefold()}"):
        raise ValueError(f"{dns_name} is no name below {root.dns_name}")
    if root.domain_named(dns_name) or root.domain_named(netbios_name):
        raise ValueError(f"the forest {root.dns_name} has a domain {dns_name} or {netbios_name} already")
    domain = ChildDomain(root, dns_name, netbios_name, seed=seed)
    _add_head(domain, domain.domain_dn, "domainDNS")
    _policy(domain)
    _domain_containers(domain)
    _cross_reference(root, domain)
    _principals(domain)
    return domain


def _add_head(directory: Directory, dn: str, kind: str) -> None:
    head = Entry(directory.new_guid(), directory.domain_sid if kind == "domainDNS" else "", dn, None, chain(directory, kind))
    head.usn_created = head.usn_changed = directory.next_usn()
    head.created = head.changed = directory.clock()
    head.attributes = {"objectCategory": f"CN={directory.schema.classes[kind].category},{directory.schema_dn}", "instanceType": 5}
    head.descriptor = "O:BAG:BAD:" + _HEAD_ACES + "".join(_replication_aces()) + (_DOMAIN_ACES if kind == "domainDNS" else "")
    directory.heads[dn_key(dn)] = head
    directory.by_guid[head.guid] = head
    if head.sid:
        directory.by_sid[head.sid] = head


def _replication_aces() -> list[str]:
    tail = "-9c07-11d1-f79f-00c04fc2dcd2"
    return [f"(OA;;CR;{lead}{tail};;{who})" for who in ("ED", "BA") for lead in (*_REPLICATION, "1131f6ad") if not (who == "ED" and lead == "1131f6ad")]


def _policy(directory: Directory) -> None:
    """A domain's default policy, with a lockout after ten wrong passwords."""
    directory.get(directory.domain_dn).attributes |= {
        "minPwdLength": 7,
        "pwdProperties": 1,
        "pwdHistoryLength": 24,
        "maxPwdAge": -42 * _DAYS,
        "minPwdAge": -1 * _DAYS,
        "lockoutThreshold": 10,
        "lockoutDuration": -30 * _MINUTES,
        "lockOutObservationWindow": -30 * _MINUTES,
        "ms-DS-MachineAccountQuota": 10,
        "msDS-Behavior-Version": 7,
    }


def _domain_containers(directory: Directory) -> None:
    base = directory.domain_dn
    for name in ("Users", "Computers", "System", "ForeignSecurityPrincipals", "Managed Service Accounts", "Program Data"):
        directory.create(f"CN={name},{base}", "container", {"isCriticalSystemObject": True})
    directory.create(f"CN=Builtin,{base}", "builtinDomain", {"isCriticalSystemObject": True, "objectSid": "S-1-5-32"})
    directory.create(f"CN=LostAndFound,{base}", "lostAndFound", {"isCriticalSystemObject": True})
    directory.create(f"OU=Domain Controllers,{base}", "organizationalUnit", {"isCriticalSystemObject": True})
    _deleted_objects(directory, base)
    head = directory.get(base)
    head.attributes["wellKnownObjects"] = tuple(f"B:32:{guid}:CN={name},{base}" for name, guid in _WELL_KNOWN_FOLDERS.items())
    head.attributes["otherWellKnownObjects"] = f"B:32:{_MANAGED_ACCOUNTS}:CN=Managed Service Accounts,{base}"


def _deleted_objects(directory: Directory, dn: str) -> None:
    """The graveyard is itself marked as deleted and open to administrators alone."""
    entry = directory.create(f"CN=Deleted Objects,{dn}", "container", {"isCriticalSystemObject": True})
    entry.deleted = True
    entry.descriptor = f"O:BAG:BAD:P(A;;LCRP;;;BA)(A;;{_ALL};;;SY)"


def _configuration(directory: Directory) -> None:
    base = directory.configuration_dn
    directory.create(f"CN=Partitions,{base}", "crossRefContainer", {"msDS-Behavior-Version": 7})
    for name in ("Services", "Extended-Rights", "WellKnown Security Principals"):
        directory.create(f"CN={name},{base}", "container")
    directory.create(f"CN=Sites,{base}", "sitesContainer")
    directory.create(f"CN=Default-First-Site-Name,CN=Sites,{base}", "site")
    directory.create(f"CN=Group Key Distribution Service,CN=Services,{base}", "container")
    directory.create(f"CN=Master Root Keys,CN=Group Key Distribution Service,CN=Services,{base}", "container")
    _cross_reference(directory, directory)
    for name, target in (("Enterprise Configuration", base), ("Enterprise Schema", directory.schema_dn)):
        directory.create(f"CN={name},CN=Partitions,{base}", "crossRef", {"nCName": target, "dnsRoot": directory.dns_name, "systemFlags": 1})
    for name, (sid, _unused) in WELL_KNOWN.items():
        directory.create(f"CN={name},CN=WellKnown Security Principals,{base}", "foreignSecurityPrincipal", {"objectSid": sid})


def _cross_reference(root: Directory, domain: Directory) -> None:
    """How the forest knows a domain: its naming context with DNS and NetBIOS name."""
    # 3: a naming context of this forest that is a domain.
    given = {"nCName": domain.domain_dn, "dnsRoot": domain.dns_name, "nETBIOSName": domain.netbios_name, "systemFlags": 3}
    root.create(f"CN={domain.netbios_name},CN=Partitions,{root.configuration_dn}", "crossRef", given)


def _principals(directory: Directory) -> None:
    first = directory.root is directory
    users = f"CN=Users,{directory.domain_dn}"
    builtin = f"CN=Builtin,{directory.domain_dn}"
    for name, (rid, scope) in _GROUPS.items():
        if name in _FOREST_WIDE and not first:
            continue
        given = {"sAMAccountName": name, "groupType": scope | SECURITY, "objectSid": f"{directory.domain_sid}-{rid}", "isCriticalSystemObject": True}
        directory.create(f"CN={name},{users}", "group", given)
    control = NORMAL_ACCOUNT | NEVER_EXPIRES
    account = {"sAMAccountName": "Administrator", "objectSid": f"{directory.domain_sid}-500", "userAccountControl": control, "accountExpires": NEVER}
    directory.create(f"CN=Administrator,{users}", "user", {**account, "isCriticalSystemObject": True})
    for name, rid in _ALIASES.items():
        # 1: created by the system.
        given = {"sAMAccountName": name, "groupType": DOMAIN_LOCAL | SECURITY | 1, "objectSid": f"S-1-5-32-{rid}", "isCriticalSystemObject": True}
        directory.create(f"CN={name},{builtin}", "group", given)
    for group, members in _ALIAS_MEMBERS.items():
        found = [f"CN={name},CN=Users,{(directory.root if name in _FOREST_WIDE else directory).domain_dn}" for name in members]
        directory.set(directory.get(f"CN={group},{builtin}"), {"member": found})
    for group in ("Domain Admins", *(_FOREST_WIDE if first else ())):
        directory.set(directory.get(f"CN={group},{users}"), {"member": f"CN=Administrator,{users}"})


def grant(directory: Directory, dn: str, *aces: str) -> None:
    """Adds explicit entries to an object's descriptor."""
    add_aces(directory, directory.get(dn), *aces)


def add_computer(directory: Directory, name: str, *, controller: bool = False) -> Entry:
    """A member server's account, or a domain controller's."""
    place = f"OU=Domain Controllers,{directory.domain_dn}" if controller else f"CN=Computers,{directory.domain_dn}"
    # 0x82000: server trust account, trusted for delegation.
    extra = {"userAccountControl": 0x82000, "primaryGroupID": 516} if controller else {}
    given = {"sAMAccountName": f"{name}$", "dNSHostName": f"{name.lower()}.{directory.dns_name}", "operatingSystem": "Windows Server 2016 Standard"}
    return directory.create(f"CN={name},{place}", "computer", {**given, **extra})
