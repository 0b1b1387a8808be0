# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A forest and a profile store in memory for the standard configuration, and what the profiles must hold."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.model import ServerConfiguration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.functions import sharepoint_registry
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.memory import MemoryStore
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.runs import Engine
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.memory import Entry, MemoryConnector, MemorySystem

EXPORT_ONLY = frozenset("ProfileIdentifier SID PreferredName Picture SPS-Department SPS-JobTitle SPS-DistinguishedName SPS-SourceObjectDN".split())
# Profile property -> directory attribute, as the reference page `server-configuration` tells the PnP configuration.
COPIED = {
    "Picture": "thumbnailPhoto",
    "WorkEmail": "mail",
    "UserName": "sAMAccountName",
    "FirstName": "givenName",
    "LastName": "sn",
    "SPS-UserPrincipalName": "userPrincipalName",
    "SID": "objectSid",
    "WorkPhone": "telephoneNumber",
    "Office": "physicalDeliveryOfficeName",
    "Title": "title",
    "SPS-JobTitle": "title",
    "Department": "department",
    "SPS-Department": "department",
    "PublicSiteRedirect": "wWWHomePage",
}


class Forest:
    """`directory` and `store` are the two systems; the domain's NetBIOS name differs from its first label."""

    netbios = "NETBIOS"

    def __init__(self, configuration: ServerConfiguration) -> None:
        agent = configuration.agent("ADMA")
        assert agent is not None
        self.domain = next(item.dn for item in agent.partitions if item.is_domain or not item.dn.upper().startswith("CN="))
        inclusion = next(item.inclusions for item in agent.partitions if item.dn == self.domain)
        self.staff = next(iter(inclusion), self.domain)
        self.directory = MemorySystem("dc1:389")
        self.store = MemorySystem("sp1:5555", "Anchor", EXPORT_ONLY)
        self.directory.put("domain", self.domain, "domainDNS", {"name": ("label",)})
        naming = {"nCName": (self.domain,), "nETBIOSName": (self.netbios,)}
        self.directory.put("crossref", f"CN=X,CN=Partitions,CN=Configuration,{self.domain}", "crossRef", naming)
        self.engine = Engine(configuration, MemoryStore(), MemoryConnector({"ADMA": self.directory, "SPMA": self.store}), sharepoint_registry())

    def dn(self, number: int) -> str:
        return f"CN=Person {number},{self.staff}"

    def person(self, number: int, **values: Any) -> None:
        """`photo` and `manager` (a number) beside the directory's own names; None for no value."""
        sid = bytes([1, 1, *range(6)]) + number.to_bytes(4, "little")
        given: dict[str, Any] = {"sAMAccountName": f"u{number}", "displayName": f"Display {number}", "objectSid": sid, **values}
        if "photo" in given:
            given["thumbnailPhoto"] = given.pop("photo")
        if "manager" in given:
            given["manager"] = self.dn(given["manager"])
        attributes = {name: tuple(value) if isinstance(value, (list, tuple)) else (value,) for name, value in given.items() if value is not None}
        self.directory.put(f"p{number}", self.dn(number), "user", attributes)

    def linked(self, number: int, source: str) -> None:
        """An account that stands for one of another forest: it becomes a contact, which SharePoint gets as such."""
        attributes = {"sAMAccountName": (f"u{number}",), "displayName": (f"Linked {number}",), "msDS-SourceObjectDN": (source,)}
        self.directory.put(f"p{number}", self.dn(number), "user", attributes)

    def cycle(self, kind: str = "Full") -> list[str]:
        runs = (("ADMA", f"{kind}Import"), ("ADMA", f"{kind}Sync"), ("SPMA", f"{kind}Import"), ("SPMA", f"{kind}Sync"))
        runs += (("SPMA", "Export"), ("SPMA", "DeltaImport"), ("SPMA", "DeltaSync"))
        return [self.engine.run(agent, profile).status for agent, profile in runs]

    def profiles(self) -> dict[str, dict[str, set[Any]]]:
        """What the store holds, AccountName (set once, at provisioning) left out."""
        return {
            anchor: {name: set(values) for name, values in entry.attributes.items() if name not in ("Anchor", "AccountName")}
            for anchor, entry in self.store.entries.items()
        }


def expected_profiles(forest: Forest) -> dict[str, dict[str, set[Any]]]:
    """Computed straight from the people."""
    wanted = {}
    people = {entry.dn: entry for entry in forest.directory.entries.values() if entry.object_type == "user"}
    for entry in people.values():
        account = str(entry.attributes["sAMAccountName"][0])
        wanted[account] = (_contact if "msDS-SourceObjectDN" in entry.attributes else _user)(forest, entry, people)
    return wanted


def _user(forest: Forest, entry: Entry, people: dict[str, Entry]) -> dict[str, set[Any]]:
    values: dict[str, set[Any]] = {target: set(entry.attributes[source]) for target, source in COPIED.items() if source in entry.attributes}
    values |= _identity(forest, entry)
    values |= {"SPS-ClaimProviderID": {"Windows"}, "SPS-ClaimProviderType": {"Windows"}}
    sip = [str(text)[4:] for text in entry.attributes.get("proxyAddresses", ()) if str(text)[:4] in ("sip:", "SIP:")]
    if sip:
        values["SPS-SipAddress"] = {sip[0]}
    boss = people.get(str(entry.attributes.get("manager", ("",))[0]))
    if boss is not None:
        values["Manager"] = set(boss.attributes["sAMAccountName"])
    return values


def _contact(forest: Forest, entry: Entry, people: dict[str, Entry]) -> dict[str, set[Any]]:
    return {**_identity(forest, entry), "SPS-SourceObjectDN": set(entry.attributes["msDS-SourceObjectDN"])}


def _identity(forest: Forest, entry: Entry) -> dict[str, set[Any]]:
    shown = str(entry.attributes.get("displayName", ("",))[0]).strip(
        "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
    )
    name = shown or entry.dn.split(",", maxsplit=1)[0].removeprefix("CN=")
    return {
        "PreferredName": {name},
        "ProfileIdentifier": {f"{forest.netbios}\\{entry.attributes['sAMAccountName'][0]}"},
        "SPS-DistinguishedName": {entry.dn},
    }
