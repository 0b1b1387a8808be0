# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preflight.declared import collect, expectation_of
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preflight.findings import Severity
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preflight.host import judge_host, questions

MSI = "C:\\Media\\sync.msi"
OPTIONS = {
    "host_groups": ["sync_servers"],
    "domain": "corp.example.com",
    "netbios": "CORP",
    "sharepoint_version": "2019",
    "sql_server": "SQL1",
    "sql_instance": "",
    "media": {"sync_service": {"path": MSI, "checksum": "A" * 64}},
    "urls": {"mimsync_sharepoint_url": "https://sp"},
    "scope": {"include": ["OU=Staff,DC=corp,DC=example,DC=com"]},
}
FACTS = {
    "account": "CORP\\setup",
    "administrator": True,
    "caption": "Microsoft Windows Server 2016 Standard",
    "version": "10.0.14393",
    "product_type": 3,
    "domain": "corp.example.com",
    "netbios_domain": "CORP",
    "domain_problem": "",
    "connect_installed": False,
    "native_client": False,
    "net_framework_35": False,
    "visual_c": True,
    "service_build": "",
    "connector_version": "",
    "sql_problem": "",
    "sql_sysadmin": True,
    "missing_objects": [],
    "files": {MSI: {"exists": True, "sha256": "a" * 64}},
    "url_problems": {},
}


def judge(options=None, **facts):
    return [str(finding) for finding in judge_host(expectation_of("mim1", {**OPTIONS, **(options or {})}), {**FACTS, **facts})]


def test_a_good_host_has_nothing_wrong():
    assert judge() == []


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"administrator": False}, "no local administrator"),
        ({"domain": "other.example.com"}, "member of other.example.com"),
        ({"domain_problem": "No such host is known"}, "does not resolve"),
        ({"version": "6.3.9600", "caption": "Microsoft Windows Server 2012 R2 Standard"}, "does not fit SharePoint 2019"),
        ({"product_type": 2}, "domain controller"),
        ({"connect_installed": True}, "Connect"),
        ({"service_build": "4.3.2064.0"}, "does not support SharePoint 2019"),
        ({"sql_problem": "Login failed"}, "cannot be used: Login failed"),
        ({"sql_sysadmin": False}, "not sysadmin on SQL Server SQL1"),
        ({"files": {MSI: {"exists": False, "sha256": ""}}}, "is not there"),
        ({"files": {MSI: {"exists": True, "sha256": "B" * 64}}}, "SHA-256 " + "b" * 64),
        ({"url_problems": {"https://sp": "refused"}}, "does not answer: refused"),
    ],
)
def test_what_is_wrong_is_named_with_the_host(facts, words):
    (line,) = judge(**facts)
    assert line.startswith("mim1: ")
    assert words in line


def test_media_are_not_needed_where_they_are_installed():
    assert judge(service_build="4.6.34.0", files={MSI: {"exists": False, "sha256": ""}}) == []


def test_a_hotfix_is_needed_where_the_build_is_older():
    hotfix = {"media": {"sync_hotfix": {"path": "C:\\fix.msp", "version": "4.6.641.0"}}}
    assert judge(hotfix, service_build="4.6.641.0") == []
    (line,) = judge(hotfix, service_build="4.6.34.0")
    assert "mimsync_media.sync_hotfix.path" in line


def test_what_setup_needs_is_looked_at_by_its_version():
    def media(version):
        return {"sharepoint_version": "2016", "media": {"sync_service": {"path": MSI, "version": version}}}

    assert "Visual C++ 2013" in judge(media("4.6.34.0"), visual_c=False)[0]
    assert "sync_service_features" in judge(media("4.3.1935.0"))[0]
    assert judge(media("4.6.34.0"), visual_c=False, service_build="4.6.34.0") == []


def test_media_that_do_not_fit_are_found_before_they_are_installed():
    service = {"path": MSI, "version": "4.3.1935.0"}
    hotfix = {"path": "C:\\fix.msp", "version": "4.6.641.0"}
    files = {MSI: {"exists": True, "sha256": ""}, hotfix["path"]: {"exists": True, "sha256": ""}}
    lines = judge({"media": {"sync_service": service, "sync_hotfix": hotfix}}, files=files, net_framework_35=True)
    assert any("does not support SharePoint 2019" in line and "Take newer media." in line for line in lines)
    assert any("mimsync_media.sync_hotfix: The hotfix 4.6.641.0 does not fit" in line for line in lines)


def test_a_domain_controller_tells_about_names_and_units():
    options = {"host_groups": ["domain_controllers"]}
    lines = judge(options, product_type=2, netbios_domain="EXAMPLE", missing_objects=["OU=Staff,DC=corp,DC=example,DC=com"])
    assert any("NetBIOS name is EXAMPLE" in line for line in lines)
    assert any("mimsync_scope.include[0]" in line for line in lines)


def test_only_synchronization_hosts_are_asked_for_sql_and_media():
    assert set(questions(expectation_of("sp1", {**OPTIONS, "host_groups": ["sharepoint_servers"]}))) == {"Domain"}
    asked = questions(expectation_of("mim2", {**OPTIONS, "host_groups": ["standby_sync_servers"]}))
    assert asked["HashedFiles"] == [MSI]


def test_media_without_a_path_are_refused():
    with pytest.raises(InputError, match=r"mimsync_media.sync_service.path"):
        expectation_of("mim1", {**OPTIONS, "media": {"sync_service": {}}})


def test_an_unreachable_host_and_a_wrong_password_give_one_line_each():
    results = [
        {"unreachable": True, "msg": "ntlm: HTTPSConnectionPool: Connection refused"},
        {"unreachable": True, "msg": "ntlm: the specified credentials were rejected by the server"},
        {"findings": [{"host": "c", "severity": "warning", "message": "m", "remedy": ""}]},
    ]
    first, second, third = collect(["a", "b", "c"], results)
    assert str(first).startswith("a: The host cannot be reached")
    assert str(second).startswith("b: The logon was refused")
    assert third.severity is Severity.WARNING
