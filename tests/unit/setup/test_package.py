# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.software.command_line import public_properties
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.setup.accounts import logon_name
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.setup.hosts import is_other_host
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.setup.package import command_line, explain_failure
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.setup.rights import missing_rights, parse_rights, wanted_rights
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.from_regex(r"[A-Z_][A-Z0-9_]{0,10}", fullmatch=True)
VALUES = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x24F), max_size=20)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_windows_installer_reads_what_was_given(properties):
    assert public_properties(command_line(properties)) == properties


def test_a_name_that_is_none_is_refused():
    with pytest.raises(InputError, match="'A B'"):
        command_line({"A B": "1"})


def test_a_failure_says_the_packages_own_words_without_secrets():
    log = "Property(S): SERVICEPASSWORD = Geheim-77\r\nProduct: MIM -- Error 25009. Login failed with Geheim-77.\r\nReturn value 3.\r\n"
    failure = explain_failure("x.msi", {"failed": True, "rc": 1603, "msg": "unexpected rc from 'msiexec SERVICEPASSWORD=Geheim-77'", "log": log}, ["Geheim-77"])
    assert failure.message == "x.msi failed with exit code 1603: A fatal error occurred during installation."
    assert failure.reasons == ("Error 25009. Login failed with ********.",)


def test_a_log_without_words_tells_which_action_failed():
    log = "Action ended 14:22:34: ConfigDB. Return value 3.\r\nAction ended 14:22:35: INSTALL. Return value 3.\r\n"
    failure = explain_failure("x.msi", {"rc": 1603, "log": log}, [])
    assert failure.reasons == ("The action ConfigDB failed.", "The action INSTALL failed.")


def test_a_failure_before_the_package_ran_keeps_its_message():
    failure = explain_failure("x.msi", {"failed": True, "msg": "the file at the path 'x.msi' cannot be reached"}, ["s"])
    assert "cannot be reached" in failure.message


def test_a_secret_within_another_leaves_nothing_behind():
    failure = explain_failure("x", {"rc": 0, "msg": "abcdef abc"}, ["abc", "abcdef"])
    assert "abc" not in failure.message
    assert "def" not in failure.message


def test_rights_of_an_ordinary_and_a_managed_account():
    everything = ["batch", "local", "network", "remote_desktop"]
    assert len(wanted_rights(everything, group_managed=False)) == 5
    assert "SeDenyNetworkLogonRight" not in wanted_rights(everything, group_managed=True)
    with pytest.raises(InputError, match="'disk'"):
        wanted_rights(["disk"], group_managed=False)


def test_missing_rights_look_at_the_account_itself():
    answer = parse_rights("S-1-5-21-1-2-3-1001", ["SeServiceLogonRight = *S-1-5-80-0,*S-1-5-21-1-2-3-1001", "SeDenyBatchLogonRight = svc-mimsync"])
    wanted = ("SeServiceLogonRight", "SeDenyBatchLogonRight", "SeDenyNetworkLogonRight")
    assert missing_rights(answer, "EXAMPLE\\svc-mimsync", wanted) == ("SeDenyNetworkLogonRight",)


@pytest.mark.parametrize(
    ("account", "name"),
    [({"name": "svc"}, "svc"), ({"name": "svc", "group_managed": True}, "svc$"), ({"name": "svc$", "group_managed": True}, "svc$")],
)
def test_a_managed_account_is_written_with_or_without_its_dollar_sign(account, name):
    assert logon_name(account) == name


def test_an_account_without_a_name_is_refused():
    with pytest.raises(InputError, match="no name"):
        logon_name({"group_managed": True})


@pytest.mark.parametrize(
    ("server", "host", "other"),
    [
        ("SQL1", "mim1", True),
        ("MIM1", "mim1.corp.example.com", False),
        ("localhost", "mim1", False),
        ("mim1.corp.example.com", "MIM1", False),
        (".", "x", False),
    ],
)
def test_another_host(server, host, other):
    assert is_other_host(server, host) is other
