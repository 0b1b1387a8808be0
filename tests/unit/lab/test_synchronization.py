# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The Synchronization Service of the lab: who may do what, which configurations it takes, what its cmdlets change."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.farm import farm_of
from ansible_collections.mimsync.sharepoint.lab.estate.sql import SqlProblem, find_instance
from ansible_collections.mimsync.sharepoint.lab.estate.synchronization import CONNECTOR_FILE, SetupChoices, SynchronizationService
from ansible_collections.mimsync.sharepoint.lab.estate.synchronization_state import AccessDenied, ServiceStopped, SynchronizationProblem
from mim_estate import BUILD, PASSWORD, MimEstate, built_in_files, configure, make_group, make_mim_estate

Change = Callable[[dict[str, bytes]], None]


@pytest.fixture
def mim() -> MimEstate:
    return make_mim_estate(people=6)


@pytest.fixture
def configured(mim: MimEstate) -> MimEstate:
    configure(mim, built_in_files(mim))
    return mim


def replaced(name: str, old: bytes, new: bytes, count: int = 1) -> Change:
    def change(files: dict[str, bytes]) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new, count)

    return change


def tag(content: bytes, path: str) -> str:
    """Text of the first element of that name."""
    found = re.search(rf"<{path}[^>]*>([^<]*)</{path}>".encode(), content)
    assert found is not None
    return found.group(1).decode()


# --- rights


def test_a_member_who_joined_after_the_logon_is_refused(mim: MimEstate) -> None:
    directory = mim.estate.directory
    before = mim.session("svc-spma")
    operators = directory.resolve("MIMSyncoperators")
    member = directory.resolve("svc-spma")
    assert operators is not None and member is not None
    directory.set(operators, {"member": [member.dn]})
    with pytest.raises(AccessDenied, match="0x80070005"):
        mim.service.history(before)
    assert mim.service.history(mim.session("svc-spma")) == []


def test_operators_run_and_browsers_read_but_neither_configures(configured: MimEstate) -> None:
    directory = configured.estate.directory
    browse, member = directory.resolve("MIMSyncbrowse"), directory.resolve("svc-spma")
    assert browse is not None and member is not None
    directory.set(browse, {"member": [member.dn]})
    session = configured.session("svc-spma")
    assert configured.service.counts(session, "SPMA")["NumCSObjects"] == 0
    with pytest.raises(AccessDenied):
        configured.service.start_run(session, "ADMA", "FullImport")
    with pytest.raises(AccessDenied):
        configured.service.export_files(session)


def test_nobody_reaches_a_stopped_service(configured: MimEstate) -> None:
    configured.service.host.services["fimsynchronizationservice"].state = "stopped"
    with pytest.raises(ServiceStopped, match="0x800706BA"):
        configured.service.export_files(configured.admin)


# --- export and import


def test_an_export_gives_back_the_imported_bytes_but_for_server_and_date(mim: MimEstate) -> None:
    files = built_in_files(mim)
    mim.service.import_files(mim.admin, files)
    exported = mim.service.export_files(mim.admin)
    assert sorted(exported) == sorted(["MV.XML", *(f"MA-{tag(files[name], 'id')}.XML" for name in ("MA-ADMA.XML", "MA-SPMA.XML"))])
    mine = exported[f"MA-{tag(files['MA-SPMA.XML'], 'id')}.XML"]
    assert mine.split(b">", 1)[1] == files["MA-SPMA.XML"].split(b">", 1)[1]
    assert b'server="MIM1"' in mine.split(b">", 1)[0]


def test_runs_leave_their_marks_in_an_export_and_nothing_else(configured: MimEstate) -> None:
    before = configured.service.export_files(configured.admin)
    configured.run("SPMA", "FullImport")
    configured.run("SPMA", "Export")
    after = configured.service.export_files(configured.admin)
    lines = [(old, new) for name in before for old, new in zip(before[name].splitlines()[1:], after[name].splitlines()[1:], strict=True) if old != new]
    assert {re.sub(rb"[^a-z-].*", b"", new.strip().lstrip(b"<")) for _unused, new in lines} <= {b"batch-number", b"last-successful-batch", b"water-mark"}
    assert lines


def test_an_export_of_an_export_imports_again(configured: MimEstate) -> None:
    exported = configured.service.export_files(configured.admin)
    configured.service.import_files(configured.admin, exported)
    again = configured.service.export_files(configured.admin)
    assert {name: body.split(b">", 1)[1] for name, body in again.items()} == {name: body.split(b">", 1)[1] for name, body in exported.items()}


def test_no_password_is_in_an_export(configured: MimEstate) -> None:
    assert all(PASSWORD.encode() not in content for content in configured.service.export_files(configured.admin).values())


REFUSALS = [
    pytest.param(replaced("MV.XML", b"</mv-data>", b""), "could not be loaded", id="malformed"),
    pytest.param(lambda files: files.update({"notes.txt": b"x"}), "notes.txt", id="stray-file"),
    pytest.param(lambda files: files.pop("MV.XML"), "MV.XML was not found", id="no-metaverse"),
    pytest.param(lambda files: files.update({"MA-SECOND.XML": files["MA-SPMA.XML"]}), "two management agents", id="duplicate-id"),
    pytest.param(replaced("MA-SPMA.XML", b"<name>SPMA</name>", b"<name>adma</name>"), "already exists", id="duplicate-name"),
    pytest.param(replaced("MA-ADMA.XML", b"<attribute>telephoneNumber</attribute>", b""), "not in the attribute inclusion list", id="not-included"),
    pytest.param(
        replaced("MA-ADMA.XML", b"<attribute>mail</attribute>", b"<attribute>mail</attribute><attribute>nowhere</attribute>"),
        "does not exist in its schema",
        id="not-in-schema",
    ),
    pytest.param(replaced("MV.XML", b'mv-attribute="mail"', b'mv-attribute="post"'), "0x8023050A", id="metaverse-schema"),
    pytest.param(replaced("MA-SPMA.XML", b'mv-object-type="person"', b'mv-object-type="ghost"', 9), "0x8023050A", id="metaverse-class"),
]


@pytest.mark.parametrize(("change", "message"), REFUSALS)
def test_an_import_is_refused_and_changes_nothing(configured: MimEstate, change: Change, message: str) -> None:
    before = configured.service.export_files(configured.admin)
    files = built_in_files(configured)
    change(files)
    with pytest.raises(SynchronizationProblem, match=re.escape(message)):
        configured.service.import_files(configured.admin, files)
    after = configured.service.export_files(configured.admin)
    assert {name: body.split(b">", 1)[1] for name, body in after.items()} == {name: body.split(b">", 1)[1] for name, body in before.items()}


def test_a_lower_case_partition_in_a_run_step_is_refused(mim: MimEstate) -> None:
    files = built_in_files(mim)
    partition = re.search(rb"<partition>(\{[^<]+\})</partition>", files["MA-SPMA.XML"])
    assert partition is not None
    files["MA-SPMA.XML"] = files["MA-SPMA.XML"].replace(partition.group(), partition.group().lower(), 1)
    with pytest.raises(SynchronizationProblem, match="missing partition for run step"):
        mim.service.import_files(mim.admin, files)


def test_an_agent_of_a_missing_connector_is_refused(mim: MimEstate) -> None:
    mim.service.host.files.remove(mim.service.path(f"Extensions\\{CONNECTOR_FILE}"))
    with pytest.raises(SynchronizationProblem, match="has not yet been implemented"):
        mim.service.import_files(mim.admin, built_in_files(mim))


def test_skipped_agents_stay_as_they_are(configured: MimEstate) -> None:
    files = built_in_files(configured)
    replaced("MA-SPMA.XML", b"<ma-companyname>Microsoft<", b"<ma-companyname>Somebody<")(files)
    configured.service.import_files(configured.admin, files, skip=["spma"])
    assert not any(b"<ma-companyname>Somebody<" in content for content in configured.service.export_files(configured.admin).values())


def test_passwords_of_known_agents_survive_an_import_and_new_ones_have_none(mim: MimEstate) -> None:
    files = built_in_files(mim)
    mim.service.import_files(mim.admin, files)
    assert mim.run("ADMA", "FullImport") == "no-start-credentials"
    configure(mim, files)
    mim.service.import_files(mim.admin, files)
    assert mim.run("ADMA", "FullImport") == "success"


# --- cmdlets


def test_setting_ad_credentials_takes_the_scope_away(mim: MimEstate) -> None:
    mim.service.import_files(mim.admin, built_in_files(mim))
    mim.service.set_ad_credentials(mim.admin, "ADMA", "corp.example.com", "EXAMPLE\\svc-adma", PASSWORD)
    content = next(body for body in mim.service.export_files(mim.admin).values() if b"<name>ADMA</name>" in body)
    assert b"<inclusion>OU=Staff,DC=corp,DC=example,DC=com</inclusion>" not in content
    assert b"<inclusion>DC=corp,DC=example,DC=com</inclusion>" in content
    assert tag(content, "forest-login-user") == "svc-adma"


def test_naming_partitions_and_containers_keeps_them(mim: MimEstate) -> None:
    mim.service.import_files(mim.admin, built_in_files(mim))
    mim.service.set_ad_credentials(
        mim.admin,
        "ADMA",
        "corp.example.com",
        "EXAMPLE\\svc-adma",
        PASSWORD,
        container="OU=Staff,DC=corp,DC=example,DC=com;CN=Partitions,CN=Configuration,DC=corp,DC=example,DC=com",
        partitions="DC=corp,DC=example,DC=com;CN=Configuration,DC=corp,DC=example,DC=com",
    )
    content = next(body for body in mim.service.export_files(mim.admin).values() if b"<name>ADMA</name>" in body)
    for dn in (b"OU=Staff,DC=corp,DC=example,DC=com", b"CN=Partitions,CN=Configuration,DC=corp,DC=example,DC=com"):
        assert b"<inclusion>" + dn + b"</inclusion>" in content
    assert b"<selected>0</selected>" not in content


def test_an_old_build_damages_the_run_profiles() -> None:
    mim = make_mim_estate(people=6, build="4.3.2064.0")
    mim.service.import_files(mim.admin, built_in_files(mim))
    mim.service.set_ad_credentials(mim.admin, "ADMA", "corp.example.com", "EXAMPLE\\svc-adma", PASSWORD)
    assert mim.run("ADMA", "FullImport") == "no-start-missing-partition-for-run-step"


@pytest.mark.parametrize(
    ("forest", "user", "password", "message"),
    [("other.example.com", "EXAMPLE\\svc-adma", PASSWORD, "0x8007054B"), ("corp.example.com", "EXAMPLE\\svc-adma", "wrong", "0x8007052E")],
)
def test_wrong_forests_and_passwords_are_refused(mim: MimEstate, forest: str, user: str, password: str, message: str) -> None:
    mim.service.import_files(mim.admin, built_in_files(mim))
    with pytest.raises(SynchronizationProblem, match=message):
        mim.service.set_ad_credentials(mim.admin, "ADMA", forest, user, password)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"HostNam": "x"}, "matches parameter name 'HostNam'"), ({"HTTPProtocol": "FTP"}, "HTTP, HTTPS"), ({"Password": "x"}, "'Password'")],
)
def test_wrong_connectivity_settings_are_refused(configured: MimEstate, settings: dict[str, str], message: str) -> None:
    with pytest.raises(SynchronizationProblem, match=message):
        configured.service.set_ecma2(configured.admin, "SPMA", "connectivity", settings)


def test_provisioning_needs_a_named_assembly(mim: MimEstate) -> None:
    with pytest.raises(SynchronizationProblem, match="no rules extension"):
        mim.service.set_provisioning(mim.admin, True)
    mim.service.import_files(mim.admin, built_in_files(mim))
    mim.service.set_provisioning(mim.admin, False)
    assert b'<provisioning type="none"' in mim.service.export_files(mim.admin)["MV.XML"]


# --- runs


def test_an_account_without_the_replication_right_fails_in_mims_words(configured: MimEstate) -> None:
    directory = configured.estate.directory
    head = directory.get(directory.domain_dn)
    account = directory.resolve("svc-adma")
    assert account is not None
    directory.set_security_descriptor(head, re.sub(rf"\([^)]*{account.sid}\)", "", directory.security_descriptor(head)))
    assert configured.run("ADMA", "FullImport") == "stopped-connectivity"
    details = configured.service.run_details(configured.admin, "ADMA")
    assert "<connection-result>failed-search</connection-result>" in details
    assert "<error-code>8453</error-code>" in details and "Replication access was denied." in details


def test_a_changed_password_is_a_failed_authentication(configured: MimEstate) -> None:
    account = configured.estate.directory.resolve("svc-adma")
    assert account is not None
    configured.estate.directory.set_password(account, "Another-Password.1")
    assert configured.run("ADMA", "FullImport") == "stopped-connectivity"
    assert "failed-authentication" in configured.service.run_details(configured.admin, "ADMA")


def test_a_wrong_url_is_a_failed_connection(configured: MimEstate) -> None:
    configured.service.set_ecma2(configured.admin, "SPMA", "connectivity", {"Port": "5556"})
    assert configured.run("SPMA", "FullImport") == "stopped-connectivity"
    assert "failed-connection" in configured.service.run_details(configured.admin, "SPMA")


def test_an_account_without_rights_on_the_service_application_is_unauthorized(configured: MimEstate) -> None:
    farm = farm_of(configured.estate.hosts["SP1"])
    assert farm is not None
    farm.service_application.sharing.clear()
    assert configured.run("SPMA", "FullImport") == "stopped-connectivity"
    assert "401" in configured.service.run_details(configured.admin, "SPMA")


def test_a_missing_assembly_stops_the_run(configured: MimEstate) -> None:
    configured.service.host.files.remove(configured.service.path("Extensions\\SharePointSynchronization.dll"))
    assert configured.run("ADMA", "FullImport") == "success"
    assert configured.run("ADMA", "FullSync") == "stopped-extension-dll-file-not-found"


def test_a_delta_import_needs_a_full_one_first(configured: MimEstate) -> None:
    assert configured.run("ADMA", "DeltaImport") == "no-start-full-import-required"


def test_a_picture_without_the_right_to_write_it_is_an_export_error() -> None:
    mim = make_mim_estate(people=30)
    for site in mim.farm.web_applications.values():
        site.policies.clear()
    configure(mim, built_in_files(mim))
    assert mim.cycle()[4] == "completed-export-errors"
    last = mim.service.history(mim.admin, "SPMA")
    export = next(record for record in last if record.profile == "Export")
    assert "permission-issue" in mim.service.run_details(mim.admin, "SPMA", export.number)


def test_the_history_is_newest_first_and_numbered_by_agent(configured: MimEstate) -> None:
    for profile in ("FullImport", "FullSync"):
        configured.run("ADMA", profile)
    runs = configured.service.history(configured.admin)
    assert [(run.agent_name, run.profile, run.number, run.status) for run in runs] == [("ADMA", "FullSync", 2, "success"), ("ADMA", "FullImport", 1, "success")]
    assert runs[0].account == "EXAMPLE\\mimsetup"


def test_an_agent_that_never_ran_has_an_empty_status_and_history(configured: MimEstate) -> None:
    assert configured.service.run_status(configured.admin, "SPMA") == ""
    assert "<run-details" not in configured.service.run_details(configured.admin, "SPMA")


def test_while_an_agent_runs_it_does_not_run_twice_and_nothing_is_imported(configured: MimEstate) -> None:
    service, admin = configured.service, configured.admin
    with configured.estate.lock:
        first = service.start_run(admin, "ADMA", "FullImport")
        assert first.status == "in-progress"
        assert service.running_agents(admin) == ("ADMA",)
        second = service.start_run(admin, "ADMA", "FullImport")
        assert (second.number, second.status) == (0, "no-start-concurrent-execution-not-support")
        with pytest.raises(SynchronizationProblem, match="'ADMA' is running"):
            service.import_files(admin, {})
        assert service.stop(admin, "SPMA") == "ma-not-running"
        assert service.stop(admin, "ADMA") == "success"
    assert service.wait("ADMA", 30)
    assert service.run_status(admin, "ADMA") == "stopped-user-termination-from-wmi-or-ui"


def test_stopping_the_service_ends_its_runs(configured: MimEstate) -> None:
    service = configured.service
    with configured.estate.lock:
        service.start_run(configured.admin, "ADMA", "FullImport")
        service.stopped()
    assert service.wait("ADMA", 30)
    assert service.run_status(configured.admin, "ADMA") == "stopped-service-shutdown"


def test_unknown_agents_and_profiles_are_named(configured: MimEstate) -> None:
    with pytest.raises(SynchronizationProblem, match="'Nobody'"):
        configured.service.start_run(configured.admin, "Nobody", "FullImport")
    with pytest.raises(SynchronizationProblem, match="'Sideways'"):
        configured.service.start_run(configured.admin, "ADMA", "Sideways")


# --- standby and state


def choices(mim: MimEstate, build: str = BUILD) -> SetupChoices:
    group = make_group(mim.estate, f"Extra{build}")
    return SetupChoices(build, mim.service.account, mim.service.account_sid, "SQL1", {"admins": group.sid})


def test_a_second_host_shares_the_database_and_may_not_start(configured: MimEstate) -> None:
    standby = SynchronizationService.install(configured.estate.hosts["MIM2"], choices(configured))
    assert standby.state is configured.service.state
    assert configured.service.active and not standby.active
    with pytest.raises(SynchronizationProblem, match="computer_id in the database does not match"):
        standby.check_start()


def test_a_second_host_of_another_line_is_refused(configured: MimEstate) -> None:
    with pytest.raises(SqlProblem, match="0x80230443"):
        SynchronizationService.install(configured.estate.hosts["MIM2"], choices(configured, "4.5.412.0"))


def test_a_server_older_than_its_database_does_not_start(mim: MimEstate) -> None:
    mim.service.check_start()
    mim.service.state.build = "4.6.641.0"
    with pytest.raises(SynchronizationProblem, match=r"4\.6\.641\.0"):
        mim.service.check_start()


def test_a_missing_instance_does_not_answer(mim: MimEstate) -> None:
    with pytest.raises(SqlProblem, match="network-related"):
        find_instance(mim.estate, "NOWHERE")
    with pytest.raises(SqlProblem, match="Locating Server/Instance"):
        find_instance(mim.estate, "SQL1", "OTHER")


def test_registry_and_files_tell_where_it_is(mim: MimEstate) -> None:
    key = mim.service.host.registry[r"hklm:\system\currentcontrolset\services\fimsynchronizationservice\parameters"]
    assert key["path"][2] == mim.service.folder + "\\"
    assert key["server"][2] == "SQL1" and key["dbname"][2] == "FIMSynchronizationService"
    library = mim.service.host.files.get(mim.service.path(r"UIShell\Microsoft.DirectoryServices.MetadirectoryServices.Config.dll"))
    assert library is not None and library.version == BUILD


def test_the_state_survives_being_saved(configured: MimEstate) -> None:
    configured.run("ADMA", "FullImport")
    with configured.estate.lock:
        estate = pickle.loads(pickle.dumps(configured.estate))
    service = estate.hosts["MIM1"].components["synchronization"]
    again = MimEstate(estate, service, farm_of(estate.hosts["SP1"]), configured.admin)  # type: ignore[arg-type]  # it is there
    assert again.run("ADMA", "FullSync") == "success"
    assert service.counts(configured.admin, "SPMA")["NumExportAdd"] >= 6
