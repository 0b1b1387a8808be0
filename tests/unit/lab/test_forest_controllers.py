# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Controllers of several domains as modules, verbs and agents meet them: who answers, for whom, and who is refused."""

from __future__ import annotations

import json

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.build import build_estate
from ansible_collections.mimsync.sharepoint.lab.estate.directory import Directory
from ansible_collections.mimsync.sharepoint.lab.estate.directory_forest import grant
from ansible_collections.mimsync.sharepoint.lab.estate.directory_security import GET_CHANGES
from ansible_collections.mimsync.sharepoint.lab.estate.domains import domain_of
from ansible_collections.mimsync.sharepoint.lab.estate.estate import Estate, EstateOptions
from ansible_collections.mimsync.sharepoint.lab.estate.system_directory import DirectorySystem
from ansible_collections.mimsync.sharepoint.lab.modules.registry import ModuleFailure
from ansible_collections.mimsync.sharepoint.lab.verbs.registry import ScriptError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.systems.base import ChangeType, ExportedChange, ImportRequest, SystemConnectionError
from directory_support import Ad

CORP, EMEA, PARTNER = "DC=corp,DC=example,DC=com", "DC=emea,DC=corp,DC=example,DC=com", "DC=partner,DC=example,DC=net"


@pytest.fixture
def estate() -> Estate:
    return build_estate(EstateOptions(people=8, child_domain=True, second_forest=True))


def on(estate: Estate, host: str, **more: object) -> Ad:
    return Ad(estate.hosts[host], **more)  # type: ignore[arg-type]  # fields of the caller


def names(ad: Ad, **options: str) -> list[str]:
    found = ad("object_info", ldap_filter="(&(objectClass=organizationalUnit)(ou=Staff))", **options)["objects"]
    return [item["DistinguishedName"] for item in found]


# --- the cmdlets ---------------------------------------------------------------------------------------------------


def test_each_controller_answers_for_its_domain(estate: Estate) -> None:
    assert {host: names(on(estate, host)) for host in ("DC1", "DC2", "DC3")} == {
        "DC1": [f"OU=Staff,{CORP}"],
        "DC2": [f"OU=Staff,{EMEA}"],
        "DC3": [f"OU=Staff,{PARTNER}"],
    }


@pytest.mark.parametrize("server", ["dc2.emea.corp.example.com", "DC2", "emea.corp.example.com", "EMEA"])
def test_another_domain_of_the_forest_is_asked_by_name_with_a_delegated_logon(estate: Estate, server: str) -> None:
    assert names(on(estate, "DC1"), domain_server=server) == [f"OU=Staff,{EMEA}"]
    with pytest.raises(ModuleFailure, match="Unable to contact the server"):
        names(on(estate, "DC1", delegates=False), domain_server=server)


def test_another_forest_wants_an_account_of_its_own(estate: Estate) -> None:
    server = {"domain_server": "partner.example.net"}
    with pytest.raises(ModuleFailure, match="rejected the client credentials"):
        names(on(estate, "DC1"), **server)
    secrets = estate.extra["secrets"]
    with pytest.raises(ModuleFailure, match="rejected the client credentials"):
        names(on(estate, "DC1"), **server, domain_username="EXAMPLE\\mimsetup", domain_password=secrets["vault_mimsetup_password"])
    known = {"domain_username": "PARTNER\\mimsetup", "domain_password": secrets["vault_partner_mimsetup_password"]}
    assert names(on(estate, "DC1"), **server, **known) == [f"OU=Staff,{PARTNER}"]


def test_a_user_is_made_where_the_controller_is(estate: Estate) -> None:
    ad = on(estate, "DC2")
    assert ad("user", name="new", password="Lab-Secret.12", path=f"OU=Staff,{EMEA}")["changed"]
    assert domain_of(estate.hosts["DC2"]).resolve("EMEA\\new") is not None
    assert estate.directory.resolve("EXAMPLE\\new") is None
    with pytest.raises(ModuleFailure, match="referral"):
        ad("user", name="other", password="Lab-Secret.12", path=f"OU=Staff,{CORP}")


# --- rights --------------------------------------------------------------------------------------------------------


def test_rights_on_the_new_domain_go_to_an_account_of_the_first(estate: Estate) -> None:
    answer = on(estate, "DC2").verb("directory_security_read", Paths=["domain"], Trustees=["EXAMPLE\\mimsetup"]).result
    setup = estate.directory.resolve("mimsetup")
    assert setup is not None
    assert answer["objects"]["domain"]["dn"] == EMEA
    assert answer["trustees"]["EXAMPLE\\mimsetup"] == {"sid": setup.sid, "account": "EXAMPLE\\mimsetup"}
    assert (answer["domain_sid"], answer["root_sid"]) == (domain_of(estate.hosts["DC2"]).domain_sid, estate.directory.domain_sid)


def test_objects_of_another_domain_are_referred_and_accounts_of_another_forest_unknown(estate: Estate) -> None:
    with pytest.raises(ScriptError, match="referral"):
        on(estate, "DC1").verb("directory_security_read", Paths=[f"OU=Staff,{EMEA}"], Trustees=[])
    found = on(estate, "DC1").verb("directory_security_read", Paths=["domain"], Trustees=["PARTNER\\mimsetup"]).result["trustees"]
    assert found == {"PARTNER\\mimsetup": {"sid": "", "account": ""}}


# --- an agent ------------------------------------------------------------------------------------------------------


def agent_of(estate: Estate) -> DirectorySystem:
    """As an account of the first domain that may replicate changes there alone."""
    account = estate.directory.create(f"CN=svc,CN=Users,{CORP}", "user", {"sAMAccountName": "svc"})
    grant(estate.directory, CORP, f"(OA;;CR;{GET_CHANGES};;{account.sid})")
    return DirectorySystem(estate, "dc1:389", account.sid)


def imported(system: DirectorySystem, partition: str) -> list[str]:
    request = ImportRequest(partition, ("user",), ("manager", "name"), inclusions=(f"OU=Staff,{partition}",))
    return [item.dn for page in system.import_pages(request) for item in page.objects]


def refused(system: DirectorySystem, partition: str) -> tuple[str, str, str]:
    with pytest.raises(SystemConnectionError) as caught:
        imported(system, partition)
    return caught.value.step_result, caught.value.connection_result, caught.value.code


def test_each_partition_is_read_at_its_own_controller_with_the_right_there(estate: Estate) -> None:
    system, emea = agent_of(estate), domain_of(estate.hosts["DC2"])
    assert imported(system, CORP)
    assert refused(system, EMEA) == ("stopped-connectivity", "failed-search", "8453")
    grant(emea, EMEA, f"(OA;;CR;{GET_CHANGES};;{system.account})")
    assert all(dn.endswith(EMEA) for dn in imported(system, EMEA))


def test_a_controller_that_is_away_stops_its_partition_alone(estate: Estate) -> None:
    system, emea = agent_of(estate), domain_of(estate.hosts["DC2"])
    grant(emea, EMEA, f"(OA;;CR;{GET_CHANGES};;{system.account})")
    estate.hosts["DC2"].reachable = False
    assert imported(system, CORP)
    assert refused(system, EMEA) == ("stopped-connectivity", "failed-connection", "81")


def test_exports_go_to_the_domain_that_holds_the_object(estate: Estate) -> None:
    emea = domain_of(estate.hosts["DC2"])
    system = DirectorySystem(estate, "dc1:389", None)
    change = ExportedChange(ChangeType.ADD, "1", "", f"CN=fresh,OU=Staff,{EMEA}", "user", {"sAMAccountName": ("fresh",)})
    (result,) = system.export([change])
    assert (result.error, result.dn) == ("", f"CN=fresh,OU=Staff,{EMEA}")
    assert emea.resolve("EMEA\\fresh") is not None
    moved = ExportedChange(ChangeType.UPDATE, "2", result.anchor, f"CN=fresh,OU=Staff,{CORP}", "user", {})
    assert [one.error for one in system.export([moved])] == ["cd-error"], "accounts do not move between domains"


# --- what the server is told ---------------------------------------------------------------------------------------


def forest_facts(estate: Estate, **question: object) -> dict[str, object]:
    asked = {"agent": "ADMA", "forest": "corp.example.com", "account": "", "containers": [], **question}
    answer = (
        on(estate, "MIM1")
        .verb("configuration_read", SourceFolder="", StateFile="", JournalFile="", Agents=[], Questions=json.dumps([asked]), Passwords=None)
        .result
    )
    found: dict[str, object] = answer["forests"][0]
    return found


def test_a_forest_tells_all_of_its_domains(estate: Estate) -> None:
    places = [{"dn": f"OU=Staff,{EMEA}", "domain": "emea.corp.example.com"}, {"dn": f"OU=Staff,{EMEA}", "domain": "corp.example.com"}]
    facts = forest_facts(estate, containers=places)
    assert [(item["dn"], item["netbios"]) for item in facts["contexts"]] == [(f"CN=Configuration,{CORP}", ""), (CORP, "EXAMPLE"), (EMEA, "EMEA")]  # type: ignore[attr-defined]
    assert [item["exists"] for item in facts["containers"]] == [True, False]  # type: ignore[attr-defined]


def test_a_forest_without_trust_lets_nobody_in_but_its_own(estate: Estate) -> None:
    assert forest_facts(estate, forest="partner.example.net")["error"] == "An operations error occurred."
    assert forest_facts(estate, forest="nowhere.example.org")["error"].startswith("The specified domain either does not exist")  # type: ignore[attr-defined]


def test_every_domain_has_its_own_administrator(estate: Estate) -> None:
    found: list[Directory] = [domain_of(host) for host in estate.hosts.values() if host.name.startswith("DC")]
    assert len({domain.resolve(f"{domain.netbios_name}\\Administrator").sid for domain in found}) == 3  # type: ignore[union-attr]
