# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The decision tables of the PnP rules extension (reference page `rules-extension` section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.extension import (
    CsEntry,
    DeclineMappingError,
    EntryPointNotImplementedError,
    MvEntry,
    NoSuchAttributeError,
    ObjectAlreadyExistsError,
    UnexpectedDataError,
    Vocabulary,
)
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.functions import PERSON_VALUES, SharePointRules
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.text import domain_key, fold, name_from_dn, sid_text, trim, upper_invariant
from hypothesis import given
from hypothesis import strategies as st

NAMES = [
    "objectSID", "stringSID", "nCName", "proxyAddresses", "SPS-SipAddress", "distinguishedName", "accountName", "sAMAccountName", "displayName",
    "PreferredName", "ProfileIdentifier", "msDS-SourceObjectDN", "hideDLMembership", "dc", "nETBIOSName", "type", "Anchor", "department", "mail",
    "objectSid", "lastName", "firstName", "telephoneNumber",
]  # fmt: skip
WORDS = Vocabulary({spelled: name for name in reversed(NAMES) for spelled in (name, name.lower())}, frozenset(), str)
SIP = "ProxyAddressesToSipAddress:proxyAddresses,SPS-SipAddress"
DOMAIN = "GetDomain:distinguishedName,domain"
DISPLAY = "GetDisplayName:displayName,PreferredName"


def values_of(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, tuple) else (value,) for name, value in values.items()}


def cs(object_type: str = "user", dn: str = "CN=a,DC=x", **values: Any) -> CsEntry:
    return CsEntry("ADMA", dn, object_type, values_of(values), WORDS)


def mv(object_type: str = "person", connectors: Any = None, **values: Any) -> MvEntry:
    return MvEntry(1, object_type, values_of(values), WORDS, connectors)


class Metaverse:
    """What FindMVEntries finds."""

    def __init__(self, *entries: MvEntry) -> None:
        self.entries = entries
        self.searches = 0

    def find_mv_entries(self, attribute: str, value: Any) -> Iterable[MvEntry]:
        self.searches += 1
        return [entry for entry in self.entries if value in entry.values(attribute)]


def rules(*entries: MvEntry) -> SharePointRules:
    return SharePointRules(Metaverse(*entries))


# 3.1 Import


@pytest.mark.parametrize(
    ("addresses", "written"),
    [
        (("SMTP:a@x", "sip:a@x", "SIP:b@x"), {"SPS-SipAddress": ("a@x",)}),
        (("SiP: a ",), {"SPS-SipAddress": (" a ",)}),
        (("sip:",), {"SPS-SipAddress": ("",)}),
        (("xsip:a", "smtp:b"), {}),
        (("\u017fip:a",), {}),
        ((), {}),
    ],
)
def test_the_first_sip_address_counts(addresses: tuple[str, ...], written: dict[str, Any]) -> None:
    target = mv()
    rules().import_rule(SIP)(cs(proxyAddresses=addresses), target)
    assert target.written == written


def test_a_security_identifier_becomes_text() -> None:
    target = mv()
    rules().import_rule("DomainSIDToString")(cs(objectSID=bytes.fromhex("010500000000000515000000010000000200000003000000f4010000")), target)
    assert target.written == {"stringSID": ("S-1-5-21-1-2-3-500",)}
    rules().import_rule("DomainSIDToString")(cs(), target := mv())
    assert target.written == {}
    with pytest.raises(UnexpectedDataError, match="Error while processing DomainSIDToString"):
        rules().import_rule("DomainSIDToString")(cs(objectSID=b"\x01"), mv())


def test_the_naming_context_is_taken_as_text_and_nothing_is_caught() -> None:
    rules().import_rule("ConvertToString:nCName,nCName")(cs(nCName="DC=x"), target := mv())
    assert target.written == {"nCName": ("DC=x",)}
    with pytest.raises(ValueError, match="nCName"):
        rules().import_rule("ConvertToString:nCName,nCName")(cs(), mv())


@pytest.mark.parametrize("name", ["Unknown", SIP.lower(), "ProxyAddressesToSipAddress:proxyAddresses,Other"])
def test_an_unknown_rule_name_does_nothing(name: str) -> None:
    rules().import_rule(name)(cs(proxyAddresses="sip:a"), target := mv())
    rules().export_rule(name)(mv(), source := cs())
    assert target.written == {} and source.written == {}


# 3.2 Export

CORP = mv("domain", type="DomainInfo", distinguishedName="DC=corp,DC=example,DC=com", dc="corp")
CROSSREF = mv("crossref", nCName="DC=corp,DC=example,DC=com", nETBIOSName="Example")


@pytest.mark.parametrize(
    ("entries", "dn", "identifier"),
    [
        ((CORP, CROSSREF), "CN=a,OU=b,DC=corp,DC=example,DC=com", "Example\\jo"),
        ((CORP, CROSSREF), "CN=a,dc=CORP,DC=Example,DC=com", "Example\\jo"),
        ((CORP,), "CN=a,DC=corp,DC=example,DC=com", "CORP\\jo"),
        ((), "CN=a,DC=straße,DC=com", "STRAßE\\jo"),
        ((mv("group", type="DomainInfo", distinguishedName="DC=corp", dc="wrong"),), "CN=a,DC=corp", "CORP\\jo"),
        ((), "CN=a\\,DC=not,DC=this,DC=com", "THIS\\jo"),
        ((), "CN=a\\\\,DC=this,DC=com", "THIS\\jo"),
        ((), "DC=contoso,DC=com", "COM\\jo"),
        ((), "CN=a, DC=contoso", None),
        ((), "CN=a", None),
    ],
)
def test_the_profile_identifier(entries: tuple[MvEntry, ...], dn: str, identifier: str | None) -> None:
    rules(*entries).export_rule(DOMAIN)(mv(distinguishedName=dn, accountName="jo"), target := cs())
    assert target.written == ({} if identifier is None else {"ProfileIdentifier": (identifier,)})


@pytest.mark.parametrize("missing", ["distinguishedName", "accountName"])
def test_a_profile_identifier_needs_both_its_sources(missing: str) -> None:
    values = {"distinguishedName": "CN=a,DC=x", "accountName": "jo"}
    del values[missing]
    with pytest.raises(UnexpectedDataError, match="Error while processing Set-SPS-ProfileIdentifier-Out"):
        rules().export_rule(DOMAIN)(mv(**values), cs())


def test_a_guessed_domain_name_is_kept_until_the_extension_is_loaded_again() -> None:
    loaded = rules()
    assert loaded.domain_of("CN=a,DC=corp,DC=example,DC=com") == "CORP"
    loaded.utilities = Metaverse(CORP, CROSSREF)
    assert loaded.domain_of("CN=b,DC=corp,DC=example,DC=com") == "CORP"
    assert rules(CORP, CROSSREF).domain_of("CN=b,DC=corp,DC=example,DC=com") == "Example"


@pytest.mark.parametrize(
    ("values", "before", "written"),
    [
        ({"displayName": " Jo \xa0"}, {}, {"PreferredName": ("Jo",)}),
        ({"displayName": "\x1c"}, {}, {"PreferredName": ("\x1c",)}),
        ({"displayName": "  ", "distinguishedName": "CN=Doe\\, Jo,DC=x"}, {}, {"PreferredName": ("Doe, Jo",)}),
        ({"distinguishedName": "CN=,DC=x"}, {"PreferredName": "old"}, {"PreferredName": ()}),
        ({"distinguishedName": "CN=,DC=x"}, {}, {}),
    ],
)
def test_the_preferred_name(values: dict[str, Any], before: dict[str, Any], written: dict[str, Any]) -> None:
    rules().export_rule(DISPLAY)(mv(**values), target := cs(**before))
    assert target.written == written


def test_without_any_name_the_mapping_is_declined() -> None:
    with pytest.raises(DeclineMappingError):
        rules().export_rule(DISPLAY)(mv(), cs())


@pytest.mark.parametrize(
    ("dn", "name"),
    [
        ("", None),
        ("CN=Jo,DC=x", "Jo"),
        ("Jo", "Jo"),
        ("CN=a+B=c,DC=x", "a+B=c"),
        ("CN=J\\C3\\B6rg,DC=x", "Jörg"),
        ("CN=a\\0Ab,DC=x", "a b"),
        ("CN=a\nb", "a\nb"),
        ("CN=a\\4,b", "a@,b"),
        ("CN=a\\4\\b", "a@\\b"),
        ("CN=a\\\\b", "a\\b"),
        ("CN=a\\", "a"),
        ("CN=a\\C", "a"),
        ("CN= a ", "a"),
    ],
)
def test_the_name_out_of_a_distinguished_name(dn: str, name: str | None) -> None:
    assert name_from_dn(dn) == name


# 3.3 Projection


@pytest.mark.parametrize(
    ("entry", "answer"),
    [
        (cs("user"), "Person"),
        (cs("user", **{"msDS-SourceObjectDN": ""}), "Person"),
        (cs("user", "CN=a,DC=x", **{"msDS-SourceObjectDN": "CN=a,DC=x"}), "Person"),
        (cs("user", "CN=a,DC=x", **{"msDS-SourceObjectDN": "cn=a,DC=x"}), "contact"),
        (cs("group"), "group"),
        (cs("group", hideDLMembership=False), "group"),
        (cs("group", hideDLMembership=True), ""),
        (cs("contact", **{"msDS-SourceObjectDN": ""}), ""),
        (cs("contact", "CN=a,DC=x", **{"msDS-SourceObjectDN": "cn=A,dc=X"}), ""),
        (cs("contact", **{"msDS-SourceObjectDN": "CN=b,DC=y"}), "contact"),
    ],
)
def test_projection(entry: CsEntry, answer: str) -> None:
    assert rules().should_project(entry) == answer


def test_other_types_are_not_projected_and_a_contact_needs_its_source() -> None:
    with pytest.raises(UnexpectedDataError, match="Unsupported object type - User"):
        rules().should_project(cs("User"))
    with pytest.raises(ValueError, match="msDS-SourceObjectDN"):
        rules().should_project(cs("contact"))


# 3.4 Provision


class Connectors:
    def __init__(self, count: int = 0, *, taken: bool = False) -> None:
        self.count = count
        self.taken = taken
        self.made: list[tuple[str, dict[str, Any]]] = []

    def __len__(self) -> int:
        return self.count

    def __call__(self, name: str) -> Connectors:
        assert name == "SPMA"
        return self

    def new(self, object_type: str) -> Connectors:
        self.draft: tuple[str, dict[str, Any]] = (object_type, {})
        return self

    def set(self, name: str, *values: Any) -> None:
        self.draft[1][name] = values

    def commit(self) -> None:
        if self.taken:
            raise ObjectAlreadyExistsError("taken")
        self.made.append(self.draft)

    def deprovision_all(self) -> None:
        raise AssertionError("nothing is taken away")


@pytest.mark.parametrize(
    ("object_type", "values", "made"),
    [
        ("person", {"accountName": "jo", "mail": "m"}, [("user", {"AccountName": ("jo",), "WorkEmail": ("m",), "Anchor": ("jo",)})]),
        ("PERSON", {"accountName": "jo"}, [("user", {"AccountName": ("jo",), "Anchor": ("jo",)})]),
        ("person", {"mail": "m"}, []),
        ("group", {"accountName": "g", "mail": "m"}, [("group", {"Anchor": ("g",)})]),
        ("contact", {"accountName": "c"}, []),
        ("contact", {"sAMAccountName": "c"}, [("contact", {"Anchor": ("c",)})]),
        ("domain", {"accountName": "d"}, []),
    ],
)
def test_provision(object_type: str, values: dict[str, Any], made: list[Any]) -> None:
    connectors = Connectors()
    rules().provision(mv(object_type, connectors, **values))
    assert connectors.made == made


def test_an_object_with_a_connector_is_left_alone() -> None:
    rules().provision(mv("person", connectors := Connectors(1), accountName="jo"))
    assert connectors.made == []


def test_a_taken_anchor_is_an_error_for_people_only() -> None:
    with pytest.raises(ObjectAlreadyExistsError):
        rules().provision(mv("person", Connectors(taken=True), accountName="jo"))
    rules().provision(mv("group", Connectors(taken=True), accountName="g"))
    rules().provision(mv("contact", Connectors(taken=True), sAMAccountName="c"))


@given(st.dictionaries(st.sampled_from([*PERSON_VALUES, "sAMAccountName", "dc"]), st.text(min_size=1)))
def test_a_new_profile_holds_exactly_the_mapped_values(values: dict[str, str]) -> None:
    rules().provision(mv("person", connectors := Connectors(), **values))
    wanted = {PERSON_VALUES[name]: (value,) for name, value in values.items() if name in PERSON_VALUES}
    assert connectors.made == ([("user", {**wanted, "Anchor": (values["accountName"],)})] if "accountName" in values else [])


def test_what_the_solution_does_not_use_is_not_implemented() -> None:
    for call in (lambda: rules().filter_for_disconnection(cs()), lambda: rules().should_delete(cs(), mv()), lambda: rules().deprovision(cs())):
        with pytest.raises(EntryPointNotImplementedError):
            call()
    with pytest.raises(NoSuchAttributeError):
        cs().values("unknown")


# Text


@given(st.text())
def test_text_of_any_kind_does_no_harm(text: str) -> None:
    assert len(upper_invariant(text)) == len(text) == len(fold(text))
    assert trim(text) in text
    name_from_dn(text)
    domain_key(text)


@given(
    st.text(st.characters(blacklist_characters="\\,", blacklist_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1), st.sampled_from([",", "\\", '"', "#"])
)
def test_an_escaped_character_is_part_of_the_name(name: str, special: str) -> None:
    assert name_from_dn(f"CN={name}\\{special}z,DC=x") == trim(f"{name}{special}z")


@given(st.text(st.characters(blacklist_characters="\\,="), min_size=1).filter(lambda text: trim(text) == text))
def test_utf8_escapes_give_the_character_back(name: str) -> None:
    escaped = "".join(f"\\{byte:02x}" for byte in name.encode("utf-8", "replace"))
    decoded = name_from_dn(f"CN={escaped},DC=x")
    assert decoded is not None
    assert decoded == trim("".join(" " if ord(char) < 32 or 127 <= ord(char) < 160 else char for char in name.encode("utf-8", "replace").decode()))


@given(st.lists(st.integers(0, 2**32 - 1), max_size=15), st.integers(0, 2**48 - 1))
def test_security_identifiers(parts: list[int], authority: int) -> None:
    sid = bytes([1, len(parts)]) + authority.to_bytes(6, "big") + b"".join(part.to_bytes(4, "little") for part in parts)
    assert sid_text(sid) == "-".join(["S", "1", str(authority), *map(str, parts)])
