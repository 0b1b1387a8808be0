# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""win_service and win_service_info, and which accounts a service may start with."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.host import Host, Service
from ansible_collections.mimsync.sharepoint.lab.estate.principals import resolve
from ansible_collections.mimsync.sharepoint.lab.estate.restart import restart_host
from ansible_collections.mimsync.sharepoint.lab.estate.services import BEHAVIOURS, ServiceProblem, start_service
from ansible_collections.mimsync.sharepoint.lab.modules.registry import ModuleFailure
from host_support import PASSWORD, Caller, password_hash

MODULE = "ansible.windows.win_service"
NAME = "FIMSynchronizationService"


@pytest.fixture
def service(member: Caller) -> Service:
    """A stopped service of svc-mimsync, who may log on as a service."""
    made = Service(NAME, "Forefront Identity Manager Synchronization Service", "C:\\miiserver.exe", account="EXAMPLE\\svc-mimsync")
    made.password_hash = password_hash()
    made.dependencies = ["Winmgmt"]
    member.host.services[NAME.casefold()] = made
    member.host.user_rights["SeServiceLogonRight"].add(sid(member, "svc-mimsync"))
    return made


def sid(member: Caller, account: str) -> str:
    found = resolve(member.host, f"EXAMPLE\\{account}")
    assert found is not None
    return found


def test_start_is_checked_applied_and_repeated(member: Caller, service: Service) -> None:
    assert member.checking()(MODULE, name=NAME, state="started")["changed"]
    assert service.state == "stopped"
    answer = member(MODULE, name=NAME, state="started")
    assert (answer["changed"], answer["state"], service.state) == (True, "running", "running")
    assert not member(MODULE, name=NAME, state="started")["changed"]


def drop_right(member: Caller, service: Service) -> None:
    member.host.user_rights["SeServiceLogonRight"].discard(sid(member, "svc-mimsync"))


def deny_right(member: Caller, service: Service) -> None:
    member.host.user_rights["SeDenyServiceLogonRight"] = {sid(member, "svc-mimsync")}


def keep_old_password(member: Caller, service: Service) -> None:
    service.password_hash = password_hash("old")


def forget_account(member: Caller, service: Service) -> None:
    service.account = "EXAMPLE\\nobody"


@pytest.mark.parametrize(("spoil", "why"), [(drop_right, "right"), (deny_right, "right"), (keep_old_password, "password"), (forget_account, "password")])
def test_a_service_whose_account_cannot_log_on_does_not_start(member: Caller, service: Service, spoil: Any, why: str) -> None:
    spoil(member, service)
    with pytest.raises(ModuleFailure, match=rf"cannot be started due to the following error: Cannot start service {NAME} on computer '\.'\."):
        member(MODULE, name=NAME, state="started")
    assert member("ansible.windows.win_service_info", name=NAME)["services"][0]["win32_exit_code"] == 1069
    logged = [event["message"] for event in member.host.events if event["source"] == "Service Control Manager"]
    assert any("The service did not start due to a logon failure." in text for text in logged)
    assert any(("requested logon type" if why == "right" else "password is incorrect") in text for text in logged)


def test_right_through_a_group_is_enough(member: Caller, service: Service) -> None:
    member.host.user_rights["SeServiceLogonRight"] = {f"{member.directory.domain_sid}-513"}
    assert member(MODULE, name=NAME, state="started")["changed"]


def test_disabled_account_stops_a_service_from_starting(member: Caller, service: Service) -> None:
    entry = member.directory.resolve("svc-mimsync")
    assert entry is not None
    member.directory.set(entry, {"userAccountControl": 0x202})
    with pytest.raises(ServiceProblem) as caught:
        start_service(member.host, service)
    assert caught.value.code == 1069


def test_new_password_is_stored_with_always_only(member: Caller, service: Service) -> None:
    service.password_hash = password_hash("old")
    assert not member(MODULE, name=NAME, username="EXAMPLE\\svc-mimsync", password=PASSWORD)["changed"]
    assert member(MODULE, name=NAME, username="EXAMPLE\\svc-mimsync", password=PASSWORD, update_password="always")["changed"]
    assert service.password_hash == password_hash()


def test_other_account_is_set_with_its_password(member: Caller, service: Service) -> None:
    answer = member.diffing()(MODULE, name=NAME, username="svc-photo@corp.example.com", password=PASSWORD)
    assert (answer["changed"], service.account, answer["username"]) == (True, "EXAMPLE\\svc-photo", "EXAMPLE\\svc-photo")
    assert PASSWORD not in str(answer)


def test_stop_needs_force_with_running_dependents(member: Caller, service: Service) -> None:
    member(MODULE, name=NAME, state="started")
    with pytest.raises(ModuleFailure, match=r"because it has dependent services\. It can only be stopped if the Force flag is set\."):
        member(MODULE, name="Winmgmt", state="stopped")
    assert member(MODULE, name="Winmgmt", state="stopped", force_dependent_services=True)["changed"]
    assert service.state == "stopped"


def test_start_brings_the_dependencies_up(member: Caller, service: Service) -> None:
    member.host.services["winmgmt"].state = "stopped"
    member(MODULE, name=NAME, state="started")
    assert member.host.services["winmgmt"].state == "running"


def test_restart_by_force_starts_dependents_again(member: Caller, service: Service) -> None:
    member(MODULE, name=NAME, state="started")
    member(MODULE, name="Winmgmt", state="restarted", force_dependent_services=True)
    assert service.state == "running"


def test_disabled_service_does_not_start(member: Caller, service: Service) -> None:
    member(MODULE, name=NAME, start_mode="disabled")
    with pytest.raises(ModuleFailure, match="cannot be started"):
        member(MODULE, name=NAME, state="started")


def test_service_is_created_configured_and_removed(member: Caller) -> None:
    wanted = {"name": "Own", "path": "C:\\own.exe", "display_name": "Own service", "start_mode": "delayed", "description": "text", "dependencies": ["EventLog"]}
    assert member.checking()(MODULE, **wanted)["changed"]
    assert member.host.service("Own") is None
    answer = member(MODULE, **wanted)
    assert (answer["exists"], answer["display_name"], answer["start_mode"], answer["dependencies"]) == (True, "Own service", "delayed", ["EventLog"])
    assert not member(MODULE, **wanted)["changed"]
    assert member.diffing()(MODULE, name="Own", state="absent")["diff"]["before"]["path"] == "C:\\own.exe"
    assert not member(MODULE, name="Own", state="absent")["changed"]


def test_unknown_service_needs_a_path(member: Caller) -> None:
    with pytest.raises(ModuleFailure, match="Service 'Nope' is not installed, need to set 'path' to create a new service"):
        member(MODULE, name="Nope", state="started")
    assert member(MODULE, name="Nope") == {"changed": False, "exists": False}


def test_behaviour_may_refuse_the_start(member: Caller, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        def start(self, host: Host, service: Service) -> None:
            raise ServiceProblem("no database", 1066)

        def stop(self, host: Host, service: Service) -> None: ...

    monkeypatch.setitem(BEHAVIOURS, "refusing", Refusing())
    service.behaviour = "refusing"
    with pytest.raises(ModuleFailure, match="cannot be started"):
        member(MODULE, name=NAME, state="started")
    assert service.state == "stopped"


def test_group_managed_account_starts_only_where_its_password_may_be_fetched(member: Caller, service: Service) -> None:
    directory, host = member.directory, member.host
    computer = directory.resolve("EXAMPLE\\MIM1$")
    assert computer is not None
    account = directory.create(
        f"CN=gmsa,CN=Managed Service Accounts,{directory.domain_dn}",
        "msDS-GroupManagedServiceAccount",
        {"sAMAccountName": "gmsa$", "msDS-ManagedPasswordInterval": 30, "msDS-GroupMSAMembership": [computer.dn]},
    )
    host.user_rights["SeServiceLogonRight"].add(account.sid)
    service.account, service.password_hash = "EXAMPLE\\gmsa$", ""
    with pytest.raises(ServiceProblem):
        start_service(host, service)
    restart_host(host)
    assert service.state == "running"


def test_info_of_all_services(member: Caller) -> None:
    answer = member("ansible.windows.win_service_info")
    assert {"EventLog", "WinRM"} <= {each["name"] for each in answer["services"]}
    assert member("ansible.windows.win_service_info", name="Nope") == {"changed": False, "exists": False, "services": []}
