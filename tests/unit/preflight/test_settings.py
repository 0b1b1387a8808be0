# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preflight.declared import VARIABLES, settings_of, unknown_variables
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preflight.findings import Severity, errors
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.preflight.settings import judge_settings, split_dn
from hypothesis import given as any_given
from hypothesis import strategies as st

GOOD = {
    "domain": "corp.example.com",
    "netbios": "CORP",
    "accounts": [{"variable": "mimsync_service_account", "name": "svc-mimsync", "password": "x", "group_managed": False}],
    "groups": {"admins": "MIMSyncAdmins"},
    "scope": {"include": ["OU=Staff,DC=corp,DC=example,DC=com"], "exclude": []},
    "distinguished_names": {"mimsync_groups_ou": "OU=Groups,DC=corp,DC=example,DC=com"},
    "urls": {"mimsync_sharepoint_url": "https://sp.corp.example.com:5555"},
    "media": {"sync_service": {"path": "C:\\x.msi", "checksum": "a" * 64}},
}


def account(name="svc-mimsync", password="", group_managed=False):
    return [{"variable": "mimsync_service_account", "name": name, "password": password, "group_managed": group_managed}]


def found(**changes):
    return [str(finding) for finding in errors(judge_settings(settings_of({**GOOD, **changes})))]


def test_good_settings_have_nothing_wrong():
    assert judge_settings(settings_of(GOOD)) == ()


def test_netbios_name_unlike_the_first_label_is_told():
    (finding,) = judge_settings(settings_of({**GOOD, "netbios": "EXAMPLE"}))
    assert finding.severity is Severity.INFO
    assert "EXAMPLE" in finding.message


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "a" * 21, "password": "x"}, "21 characters"),
        ({"name": "svc", "password": ""}, "mimsync_service_account.password is empty"),
        ({"name": "", "password": "x"}, "mimsync_service_account.name is empty"),
        ({"name": "OTHER\\svc", "password": "x"}, "not of the domain CORP"),
        ({"name": "a/b", "password": "x"}, "must not have: /"),
        ({"name": "gmsa$", "password": "x", "group_managed": True}, "group-managed"),
    ],
)
def test_wrong_accounts_are_named(given, words):
    (line,) = found(accounts=account(**given))
    assert words in line


def test_a_group_managed_account_needs_no_password():
    assert found(accounts=account("gmsa$", group_managed=True)) == []


def test_a_password_never_shows():
    lines = found(accounts=account("x" * 30, "Geheim-77"))
    assert "Geheim-77" not in "".join(lines)


@pytest.mark.parametrize("dn", ["Staff", "OU=Staff;DC=corp", "OU=,DC=corp,DC=example,DC=com", "OU=a,b,DC=corp,DC=example,DC=com", ""])
def test_malformed_names_are_named(dn):
    (line,) = found(distinguished_names={"mimsync_groups_ou": dn})
    assert line.startswith("mimsync_groups_ou:")
    assert "distinguished name" in line


def test_a_name_of_another_domain_is_named():
    (line,) = found(scope={"include": ["OU=Staff,DC=other,DC=example,DC=com"]})
    assert line.startswith("mimsync_scope.include[0]:")


def test_everything_is_reported_at_once():
    lines = found(domain="nodots", urls={"u": "sp.corp"}, groups={"admins": ""}, media={"sync_hotfix": {"path": "x", "checksum": "abc"}})
    assert [line.split(":")[0].split(" ")[0] for line in lines] == [
        "mimsync_domain",
        "mimsync_groups.admins",
        "mimsync_groups_ou",
        "mimsync_scope.include[0]",
        "u",
        "mimsync_media.sync_hotfix.checksum",
    ]


def test_a_misspelt_variable_gets_a_suggestion():
    (finding,) = unknown_variables(["mimsync_sql_server", "mimsync_sql_srever"], {})
    assert "Did you mean mimsync_sql_server?" in str(finding)


@any_given(st.text())
def test_any_text_as_a_name_is_judged_without_an_exception(text):
    found(distinguished_names={"x": text}, urls={"y": text}, domain=text, netbios=text, accounts=account(text, "p"))


@any_given(st.lists(st.text(alphabet="abcÄ ß", min_size=1).map(str.strip).filter(bool), min_size=1, max_size=4))
def test_a_name_splits_into_what_it_was_made_of(names):
    parts = tuple(f"OU={name}\\, x" for name in names)
    assert split_dn(",".join(parts)) == parts


def test_a_misspelt_variable_of_a_role_is_named_and_a_users_own_is_not() -> None:
    roles = {"sync_run": frozenset({"sync_run_limits"}), "directory": frozenset({"directory_groups"})}
    (finding,) = unknown_variables(["sync_run_limts", "sync_run_limits", "directory_mode"], roles)
    assert "sync_run_limts" in str(finding)
    assert "sync_run_limits?" in str(finding)


def test_preflight_knows_every_variable_that_roles_and_playbooks_read() -> None:
    repository = Path(__file__).resolve().parents[3]
    texts = [path.read_text(encoding="utf-8") for folder in ("roles", "playbooks") for path in (repository / folder).rglob("*.yml")]
    assert {name for text in texts for name in re.findall(r"\bmimsync_[a-z_]+", text)} <= VARIABLES
