# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A child domain and a second forest: what is found, refused, read by change tracking, kept over a save."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import pytest
from ansible_collections.mimsync.sharepoint.lab.demo_inventory import demo_group_variables
from ansible_collections.mimsync.sharepoint.lab.estate.build import build_estate
from ansible_collections.mimsync.sharepoint.lab.estate.directory import Directory, DirectoryError, Entry
from ansible_collections.mimsync.sharepoint.lab.estate.directory_errors import AccessDenied, LogonFailure
from ansible_collections.mimsync.sharepoint.lab.estate.directory_forest import add_domain, create_forest, grant
from ansible_collections.mimsync.sharepoint.lab.estate.directory_security import GET_CHANGES
from ansible_collections.mimsync.sharepoint.lab.estate.domains import domain_holding, domain_named, domain_of, forest_named, server_named
from ansible_collections.mimsync.sharepoint.lab.estate.estate import Estate, EstateOptions
from ansible_collections.mimsync.sharepoint.lab.estate.principals import ADMINISTRATORS, account_name, resolve, token

ROOT, CHILD = "DC=corp,DC=example,DC=com", "DC=emea,DC=corp,DC=example,DC=com"
PASSWORD = "Lab-Secret.1"


@pytest.fixture
def root() -> Directory:
    return create_forest()


@pytest.fixture
def child(root: Directory) -> Directory:
    return add_domain(root, "emea.corp.example.com", "EMEA")


@pytest.fixture(scope="module")
def estate() -> Estate:
    return build_estate(EstateOptions(people=20, child_domain=True, second_forest=True))


def add_user(domain: Directory, name: str) -> Entry:
    return domain.create(f"CN={name},CN=Users,{domain.domain_dn}", "user", {"sAMAccountName": name, "userAccountControl": 0x10200}, password=PASSWORD)


def refusal(action: Callable[[], object]) -> int:
    with pytest.raises(DirectoryError) as caught:
        action()
    return caught.value.code


# --- two domains of one forest -------------------------------------------------------------------------------------


def test_an_account_name_may_be_there_once_in_each_domain(root: Directory, child: Directory) -> None:
    first, second = add_user(root, "anna"), add_user(child, "anna")
    assert root.resolve("EMEA\\anna") is second
    assert child.resolve("EXAMPLE\\anna") is first
    assert (root.resolve("anna"), child.resolve("anna")) == (first, second)
    assert (root.account_name(second.sid), child.account_name(first.sid)) == ("EMEA\\anna", "EXAMPLE\\anna")
    assert refusal(lambda: add_user(child, "Anna")) == 8305


def test_a_principal_name_is_unique_in_the_forest(root: Directory, child: Directory) -> None:
    root.set(add_user(root, "anna"), {"userPrincipalName": "anna@example.com"})
    other = add_user(child, "berta")
    assert refusal(lambda: child.set(other, {"userPrincipalName": "ANNA@example.com"})) == 8648


def test_a_controller_refers_to_another_domain(root: Directory, child: Directory) -> None:
    anna = add_user(child, "anna")
    assert CHILD not in root.naming_contexts()
    for action in (
        lambda: root.set(anna, {"title": "Chief"}),
        lambda: root.delete(anna),
        lambda: root.create(f"CN=ben,CN=Users,{CHILD}", "user", {"sAMAccountName": "ben"}),
        lambda: root.set_password(anna, "Other-Secret.2"),
        lambda: root.move(anna, root.get(f"CN=Users,{ROOT}")),
        lambda: list(root.search(CHILD)),
        lambda: root.changes_since("", CHILD),
    ):
        assert refusal(action) == 8235
    assert not list(root.search(ROOT, query="(sAMAccountName=anna)"))
    child.set(anna, {"title": "Chief"})


def test_references_lead_from_domain_to_domain(root: Directory, child: Directory) -> None:
    boss, anna = add_user(root, "boss"), add_user(child, "anna")
    child.set(anna, {"manager": boss.dn})
    assert boss.values("directReports") == (anna.dn,)
    root.move(boss, root.create(f"OU=Board,{ROOT}", "organizationalUnit"))
    assert anna.get("manager") == f"CN=boss,OU=Board,{ROOT}"


def test_replication_rights_are_those_of_each_domain(root: Directory, child: Directory) -> None:
    agent = add_user(root, "svc")
    grant(root, ROOT, f"(OA;;CR;{GET_CHANGES};;{agent.sid})")
    assert list(root.changes_since("", ROOT, token=root.directory_token(agent.sid)))
    with pytest.raises(AccessDenied):
        child.changes_since("", CHILD, token=child.directory_token(agent.sid))
    grant(child, CHILD, f"(OA;;CR;{GET_CHANGES};;{agent.sid})")
    read = [change.dn for page in child.changes_since("", CHILD, token=child.directory_token(agent.sid)) for change in page.changes]
    assert f"CN=Users,{CHILD}" in read
    assert not [dn for dn in read if not dn.endswith(CHILD)]


def test_administrators_of_the_forest_administer_every_domain_those_of_a_domain_only_it(root: Directory, child: Directory) -> None:
    people = {name: add_user(root, name) for name in ("forest", "domain")}
    for group, name in (("Enterprise Admins", "forest"), ("Domain Admins", "domain")):
        held = root.get(f"CN={group},CN=Users,{ROOT}")
        root.set(held, {"member": [*held.values("member"), people[name].dn]})
    assert ADMINISTRATORS in child.directory_token(people["forest"].sid)
    assert ADMINISTRATORS not in child.directory_token(people["domain"].sid)
    assert ADMINISTRATORS in root.directory_token(people["domain"].sid)
    victim = add_user(child, "victim")
    with pytest.raises(AccessDenied):
        child.delete(victim, token=child.directory_token(people["domain"].sid))
    child.delete(victim, token=child.directory_token(people["forest"].sid))


def test_domain_local_groups_count_in_their_own_domain(root: Directory, child: Directory) -> None:
    anna = add_user(child, "anna")
    kinds = {"local": 0x4, "universal": 0x8}
    groups = {
        name: root.create(f"CN={name},CN=Users,{ROOT}", "group", {"sAMAccountName": name, "groupType": kind | -0x80000000}) for name, kind in kinds.items()
    }
    for group in groups.values():
        root.set(group, {"member": anna.dn})
    assert {group.sid for group in groups.values()} <= root.token(anna.sid)
    assert child.token(anna.sid) & {group.sid for group in groups.values()} == {groups["universal"].sid}
    assert f"{child.domain_sid}-513" in root.token(anna.sid)


def test_the_configuration_names_both_domains(root: Directory, child: Directory) -> None:
    found = {entry.text("nETBIOSName"): entry.text("nCName") for entry in child.search(child.configuration_dn, query="(nETBIOSName=*)")}
    assert found == {"EXAMPLE": ROOT, "EMEA": CHILD}


@pytest.mark.parametrize(("dns", "netbios"), [("emea.other.example.com", "EMEA"), ("apac.corp.example.com", "EXAMPLE")])
def test_a_domain_needs_a_name_of_its_own_below_the_first(root: Directory, dns: str, netbios: str) -> None:
    with pytest.raises(ValueError, match=r"corp\.example\.com"):
        add_domain(root, dns, netbios)


def test_a_saved_forest_comes_back_with_all_domains(root: Directory, child: Directory) -> None:
    boss, anna = add_user(root, "boss"), add_user(child, "anna")
    child.set(anna, {"manager": boss.dn})
    for kept in (pickle.loads(pickle.dumps([root, child])), list(reversed(pickle.loads(pickle.dumps([child, root]))))):
        again, domain = kept
        assert [one.dns_name for one in again.domains] == ["corp.example.com", "emea.corp.example.com"]
        assert again.domains[1] is domain
        assert domain.resolve("anna").get("manager") == boss.dn
        assert domain.by_sid[ADMINISTRATORS].dn == f"CN=Administrators,CN=Builtin,{CHILD}"
        assert domain.verify("EMEA", "anna", PASSWORD).sid == anna.sid
        assert (domain.usn, domain.next_usn(), again.usn) == (root.usn, root.usn + 1, root.usn + 1)
        assert domain.new_sid() == f"{child.domain_sid}-{child.next_rid}"


# --- the estate ----------------------------------------------------------------------------------------------------


def test_further_controllers_have_addresses_after_the_others(estate: Estate) -> None:
    found = {name: (host.fqdn, host.address) for name, host in estate.hosts.items() if name in ("DC2", "DC3")}
    assert found == {"DC2": ("dc2.emea.corp.example.com", "127.20.0.15"), "DC3": ("dc3.partner.example.net", "127.20.0.16")}
    assert set(build_estate(EstateOptions(people=5)).hosts) == {"DC1", "SQL1", "MIM1", "MIM2", "SP1"}


def test_names_of_domains_and_servers_lead_to_them(estate: Estate) -> None:
    emea, partner = domain_of(estate.hosts["DC2"]), domain_of(estate.hosts["DC3"])
    assert (domain_named(estate, "emea"), domain_named(estate, "partner.example.net"), domain_named(estate, "nowhere")) == (emea, partner, None)
    assert (forest_named(estate, "EMEA"), forest_named(estate, "PARTNER")) == (estate.directory, partner)
    assert domain_holding(estate, f"OU=Staff,{CHILD}") is emea
    assert domain_holding(estate, f"CN=Partitions,CN=Configuration,{ROOT}") is estate.directory
    assert domain_holding(estate, "DC=nowhere") is None
    assert server_named(estate, "dc3.partner.example.net") == (estate.hosts["DC3"], partner)


def test_a_host_knows_the_accounts_of_its_own_forest(estate: Estate) -> None:
    mim, partner = estate.hosts["MIM1"], estate.hosts["DC3"]
    somebody = next(iter(domain_of(estate.hosts["DC2"]).search(f"OU=Staff,{CHILD}", query="(objectClass=user)")))
    name = f"EMEA\\{somebody.text('sAMAccountName')}"
    assert (resolve(mim, name), account_name(mim, somebody.sid)) == (somebody.sid, name)
    assert resolve(partner, name) is None
    assert resolve(mim, "PARTNER\\mimsetup") is None
    setup = resolve(partner, "PARTNER\\mimsetup")
    assert setup is not None and ADMINISTRATORS in token(partner, setup)


def test_the_setup_account_administers_the_forest_but_not_the_other_one(estate: Estate) -> None:
    setup = resolve(estate.hosts["MIM1"], "EXAMPLE\\mimsetup")
    assert setup is not None
    assert ADMINISTRATORS in token(estate.hosts["DC2"], setup)
    assert ADMINISTRATORS not in token(estate.hosts["DC3"], setup)
    with pytest.raises(LogonFailure):
        domain_of(estate.hosts["DC3"]).verify("EXAMPLE", "mimsetup", estate.extra["secrets"]["vault_mimsetup_password"])


def test_people_are_there_on_purpose(estate: Estate) -> None:
    first = estate.directory
    emea, partner = domain_of(estate.hosts["DC2"]), domain_of(estate.hosts["DC3"])
    chief = next(entry for entry in first.search(ROOT, query="(title=Managing Director)"))
    for domain in (emea, partner):
        namesake = domain.resolve(f"{domain.netbios_name}\\{chief.text('sAMAccountName')}")
        assert namesake is not None and namesake.text("employeeID") != chief.text("employeeID")
    assert [entry for entry in emea.search(f"OU=Staff,{CHILD}", query="(objectClass=user)") if entry.get("manager") == chief.dn]
    assert [entry for entry in first.search(f"OU=Staff,{ROOT}", query="(objectClass=user)") if str(entry.get("manager") or "").endswith(CHILD)]
    known = {entry.text("employeeID"): entry for entry in first.search(ROOT, query="(employeeID=*)")}
    shared = [entry for entry in partner.search(f"OU=Staff,{partner.domain_dn}", query="(employeeID=*)") if entry.text("employeeID") in known]
    assert len(shared) == 2
    assert all(entry.text("displayName") == known[entry.text("employeeID")].text("displayName") for entry in shared)


def test_the_inventory_logs_on_to_the_other_forest_with_its_own_account(estate: Estate) -> None:
    values = demo_group_variables(estate)["partner_domain_controllers"]
    assert (values["ansible_user"], values["ansible_password"]) == ("PARTNER\\mimsetup", "{{ vault_partner_mimsetup_password }}")
    assert {"vault_partner_mimsetup_password", "vault_svc_adma_partner_password"} <= set(estate.extra["secrets"])
    assert not demo_group_variables(build_estate(EstateOptions(people=5)))
