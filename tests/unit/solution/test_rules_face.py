# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules published by the module rules_extension on a host of the lab, taken up by the service, and taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate import csharp
from ansible_collections.mimsync.sharepoint.lab.estate.directory_sids import nt_hash
from ansible_collections.mimsync.sharepoint.lab.estate.principals import ADMINISTRATORS
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.adoption import render
from ansible_collections.mimsync.sharepoint.tests.unit.lab.mim_estate import PASSWORD, MimEstate, built_in_files, configure, make_mim_estate
from ansible_collections.mimsync.sharepoint.tests.unit.solution.face_support import Caller

ASSEMBLY = "Extensions\\SharePointSynchronization.dll"
RULES = "Extensions\\MimSync.Rules.xml"
LAST_FIRST: dict[str, Any] = {
    "include": ["sharepoint"],
    "flows": [{"name": "GetDisplayName:displayName,PreferredName", "direction": "export", "to": "PreferredName", "value": "{lastName?} / {displayName}"}],
}
SUCCESS = {"success", "completed-no-objects"}


@pytest.fixture
def mim() -> MimEstate:
    made = make_mim_estate(people=4)
    made.service.host.files.remove(made.service.path(ASSEMBLY))
    return made


@pytest.fixture
def caller(mim: MimEstate, monkeypatch: pytest.MonkeyPatch) -> Caller:
    # The compiler's first look is the same on every computer; Mono compiles in tests/conformance.
    monkeypatch.setattr(csharp.shutil, "which", lambda _name: None)
    return Caller(mim.service.host, replace(mim.admin, groups=mim.admin.groups | {ADMINISTRATORS}))


def let_the_service_start(mim: MimEstate) -> None:
    """Password and right, as setup leaves them."""
    service = mim.service.host.services["fimsynchronizationservice"]
    service.password_hash = nt_hash(PASSWORD).hex()
    mim.service.host.user_rights["SeServiceLogonRight"].add(mim.service.account_sid)


def publish(caller: Caller, rules: dict[str, Any], **options: Any) -> dict[str, Any]:
    sources = caller.call("solution_files", rules_engine=True)["sources"]
    return caller.call("rules_extension", sources=sources, rules=rules, **options)


def profile_names(mim: MimEstate) -> list[str]:
    return [str(profile.get("PreferredName")[0]) for profile in mim.farm.service_application.store.live("user")]


def test_rules_are_published_once_with_the_extension_that_reads_them(caller: Caller, mim: MimEstate) -> None:
    files = mim.service.host.files
    rehearsed = publish(caller, LAST_FIRST, check=True)
    assert (rehearsed["changed"], rehearsed["rules_changed"], files.exists(mim.service.path(RULES))) == (True, True, False)
    first = publish(caller, LAST_FIRST, diff=True)
    assert first["changed"]
    assert "rules file: " in first["diff"]["after"]
    assert b"lastName" in files.read(mim.service.path(RULES))
    caller.executions.clear()
    again = publish(caller, LAST_FIRST, diff=True)
    assert (again["changed"], len(caller.executions), "diff" in again) == (False, 2, False)


def test_an_extension_that_reads_no_rules_says_what_becomes_of_those_that_are_there(caller: Caller) -> None:
    assert publish(caller, LAST_FIRST)["notes"] == []
    plain = caller.call("solution_files")["sources"]
    [note] = caller.call("rules_extension", sources=plain, check=True)["notes"]
    assert "MimSync.Rules.xml stays" in note and "decline in silence" in note
    assert caller.call("rules_extension", sources=plain)["notes"] == [note]
    assert caller.call("rules_extension", sources=plain)["notes"] == [], "said when it happens"


def test_changed_rules_keep_the_assembly_and_the_former_file(caller: Caller, mim: MimEstate) -> None:
    publish(caller, LAST_FIRST)
    former = mim.service.host.files.read(mim.service.path(RULES))
    result = publish(caller, {"include": ["sharepoint"]})
    assert (result["changed"], result["reason"], result["restarted"]) == (True, "", False)
    assert mim.service.host.files.read(result["rules_backup"]) == former


def test_wrong_rules_are_told_before_anything_is_asked(caller: Caller) -> None:
    rules = {"flows": [{"name": "x", "direction": "export", "to": "y", "from": "mail", "then": ["uper"]}], "values": {"a": "{$a}"}}
    result = caller.call("rules_extension", sources=[{"path": "C:\\x.cs"}], rules=rules)
    assert result["failed"]
    assert "flows[0].then[0]: 'uper' is no function of rules (did you mean 'upper'?)" in result["msg"]
    assert "values.a: needs itself: a -> a" in result["msg"]
    assert caller.executions == []


def test_the_service_works_by_the_rules_and_is_restarted_for_new_ones(caller: Caller, mim: MimEstate) -> None:
    let_the_service_start(mim)
    publish(caller, LAST_FIRST)
    configure(mim, built_in_files(mim))
    assert set(mim.cycle()) <= SUCCESS
    shown = profile_names(mim)
    assert shown
    assert all(" / " in name for name in shown)
    result = publish(caller, {"include": ["sharepoint"]})
    assert (result["changed"], result.get("restarted")) == (True, True), result.get("msg")
    assert "ansible.windows.win_service" in caller.executions
    assert set(mim.cycle()) <= SUCCESS
    assert not any(" / " in name for name in profile_names(mim))


def test_rules_that_cannot_be_loaded_are_recognized_and_rolled_back(caller: Caller, mim: MimEstate) -> None:
    publish(caller, {"include": ["sharepoint"]})
    publish(caller, LAST_FIRST)
    configure(mim, built_in_files(mim))
    mim.service.host.files.write(mim.service.path(RULES), b"<broken")
    mim.run("ADMA", "FullImport")
    assert mim.run("ADMA", "FullSync") == "stopped-extension-dll-exception"
    rehearsed = caller.call("rules_extension", check=True, state="rolled_back")
    assert (rehearsed["changed"], rehearsed["load_failures"]) == (True, ["ADMA: stopped-extension-dll-exception"])
    result = caller.call("rules_extension", state="rolled_back")
    assert set(result["restored"]) == {mim.service.path(name) for name in (ASSEMBLY, f"{ASSEMBLY}.json", RULES)}
    assert mim.service.host.files.read(mim.service.path(RULES) + ".failed") == b"<broken"
    assert set(mim.cycle()) <= SUCCESS
    assert not caller.call("rules_extension", state="rolled_back")["changed"]


def test_an_assembly_that_is_none_does_not_load(caller: Caller, mim: MimEstate) -> None:
    publish(caller, LAST_FIRST)
    configure(mim, built_in_files(mim))
    mim.service.host.files.write(mim.service.path(ASSEMBLY), b"<html>")
    mim.run("ADMA", "FullImport")
    assert mim.run("ADMA", "FullSync") == "stopped-extension-dll-load"


def test_an_assembly_that_cannot_be_loaded_is_recognized_and_the_former_one_comes_back(caller: Caller, mim: MimEstate) -> None:
    files, assembly = mim.service.host.files, mim.service.path(ASSEMBLY)
    publish(caller, {"include": ["sharepoint"]})
    publish(caller, LAST_FIRST)
    working = files.read(assembly)
    configure(mim, built_in_files(mim))
    files.write(assembly, b"<html>")
    mim.run("ADMA", "FullImport")
    assert mim.run("ADMA", "FullSync") == "stopped-extension-dll-load"
    assert publish(caller, LAST_FIRST, check=True)["load_failures"] == ["ADMA: stopped-extension-dll-load"], "every call tells it"
    result = caller.call("rules_extension", state="rolled_back", diff=True)
    assert (result["changed"], result["reason"]) == (True, "it cannot be loaded (ADMA: stopped-extension-dll-load)")
    assert (files.read(assembly), files.read(assembly + ".failed")) == (working, b"<html>")
    assert set(mim.cycle()) <= SUCCESS


def test_a_service_that_shall_not_be_restarted_is_not(caller: Caller, mim: MimEstate) -> None:
    let_the_service_start(mim)
    publish(caller, LAST_FIRST)
    configure(mim, built_in_files(mim))
    assert set(mim.cycle()) <= SUCCESS
    result = publish(caller, {"include": ["sharepoint"]}, restart="never")
    assert (result["changed"], result["restarted"]) == (True, False)
    assert "ansible.windows.win_service" not in caller.executions


def test_rules_that_flows_of_a_declaration_say_are_published_and_gathered_again(caller: Caller, mim: MimEstate) -> None:
    line = {"through": "person", "to": "SPMA/user/PreferredName", "value": "{lastName}, {firstName}", "nulls": "export"}
    config = {"flows": [line], "agents": [{"name": "ADMA", "credentials": {"username": "x", "password": "Sesame-open-7"}}]}
    sources = caller.call("solution_files", rules_engine=True)["sources"]
    published = caller.call("rules_extension", sources=sources, config=config, diff=True)
    assert 'flows cd.user:PreferredName<-mv.person:lastName,firstName: {"direction": "export", "to": "PreferredName", ' in published["diff"]["after"]
    assert "Sesame-open-7" not in repr(published)
    assert not caller.call("rules_extension", sources=sources, config=config)["changed"]
    configure(mim, render(built_in_files(mim), {"flows": [line]})[1])
    gathered = caller.call("server_configuration", state="gathered")
    lines = [item for agent in gathered["gathered"]["agents"] for item in agent.get("flows", [])]
    assert line in lines
    assert gathered["rules"] == {"include": ["sharepoint"]}


def test_a_preview_works_by_the_rules_that_the_server_has_and_by_those_it_shall_have(caller: Caller, mim: MimEstate) -> None:
    let_the_service_start(mim)
    publish(caller, LAST_FIRST)
    configure(mim, built_in_files(mim))
    mim.cycle()
    assert set(mim.cycle()) <= SUCCESS
    now = caller.call("preview", connector_spaces=True)
    assert now["headline"] == ["Nothing happens to anybody."], now
    assert "MimSync.Rules.xml" in now["notes"][0]
    then = caller.call("preview", connector_spaces=True, desired_rules={"include": ["sharepoint"]})
    assert {(item["agent"], item["attribute"]) for item in then["groups"]} == {("SPMA", "PreferredName")}
    assert all(" / " in name for name in profile_names(mim)), "nothing was changed"


def test_all_faults_of_rules_in_flows_come_before_anything_is_asked(caller: Caller) -> None:
    config = {
        "flows": [{"from": "ADMA/user", "through": "person/mail", "rule": "sip_adress"}, {"from": "ADMA/user", "through": "person/x", "value": "{a|uper}"}]
    }
    for module, options in (("rules_extension", {"sources": [{"path": "C:\\x.cs"}]}), ("server_configuration", {})):
        result = caller.call(module, config=config, **options)
        assert result["failed"]
        assert "flows[0].rule: there is no rule named 'sip_adress' (did you mean 'sip_address'?)" in result["msg"]
        assert "flows[1].value: 'uper' is no function of rules (did you mean 'upper'?)" in result["msg"]
    assert caller.executions == []


def test_nothing_is_rolled_back_without_a_failure(caller: Caller) -> None:
    publish(caller, LAST_FIRST)
    assert not caller.call("rules_extension", state="rolled_back")["changed"]
