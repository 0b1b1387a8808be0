# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Python twin of the PnP solution's rules extension (SynchronizationRulesExtensions.cs) and of assemblies that behave like it.

Source: reference page `rules-extension` section 3, whose decision tables the functions follow row by row.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from .extension import (
    CsEntry,
    DeclineMappingError,
    ExportRule,
    ImportRule,
    MvEntry,
    ObjectAlreadyExistsError,
    Registry,
    RulesExtension,
    UnexpectedDataError,
    Utilities,
)
from .text import domain_key, equals_ignoring_case, fold, name_from_dn, sid_text, trim, upper_invariant

SHAREPOINT_AGENT = "SPMA"
SIP = "sip:"

# Metaverse attribute -> SharePoint attribute of a new profile. The left names are compared with their case.
PERSON_VALUES = {
    "accountName": "AccountName",
    "department": "Department",
    "displayName": "UserName",
    "mail": "WorkEmail",
    "objectSid": "SID",
    "lastName": "LastName",
    "firstName": "FirstName",
    "telephoneNumber": "WorkPhone",
}
# Metaverse type -> connector type, attribute that gives the anchor.
PROVISIONED = {"person": ("user", "accountName"), "group": ("group", "accountName"), "contact": ("contact", "sAMAccountName")}


def nothing(*entries: object) -> None:
    """A rule name that the extension does not know: the methods return without a word."""


class SharePointRules(RulesExtension):
    """`agent_name`: the SharePoint agent that Provision looks up by its name."""

    def __init__(self, utilities: Utilities, agent_name: str = SHAREPOINT_AGENT) -> None:
        super().__init__(utilities)
        self.agent_name = agent_name
        # Domain names by the DN's domain part; lives as long as the loaded assembly.
        self.domains: dict[str, str] = {}
        self.imports: dict[str, ImportRule] = {
            "DomainSIDToString": self.domain_sid,
            "ConvertToString:nCName,nCName": self.ncname,
            "ProxyAddressesToSipAddress:proxyAddresses,SPS-SipAddress": self.sip_address,
        }
        self.exports: dict[str, ExportRule] = {
            "GetDomain:distinguishedName,domain": self.profile_identifier,
            "GetDisplayName:displayName,PreferredName": self.preferred_name,
        }

    def import_rule(self, context: str) -> ImportRule:
        return self.imports.get(context, nothing)

    def export_rule(self, context: str) -> ExportRule:
        return self.exports.get(context, nothing)

    # 3.1 Import

    @staticmethod
    def domain_sid(cs: CsEntry, mv: MvEntry) -> None:
        try:
            for sid in cs.values("objectSID")[:1]:
                mv.set("stringSID", sid_text(sid if isinstance(sid, bytes) else b""))
        except Exception as problem:
            raise UnexpectedDataError(f"Error while processing DomainSIDToString rule extension: {problem}") from problem

    @staticmethod
    def ncname(cs: CsEntry, mv: MvEntry) -> None:
        mv.set("nCName", cs.text("nCName"))

    @staticmethod
    def sip_address(cs: CsEntry, mv: MvEntry) -> None:
        try:
            for address in cs.values("proxyAddresses"):
                if fold(str(address)).startswith(SIP):
                    mv.set("SPS-SipAddress", str(address)[len(SIP) :])
                    return
        except Exception as problem:
            raise UnexpectedDataError(f"Error while processing ProxyAddressesToSipAddress rule extension: {problem}") from problem

    # 3.2 Export

    def profile_identifier(self, mv: MvEntry, cs: CsEntry) -> None:
        try:
            domain = self.domain_of(mv.text("distinguishedName"))
            if domain:
                cs.set("ProfileIdentifier", f"{domain}\\{mv.text('accountName')}")
        except Exception as problem:
            raise UnexpectedDataError(f"Error while processing Set-SPS-ProfileIdentifier-Out rule extension: {problem}") from problem

    @staticmethod
    def preferred_name(mv: MvEntry, cs: CsEntry) -> None:
        try:
            name = trim(mv.text("displayName")) if mv.present("displayName") else ""
            name = name or name_from_dn(mv.text("distinguishedName")) or ""
            if name:
                cs.set("PreferredName", name)
            elif cs.present("PreferredName"):
                cs.clear("PreferredName")
        except Exception as problem:
            raise DeclineMappingError from problem

    def domain_of(self, dn: str) -> str | None:
        """The NetBIOS name of a DN's domain out of the metaverse, else its first label in capitals."""
        key = domain_key(dn)
        if key is None:
            return None
        folded = upper_invariant(key)
        if folded not in self.domains:
            self._load_domains()
        if folded not in self.domains:
            self.domains[folded] = upper_invariant(key.split(",")[0][3:])
        return self.domains[folded]

    def _load_domains(self) -> None:
        for entry in self.utilities.find_mv_entries("type", "DomainInfo"):
            if entry.object_type != "domain":
                continue
            dn = entry.text("distinguishedName")
            folded = upper_invariant(dn)
            if folded in self.domains:
                continue
            name = upper_invariant(entry.text("dc"))
            for crossref in self.utilities.find_mv_entries("nCName", dn):
                if crossref.present("nETBIOSName") and crossref.text("nETBIOSName"):
                    name = crossref.text("nETBIOSName")
                    break
            self.domains[folded] = name

    # 3.3 Projection

    def should_project(self, cs: CsEntry) -> str:
        if cs.object_type == "user":
            source = cs.text("msDS-SourceObjectDN") if cs.present("msDS-SourceObjectDN") else ""
            return "contact" if source and source != cs.dn else "Person"
        if cs.object_type == "group":
            hidden = cs.present("hideDLMembership") and cs.values("hideDLMembership")[0] is True
            return "" if hidden else "group"
        if cs.object_type == "contact":
            source = cs.text("msDS-SourceObjectDN")
            return "" if not source or equals_ignoring_case(source, cs.dn) else "contact"
        raise UnexpectedDataError(f"Unsupported object type - {cs.object_type}")

    # 3.4 Provision

    def provision(self, mv: MvEntry) -> None:
        connectors = mv.connectors(self.agent_name)
        rule = PROVISIONED.get(fold(mv.object_type))
        if rule is None or len(connectors) > 0 or not mv.present(rule[1]):
            return
        kind, source = rule
        connector = connectors.new(kind)
        if kind == "user":
            for name in mv.present_names():
                if name in PERSON_VALUES:
                    connector.set(PERSON_VALUES[name], *mv.values(name))
        connector.set("Anchor", mv.text(source))
        try:
            connector.commit()
        except ObjectAlreadyExistsError:
            if kind == "user":
                raise


def sharepoint_registry(*assemblies: str, agent_name: str = SHAREPOINT_AGENT) -> Registry:
    """A registry in which these assemblies are the PnP extension or behave like it."""
    factory: Callable[[Utilities], RulesExtension] = partial(SharePointRules, agent_name=agent_name)
    return Registry(dict.fromkeys(assemblies or ("SharePointSynchronization.dll",), factory))
