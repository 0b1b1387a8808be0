# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Random calls of the rules extension, the same for the same seed, with a bias to what is hard: escapes, letter case, scripts, missing values."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

from ansible_collections.mimsync.sharepoint.tests.conformance.extension_cases import Case, Thing, Values

PLAIN = ("Müller", "Straße", "ΑΘΗΝΑ", "李小龙", "ивАн", "Ørsted", "😀", "ǆ", "ﬁ", "ÿ", "a", "Z", "7", "f", "sip:", "  ", "\t", "\x85", "\xa0", "\x1c", "\x00")
SIGNS = ("\u2003", "\ufeff", "=", ",", "\\", "\\,", "\\\\", '\\"', "+", "#", ";", "'", "\\2C", "\\C3\\A9", "\\c3", "\\0D\\0A", "\\7F", "\\4", "\\G", "\\C3a")
PIECES = PLAIN + SIGNS
DOMAINS = ("DC=corp,DC=example,DC=com", "DC=contoso,DC=com", "dc=Größe,dc=de", "DC=ıſµςǅ,DC=x", "DC=,DC=x", "DC=single")
IMPORT_RULES = ("DomainSIDToString", "ConvertToString:nCName,nCName", "ProxyAddressesToSipAddress:proxyAddresses,SPS-SipAddress")
EXPORT_RULES = ("GetDomain:distinguishedName,domain", "GetDisplayName:displayName,PreferredName")
UNKNOWN_RULES = ("", "domainsidtostring", "GetDisplayName:displayName,Other", "GetDomain:distinguishedName,Domain")
PROVISIONED = ("person", "Person", "PERSON", "group", "Group", "contact", "domain", "crossref", "persön")


def cases(count: int, seed: int) -> list[Case]:
    source = Generator(random.Random(seed))
    made: list[Case] = []
    while len(made) < count:
        made += source.group()
    return made[:count]


class Generator:
    def __init__(self, dice: random.Random) -> None:
        self.dice = dice

    def group(self) -> Iterator[Case]:
        """One case, or several on one extension that remembers domains."""
        kind = self.dice.choice(("project", "import", "provision", "display", "domain", "unknown"))
        if kind == "domain":
            yield from self.domains()
        else:
            yield getattr(self, kind)()

    def project(self) -> Case:
        dn = self.dn()
        origin = self.dice.choice((dn, dn.lower(), dn.upper(), self.dn(), "", dn + " "))
        values = self.some({"msDS-SourceObjectDN": (origin,), "hideDLMembership": (self.dice.random() < 0.5,)}, 0.7)
        return Case("project", space=Thing(self.dice.choice(("user", "user", "group", "contact", "User", "GROUP", "printer", "")), values), dn=dn)

    def import_(self) -> Case:
        proxies = tuple(
            self.dice.choice(("sip:", "SIP:", "Sip:", "smtp:", "sipx", "s\u0131p:", "", "sip")) + self.text(3) for _unused in range(self.dice.randrange(4))
        )
        values = {"objectSid": (self.sid(),), "nCName": (self.dn(),), "proxyAddresses": proxies}
        return Case("import", self.dice.choice(IMPORT_RULES), space=Thing("user", self.some(values, 0.8)))

    def provision(self) -> Case:
        account = self.text(2) or "anna"
        names = ("department", "displayName", "mail", "lastName", "firstName", "telephoneNumber", "sAMAccountName")
        values: dict[str, Values] = {name: (self.text(3),) for name in names} | {"accountName": (account,), "objectSid": (self.sid(),)}
        taken = (self.dice.choice((account, account.upper(), str(values["sAMAccountName"][0]))),) if self.dice.random() < 0.3 else ()
        return Case(
            "provision",
            metaverse=Thing(self.dice.choice(PROVISIONED), self.some(values, 0.8)),
            connectors=self.dice.choice((0, 0, 0, 1, 2)),
            taken=taken,
            agent=self.dice.choice(("SPMA", "SPMA", "SPMA", "spma", "Other")),
        )

    def display(self) -> Case:
        person = self.some({"displayName": (self.text(4),), "distinguishedName": (self.dn(),)}, 0.7)
        space = Thing("user", self.some({"PreferredName": (self.text(2) or "x",)}, 0.5))
        return Case("export", EXPORT_RULES[1], space=space, metaverse=Thing("person", person))

    def unknown(self) -> Case:
        person = {"displayName": (self.text(3),), "distinguishedName": (self.dn(),)}
        return Case(self.dice.choice(("import", "export")), self.dice.choice(UNKNOWN_RULES), metaverse=Thing("person", person))

    def domains(self) -> Iterator[Case]:
        database = self.database()
        for index in range(self.dice.randrange(1, 4)):
            person = self.some({"distinguishedName": (self.dn(),), "accountName": (self.text(2) or "x",)}, 0.9)
            yield Case("export", EXPORT_RULES[0], metaverse=Thing("person", person), database=database, keep=index > 0)
            database = self.database() if self.dice.random() < 0.3 else database

    def database(self) -> tuple[Thing, ...]:
        found = []
        for domain in self.dice.sample(DOMAINS, self.dice.randrange(len(DOMAINS))):
            label = domain.split(",")[0][3:]
            values = self.some({"type": ("DomainInfo",), "dc": (label,), "distinguishedName": (self.recased(domain),)}, 0.95)
            found.append(Thing(self.dice.choice(("domain", "domain", "domain", "Domain")), values))
            if self.dice.random() < 0.7:
                crossref = self.some({"nCName": (self.recased(domain),), "nETBiosName": (self.dice.choice(("EXAMPLE", "", "mixedCase")),)}, 0.9)
                found.append(Thing("crossref", crossref))
        self.dice.shuffle(found)
        return tuple(found)

    def dn(self) -> str:
        parts = [f"{self.dice.choice(('CN', 'OU', 'cn'))}={self.text(4)}" for _unused in range(self.dice.randrange(1, 4))]
        ends = (*DOMAINS, "", "DC=corp", " DC=x,DC=y", self.text(3))
        return ("\\" if self.dice.random() < 0.1 else "").join(("", ",".join([*parts, self.recased(self.dice.choice(ends))])))

    def text(self, longest: int) -> str:
        return "".join(self.dice.choice(PIECES) for _unused in range(self.dice.randrange(longest + 1)))

    def recased(self, text: str) -> str:
        return self.dice.choice((text, text, text.replace("DC", "dc"), text.replace("o", "O")))

    def sid(self) -> bytes:
        count = self.dice.randrange(6)
        return bytes([1, count if self.dice.random() < 0.9 else count + 1, 0, 0, 0, 0, 0, 5]) + b"".join(
            struct.pack("<I", self.dice.getrandbits(32)) for _unused in range(count)
        )

    def some(self, values: dict[str, Values], share: float) -> dict[str, Values]:
        return {name: value for name, value in values.items() if self.dice.random() < share}


# `import` cannot be a method's name; the kinds are looked up by theirs.
setattr(Generator, "import", Generator.import_)
