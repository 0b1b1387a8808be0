# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the installers of the lab do to a host, and what they refuse with which words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate import media
from ansible_collections.mimsync.sharepoint.lab.estate.build import SETUP_ACCOUNT, build_estate
from ansible_collections.mimsync.sharepoint.lab.estate.estate import EstateOptions
from ansible_collections.mimsync.sharepoint.lab.estate.principals import ADMINISTRATORS, token
from ansible_collections.mimsync.sharepoint.lab.estate.restart import restart_host
from ansible_collections.mimsync.sharepoint.lab.estate.services import stop_service
from ansible_collections.mimsync.sharepoint.lab.estate.session import Session
from ansible_collections.mimsync.sharepoint.lab.estate.software import INSTALLERS
from ansible_collections.mimsync.sharepoint.lab.estate.synchronization import CONNECTOR_FILE, service_of

SERVICE = "FIMSynchronizationService"
PASSWORD = "Service-1-password"
GROUPS = {
    "GROUPADMINS": "MIMSyncAdmins",
    "GROUPOPERATORS": "MIMSyncOperators",
    "GROUPACCOUNTJOINERS": "MIMSyncJoiners",
    "GROUPBROWSE": "MIMSyncBrowse",
    "GROUPPASSWORDSET": "MIMSyncPasswordSet",
}
PROPERTIES = {
    "ACCEPT_EULA": "1",
    "STORESERVER": "SQL1",
    "SERVICEACCOUNT": "svc-mimsync",
    "SERVICEDOMAIN": "EXAMPLE",
    "SERVICEPASSWORD": PASSWORD,
    **{name: f"EXAMPLE\\{group}" for name, group in GROUPS.items()},
}


@pytest.fixture
def estate():
    """The lab's estate with the accounts and groups that setup needs."""
    made = build_estate(EstateOptions(people=3))
    users = f"CN=Users,{made.directory.domain_dn}"
    made.directory.create(f"CN=svc-mimsync,{users}", "user", {"sAMAccountName": "svc-mimsync", "userAccountControl": 0x10200}, password=PASSWORD)
    for group in GROUPS.values():
        made.directory.create(f"CN={group},{users}", "group", {"sAMAccountName": group, "groupType": -2147483646})
    return made


@pytest.fixture
def host(estate):
    return estate.hosts["MIM1"]


def logon(host, account=SETUP_ACCOUNT, *, delegates=True):
    entry = host.estate.directory.resolve(account)
    groups = token(host, entry.sid)
    return Session(f"EXAMPLE\\{account}", entry.sid, groups, ADMINISTRATORS in groups, delegates=delegates)


def install(host, medium, properties=None, session=None):
    return INSTALLERS[medium.key].install(host, session or logon(host), properties or {})


def install_client(host):
    assert install(host, media.SQL_NATIVE_CLIENT, {"IACCEPTSQLNCLILICENSETERMS": "YES"}).exit_code == 0


@pytest.fixture
def installed(host):
    """A host with the synchronization service of SP2."""
    install_client(host)
    result = install(host, media.SYNC_SERVICE_SP2, PROPERTIES)
    assert (result.exit_code, result.log_text) == (0, "")
    return host


# --- SQL client


def test_the_client_wants_its_licence_accepted(host):
    result = install(host, media.SQL_NATIVE_CLIENT)
    assert result.exit_code == 1603
    assert "IACCEPTSQLNCLILICENSETERMS=YES" in result.log_text


# --- synchronization service


def test_setup_lays_out_the_service(installed):
    service = installed.service(SERVICE)
    assert (service.state, service.start_mode, service.account) == ("running", "auto", "EXAMPLE\\svc-mimsync")
    assert service_of(installed).build == "4.6.34.0"
    assert installed.files.get(service_of(installed).path(r"Bin\miiserver.exe")).version == "4.6.34.0"
    sid = installed.estate.directory.resolve("svc-mimsync").sid
    assert sid in installed.user_rights["SeServiceLogonRight"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ACCEPT_EULA": ""}, "license agreement was not accepted"),
        ({"STORESERVER": "SQL9"}, "having trouble contacting SQL server 'SQL9'"),
        ({"STORESERVER": "SQL1,1433"}, "having trouble contacting SQL server 'SQL1,1433'"),
        ({"SQLINSTANCE": "OTHER"}, "having trouble contacting SQL server 'SQL1'"),
        ({"SERVICEPASSWORD": "wrong"}, "cannot be logged on"),
        ({"SERVICEACCOUNT": "nobody"}, "cannot be found"),
        ({"SERVICEACCOUNT": ""}, "service account was not given"),
        ({"SERVICEDOMAIN": "MIM1"}, "is a local account"),
        ({"GROUPBROWSE": "EXAMPLE\\NoSuchGroup"}, "security group 'EXAMPLE\\NoSuchGroup' (GROUPBROWSE) cannot be found"),
    ],
)
def test_setup_refuses_and_changes_nothing(host, change, words):
    install_client(host)
    result = install(host, media.SYNC_SERVICE_SP2, {**PROPERTIES, **change})
    assert result.exit_code == 1603
    assert words in result.log_text
    assert service_of(host) is None
    assert host.service(SERVICE) is None


def test_setup_needs_the_client_for_a_remote_server(host):
    result = install(host, media.SYNC_SERVICE_SP2, PROPERTIES)
    assert result.exit_code == 1603
    assert "having trouble contacting SQL server 'SQL1'" in result.log_text


def test_setup_needs_sysadmin(estate, host):
    install_client(host)
    estate.hosts["SQL1"].components["sql"].sysadmins.clear()
    result = install(host, media.SYNC_SERVICE_SP2, PROPERTIES)
    assert result.exit_code == 1603
    assert "Error 25009" in result.log_text
    assert "Login failed for user 'EXAMPLE\\mimsetup'" in result.log_text


def test_a_network_logon_arrives_as_nobody_at_a_remote_server(host):
    install_client(host)
    result = install(host, media.SYNC_SERVICE_SP2, PROPERTIES, logon(host, delegates=False))
    assert r"NT AUTHORITY\ANONYMOUS LOGON" in result.log_text


def test_setup_needs_an_administrator(host):
    session = replace(logon(host), administrator=False)
    assert "Error 1925" in install(host, media.SYNC_SERVICE_SP2, PROPERTIES, session).log_text


def test_old_builds_need_net_35_and_new_ones_visual_c(host):
    install_client(host)
    assert ".NET Framework version 3.5" in install(host, media.SYNC_SERVICE_RTM, PROPERTIES).log_text
    host.features.add("NET-Framework-Core")
    assert install(host, media.SYNC_SERVICE_RTM, PROPERTIES).exit_code == 0
    other = host.estate.hosts["MIM2"]
    install_client(other)
    for code in [code for code, program in other.programs.items() if "Visual C++" in program.name]:
        del other.programs[code]
    assert "Visual C++ 2013" in install(other, media.SYNC_SERVICE_SP2, PROPERTIES).log_text


def test_another_version_is_refused(installed):
    installed.features.add("NET-Framework-Core")
    assert install(installed, media.SYNC_SERVICE_RTM, PROPERTIES).exit_code == 1638


def test_bare_group_names_make_local_groups(host):
    install_client(host)
    assert install(host, media.SYNC_SERVICE_SP2, {**PROPERTIES, **GROUPS}).exit_code == 0
    assert set(GROUPS.values()) <= set(host.local_groups)


def test_removal_takes_the_service_away(installed):
    medium = media.SYNC_SERVICE_SP2
    assert INSTALLERS[medium.key].remove(installed, logon(installed), {}).exit_code == 0
    assert installed.service(SERVICE) is None
    assert INSTALLERS[medium.key].remove(installed, logon(installed), {}).exit_code == 1605


def test_a_second_host_shares_the_database_and_stays_stopped(installed):
    standby = installed.estate.hosts["MIM2"]
    install_client(standby)
    result = install(standby, media.SYNC_SERVICE_SP2, PROPERTIES)
    assert result.exit_code == 0
    assert standby.service(SERVICE).state == "stopped"
    assert "computer_id in the database does not match" in result.log_text


# --- hotfix


def test_a_hotfix_before_the_service_finds_no_target(host):
    assert install(host, media.HOTFIX_SP2).exit_code == 1642


def test_a_hotfix_of_another_line_finds_no_target(installed):
    assert install(installed, media.HOTFIX_RTM).exit_code == 1642


def test_a_hotfix_raises_the_build_and_starts_the_service(installed):
    stop_service(installed, installed.service(SERVICE))
    assert install(installed, media.HOTFIX_SP2).exit_code == 0
    assert service_of(installed).build == "4.6.641.0"
    assert installed.service(SERVICE).state == "running"
    assert install(installed, media.HOTFIX_SP2).exit_code == 1642


def test_a_hotfix_on_a_running_service_asks_for_a_restart(installed):
    assert install(installed, media.HOTFIX_SP2).exit_code == 3010
    assert service_of(installed).build == "4.6.34.0"
    assert installed.restart_reasons
    restart_host(installed)
    assert service_of(installed).build == "4.6.641.0"
    assert installed.service(SERVICE).state == "running"


# --- connector


def test_the_connector_needs_the_service(host):
    result = install(host, media.CONNECTOR)
    assert result.exit_code == 1603
    assert "must be installed before" in result.log_text


def test_the_connector_puts_its_file(installed):
    assert install(installed, media.CONNECTOR).exit_code == 0
    node = installed.files.get(service_of(installed).path(f"Extensions\\{CONNECTOR_FILE}"))
    assert node.version == "4.4.1800.1"


# --- managed account


@pytest.fixture
def managed(estate):
    """Properties for a group-managed account whose password the group MIM Hosts may fetch; MIM1 has just joined that group."""
    directory = estate.directory
    base = directory.domain_dn
    members = {"member": directory.resolve("MIM1$").dn}
    group = directory.create(f"CN=MIM Hosts,CN=Computers,{base}", "group", {"sAMAccountName": "MIM Hosts", "groupType": -2147483646, **members})
    attributes = {"sAMAccountName": "svc-gmsa$", "userAccountControl": 0x1000, "msDS-ManagedPasswordInterval": 30, "msDS-GroupMSAMembership": group.dn}
    directory.create(f"CN=svc-gmsa,CN=Managed Service Accounts,{base}", "msDS-GroupManagedServiceAccount", attributes)
    return {**PROPERTIES, "SERVICEACCOUNT": "svc-gmsa$", "SERVICEPASSWORD": ""}


def test_a_managed_account_counts_from_the_hosts_restart_on(host, managed):
    install_client(host)
    refused = install(host, media.SYNC_SERVICE_SP2, managed)
    assert refused.exit_code == 1603
    assert "may not retrieve the managed password" in refused.log_text
    restart_host(host)
    assert install(host, media.SYNC_SERVICE_SP2, managed).exit_code == 0
    assert host.service(SERVICE).state == "running"


def test_a_managed_account_takes_no_password_and_no_old_build(host, managed):
    install_client(host)
    restart_host(host)
    host.features.add("NET-Framework-Core")
    assert "takes no password" in install(host, media.SYNC_SERVICE_SP2, {**managed, "SERVICEPASSWORD": "x"}).log_text
    assert "does not support" in install(host, media.SYNC_SERVICE_RTM, managed).log_text
