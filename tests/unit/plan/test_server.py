# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host answers becomes a plan's input; what a plan needs becomes a host's orders; what comes back is judged."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.apply.application import application_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import pack, read_folder, unpack
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.desired import read_declaration
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import PlanError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan import Plan
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.credentials import known_agents, read_record, remembered, write_record
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.server import notes_for, plan_for, server_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.plan.verification import verify
from plan_support import CONFIG, DOMAIN, EMPTY, STAFF, config

Planner = Callable[..., Plan]
NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)


def answer(files: dict[str, bytes], **values: Any) -> dict[str, Any]:
    found = {
        "installed": True,
        "service": "Running",
        "build": "4.6.34.0",
        "agents": [],
        "files": pack(files),
        "source": {},
        "source_exists": False,
        "state": "",
    }
    return {**found, "forests": [], **values}


def test_host_without_the_service_is_told() -> None:
    with pytest.raises(PlanError, match="is not installed"):
        server_of({"installed": False, "service": ""}).check()
    with pytest.raises(PlanError, match=r"does not run \(it is stopped\)"):
        server_of({"installed": True, "service": "Stopped"}).check()


def test_orders_name_everything_that_the_cmdlet_would_lose(first: Planner) -> None:
    plan = first()
    application = application_of(plan, read_declaration(CONFIG), server_of(answer(EMPTY)), "C:\\B", NOW)
    directory, store = json.loads(application.parameters["Orders"])
    assert directory["forest"] == "corp.example.com"
    assert directory["partitions"] == f"CN=Configuration,{DOMAIN};{DOMAIN}"
    assert directory["containers"] == f"CN=Partitions,CN=Configuration,{DOMAIN};{STAFF}"
    assert store["parameters"]["HostName"] == "sp1.corp.example.com"
    assert store["parameters"]["PictureFlowDirection"] == "Export only (NEVER from SharePoint)"
    assert unpack(json.loads(application.parameters["Files"])) == plan.planned.write()
    assert application.backup == application.parameters["BackupFolder"] == "C:\\B\\2026-01-02T030405.000Z"
    assert application.parameters["Provisioning"] == ""


def test_passwords_travel_as_secrets_alone(first: Planner) -> None:
    application = application_of(first(), read_declaration(CONFIG), server_of(answer(EMPTY)), "C:\\B", NOW)
    assert json.loads(application.secrets["Passwords"]) == {"ADMA": "p1", "SPMA": "p2"}
    assert "p1" not in json.loads(application.parameters["State"])["agents"]["adma"].values()


def test_record_tells_whether_a_password_is_the_last_one(first: Planner) -> None:
    plan, declaration = first(), read_declaration(CONFIG)
    application = application_of(plan, declaration, server_of(answer(EMPTY)), "C:\\B", NOW)
    record = read_record(application.parameters["State"])
    assert known_agents(declaration, record, plan.planned, {}) == {"adma", "spma"}
    other = read_declaration(config(1, credentials={"username": "EXAMPLE\\svc-spma", "password": "new"}))
    assert known_agents(other, record, plan.planned, {}) == {"adma"}
    renamed = read_declaration(config(1, credentials={"username": "EXAMPLE\\svc-sp", "password": "p2"}))
    assert known_agents(renamed, record, plan.planned, {}) == {"adma"}
    assert known_agents(declaration, record, plan.planned, {"adma": "no-start-credentials"}) == {"spma"}
    assert known_agents(declaration, {}, plan.planned, {}) == set()


def test_record_of_another_agent_of_that_name_does_not_count(first: Planner) -> None:
    plan, declaration = first(), read_declaration(CONFIG)
    credentials = declaration.agents[0].credentials
    assert credentials is not None
    record = remembered({}, "ADMA", "{OTHER}", credentials)
    assert known_agents(declaration, record, plan.planned, {}) == set()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"agents": 5}', '{"agents": {"adma": 1}}'])
def test_damaged_record_counts_as_none(text: str) -> None:
    assert read_record(text) == {}


def test_same_password_has_another_digest_each_time() -> None:
    credentials = read_declaration(CONFIG).agents[0].credentials
    assert credentials is not None
    one, two = (write_record(remembered({}, "ADMA", "{A}", credentials)) for _unused in range(2))
    assert one != two


def test_always_sets_every_password(first: Planner) -> None:
    files = first().planned.write()
    declaration = read_declaration(
        {"agents": [{"name": "SPMA", "type": "sharepoint_profile_store", "credentials": {"username": "EXAMPLE\\svc-spma", "password": "p2"}}]}
    )
    server = server_of(answer(files))
    credentials = declaration.agents[0].credentials
    assert credentials is not None
    record = remembered({}, "SPMA", read_folder(files).agent_element("SPMA").find_text("id"), credentials)
    known = server_of(answer(files, state=write_record(record)))
    assert plan_for(declaration, known, "").changes == []
    assert [change.kind for change in plan_for(declaration, known, "", always_password=True).changes] == ["password"]
    assert [change.kind for change in plan_for(declaration, server, "").changes] == ["password"]


def test_server_that_holds_what_was_planned_is_right(first: Planner) -> None:
    plan = first()
    exported = {name: content.replace(b"<version>", b"<version>9") for name, content in plan.planned.write().items()}
    verdict = verify(plan.planned, read_folder(EMPTY), exported)
    assert (verdict.wrong, verdict.notes) == ((), ())


def test_server_that_holds_something_else_is_wrong(first: Planner) -> None:
    plan = first()
    exported = plan.planned.write()
    exported["MA-ADMA.XML"] = exported["MA-ADMA.XML"].replace(f"<inclusion>{STAFF}".encode(), f"<inclusion>{DOMAIN}".encode())
    [wrong] = verify(plan.planned, read_folder(EMPTY), exported).wrong
    assert f"partitions[{DOMAIN}]/inclusions changed from" in wrong


def test_what_the_model_does_not_know_counts_where_the_server_knew_the_document(first: Planner) -> None:
    plan = first()
    exported = plan.planned.write()
    exported["MA-ADMA.XML"] = exported["MA-ADMA.XML"].replace(b"<retry-interval>60", b"<retry-interval>61")
    assert verify(plan.planned, read_folder(EMPTY), exported).wrong == ()
    assert "retry-interval changed from '60' to '61'" in verify(plan.planned, read_folder(EMPTY), exported).notes[0]
    assert "retry-interval changed from '60' to '61'" in verify(plan.planned, plan.planned, exported).wrong[0]


def test_old_build_leaves_the_directory_agents_password_to_its_owner(first: Planner) -> None:
    server = server_of(answer(EMPTY, build="4.3.2064.0"))
    files = first().planned.write()
    plan = plan_for(read_declaration(CONFIG), server_of(answer(files, build="4.3.2064.0")), "")
    assert [change.sentence for change in plan.changes if change.kind == "password"] == ["SPMA: password of EXAMPLE\\svc-spma set"]
    [note] = notes_for(read_declaration(CONFIG), server)
    assert note.startswith("ADMA: build 4.3.2064.0 would lose partitions")
    assert notes_for(read_declaration(CONFIG), server_of(answer(EMPTY))) == []


def test_build_without_the_cmdlets_is_refused() -> None:
    with pytest.raises(PlanError, match=r"of build 4\.3\.1935\.0; its cmdlets need 4\.3\.2064"):
        server_of(answer(EMPTY, build="4.3.1935.0")).check()
